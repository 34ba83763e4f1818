//! `/graphql` upgraded: the protocol graphql-transport-ws (the GraphQL over WebSocket document of the package graphql-ws).
//!
//! Operations pass the same gate, the same check of tokens and the same limits as by POST.

mod message;
mod operation;
mod serve;
mod session;

use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{FromRequestParts as _, Request};
use axum::response::Response;
use http::StatusCode;

use super::answer::{self, Media};
use super::error::Code;
use super::front::{Front, address, token_of};
use serve::Opening;

/// What the subprotocol is called in the handshake.
const PROTOCOL: &str = "graphql-transport-ws";
/// Bytes of one message, at most.
const MOST_BYTES: usize = 1024 * 1024;
/// Bytes that each socket has room for before anything has come; messages are small.
const READ_BUFFER: usize = 8 * 1024;

/// A GET of `/graphql` that asks for another protocol. A token in its header that is refused is answered here; without one,
/// `connection_init` brings it.
pub(super) async fn upgrade(front: &Front, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let (request_id, from) =
        (front.request_id(&parts.headers, &parts.extensions), address(&parts.extensions));
    let known = match token_of(&parts.headers) {
        Ok(None) => None,
        token => match front.heard(token, from).await {
            Ok(caller) => Some(caller),
            Err(not_heard) => return not_heard.answer(Media::Json),
        },
    };
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
        let message = "Only a WebSocket handshake of version 13 may ask for an upgrade here (RFC 6455)";
        return answer::refused_json(StatusCode::BAD_REQUEST, Code::BadUserInput, message);
    };
    let place = match &known {
        Some(caller) => front.places.open(&caller.principal.subject),
        None => front.places.ungreeted(from),
    };
    let place = match place {
        Ok(place) => place,
        Err(too_much) => return answer::too_much(Media::Json, &too_much),
    };
    let opening = Opening { front: front.clone(), request_id, from, known, place };
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .max_message_size(MOST_BYTES)
        .max_frame_size(MOST_BYTES)
        .read_buffer_size(READ_BUFFER);
    upgrade.on_upgrade(move |socket| serve::serve(socket, opening))
}

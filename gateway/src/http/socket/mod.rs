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
use secrecy::SecretString;

use super::answer::{self, Media};
use super::error::Code;
use super::front::{Front, address, token_of};
use serve::Opening;

/// What the subprotocol is called in the handshake.
const PROTOCOL: &str = "graphql-transport-ws";
/// Bytes of one message, at most.
const MOST_BYTES: usize = 1024 * 1024;

/// A GET of `/graphql` that asks for another protocol. A token in its header that is refused is answered here; without one,
/// `connection_init` brings it.
pub(super) async fn upgrade(front: &Front, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let (request_id, from) =
        (front.request_id(&parts.headers, &parts.extensions), address(&parts.extensions));
    let token = token_of(&parts.headers).map(|token| token.map(SecretString::from));
    if !matches!(token, Ok(None))
        && let Err(not_heard) = front.heard(token_of(&parts.headers), from).await
    {
        return not_heard.answer(Media::Json);
    }
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, &()).await else {
        let message = "Only a WebSocket handshake of version 13 may ask for an upgrade here (RFC 6455)";
        return answer::refused_json(StatusCode::BAD_REQUEST, Code::BadUserInput, message);
    };
    let place = match front.places.ungreeted(from) {
        Ok(place) => place,
        Err(too_much) => return answer::too_much(Media::Json, &too_much),
    };
    let opening = Opening { front: front.clone(), request_id, from, token: token.ok().flatten(), place };
    let upgrade = upgrade.protocols([PROTOCOL]).max_message_size(MOST_BYTES).max_frame_size(MOST_BYTES);
    upgrade.on_upgrade(move |socket| serve::serve(socket, opening))
}

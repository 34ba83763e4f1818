//! One socket from the upgrade to the close frame: the greeting, within its time, and then the session.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use secrecy::ExposeSecret;
use tokio_tungstenite::tungstenite::Error as WireError;

use super::PROTOCOL;
use super::message::{Authorization, Heard, Invalid, Said};
use super::session::Session;
use crate::auth::{Caller, Unauthenticated};
use crate::http::front::{Front, NotHeard};
use crate::http::places::Place;
use crate::http::request_id::RequestId;

/// `connection_init` must have come by then.
const INIT_WITHIN: Duration = Duration::from_secs(3);
/// A client that takes nothing for so long is gone.
const TAKEN_WITHIN: Duration = Duration::from_secs(30);
/// Last words, and then the close frame and its answer, are waited for so long.
pub(super) const CLOSED_WITHIN: Duration = Duration::from_secs(2);

/// What a socket begins with.
pub(super) struct Opening {
    pub(super) front: Front,
    pub(super) request_id: RequestId,
    pub(super) from: IpAddr,
    /// By the token of the upgrade's header, where it bore one.
    pub(super) known: Option<Arc<Caller>>,
    /// Its principal's where that is known, else its address'.
    pub(super) place: Place,
}

/// Why a socket ends.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The client has gone.
    Gone,
    /// The client has closed; its frame is to be answered.
    Closed,
    /// A code of docs/reference.md, HTTP, and a reason in words.
    Close(u16, &'static str),
}

impl End {
    pub(super) const UNAUTHORIZED: Self = Self::Close(4401, "Unauthorized");
    pub(super) const COME_AGAIN: Self = Self::Close(1012, "The gateway is stopping: come again");
}

impl From<Invalid> for End {
    fn from(Invalid(reason): Invalid) -> Self {
        Self::Close(4400, reason)
    }
}

/// Serves one socket to its end.
pub(super) async fn serve(socket: WebSocket, mut opening: Opening) {
    let mut wire = Wire(socket);
    let end = match wire.0.protocol() {
        Some(protocol) if protocol == PROTOCOL => converse(&mut wire, &mut opening).await,
        _ => End::Close(4406, "Subprotocol not acceptable: speak graphql-transport-ws"),
    };
    tracing::debug!(request_id = opening.request_id.as_str(), ?end, "a socket ended");
    wire.close(end).await;
    // Not before: whoever waits for the end of all, waits for their last words too.
    drop(opening);
}

async fn converse(wire: &mut Wire, opening: &mut Opening) -> End {
    let caller = tokio::select! {
        biased;
        () = opening.place.stopping() => return End::COME_AGAIN,
        () = opening.place.wanted() => return End::Gone,
        greeted = tokio::time::timeout(INIT_WITHIN, greet(wire, opening)) => match greeted {
            Ok(Ok(caller)) => caller,
            Ok(Err(end)) => return end,
            Err(_) => return End::Close(4408, "Connection initialisation timeout"),
        },
    };
    let Opening { front, request_id, from, known, place } = opening;
    if known.is_none() {
        match front.places.open(&caller.principal.subject) {
            Ok(open) => *place = open,
            Err(_) if front.places.is_stopping() => return End::COME_AGAIN,
            Err(_) => {
                let reason = "Too many sockets and streams are open: close some, or come again later";
                return End::Close(1013, reason);
            }
        }
    }
    Session::new(front.clone(), request_id.clone(), *from, place, caller).run(wire).await
}

/// Hears `connection_init`, and who it is.
async fn greet(wire: &mut Wire, opening: &Opening) -> Result<Arc<Caller>, End> {
    let limits = &opening.front.limits.gate;
    loop {
        let Some(text) = wire.hear().await? else { continue };
        match Heard::read(&text, limits)? {
            Heard::Init { authorization } => {
                let brought = authorization.as_ref().map(Authorization::bearer);
                let Some(known) = &opening.known else {
                    return opening.front.heard(brought.transpose(), opening.from).await.map_err(End::from);
                };
                // Two that differ: it cannot be known which is meant.
                let own = known.token.as_ref().map(ExposeSecret::expose_secret);
                if brought.is_some_and(|brought| brought.ok() != own) {
                    return Err(End::UNAUTHORIZED);
                }
                return opening.front.as_of_now(known).map_err(|Unauthenticated| End::UNAUTHORIZED);
            }
            Heard::Ping { payload, .. } => wire.pong(payload.as_deref()).await?,
            Heard::Pong | Heard::Complete { .. } => {}
            Heard::Subscribe { .. } => return Err(End::UNAUTHORIZED),
        }
    }
}

impl From<NotHeard> for End {
    fn from(not_heard: NotHeard) -> Self {
        match not_heard {
            NotHeard::Unauthenticated => Self::UNAUTHORIZED,
            NotHeard::TooMuch(_) => Self::Close(1013, "Too many requests: come again in a minute"),
        }
    }
}

/// A socket, with bounds on how long anything takes.
pub(super) struct Wire(WebSocket);

impl Wire {
    /// The next text; `None` for what the protocol beneath sends for itself. Nothing is lost where it is not awaited to its end.
    pub(super) async fn hear(&mut self) -> Result<Option<String>, End> {
        match self.0.recv().await {
            Some(Ok(Message::Text(text))) => Ok(Some(text.as_str().to_owned())),
            Some(Ok(Message::Binary(_))) => Err(End::Close(4400, "Messages are text")),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            Some(Ok(Message::Close(_))) => Err(End::Closed),
            None => Err(End::Gone),
            Some(Err(error)) => Err(end_of(&error)),
        }
    }

    pub(super) async fn say(&mut self, said: &Said<'_>) -> Result<(), End> {
        let text = said.write().map_err(|error| {
            tracing::error!(%error, "a message could not be written as JSON");
            End::Close(1011, "Internal error")
        })?;
        self.send(Message::Text(text.into()), TAKEN_WITHIN).await
    }

    pub(super) async fn pong(&mut self, payload: Option<&str>) -> Result<(), End> {
        // It was read as JSON a moment ago.
        let payload = payload.and_then(|payload| serde_json::from_str(payload).ok());
        self.say(&Said::Pong { payload }).await
    }

    /// Asks the client's own end, beneath the protocol, whether it is there.
    pub(super) async fn knock(&mut self) -> Result<(), End> {
        self.send(Message::Ping(bytes::Bytes::new()), TAKEN_WITHIN).await
    }

    async fn send(&mut self, message: Message, within: Duration) -> Result<(), End> {
        match tokio::time::timeout(within, self.0.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }

    /// Says why, and waits for the client to have heard it.
    async fn close(mut self, end: End) {
        let said = match end {
            End::Gone => false,
            // The answer is written by reading on (RFC 6455, 5.5.1).
            End::Closed => true,
            End::Close(code, reason) => {
                let frame = CloseFrame { code, reason: reason.into() };
                self.send(Message::Close(Some(frame)), CLOSED_WITHIN).await.is_ok()
            }
        };
        if said {
            let heard = async { while let Some(Ok(_)) = self.0.recv().await {} };
            let _ = tokio::time::timeout(CLOSED_WITHIN, heard).await;
        }
    }
}

/// What an error of the protocol beneath comes to (RFC 6455, 7.4.1).
fn end_of(error: &axum::Error) -> End {
    match std::error::Error::source(error).and_then(|source| source.downcast_ref::<WireError>()) {
        Some(WireError::Capacity(_)) => End::Close(1009, "A message is over 1 MiB"),
        Some(WireError::Utf8(_)) => End::Close(1007, "A text is not UTF-8"),
        Some(WireError::Protocol(_)) => End::Close(1002, "Against the WebSocket protocol"),
        _ => End::Gone,
    }
}

//! GraphQL over server-sent events, distinct connections mode: `next` events, then `complete`.
//!
//! What is refused before the stream begins is answered as JSON. A stream that ends without `complete` was cut: by the end of
//! the program, or by the network; clients ask again.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use http::{HeaderValue, header};
use tokio::sync::{mpsc, watch};

use super::operate::{Answered, Begun};
use crate::auth::Caller;
use crate::http::answer::{Noted, Payload};
use crate::http::engine::Asked;
use crate::http::error::RequestError;
use crate::http::front::Front;
use crate::http::rates::TooMuch;
use crate::http::stopping::Open;

/// A comment line is sent so often where there is nothing to tell: proxies cut what is silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(12);
/// Answers that wait for a client that reads slowly; then the subscription waits too.
const MOST_WAITING: usize = 1;

/// The last words are waited for so long.
const TAKEN_WITHIN: Duration = Duration::from_secs(2);

/// Why no stream begins.
pub(super) enum NotOpened {
    /// The subscription is not valid.
    Invalid(Box<Answered>),
    /// Too many are open.
    TooMuch(TooMuch),
}

/// The only answer of a query or mutation.
pub(super) fn of_one(payload: &Payload) -> Response {
    let codes = payload.codes();
    let mut response = respond(stream::iter([next(payload), complete()]));
    response.extensions_mut().insert(Noted { codes, ..Noted::default() });
    response
}

/// The answers of a subscription, for as long as the caller's token is good.
pub(super) fn lasting(front: &Front, asked: &Asked, begun: Begun) -> Result<Response, NotOpened> {
    let open = front.stopping.open().map_err(NotOpened::TooMuch)?;
    let (callers, caller) = watch::channel(Arc::clone(&asked.caller));
    let mut answers = begun.answers(caller);
    // Validation is over at the first look.
    let first = match answers.next().now_or_never().flatten() {
        Some(answered) if !answered.ran => return Err(NotOpened::Invalid(Box::new(answered))),
        first => first,
    };
    let (sender, receiver) = mpsc::channel(MOST_WAITING);
    let told = tell(front.clone(), stream::iter(first).chain(answers).boxed(), callers, open, sender);
    // In a task of its own, so that a panic costs this stream alone. It ends with the receiver.
    tokio::spawn(told);
    Ok(respond(stream::unfold(Some(receiver), |receiver| async {
        let mut receiver = receiver?;
        match tokio::time::timeout(KEEP_ALIVE, receiver.recv()).await {
            Ok(Some(Told::Next(payload))) => Some((next(&payload), Some(receiver))),
            Ok(Some(Told::Complete)) => Some((complete(), None)),
            Ok(Some(Told::Cut)) => None,
            // The task ended before its time.
            Ok(None) => Some((next(&Payload::refused(RequestError::internal())), Some(ended()))),
            Err(_) => Some((Bytes::from_static(b":\n\n"), Some(receiver))),
        }
    })))
}

/// What a stream is told by the task that runs its subscription.
enum Told {
    Next(Payload),
    Complete,
    /// Nothing more: the program ends.
    Cut,
}

/// A receiver that brings `complete`.
fn ended() -> mpsc::Receiver<Told> {
    let (sender, receiver) = mpsc::channel(1);
    let _ = sender.try_send(Told::Complete);
    receiver
}

async fn tell(
    front: Front,
    mut answers: BoxStream<'static, Answered>,
    callers: watch::Sender<Arc<Caller>>,
    open: Open,
    sender: mpsc::Sender<Told>,
) {
    let caller = Arc::clone(&callers.borrow());
    let telling = async {
        while let Some(answered) = answers.next().await {
            if sender.send(Told::Next(answered.payload)).await.is_err() {
                return;
            }
        }
        let _ = sender.send(Told::Complete).await;
    };
    tokio::select! {
        biased;
        () = front.auth.ended(&caller) => {
            let last = async {
                let _ = sender.send(Told::Next(Payload::refused(RequestError::ended()))).await;
                let _ = sender.send(Told::Complete).await;
            };
            // Whoever does not even take that is cut.
            let _ = tokio::time::timeout(TAKEN_WITHIN, last).await;
        }
        () = open.stopping() => {
            let _ = sender.send(Told::Cut).await;
        }
        () = sender.closed() => {}
        () = telling => {}
    }
}

fn next(payload: &Payload) -> Bytes {
    // JSON as it is written here has no line ends.
    let json = serde_json::to_string(payload).unwrap_or_else(|error| {
        tracing::error!(%error, "an answer could not be written as JSON");
        r#"{"errors":[{"message":"Internal error","extensions":{"code":"INTERNAL"}}]}"#.to_owned()
    });
    Bytes::from(format!("event: next\ndata: {json}\n\n"))
}

fn complete() -> Bytes {
    // With a line of data, because browsers pass over an event without one.
    Bytes::from_static(b"event: complete\ndata:\n\n")
}

fn respond(events: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let mut response = Response::new(Body::from_stream(events.map(Ok::<_, Infallible>)));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    // What stands between must not gather events (nginx).
    response.headers_mut().insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

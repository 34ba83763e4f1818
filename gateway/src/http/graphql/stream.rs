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
use crate::http::places::Place;
use crate::http::rates::TooMuch;

/// A comment line is sent so often where there is nothing to tell: proxies cut what is silent for a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(12);
/// Answers that wait for a client that reads slowly; then the subscription waits too.
const MOST_WAITING: usize = 1;

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
    let open = front.places.open(&asked.caller.principal.subject).map_err(NotOpened::TooMuch)?;
    let (callers, caller) = watch::channel(Arc::clone(&asked.caller));
    let mut answers = begun.answers(caller);
    // Validation is over at the first look.
    let first = match answers.next().now_or_never().flatten() {
        Some(answered) if !answered.ran => return Err(NotOpened::Invalid(Box::new(answered))),
        first => first,
    };
    let (sender, told) = mpsc::channel(MOST_WAITING);
    let (cut, cut_by) = watch::channel(None);
    // In a task of its own, so that a panic costs this stream alone. It ends with the receiver.
    let answers = stream::iter(first).chain(answers).boxed();
    tokio::spawn(tell(front.clone(), answers, callers, open.stopping(), sender, cut));
    let reading = Reading { told, cut_by, _open: open };
    Ok(respond(stream::unfold(Some(reading), async |reading| reading?.event().await)))
}

/// What a stream is told by the task that runs its subscription.
enum Told {
    Next(Payload),
    Complete,
}

/// Why a stream ends before its subscription.
#[derive(Clone, Copy)]
enum Cut {
    /// Its token is no good any more.
    TokenEnded,
    /// The program ends: the client is to ask again elsewhere.
    Stopping,
}

impl Cut {
    fn event<M>(self) -> Option<(Bytes, Option<M>)> {
        match self {
            Self::TokenEnded => Some((last_words(RequestError::ended()), None)),
            Self::Stopping => None,
        }
    }
}

/// A stream as its client reads it.
struct Reading {
    told: mpsc::Receiver<Told>,
    /// Comes apart from what is told, so that nothing which waits to be read stands before it.
    cut_by: watch::Receiver<Option<Cut>>,
    _open: Place,
}

impl Reading {
    /// The next bytes, and what is read after them.
    async fn event(mut self) -> Option<(Bytes, Option<Self>)> {
        let told = tokio::select! {
            biased;
            cut = cut(&mut self.cut_by) => return cut.event(),
            told = self.told.recv() => told,
            () = tokio::time::sleep(KEEP_ALIVE) => return Some((Bytes::from_static(b":\n\n"), Some(self))),
        };
        Some(match told {
            Some(Told::Next(payload)) => (next(&payload), Some(self)),
            Some(Told::Complete) => (complete(), None),
            // It was cut just now.
            None if let Some(cut) = *self.cut_by.borrow() => return cut.event(),
            // The task ended before its time.
            None => (last_words(RequestError::internal()), None),
        })
    }
}

/// Comes only where a stream is cut.
async fn cut(by: &mut watch::Receiver<Option<Cut>>) -> Cut {
    let cut = by.wait_for(Option::is_some).await.ok().and_then(|cut| *cut);
    match cut {
        Some(cut) => cut,
        None => std::future::pending().await,
    }
}

async fn tell(
    front: Front,
    mut answers: BoxStream<'static, Answered>,
    callers: watch::Sender<Arc<Caller>>,
    stopping: impl Future<Output = ()>,
    sender: mpsc::Sender<Told>,
    cut: watch::Sender<Option<Cut>>,
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
            cut.send_replace(Some(Cut::TokenEnded));
        }
        () = stopping => {
            cut.send_replace(Some(Cut::Stopping));
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

/// An error, and `complete`.
fn last_words(error: RequestError) -> Bytes {
    [next(&Payload::refused(error)), complete()].concat().into()
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

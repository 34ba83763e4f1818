//! Takes what a client still sends of a body that nobody wanted, before its answer goes out.
//!
//! Many clients write a request to its end before they read. If the answer came and the connection closed meanwhile, the
//! bytes that nobody took would reset it, and the client would hear of a broken connection and not of what was wrong with
//! its request (RFC 9112, 9.6).

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::header;
use http_body_util::BodyExt as _;
use tokio::sync::oneshot;

/// Whoever sends more than this beside what was read hears of a broken connection.
const MOST_BYTES: usize = 8 << 20;
/// So does whoever takes longer.
const LONGEST: Duration = Duration::from_secs(1);

/// The outermost layer: what was logged and counted is done when it waits.
pub(super) async fn linger(request: Request, next: Next) -> Response {
    // Whoever waits to be told to continue sends nothing that it is not asked for.
    if request.body().is_end_stream() || request.headers().contains_key(header::EXPECT) {
        return next.run(request).await;
    }
    let (give, mut given_back) = oneshot::channel();
    let response =
        next.run(request.map(|body| Body::new(Lent { body: Some(body), give_back: Some(give) }))).await;
    if let Ok(body) = given_back.try_recv() {
        // In vain or not, the answer goes out then.
        let _ = tokio::time::timeout(LONGEST, take(body)).await;
    }
    response
}

async fn take(mut body: Body) {
    let mut taken = 0;
    while taken < MOST_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        taken += frame.data_ref().map_or(0, Bytes::len);
    }
}

/// A body that comes back once its reader lets go of it.
struct Lent {
    body: Option<Body>,
    give_back: Option<oneshot::Sender<Body>>,
}

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, axum::Error>>> {
        self.body.as_mut().map_or(Poll::Ready(None), |body| Pin::new(body).poll_frame(context))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.body.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let (Some(body), Some(give_back)) = (self.body.take(), self.give_back.take())
            && !body.is_end_stream()
        {
            // Nobody waits for it any more where the request was given up.
            let _ = give_back.send(body);
        }
    }
}

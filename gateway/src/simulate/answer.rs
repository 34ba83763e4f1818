//! One request to a simulated server: the simulator's pure answer, bent by the faults that are switched on.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use connectors::world::{Ask, Reason, Upstream, World};
use futures_util::{StreamExt as _, stream};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};

use super::faults::Effect;
use super::state::State;

/// No request to an upstream is larger.
const MOST_REQUEST_BYTES: usize = 1 << 20;
/// A bent answer is made of pieces of this size.
const PIECE: usize = 64 << 10;

/// One simulated server, as its requests see it.
pub(super) struct Served {
    pub(super) upstream: Upstream,
    pub(super) answer: fn(&Ask<'_>) -> Response<Bytes>,
    pub(super) state: Arc<State>,
}

impl Served {
    pub(super) async fn serve(&self, request: http::Request<Body>) -> Response<Body> {
        let path = request.uri().path().to_owned();
        self.state.count(&self.upstream.name);
        let _passing = self.state.pass(&self.upstream.source);
        let effects = self.state.effects(&self.upstream.name, &path);
        let (head, body) = request.into_parts();
        let Ok(body) = Limited::new(body, MOST_REQUEST_BYTES).collect().await else {
            return plain(StatusCode::PAYLOAD_TOO_LARGE, "too large");
        };
        let request = http::Request::from_parts(head, body.to_bytes());
        let mut world = self.state.world();
        for effect in &effects {
            match effect {
                Effect::Latency { milliseconds } => {
                    tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
                }
                Effect::Empty => world = Arc::new(world.emptied()),
                Effect::Hang => std::future::pending().await,
                // Whoever asks between the word and the closing of the port is cut off with it.
                Effect::Down => self.state.until_down(&self.upstream.name, false).await,
                _ => {}
            }
        }
        let real = self.real(&world, &request);
        effects.iter().fold(real, bend)
    }

    fn real(&self, world: &World, request: &http::Request<Bytes>) -> Response<Body> {
        let response = (self.answer)(&Ask {
            world,
            upstream: &self.upstream,
            session_epoch: self.state.session_epoch(),
            now: (self.state.clock)(),
            request,
        });
        let (mut head, body) = response.into_parts();
        if let Some(Reason(text)) = head.extensions.remove::<Reason>()
            && let Ok(reason) = hyper::ext::ReasonPhrase::try_from(text)
        {
            head.extensions.insert(reason);
        }
        Response::from_parts(head, Body::from(body))
    }
}

/// What a fault makes of an answer. Those that act before the answer are passed over.
fn bend(response: Response<Body>, effect: &Effect) -> Response<Body> {
    match effect {
        Effect::Status { status, reason, body, headers } => {
            let mut answer = Response::new(Body::from(body.clone()));
            *answer.status_mut() = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            for (name, value) in headers {
                if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
                    answer.headers_mut().append(name, value);
                }
            }
            if let Some(reason) =
                reason.clone().and_then(|text| hyper::ext::ReasonPhrase::try_from(text).ok())
            {
                answer.extensions_mut().insert(reason);
            }
            answer
        }
        Effect::Drip => with_stream(response, |body| {
            body.into_data_stream().flat_map(|piece| {
                let bytes = piece.unwrap_or_default();
                stream::iter((0..bytes.len()).map(move |at| bytes.slice(at..=at))).then(|byte| async {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    Ok::<_, Infallible>(byte)
                })
            })
        }),
        Effect::Cut => with_stream(response, |body| {
            body.into_data_stream()
                .map(|piece| Ok(first_half(&piece.unwrap_or_default())))
                .take(1)
                .chain(stream::iter([Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))]))
        }),
        Effect::HalfJson => with_stream(response, |body| {
            body.into_data_stream()
                .map(|piece| Ok::<_, Infallible>(first_half(&piece.unwrap_or_default())))
                .take(1)
        }),
        Effect::Html => {
            let mut answer = Response::new(Body::from(
                "<!DOCTYPE html><html><head><title>Starting</title></head><body>Please wait.</body></html>",
            ));
            answer
                .headers_mut()
                .insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            answer
        }
        Effect::Huge { bytes } => {
            let pieces = std::iter::repeat_n(Bytes::from(vec![b'x'; PIECE]), bytes.div_ceil(PIECE));
            let open = std::iter::once(Bytes::from_static(br#"{"data":""#));
            json(Body::from_stream(stream::iter(open.chain(pieces).map(Ok::<_, Infallible>))))
        }
        Effect::Deep { levels } => {
            let text = format!("{{\"data\":{}{}}}", "[".repeat(*levels), "]".repeat(*levels));
            json(Body::from(text))
        }
        Effect::NotUtf8 => json(Body::from(Bytes::from_static(b"{\"data\":\"\xff\xfe\"}"))),
        Effect::Redirect { to } => {
            let mut answer = Response::new(Body::empty());
            *answer.status_mut() = StatusCode::FOUND;
            if let Ok(to) = HeaderValue::from_str(to) {
                answer.headers_mut().insert(http::header::LOCATION, to);
            }
            answer
        }
        Effect::Latency { .. } | Effect::Hang | Effect::Empty | Effect::ExpireSessions | Effect::Down => {
            response
        }
    }
}

fn with_stream<S, E>(response: Response<Body>, bent: impl FnOnce(Body) -> S) -> Response<Body>
where
    S: futures_util::Stream<Item = Result<Bytes, E>> + Send + 'static,
    E: Into<axum::BoxError> + 'static,
{
    let (mut head, body) = response.into_parts();
    head.headers.remove(http::header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from_stream(bent(body)))
}

fn first_half(bytes: &Bytes) -> Bytes {
    bytes.slice(..bytes.len() / 2)
}

fn json(body: Body) -> Response<Body> {
    let mut answer = Response::new(body);
    answer.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

pub(super) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut answer = Response::new(Body::from(text));
    *answer.status_mut() = status;
    answer
}

//! `/graphql`: GraphQL over HTTP (draft of the GraphQL Foundation), by the table of docs/reference.md.
//!
//! The order is that of cost: method, headers, body, gate, parser, variables, complexity, and only then the engine.

mod negotiate;
mod operate;
mod params;
mod run;
mod stream;

use axum::extract::{Request, State};
use axum::response::Response;
use bytes::Bytes;
use http::{HeaderValue, Method, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::answer::{self, Media};
use super::error::{Code, RequestError};
use super::front::{Front, NotHeard};
use super::socket;
use crate::auth::Unauthenticated;
use negotiate::Wanted;
pub(super) use operate::{Answered, NotBegun, begin, noted, prepare};
pub(super) use params::Params;

/// Any method on `/graphql`.
pub(super) async fn graphql(State(front): State<Front>, request: Request) -> Response {
    if request.method() == Method::GET && negotiate::asks_for_a_socket(request.headers()) {
        return socket::upgrade(&front, request).await;
    }
    let Some(wanted) = negotiate::wanted(request.headers()) else {
        let error = RequestError::new(
            Code::BadUserInput,
            "Accept must allow application/graphql-response+json, application/json or text/event-stream",
        );
        return answer::refused(Media::Json, StatusCode::NOT_ACCEPTABLE, error);
    };
    let media = wanted.refusals();
    let limit = front.limits.timeout;
    match tokio::time::timeout(limit, respond(&front, wanted, request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(Refused { status, error })) => answer::refused(media, status, error),
        Err(_) => answer::refused(media, StatusCode::GATEWAY_TIMEOUT, RequestError::timeout(limit)),
    }
}

/// Refused before the engine was asked.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) error: RequestError,
}

impl Refused {
    fn bad_request(error: RequestError) -> Self {
        Self { status: StatusCode::BAD_REQUEST, error }
    }
}

async fn respond(front: &Front, wanted: Wanted, request: Request) -> Result<Response, Refused> {
    let (limits, media) = (&front.limits.gate, wanted.refusals());
    let by_get = match *request.method() {
        Method::GET => true,
        Method::POST => false,
        _ => return Ok(method_not_allowed(media)),
    };
    let mut asked = match front.asked(request.headers(), request.extensions()).await {
        Ok(asked) => asked,
        Err(not_heard) => return Ok(not_heard.answer(media)),
    };
    let params = if by_get {
        Params::from_query_string(request.uri().query().unwrap_or_default(), limits)
    } else {
        if !negotiate::is_json(request.headers()) {
            return Err(Refused {
                status: StatusCode::UNSUPPORTED_MEDIA_TYPE,
                error: RequestError::new(
                    Code::BadUserInput,
                    "Content-Type must be application/json, in UTF-8",
                ),
            });
        }
        Params::from_body(&read_body(request, front.limits.body_bytes).await?, limits)
    };
    let params = params.map_err(|error| match error.code {
        // As a document that cannot be run.
        Code::PersistedQueryNotFound => Refused { status: media.request_error_status(), error },
        _ => Refused::bad_request(error),
    })?;
    // A body may come long after its header lines.
    asked.caller = match front.as_of_now(&asked.caller) {
        Ok(caller) => caller,
        Err(Unauthenticated) => return Ok(NotHeard::Unauthenticated.answer(media)),
    };
    run::run(front, wanted, asked, params, by_get).await
}

async fn read_body(request: Request, limit: usize) -> Result<Bytes, Refused> {
    let too_large = |figure: Option<u64>| Refused {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        error: RequestError::new(
            Code::LimitExceeded,
            figure.map_or_else(
                || format!("more than {limit} bytes in the body; the limit is {limit}"),
                |figure| format!("{figure} bytes in the body; the limit is {limit}"),
            ),
        ),
    };
    // What the client says it sends is refused before it is sent.
    let announced =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if let Some(figure) =
        announced.filter(|&length: &u64| usize::try_from(length).is_ok_and(|length| length > limit))
    {
        return Err(too_large(Some(figure)));
    }
    match Limited::new(request.into_body(), limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large(None)),
        Err(_) => {
            Err(Refused::bad_request(RequestError::new(Code::BadUserInput, "The body ended before its end")))
        }
    }
}

fn method_not_allowed(media: Media) -> Response {
    let error = RequestError::new(Code::NotFound, "Only GET and POST are answered here");
    let mut response = answer::refused(media, StatusCode::METHOD_NOT_ALLOWED, error);
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
    response
}

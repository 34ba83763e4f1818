//! How an answer becomes a response: status by the media type asked for, body, content type.

use async_graphql::{ServerError, Value};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::error::{Code, RequestError, code_of};
use super::rates::TooMuch;

/// The two media types of GraphQL over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status tells a refused request from an answered one.
    GraphqlResponse,
    /// `application/json`: 200 for whatever is a well-formed GraphQL answer.
    Json,
}

impl Media {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        })
    }

    /// Of a document or variables that cannot be run.
    pub(super) fn request_error_status(self) -> StatusCode {
        match self {
            Self::GraphqlResponse => StatusCode::BAD_REQUEST,
            Self::Json => StatusCode::OK,
        }
    }
}

/// What the request log notes of an answer, handed over in the response's extensions.
#[derive(Clone, Debug, Default)]
pub(super) struct Noted {
    /// The operation's name, cut.
    pub(super) operation: Option<String>,
    /// query, mutation or subscription.
    pub(super) kind: Option<&'static str>,
    /// The codes of `errors`, each once, in order of the alphabet.
    pub(super) codes: Vec<String>,
}

/// The members of a GraphQL answer; `data` is absent where nothing ran.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [ServerError],
    extensions: Extensions<'a>,
}

#[derive(Serialize)]
struct Extensions<'a> {
    freshness: &'a Value,
}

/// A GraphQL answer. `data` is `None` where the request was refused as a whole.
pub(super) fn graphql(
    media: Media,
    status: StatusCode,
    data: Option<&Value>,
    errors: &[ServerError],
    freshness: &Value,
) -> Response {
    let mut response = serialize(status, &Body { data, errors, extensions: Extensions { freshness } });
    response.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
    let mut codes: Vec<String> = errors.iter().filter_map(code_of).map(str::to_owned).collect();
    codes.sort_unstable();
    codes.dedup();
    response.extensions_mut().insert(Noted { codes, ..Noted::default() });
    response
}

/// A request that was refused as a whole.
pub(super) fn refused(media: Media, status: StatusCode, error: RequestError) -> Response {
    graphql(
        media,
        status,
        None,
        &[error.into_server_error()],
        &Value::Object(async_graphql::indexmap::IndexMap::new()),
    )
}

/// Refused outside of GraphQL: the same shape of error, in plain JSON.
pub(super) fn refused_json(status: StatusCode, code: Code, message: &str) -> Response {
    refused(Media::Json, status, RequestError::new(code, message))
}

/// Without a token that is good (RFC 6750): no reason that helps a forger.
pub(super) fn unauthenticated(media: Media) -> Response {
    let error = RequestError::new(Code::Unauthenticated, "A valid bearer token is required");
    let mut response = refused(media, StatusCode::UNAUTHORIZED, error);
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    response
}

/// Too much in a minute; `Retry-After` says in whole seconds when to come again.
pub(super) fn too_much(media: Media, too_much: &TooMuch) -> Response {
    let error = RequestError::new(Code::LimitExceeded, &*too_much.message);
    let mut response = refused(media, StatusCode::TOO_MANY_REQUESTS, error);
    let seconds = too_much.wait.as_secs().saturating_add(1);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    response
}

/// Any JSON.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    let mut response = serialize(status, body);
    response.headers_mut().insert(header::CONTENT_TYPE, Media::Json.content_type());
    response
}

fn serialize(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let mut response = Response::new(bytes.into());
            *response.status_mut() = status;
            response
        }
        Err(error) => {
            tracing::error!(%error, "an answer could not be written as JSON");
            let mut response = Response::new(
                r#"{"errors":[{"message":"Internal error","extensions":{"code":"INTERNAL"}}]}"#.into(),
            );
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    }
}

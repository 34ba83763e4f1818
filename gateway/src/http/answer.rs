//! How an answer becomes a response: status by the media type asked for, body, content type.

use async_graphql::{ServerError, Value};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use super::error::{Code, RequestError, code_of};
use super::rates::TooMuch;

/// How a single answer is written: the two media types of GraphQL over HTTP, and what stands in for a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status tells a refused request from an answered one.
    GraphqlResponse,
    /// `application/json`: 200 for whatever is a well-formed GraphQL answer.
    Json,
    /// What is refused before a stream begins: `application/json` with a status that says so.
    NoStream,
}

impl Media {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json | Self::NoStream => "application/json; charset=utf-8",
        })
    }

    /// Of a document or variables that cannot be run.
    pub(super) fn request_error_status(self) -> StatusCode {
        match self {
            Self::GraphqlResponse | Self::NoStream => StatusCode::BAD_REQUEST,
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

/// A GraphQL answer: the same members whichever way it is sent.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Payload {
    /// Absent where nothing ran.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ServerError>,
    extensions: Extensions,
}

#[derive(Clone, Debug, Serialize)]
struct Extensions {
    freshness: Value,
}

impl Payload {
    /// An answer; `data` is `None` where nothing ran.
    pub(super) fn of(data: Option<Value>, errors: Vec<ServerError>, freshness: Value) -> Self {
        Self { data, errors, extensions: Extensions { freshness } }
    }

    /// Refused as a whole: it rests on no source.
    pub(super) fn refused(error: RequestError) -> Self {
        let none = Value::Object(async_graphql::indexmap::IndexMap::new());
        Self::of(None, vec![error.into_server_error()], none)
    }

    /// The entries of `errors`.
    pub(super) fn errors(&self) -> &[ServerError] {
        &self.errors
    }

    /// The same, taken out.
    pub(super) fn into_errors(self) -> Vec<ServerError> {
        self.errors
    }

    /// Whether an error bears this code.
    pub(super) fn holds(&self, code: Code) -> bool {
        self.errors.iter().any(|error| code_of(error) == Some(code.as_str()))
    }

    /// The codes of its errors, each once, in order of the alphabet.
    pub(super) fn codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = self.errors.iter().filter_map(code_of).map(str::to_owned).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }
}

/// A GraphQL answer as a whole response.
pub(super) fn graphql(media: Media, status: StatusCode, payload: &Payload) -> Response {
    let mut response = serialize(status, payload);
    response.headers_mut().insert(header::CONTENT_TYPE, media.content_type());
    response.extensions_mut().insert(Noted { codes: payload.codes(), ..Noted::default() });
    response
}

/// A request that was refused as a whole.
pub(super) fn refused(media: Media, status: StatusCode, error: RequestError) -> Response {
    graphql(media, status, &Payload::refused(error))
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

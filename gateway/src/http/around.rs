//! What stands around every request: its id, the checks that come before any path, the headers that every answer
//! bears, one line of log (docs/logging.md) and the metrics.

use std::sync::atomic::Ordering;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio::time::Instant;

use super::answer::{Noted, refused_json};
use super::error::Code;
use super::front::Front;
use super::host;
use super::request_id::{self, RequestId};

/// Requests between two times at which the metrics are folded up.
const UPKEEP_EVERY: u64 = 1024;

/// The outermost layer but for what waits for a body that nobody wanted.
pub(super) async fn around(State(front): State<Front>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::of(request.headers(), &*front.request_ids);
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    // The pattern, never the path: a path is the client's own text.
    let path = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unknown".to_owned(), |path| path.as_str().to_owned());

    let mut response = match before(&front, &request) {
        Ok(()) => next.run(request).await,
        Err(refused) => *refused,
    };
    complete_headers(response.headers_mut(), &id);

    let noted = response.extensions_mut().remove::<Noted>().unwrap_or_default();
    let status = response.status().as_u16();
    let elapsed = started.elapsed();
    let id = id.as_str();
    let method = if is_common(&method) { method.as_str() } else { "other" };
    tracing::info!(
        target: "fleetgraph::request",
        request_id = id,
        method,
        path,
        status,
        duration_ms = elapsed.as_secs_f64() * 1000.0,
        kind = noted.kind.unwrap_or("-"),
        operation = noted.operation.as_deref().unwrap_or("-"),
        codes = noted.codes.join(","),
        "{method} {path} {status}"
    );
    metrics::counter!(
        "fleetgraph_http_requests_total", "path" => path.clone(), "method" => method.to_owned(), "status" => status.to_string()
    )
    .increment(1);
    metrics::histogram!("fleetgraph_http_request_duration_seconds", "path" => path)
        .record(elapsed.as_secs_f64());
    // The recorder keeps each duration until somebody folds them up; a gateway that nobody scrapes must not grow.
    if front.requests.fetch_add(1, Ordering::Relaxed) % UPKEEP_EVERY == UPKEEP_EVERY - 1 {
        front.metrics.run_upkeep();
    }
    for code in noted.codes {
        metrics::counter!("fleetgraph_graphql_errors_total", "code" => code).increment(1);
    }
    response
}

fn is_common(method: &http::Method) -> bool {
    ["GET", "POST", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE"].contains(&method.as_str())
}

/// The checks that no path is exempt from.
fn before(front: &Front, request: &Request) -> Result<(), Box<Response>> {
    if !host::is_ours(request.headers(), request.uri(), &front.hosts) {
        return Err(Box::new(refused_json(
            StatusCode::MISDIRECTED_REQUEST,
            Code::Forbidden,
            "The Host header names another server than this one: use localhost or a loopback address",
        )));
    }
    let (figure, limit) = (header_bytes(request), front.limits.header_bytes);
    if figure > limit {
        let message = format!("{figure} bytes in the header lines; the limit is {limit}");
        return Err(Box::new(refused_json(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Code::LimitExceeded,
            &message,
        )));
    }
    Ok(())
}

/// As they came: `name: value` and a line end each. The request line counts as one, since a GET's document is in it.
fn header_bytes(request: &Request) -> usize {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    request.headers().iter().fold(target, |sum, (name, value)| sum + name.as_str().len() + value.len() + 4)
}

/// Headers that every answer bears; a path may have set its own `Content-Security-Policy` and `Cache-Control`.
fn complete_headers(headers: &mut HeaderMap, id: &RequestId) {
    headers.insert(request_id::HEADER, id.to_header());
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ));
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}

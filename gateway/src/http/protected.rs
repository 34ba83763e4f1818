//! `/.well-known/oauth-protected-resource` (RFC 9728): whose tokens are taken here, for programs that need one.

use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;

use super::answer;
use super::front::Front;

#[derive(Serialize)]
struct Resource<'a> {
    #[serde(rename = "resource")]
    address: String,
    authorization_servers: [&'a str; 1],
    bearer_methods_supported: [&'static str; 1],
}

/// The metadata; nothing where there is no issuer.
pub(super) async fn resource(State(front): State<Front>, headers: HeaderMap) -> Response {
    let Some(issuer) = front.issuer.as_deref() else { return super::not_found().await };
    // It was checked to name this server.
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let scheme = if front.hosts.iter().any(|one| one.eq_ignore_ascii_case(name)) { "https" } else { "http" };
    answer::json(
        StatusCode::OK,
        &Resource {
            address: format!("{scheme}://{host}"),
            authorization_servers: [issuer],
            bearer_methods_supported: ["header"],
        },
    )
}

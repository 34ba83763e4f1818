//! What the demo's issuer answers over HTTP.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};

use super::{AUDIENCE, LIFE, SECRET, Shared};

pub(super) fn router(realm: &str, shared: Arc<Shared>) -> Router {
    let of_realm = Router::new()
        .route("/", get(page))
        .route("/.well-known/openid-configuration", get(discovery))
        .route("/certs", get(certs))
        .route("/token", post(token))
        .route("/introspect", post(introspect));
    Router::new()
        .nest(&format!("/realms/{realm}"), of_realm)
        .layer(axum::middleware::from_fn(only_programs_here))
        .with_state(shared)
}

/// A page in a browser must get no token: neither under a name of its own that leads here, nor from another site.
async fn only_programs_here(request: Request, next: Next) -> Response {
    let by_page = request.headers().contains_key(header::ORIGIN)
        || request.headers().contains_key("sec-fetch-site")
        || !crate::http::is_loopback(request.headers(), request.uri());
    if by_page { StatusCode::FORBIDDEN.into_response() } else { next.run(request).await }
}

async fn page(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(json!({ "realm": "demo", "tokens-not-before": shared.state().not_before }))
}

async fn discovery(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let url = &shared.url;
    Json(json!({
        "issuer": url,
        "jwks_uri": format!("{url}/certs"),
        "token_endpoint": format!("{url}/token"),
        "introspection_endpoint": format!("{url}/introspect"),
        "response_types_supported": ["none"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
    }))
}

async fn certs(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let mut state = shared.state();
    state.key_reads += 1;
    let shown = state.keys.iter().filter(|_| state.shows_keys);
    let keys: Vec<Value> = shown.map(|key| key.jwk()).collect();
    drop(state);
    Json(json!({ "keys": keys }))
}

/// A token for a role, to whoever is on this machine: `role`, and `mfa=true` for one with a second factor.
async fn token(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let mut roles = Vec::new();
    let mut second_factor = false;
    for (name, value) in url::form_urlencoded::parse(&body) {
        match &*name {
            "role" => roles.push(value.into_owned()),
            "mfa" => second_factor = value == "true",
            _ => {}
        }
    }
    let Some(first) = roles.first().filter(|role| role.len() <= 100 && !role.is_empty()) else {
        return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_request" }))).into_response();
    };
    let subject = format!("demo-{}", first.trim_start_matches("fleetgraph-").trim_start_matches("sankofa-"));
    let roles: Vec<&str> = roles.iter().map(String::as_str).collect();
    let token = shared.mint("JWT", &shared.claims(&subject, &roles, second_factor));
    let answer = json!({ "access_token": token, "token_type": "Bearer", "expires_in": LIFE });
    ([(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

/// Whether one of its tokens is good, to the one client that may ask.
async fn introspect(State(shared): State<Arc<Shared>>, headers: HeaderMap, body: Bytes) -> Response {
    let expected = format!("Basic {}", STANDARD.encode(format!("{AUDIENCE}:{SECRET}")));
    if headers.get(header::AUTHORIZATION).is_none_or(|given| given != expected.as_str()) {
        return (StatusCode::UNAUTHORIZED, Json(json!({ "error": "invalid_client" }))).into_response();
    }
    let token = url::form_urlencoded::parse(&body)
        .find(|(name, _)| name == "token")
        .map(|(_, token)| token.into_owned());
    let claims = token.as_deref().and_then(|token| token.split('.').nth(1));
    let claims = claims.and_then(|claims| URL_SAFE_NO_PAD.decode(claims).ok());
    let claims = claims.and_then(|claims| serde_json::from_slice::<Value>(&claims).ok());
    let mut state = shared.state();
    state.introspections += 1;
    let said = claims.as_ref().and_then(|claims| state.answers.get(claims["sub"].as_str()?)).cloned();
    let claims = said.unwrap_or(claims);
    drop(state);
    Json(match claims {
        Some(Value::Object(mut claims)) => {
            claims.insert("active".into(), true.into());
            Value::Object(claims)
        }
        _ => json!({ "active": false }),
    })
    .into_response()
}

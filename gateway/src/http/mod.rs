//! The front door: GraphQL over HTTP, the explorer, probes and metrics (docs/reference.md, HTTP; docs/adr/0004).
//!
//! Whoever wires the program makes a [`Front`] and serves [`router`] of it. Nothing here knows a source or a type of
//! the schema; operations run behind [`Engine`].

mod answer;
mod around;
mod engine;
mod error;
mod explorer;
mod front;
mod graphql;
mod home;
mod host;
mod limits;
mod linger;
mod logout;
mod nulls;
mod operation;
mod places;
mod probe;
mod protected;
mod rates;
mod reading;
mod request_id;
mod serve;
mod socket;

use axum::Router;
use axum::response::Response;
use axum::routing::{any, get, post};
use http::StatusCode;

pub use engine::{Asked, Engine, Run, SchemaEngine};
pub use error::{Code, RequestError};
pub use front::Front;
pub(crate) use host::is_loopback;
pub use limits::Limits;
pub use operation::Operation;
pub use probe::{IssuerState, Readiness};
pub use reading::reading;
pub use request_id::RequestId;
pub use serve::serve;

/// Every path of the front door.
pub fn router(front: Front) -> Router {
    Router::new()
        .route("/", get(home::home))
        .route("/graphql", any(graphql::graphql))
        .route("/graphiql", get(explorer::page))
        .route("/graphiql/{file}", get(explorer::asset))
        .route("/healthz", get(probe::healthz))
        .route("/readyz", get(probe::readyz))
        .route("/metrics", get(probe::metrics))
        .route("/export/{operation}", any(not_built))
        .route("/webhooks/{source}", any(not_built))
        .route("/auth/backchannel-logout", post(logout::logout))
        .route("/.well-known/oauth-protected-resource", get(protected::resource))
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(axum::middleware::from_fn_with_state(front.clone(), around::around))
        .layer(axum::middleware::from_fn(linger::linger))
        .with_state(front)
}

async fn not_found() -> Response {
    answer::refused_json(StatusCode::NOT_FOUND, Code::NotFound, "There is nothing at this path")
}

/// What docs/reference.md promises for later.
async fn not_built() -> Response {
    answer::refused_json(
        StatusCode::NOT_FOUND,
        Code::NotFound,
        "This is not built yet; CHANGELOG.md tells what is",
    )
}

async fn method_not_allowed() -> Response {
    answer::refused_json(
        StatusCode::METHOD_NOT_ALLOWED,
        Code::NotFound,
        "This path does not answer this method",
    )
}

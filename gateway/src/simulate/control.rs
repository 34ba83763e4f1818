//! The control address of a simulation: what the world is, which faults are switched on, who was asked how often.

use std::sync::Arc;

use axum::extract::State as Shared;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use connectors::world::Change;
use serde_json::json;

use super::faults::Fault;
use super::state::State;

/// `GET /world`, `POST /world` (a change), `GET|POST|DELETE /faults`, `GET /calls`.
pub(super) fn router(state: Arc<State>, upstreams: Vec<String>) -> Router {
    let known: Arc<[String]> = upstreams.into();
    Router::new()
        .route("/world", get(world).post(change))
        .route(
            "/faults",
            post(move |shared, body: String| std::future::ready(add_faults(shared, &known, &body)))
                .get(faults)
                .delete(clear_faults),
        )
        .route("/calls", get(calls))
        .with_state(state)
}

async fn world(Shared(state): Shared<Arc<State>>) -> Response {
    Json(state.world().to_json()).into_response()
}

async fn change(Shared(state): Shared<Arc<State>>, body: String) -> Response {
    match serde_json::from_str::<Change>(&body) {
        Err(error) => refused(&format!("not a change of the world: {error}")),
        Ok(change) => match state.change(|world, now| world.apply(&change, now)) {
            Ok(()) => StatusCode::NO_CONTENT.into_response(),
            Err(error) => refused(&error.to_string()),
        },
    }
}

/// Adds one fault, or replaces all of them by a list.
fn add_faults(Shared(state): Shared<Arc<State>>, known: &[String], body: &str) -> Response {
    let read = if body.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<Fault>>(body)
    } else {
        serde_json::from_str::<Fault>(body).map(|fault| [state.faults(), vec![fault]].concat())
    };
    match read {
        Err(error) => refused(&format!("not a fault: {error}")),
        Ok(faults) => {
            let unknown =
                faults.iter().filter_map(|fault| fault.upstream.as_ref()).find(|name| !known.contains(name));
            if let Some(name) = unknown {
                return refused(&format!("there is no upstream `{name}`; there are: {}", known.join(", ")));
            }
            state.set_faults(faults);
            Json(state.faults()).into_response()
        }
    }
}

async fn faults(Shared(state): Shared<Arc<State>>) -> Response {
    Json(state.faults()).into_response()
}

async fn clear_faults(Shared(state): Shared<Arc<State>>) -> Response {
    state.set_faults(Vec::new());
    StatusCode::NO_CONTENT.into_response()
}

async fn calls(Shared(state): Shared<Arc<State>>) -> Response {
    Json(state.calls()).into_response()
}

fn refused(message: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "error": message }))).into_response()
}

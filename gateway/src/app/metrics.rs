//! Figures for Prometheus: one recorder a process, and a listener of its own where one is configured.

use std::net::TcpListener;
use std::sync::{Mutex, PoisonError};

use axum::Router;
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use schema::view::View;
use schema::{SourceState, Timestamp};
use tokio::task::JoinHandle;

use super::StartError;

/// The recorder of this process; made by whoever asks first.
pub(super) fn recorder() -> Result<PrometheusHandle, StartError> {
    static RECORDER: Mutex<Option<PrometheusHandle>> = Mutex::new(None);
    let mut recorder = RECORDER.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(handle) = &*recorder {
        return Ok(handle.clone());
    }
    let installed = PrometheusBuilder::new()
        .install_recorder()
        .map_err(|error| StartError::Metrics(error.to_string()))?;
    Ok(recorder.insert(installed).clone())
}

/// What a View says of its sources, and how many calls each has cost.
pub(super) fn of_sources(view: &View, calls: &[(std::sync::Arc<str>, u64)], now: Timestamp) {
    for source in view.sources() {
        let held = view.held(source);
        let name = held.info.name.to_string();
        let current = view.source_state(source, now) == SourceState::Current;
        ::metrics::gauge!("fleetgraph_source_current", "source" => name.clone())
            .set(f64::from(u8::from(current)));
        if let Some(at) = held.collected_at() {
            ::metrics::gauge!("fleetgraph_source_collected_timestamp_seconds", "source" => name.clone())
                .set(at.millis() as f64 / 1000.0);
        }
        if let Some(took) = held.last_duration {
            ::metrics::gauge!("fleetgraph_source_collect_seconds", "source" => name.clone())
                .set(took.as_secs_f64());
        }
        if let Some(snapshot) = &held.snapshot {
            ::metrics::gauge!("fleetgraph_source_problems", "source" => name)
                .set(snapshot.problems.len() as f64);
        }
    }
    for (name, count) in calls {
        ::metrics::counter!("fleetgraph_upstream_calls_total", "source" => name.to_string()).absolute(*count);
    }
}

/// `server.metrics_listen`: nothing but /metrics.
pub(super) struct Listener {
    task: JoinHandle<()>,
}

impl Listener {
    pub(super) fn start(listener: TcpListener, recorder: PrometheusHandle) -> Self {
        let router = Router::new().route("/metrics", get(move || async move { recorder.render() }));
        let task = tokio::spawn(async move {
            let served = crate::http::serve(listener, router, axum_server::Handle::new()).await;
            if let Err(error) = served {
                tracing::error!(%error, "the listener for metrics ended");
            }
        });
        Self { task }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

//! The front door as a value: what the router needs to know, given by whoever wires the program.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use futures_util::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;

use super::engine::Engine;
use super::limits::Limits;
use super::nulls::OutputTypes;
use super::probe::Readiness;

/// Everything behind the router. Cheap to clone.
#[derive(Clone)]
pub struct Front {
    pub(super) engine: Arc<dyn Engine>,
    pub(super) output_types: Arc<OutputTypes>,
    pub(super) limits: Arc<Limits>,
    pub(super) request_ids: Arc<dyn Fn() -> u128 + Send + Sync>,
    pub(super) metrics: PrometheusHandle,
    pub(super) requests: Arc<AtomicU64>,
    pub(super) readiness: Arc<dyn Fn() -> BoxFuture<'static, Readiness> + Send + Sync>,
    pub(super) hosts: Arc<[String]>,
}

impl Front {
    /// `request_ids` is the source of randomness for ids that no client gave; `readiness` is asked for each `/readyz`.
    pub fn new(
        engine: impl Engine,
        request_ids: impl Fn() -> u128 + Send + Sync + 'static,
        metrics: PrometheusHandle,
        readiness: impl Fn() -> BoxFuture<'static, Readiness> + Send + Sync + 'static,
    ) -> Self {
        Self {
            output_types: Arc::new(OutputTypes::of(&engine.sdl())),
            engine: Arc::new(engine),
            limits: Arc::new(Limits::default()),
            request_ids: Arc::new(request_ids),
            metrics,
            requests: Arc::default(),
            readiness: Arc::new(readiness),
            hosts: Arc::new([]),
        }
    }

    /// Limits other than the defaults.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Arc::new(limits);
        self
    }

    /// Names of this server, besides those of the loopback interface, that a `Host` header may bear.
    #[must_use]
    pub fn hosts(mut self, hosts: impl IntoIterator<Item = String>) -> Self {
        self.hosts = hosts.into_iter().map(|host| host.to_ascii_lowercase()).collect();
        self
    }
}

impl std::fmt::Debug for Front {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Front").field("limits", &self.limits).finish_non_exhaustive()
    }
}

//! UniFi Network: switches with their ports and neighbours, clients, port forwards, networks.
//!
//! The legacy controller API tells all of it; the Integration API stands in where a key opens nothing else
//! (docs/adr/0007-which-unifi-api.md).

mod answer;
mod api;
mod collect;
mod config;
mod conform;
mod kept;
mod login;
mod map;
mod simulator;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schema::{Snapshot, SourceInfo, Timestamp};
use tokio::sync::Mutex;

use crate::http::Client;
use crate::{Build, BuildError, Connector, Kind};

/// Its line in the catalog.
pub(crate) const KIND: Kind = Kind {
    name: "unifi",
    interval: Duration::from_secs(15),
    keys: config::KEYS,
    build,
    simulator: Some(simulator::SIMULATOR),
    conform: conform::PARSERS,
};

/// One site of one controller.
struct UniFi {
    info: Arc<SourceInfo>,
    api: api::Api,
    state: Mutex<collect::State>,
}

fn build(mut build: Build<'_>) -> Result<Arc<dyn Connector>, BuildError> {
    let config = config::Config::read(&mut build)?;
    let client = Client::new(vec![config.url], &config.tls, build.limits)?;
    let api = api::Api { client, access: config.access, site: config.site };
    Ok(Arc::new(UniFi { info: build.info, api, state: Mutex::default() }))
}

#[async_trait]
impl Connector for UniFi {
    async fn collect(&self, now: Timestamp) -> Snapshot {
        let mut state = self.state.lock().await;
        collect::collect(&self.api, &mut state, &self.info, now).await
    }
}

//! Proxmox VE: clusters, nodes and guests, read with an API token that needs no right but to look (role PVEAuditor).

mod api;
mod cluster;
mod collect;
mod config;
mod entries;
mod guest;
mod lenient;
mod map;
mod node;
mod property;
mod rights;
mod simulator;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::{Build, BuildError, Connector, Kind};
use collect::{Memory, Proxmox};

/// The line in the catalog.
pub(crate) const KIND: Kind = Kind {
    name: "proxmox",
    interval: Duration::from_secs(10),
    keys: config::KEYS,
    build,
    simulator: Some(simulator::SIMULATOR),
    conform: api::PARSERS,
};

fn build(build: Build<'_>) -> Result<Arc<dyn Connector>, BuildError> {
    let config = config::Config::read(&build)?;
    let budget = build.limits.collect_timeout / 2;
    let api = api::Api::new(config, build.limits)?;
    Ok(Arc::new(Proxmox { api, memory: Mutex::new(Memory::default()), budget }))
}

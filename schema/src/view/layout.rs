//! Which sources there are, which networks they make, and who could tell what: all that the configuration decides.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::HopKind;
use super::part::Part;
use super::refs::{NetworkRef, SourceRef, narrow};
use crate::Held;

/// The sources by network and by what they could fill.
#[derive(Debug)]
pub(crate) struct Layout {
    /// In order.
    pub(crate) networks: Box<[Arc<str>]>,
    /// Of each source.
    pub(crate) network_of: Box<[u32]>,
    /// Of each network: the sources that have to have answered before an address counts as nobody's.
    pub(crate) witnesses: Box<[Box<[SourceRef]>]>,
    /// Of each network: the sources whose objects bear names that a proxy may forward to.
    name_bearers: Box<[Box<[SourceRef]>]>,
    /// Of each network: the sources that could tell a node's port.
    cablers: Box<[Box<[SourceRef]>]>,
    /// Proxies, of all networks.
    proxies: Box<[SourceRef]>,
}

impl Layout {
    pub(crate) fn new(held: &[Held], parts: &[Arc<Part>]) -> Self {
        let mut names: BTreeSet<Arc<str>> = held.iter().map(|held| held.info.network.clone()).collect();
        for part in parts {
            names.extend(part.facts().assignments.iter().map(|assignment| assignment.network.clone()));
            names.extend(part.facts().subnets.iter().map(|subnet| subnet.network.clone()));
        }
        let networks: Box<[Arc<str>]> = names.into_iter().collect();
        let network_of: Box<[u32]> =
            held.iter().map(|held| networks.binary_search(&held.info.network).map_or(0, narrow)).collect();
        let of_kinds = |network: usize, kinds: &[&str]| -> Box<[SourceRef]> {
            (0u32..)
                .zip(held.iter().zip(&network_of))
                .filter(|(_, (held, own))| **own as usize == network && kinds.contains(&&*held.info.kind))
                .map(|(source, _)| SourceRef(source))
                .collect()
        };
        Self {
            witnesses: (0..networks.len())
                .map(|n| of_kinds(n, &["proxmox", "unifi", "ipam", "declared"]))
                .collect(),
            name_bearers: (0..networks.len())
                .map(|n| of_kinds(n, &["proxmox", "ipam", "declared"]))
                .collect(),
            cablers: (0..networks.len())
                .map(|n| of_kinds(n, &["proxmox", "unifi", "ipam", "declared", "agent"]))
                .collect(),
            proxies: (0u32..)
                .zip(held)
                .filter(|(_, held)| &*held.info.kind == "npm")
                .map(|(source, _)| SourceRef(source))
                .collect(),
            networks,
            network_of,
        }
    }

    /// The network of that name.
    pub(crate) fn find(&self, network: &str) -> Option<u32> {
        self.networks.binary_search_by(|name| (**name).cmp(network)).ok().map(narrow)
    }

    pub(crate) fn of(&self, source: u32) -> u32 {
        self.network_of[source as usize]
    }

    /// The sources that could fill a missing hop of a network.
    pub(crate) fn fillers(&self, network: u32, kind: HopKind) -> &[SourceRef] {
        match kind {
            HopKind::ProxyHost => &self.proxies,
            HopKind::Address | HopKind::Guest | HopKind::Node => &self.witnesses[network as usize],
            HopKind::SwitchPort => &self.cablers[network as usize],
        }
    }

    /// The sources that could tell whose a name is, within a network.
    pub(crate) fn name_bearers(&self, network: u32) -> &[SourceRef] {
        &self.name_bearers[network as usize]
    }

    pub(crate) fn network_name(&self, network: NetworkRef) -> &Arc<str> {
        &self.networks[network.0 as usize]
    }
}

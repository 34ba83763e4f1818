//! Makes a View from the one before it, at the cost of what changed.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::View;
use super::addresses::{Claim, Table, merge};
use super::inputs::Inputs;
use super::join::{in_order, part_of};
use super::part::{Part, hash_name};
use super::refs::{ObjectRef, narrow};
use super::target::{Chain, Target, TargetHost};
use crate::{Facts, Held};

/// Joins what all sources say, sharing with an earlier View what did not change. The answer is the one that [`join`](super::join())
/// gives; the cost is small where only clusters were collected again, which is most of what happens.
pub fn rejoin(previous: &View, inputs: &Inputs) -> View {
    let held = in_order(inputs);
    let known = |(now, earlier): (&Held, &Held)| now.info == earlier.info;
    if held.len() != previous.held.len() || !held.iter().zip(&*previous.held).all(known) {
        // Handles name sources by place: nothing of the earlier View stands.
        let parts = held.iter().map(|held| part_of(held, None)).collect();
        return View::assemble(held, parts, Arc::new(inputs.overrides.clone()));
    }
    let overrides = if *previous.overrides == inputs.overrides {
        previous.overrides.clone()
    } else {
        Arc::new(inputs.overrides.clone())
    };
    let parts: Box<[Arc<Part>]> =
        held.iter().zip(&previous.parts).map(|(held, part)| renewed(held, part)).collect();
    let changed: Vec<u32> = (0..narrow(parts.len()))
        .filter(|source| !Arc::ptr_eq(&parts[*source as usize], &previous.parts[*source as usize]))
        .collect();
    let same_shape = |source: &u32| same_shape(&previous.parts[*source as usize], &parts[*source as usize]);
    if !changed.iter().all(same_shape) {
        return View::assemble(held, parts, overrides);
    }
    let mut view = View { held, parts, overrides, ..previous.clone() };
    if !changed.is_empty() {
        view.take_in(previous, &changed);
    }
    view.decide();
    view
}

/// The part of a source that never answered is empty, and stays the same one.
fn renewed(held: &Held, earlier: &Arc<Part>) -> Arc<Part> {
    if held.snapshot.is_none() && earlier.facts().is_empty() {
        return earlier.clone();
    }
    part_of(held, Some(earlier))
}

/// Whether a source says of nothing but guests and nodes, and of the same nodes with the same addresses: then neither
/// names, nor cables, nor declarations have changed for any other source.
fn same_shape(old: &Part, new: &Part) -> bool {
    let only_guests = |facts: &Facts| {
        facts.len() == usize::from(facts.cluster.is_some()) + facts.nodes.len() + facts.guests.len()
    };
    let name = |facts: &Facts| facts.cluster.as_ref().map(|cluster| cluster.proxmox_name.clone());
    let nodes = |part: &Part, place: &u32| {
        let node = &part.facts().nodes[*place as usize];
        (node.name.clone(), node.address)
    };
    only_guests(old.facts())
        && only_guests(new.facts())
        && name(old.facts()) == name(new.facts())
        && old.nodes.len() == new.nodes.len()
        && old.nodes.iter().zip(&new.nodes).all(|(a, b)| nodes(old, a) == nodes(new, b))
}

impl View {
    /// Takes in sources of which guests and nodes changed, and nothing else.
    fn take_in(&mut self, previous: &View, changed: &[u32]) {
        let mut touched: BTreeSet<(u32, std::net::IpAddr)> = BTreeSet::new();
        let networks: BTreeSet<u32> = changed.iter().map(|source| self.layout.of(*source)).collect();
        for network in networks {
            let of_network = changed.iter().copied().filter(|source| self.layout.of(*source) == network);
            let mut new: Vec<Claim> = of_network.flat_map(|source| self.claims_of_source(source)).collect();
            new.sort_unstable();
            let old = &self.tables[network as usize].claims;
            let theirs = |claim: &Claim| {
                (claim.guest().is_some() || claim.node().is_some())
                    && changed.binary_search(&claim.source).is_ok()
            };
            touched.extend(old.iter().filter(|claim| theirs(claim)).map(|claim| (network, claim.address)));
            touched.extend(new.iter().map(|claim| (network, claim.address)));
            let kept = old.iter().copied().filter(|claim| !theirs(claim));
            let merged = merge(kept, &new, old.len() + new.len());
            self.tables[network as usize] = Arc::new(Table::new(merged));
        }
        for source in changed {
            self.cabling[*source as usize] = self.cable_source(*source);
        }
        let targets: Vec<u32> = (0..narrow(self.chains.len()))
            .filter(|number| self.is_touched(previous, changed, &touched, *number))
            .collect();
        let mut chains: Vec<Arc<Chain>> = self.chains.to_vec();
        for number in &targets {
            chains[*number as usize] = Arc::new(Chain::of(self, &self.routes.targets[*number as usize]));
        }
        self.chains = chains.into();
        self.links = self.links.patched(self, &targets);
    }

    /// Whether a target may lead elsewhere than before, or rest on another reading.
    fn is_touched(
        &self,
        previous: &View,
        changed: &[u32],
        touched: &BTreeSet<(u32, std::net::IpAddr)>,
        number: u32,
    ) -> bool {
        let Target { network, host } = &self.routes.targets[number as usize];
        let name = match host {
            TargetHost::Address(address) => return touched.contains(&(*network, *address)),
            TargetHost::Name(name) => name,
        };
        let address = self.chains[number as usize].address.as_ref().and_then(|hop| hop.target);
        if let Some(ObjectRef::Address(address)) = address
            && touched.contains(&(address.network, address.address))
        {
            return true;
        }
        let hash = hash_name(name);
        let bears = |part: &Part| part.guests_named(name, hash).next().is_some();
        let here = |source: &&u32| self.layout.of(**source) == *network;
        changed
            .iter()
            .filter(here)
            .any(|source| bears(&previous.parts[*source as usize]) || bears(&self.parts[*source as usize]))
            || self.hypervisors[*network as usize]
                .bearers(name)
                .iter()
                .any(|node| changed.binary_search(&node.source).is_ok())
    }
}

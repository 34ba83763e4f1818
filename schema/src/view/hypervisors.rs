//! The hypervisors of one network, over all its clusters: their names, their MACs, and who heard them.
//!
//! Proxmox' API names no MAC of a node: they are those of the clients that have its address, and those that its agent
//! reports.

use std::collections::BTreeMap;

use super::View;
use super::evidence::JoinRule;
use super::refs::{ClientRef, NodeRef, SourceRef};
use crate::Mac;
use crate::address::canonical;
use crate::fact::Seen;

/// A MAC of a node, and how it is known.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NodeMac {
    pub(crate) mac: Mac,
    /// `NodeClient` or `AgentMac`.
    pub(crate) rule: JoinRule,
    pub(crate) source: SourceRef,
    pub(crate) seen: Seen,
}

/// See the module.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Hypervisors {
    /// In lower case.
    by_name: BTreeMap<Box<str>, Vec<NodeRef>>,
    macs: BTreeMap<NodeRef, Vec<NodeMac>>,
    /// What was heard of each: the place in the fabric's list, and whether its chassis told.
    heard: BTreeMap<NodeRef, Vec<(usize, bool)>>,
}

impl Hypervisors {
    pub(crate) fn new(view: &View, network: u32) -> Self {
        let mut all = Self::default();
        let mut by_mac: BTreeMap<Mac, Vec<NodeRef>> = BTreeMap::new();
        for node in view.nodes().iter().filter(|node| view.layout.of(node.source) == network) {
            let name = view.node(node).name.to_lowercase();
            all.by_name.entry(name.into()).or_default().push(node);
            let macs = macs(view, network, node);
            for mac in &macs {
                let bearers = by_mac.entry(mac.mac).or_default();
                if bearers.last() != Some(&node) {
                    bearers.push(node);
                }
            }
            if !macs.is_empty() {
                all.macs.insert(node, macs);
            }
        }
        for (place, heard) in view.fabrics[network as usize].heard.iter().enumerate() {
            let by_chassis = heard.chassis.and_then(|mac| by_mac.get(&mac));
            if let Some(nodes) = by_chassis {
                for node in nodes {
                    all.heard.entry(*node).or_default().push((place, true));
                }
            } else if let Some(node) = heard.name.as_deref().and_then(|name| all.only(name)) {
                all.heard.entry(node).or_default().push((place, false));
            }
        }
        all
    }

    /// The nodes that bear a name, given in lower case.
    pub(crate) fn bearers(&self, name: &str) -> &[NodeRef] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }

    /// The one node that bears a name.
    pub(crate) fn only(&self, name: &str) -> Option<NodeRef> {
        match self.bearers(name) {
            [one] => Some(*one),
            _ => None,
        }
    }

    pub(crate) fn macs_of(&self, node: NodeRef) -> &[NodeMac] {
        self.macs.get(&node).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn heard_of(&self, node: NodeRef) -> &[(usize, bool)] {
        self.heard.get(&node).map_or(&[], Vec::as_slice)
    }
}

/// A node's MACs: those of clients with its address first.
fn macs(view: &View, network: u32, node: NodeRef) -> Vec<NodeMac> {
    let fabric = &view.fabrics[network as usize];
    let fact = view.node(node);
    let mut macs = Vec::new();
    if let Some(address) = fact.address.map(canonical) {
        for claim in view.tables[network as usize].of(address) {
            if let Some(client) = claim.client() {
                let found: ClientRef = client;
                let client = view.client(found);
                macs.push(NodeMac {
                    mac: client.mac,
                    rule: JoinRule::NodeClient,
                    source: found.source(),
                    seen: client.seen,
                });
            }
        }
    }
    let cluster = view.name_of(node.source);
    for (mac, source, seen) in fabric.agent_macs_of(cluster, &fact.name) {
        macs.push(NodeMac { mac: *mac, rule: JoinRule::AgentMac, source: *source, seen: *seen });
    }
    macs.retain(|mac| !mac.mac.is_anonymous() && !fabric.is_device(mac.mac));
    macs.sort_by_key(|mac| (mac.rule, mac.mac, mac.source));
    macs.dedup_by_key(|mac| (mac.rule, mac.mac));
    macs
}

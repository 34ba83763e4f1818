//! A node: what the list, its own status and its network say, and what is remembered where one of them is silent.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use schema::fact::{NodeFact, NodeStatus, Seen};
use schema::{Timestamp, address};

use super::entries::NodeEntry;
use super::property;
use super::wire::{self, NodeInterface};

/// A node's network seldom changes.
const NETWORK_EVERY: Duration = Duration::from_mins(5);

/// What is remembered of a node.
#[derive(Default)]
pub(super) struct NodeMemory {
    network: Network,
    network_due: Timestamp,
    asked_at: Timestamp,
    /// What was last asserted of it.
    pub(super) fact: Option<NodeFact>,
}

/// Whether it was silent last time, and when that was: the lesser turn comes first.
pub(super) type Turn = (bool, Timestamp);

/// What is read of a node's network.
#[derive(Clone, Copy, Default)]
struct Network {
    /// Of the interface with the default gateway.
    address: Option<IpAddr>,
    bonded: bool,
}

/// What was said of a node in this round.
pub(super) struct Said<'a> {
    pub(super) entry: &'a NodeEntry,
    /// By `/cluster/status`.
    pub(super) online: Option<bool>,
    /// By `/cluster/status`.
    pub(super) address: Option<IpAddr>,
    /// By itself.
    pub(super) status: Option<&'a wire::NodeStatus>,
    /// It is said to be online, was asked, and did not answer.
    pub(super) silent: bool,
}

impl NodeMemory {
    /// When it is asked, of several.
    pub(super) fn turn(&self) -> Turn {
        (self.fact.as_ref().is_some_and(|fact| fact.seen.stale), self.asked_at)
    }

    pub(super) fn note_asked(&mut self, now: Timestamp) {
        self.asked_at = now;
    }

    pub(super) fn network_is_due(&self, now: Timestamp) -> bool {
        now >= self.network_due
    }

    pub(super) fn note_network(&mut self, interfaces: &[NodeInterface], now: Timestamp) {
        let own = |address: &Option<String>, gateway: &Option<String>| match (address, gateway) {
            (Some(address), Some(_)) => {
                property::address(address).filter(|one| address::names_a_machine(*one))
            }
            _ => None,
        };
        let first = |all: Vec<Option<IpAddr>>| all.into_iter().flatten().next();
        let v4 = first(interfaces.iter().map(|one| own(&one.address, &one.gateway)).collect());
        let v6 = first(interfaces.iter().map(|one| own(&one.address6, &one.gateway6)).collect());
        let is_bond = |one: &NodeInterface| matches!(one.kind.as_deref(), Some("bond" | "OVSBond"));
        self.network = Network { address: v4.or(v6), bonded: interfaces.iter().any(is_bond) };
        self.network_due = now.plus(NETWORK_EVERY);
    }

    /// The node as it is now known.
    pub(super) fn assert(&mut self, name: &Arc<str>, now_said: &Said<'_>, now: Timestamp) -> NodeFact {
        let Said { entry, online, address, status: own, silent } = *now_said;
        let listed = &entry.resource;
        let nothing = wire::NodeStatus::default();
        let own = own.unwrap_or(&nothing);
        let earlier = self.fact.as_ref();
        let memory = own.memory.as_ref();
        // Of an offline node the list says 0 processors and 0 bytes, which nobody means.
        let cpus = listed.maxcpu.and_then(whole).filter(|cpus| *cpus > 0);
        let cpus = cpus.or(own.cpuinfo.as_ref().and_then(|info| info.cpus));
        let memory_bytes = listed.maxmem.filter(|bytes| *bytes > 0);
        let fact = NodeFact {
            name: Arc::clone(name),
            status: status(entry, online),
            address: address.or(self.network.address).or(earlier.and_then(|fact| fact.address)),
            cpus: cpus.and_then(|cpus| u32::try_from(cpus).ok()).or_else(|| earlier?.cpus),
            cpu_usage: listed.cpu.or(own.cpu),
            memory_bytes: memory_bytes.or_else(|| memory?.total).or_else(|| earlier?.memory_bytes),
            memory_used_bytes: listed.mem.or_else(|| memory?.used),
            uptime_seconds: listed.uptime.or(own.uptime),
            version: own
                .pveversion
                .as_deref()
                .map(|text| text.split('/').nth(1).unwrap_or(text).into())
                .or_else(|| earlier.and_then(|fact| fact.version.clone())),
            bonded: self.network.bonded,
            seen: Seen {
                at: if silent { earlier.map_or(now, |fact| fact.seen.at) } else { now },
                stale: silent,
            },
        };
        self.fact = Some(fact.clone());
        fact
    }
}

/// The list's word, else that of `/cluster/status`.
pub(super) fn status(entry: &NodeEntry, online: Option<bool>) -> NodeStatus {
    entry.status.unwrap_or(match online {
        Some(true) => NodeStatus::Online,
        Some(false) => NodeStatus::Offline,
        None => NodeStatus::Unknown,
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of processors, checked just before"
)]
fn whole(count: f64) -> Option<u64> {
    (0.0..1e6).contains(&count).then_some(count as u64)
}

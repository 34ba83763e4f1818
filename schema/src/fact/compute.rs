//! Hypervisors and what runs on them, in Proxmox' words.

use std::net::IpAddr;
use std::sync::Arc;

use super::Seen;
use crate::Mac;

/// The cluster (or the single node) that a Proxmox source is. Its name in fleetgraph is the source's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClusterFact {
    /// What Proxmox calls it (`/cluster/status`); `None` for a node that is in no cluster.
    pub proxmox_name: Option<Box<str>>,
    /// Whether it has quorum; `None` where the API did not say.
    pub quorate: Option<bool>,
    /// `/version`.
    pub version: Option<Box<str>>,
    /// How well it is known.
    pub seen: Seen,
}

/// A hypervisor.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeFact {
    /// Its name within the cluster.
    pub name: Arc<str>,
    /// Proxmox' word.
    pub status: NodeStatus,
    /// Its own address (`/cluster/status`, else the interface with the default gateway).
    pub address: Option<IpAddr>,
    /// Logical processors.
    pub cpus: Option<u32>,
    /// 0..1 of all of them.
    pub cpu_usage: Option<f64>,
    /// Bytes.
    pub memory_bytes: Option<u64>,
    /// Bytes.
    pub memory_used_bytes: Option<u64>,
    /// Seconds.
    pub uptime_seconds: Option<f64>,
    /// Proxmox VE's version on it.
    pub version: Option<Box<str>>,
    /// It has a bond: several switch ports may be its own at once.
    pub bonded: bool,
    /// How well it is known.
    pub seen: Seen,
}

/// What an agent says of its node's interfaces; Proxmox' API names no MAC of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeMacFact {
    /// The cluster, by its source's name.
    pub cluster: Box<str>,
    /// The node.
    pub node: Arc<str>,
    /// One of its MACs.
    pub mac: Mac,
    /// How well it is known.
    pub seen: Seen,
}

/// A virtual machine or a container.
#[derive(Clone, Debug, PartialEq)]
pub struct GuestFact {
    /// Unique within the cluster only.
    pub vmid: u32,
    /// Not unique.
    pub name: Box<str>,
    /// QEMU or LXC.
    pub kind: GuestKind,
    /// Where Proxmox says it is; `None` only for a guest that a source other than Proxmox asserts.
    pub node: Option<Arc<str>>,
    /// Proxmox' word.
    pub status: GuestStatus,
    /// A template holds no address and runs nothing.
    pub template: bool,
    /// In the order Proxmox gives them.
    pub tags: Box<[Box<str>]>,
    /// The resource pool.
    pub pool: Option<Box<str>>,
    /// backup, migrate, snapshot, ...
    pub lock: Option<Box<str>>,
    /// Cores, or the fraction of one that a container may use.
    pub cpus: Option<f64>,
    /// 0..1 of `cpus`.
    pub cpu_usage: Option<f64>,
    /// Bytes.
    pub memory_bytes: Option<u64>,
    /// Bytes.
    pub memory_used_bytes: Option<u64>,
    /// Bytes.
    pub disk_bytes: Option<u64>,
    /// Seconds.
    pub uptime_seconds: Option<f64>,
    /// In the order of the configuration (net0, net1, ...).
    pub nics: Box<[NicFact]>,
    /// Why nothing that Proxmox said gives an address, where that is so.
    pub ip_reason: Option<IpReason>,
    /// Whether what it bears could be read.
    pub reading: Reading,
    /// How well it is known.
    pub seen: Seen,
}

/// Whether what a guest bears could be read: its interfaces and, where it runs, their addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// As far as there is anybody to ask: that its agent is off or silent is an answer.
    #[default]
    Done,
    /// Nobody has come to it since it was first listed or last started.
    NotYet,
    /// It was tried, and refused or failed: some address may be its own that nobody knows.
    Failed,
}

/// An interface of a guest, with every address that some rule gives it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NicFact {
    /// `net0` of the configuration; the interface's name within the guest is not kept.
    pub name: Box<str>,
    /// From the configuration.
    pub mac: Option<Mac>,
    /// `vmbr0`.
    pub bridge: Option<Box<str>>,
    /// 802.1Q.
    pub vlan_tag: Option<u16>,
    /// What Proxmox says of its addresses, by rule; all rules, not only the best: the join chooses.
    pub claims: Box<[AddressClaim]>,
}

/// One rule's word that an interface has an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AddressClaim {
    /// Which rule.
    pub origin: AddressOrigin,
    /// Canonical, without prefix length.
    pub address: IpAddr,
    /// From an earlier reading (an agent that fell silent).
    pub stale: bool,
}

/// Whence an interface's address is known; best first (DESIGN, The join).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AddressOrigin {
    /// QEMU's guest agent.
    GuestAgent,
    /// A container's own interfaces.
    ContainerInterfaces,
    /// A static address of a container's `netN`.
    StaticConfig,
    /// The controller's client of that MAC.
    ClientTable,
    /// `ipconfigN`: what cloud-init was told.
    CloudInit,
    /// IPAM or a declared file.
    Declared,
}

/// QEMU or LXC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GuestKind {
    /// A virtual machine.
    Qemu,
    /// A container.
    Lxc,
}

/// Proxmox' word for a guest, in the order in which holders of one address are preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GuestStatus {
    /// Runs.
    Running,
    /// Nobody can tell: its node does not answer.
    Unknown,
    /// Paused.
    Paused,
    /// Suspended to disk.
    Suspended,
    /// Stopped.
    Stopped,
}

/// Proxmox' word for a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NodeStatus {
    /// Answers.
    Online,
    /// Nobody can tell.
    Unknown,
    /// Does not answer.
    Offline,
}

/// Why a guest has no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IpReason {
    /// The guest agent is not enabled in its configuration.
    AgentOff,
    /// It is enabled and does not answer.
    AgentError,
    /// The guest does not run, and its configuration names no address.
    Stopped,
    /// A container or cloud-init on DHCP, and nobody saw the lease.
    DhcpUnknown,
    /// The credentials may not ask.
    NoPermission,
}

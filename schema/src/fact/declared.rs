//! What people wrote down: subnets, VLANs, addresses and cables, in an IPAM, in files, or as a controller's settings.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::Seen;
use crate::Mac;

/// A subnet.
#[derive(Clone, Debug, PartialEq)]
pub struct SubnetFact {
    /// The source's own id.
    pub reference: Box<str>,
    /// Its range.
    pub cidr: IpNet,
    /// Equal ranges mean the same only within one network.
    pub network: Arc<str>,
    /// As people call it.
    pub name: Option<Box<str>>,
    /// A [`VlanFact`]'s reference in the same source.
    pub vlan: Option<Box<str>>,
    /// Its place's environment, where it is not the source's.
    pub environment: Option<Arc<str>>,
    /// How well it is known.
    pub seen: Seen,
}

/// A VLAN.
#[derive(Clone, Debug, PartialEq)]
pub struct VlanFact {
    /// The source's own id.
    pub reference: Box<str>,
    /// 1 to 4094.
    pub vlan_id: u16,
    /// As people call it.
    pub name: Box<str>,
    /// Whether it is in use.
    pub state: VlanState,
    /// How well it is known.
    pub seen: Seen,
}

/// An address that somebody wrote down.
#[derive(Clone, Debug, PartialEq)]
pub struct AssignmentFact {
    /// The source's own id: of a file the line (`ip-addresses.conf:12`), of IPAM the row.
    pub reference: Box<str>,
    /// The address.
    pub address: IpAddr,
    /// Equal addresses mean the same only within one network.
    pub network: Arc<str>,
    /// What it is called there: a host's name, or a file's KEY.
    pub hostname: Option<Box<str>>,
    /// The guest that is said to bear it.
    pub vmid: Option<u32>,
    /// Its cluster, where it was written down; else any of the network's.
    pub cluster: Option<Box<str>>,
    /// The interface that is said to bear it.
    pub mac: Option<Mac>,
    /// 802.1Q; a [`VlanFact`]'s reference in the same source.
    pub vlan: Option<Box<str>>,
    /// Who answers for it.
    pub owner_team: Option<Box<str>>,
    /// What it is for.
    pub service: Option<Box<str>>,
    /// Whether it may stand on several machines.
    pub role: IpRole,
    /// Whether it is in force.
    pub status: IpStatus,
    /// The place where it was written down: a table, or file and line.
    pub declared_in: Box<str>,
    /// For optimistic locking; 1 where the source counts none.
    pub version: i32,
    /// A key by which hosts and gateways name themselves (PROXMOX_HOST_*, NETWORK_GATEWAY, UDM_PRO_*, WAN_AGGREGATOR_*):
    /// that no guest bears it is as it should be.
    pub not_a_guest: bool,
    /// How well it is known.
    pub seen: Seen,
}

/// A guest that somebody wrote down without an address: its cell said `DHCP`, `TBD` or nothing. It is no less declared.
#[derive(Clone, Debug, PartialEq)]
pub struct DeclaredGuestFact {
    /// The source's own id: the line (`docs/VMIDS.md:12`).
    pub reference: Box<str>,
    /// The guest.
    pub vmid: u32,
    /// Its cluster, where it was written down; else any of the network's.
    pub cluster: Option<Box<str>>,
    /// What it is called there.
    pub hostname: Option<Box<str>>,
    /// The place where it was written down: file and line.
    pub declared_in: Box<str>,
    /// How well it is known.
    pub seen: Seen,
}

/// A cable that somebody wrote down.
#[derive(Clone, Debug, PartialEq)]
pub struct PortMapFact {
    /// The source's own id.
    pub reference: Box<str>,
    /// The switch, by name or MAC as written.
    pub switch: Box<str>,
    /// Its port.
    pub port: u16,
    /// The node at the other end.
    pub node: Box<str>,
    /// Its cluster, where it was written down.
    pub cluster: Option<Box<str>>,
    /// The patch panel's socket.
    pub panel: Option<Box<str>>,
    /// The node's interface.
    pub nic: Option<Box<str>>,
    /// The aggregation group, as written.
    pub lag: Option<Box<str>>,
    /// 802.1Q, untagged.
    pub vlan: Option<u16>,
    /// Mbit/s.
    pub speed_mbps: Option<u32>,
    /// The place where it was written down.
    pub declared_in: Box<str>,
    /// How well it is known.
    pub seen: Seen,
}

/// Whether an address may stand on several machines (VIP, ANYCAST).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IpRole {
    /// One machine's.
    #[default]
    Host,
    /// Moves between machines.
    Vip,
    /// On several at once.
    Anycast,
    /// A router's.
    Gateway,
    /// A switch's, a controller's.
    Infrastructure,
}

/// Whether an assignment is in force.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IpStatus {
    /// In force.
    #[default]
    Active,
    /// Kept for something to come.
    Reserved,
    /// To be given up.
    Deprecated,
    /// On its way from one machine to another.
    Migrating,
}

/// Whether a VLAN is in use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VlanState {
    /// In use.
    #[default]
    Current,
    /// To come.
    Planned,
    /// Gone.
    Retired,
}

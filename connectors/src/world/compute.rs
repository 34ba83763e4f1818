//! Clusters, their nodes, and what runs on them.

use std::net::IpAddr;

use schema::fact::{AddressOrigin, GuestKind, GuestStatus};
use schema::{Mac, Timestamp};

use super::PortAt;
use super::show;

/// A Proxmox VE cluster: one source of kind `proxmox`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Cluster {
    /// The name of its source, unique in the world: `pve-1`.
    pub source: String,
    /// What Proxmox calls it; `None` for a single node that is in no cluster.
    pub proxmox_name: Option<String>,
    /// First level of its place.
    pub cloud: String,
    /// Second level of its place.
    pub environment: String,
    /// Its network, by name ([`super::Network::name`]).
    pub network: String,
    /// Whether it has quorum.
    pub quorate: bool,
    /// `9.1.2`: Proxmox VE's version on all its nodes.
    pub version: String,
    /// The servers that answer its API; the first is `url`, the others `fallback_urls`.
    pub api: Vec<ApiServer>,
    /// The token that may read it all.
    #[serde(skip)]
    pub token: ApiToken,
    /// Its hypervisors, by name.
    pub nodes: Vec<Node>,
    /// Its guests, ascending by VMID.
    pub guests: Vec<Guest>,
}

/// One address of a cluster's API.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct ApiServer {
    /// By which faults are switched on: `pve-1` the first, `pve-1.pve1b` the others.
    pub name: String,
    /// The node that it is.
    pub node: String,
}

/// A Proxmox API token, simulated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiToken {
    /// `reader@pve!fleetgraph`
    pub id: String,
    /// A UUID.
    pub secret: String,
}

/// A hypervisor.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Node {
    /// Unique within its cluster; here within the world.
    pub name: String,
    /// Its own address.
    #[serde(serialize_with = "show::one")]
    pub address: IpAddr,
    /// Of its management interface; of a bond, the first slave's.
    #[serde(serialize_with = "show::one")]
    pub mac: Mac,
    /// Dead: it is listed, and everything asked of it is answered 595.
    pub online: bool,
    /// When it was started.
    #[serde(serialize_with = "show::time")]
    pub started_at: Timestamp,
    /// Logical processors.
    pub cpus: u32,
    /// 0..1 of all of them.
    pub cpu_usage: f64,
    /// Bytes.
    pub memory_bytes: u64,
    /// Bytes.
    pub memory_used_bytes: u64,
    /// Its physical interfaces, each with the port that it is cabled to.
    pub nics: Vec<NodeNic>,
    /// How those are bonded; `None`: only the first carries anything.
    pub bond: Option<Bond>,
    /// It speaks LLDP (`lldpd` runs on it), so that its switch hears it by name and MAC.
    pub lldp: bool,
    /// The controller sees its own address as a client.
    pub seen_as_client: bool,
}

/// A physical interface of a node.
#[derive(Clone, Debug, serde::Serialize)]
pub struct NodeNic {
    /// `eno1`
    pub name: String,
    /// Its own MAC.
    #[serde(serialize_with = "show::one")]
    pub mac: Mac,
    /// The port at the other end of its cable.
    pub port: Option<PortAt>,
}

/// How a node bonds its interfaces.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bond {
    /// 802.3ad: the switch knows of it, its ports are one LAG.
    Lag,
    /// active-backup: the switch knows nothing of it; traffic is on the first interface.
    ActiveBackup,
}

/// A virtual machine or a container.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Guest {
    /// Unique within its cluster only.
    pub vmid: u32,
    /// Not unique.
    pub name: String,
    /// QEMU or LXC.
    #[serde(serialize_with = "show::debug")]
    pub kind: GuestKind,
    /// The node it is on, an index into [`Cluster::nodes`].
    pub node: usize,
    /// What it does. Of a dead node's guests: what it did; Proxmox then says `unknown`.
    #[serde(serialize_with = "show::debug")]
    pub status: GuestStatus,
    /// It is a template.
    pub template: bool,
    /// In the order that somebody wrote them.
    pub tags: Vec<String>,
    /// Its resource pool.
    pub pool: Option<String>,
    /// `backup`, `migrate`, ...
    pub lock: Option<String>,
    /// Cores.
    pub cpus: u32,
    /// 0..1 of `cpus`.
    pub cpu_usage: f64,
    /// Bytes.
    pub memory_bytes: u64,
    /// Bytes.
    pub memory_used_bytes: u64,
    /// Bytes.
    pub disk_bytes: u64,
    /// When it was last started; of no meaning unless it runs.
    #[serde(serialize_with = "show::time")]
    pub started_at: Timestamp,
    /// QEMU only: what asking its agent brings.
    pub agent: Agent,
    /// Its interfaces: net0, net1, ...
    pub nics: Vec<Nic>,
    /// Interfaces that only the guest itself knows (docker0, cali...): reported by the agent, in no configuration.
    pub inner: Vec<InnerInterface>,
}

/// What asking a virtual machine's guest agent brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Agent {
    /// Its interfaces and addresses.
    Answers,
    /// `QEMU guest agent is not running`: enabled in the configuration, silent in the guest.
    Silent,
    /// `No QEMU guest agent configured`.
    Off,
    /// 200 with an error object in `result`, as an old agent on Windows sends it.
    Unsupported,
}

/// An interface of a guest.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Nic {
    /// `vmbr0`
    pub bridge: String,
    /// Its MAC.
    #[serde(serialize_with = "show::one")]
    pub mac: Mac,
    /// 802.1Q.
    pub vlan: Option<u16>,
    /// The addresses it really has while its guest runs (a stopped guest would have them again), without link-local ones.
    #[serde(serialize_with = "show::many")]
    pub addresses: Vec<IpAddr>,
    /// What the guest's configuration says of them.
    pub configured: Configured,
}

/// What a guest's configuration says of an interface's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Configured {
    /// Container: `ip=10.1.0.5/22`; VM with cloud-init: `ipconfig0: ip=10.1.0.5/22`.
    Static,
    /// `ip=dhcp`.
    Dhcp,
    /// Nothing: a VM that was set up by hand.
    Nothing,
}

/// An interface that only the guest itself knows.
#[derive(Clone, Debug, serde::Serialize)]
pub struct InnerInterface {
    /// `docker0`
    pub name: String,
    /// Often shared between guests: `ee:ee:ee:ee:ee:ee`.
    #[serde(serialize_with = "show::one")]
    pub mac: Mac,
    /// Of a network inside of the guest; may repeat everywhere.
    #[serde(serialize_with = "show::one")]
    pub address: IpAddr,
}

/// A guest by name: the cluster's index in the world, and the VMID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct GuestAt {
    /// An index into [`super::World::clusters`].
    pub cluster: usize,
    /// Its VMID there.
    pub vmid: u32,
}

/// A node by name: both indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct NodeAt {
    /// An index into [`super::World::clusters`].
    pub cluster: usize,
    /// An index into [`Cluster::nodes`].
    pub node: usize,
}

impl Cluster {
    /// The guest of that VMID; found by binary search.
    pub fn guest(&self, vmid: u32) -> Option<&Guest> {
        self.guests.binary_search_by_key(&vmid, |guest| guest.vmid).ok().map(|at| &self.guests[at])
    }

    /// The node of that name, with its index.
    pub fn node(&self, name: &str) -> Option<(usize, &Node)> {
        self.nodes.iter().enumerate().find(|(_, node)| node.name == name)
    }

    /// What Proxmox says of the guest's status: nobody can tell what a dead node's guests do.
    pub fn status_of(&self, guest: &Guest) -> GuestStatus {
        if self.nodes[guest.node].online { guest.status } else { GuestStatus::Unknown }
    }
}

impl Guest {
    /// Whether its interfaces can be seen on the wire.
    pub fn runs(&self) -> bool {
        self.status == GuestStatus::Running && !self.template
    }

    /// The best rule by which Proxmox alone tells the addresses of an interface; `None` where it cannot. A stopped guest
    /// tells only what is configured.
    pub fn told_by(&self, nic: &Nic) -> Option<AddressOrigin> {
        match (self.kind, self.runs(), self.agent, nic.configured) {
            (GuestKind::Lxc, true, _, _) => Some(AddressOrigin::ContainerInterfaces),
            (GuestKind::Lxc, false, _, Configured::Static) => Some(AddressOrigin::StaticConfig),
            (GuestKind::Qemu, true, Agent::Answers, _) => Some(AddressOrigin::GuestAgent),
            (GuestKind::Qemu, _, _, Configured::Static) => Some(AddressOrigin::CloudInit),
            _ => None,
        }
    }
}

//! Networks: each a UniFi controller with its gateway and switches, what hangs on them, and what was written down of it.

use std::net::IpAddr;

use ipnet::IpNet;
use schema::fact::{DeviceKind, IpRole, IpStatus, Protocol, VlanState};
use schema::{Mac, Timestamp};

use super::{GuestAt, LeadsTo, NodeAt, show};

/// A site: equal addresses mean the same only within one. One source of kind `unifi`.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Network {
    /// What `network =` says in the configuration of every source of it: `default`, `branch`, ...
    pub name: String,
    /// Its controller.
    pub controller: Controller,
    /// Its VLANs and their subnets, as configured on the controller and written down in the IPAM.
    pub vlans: Vec<Vlan>,
    /// Gateway first, then the core switch, then the others below it.
    pub devices: Vec<Device>,
    /// The client table: where the controller last saw each MAC, which is not always where it is.
    pub clients: Vec<Client>,
    /// Port forwards of the gateway.
    pub port_forwards: Vec<PortForward>,
    /// Addresses that somebody wrote down.
    pub assignments: Vec<Assignment>,
    /// Cables that somebody wrote down.
    pub cables: Vec<Cable>,
}

/// A UniFi controller, simulated.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Controller {
    /// The name of its source: `unifi-1`.
    pub source: String,
    /// Its site, as in `/api/s/{site}/`.
    pub site: String,
    /// 24 hex digits, the site's `_id`.
    pub site_id: String,
    /// For the Integration API: a UUID, the site's id there.
    pub site_uuid: String,
    /// `9.5.21`
    pub version: String,
    /// What `X-API-KEY` must say.
    #[serde(skip)]
    pub api_key: String,
    /// For `/api/auth/login`.
    #[serde(skip)]
    pub username: String,
    /// For `/api/auth/login`.
    #[serde(skip)]
    pub password: String,
}

/// A VLAN with its one subnet.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Vlan {
    /// 24 hex digits, the controller's `_id` of its network.
    pub reference: String,
    /// 1 to 4094; 1 is untagged.
    pub id: u16,
    /// As people call it.
    pub name: String,
    /// Its subnet.
    #[serde(serialize_with = "show::one")]
    pub cidr: IpNet,
    /// Whether it is in use; only those that are stand on the controller.
    #[serde(serialize_with = "show::debug")]
    pub state: VlanState,
}

/// A switch, gateway or access point.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Device {
    /// 24 hex digits, the controller's `_id`.
    pub reference: String,
    /// Its identity.
    #[serde(serialize_with = "show::one")]
    pub mac: Mac,
    /// As people call it.
    pub name: String,
    /// UniFi's model code: `USL48P`, `UDMPRO`, ...
    pub model: String,
    /// What it is.
    #[serde(serialize_with = "show::debug")]
    pub kind: DeviceKind,
    /// Its own address.
    #[serde(serialize_with = "show::one")]
    pub address: IpAddr,
    /// state 1; else 0.
    pub online: bool,
    /// When it was started.
    #[serde(serialize_with = "show::time")]
    pub started_at: Timestamp,
    /// Its firmware is older: it tells its neighbours port by port, with their names, and newer firmware without.
    pub older_firmware: bool,
    /// How many devices are above it.
    pub depth: u32,
    /// The port of the device above that it hangs on, and its own port to there.
    pub uplink: Option<Uplink>,
    /// Its ports, 1, 2, ...: port `n` is at index `n - 1`.
    pub ports: Vec<Port>,
}

/// How a device hangs on the one above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Uplink {
    /// Its own port.
    pub own_port: u16,
    /// The device above, and the port there.
    pub above: PortAt,
}

/// A port of a device.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Port {
    /// `port_idx`
    pub number: u16,
    /// As people call it; `Port 7` where nobody did.
    pub name: String,
    /// It has link.
    pub up: bool,
    /// Mbit/s, with link; what it could do, without.
    pub speed_mbps: u32,
    /// It can feed what hangs on it, and does: `Some(true)`.
    pub poe: Option<bool>,
    /// It leads to the device above.
    pub is_uplink: bool,
    /// It leads to that device below.
    #[serde(serialize_with = "show::maybe")]
    pub downlink: Option<Mac>,
    /// 802.1Q, untagged.
    pub native_vlan: u16,
    /// 802.1Q, ascending.
    pub tagged_vlans: Vec<u16>,
    /// The LAG it belongs to: the lowest port of the group.
    pub lag: Option<u16>,
    /// What was heard on it by LLDP.
    pub neighbour: Option<Neighbour>,
}

/// What a port heard by LLDP.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Neighbour {
    /// Chassis id: a MAC of the neighbour.
    #[serde(serialize_with = "show::one")]
    pub chassis: Mac,
    /// Its system name as sent, perhaps with a domain.
    pub system_name: String,
    /// Port id: of a node the interface's MAC, of a switch `Port 3`.
    pub port_id: String,
}

/// A port by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct PortAt {
    /// The device's MAC.
    #[serde(serialize_with = "show::one")]
    pub switch: Mac,
    /// Its number.
    pub port: u16,
}

/// A row of the client table.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Client {
    /// 24 hex digits, the controller's `_id`.
    pub reference: String,
    /// Its identity.
    #[serde(serialize_with = "show::one")]
    pub mac: Mac,
    /// What it was last seen with.
    #[serde(serialize_with = "show::maybe")]
    pub address: Option<IpAddr>,
    /// Its own word (DHCP).
    pub hostname: Option<String>,
    /// What people call it.
    pub name: Option<String>,
    /// The VLAN it was seen in, an index into [`Network::vlans`].
    pub vlan: usize,
    /// By cable.
    pub wired: bool,
    /// Where it was last seen; `None` by radio.
    pub port: Option<PortAt>,
    /// Seconds before the asker's `now` at which it was last seen.
    pub seen_seconds_ago: u32,
    /// Off: it is not in the table of active clients now (its guest was stopped).
    pub active: bool,
    /// What it is in truth.
    pub is: ClientIs,
}

/// What a client is in truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientIs {
    /// An interface of a guest.
    Guest(GuestAt),
    /// A node: its cluster and its index there.
    Node(NodeAt),
    /// Something that no other source knows: a NAS, a printer, a telephone.
    Other,
}

/// A port forward of the gateway.
#[derive(Clone, Debug, serde::Serialize)]
pub struct PortForward {
    /// 24 hex digits, the controller's `_id`.
    pub reference: String,
    /// As people call it.
    pub name: String,
    /// Disabled ones forward nothing.
    pub enabled: bool,
    /// tcp, udp or both.
    #[serde(serialize_with = "show::debug")]
    pub protocol: Protocol,
    /// `443`, `80,443`, `8000-8100`
    pub public_port: String,
    /// Where it leads.
    #[serde(serialize_with = "show::one")]
    pub forward_address: IpAddr,
    /// The port there.
    pub forward_port: String,
    /// What really is there.
    pub leads_to: LeadsTo,
}

/// An address that somebody wrote down, in the IPAM or in a file.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Assignment {
    /// Where it was written.
    pub written: Written,
    /// The address.
    #[serde(serialize_with = "show::one")]
    pub address: IpAddr,
    /// What it is called there; in a `.conf` the KEY.
    pub hostname: Option<String>,
    /// The guest that is said to bear it.
    pub vmid: Option<u32>,
    /// That guest's cluster, by its source's name, where it was written down.
    pub cluster: Option<String>,
    /// The interface that is said to bear it.
    #[serde(serialize_with = "show::maybe")]
    pub mac: Option<Mac>,
    /// Who answers for it.
    pub owner_team: Option<String>,
    /// What it is for.
    pub service: Option<String>,
    /// Whether it may stand on several machines.
    #[serde(serialize_with = "show::debug")]
    pub role: IpRole,
    /// Whether it is in force.
    #[serde(serialize_with = "show::debug")]
    pub status: IpStatus,
}

/// Where something was written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    /// The gateway's own tables.
    Ipam,
    /// `ip-addresses.conf`
    Conf,
    /// `ALL_VMIDS_ENDPOINTS.md`
    Markdown,
}

/// A cable that somebody wrote down.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Cable {
    /// Where it was written; never in a `.conf`.
    pub written: Written,
    /// The switch's name.
    pub switch: String,
    /// Its port.
    pub port: u16,
    /// The node's name.
    pub node: String,
    /// Its cluster, by its source's name.
    pub cluster: String,
    /// The patch panel's socket.
    pub panel: Option<String>,
    /// The node's interface.
    pub nic: Option<String>,
    /// The aggregation group.
    pub lag: Option<String>,
    /// 802.1Q, untagged.
    pub vlan: Option<u16>,
    /// Mbit/s.
    pub speed_mbps: Option<u32>,
}

impl Network {
    /// The device of that MAC; there are few.
    pub fn device(&self, mac: Mac) -> Option<&Device> {
        self.devices.iter().find(|device| device.mac == mac)
    }

    /// The gateway's own address, which every client of the network has as its router.
    pub fn gateway(&self) -> Option<&Device> {
        self.devices.iter().find(|device| device.kind == DeviceKind::Gateway)
    }
}

impl Device {
    /// The port of that number.
    pub fn port(&self, number: u16) -> Option<&Port> {
        usize::from(number).checked_sub(1).and_then(|at| self.ports.get(at))
    }

    /// All ports of the LAG that a port belongs to, ascending; the port alone where it belongs to none.
    pub fn group_of(&self, number: u16) -> Vec<u16> {
        match self.port(number).and_then(|port| port.lag) {
            None => vec![number],
            Some(lag) => {
                self.ports.iter().filter(|port| port.lag == Some(lag)).map(|port| port.number).collect()
            }
        }
    }
}

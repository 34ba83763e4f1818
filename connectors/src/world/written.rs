//! What people wrote down of a world, in the forms in which sources read it: files, and the rows of an IPAM.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::IpAddr;

use ipnet::IpNet;
use schema::Mac;
use schema::fact::{IpRole, IpStatus, VlanState};

use super::{Assignment, World, Written};

/// The rows of an IPAM, for every network at once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ipam {
    /// VLANs; within a network no two in use have the same number.
    pub vlans: Vec<IpamVlan>,
    /// Subnets; within a network no two are equal.
    pub subnets: Vec<IpamSubnet>,
    /// Addresses; within a network none twice, VIP and ANYCAST apart.
    pub assignments: Vec<IpamAssignment>,
    /// Cables; none ends in a port where another does.
    pub port_map: Vec<IpamCable>,
}

/// A VLAN.
#[derive(Clone, Debug, PartialEq)]
pub struct IpamVlan {
    /// Its network.
    pub network: String,
    /// 1 to 4094.
    pub vlan_id: u16,
    /// As people call it.
    pub name: String,
    /// Whether it is in use.
    pub state: VlanState,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq)]
pub struct IpamSubnet {
    /// Its network.
    pub network: String,
    /// Its range.
    pub cidr: IpNet,
    /// As people call it.
    pub name: String,
    /// Its VLAN's number, in the same network.
    pub vlan_id: u16,
}

/// An address.
#[derive(Clone, Debug, PartialEq)]
pub struct IpamAssignment {
    /// Its network.
    pub network: String,
    /// The address.
    pub address: IpAddr,
    /// What it is called.
    pub hostname: Option<String>,
    /// The guest that is said to bear it.
    pub vmid: Option<u32>,
    /// That guest's cluster; only where `vmid` is.
    pub cluster: Option<String>,
    /// The interface that is said to bear it.
    pub mac: Option<Mac>,
    /// Who answers for it.
    pub owner_team: Option<String>,
    /// What it is for.
    pub service: Option<String>,
    /// Whether it may stand on several machines.
    pub role: IpRole,
    /// Whether it is in force.
    pub status: IpStatus,
}

/// A cable.
#[derive(Clone, Debug, PartialEq)]
pub struct IpamCable {
    /// Its network.
    pub network: String,
    /// The switch's name.
    pub switch: String,
    /// Its port.
    pub port: u16,
    /// The node's name.
    pub node: String,
    /// Its cluster.
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

impl World {
    /// What the IPAM is seeded with.
    pub fn ipam(&self) -> Ipam {
        let mut ipam = Ipam::default();
        for network in &self.networks {
            let name = || network.name.clone();
            for vlan in &network.vlans {
                let (vlan_id, called) = (vlan.id, vlan.name.clone());
                let cidr = vlan.cidr;
                ipam.subnets.push(IpamSubnet { network: name(), cidr, name: called.clone(), vlan_id });
                ipam.vlans.push(IpamVlan { network: name(), vlan_id, name: called, state: vlan.state });
            }
            for row in network.assignments.iter().filter(|row| row.written == Written::Ipam) {
                let row = row.clone();
                ipam.assignments.push(IpamAssignment {
                    network: name(),
                    address: row.address,
                    hostname: row.hostname,
                    vmid: row.vmid,
                    cluster: row.cluster,
                    mac: row.mac,
                    owner_team: row.owner_team,
                    service: row.service,
                    role: row.role,
                    status: row.status,
                });
            }
            for row in network.cables.iter().filter(|row| row.written == Written::Ipam) {
                let row = row.clone();
                ipam.port_map.push(IpamCable {
                    network: name(),
                    switch: row.switch,
                    port: row.port,
                    node: row.node,
                    cluster: row.cluster,
                    panel: row.panel,
                    nic: row.nic,
                    lag: row.lag,
                    vlan: row.vlan,
                    speed_mbps: row.speed_mbps,
                });
            }
        }
        ipam
    }

    /// Declared files of the first network: name and content, in the formats of docs/reference.md, Declared files.
    pub fn declared_files(&self) -> Vec<(String, String)> {
        vec![("ip-addresses.conf".into(), self.conf()), ("ALL_VMIDS_ENDPOINTS.md".into(), self.markdown())]
    }

    /// What the first network's files declare.
    fn in_file(&self, written: Written) -> impl Iterator<Item = &Assignment> {
        let assignments = self.networks.first().map(|network| network.assignments.as_slice());
        assignments.unwrap_or_default().iter().filter(move |row| row.written == written)
    }

    fn conf(&self) -> String {
        let mut text = String::from(
            "# Addresses that scripts use. One KEY=value a line; read by shells and by fleetgraph.\n\
             PUBLIC_URL=\"https://app.example.org\"\n",
        );
        let mut earlier: BTreeMap<IpAddr, &str> = BTreeMap::new();
        for row in self.in_file(Written::Conf) {
            let key = row.hostname.as_deref().unwrap_or("ADDRESS");
            let line = match earlier.get(&row.address) {
                // People refer to what they wrote above.
                Some(above) => format!("{key}=\"${{{above}}}\""),
                None => format!("export {key}={}   # {}", row.address, role(row.role).to_lowercase()),
            };
            text.push_str(&line);
            text.push('\n');
            earlier.entry(row.address).or_insert(key);
        }
        text
    }

    fn markdown(&self) -> String {
        let mut text = String::from(
            "# All VMIDs and where they answer\n\nKept by hand; ask before you renumber.\n\n\
             | VMID | Hostname | IP Address | Cluster | Role | Status |\n| ---: | --- | --- | --- | --- | --- |\n",
        );
        for row in self.in_file(Written::Markdown) {
            let vmid = row.vmid.map_or_else(|| "-".to_owned(), |vmid| vmid.to_string());
            let hostname = row.hostname.as_deref().unwrap_or("-");
            let cluster = row.cluster.as_deref().unwrap_or("-");
            let (address, role, status) = (row.address, role(row.role), status(row.status));
            let line = format!("| {vmid} | **{hostname}** | `{address}` | {cluster} | {role} | {status} |");
            text.push_str(&line);
            text.push('\n');
        }
        text.push_str("\n## Cabling\n\n| Switch | Port | Node | NIC | Panel | LAG | VLAN | Speed |\n");
        text.push_str("| --- | ---: | --- | --- | --- | --- | ---: | ---: |\n");
        let cables = self.networks.first().map(|network| network.cables.as_slice()).unwrap_or_default();
        for row in cables.iter().filter(|row| row.written == Written::Markdown) {
            let or_dash = |cell: &Option<String>| cell.clone().unwrap_or_else(|| "-".into());
            let (nic, panel, lag) = (or_dash(&row.nic), or_dash(&row.panel), or_dash(&row.lag));
            let vlan = or_dash(&row.vlan.map(|vlan| vlan.to_string()));
            let speed = or_dash(&row.speed_mbps.map(|speed| speed.to_string()));
            let (switch, port, node) = (&row.switch, row.port, &row.node);
            // Writing to a String cannot fail.
            let _ =
                writeln!(text, "| {switch} | {port} | {node} | {nic} | {panel} | {lag} | {vlan} | {speed} |");
        }
        text
    }
}

fn role(role: IpRole) -> &'static str {
    match role {
        IpRole::Host => "HOST",
        IpRole::Vip => "VIP",
        IpRole::Anycast => "ANYCAST",
        IpRole::Gateway => "GATEWAY",
        IpRole::Infrastructure => "INFRASTRUCTURE",
    }
}

fn status(status: IpStatus) -> &'static str {
    match status {
        IpStatus::Active => "ACTIVE",
        IpStatus::Reserved => "RESERVED",
        IpStatus::Deprecated => "DEPRECATED",
        IpStatus::Migrating => "MIGRATING",
    }
}

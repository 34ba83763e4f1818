//! A guest's interfaces, in a configuration's words, in the agent's and in a container's.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr};

use schema::Mac;
use serde_json::{Value, json};

use crate::world::{Agent, Configured, Guest, Nic, Vlan};

use super::At;
use super::reply::{self, Refusal};

/// `virtio=BC:24:11:00:00:01,bridge=vmbr0,firewall=1,tag=101`
pub(super) fn qemu_net(nic: &Nic) -> String {
    let mut net = format!("virtio={},bridge={},firewall=1", upper(nic.mac), nic.bridge);
    add_tag(&mut net, nic);
    net
}

/// `name=eth0,bridge=vmbr0,firewall=1,gw=10.1.0.1,hwaddr=BC:24:11:00:00:01,ip=10.1.0.5/20,tag=101,type=veth`
pub(super) fn lxc_net(at: &At<'_>, number: usize, nic: &Nic) -> String {
    let mut net = format!("name=eth{number},bridge={},firewall=1,hwaddr={}", nic.bridge, upper(nic.mac));
    if let Some(told) = ipconfig(at, nic) {
        net.push(',');
        net.push_str(&told);
    }
    add_tag(&mut net, nic);
    net.push_str(",type=veth");
    net
}

fn add_tag(net: &mut String, nic: &Nic) {
    if let Some(tag) = nic.vlan {
        // Writing to a String cannot fail.
        let _ = write!(net, ",tag={tag}");
    }
}

/// `ip=10.1.0.5/20,gw=10.1.0.1,ip6=fd00::5/64`; nothing where nothing is configured.
pub(super) fn ipconfig(at: &At<'_>, nic: &Nic) -> Option<String> {
    match nic.configured {
        Configured::Nothing => None,
        Configured::Dhcp => Some("ip=dhcp".into()),
        Configured::Static => {
            let v4 = nic.addresses.iter().find(|address| address.is_ipv4()).map(|address| {
                format!("ip={address}/{},gw={}", at.prefix_of(*address), at.gateway_of(*address))
            });
            let v6 = nic.addresses.iter().find(|address| address.is_ipv6());
            let v6 = v6.map(|address| format!("ip6={address}/{}", at.prefix_of(*address)));
            Some([v4, v6].into_iter().flatten().collect::<Vec<_>>().join(","))
        }
    }
}

pub(super) fn of_agent(at: &At<'_>, guest: &Guest) -> Result<Vec<u8>, Refusal> {
    let failed = |text: &str| {
        Err(if at.before_nine() { Refusal::failed_before_nine(text) } else { Refusal::failed(text) })
    };
    if !at.active(guest) {
        return failed(&format!("VM {} is not running", guest.vmid));
    }
    match guest.agent {
        Agent::Off => failed("No QEMU guest agent configured"),
        // A paused machine's agent cannot answer either.
        Agent::Silent => failed("QEMU guest agent is not running"),
        _ if !guest.runs() => failed("QEMU guest agent is not running"),
        Agent::Unsupported => reply::data(&json!({ "result": { "error": {
            "class": "Unsupported", "desc": "this feature or command is not currently supported",
        } } })),
        Agent::Answers => {
            let interfaces: Vec<Value> = all(guest)
                .map(|(name, mac, addresses)| {
                    let addresses: Vec<Value> = addresses
                        .iter()
                        .map(|address| {
                            let kind = if address.is_ipv4() { "ipv4" } else { "ipv6" };
                            let prefix = at.prefix_of(*address);
                            json!({ "ip-address": address, "ip-address-type": kind, "prefix": prefix })
                        })
                        .collect();
                    json!({ "name": name, "hardware-address": mac, "ip-addresses": addresses })
                })
                .collect();
            reply::data(&json!({ "result": interfaces }))
        }
    }
}

pub(super) fn of_container(at: &At<'_>, guest: &Guest) -> Result<Vec<u8>, Refusal> {
    if !guest.runs() {
        return reply::data(&Value::Null);
    }
    let interfaces: Vec<Value> = all(guest)
        .map(|(name, mac, addresses)| {
            let mut row = json!({ "name": name, "hwaddr": mac });
            let with_prefix = |address: &IpAddr| format!("{address}/{}", at.prefix_of(*address));
            if let Some(v4) = addresses.iter().find(|address| address.is_ipv4()) {
                row["inet"] = json!(with_prefix(v4));
            }
            if let Some(v6) = addresses.iter().find(|address| address.is_ipv6()) {
                row["inet6"] = json!(with_prefix(v6));
            }
            if !at.before_nine() {
                row["hardware-address"] = json!(mac);
                let addresses = addresses.iter().map(|address| {
                    let kind = if address.is_ipv4() { "inet" } else { "inet6" };
                    let prefix = at.prefix_of(*address);
                    json!({ "ip-address": address, "ip-address-type": kind, "prefix": prefix })
                });
                row["ip-addresses"] = addresses.collect();
            }
            row
        })
        .collect();
    reply::data(&interfaces)
}

/// Every interface that the guest itself knows: loopback, those of its configuration, those within it.
fn all(guest: &Guest) -> impl Iterator<Item = (String, String, Vec<IpAddr>)> {
    let loopback = [IpAddr::from([127, 0, 0, 1]), IpAddr::V6(Ipv6Addr::LOCALHOST)];
    let loopback = ("lo".to_owned(), Mac([0; 6]).to_string(), loopback.to_vec());
    let nics = guest.nics.iter().enumerate().map(|(number, nic)| {
        let mut addresses = nic.addresses.clone();
        addresses.push(link_local(nic.mac));
        (format!("eth{number}"), nic.mac.to_string(), addresses)
    });
    let inner = guest.inner.iter();
    let inner = inner.map(|inner| (inner.name.clone(), inner.mac.to_string(), vec![inner.address]));
    std::iter::once(loopback).chain(nics).chain(inner)
}

/// The address that every interface gives itself (RFC 4291, appendix A).
fn link_local(mac: Mac) -> IpAddr {
    let mac = mac.0;
    let pair = |first: u8, second: u8| u16::from_be_bytes([first, second]);
    let high = [pair(mac[0] ^ 2, mac[1]), pair(mac[2], 0xff)];
    let low = [pair(0xfe, mac[3]), pair(mac[4], mac[5])];
    IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, high[0], high[1], low[0], low[1]))
}

fn upper(mac: Mac) -> String {
    mac.to_string().to_uppercase()
}

impl At<'_> {
    fn vlan_of(&self, address: IpAddr) -> Option<&Vlan> {
        let network = self.world.network(&self.cluster.network)?;
        network.vlans.iter().find(|vlan| vlan.cidr.contains(&address))
    }

    /// The length of the prefix of an address's subnet.
    pub(super) fn prefix_of(&self, address: IpAddr) -> u8 {
        match address {
            IpAddr::V4(v4) if v4.is_loopback() => 8,
            IpAddr::V6(v6) if v6.is_loopback() => 128,
            IpAddr::V6(_) => 64,
            IpAddr::V4(_) => self.vlan_of(address).map_or(24, |vlan| vlan.cidr.prefix_len()),
        }
    }

    /// The router of an address's subnet: its first address.
    pub(super) fn gateway_of(&self, address: IpAddr) -> IpAddr {
        self.vlan_of(address).and_then(|vlan| vlan.cidr.hosts().next()).unwrap_or(address)
    }
}

//! Behind which switch ports a node can be known to hang.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::world::{ClientIs, Network, NodeAt, PortAt};

use super::known::Known;

/// The ports of a node, the first first; none where nothing tells.
pub(super) fn of_node(known: &Known<'_>, at: NodeAt) -> Vec<PortAt> {
    let cluster = &known.world.clusters[at.cluster];
    let Some(network) = known.world.network(&cluster.network) else { return Vec::new() };
    let node = &cluster.nodes[at.node];
    let cabled = node.nics.iter().filter_map(|nic| nic.port);
    if node.online && node.lldp {
        // What is heard is known by its MAC where that is seen with the node's address, else by its name where it is told.
        let named = |port: &PortAt| network.device(port.switch).is_some_and(|device| device.older_firmware);
        let heard: Vec<PortAt> = cabled.filter(|port| node.seen_as_client || named(port)).collect();
        if !heard.is_empty() {
            return if node.bond.is_some() { ordered(network, heard) } else { first(network, heard) };
        }
    }
    let own = known.client(&cluster.network, node.mac).and_then(|client| client.port);
    if let Some(port) = own.filter(|port| is_access(network, *port)) {
        return group(network, port);
    }
    let guests = behind_guests(known, network, at);
    if !guests.is_empty() {
        return guests;
    }
    let written: Vec<PortAt> = network
        .cables
        .iter()
        .filter(|cable| cable.cluster == cluster.source && cable.node == node.name)
        .filter_map(|cable| {
            let device = network.devices.iter().find(|device| device.name == cable.switch)?;
            Some(PortAt { switch: device.mac, port: cable.port })
        })
        .collect();
    let bonded = node.online && node.bond.is_some();
    match first(network, written.clone()).first() {
        None => Vec::new(),
        Some(_) if bonded => ordered(network, written),
        Some(port) => group(network, *port),
    }
}

/// The port behind which most of the node's guests are seen.
fn behind_guests(known: &Known<'_>, network: &Network, at: NodeAt) -> Vec<PortAt> {
    let cluster = &known.world.clusters[at.cluster];
    let mut votes: BTreeMap<PortAt, u32> = BTreeMap::new();
    for client in network.clients.iter().filter(|client| client.active) {
        let ClientIs::Guest(guest) = client.is else { continue };
        let here = guest.cluster == at.cluster
            && cluster.guest(guest.vmid).is_some_and(|guest| guest.node == at.node);
        if let Some(port) = client.port.filter(|port| here && is_access(network, *port)) {
            *votes.entry(group(network, port)[0]).or_default() += 1;
        }
    }
    let best = votes.iter().max_by_key(|(port, votes)| (**votes, Reverse(rank(network, **port))));
    best.map(|(port, _)| group(network, *port)).unwrap_or_default()
}

/// Deepest switch first, then the lowest MAC, then the lowest port.
fn rank(network: &Network, port: PortAt) -> (Reverse<u32>, PortAt) {
    (Reverse(network.device(port.switch).map_or(0, |device| device.depth)), port)
}

fn ordered(network: &Network, mut ports: Vec<PortAt>) -> Vec<PortAt> {
    ports.sort_by_key(|port| rank(network, *port));
    ports
}

fn first(network: &Network, ports: Vec<PortAt>) -> Vec<PortAt> {
    let mut ports = ordered(network, ports);
    ports.truncate(1);
    ports
}

/// All ports of a LAG, or the one port.
fn group(network: &Network, port: PortAt) -> Vec<PortAt> {
    let Some(device) = network.device(port.switch) else { return vec![port] };
    device.group_of(port.port).into_iter().map(|number| PortAt { port: number, ..port }).collect()
}

/// A port to which something is cabled that is no switch.
pub(super) fn is_access(network: &Network, port: PortAt) -> bool {
    let found = network.device(port.switch).and_then(|device| device.port(port.port));
    found.is_some_and(|port| !port.is_uplink && port.downlink.is_none())
}

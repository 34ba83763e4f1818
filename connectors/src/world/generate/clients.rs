//! The client table of each controller: what hangs on the network, where it was last seen.

use std::net::IpAddr;

use schema::Mac;

use super::Draft;
use super::draw::Draw;
use super::plan;
use crate::world::{Client, ClientIs, GuestAt, NodeAt, PortAt};

/// Where the controller saw a guest, when that is not behind its node's port.
#[derive(Clone, Copy, Debug)]
pub(in crate::world) enum Sighting {
    /// Nowhere.
    Unseen,
    /// Behind the node that it left, where its table has not caught up.
    Behind(NodeAt),
    /// On this port: an uplink, of all places.
    On(PortAt),
}

/// A row of the table, before it has an id.
pub(in crate::world) struct Row {
    pub(in crate::world) mac: Mac,
    pub(in crate::world) address: Option<IpAddr>,
    pub(in crate::world) hostname: Option<String>,
    pub(in crate::world) vlan: usize,
    pub(in crate::world) port: Option<PortAt>,
    pub(in crate::world) active: bool,
    pub(in crate::world) is: ClientIs,
}

/// Enters every node and guest that the controllers can see.
pub(super) fn see(draft: &mut Draft, draw: &mut Draw) {
    for cluster in 0..draft.clusters.len() {
        let site = draft.site_of[cluster];
        let mut rows = Vec::new();
        for (number, node) in draft.clusters[cluster].nodes.iter().enumerate() {
            if node.seen_as_client {
                rows.push(Row {
                    mac: node.mac,
                    address: Some(node.address),
                    hostname: None,
                    vlan: 0,
                    port: node.active_port(),
                    active: true,
                    is: ClientIs::Node(NodeAt { cluster, node: number }),
                });
            }
        }
        for guest in &draft.clusters[cluster].guests {
            let at = GuestAt { cluster, vmid: guest.vmid };
            let node = &draft.clusters[cluster].nodes[guest.node];
            let port = match draft.sightings.get(&at) {
                Some(Sighting::Unseen) => continue,
                Some(Sighting::Behind(left)) => draft.clusters[left.cluster].nodes[left.node].active_port(),
                Some(Sighting::On(port)) => Some(*port),
                None => node.active_port(),
            };
            if guest.template {
                continue;
            }
            for nic in &guest.nics {
                rows.push(Row {
                    mac: nic.mac,
                    address: nic.addresses.iter().find(|address| address.is_ipv4()).copied(),
                    hostname: Some(guest.name.clone()),
                    vlan: nic.vlan.map_or(0, |id| usize::from(id - plan::vlan_id(1)) + 1),
                    port,
                    // A stopped guest, and a dead node's, is in the table of known clients only.
                    active: guest.runs() && node.online,
                    is: ClientIs::Guest(at),
                });
            }
        }
        for row in rows {
            draft.enter(site, row, draw);
        }
    }
}

impl Draft {
    /// Enters a row into a network's client table.
    pub(in crate::world) fn enter(&mut self, site: usize, row: Row, draw: &mut Draw) {
        let client = Client {
            reference: draw.hex(24),
            mac: row.mac,
            address: row.address,
            hostname: row.hostname,
            name: None,
            vlan: row.vlan,
            wired: row.port.is_some(),
            port: row.port,
            seen_seconds_ago: u32::try_from(draw.between(0, 90)).unwrap_or(0),
            active: row.active,
            is: row.is,
        };
        self.sites[site].network.clients.push(client);
    }
}

//! What can happen to a world while it is simulated: guests stop, start and move, nodes die and come back.

use schema::Timestamp;
use schema::fact::{GuestKind, GuestStatus};

use super::{ClientIs, GuestAt, Neighbour, NodeAt, PortAt, World};

/// Something that happens, as the control address takes it: `{ "stop": "app" }`, `{ "move": { "guest": "pve-1/101", "to":
/// "pve1b" } }`. A guest is named by its cluster's source and VMID, or by a name that one guest alone bears; a node by name.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// A guest is stopped.
    Stop(String),
    /// A guest is started.
    Start(String),
    /// A guest is migrated; the controller goes on showing it where it was.
    Move {
        /// The guest.
        guest: String,
        /// A node of the same cluster.
        to: String,
    },
    /// A node dies: what is asked of it is answered 595, its ports lose link.
    Kill(String),
    /// A dead node is started again; its guests do what they did.
    Revive(String),
}

/// Why a change cannot happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// No guest is called that.
    #[error("no guest `{0}`: name it as `pve-1/101`, or by its name")]
    NoGuest(String),
    /// Several guests are called that.
    #[error("several guests are called `{0}`: name one as `pve-1/101`")]
    SeveralGuests(String),
    /// No node is called that, or none of that guest's cluster.
    #[error("no node `{0}` (of that guest's cluster): `GET /world` lists them")]
    NoNode(String),
    /// The node is dead.
    #[error("node `{0}` is dead: revive it first")]
    DeadNode(String),
    /// A template cannot be started or moved.
    #[error("`{0}` is a template")]
    Template(String),
}

impl World {
    /// Lets something happen at `now`; nothing happens where it cannot.
    pub fn apply(&mut self, change: &Change, now: Timestamp) -> Result<(), ChangeError> {
        match change {
            Change::Stop(guest) => {
                let at = self.named_guest(guest)?;
                self.guest_mut(at, guest)?.status = GuestStatus::Stopped;
                self.see_guest(at, false, None);
            }
            Change::Start(guest) => {
                let at = self.named_guest(guest)?;
                let node = self.node_of(at);
                let port = self.live_node(node)?;
                let started = self.guest_mut(at, guest)?;
                (started.status, started.lock, started.started_at) = (GuestStatus::Running, None, now);
                self.see_guest(at, true, port);
            }
            Change::Move { guest, to } => {
                let at = self.named_guest(guest)?;
                let (node, _) =
                    self.clusters[at.cluster].node(to).ok_or_else(|| ChangeError::NoNode(to.clone()))?;
                self.live_node(NodeAt { cluster: at.cluster, node })?;
                let moved = self.guest_mut(at, guest)?;
                moved.node = node;
                if moved.kind == GuestKind::Lxc && moved.runs() {
                    // Containers are restarted by a migration; virtual machines run on.
                    moved.started_at = now;
                }
            }
            Change::Kill(node) => self.switch_node(node, false, now)?,
            Change::Revive(node) => self.switch_node(node, true, now)?,
        }
        Ok(())
    }

    fn named_guest(&self, name: &str) -> Result<GuestAt, ChangeError> {
        if let Some((source, vmid)) = name.split_once('/') {
            let cluster = self.clusters.iter().position(|cluster| cluster.source == source);
            let at = cluster.zip(vmid.parse().ok()).map(|(cluster, vmid)| GuestAt { cluster, vmid });
            return at
                .filter(|at| self.guest(*at).is_some())
                .ok_or_else(|| ChangeError::NoGuest(name.into()));
        }
        let mut bearers = self.clusters.iter().enumerate().flat_map(|(cluster, within)| {
            let bearers = within.guests.iter().filter(|guest| guest.name == name);
            bearers.map(move |guest| GuestAt { cluster, vmid: guest.vmid })
        });
        match (bearers.next(), bearers.next()) {
            (None, _) => Err(ChangeError::NoGuest(name.into())),
            (Some(at), None) => Ok(at),
            (Some(_), Some(_)) => Err(ChangeError::SeveralGuests(name.into())),
        }
    }

    fn guest_mut(&mut self, at: GuestAt, name: &str) -> Result<&mut super::Guest, ChangeError> {
        let guests = &mut self.clusters[at.cluster].guests;
        let found = guests.binary_search_by_key(&at.vmid, |guest| guest.vmid);
        let guest = &mut guests[found.map_err(|_| ChangeError::NoGuest(name.into()))?];
        if guest.template { Err(ChangeError::Template(name.into())) } else { Ok(guest) }
    }

    fn node_of(&self, at: GuestAt) -> NodeAt {
        NodeAt { cluster: at.cluster, node: self.guest(at).map_or(0, |guest| guest.node) }
    }

    /// The port behind which a node's traffic is seen; an error where it is dead.
    fn live_node(&self, at: NodeAt) -> Result<Option<PortAt>, ChangeError> {
        let node = &self.clusters[at.cluster].nodes[at.node];
        if node.online { Ok(node.active_port()) } else { Err(ChangeError::DeadNode(node.name.clone())) }
    }

    /// What the controller's table says of a guest from now on; a port only where it is seen anew.
    fn see_guest(&mut self, at: GuestAt, active: bool, port: Option<PortAt>) {
        let name = &self.clusters[at.cluster].network;
        let Some(network) = self.networks.iter_mut().find(|network| network.name == *name) else { return };
        for client in network.clients.iter_mut().filter(|client| client.is == ClientIs::Guest(at)) {
            client.active = active;
            client.port = port.or(client.port);
        }
    }

    fn switch_node(&mut self, name: &str, online: bool, now: Timestamp) -> Result<(), ChangeError> {
        let found = self
            .clusters
            .iter()
            .enumerate()
            .find_map(|(cluster, within)| within.node(name).map(|(node, _)| NodeAt { cluster, node }));
        let at = found.ok_or_else(|| ChangeError::NoNode(name.into()))?;
        let cluster = &mut self.clusters[at.cluster];
        let node = &mut cluster.nodes[at.node];
        if node.online == online {
            return Ok(());
        }
        node.online = online;
        if online {
            node.started_at = now;
        }
        let node = node.clone();
        let votes = cluster.nodes.iter().filter(|node| node.online).count();
        cluster.quorate = votes * 2 > cluster.nodes.len();
        let cluster = &self.clusters[at.cluster];
        let Some(network) = self.networks.iter_mut().find(|network| network.name == cluster.network) else {
            return Ok(());
        };
        for nic in &node.nics {
            let Some(place) = nic.port else { continue };
            let device = network.devices.iter_mut().find(|device| device.mac == place.switch);
            let Some(port) = device.and_then(|device| device.ports.get_mut(usize::from(place.port) - 1))
            else {
                continue;
            };
            port.up = online;
            port.neighbour = (online && node.lldp).then(|| Neighbour {
                chassis: node.mac,
                system_name: node.name.clone(),
                port_id: nic.mac.to_string(),
            });
        }
        for client in &mut network.clients {
            match client.is {
                ClientIs::Node(is) if is == at => client.active = online,
                ClientIs::Guest(is) if is.cluster == at.cluster => {
                    if let Some(guest) = cluster.guest(is.vmid).filter(|guest| guest.node == at.node) {
                        client.active = online && guest.runs();
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

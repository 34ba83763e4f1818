//! What anybody can know of where an address is: not all that is shows.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use schema::Mac;
use schema::fact::{AddressOrigin, GuestStatus};

use crate::world::{Client, GuestAt, Nic, World};

/// What shows of a world, indexed.
pub(super) struct Known<'a> {
    pub(super) world: &'a World,
    /// Active clients, by network and MAC.
    clients: BTreeMap<(&'a str, Mac), &'a Client>,
    /// Addresses that were written down, by network, with the guests that they were given to.
    written: BTreeMap<(&'a str, IpAddr), BTreeSet<GuestAt>>,
    /// The addresses that were written down for a guest.
    written_for: BTreeMap<GuestAt, BTreeSet<IpAddr>>,
}

impl<'a> Known<'a> {
    pub(super) fn of(world: &'a World) -> Self {
        let mut clients = BTreeMap::new();
        let mut written: BTreeMap<_, BTreeSet<GuestAt>> = BTreeMap::new();
        let mut written_for: BTreeMap<_, BTreeSet<IpAddr>> = BTreeMap::new();
        for network in &world.networks {
            let name = network.name.as_str();
            clients.extend(
                network
                    .clients
                    .iter()
                    .filter(|client| client.active)
                    .map(|client| ((name, client.mac), client)),
            );
            for row in &network.assignments {
                let entry = written.entry((name, row.address)).or_default();
                let source = row.cluster.as_deref();
                let cluster =
                    world.clusters.iter().position(|cluster| Some(cluster.source.as_str()) == source);
                let Some((cluster, vmid)) = cluster.zip(row.vmid) else { continue };
                let at = GuestAt { cluster, vmid };
                if world.guest(at).is_some() {
                    entry.insert(at);
                    written_for.entry(at).or_default().insert(row.address);
                }
            }
        }
        Self { world, clients, written, written_for }
    }

    /// Whether somebody wrote an address down.
    pub(super) fn is_written(&self, network: &str, address: IpAddr) -> bool {
        self.written.contains_key(&(network, address))
    }

    /// The client of that MAC, where the controller sees it now.
    pub(super) fn client(&self, network: &str, mac: Mac) -> Option<&'a Client> {
        self.clients.get(&(network, mac)).copied()
    }

    /// What Proxmox says of a guest.
    pub(super) fn status(&self, at: GuestAt) -> GuestStatus {
        let cluster = &self.world.clusters[at.cluster];
        cluster.guest(at.vmid).map_or(GuestStatus::Unknown, |guest| cluster.status_of(guest))
    }

    /// The best rule by which anybody can tell that a guest has an address.
    pub(super) fn rule(&self, at: GuestAt, address: IpAddr) -> Option<AddressOrigin> {
        self.told(at).into_iter().filter(|(told, _)| *told == address).map(|(_, rule)| rule).min()
    }

    /// The lowest address that anybody can tell of a guest.
    pub(super) fn lowest(&self, at: GuestAt) -> Option<IpAddr> {
        self.told(at).into_iter().map(|(address, _)| address).min()
    }

    /// Every address that can be told of a guest: of each interface by its best rule alone.
    fn told(&self, at: GuestAt) -> Vec<(IpAddr, AddressOrigin)> {
        let cluster = &self.world.clusters[at.cluster];
        let Some(guest) = cluster.guest(at.vmid) else { return Vec::new() };
        if guest.template {
            return Vec::new();
        }
        // A dead node tells nothing of its guests, their configurations included.
        let online = cluster.nodes[guest.node].online;
        let mut told: Vec<(IpAddr, AddressOrigin)> = Vec::new();
        for nic in &guest.nics {
            let by_proxmox = guest.told_by(nic).filter(|_| online && !nic.addresses.is_empty());
            let seen = self.client(&cluster.network, nic.mac).and_then(|client| client.address);
            match (by_proxmox, seen) {
                (Some(rule @ (AddressOrigin::GuestAgent | AddressOrigin::ContainerInterfaces)), _) => {
                    told.extend(nic.addresses.iter().map(|address| (*address, rule)));
                }
                (Some(rule @ AddressOrigin::StaticConfig), _) | (Some(rule), None) => {
                    told.extend(configured(nic).map(|address| (address, rule)));
                }
                (_, Some(address)) => told.push((address, AddressOrigin::ClientTable)),
                (None, None) => {}
            }
        }
        if told.is_empty() {
            let written = self.written_for.get(&at).into_iter().flatten();
            told.extend(written.map(|address| (*address, AddressOrigin::Declared)));
        }
        told
    }
}

/// What a configuration has room for: one address of each family.
fn configured(nic: &Nic) -> impl Iterator<Item = IpAddr> {
    let v4 = nic.addresses.iter().find(|address| address.is_ipv4());
    let v6 = nic.addresses.iter().find(|address| address.is_ipv6());
    v4.into_iter().chain(v6).copied()
}

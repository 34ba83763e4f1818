//! One path from hop to hop.

use std::net::IpAddr;

use schema::address::names_a_machine;
use schema::fact::GuestStatus;
use schema::{Mac, ObjectId};

use crate::world::{GuestAt, LeadsTo, NodeAt, PortAt};

use super::known::Known;
use super::{ExpectedHop, ExpectedPath, ExpectedState, ports};

const PROXY_HOST: usize = 0;
const ADDRESS: usize = 1;
const GUEST: usize = 2;
const NODE: usize = 3;
const SWITCH_PORT: usize = 4;

/// A path as far as it is known.
pub(super) struct Chain {
    hops: [ExpectedHop; 5],
    guests: Vec<ObjectId>,
    switch_ports: Vec<ObjectId>,
    broken: bool,
    /// Hops that need not be resolved: no proxy host of a bare forward, no guest of a node's own address.
    spared: [bool; 5],
}

impl Chain {
    /// One that begins at a proxy's host.
    pub(super) fn at(host: ObjectId) -> Self {
        let mut chain = Self::bare();
        chain.spared[PROXY_HOST] = false;
        chain.hops[PROXY_HOST] = ExpectedHop::Resolved(host);
        chain
    }

    /// One that goes past every proxy.
    pub(super) fn bare() -> Self {
        let hops = [const { ExpectedHop::Missing }; 5];
        let spared = [true, false, false, false, false];
        Self { hops, guests: Vec::new(), switch_ports: Vec::new(), broken: false, spared }
    }

    /// It leads nowhere that serves.
    pub(super) fn broken(&mut self) {
        self.broken = true;
    }

    /// Several hosts are equally good.
    pub(super) fn several_hosts(&mut self, hosts: Vec<ObjectId>) {
        self.hops[PROXY_HOST] = several(hosts);
    }

    /// Goes on from the proxy, or the gateway, to where it forwards.
    pub(super) fn lead(&mut self, known: &Known<'_>, network: &str, host: &str, to: &LeadsTo) {
        match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            // The proxy's own machine.
            Ok(address) if !names_a_machine(address) => {}
            Ok(address) => {
                self.hops[ADDRESS] = ExpectedHop::Resolved(address_id(network, address));
                self.beyond_address(known, network, address, to);
            }
            Err(_) => self.beyond_name(known, network, to),
        }
    }

    fn beyond_address(&mut self, known: &Known<'_>, network: &str, address: IpAddr, to: &LeadsTo) {
        match to {
            LeadsTo::Guests(guests) | LeadsTo::Vip(guests) => {
                let holders = guests
                    .iter()
                    .filter_map(|at| known.rule(*at, address).map(|rule| ((known.status(*at), rule), *at)));
                let mut holders: Vec<_> = holders.collect();
                // How it is known does not count where several may have it.
                if matches!(to, LeadsTo::Vip(_)) {
                    let Some(best) = holders.iter().map(|((status, _), _)| *status).min() else {
                        return self.nobody(known, network, address);
                    };
                    holders.retain(|((status, _), _)| *status == best);
                    holders.sort_by_key(|(_, at)| (&known.world.clusters[at.cluster].source, at.vmid));
                    self.guests = holders.iter().map(|(_, at)| guest_id(known, *at)).collect();
                    return self.beyond_guest(known, holders[0].1);
                }
                let Some(best) = holders.iter().map(|(rank, _)| *rank).min() else {
                    return self.nobody(known, network, address);
                };
                holders.retain(|(rank, _)| *rank == best);
                if let [(_, at)] = holders.as_slice() {
                    return self.beyond_guest(known, *at);
                }
                self.hops[GUEST] = several(holders.iter().map(|(_, at)| guest_id(known, *at)).collect());
            }
            LeadsTo::Node(at) => self.beyond_node_itself(known, *at),
            LeadsTo::Client(mac) => self.beyond_client(known, network, *mac, address),
            LeadsTo::Device(_) | LeadsTo::Written(_) | LeadsTo::Proxy(_) => {}
            LeadsTo::Nothing => self.nobody(known, network, address),
        }
    }

    fn beyond_name(&mut self, known: &Known<'_>, network: &str, to: &LeadsTo) {
        match to {
            LeadsTo::Guests(bearers) => {
                // Of a dead node's guests nobody tells the names.
                let named = |at: &GuestAt| known.status(*at) != GuestStatus::Unknown;
                let best = bearers.iter().copied().filter(named).map(|at| known.status(at)).min();
                let equals: Vec<_> =
                    bearers.iter().copied().filter(|at| Some(known.status(*at)) == best).collect();
                match equals.as_slice() {
                    [] => {}
                    [at] => {
                        if let Some(address) = known.lowest(*at) {
                            self.hops[ADDRESS] = ExpectedHop::Resolved(address_id(network, address));
                        }
                        self.beyond_guest(known, *at);
                    }
                    several_bear_it => {
                        // One whose address nobody can tell stands for itself.
                        let found = several_bear_it.iter().map(|at| match known.lowest(*at) {
                            Some(address) => address_id(network, address),
                            None => guest_id(known, *at),
                        });
                        self.hops[ADDRESS] = several(found.collect());
                    }
                }
            }
            LeadsTo::Node(at) => {
                let address = known.world.clusters[at.cluster].nodes[at.node].address;
                self.hops[ADDRESS] = ExpectedHop::Resolved(address_id(network, address));
                self.beyond_node_itself(known, *at);
            }
            LeadsTo::Written(address) => {
                self.hops[ADDRESS] = ExpectedHop::Resolved(address_id(network, *address));
            }
            LeadsTo::Vip(_)
            | LeadsTo::Client(_)
            | LeadsTo::Device(_)
            | LeadsTo::Proxy(_)
            | LeadsTo::Nothing => {}
        }
    }

    fn beyond_guest(&mut self, known: &Known<'_>, at: GuestAt) {
        self.hops[GUEST] = ExpectedHop::Resolved(guest_id(known, at));
        if self.guests.is_empty() {
            self.guests.push(guest_id(known, at));
        }
        self.broken |=
            matches!(known.status(at), GuestStatus::Stopped | GuestStatus::Paused | GuestStatus::Suspended);
        if let Some(guest) = known.world.guest(at) {
            self.beyond_node(known, NodeAt { cluster: at.cluster, node: guest.node });
        }
    }

    fn beyond_node_itself(&mut self, known: &Known<'_>, at: NodeAt) {
        self.spared[GUEST] = true;
        self.beyond_node(known, at);
    }

    fn beyond_node(&mut self, known: &Known<'_>, at: NodeAt) {
        let cluster = &known.world.clusters[at.cluster];
        let name = cluster.nodes[at.node].name.as_str().into();
        let id = ObjectId::ClusterNode { cluster: cluster.source.as_str().into(), name };
        self.hops[NODE] = ExpectedHop::Resolved(id);
        self.end_at(&ports::of_node(known, at));
    }

    fn beyond_client(&mut self, known: &Known<'_>, network: &str, mac: Mac, address: IpAddr) {
        let Some(client) = known.client(network, mac) else {
            return self.nobody(known, network, address);
        };
        let within = known.world.network(network);
        let port = client.port.filter(|port| within.is_some_and(|within| ports::is_access(within, *port)));
        self.end_at(&port.into_iter().collect::<Vec<_>>());
    }

    fn end_at(&mut self, ports: &[PortAt]) {
        self.switch_ports = ports.iter().map(|port| port_id(*port)).collect();
        if let Some(port) = self.switch_ports.first() {
            self.hops[SWITCH_PORT] = ExpectedHop::Resolved(port.clone());
        }
    }

    /// Nothing holds the address; if nobody even wrote it down, it leads nowhere.
    fn nobody(&mut self, known: &Known<'_>, network: &str, address: IpAddr) {
        self.broken |= !known.is_written(network, address);
    }

    pub(super) fn path(
        self,
        source: &str,
        reference: &str,
        entry: String,
        location: Option<String>,
    ) -> ExpectedPath {
        let missing = |at: usize| self.hops[at] == ExpectedHop::Missing && !self.spared[at];
        let state = if self.hops.iter().any(|hop| matches!(hop, ExpectedHop::Ambiguous(_))) {
            ExpectedState::Ambiguous
        } else if self.broken {
            ExpectedState::Broken
        } else if (0..5).any(missing) {
            ExpectedState::Partial
        } else {
            ExpectedState::Complete
        };
        let id = ObjectId::Path {
            source: source.into(),
            reference: reference.into(),
            entry: entry.as_str().into(),
        };
        let Self { hops, guests, switch_ports, .. } = self;
        ExpectedPath { entry, id, location, state, hops, guests, switch_ports }
    }
}

fn several(mut ids: Vec<ObjectId>) -> ExpectedHop {
    ids.sort();
    ids.dedup();
    ExpectedHop::Ambiguous(ids)
}

fn address_id(network: &str, address: IpAddr) -> ObjectId {
    ObjectId::IpAddress { network: network.into(), address }
}

fn guest_id(known: &Known<'_>, at: GuestAt) -> ObjectId {
    ObjectId::Guest { cluster: known.world.clusters[at.cluster].source.as_str().into(), vmid: at.vmid }
}

fn port_id(port: PortAt) -> ObjectId {
    ObjectId::SwitchPort { switch: port.switch, number: port.port }
}

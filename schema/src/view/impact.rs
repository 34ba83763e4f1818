//! What stops working if something goes away: what loses its last live port, host or route.
//!
//! Only what works now can be lost: ports that are up, guests that run, paths that are not BROKEN.

use std::collections::BTreeSet;

use super::outage::Outage;
use super::refs::{GuestRef, HostnameRef, NodeRef, ObjectRef, OrganizationRef, PathRef, PortRef};
use super::target::Chain;
use super::{HopKind, HopState, Path, PathState, View};
use crate::fact::{GuestStatus, NodeStatus};

/// What stops working if an object goes away. All lists are in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// Paths that work now and would not; streams and bare forwards included.
    pub paths: Vec<PathRef>,
    /// Public names of which one location at least would lose all its working paths.
    pub hostnames: Vec<HostnameRef>,
    /// Guests that run now and would not, or would not be reached.
    pub guests: Vec<GuestRef>,
    /// Hypervisors that would not be reached, the one itself included.
    pub nodes: Vec<NodeRef>,
    /// Hypervisors that would only lose redundancy.
    pub degraded: Vec<NodeRef>,
    /// Whose guests would be lost.
    pub organizations: Vec<OrganizationRef>,
}

/// What is lost, while it is found out.
struct Loss<'v> {
    view: &'v View,
    outage: Outage,
    guests: BTreeSet<GuestRef>,
    nodes: BTreeSet<NodeRef>,
    degraded: BTreeSet<NodeRef>,
    /// Proxies, by source, whose last live carrier is lost.
    proxies: BTreeSet<u32>,
}

impl View {
    /// What stops working if a guest, a hypervisor, a switch or a switch port goes away; nothing for other objects.
    pub fn impact(&self, object: impl Into<ObjectRef>) -> Impact {
        let mut loss = Loss {
            view: self,
            outage: Outage::default(),
            guests: BTreeSet::new(),
            nodes: BTreeSet::new(),
            degraded: BTreeSet::new(),
            proxies: BTreeSet::new(),
        };
        match object.into() {
            ObjectRef::Guest(guest) => loss.guests.extend(Some(guest).filter(|guest| self.runs(*guest))),
            ObjectRef::Node(node) => loss.nodes.extend(Some(node).filter(|node| self.works(*node))),
            ObjectRef::Switch(switch) => loss.outage = Outage::of_switch(self, switch),
            ObjectRef::Port(port) => loss.outage = Outage::of_port(self, port),
            _ => {}
        }
        loss.spread()
    }

    fn runs(&self, guest: GuestRef) -> bool {
        self.guest(guest).status == GuestStatus::Running
    }

    fn works(&self, node: NodeRef) -> bool {
        self.node(node).status != NodeStatus::Offline
    }
}

/// Whether there are some and all of them are lost.
fn all_lost<T>(live: impl Iterator<Item = T>, lost: impl Fn(T) -> bool) -> bool {
    let mut any = false;
    for one in live {
        if !lost(one) {
            return false;
        }
        any = true;
    }
    any
}

impl Loss<'_> {
    fn spread(mut self) -> Impact {
        let view = self.view;
        let touched: BTreeSet<NodeRef> =
            self.outage.ports.iter().flat_map(|port| view.nodes_of_port(*port)).collect();
        for node in touched.into_iter().filter(|node| view.works(*node)) {
            let ports = view.ports_of_node(node);
            if self.loses_ports(ports) {
                self.nodes.insert(node);
            } else if ports.iter().any(|port| self.outage.ports.contains(port) && view.port(*port).up) {
                self.degraded.insert(node);
            }
        }
        let hosted = self.nodes.iter().flat_map(|node| view.guests_of_node(*node));
        self.guests.extend(hosted.filter(|guest| view.runs(*guest)));
        self.lose_proxies();
        let paths: BTreeSet<PathRef> =
            self.candidates().into_iter().filter(|path| self.is_lost(view.path(*path))).collect();
        let hostnames: BTreeSet<HostnameRef> =
            paths.iter().filter_map(|path| view.path(*path).hostname()).collect();
        let owners: BTreeSet<OrganizationRef> =
            self.guests.iter().filter_map(|guest| view.owner_of(*guest)).collect();
        Impact {
            hostnames: hostnames.into_iter().filter(|name| loses_location(view, *name, &paths)).collect(),
            paths: paths.into_iter().collect(),
            guests: self.guests.into_iter().collect(),
            nodes: self.nodes.into_iter().collect(),
            degraded: self.degraded.into_iter().collect(),
            organizations: owners.into_iter().collect(),
        }
    }

    fn loses_ports(&self, ports: &[PortRef]) -> bool {
        let up = ports.iter().filter(|port| self.view.port(**port).up);
        all_lost(up, |port| self.outage.ports.contains(port))
    }

    /// A proxy is lost with the last of the machines that bear its own addresses.
    fn lose_proxies(&mut self) {
        for (source, held) in (0u32..).zip(&*self.view.held) {
            let network = self.view.layout.of(source);
            let mut any = false;
            let mut live = false;
            for address in &held.info.addresses {
                let address = super::AddressRef { network, address: crate::address::canonical(*address) };
                let carriers = self.carriers(address);
                any |= !carriers.is_empty();
                live |= carriers.iter().any(|carrier| !self.loses(carrier));
                if carriers.is_empty() {
                    for client in self.view.clients_of_address(address) {
                        let port =
                            self.view.port_behind(network, client).filter(|port| self.view.port(*port).up);
                        any |= port.is_some();
                        live |= port.is_some_and(|port| !self.outage.ports.contains(&port));
                    }
                }
            }
            if any && !live {
                self.proxies.insert(source);
            }
        }
    }

    /// The machines that work and that a path to an address would lead to: who has it by a weaker rule alone carries nothing.
    fn carriers(&self, address: super::AddressRef) -> Vec<ObjectRef> {
        let chain = Chain::of_address(self.view, address, None);
        let hop = if chain.guest.candidates().is_empty() { &chain.node } else { &chain.guest };
        hop.candidates().iter().copied().filter(|object| self.lives(object)).collect()
    }

    fn lives(&self, object: &ObjectRef) -> bool {
        match object {
            ObjectRef::Guest(guest) => self.view.runs(*guest),
            ObjectRef::Node(node) => self.view.works(*node),
            _ => false,
        }
    }

    fn loses(&self, object: &ObjectRef) -> bool {
        match object {
            ObjectRef::Guest(guest) => self.guests.contains(guest),
            ObjectRef::Node(node) => self.nodes.contains(node),
            _ => false,
        }
    }

    /// Every path that could be lost: those through something that is.
    fn candidates(&self) -> BTreeSet<PathRef> {
        let view = self.view;
        let mut paths = BTreeSet::new();
        for guest in &self.guests {
            paths.extend(view.paths_of_guest(*guest));
            paths.extend(view.doubtful_paths((*guest).into()));
        }
        for node in &self.nodes {
            paths.extend(view.paths_of_node(*node));
            paths.extend(view.doubtful_paths((*node).into()));
        }
        for port in &self.outage.ports {
            paths.extend(view.paths_of_port(*port));
        }
        for switch in &self.outage.switches {
            paths.extend(view.switch_address(*switch).into_iter().flat_map(|at| view.paths_of_address(at)));
        }
        for (host, path) in &view.routes.host_paths {
            if self.proxies.contains(&host.source) {
                paths.insert(*path);
            }
        }
        paths
    }

    fn is_lost(&self, path: Path<'_>) -> bool {
        let view = self.view;
        if path.state() == PathState::Broken {
            return false;
        }
        if self.passes_lost_proxy(path) {
            return true;
        }
        let decided = |kind| path.hop(kind).state() == HopState::Overridden;
        let holders = path.hop(HopKind::Guest).candidates();
        let nodes = path.hop(HopKind::Node).candidates();
        let lost = |object: &ObjectRef| self.loses(object);
        let live = |object: &&ObjectRef| self.lives(object);
        if !holders.is_empty() {
            return all_lost(holders.iter().filter(live), lost)
                || (decided(HopKind::Node) && all_lost(nodes.iter().filter(live), lost))
                || (decided(HopKind::SwitchPort) && self.loses_ports(path.switch_ports()));
        }
        if !nodes.is_empty() {
            return all_lost(nodes.iter().filter(live), lost)
                || (decided(HopKind::SwitchPort) && self.loses_ports(path.switch_ports()));
        }
        let device = path.address().and_then(|address| view.switch_of_address(address));
        self.loses_ports(path.switch_ports())
            || device.is_some_and(|device| self.outage.switches.contains(&device))
    }

    /// Whether a proxy on the way is lost: the path's own, or one that a redirection goes on to.
    fn passes_lost_proxy(&self, path: Path<'_>) -> bool {
        let hop = path.hop(HopKind::ProxyHost);
        let on_the_way = hop.evidence().iter().flat_map(|evidence| evidence.detail.objects());
        let hosts = hop.target().into_iter().chain(on_the_way);
        hosts.into_iter().any(|object| match object {
            ObjectRef::ProxyHost(host) => self.proxies.contains(&host.source),
            _ => false,
        })
    }
}

/// Whether some location of a name loses all its working paths.
fn loses_location(view: &View, name: HostnameRef, lost: &BTreeSet<PathRef>) -> bool {
    let mut locations: std::collections::BTreeMap<Option<&str>, bool> = std::collections::BTreeMap::new();
    for handle in view.paths_of_hostname(name) {
        let path = view.path(handle);
        if path.state() != PathState::Broken {
            *locations.entry(path.location()).or_insert(true) &= lost.contains(&handle);
        }
    }
    locations.into_values().any(|all| all)
}

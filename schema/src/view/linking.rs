//! Makes the links from objects back to paths, and patches them where few targets changed.

use std::sync::Arc;

use super::View;
use super::hop::{HopData, HopState};
use super::links::Links;
use super::path::Legs;
use super::refs::{AddressRef, GuestRef, NodeRef, ObjectRef, PortRef, narrow};
use super::routes::{Address, Route};
use super::target::{Chain, TargetHost};

/// The links of some targets.
#[derive(Default)]
struct Found {
    addresses: Vec<(AddressRef, u32)>,
    guests: Vec<(GuestRef, u32)>,
    nodes: Vec<(NodeRef, u32)>,
    ports: Vec<(PortRef, u32)>,
    doubtful: Vec<(ObjectRef, u32)>,
}

impl Links {
    pub(crate) fn new(view: &View) -> Self {
        let all: Vec<u32> = (0..narrow(view.chains.len())).collect();
        let found = Found::of(view, &all);
        Self {
            address_targets: found.addresses.into(),
            guest_targets: found.guests.into(),
            node_targets: found.nodes.into(),
            port_targets: found.ports.into(),
            doubtful: found.doubtful.into(),
            port_nodes: port_nodes(view),
            decided: Arc::from([]),
        }
    }

    /// The same with some targets, in order, linked anew.
    pub(crate) fn patched(&self, view: &View, targets: &[u32]) -> Self {
        let found = Found::of(view, targets);
        Self {
            address_targets: patch(&self.address_targets, targets, found.addresses),
            guest_targets: patch(&self.guest_targets, targets, found.guests),
            node_targets: patch(&self.node_targets, targets, found.nodes),
            port_targets: patch(&self.port_targets, targets, found.ports),
            doubtful: patch(&self.doubtful, targets, found.doubtful),
            port_nodes: port_nodes(view),
            decided: Arc::from([]),
        }
    }
}

/// Takes the pairs of some targets out, and others in. All are in order.
fn patch<K: Ord + Copy>(old: &[(K, u32)], targets: &[u32], new: Vec<(K, u32)>) -> Arc<[(K, u32)]> {
    let mut patched = Vec::with_capacity(old.len() + new.len());
    let mut new = new.into_iter().peekable();
    for pair in old.iter().filter(|pair| targets.binary_search(&pair.1).is_err()) {
        while let Some(next) = new.next_if(|next| next < pair) {
            patched.push(next);
        }
        patched.push(*pair);
    }
    patched.extend(new);
    patched.into()
}

impl Found {
    fn of(view: &View, targets: &[u32]) -> Self {
        let mut found = Self::default();
        for &number in targets {
            let chain = &view.chains[number as usize];
            let target = &view.routes.targets[number as usize];
            let address = match &target.host {
                TargetHost::Address(address) => {
                    Some(AddressRef { network: target.network, address: *address })
                }
                TargetHost::Name(_) => match chain.address.as_ref().and_then(|hop| hop.target) {
                    Some(ObjectRef::Address(address)) => Some(address),
                    _ => None,
                },
            };
            found.addresses.extend(address.map(|address| (address, number)));
            chain.each_object(|object| match object {
                ObjectRef::Guest(guest) => found.guests.push((guest, number)),
                ObjectRef::Node(node) => found.nodes.push((node, number)),
                ObjectRef::Port(port) => found.ports.push((port, number)),
                _ => {}
            });
            for hop in [&chain.guest, &chain.node] {
                if hop.state == HopState::Ambiguous {
                    let candidates = hop.several.iter().flat_map(|several| several.iter());
                    found.doubtful.extend(candidates.map(|candidate| (*candidate, number)));
                }
            }
        }
        found.addresses.sort_unstable();
        found.guests.sort_unstable();
        found.nodes.sort_unstable();
        found.ports.sort_unstable();
        found.doubtful.sort_unstable();
        found
    }
}

impl Chain {
    /// The guests, the node and the ports that it leads to.
    pub(crate) fn each_object(&self, mut take: impl FnMut(ObjectRef)) {
        let all = |hop: &HopData| hop.leads_on().then(|| hop.several.clone()).flatten();
        match all(&self.guest) {
            Some(several) => several.iter().copied().for_each(&mut take),
            None => self.guest.target.into_iter().for_each(&mut take),
        }
        self.node.target.into_iter().for_each(&mut take);
        self.port.ports.iter().for_each(|port| take((*port).into()));
    }
}

fn port_nodes(view: &View) -> Arc<[(PortRef, NodeRef)]> {
    let mut pairs = Vec::new();
    for (source, nodes) in (0u32..).zip(&view.cabling) {
        for (index, cabling) in (0u32..).zip(&**nodes) {
            pairs.extend(cabling.ports.iter().map(|port| (*port, NodeRef { source, index })));
        }
    }
    pairs.sort_unstable();
    pairs.into()
}

impl View {
    /// The data of a path's hops.
    pub(crate) fn legs<'v>(&'v self, place: u32, route: &'v Route) -> Legs<'v> {
        if let Some(decided) = self.decided.get(&place) {
            return Legs {
                proxy: &decided.proxy,
                address: &decided.address,
                chain: &decided.chain,
                serves: decided.serves,
                network: decided.network,
                port: decided.port,
            };
        }
        self.legs_as_told(route)
    }

    /// The data of a path's hops as the sources alone have them.
    pub(crate) fn legs_as_told<'v>(&'v self, route: &'v Route) -> Legs<'v> {
        let (address, chain) = match &route.address {
            Address::Own(hop, Some(target)) => (hop, &*self.chains[*target as usize]),
            Address::Own(hop, None) => (hop, &self.routes.after),
            Address::Named(target) => {
                let chain = &*self.chains[*target as usize];
                (chain.address.as_ref().unwrap_or(&self.routes.after.guest), chain)
            }
        };
        Legs {
            proxy: &route.proxy,
            address,
            chain,
            serves: route.serves,
            network: route.network,
            port: route.port,
        }
    }
}

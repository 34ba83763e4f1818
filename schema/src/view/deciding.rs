//! Decisions by hand: a hop leads where a person said, and the hops after it follow from there.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cabling::Cabling;
use super::evidence::{Detail, Evidence, JoinRule};
use super::hop::{HopData, HopState, Rests};
use super::inputs::Override;
use super::refs::{ObjectRef, PathRef, ProxyHostRef};
use super::routes::{Decided, Origin};
use super::target::Chain;
use super::{HopKind, View};
use crate::ObjectId;

impl View {
    /// What a person decided of a path's hop, whether or not it still leads somewhere.
    pub fn decision(&self, path: &ObjectId, hop: HopKind) -> Option<&Override> {
        self.overrides.of(path)?.get(&hop)
    }

    /// Applies all decisions to the paths as the sources make them.
    pub(crate) fn decide(&mut self) {
        self.decided = BTreeMap::new();
        let overrides = self.overrides.clone();
        let mut decided = BTreeMap::new();
        let mut links = Vec::new();
        for (id, hops) in overrides.iter() {
            let Some(path) = self.find_path(id) else { continue };
            let made = self.decide_path(path, hops);
            let mut link = |object: ObjectRef| links.push((object, path));
            made.address.target.into_iter().for_each(&mut link);
            made.chain.each_object(&mut link);
            decided.insert(path.0, Arc::new(made));
        }
        links.sort_unstable();
        links.dedup();
        self.decided = decided;
        self.links.decided = links.into();
    }

    fn decide_path(&self, path: PathRef, hops: &BTreeMap<HopKind, Override>) -> Decided {
        let route = &self.routes.all[path.0 as usize];
        let legs = self.legs(path.0, route);
        let mut made = Decided {
            proxy: legs.proxy.clone(),
            address: legs.address.clone(),
            chain: legs.chain.clone(),
            serves: legs.serves,
            network: legs.network,
            port: legs.port,
        };
        for (kind, decision) in hops {
            let object = decision.target.as_ref().and_then(|id| self.find(id));
            match kind {
                HopKind::ProxyHost => self.decide_proxy(&mut made, object, decision),
                HopKind::Address => self.decide_address(&mut made, object, decision),
                HopKind::Guest => self.decide_guest(&mut made, object, decision),
                HopKind::Node => self.decide_node(&mut made, object, decision),
                HopKind::SwitchPort => self.decide_port(&mut made, object, decision),
            }
        }
        made
    }

    fn decide_proxy(&self, made: &mut Decided, object: Option<ObjectRef>, decision: &Override) {
        let host = match object {
            Some(ObjectRef::ProxyHost(host)) => Some(host),
            _ => None,
        };
        made.proxy = hop(host.map(ObjectRef::from), decision, |rests| {
            if let Some(host) = host {
                rests.add(host.source(), self.proxy_host(host).seen);
            }
        });
        made.chain = Chain::after(HopKind::ProxyHost);
        made.address = HopData::missing(Detail::After { hop: HopKind::ProxyHost });
        let Some(host) = host else { return };
        made.serves = self.proxy_host(host).enabled;
        made.network = self.layout.of(host.source);
        // It goes on where the host's own path does.
        if let Some(route) = self.main_route(host) {
            let legs = self.legs(route.0, &self.routes.all[route.0 as usize]);
            (made.address, made.chain) = (legs.address.clone(), legs.chain.clone());
            (made.serves, made.network, made.port) = (legs.serves, legs.network, legs.port);
        }
    }

    /// A path that begins at a host and at none of its locations.
    fn main_route(&self, host: ProxyHostRef) -> Option<PathRef> {
        self.paths_of_proxy_host(host).find(|path| {
            let route = &self.routes.all[path.0 as usize];
            route.origin == Origin::Host(host) && route.location.is_none()
        })
    }

    fn decide_address(&self, made: &mut Decided, object: Option<ObjectRef>, decision: &Override) {
        let address = object.and_then(ObjectRef::address);
        made.address = hop(address.map(ObjectRef::from), decision, |_| {});
        made.chain = match address {
            Some(address) => Chain::of_address(self, address, None),
            None => Chain::after(HopKind::Address),
        };
        made.network = address.map_or(made.network, |address| address.network);
    }

    fn decide_guest(&self, made: &mut Decided, object: Option<ObjectRef>, decision: &Override) {
        let guest = object.and_then(ObjectRef::guest);
        let own = hop(guest.map(ObjectRef::from), decision, |rests| {
            if let Some(guest) = guest {
                rests.add(guest.source(), self.guest(guest).seen);
            }
        });
        made.chain = match guest {
            Some(guest) => Chain::of_guest(self, guest, own),
            None => Chain { guest: own, nobody: made.chain.nobody, ..Chain::after(HopKind::Guest) },
        };
    }

    fn decide_node(&self, made: &mut Decided, object: Option<ObjectRef>, decision: &Override) {
        let node = object.and_then(ObjectRef::node);
        made.chain.node = hop(node.map(ObjectRef::from), decision, |rests| {
            if let Some(node) = node {
                rests.add(node.source(), self.node(node).seen);
            }
        });
        made.chain.nobody &= node.is_none();
        made.chain.port = match node {
            Some(node) => self.cabling_of(node).clone(),
            None => Chain::after(HopKind::Node).port,
        };
    }

    fn decide_port(&self, made: &mut Decided, object: Option<ObjectRef>, decision: &Override) {
        let port = match object {
            Some(ObjectRef::Port(port)) => Some(port),
            _ => None,
        };
        let own = hop(port.map(ObjectRef::from), decision, |rests| {
            if let Some(port) = port {
                rests.add(port.source(), self.port(port).seen);
            }
        });
        made.chain.port = Arc::new(Cabling { hop: own, ports: port.into_iter().collect() });
    }
}

/// A hop that a person decided.
fn hop(target: Option<ObjectRef>, decision: &Override, rest: impl FnOnce(&mut Rests)) -> HopData {
    let mut rests = Rests::default();
    rest(&mut rests);
    let said = Evidence {
        rule: JoinRule::Override,
        source: None,
        detail: Detail::Override { reason: decision.reason.clone() },
    };
    let gone = (target.is_none() && decision.target.is_some()).then_some(Evidence {
        rule: JoinRule::NotFound,
        source: None,
        detail: Detail::Gone,
    });
    HopData {
        state: HopState::Overridden,
        target,
        several: None,
        evidence: std::iter::once(said).chain(gone).collect(),
        rests,
    }
}

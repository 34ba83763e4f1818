//! A row of the joined view, borrowed from its View: the five hops, and what follows from them.

use super::evidence::Detail;
use super::forwarding::FORWARDS_MOST;
use super::hop::HopData;
use super::ports::Ports;
use super::refs::{
    AddressRef, ForwardRef, GuestRef, HostnameRef, NetworkRef, NodeRef, ObjectRef, PathRef, PortRef,
    ProxyHostRef, SourceRef,
};
use super::routes::{Origin, Route};
use super::target::Chain;
use super::{Hop, HopKind, HopState, View};
use crate::Timestamp;

/// What became of a path: the first that holds (DESIGN, The join).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathState {
    /// All five hops lead on.
    Complete,
    /// Some hop is missing.
    Partial,
    /// The name leads nowhere that serves.
    Broken,
    /// Some hop has several equally good candidates.
    Ambiguous,
}

/// One path.
#[derive(Clone, Copy)]
pub struct Path<'v> {
    pub(crate) view: &'v View,
    pub(crate) handle: PathRef,
    pub(crate) route: &'v Route,
    pub(crate) legs: Legs<'v>,
}

/// The data of the five hops, wherever they are kept.
#[derive(Clone, Copy)]
pub(crate) struct Legs<'v> {
    pub(crate) proxy: &'v HopData,
    pub(crate) address: &'v HopData,
    pub(crate) chain: &'v Chain,
    /// The proxy host and those it redirects to are enabled and not dead.
    pub(crate) serves: bool,
    /// The network in which the target is looked for.
    pub(crate) network: u32,
    pub(crate) port: Option<u16>,
}

impl<'v> Legs<'v> {
    pub(crate) fn hop(self, view: &'v View, kind: HopKind) -> Hop<'v> {
        let data = match kind {
            HopKind::ProxyHost => self.proxy,
            HopKind::Address => self.address,
            HopKind::Guest => &self.chain.guest,
            HopKind::Node => &self.chain.node,
            HopKind::SwitchPort => &self.chain.port.hop,
        };
        Hop { view, kind, data, legs: self }
    }
}

impl<'v> Path<'v> {
    /// Its handle.
    pub fn handle(self) -> PathRef {
        self.handle
    }

    /// What the outside calls: `app.example.org`, `app.example.org/api`, `tcp:2222`, `udp:51820`.
    pub fn entry(self) -> &'v str {
        &self.route.entry
    }

    /// The public name; `None` for a stream or a bare port forward.
    pub fn hostname(self) -> Option<HostnameRef> {
        self.route.hostname
    }

    /// The location with a target of its own that it begins at.
    pub fn location(self) -> Option<&'v str> {
        match (self.route.origin, self.route.location) {
            (Origin::Host(host), Some(location)) => {
                self.view.proxy_host(host).locations.get(location as usize).map(|location| &*location.path)
            }
            _ => None,
        }
    }

    /// The port forwards by which the outside reaches the proxy, or goes past it.
    pub fn port_forwards(self) -> Vec<ForwardRef> {
        let mut all: Vec<ForwardRef> = self.route.forwards.to_vec();
        if let Origin::Forward(own) = self.route.origin {
            all.push(own);
        }
        if let Some(to) = self.address() {
            all.extend(self.view.routes.past(to, &self.ports(), self.route.protocol).take(FORWARDS_MOST));
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The ports that it leads to.
    fn ports(self) -> Ports {
        match (self.route.origin, self.port()) {
            (Origin::Forward(forward), None) => Ports::parse(&self.view.forward(forward).forward_port),
            (_, Some(port)) => Ports::one(port),
            (_, None) => Ports::default(),
        }
    }

    /// The source that it begins at: the proxy's or, of a bare forward, the controller's.
    pub fn begins_at(self) -> ObjectRef {
        match self.route.origin {
            Origin::Host(host) => host.into(),
            Origin::Forward(forward) => forward.into(),
        }
    }

    /// That one's source.
    pub fn begins_at_source(self) -> SourceRef {
        match self.route.origin {
            Origin::Host(host) => host.source(),
            Origin::Forward(forward) => forward.source(),
        }
    }

    /// The proxy host.
    pub fn proxy_host(self) -> Option<ProxyHostRef> {
        match self.legs.proxy.target {
            Some(ObjectRef::ProxyHost(host)) => Some(host),
            _ => None,
        }
    }

    /// The network in which its target is looked for.
    pub fn network(self) -> NetworkRef {
        NetworkRef(self.legs.network)
    }

    /// The address that it leads to.
    pub fn address(self) -> Option<AddressRef> {
        self.legs.address.target.and_then(ObjectRef::address)
    }

    /// The port there; `None` for a forward of several ports.
    pub fn port(self) -> Option<u16> {
        self.legs.port
    }

    /// The guest behind it; of several behind a VIP the first.
    pub fn guest(self) -> Option<GuestRef> {
        self.legs.chain.guest.target.and_then(ObjectRef::guest)
    }

    /// Of a VIP or ANYCAST address all holders of the best status, by cluster and VMID; else the guest alone.
    pub fn guests(self) -> impl Iterator<Item = GuestRef> + use<'v> {
        let hop = self.hop(HopKind::Guest);
        // An ambiguous hop has candidates and leads to none of them.
        let all = if hop.target().is_some() { hop.candidates() } else { &[] };
        all.iter().copied().filter_map(ObjectRef::guest)
    }

    /// The hypervisor.
    pub fn node(self) -> Option<NodeRef> {
        self.legs.chain.node.target.and_then(ObjectRef::node)
    }

    /// The lowest of the switch ports.
    pub fn switch_port(self) -> Option<PortRef> {
        self.switch_ports().first().copied()
    }

    /// The switch ports: several of a bond or a link aggregation group.
    pub fn switch_ports(self) -> &'v [PortRef] {
        &self.legs.chain.port.ports
    }

    /// The same path as the sources alone have it; `None` where nobody decided anything of it.
    pub fn as_told(self) -> Option<Self> {
        let decided = self.view.decided.contains_key(&self.handle.0);
        decided.then(|| Self { legs: self.view.legs_as_told(self.route), ..self })
    }

    /// One hop.
    pub fn hop(self, kind: HopKind) -> Hop<'v> {
        self.legs.hop(self.view, kind)
    }

    /// All five, in order.
    pub fn hops(self) -> [Hop<'v>; 5] {
        HopKind::ALL.map(|kind| self.hop(kind))
    }

    /// What became of it: a matter of the sources' facts, never of their age.
    pub fn state(self) -> PathState {
        let hops = self.hops();
        if hops.iter().any(|hop| hop.state() == HopState::Ambiguous) {
            return PathState::Ambiguous;
        }
        let nobody = self.leads_to_nobody() && self.view.all_answered(self.legs.network);
        if !self.legs.serves || self.legs.chain.down || nobody {
            return PathState::Broken;
        }
        let excused = |hop: &Hop<'_>| match hop.kind {
            HopKind::ProxyHost => matches!(self.route.origin, Origin::Forward(_)),
            // An address of a node itself has no guest.
            HopKind::Guest => {
                matches!(hop.data.evidence.first().map(|first| &first.detail), Some(Detail::IsNode { .. }))
            }
            _ => false,
        };
        if hops.iter().all(|hop| hop.data.leads_on() || excused(hop)) {
            PathState::Complete
        } else {
            PathState::Partial
        }
    }

    /// Whether it leads to an address that nobody is known to bear.
    pub(crate) fn leads_to_nobody(self) -> bool {
        self.legs.chain.nobody && self.legs.address.leads_on()
    }

    /// Whether some hop rests on a stale object.
    pub fn stale(self, now: Timestamp) -> bool {
        self.hops().iter().any(|hop| hop.stale(now))
    }

    /// The reading time of its oldest hop.
    pub fn as_of(self) -> Timestamp {
        // A path begins at a host or a forward, which was read once at least.
        self.hops().iter().filter_map(|hop| hop.collected_at()).min().unwrap_or(self.route.begun.at)
    }

    /// The sources that its hops rest on, in order.
    pub fn sources(self) -> Vec<SourceRef> {
        let mut all: Vec<SourceRef> =
            self.hops().iter().flat_map(|hop| hop.sources().iter().copied()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

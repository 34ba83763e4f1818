//! One network as drift looks at it: what is there, who sees it and who writes it down.

use crate::view::{AddressRef, AssignmentRef, GuestRef, NetworkRef, NodeRef, SourceRef, View};

/// One network, and who speaks of it.
pub(super) struct Site<'v> {
    pub(super) view: &'v View,
    pub(super) network: NetworkRef,
    /// By cluster and VMID; templates hold nothing and are left out.
    pub(super) guests: Vec<GuestRef>,
    /// By cluster and name.
    pub(super) nodes: Vec<NodeRef>,
    /// Its Proxmox sources and controllers: those that see what is.
    pub(super) observers: Vec<SourceRef>,
    /// Its controllers: an address may be known by their client tables alone.
    pub(super) controllers: Vec<SourceRef>,
    /// Those who may have written an address of the network down. An IPAM names the network row by row, so every one may.
    pub(super) declarers: Vec<SourceRef>,
    /// How far the slowest of the observers has come: once all have answered, what they do not show is not there.
    pub(super) seen: Heard,
    /// How far the slowest of the declarers has come.
    pub(super) heard: Heard,
    /// Somebody wrote an address down.
    pub(super) has_declarations: bool,
    /// Somebody wrote an IPv6 address down.
    pub(super) has_ipv6_declarations: bool,
}

impl<'v> Site<'v> {
    /// All networks, in order.
    pub(super) fn all(view: &'v View) -> Vec<Self> {
        let mut sites: Vec<Self> = view.networks().map(|network| Self::new(view, network)).collect();
        for source in view.sources() {
            let own = view.network_of(source);
            let kind = &*view.held(source).info.kind;
            let site = &mut sites[own.0 as usize];
            if matches!(kind, "proxmox" | "unifi") {
                site.observers.push(source);
                site.seen = site.seen.min(Heard::of_observer(view, source));
            }
            if kind == "unifi" {
                site.controllers.push(source);
            }
            for site in &mut sites {
                if kind == "ipam" || kind == "declared" && site.network == own {
                    site.declarers.push(source);
                }
            }
        }
        for guest in view.guests().iter().filter(|guest| !view.guest(*guest).template) {
            sites[view.network_of(guest.source()).0 as usize].guests.push(guest);
        }
        for node in view.nodes().iter() {
            sites[view.network_of(node.source()).0 as usize].nodes.push(node);
        }
        for assignment in view.assignments().iter() {
            sites[view.declared_address(assignment).network().0 as usize].take(assignment);
        }
        for site in &mut sites {
            site.declarers.sort_unstable();
            site.declarers.dedup();
            let heard = site.declarers.iter().map(|source| Heard::of(view, *source));
            site.heard = heard.min().unwrap_or(Heard::Answered);
        }
        sites
    }

    fn new(view: &'v View, network: NetworkRef) -> Self {
        Self {
            view,
            network,
            guests: Vec::new(),
            nodes: Vec::new(),
            observers: Vec::new(),
            controllers: Vec::new(),
            declarers: Vec::new(),
            seen: Heard::Answered,
            heard: Heard::Answered,
            has_declarations: false,
            has_ipv6_declarations: false,
        }
    }

    fn take(&mut self, assignment: AssignmentRef) {
        self.has_declarations = true;
        self.has_ipv6_declarations |= self.view.declared_address(assignment).address().is_ipv6();
        if self.declarers.last() != Some(&assignment.source()) {
            self.declarers.push(assignment.source());
        }
    }

    /// Every address of which anything is known, ascending.
    pub(super) fn addresses(&self) -> impl Iterator<Item = AddressRef> + use<'v> {
        let all = [ipnet::IpNet::V4(ipnet::Ipv4Net::default()), ipnet::IpNet::V6(ipnet::Ipv6Net::default())];
        let (view, network) = (self.view, self.network);
        all.into_iter().flat_map(move |range| view.addresses_within(network, range))
    }

    /// The network as subjects name it: nothing where it is the default one.
    pub(super) fn suffix(&self) -> String {
        super::find::suffix(self.view, self.network)
    }
}

/// How far a source has come since the start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Heard {
    /// Nobody has asked it yet, or not for all of its guests.
    Never,
    /// It was asked, and has not answered so far, or not for all that it has: it is not waited for.
    Asked,
    /// It has answered: what it does not say is not so.
    Answered,
}

impl Heard {
    /// Of a source that sees what is, which its guests tell as well.
    fn of_observer(view: &View, source: SourceRef) -> Self {
        match Self::of(view, source) {
            _ if view.is_reading_guests(source) => Self::Never,
            Self::Answered if view.is_blind_to_guests(&[source]) => Self::Asked,
            heard => heard,
        }
    }

    fn of(view: &View, source: SourceRef) -> Self {
        let held = view.held(source);
        match (&held.snapshot, held.last_attempt) {
            (Some(_), _) if shows_all(view, source) => Self::Answered,
            (_, Some(_)) => Self::Asked,
            (_, None) => Self::Never,
        }
    }
}

/// Whether a source has answered and its main lists were read in full. From a list that is served from memory nothing new
/// is concluded either: what was concluded before stays, as of a source that is not fresh.
pub(super) fn shows_all(view: &View, source: SourceRef) -> bool {
    view.held(source).snapshot.as_ref().is_some_and(|snapshot| snapshot.unread.is_empty())
}

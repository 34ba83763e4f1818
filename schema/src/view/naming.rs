//! Where a name leads: to the guest, node or declared entry that bears it, whole and in any case. Never DNS.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::cabling::EVIDENCE_MOST;
use super::evidence::{Detail, Evidence, JoinRule};
use super::hop::{HopData, Rests};
use super::refs::{AddressRef, AssignmentRef, NetworkRef, ObjectRef, SourceRef};
use super::target::Chain;
use super::{HopKind, View};
use crate::address::{canonical, names_a_machine};
use crate::fact::{GuestStatus, NodeStatus, Seen};

/// One bearer of a name, with its addresses, ascending.
struct Bearer {
    object: ObjectRef,
    addresses: Vec<IpAddr>,
    /// Those that are declared: each address's entry.
    entries: BTreeMap<IpAddr, AssignmentRef>,
}

impl Chain {
    /// Where a name leads, given in lower case.
    pub(crate) fn of_name(view: &View, network: u32, name: &str) -> Self {
        let mut bearers = view.best_machines(network, name);
        if bearers.is_empty() {
            bearers = view.declared_bearers(network, name);
        }
        match &*bearers {
            [] => {
                let unborne =
                    HopData::missing(Detail::NameUnborne { network: NetworkRef(network), name: name.into() });
                Self { address: Some(unborne), ..Self::after(HopKind::Address) }
            }
            [only] => Self::of_bearer(view, network, only),
            several => Self::of_equals(view, network, several),
        }
    }

    fn of_bearer(view: &View, network: u32, bearer: &Bearer) -> Self {
        let (rests, evidence) = view.word_of(bearer, bearer.addresses.first());
        let address = bearer.addresses.first().map(|address| AddressRef { network, address: *address });
        let hop = match address {
            Some(address) => HopData::resolved(address, vec![evidence.clone()], rests.clone()),
            None => HopData::missing(Detail::WithoutAddress { bearer: bearer.object }),
        };
        let chain = match (bearer.object, address) {
            // Whoever else holds the address: the name said which guest is meant.
            (ObjectRef::Guest(guest), _) => {
                Self::of_guest(view, guest, HopData::resolved(guest, vec![evidence], rests))
            }
            (ObjectRef::Node(node), None) => Self::of_node(view, node),
            (_, Some(address)) => Self::of_address(view, address, None),
            (_, None) => Self::after(HopKind::Address),
        };
        Self { address: Some(hop), ..chain }
    }

    /// Several that are equally good: they agree where they share an address.
    fn of_equals(view: &View, network: u32, bearers: &[Bearer]) -> Self {
        let mut shared: BTreeSet<IpAddr> = bearers[0].addresses.iter().copied().collect();
        for bearer in &bearers[1..] {
            shared.retain(|address| bearer.addresses.binary_search(address).is_ok());
        }
        let mut rests = Rests::default();
        let mut evidence = Vec::new();
        for bearer in bearers {
            let (own, word) = view.word_of(bearer, shared.first().or(bearer.addresses.first()));
            let seen = Seen { at: own.at.unwrap_or_default(), stale: own.stale };
            own.sources.iter().for_each(|source| rests.add(*source, seen));
            if evidence.len() < EVIDENCE_MOST {
                evidence.push(word);
            }
        }
        if let Some(&address) = shared.first() {
            let address = AddressRef { network, address };
            let machines: Vec<ObjectRef> = bearers.iter().map(|bearer| bearer.object).collect();
            let machines = (!matches!(machines[0], ObjectRef::Assignment(_))).then_some(&*machines);
            let hop = HopData::resolved(address, evidence, rests);
            return Self { address: Some(hop), ..Self::of_address(view, address, machines) };
        }
        let candidate = |bearer: &Bearer| match bearer.addresses.first() {
            Some(&address) => AddressRef { network, address }.into(),
            None => bearer.object,
        };
        let candidates: BTreeSet<ObjectRef> = bearers.iter().map(candidate).collect();
        let hop = HopData::ambiguous(candidates.into_iter().collect(), evidence, rests);
        Self { address: Some(hop), ..Self::after(HopKind::Address) }
    }
}

impl View {
    /// The guests and nodes of a name that are of the best status.
    fn best_machines(&self, network: u32, name: &str) -> Vec<Bearer> {
        let guests = self.guests_named(NetworkRef(network), name);
        let guests = guests.into_iter().filter(|guest| !self.guest(*guest).template);
        let nodes = self.hypervisors[network as usize].bearers(name).iter();
        // A node's word, as a guest of that status would be preferred.
        let status = |node| match self.node(node).status {
            NodeStatus::Online => GuestStatus::Running,
            NodeStatus::Unknown => GuestStatus::Unknown,
            NodeStatus::Offline => GuestStatus::Stopped,
        };
        let mut found: Vec<(GuestStatus, ObjectRef)> =
            guests.map(|guest| (self.guest(guest).status, guest.into())).collect();
        found.extend(nodes.map(|node| (status(*node), (*node).into())));
        let best = found.iter().map(|(status, _)| *status).min();
        found.retain(|(status, _)| Some(*status) == best);
        let bearer = |(_, object): (GuestStatus, ObjectRef)| Bearer {
            object,
            addresses: match object {
                ObjectRef::Guest(guest) => {
                    self.guest_addresses(guest).into_iter().map(|address| address.address).collect()
                }
                ObjectRef::Node(node) => {
                    self.node_address(node).map(|address| address.address).into_iter().collect()
                }
                _ => Vec::new(),
            },
            entries: BTreeMap::new(),
        };
        found.into_iter().map(bearer).collect()
    }

    /// The declared entries of a name: an entry is a source's rows for one guest, or of one place where no guest is named.
    fn declared_bearers(&self, network: u32, name: &str) -> Vec<Bearer> {
        let mut entries: BTreeMap<(u32, Option<u32>, &str), BTreeMap<IpAddr, AssignmentRef>> =
            BTreeMap::new();
        for assignment in self.assignments_named(NetworkRef(network), name) {
            let fact = self.assignment(assignment);
            let address = canonical(fact.address);
            if names_a_machine(address) {
                let place = match fact.vmid {
                    Some(_) => fact.cluster.as_deref().unwrap_or(""),
                    None => &fact.declared_in,
                };
                let entry = entries.entry((assignment.source, fact.vmid, place)).or_default();
                entry.entry(address).or_insert(assignment);
            }
        }
        let bearer = |entries: BTreeMap<IpAddr, AssignmentRef>| {
            let (_, first) = entries.first_key_value()?;
            Some(Bearer { object: (*first).into(), addresses: entries.keys().copied().collect(), entries })
        };
        entries.into_values().filter_map(bearer).collect()
    }

    /// What a bearer's word rests on, and the word.
    fn word_of(&self, bearer: &Bearer, address: Option<&IpAddr>) -> (Rests, Evidence) {
        let declared = address.and_then(|address| bearer.entries.get(address)).copied();
        let object = declared.map_or(bearer.object, ObjectRef::from);
        let (rule, source, seen) = match object {
            ObjectRef::Guest(guest) => (JoinRule::GuestName, guest.source(), self.guest(guest).seen),
            ObjectRef::Node(node) => (JoinRule::NodeName, node.source(), self.node(node).seen),
            ObjectRef::Assignment(entry) => {
                (JoinRule::DeclaredName, entry.source(), self.assignment(entry).seen)
            }
            _ => (JoinRule::NotFound, SourceRef(0), Seen::default()),
        };
        let evidence = Evidence { rule, source: Some(source), detail: Detail::BornBy { bearer: object } };
        (Rests::on(source, seen), evidence)
    }
}

//! Where a target leads: from an address to the guest that bears it, its node and that node's port.

use std::net::IpAddr;
use std::sync::Arc;

use super::addresses::Claim;
use super::cabling::{Cabling, EVIDENCE_MOST};
use super::evidence::{Detail, Evidence, JoinRule};
use super::holdings::rank;
use super::hop::{HopData, HopState, Rests};
use super::refs::{AddressRef, AssignmentRef, ClientRef, GuestRef, NodeRef, ObjectRef};
use super::{HopKind, View};
use crate::address::{canonical, names_a_machine};
use crate::fact::{AddressOrigin, GuestStatus, IpRole, Seen};

/// What a proxy host or a port forward names as its target, within a network. Addresses come before names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum TargetHost {
    Address(IpAddr),
    /// In lower case.
    Name(Box<str>),
}

/// A target and the network in which it is looked for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Target {
    pub(crate) network: u32,
    pub(crate) host: TargetHost,
}

/// Where a target leads: shared by all paths that have it, and by the next View where nothing of it changed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chain {
    /// Of a name; the hop of a literal address is its path's own.
    pub(crate) address: Option<HopData>,
    pub(crate) guest: HopData,
    pub(crate) node: HopData,
    pub(crate) port: Arc<Cabling>,
    /// No guest, node, client, device or declared entry holds the address.
    pub(crate) nobody: bool,
    /// The guest is stopped, paused or suspended.
    pub(crate) down: bool,
}

/// Reads a target's host; `None` for the proxy's own machine or container.
pub(crate) fn read_host(text: &str) -> Option<TargetHost> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = bare.parse::<IpAddr>() {
        let address = canonical(address);
        // A connection to the unspecified address ends at this machine.
        return (!address.is_loopback() && !address.is_unspecified()).then_some(TargetHost::Address(address));
    }
    let name = text.to_lowercase();
    let local = ["localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback"].contains(&&*name)
        || name.ends_with(".localhost");
    (!local).then(|| TargetHost::Name(name.into()))
}

/// Who holds an address.
struct Holders<'v> {
    guests: Vec<&'v Claim>,
    nodes: Vec<NodeRef>,
    client: Option<ClientRef>,
    device: Option<ObjectRef>,
    /// The first declaration, those that say VIP or ANYCAST before others.
    declared: Option<AssignmentRef>,
    shared: bool,
}

impl Chain {
    /// The hops after one that leads to no single object.
    pub(crate) fn after(hop: HopKind) -> Self {
        Self::missing(|| Detail::After { hop })
    }

    fn missing(detail: impl Fn() -> Detail) -> Self {
        Self {
            address: None,
            guest: HopData::missing(detail()),
            node: HopData::missing(detail()),
            port: Arc::new(Cabling::missing(detail())),
            nobody: false,
            down: false,
        }
    }

    /// Where a target leads.
    pub(crate) fn of(view: &View, target: &Target) -> Self {
        match &target.host {
            TargetHost::Address(address) => {
                Self::of_address(view, AddressRef { network: target.network, address: *address }, None)
            }
            TargetHost::Name(name) => Self::of_name(view, target.network, name),
        }
    }

    /// Where an address leads; where it was found by a name that several bear, only they (in order) count.
    pub(crate) fn of_address(view: &View, address: AddressRef, bearers: Option<&[ObjectRef]>) -> Self {
        let mut holders = view.holders(address);
        if let Some(bearers) = bearers {
            holders.guests.retain(|claim| {
                claim.guest().is_some_and(|guest| bearers.binary_search(&guest.into()).is_ok())
            });
            holders.nodes.retain(|node| bearers.binary_search(&(*node).into()).is_ok());
        }
        match (&*holders.guests, &*holders.nodes) {
            ([], [node]) => Self::of_node(view, *node),
            ([], []) => Self::of_nobody(view, address, &holders),
            ([], nodes) => Self {
                guest: HopData::missing(Detail::IsNode { node: nodes[0] }),
                node: several_nodes(view, nodes),
                ..Self::after(HopKind::Node)
            },
            (_, nodes) => Self::of_holders(view, address, &holders, nodes),
        }
    }

    /// Among guests: status first, then the rule; a VIP's are all of the best status.
    fn of_holders(view: &View, address: AddressRef, holders: &Holders<'_>, nodes: &[NodeRef]) -> Self {
        let status =
            |claim: &Claim| claim.guest().map_or(GuestStatus::Stopped, |guest| view.guest(guest).status);
        let best = holders.guests.iter().map(|claim| status(claim)).min();
        let mut equals: Vec<&Claim> =
            holders.guests.iter().copied().filter(|claim| Some(status(claim)) == best).collect();
        if !holders.shared {
            let rule = equals.iter().map(|claim| rank(claim.origin)).min();
            equals.retain(|claim| Some(rank(claim.origin)) == rule);
        }
        let mut rests = Rests::default();
        let mut evidence = Vec::new();
        if let Some(assignment) = holders.declared.filter(|_| holders.shared) {
            let detail = Detail::Shared { assignment };
            evidence.push(Evidence { rule: JoinRule::Vip, source: Some(assignment.source()), detail });
            rests.add(assignment.source(), view.assignment(assignment).seen);
        }
        for claim in &equals {
            view.rest_on_claim(address, claim, &mut rests, &mut evidence);
        }
        let mut several: Vec<ObjectRef> =
            equals.iter().filter_map(|claim| claim.guest()).map(ObjectRef::from).collect();
        if !nodes.is_empty() {
            for node in nodes {
                several.push((*node).into());
                rests.add(node.source(), view.node(*node).seen);
                if evidence.len() < 2 * EVIDENCE_MOST {
                    evidence.push(node_evidence(view, *node));
                }
            }
            return Self {
                guest: HopData::ambiguous(several, evidence, rests),
                ..Self::after(HopKind::Guest)
            };
        }
        let first = equals[0].guest();
        match first {
            Some(guest) if several.len() == 1 => {
                Self::of_guest(view, guest, HopData::resolved(guest, evidence, rests))
            }
            Some(guest) if holders.shared => {
                let hop = HopData {
                    state: HopState::Resolved,
                    target: Some(guest.into()),
                    several: Some(several.into()),
                    evidence: evidence.into(),
                    rests,
                };
                Self::of_guest(view, guest, hop)
            }
            _ => Self { guest: HopData::ambiguous(several, evidence, rests), ..Self::after(HopKind::Guest) },
        }
    }

    /// From a guest on: Proxmox' own word for where it runs.
    pub(crate) fn of_guest(view: &View, guest: GuestRef, hop: HopData) -> Self {
        let fact = view.guest(guest);
        let down = matches!(fact.status, GuestStatus::Stopped | GuestStatus::Paused | GuestStatus::Suspended);
        let (node, port) = match view.node_of(guest) {
            None => (HopData::missing(Detail::Unplaced { guest }), None),
            Some(node) => {
                let evidence = Evidence {
                    rule: JoinRule::Placement,
                    source: Some(guest.source()),
                    detail: Detail::Placed { guest, node },
                };
                let rests = Rests::on(guest.source(), fact.seen).and(node.source(), view.node(node).seen);
                (HopData::resolved(node, vec![evidence], rests), Some(view.cabling_of(node).clone()))
            }
        };
        let after = Self::after(HopKind::Node);
        Self { address: None, guest: hop, node, port: port.unwrap_or(after.port), nobody: false, down }
    }

    /// An address of a node itself.
    pub(crate) fn of_node(view: &View, node: NodeRef) -> Self {
        let hop = HopData::resolved(
            node,
            vec![node_evidence(view, node)],
            Rests::on(node.source(), view.node(node).seen),
        );
        Self {
            address: None,
            guest: HopData::missing(Detail::IsNode { node }),
            node: hop,
            port: view.cabling_of(node).clone(),
            nobody: false,
            down: false,
        }
    }

    fn of_nobody(view: &View, address: AddressRef, holders: &Holders<'_>) -> Self {
        match *holders {
            Holders { device: Some(device), .. } => Self::missing(|| Detail::OnlyDevice { device }),
            Holders { client: Some(client), .. } => Self {
                port: Arc::new(Cabling::of_client(view, address.network, client)),
                ..Self::missing(|| Detail::OnlyClient { client })
            },
            Holders { declared: Some(assignment), .. } => {
                Self::missing(|| Detail::OnlyDeclared { assignment })
            }
            _ => Self { nobody: true, ..Self::missing(|| Detail::Unheld { address }) },
        }
    }
}

fn node_evidence(view: &View, node: NodeRef) -> Evidence {
    let network = view.layout.of(node.source);
    let source = Some(node.source());
    match view.node(node).address.map(canonical) {
        Some(address) => {
            let address = AddressRef { network, address };
            Evidence { rule: JoinRule::NodeAddress, source, detail: Detail::NodeAddress { node, address } }
        }
        None => Evidence { rule: JoinRule::NodeName, source, detail: Detail::BornBy { bearer: node.into() } },
    }
}

fn several_nodes(view: &View, nodes: &[NodeRef]) -> HopData {
    let mut rests = Rests::default();
    for node in nodes {
        rests.add(node.source(), view.node(*node).seen);
    }
    let evidence = nodes.iter().take(EVIDENCE_MOST).map(|node| node_evidence(view, *node)).collect();
    HopData::ambiguous(nodes.iter().map(|node| (*node).into()).collect(), evidence, rests)
}

impl View {
    fn holders(&self, address: AddressRef) -> Holders<'_> {
        let claims = self.tables[address.network as usize].of(address.address);
        let role = |assignment: AssignmentRef| {
            matches!(self.assignment(assignment).role, IpRole::Vip | IpRole::Anycast)
        };
        let assignments = || claims.iter().filter_map(Claim::assignment);
        let shared = assignments().find(|assignment| role(*assignment));
        let machine = names_a_machine(address.address);
        Holders {
            guests: claims.iter().filter(|claim| machine && claim.guest().is_some()).collect(),
            nodes: claims.iter().filter_map(Claim::node).collect(),
            client: self.client_of_address(address),
            device: claims.iter().filter_map(Claim::device).map(ObjectRef::from).next(),
            declared: shared.or_else(|| assignments().next()),
            shared: shared.is_some(),
        }
    }

    /// What a guest's word for an address rests on.
    fn rest_on_claim(&self, address: AddressRef, claim: &Claim, rests: &mut Rests, into: &mut Vec<Evidence>) {
        let Some(guest) = claim.guest() else { return };
        let fact = self.guest(guest);
        let (source, detail) = match claim.origin {
            AddressOrigin::ClientTable => {
                let fabric = &self.fabrics[address.network as usize];
                let mine =
                    |client: &ClientRef| self.client(*client).address.map(canonical) == Some(address.address);
                let macs = fact.nics.iter().filter_map(|nic| nic.mac);
                match macs.filter_map(|mac| fabric.client(mac)).find(mine) {
                    Some(client) => {
                        rests.add(client.source(), self.client(client).seen);
                        (client.source(), Detail::HoldsAsClient { guest, client })
                    }
                    None => (guest.source(), Detail::Holds { guest, address }),
                }
            }
            AddressOrigin::Declared => {
                let mine = |assignment: &AssignmentRef| {
                    canonical(self.assignment(*assignment).address) == address.address
                };
                match self.assignments_of_guest(guest).find(mine) {
                    Some(assignment) => {
                        rests.add(assignment.source(), self.assignment(assignment).seen);
                        (assignment.source(), Detail::HoldsAsDeclared { guest, assignment })
                    }
                    None => (guest.source(), Detail::Holds { guest, address }),
                }
            }
            _ => (guest.source(), Detail::Holds { guest, address }),
        };
        rests.add(guest.source(), Seen { stale: fact.seen.stale || claim.stale, ..fact.seen });
        if into.len() < EVIDENCE_MOST {
            into.push(Evidence { rule: claim.origin.into(), source: Some(source), detail });
        }
    }
}

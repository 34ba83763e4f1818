//! The address plan: which range lies in which, what is assigned in it, and how full it is.

use std::net::IpAddr;
use std::sync::Arc;

use ipnet::IpNet;

use super::View;
use super::addresses::{Bearer, Claim};
use super::layout::Layout;
use super::part::Part;
use super::refs::{AddressRef, AssignmentRef, NetworkRef, SubnetRef, VlanRef, narrow};
use crate::Held;

/// One subnet of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) handle: SubnetRef,
    pub(crate) network: u32,
    pub(crate) cidr: IpNet,
    /// The place of the smallest range around it.
    pub(crate) parent: Option<u32>,
}

/// All subnets by network and range: a range stands before those that lie in it.
pub(crate) fn plan(held: &[Held], layout: &Layout, parts: &[Arc<Part>]) -> Box<[Plan]> {
    let mut all = Vec::new();
    for (source, part) in (0u32..).zip(parts) {
        let second = &*held[source as usize].info.kind != "ipam";
        for (index, place) in part.subnets.iter().enumerate() {
            let fact = &part.facts().subnets[*place as usize];
            let network = layout.find(&fact.network).unwrap_or_else(|| layout.of(source));
            all.push((network, fact.cidr, second, SubnetRef::new(source, index)));
        }
    }
    all.sort_unstable();
    all.dedup_by(|a, b| (a.0, a.1) == (b.0, b.1));
    let mut plans: Vec<Plan> = Vec::with_capacity(all.len());
    // The ranges around the current one, widest first.
    let mut around: Vec<u32> = Vec::new();
    for (network, cidr, _, handle) in all {
        while around.last().is_some_and(|last| {
            let last = &plans[*last as usize];
            last.network != network || !last.cidr.contains(&cidr)
        }) {
            around.pop();
        }
        let place = narrow(plans.len());
        plans.push(Plan { handle, network, cidr, parent: around.last().copied() });
        around.push(place);
    }
    plans.into()
}

impl View {
    fn plan_of(&self, subnet: SubnetRef) -> Option<usize> {
        let fact = self.subnet(subnet);
        let network = self.layout.find(&fact.network)?;
        let plans = &self.catalog.subnets;
        plans.binary_search_by(|plan| (plan.network, plan.cidr).cmp(&(network, fact.cidr))).ok()
    }

    /// The smallest subnet around one.
    pub fn parent_of_subnet(&self, subnet: SubnetRef) -> Option<SubnetRef> {
        let parent = self.catalog.subnets[self.plan_of(subnet)?].parent?;
        Some(self.catalog.subnets[parent as usize].handle)
    }

    /// The subnets directly within one, ascending.
    pub fn children_of_subnet(&self, subnet: SubnetRef) -> impl Iterator<Item = SubnetRef> + '_ {
        let own = self.plan_of(subnet);
        let following = own.map_or(&[][..], |own| &self.catalog.subnets[own + 1..]);
        let (network, cidr) = own.map_or((0, IpNet::default()), |own| {
            let plan = self.catalog.subnets[own];
            (plan.network, plan.cidr)
        });
        following
            .iter()
            .take_while(move |plan| plan.network == network && cidr.contains(&plan.cidr))
            .filter(move |plan| plan.parent.map(|parent| parent as usize) == own)
            .map(|plan| plan.handle)
    }

    /// The smallest subnet that holds an address.
    pub fn subnet_of(&self, address: AddressRef) -> Option<SubnetRef> {
        let plans = &self.catalog.subnets;
        let single = IpNet::from(address.address);
        let end = plans.partition_point(|plan| (plan.network, plan.cidr) <= (address.network, single));
        let mut place = narrow(end).checked_sub(1);
        while let Some(at) = place {
            let plan = &plans[at as usize];
            if plan.network != address.network {
                return None;
            }
            if plan.cidr.contains(&address.address) {
                return Some(plan.handle);
            }
            place = plan.parent;
        }
        None
    }

    /// The declared addresses within a subnet, by address.
    pub fn assignments_of_subnet(&self, subnet: SubnetRef) -> impl Iterator<Item = AssignmentRef> + '_ {
        let fact = self.subnet(subnet);
        let table = self.layout.find(&fact.network).map(|network| &self.tables[network as usize]);
        let claims = table.map_or(&[][..], |table| {
            let start = table.claims.partition_point(|claim| claim.address < fact.cidr.network());
            &table.claims[start..]
        });
        claims.iter().take_while(|claim| fact.cidr.contains(&claim.address)).filter_map(Claim::assignment)
    }

    /// How much of a subnet is assigned, 0 to 1: declared addresses among those that a machine can have. Only what `counts`
    /// lets through is counted: whoever may not see a row must not learn of it from a sum.
    pub fn utilisation(&self, subnet: SubnetRef, counts: impl Fn(AssignmentRef) -> bool) -> f64 {
        let cidr = self.subnet(subnet).cidr;
        let mut last: Option<IpAddr> = None;
        let mut assigned = 0u32;
        for assignment in self.assignments_of_subnet(subnet).filter(|row| counts(*row)) {
            let address = crate::address::canonical(self.assignment(assignment).address);
            if last.replace(address) != Some(address) {
                assigned += 1;
            }
        }
        let bits = i32::from(cidr.max_prefix_len() - cidr.prefix_len());
        // The first and the last address of an IPv4 range name no machine, but in a range of two or of one.
        let reserved = if matches!(cidr, IpNet::V4(_)) && bits > 1 { 2.0 } else { 0.0 };
        (f64::from(assigned) / (2f64.powi(bits) - reserved)).min(1.0)
    }

    /// The VLAN of a subnet.
    pub fn vlan_of_subnet(&self, subnet: SubnetRef) -> Option<VlanRef> {
        self.vlan_in(subnet.source, self.subnet(subnet).vlan.as_deref()?)
    }

    /// The VLAN of a declared address.
    pub fn vlan_of_assignment(&self, assignment: AssignmentRef) -> Option<VlanRef> {
        self.vlan_in(assignment.source, self.assignment(assignment).vlan.as_deref()?)
    }

    fn vlan_in(&self, source: u32, reference: &str) -> Option<VlanRef> {
        let part = &self.parts[source as usize];
        let place =
            super::part::find(&part.vlans, &part.facts().vlans, |vlan| (*vlan.reference).cmp(reference))?;
        Some(VlanRef::new(source, place))
    }

    /// The subnets of a VLAN, ascending.
    pub fn subnets_of_vlan(&self, vlan: VlanRef) -> impl Iterator<Item = SubnetRef> + '_ {
        let reference = &*self.vlan(vlan).reference;
        self.catalog.subnets.iter().map(|plan| plan.handle).filter(move |subnet| {
            subnet.source == vlan.source && self.subnet(*subnet).vlan.as_deref() == Some(reference)
        })
    }

    /// The declarations of an address, by source and reference.
    pub fn assignments_of(&self, address: AddressRef) -> impl Iterator<Item = AssignmentRef> + '_ {
        self.tables[address.network as usize].of(address.address).iter().filter_map(Claim::assignment)
    }

    /// The addresses of a network within a range, ascending.
    pub fn addresses_within(
        &self,
        network: NetworkRef,
        range: IpNet,
    ) -> impl Iterator<Item = AddressRef> + '_ {
        let table = &self.tables[network.0 as usize];
        let from =
            table.starts.partition_point(|start| table.claims[*start as usize].address < range.network());
        (from..table.len())
            .map(|place| table.address(place))
            .take_while(move |address| range.contains(address))
            .map(move |address| AddressRef { network: network.0, address })
    }

    /// Whether anything was seen on an address, or only written down or forwarded to.
    pub fn is_observed(&self, address: AddressRef) -> bool {
        let claims = self.tables[address.network as usize].of(address.address);
        claims.iter().any(|claim| match claim.bearer {
            Bearer::Guest => claim.origin != crate::fact::AddressOrigin::Declared,
            Bearer::Node | Bearer::Client | Bearer::Device => true,
            Bearer::Assignment | Bearer::Target => false,
        })
    }
}

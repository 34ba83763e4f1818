//! The address plan: what people wrote down.

use resolvers_macros::object;
use schema::fact::{AssignmentFact, SubnetFact, VlanFact};
use schema::view::{AssignmentRef, SubnetRef, VlanRef};

use super::{IpAddress, Many as _, Provenance, handles, listed};
use crate::Refusal;
use crate::access::Visible as _;
use crate::enums::{IpRole, IpStatus, VlanState};
use crate::page::{Connection, Cursor, Listed as _, Page};
use crate::scalar::{Cidr, Id, MacAddr};

handles! {
    /// A subnet.
    Subnet(SubnetRef);
    /// A VLAN.
    Vlan(VlanRef);
    /// A declared address.
    IpAssignment(AssignmentRef);
}
listed!(Subnet, Vlan, IpAssignment);

impl<'v> Subnet<'v> {
    fn fact(&self) -> &'v SubnetFact {
        self.context.view.subnet(self.at)
    }
}

/// A subnet of the address plan, or of a controller's settings.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> Subnet<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    fn cidr(&self) -> Cidr {
        Cidr(self.fact().cidr)
    }

    /// Equal ranges mean the same only within one network.
    fn network(&self) -> &'v str {
        &self.fact().network
    }

    fn name(&self) -> Option<&'v str> {
        self.fact().name.as_deref()
    }

    fn vlan(&self) -> Option<Vlan<'v>> {
        self.context.view.vlan_of_subnet(self.at).and_then(|at| Vlan::see(self.context, at))
    }

    /// Its own, else its source's.
    fn environment(&self) -> Option<&'v str> {
        let sources = self.context.view.held(self.at.source()).info.environment.as_deref();
        self.fact().environment.as_deref().or(sources)
    }

    /// 0..1: declared addresses among those that a machine can have, as far as the caller may see them.
    fn utilisation(&self) -> f64 {
        self.context.view.utilisation(self.at, |row| row.visible(self.context))
    }

    /// The smallest subnet that holds it.
    fn parent(&self) -> Option<Subnet<'v>> {
        self.context.view.parent_of_subnet(self.at).and_then(|at| Subnet::see(self.context, at))
    }

    fn children(&self) -> Vec<Subnet<'v>> {
        Subnet::all(self.context, self.context.view.children_of_subnet(self.at))
    }

    fn assignments(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<IpAssignment<'v>>, Refusal> {
        let mut handles: Vec<_> = self.context.view.assignments_of_subnet(self.at).collect();
        handles.sort_unstable();
        Page::new(first, after).among(&IpAssignment::all(self.context, handles))
    }
}

impl<'v> Vlan<'v> {
    fn fact(&self) -> &'v VlanFact {
        self.context.view.vlan(self.at)
    }
}

/// A VLAN of the address plan, or of a controller's settings.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> Vlan<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    /// 1 to 4094.
    fn vlan_id(&self) -> u16 {
        self.fact().vlan_id
    }

    fn name(&self) -> &'v str {
        &self.fact().name
    }

    fn state(&self) -> VlanState {
        self.fact().state.into()
    }

    fn subnets(&self) -> Vec<Subnet<'v>> {
        Subnet::all(self.context, self.context.view.subnets_of_vlan(self.at))
    }
}

impl<'v> IpAssignment<'v> {
    fn fact(&self) -> &'v AssignmentFact {
        self.context.view.assignment(self.at)
    }
}

/// An address that somebody wrote down, in IPAM or in a file.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> IpAssignment<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    fn address(&self) -> IpAddress<'v> {
        IpAddress::whole(self.context, self.context.view.declared_address(self.at))
    }

    /// What it is called there: a host's name, or a file's KEY.
    fn hostname(&self) -> Option<&'v str> {
        self.fact().hostname.as_deref()
    }

    /// The guest that is said to bear it.
    fn vmid(&self) -> Option<u32> {
        self.fact().vmid
    }

    fn mac(&self) -> Option<MacAddr> {
        self.fact().mac.map(MacAddr)
    }

    fn vlan(&self) -> Option<Vlan<'v>> {
        self.context.view.vlan_of_assignment(self.at).and_then(|at| Vlan::see(self.context, at))
    }

    fn owner_team(&self) -> Option<&'v str> {
        self.fact().owner_team.as_deref()
    }

    fn service(&self) -> Option<&'v str> {
        self.fact().service.as_deref()
    }

    fn role(&self) -> IpRole {
        self.fact().role.into()
    }

    fn status(&self) -> IpStatus {
        self.fact().status.into()
    }

    /// A table, or file and line.
    fn declared_in(&self) -> &'v str {
        &self.fact().declared_in
    }

    /// For optimistic locking.
    fn version(&self) -> i32 {
        self.fact().version
    }

    fn provenance(&self) -> Provenance<'v> {
        Provenance::new(self.context, self.at.source(), self.fact().seen)
    }
}

//! The address plan: VLANs, subnets, addresses and cables that people wrote down, as tables.

mod read;
mod rows;
mod seed;

pub use read::{ReadError, read};
pub use seed::seed;

use schema::fact::{AssignmentFact, PortMapFact, SubnetFact, VlanFact};

/// Everything in the tables, as it was at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddressPlan {
    /// VLANs; subnets and addresses name them by reference.
    pub vlans: Vec<VlanFact>,
    /// Subnets, which lie within each other.
    pub subnets: Vec<SubnetFact>,
    /// Addresses.
    pub assignments: Vec<AssignmentFact>,
    /// Cables.
    pub port_map: Vec<PortMapFact>,
    /// Rows that no fact can be made of, in another PostgreSQL whose tables lack our constraints.
    pub unreadable: Vec<Unreadable>,
}

/// A row that no fact can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// `ipam_vlan 12`
    pub subject: Box<str>,
    /// What is wrong with it.
    pub message: &'static str,
}

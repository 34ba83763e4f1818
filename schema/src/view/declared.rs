//! One network's declarations, by what they name.

use std::sync::Arc;

use super::addresses::{Bearer, Claim};
use super::layout::Layout;
use super::part::{Part, hash_name};
use super::refs::{AssignmentRef, narrow};
use crate::address::{canonical, names_a_machine};

/// The declared addresses of a network.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// By VMID.
    by_vmid: Box<[(u32, AssignmentRef)]>,
    /// By the hash of the name in any case.
    by_name: Box<[(u32, AssignmentRef)]>,
    claims: Box<[Claim]>,
}

impl Declared {
    pub(crate) fn new(network: u32, layout: &Layout, parts: &[Arc<Part>]) -> Self {
        let (mut by_vmid, mut by_name, mut claims) = (Vec::new(), Vec::new(), Vec::new());
        for (source, part) in (0u32..).zip(parts) {
            for (index, place) in part.assignments.iter().enumerate() {
                let fact = &part.facts().assignments[*place as usize];
                if layout.find(&fact.network) != Some(network) {
                    continue;
                }
                let handle = AssignmentRef { source, index: narrow(index) };
                if let Some(vmid) = fact.vmid {
                    by_vmid.push((vmid, handle));
                }
                if let Some(name) = &fact.hostname {
                    by_name.push((hash_name(name), handle));
                }
                let address = canonical(fact.address);
                if names_a_machine(address) {
                    claims.push(Claim::new(address, Bearer::Assignment, source, index));
                }
            }
        }
        by_vmid.sort_unstable();
        by_name.sort_unstable();
        Self { by_vmid: by_vmid.into(), by_name: by_name.into(), claims: claims.into() }
    }

    pub(crate) fn of_vmid(&self, vmid: u32) -> impl Iterator<Item = AssignmentRef> + '_ {
        let start = self.by_vmid.partition_point(|entry| entry.0 < vmid);
        self.by_vmid[start..].iter().take_while(move |entry| entry.0 == vmid).map(|entry| entry.1)
    }

    /// Those whose name has this hash; the caller compares the names.
    pub(crate) fn of_hash(&self, hash: u32) -> impl Iterator<Item = AssignmentRef> + '_ {
        let start = self.by_name.partition_point(|entry| entry.0 < hash);
        self.by_name[start..].iter().take_while(move |entry| entry.0 == hash).map(|entry| entry.1)
    }

    pub(crate) fn claims(&self) -> &[Claim] {
        &self.claims
    }
}

//! The lists that go over all sources and in which Proxmox has no part: switches, subnets, certificates, organizations.

use std::sync::Arc;

use ipnet::IpNet;

use super::View;
use super::layout::Layout;
use super::organizations::Organizations;
use super::part::Part;
use super::refs::{CertificateRef, SubnetRef, SwitchRef};
use super::subnets::{self, Plan};
use crate::Held;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    /// By MAC; of one that two sources know, the first source's.
    pub(crate) switches: Box<[SwitchRef]>,
    /// By network and range.
    pub(crate) subnets: Box<[Plan]>,
    /// Those that end first come first; those without an end come last.
    pub(crate) expiring: Box<[CertificateRef]>,
    pub(crate) organizations: Organizations,
}

impl Catalog {
    pub(crate) fn new(held: &[Held], layout: &Layout, parts: &[Arc<Part>]) -> Self {
        let mut switches = Vec::new();
        let mut expiring = Vec::new();
        for (source, part) in (0u32..).zip(parts) {
            for (index, place) in part.devices.iter().enumerate() {
                switches.push((part.facts().devices[*place as usize].mac, SwitchRef::new(source, index)));
            }
            for (index, place) in part.certificates.iter().enumerate() {
                let end = part.facts().certificates[*place as usize].expires_on;
                expiring.push((end.is_none(), end, CertificateRef::new(source, index)));
            }
        }
        switches.sort_unstable();
        switches.dedup_by_key(|entry| entry.0);
        expiring.sort_unstable();
        Self {
            switches: switches.into_iter().map(|(_, switch)| switch).collect(),
            subnets: subnets::plan(held, layout, parts),
            expiring: expiring.into_iter().map(|(_, _, certificate)| certificate).collect(),
            organizations: Organizations::new(held, parts),
        }
    }

    pub(crate) fn find_subnet(&self, view: &View, network: &str, cidr: IpNet) -> Option<SubnetRef> {
        let key = (network, cidr);
        let found = self.subnets.binary_search_by(|plan| {
            let fact = view.subnet(plan.handle);
            (&*fact.network, fact.cidr).cmp(&key)
        });
        found.ok().map(|place| self.subnets[place].handle)
    }
}

impl View {
    /// All certificates, those that end first first; those without an end come last.
    pub fn certificates_by_expiry(&self) -> &[CertificateRef] {
        &self.catalog.expiring
    }
}

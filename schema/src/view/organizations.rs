//! Who pays for what: organizations over all sources, their guests, and the guests that two of them claim.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::View;
use super::part::{Part, find};
use super::refs::{EntitlementRef, GuestRef, InvoiceRef, OrganizationRef, SourceRef, narrow};
use crate::Held;

/// A guest that several organizations claim: it belongs to none of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerConflict {
    /// The cluster, by its source's name, as the customers wrote it.
    pub cluster: Box<str>,
    /// The guest.
    pub vmid: u32,
    /// By name.
    pub organizations: Vec<OrganizationRef>,
}

/// An organization: all customers that name it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Organization {
    name: Box<str>,
    /// Its customers: source and reference, and the place of the fact.
    customers: Vec<(u32, u32)>,
    entitlements: Vec<EntitlementRef>,
    invoices: Vec<InvoiceRef>,
}

/// All organizations.
#[derive(Debug, Default)]
pub(crate) struct Organizations {
    all: Vec<Organization>,
    /// The owner of each guest that one organization alone claims, by the source of its cluster and VMID.
    owners: BTreeMap<(u32, u32), OrganizationRef>,
    /// The same, by organization.
    owned: Vec<(OrganizationRef, u32, u32)>,
    conflicts: Vec<OwnerConflict>,
    /// The organization of each customer, by source and place.
    of_customer: BTreeMap<(u32, u32), OrganizationRef>,
}

impl Organizations {
    pub(crate) fn new(held: &[Held], parts: &[Arc<Part>]) -> Self {
        let mut by_name: BTreeMap<&str, Organization> = BTreeMap::new();
        for (source, part) in (0u32..).zip(parts) {
            for (index, place) in (0u32..).zip(&part.customers) {
                let name = &part.facts().customers[*place as usize].organization;
                let organization = by_name.entry(name).or_default();
                organization.name = name.clone();
                organization.customers.push((source, index));
            }
        }
        let mut organizations = Self { all: by_name.into_values().collect(), ..Self::default() };
        for (number, organization) in (0u32..).zip(&organizations.all) {
            for customer in &organization.customers {
                organizations.of_customer.insert(*customer, OrganizationRef(number));
            }
        }
        organizations.share(held, parts);
        organizations.bill(parts);
        organizations
    }

    /// Gives each guest to the one organization that claims it.
    fn share(&mut self, held: &[Held], parts: &[Arc<Part>]) {
        let mut claims: BTreeMap<(&str, u32), Vec<OrganizationRef>> = BTreeMap::new();
        for (number, organization) in (0u32..).zip(&self.all) {
            for &(source, index) in &organization.customers {
                let part = &parts[source as usize];
                for (cluster, vmid) in &part.facts().customers[part.customers[index as usize] as usize].guests
                {
                    let claimants = claims.entry((cluster, *vmid)).or_default();
                    if claimants.last() != Some(&OrganizationRef(number)) {
                        claimants.push(OrganizationRef(number));
                    }
                }
            }
        }
        for ((cluster, vmid), claimants) in claims {
            if let [owner] = *claimants {
                if let Ok(source) = held.binary_search_by(|held| (*held.info.name).cmp(cluster)) {
                    self.owners.insert((narrow(source), vmid), owner);
                    self.owned.push((owner, narrow(source), vmid));
                }
            } else {
                self.conflicts.push(OwnerConflict {
                    cluster: cluster.into(),
                    vmid,
                    organizations: claimants,
                });
            }
        }
        self.owned.sort_unstable();
    }

    fn bill(&mut self, parts: &[Arc<Part>]) {
        for (source, part) in (0u32..).zip(parts) {
            let facts = part.facts();
            let customer_of = |customer: &str| {
                let index = find(&part.customers, &facts.customers, |fact| (*fact.reference).cmp(customer))?;
                self.of_customer.get(&(source, narrow(index))).copied()
            };
            let items: Vec<_> = part
                .items
                .iter()
                .map(|p| customer_of(&facts.subscription_items[*p as usize].customer))
                .collect();
            let invoices: Vec<_> =
                part.invoices.iter().map(|p| customer_of(&facts.invoices[*p as usize].customer)).collect();
            for (index, organization) in items.into_iter().enumerate() {
                if let Some(organization) = organization {
                    self.all[organization.0 as usize].entitlements.push(EntitlementRef::new(source, index));
                }
            }
            for (index, organization) in invoices.into_iter().enumerate() {
                if let Some(organization) = organization {
                    self.all[organization.0 as usize].invoices.push(InvoiceRef::new(source, index));
                }
            }
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    pub(crate) fn name(&self, organization: OrganizationRef) -> &str {
        &self.all[organization.0 as usize].name
    }

    pub(crate) fn find(&self, name: &str) -> Option<OrganizationRef> {
        let place = self.all.binary_search_by(|organization| (*organization.name).cmp(name)).ok()?;
        Some(OrganizationRef(narrow(place)))
    }
}

impl View {
    /// The organization that a guest belongs to: the only one that claims it.
    pub fn owner_of(&self, guest: GuestRef) -> Option<OrganizationRef> {
        self.catalog.organizations.owners.get(&(guest.source, self.guest(guest).vmid)).copied()
    }

    /// The guests of an organization, by cluster and VMID.
    pub fn guests_of_organization(
        &self,
        organization: OrganizationRef,
    ) -> impl Iterator<Item = GuestRef> + '_ {
        let owned = &self.catalog.organizations.owned;
        let start = owned.partition_point(|entry| entry.0 < organization);
        owned[start..].iter().take_while(move |entry| entry.0 == organization).filter_map(
            |&(_, source, vmid)| {
                self.parts[source as usize].find_guest(vmid).map(|index| GuestRef::new(source, index))
            },
        )
    }

    /// The items of an organization's subscriptions, by source and reference.
    pub fn entitlements_of(&self, organization: OrganizationRef) -> &[EntitlementRef] {
        &self.catalog.organizations.all[organization.0 as usize].entitlements
    }

    /// An organization's invoices, by source and reference.
    pub fn invoices_of(&self, organization: OrganizationRef) -> &[InvoiceRef] {
        &self.catalog.organizations.all[organization.0 as usize].invoices
    }

    /// The sources that know an organization.
    pub fn sources_of_organization(&self, organization: OrganizationRef) -> Vec<SourceRef> {
        let customers = &self.catalog.organizations.all[organization.0 as usize].customers;
        let mut sources: Vec<_> = customers.iter().map(|(source, _)| SourceRef(*source)).collect();
        sources.dedup();
        sources
    }

    /// The organization of a subscription's item.
    pub fn organization_of_entitlement(&self, entitlement: EntitlementRef) -> Option<OrganizationRef> {
        self.organization_of_customer(entitlement.source, &self.entitlement(entitlement).customer)
    }

    /// The organization of an invoice.
    pub fn organization_of_invoice(&self, invoice: InvoiceRef) -> Option<OrganizationRef> {
        self.organization_of_customer(invoice.source, &self.invoice(invoice).customer)
    }

    fn organization_of_customer(&self, source: u32, customer: &str) -> Option<OrganizationRef> {
        let part = &self.parts[source as usize];
        let index = find(&part.customers, &part.facts().customers, |fact| (*fact.reference).cmp(customer))?;
        self.catalog.organizations.of_customer.get(&(source, narrow(index))).copied()
    }

    /// Guests that several organizations claim, by cluster and VMID.
    pub fn owner_conflicts(&self) -> &[OwnerConflict] {
        &self.catalog.organizations.conflicts
    }
}

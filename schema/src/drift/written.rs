//! Guests as they were written down, with an address or without (`DHCP`, `TBD`): the one no less than the other.

use std::collections::{BTreeMap, BTreeSet};

use super::clusters::Clusters;
use crate::fact::IpStatus;
use crate::view::{AddressRef, AssignmentRef, GuestRef, NetworkRef, SourceRef, View};

/// Every word that there is a guest of some VMID.
pub(super) struct Written<'v> {
    view: &'v View,
    by_vmid: BTreeMap<u32, Vec<Entry<'v>>>,
    /// Who writes the guests of a cluster down.
    keepers: BTreeMap<SourceRef, Vec<SourceRef>>,
}

/// One of them.
pub(super) struct Entry<'v> {
    pub(super) vmid: u32,
    pub(super) cluster: Option<&'v str>,
    pub(super) hostname: Option<&'v str>,
    pub(super) declared_in: &'v str,
    pub(super) in_force: bool,
    pub(super) address: Option<AddressRef>,
    /// The row that says so; what stands without an address has none that clients could ask for.
    pub(super) row: Option<AssignmentRef>,
    pub(super) network: NetworkRef,
    pub(super) source: SourceRef,
}

impl<'v> Written<'v> {
    pub(super) fn new(view: &'v View, clusters: &Clusters<'v>) -> Self {
        let mut by_vmid: BTreeMap<u32, Vec<Entry<'v>>> = BTreeMap::new();
        let mut ways: BTreeSet<(Option<&str>, NetworkRef, SourceRef)> = BTreeSet::new();
        for entry in with_address(view).chain(without_address(view)) {
            ways.insert((entry.cluster, entry.network, entry.source));
            by_vmid.entry(entry.vmid).or_default().push(entry);
        }
        let mut keepers: BTreeMap<SourceRef, Vec<SourceRef>> = BTreeMap::new();
        for (cluster, network, source) in ways {
            for meant in clusters.meant(cluster, network) {
                keepers.entry(*meant).or_default().push(source);
            }
        }
        Self { view, by_vmid, keepers }
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry<'v>> {
        self.by_vmid.values().flatten()
    }

    /// Those that mean a guest.
    pub(super) fn of<'a>(
        &'a self,
        clusters: &'a Clusters<'v>,
        guest: GuestRef,
    ) -> impl Iterator<Item = &'a Entry<'v>> {
        let same = self.by_vmid.get(&self.view.guest(guest).vmid).into_iter().flatten();
        same.filter(move |entry| clusters.meant(entry.cluster, entry.network).contains(&guest.source()))
    }

    /// Who writes the guests of a cluster down: where nobody does, none of them is missing there.
    pub(super) fn keepers(&self, cluster: SourceRef) -> &[SourceRef] {
        self.keepers.get(&cluster).map_or(&[], Vec::as_slice)
    }
}

fn with_address(view: &View) -> impl Iterator<Item = Entry<'_>> {
    view.assignments().iter().filter_map(move |assignment| {
        let fact = view.assignment(assignment);
        let address = view.declared_address(assignment);
        Some(Entry {
            vmid: fact.vmid?,
            cluster: fact.cluster.as_deref(),
            hostname: fact.hostname.as_deref(),
            declared_in: &fact.declared_in,
            in_force: fact.status == IpStatus::Active,
            address: view.assignment_address(assignment),
            row: Some(assignment),
            network: address.network(),
            source: assignment.source(),
        })
    })
}

fn without_address(view: &View) -> impl Iterator<Item = Entry<'_>> {
    view.sources().flat_map(move |source| {
        let snapshot = view.held(source).snapshot.as_deref();
        let facts = snapshot.into_iter().flat_map(|snapshot| &snapshot.facts.declared_guests);
        facts.map(move |fact| Entry {
            vmid: fact.vmid,
            cluster: fact.cluster.as_deref(),
            hostname: fact.hostname.as_deref(),
            declared_in: &fact.declared_in,
            in_force: true,
            address: None,
            row: None,
            network: view.network_of(source),
            source,
        })
    })
}

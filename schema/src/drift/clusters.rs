//! Which clusters a declaration means, and which guests they have.

use std::collections::BTreeMap;

use crate::view::{GuestRef, NetworkRef, SourceRef, View};

/// The clusters by what people call them.
pub(super) struct Clusters<'v> {
    view: &'v View,
    /// By our name and by the one that Proxmox gives them, in lower case.
    by_name: BTreeMap<String, Vec<SourceRef>>,
    by_network: Vec<Vec<SourceRef>>,
    /// In order.
    guests: Vec<(u32, GuestRef)>,
}

impl<'v> Clusters<'v> {
    pub(super) fn new(view: &'v View) -> Self {
        let mut by_name: BTreeMap<String, Vec<SourceRef>> = BTreeMap::new();
        let mut by_network = vec![Vec::new(); view.networks().len()];
        for source in view.sources().filter(|source| &*view.held(*source).info.kind == "proxmox") {
            let held = view.held(source);
            by_network[view.network_of(source).0 as usize].push(source);
            let fact = held.snapshot.as_ref().and_then(|snapshot| snapshot.facts.cluster.as_ref());
            let own = held.info.name.to_lowercase();
            let proxmox = fact.and_then(|fact| fact.proxmox_name.as_deref()).map(str::to_lowercase);
            for name in proxmox.into_iter().filter(|name| *name != own).chain([own.clone()]) {
                by_name.entry(name).or_default().push(source);
            }
        }
        let mut guests: Vec<_> = view.guests().iter().map(|guest| (view.guest(guest).vmid, guest)).collect();
        guests.sort_unstable();
        Self { view, by_name, by_network, guests }
    }

    /// The clusters that a declaration in a network may mean: those called so, else all of the network. A name that nobody
    /// bears (`hq`, a typing error) says no more than none.
    pub(super) fn meant(&self, cluster: Option<&str>, network: NetworkRef) -> &[SourceRef] {
        cluster
            .and_then(|cluster| self.by_name.get(&cluster.to_lowercase()))
            .unwrap_or(&self.by_network[network.0 as usize])
    }

    /// What a declaration's cluster is called, where somebody bears the name.
    pub(super) fn called(&self, cluster: &str) -> Option<&'v str> {
        let meant = self.by_name.get(&cluster.to_lowercase())?;
        match **meant {
            [one] => Some(&self.view.held(one).info.name),
            _ => None,
        }
    }

    /// The guests of a VMID in some clusters, templates too.
    pub(super) fn guests(&self, vmid: u32, of: &[SourceRef]) -> impl Iterator<Item = GuestRef> {
        let start = self.guests.partition_point(|entry| entry.0 < vmid);
        let same = self.guests[start..].iter().take_while(move |entry| entry.0 == vmid);
        same.map(|entry| entry.1).filter(move |guest| of.contains(&guest.source()))
    }
}

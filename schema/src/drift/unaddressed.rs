//! Guests that were written down without an address (`DHCP`, `TBD`): no less declared than the others.

use std::collections::BTreeMap;

use super::declared::Entry;
use super::find::Site;
use crate::fact::DeclaredGuestFact;
use crate::view::{GuestRef, SourceRef, View};

/// Those of one network, by VMID.
pub(super) struct Unaddressed<'v> {
    by_vmid: BTreeMap<u32, Vec<(SourceRef, &'v DeclaredGuestFact)>>,
}

impl<'v> Unaddressed<'v> {
    pub(super) fn of(site: &Site<'v>) -> Self {
        let view = site.view;
        let mut by_vmid: BTreeMap<u32, Vec<(SourceRef, &DeclaredGuestFact)>> = BTreeMap::new();
        for source in view.sources().filter(|source| view.network_of(*source) == site.network) {
            let snapshot = view.held(source).snapshot.as_deref();
            for fact in snapshot.into_iter().flat_map(|snapshot| &snapshot.facts.declared_guests) {
                by_vmid.entry(fact.vmid).or_default().push((source, fact));
            }
        }
        Self { by_vmid }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.by_vmid.is_empty()
    }

    /// As they were written down.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry<'v>> + '_ {
        self.by_vmid.values().flatten().map(|(source, fact)| Entry {
            vmid: fact.vmid,
            cluster: fact.cluster.as_deref(),
            hostname: fact.hostname.as_deref(),
            declared_in: &fact.declared_in,
            about: None,
            source: *source,
        })
    }

    /// Whether this guest is one of them; a cluster that nobody knows stands for any.
    pub(super) fn has(&self, view: &View, guest: GuestRef) -> bool {
        let written_down = self.by_vmid.get(&view.guest(guest).vmid);
        written_down.into_iter().flatten().any(|(_, fact)| {
            let meant = fact.cluster.as_deref().and_then(|cluster| view.cluster_named(cluster));
            meant.is_none_or(|meant| meant.source() == guest.source())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use crate::drift::find;
    use crate::fact::{DeclaredGuestFact, GuestFact, GuestKind, GuestStatus, Seen};
    use crate::view::{Inputs, Overrides, join};
    use crate::{Facts, Held, Snapshot, SourceInfo, Timestamp};

    fn source(name: &str, kind: &str, facts: Facts) -> Held {
        let info = SourceInfo {
            name: name.into(),
            kind: kind.into(),
            cloud: None,
            environment: None,
            groups: vec![],
            network: "default".into(),
            interval: Duration::from_secs(10),
            addresses: vec![],
        };
        let snapshot = Snapshot { facts, ..Snapshot::default() };
        let mut held = Held::pending(info.into());
        held.snapshot = Some(Arc::new(snapshot));
        held.last_attempt = Some(Timestamp::default());
        held
    }

    fn guest(vmid: u32) -> GuestFact {
        GuestFact {
            vmid,
            name: "app".into(),
            kind: GuestKind::Lxc,
            node: None,
            status: GuestStatus::Running,
            template: false,
            tags: Box::default(),
            pool: None,
            lock: None,
            cpus: None,
            cpu_usage: None,
            memory_bytes: None,
            memory_used_bytes: None,
            disk_bytes: None,
            uptime_seconds: None,
            nics: Box::default(),
            ip_reason: None,
            seen: Seen::default(),
        }
    }

    /// Which findings there are of guest 105 of the cluster `pve` and guest 106 that `written` declares (VMID, cluster).
    fn check(written: &[(u32, Option<&str>)], expected: &[(&str, &str)]) {
        let declared_guests = written
            .iter()
            .map(|(vmid, cluster)| DeclaredGuestFact {
                reference: vmid.to_string().into(),
                vmid: *vmid,
                cluster: cluster.map(Into::into),
                hostname: None,
                declared_in: "VMIDS.md:3".into(),
                seen: Seen::default(),
            })
            .collect();
        let sources = vec![
            source("files", "declared", Facts { declared_guests, ..Facts::default() }),
            source("pve", "proxmox", Facts { guests: vec![guest(105)], ..Facts::default() }),
        ];
        let view = join(&Inputs { sources, overrides: Overrides::default() });
        let found = find(&view, Timestamp::default());
        let found: Vec<_> = found.iter().map(|one| (one.key.kind.name(), &*one.key.subject)).collect();
        assert_eq!(found, expected, "{written:?}");
    }

    #[test]
    fn a_guest_without_an_address_is_written_down_all_the_same() {
        check(&[], &[]);
        check(&[(105, None)], &[]);
        check(&[(105, Some("pve"))], &[]);
        check(&[(105, None), (106, None)], &[("GUEST_ONLY_DECLARED", "106")]);
        check(&[(106, Some("pve"))], &[("GUEST_ONLY_DECLARED", "pve/106"), ("GUEST_ONLY_LIVE", "pve/105")]);
    }
}

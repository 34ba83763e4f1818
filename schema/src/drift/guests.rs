//! Guests that are only written down, and guests that only exist.

use super::addresses::{key, name};
use super::clusters::Clusters;
use super::find::{Findings, Report, suffix};
use super::site::{Heard, Site, shows_all};
use super::written::{Entry, Written};
use super::{DriftKind, Severity};
use crate::view::GuestRef;

pub(super) fn find(
    sites: &[Site<'_>],
    clusters: &Clusters<'_>,
    written: &Written<'_>,
    found: &mut Findings<'_>,
) {
    for entry in written.entries().filter(|entry| entry.in_force) {
        only_declared(clusters, entry, found);
    }
    for site in sites.iter().filter(|site| site.heard == Heard::Answered) {
        for guest in &site.guests {
            only_live(site, clusters, written, *guest, found);
        }
    }
}

/// A guest that is written down, and that no cluster has. What is reserved is still to come, what is deprecated may be gone.
fn only_declared(clusters: &Clusters<'_>, entry: &Entry<'_>, found: &mut Findings<'_>) {
    let view = found.view;
    let meant = clusters.meant(entry.cluster, entry.network);
    let blind = meant.is_empty() || !meant.iter().all(|cluster| shows_all(view, *cluster));
    if blind || clusters.guests(entry.vmid, meant).next().is_some() {
        return;
    }
    let vmid = entry.vmid;
    let place = entry.cluster.map(|cluster| clusters.called(cluster).unwrap_or(cluster));
    let place = place.map_or_else(String::new, |cluster| format!("{cluster}/"));
    let called = entry.hostname.map_or_else(String::new, |hostname| format!(" ({hostname})"));
    found.report(Report {
        kind: DriftKind::GuestOnlyDeclared,
        severity: Severity::Warning,
        subject: format!("{place}{vmid}{}", suffix(view, entry.network)),
        about: entry.address.map(Into::into),
        // The row may be hidden from who sees its address.
        names: entry.row.map(Into::into).into_iter().collect(),
        declared: Some(format!("VMID {vmid}{called} ({})", entry.declared_in)),
        observed: None,
        message: format!("VMID {vmid}{called} is declared ({}), and no cluster has it", entry.declared_in),
        sources: meant.iter().copied().chain([entry.source]).collect(),
    });
}

/// A guest that nobody wrote down, where the guests of its cluster are written down at all.
fn only_live(
    site: &Site<'_>,
    clusters: &Clusters<'_>,
    written: &Written<'_>,
    guest: GuestRef,
    found: &mut Findings<'_>,
) {
    let view = site.view;
    let keepers = written.keepers(guest.source());
    // A row without a VMID that bears the guest's name is its row all the same.
    let is_named = || {
        let named = view.assignments_named(site.network, &view.guest(guest).name);
        named.into_iter().any(|assignment| view.assignment(assignment).vmid.is_none())
    };
    if keepers.is_empty() || written.of(clusters, guest).next().is_some() || is_named() {
        return;
    }
    found.report(Report {
        kind: DriftKind::GuestOnlyLive,
        severity: Severity::Info,
        subject: key(view, guest),
        about: Some(guest.into()),
        names: Vec::new(),
        declared: None,
        observed: Some(name(view, guest)),
        message: format!("{} exists, and nobody wrote it down", name(view, guest)),
        sources: keepers.iter().chain(&site.declarers).copied().chain([guest.source()]).collect(),
    });
}

//! What was written down of addresses and guests, against what is.

use std::collections::BTreeSet;

use super::addresses::{key, name};
use super::find::{Findings, Report, Site};
use super::unaddressed::Unaddressed;
use super::{DriftKind, Severity};
use crate::fact::{GuestStatus, IpRole, IpStatus};
use crate::view::{AssignmentRef, GuestRef, ObjectRef, SourceRef, View};

pub(super) fn find(site: &Site<'_>, found: &mut Findings<'_>) {
    let unaddressed = Unaddressed::of(site);
    if site.declarers.is_empty() && unaddressed.is_empty() {
        // Where nobody writes anything down, nothing is missing.
        return;
    }
    let view = site.view;
    let here = |assignment: &AssignmentRef| {
        view.assignment_address(*assignment).is_some_and(|address| address.network() == site.network)
    };
    for assignment in view.assignments().iter().filter(here) {
        if view.assignment(assignment).status == IpStatus::Active {
            address_without_bearer(site, assignment, found);
            another_guest(site, assignment, found);
        }
        if let Some(entry) = Entry::of(view, assignment) {
            guest_without_cluster(site, &entry, found);
        }
    }
    for entry in unaddressed.entries() {
        guest_without_cluster(site, &entry, found);
    }
    let guests_are_written_down = !unaddressed.is_empty()
        || view.assignments().iter().any(|one| here(&one) && view.assignment(one).vmid.is_some());
    for guest in view.guests().iter().filter(|guest| view.network_of(guest.source()) == site.network) {
        if view.guest(guest).template {
            continue;
        }
        undeclared_addresses(site, guest, found);
        if guests_are_written_down && !unaddressed.has(view, guest) {
            undeclared_guest(site, guest, found);
        }
    }
}

/// An address in force that neither guest nor node nor client nor device bears.
fn address_without_bearer(site: &Site<'_>, assignment: AssignmentRef, found: &mut Findings<'_>) {
    let view = site.view;
    let fact = view.assignment(assignment);
    let Some(address) = view.assignment_address(assignment) else { return };
    let for_guests = matches!(fact.role, IpRole::Host | IpRole::Vip | IpRole::Anycast) && !fact.not_a_guest;
    if !for_guests || !site.seen_whole || view.is_observed(address) {
        return;
    }
    let called = fact.hostname.as_deref().unwrap_or("an address");
    found.report(Report {
        kind: DriftKind::DeclaredIpNotOnGuest,
        severity: Severity::Warning,
        subject: format!("{}{}", address.address(), site.suffix()),
        about: Some(address.into()),
        declared: Some(format!("{called} ({})", fact.declared_in)),
        observed: None,
        message: format!(
            "{called} is declared at {} ({}), and nothing bears it",
            address.address(),
            fact.declared_in
        ),
        sources: site.observers.iter().copied().chain([assignment.source()]).collect(),
    });
}

/// An address written down for one guest, and held by others only.
fn another_guest(site: &Site<'_>, assignment: AssignmentRef, found: &mut Findings<'_>) {
    let view = site.view;
    let fact = view.assignment(assignment);
    let (Some(vmid), Some(address)) = (fact.vmid, view.assignment_address(assignment)) else { return };
    if matches!(fact.role, IpRole::Vip | IpRole::Anycast) {
        return;
    }
    let mut holders: Vec<GuestRef> = view
        .guest_claims_of_address(address)
        .filter(|(_, origin)| *origin != crate::fact::AddressOrigin::Declared)
        .map(|(guest, _)| guest)
        .collect();
    holders.sort_unstable();
    holders.dedup();
    let is_meant = |guest: &GuestRef| {
        view.guest(*guest).vmid == vmid
            && fact.cluster.as_deref().is_none_or(|cluster| {
                view.cluster_named(cluster).is_none_or(|cluster| cluster.source() == guest.source())
            })
    };
    if holders.is_empty() || holders.iter().any(is_meant) {
        return;
    }
    let named = super::addresses::names(view, &holders);
    found.report(Report {
        kind: DriftKind::VmidIpMismatch,
        severity: Severity::Error,
        subject: format!("{}{}", address.address(), site.suffix()),
        about: Some(address.into()),
        declared: Some(format!("VMID {vmid} ({})", fact.declared_in)),
        message: format!(
            "{} is declared for VMID {vmid} ({}) and held by {named}",
            address.address(),
            fact.declared_in
        ),
        observed: Some(named),
        sources: holders.iter().map(|guest| guest.source()).chain([assignment.source()]).collect(),
    });
}

/// A guest as it was written down, with an address or without.
pub(super) struct Entry<'v> {
    pub(super) vmid: u32,
    pub(super) cluster: Option<&'v str>,
    pub(super) hostname: Option<&'v str>,
    pub(super) declared_in: &'v str,
    pub(super) about: Option<ObjectRef>,
    pub(super) source: SourceRef,
}

impl<'v> Entry<'v> {
    fn of(view: &'v View, assignment: AssignmentRef) -> Option<Self> {
        let fact = view.assignment(assignment);
        Some(Self {
            vmid: fact.vmid?,
            cluster: fact.cluster.as_deref(),
            hostname: fact.hostname.as_deref(),
            declared_in: &fact.declared_in,
            about: view.assignment_address(assignment).map(Into::into),
            source: assignment.source(),
        })
    }
}

/// A guest that is written down, and that no cluster of the network has.
fn guest_without_cluster(site: &Site<'_>, entry: &Entry<'_>, found: &mut Findings<'_>) {
    let view = site.view;
    let vmid = entry.vmid;
    let clusters: BTreeSet<_> =
        view.clusters().filter(|cluster| view.network_of(cluster.source()) == site.network).collect();
    let meant = entry.cluster.and_then(|cluster| view.cluster_named(cluster));
    let is_there = clusters
        .iter()
        .filter(|cluster| meant.is_none_or(|meant| meant == **cluster))
        .any(|cluster| view.find_guest(&view.held(cluster.source()).info.name, vmid).is_some());
    if is_there || !site.seen_whole {
        return;
    }
    let place = entry.cluster.map_or_else(String::new, |cluster| format!("{cluster}/"));
    let called = entry.hostname.map_or_else(String::new, |hostname| format!(" ({hostname})"));
    found.report(Report {
        kind: DriftKind::GuestOnlyDeclared,
        severity: Severity::Warning,
        subject: format!("{place}{vmid}{}", site.suffix()),
        about: entry.about,
        declared: Some(format!("VMID {vmid}{called} ({})", entry.declared_in)),
        observed: None,
        message: format!("VMID {vmid}{called} is declared ({}), and no cluster has it", entry.declared_in),
        sources: site.observers.iter().copied().chain([entry.source]).collect(),
    });
}

/// Addresses of a running guest that nobody wrote down.
fn undeclared_addresses(site: &Site<'_>, guest: GuestRef, found: &mut Findings<'_>) {
    let view = site.view;
    if view.guest(guest).status != GuestStatus::Running {
        return;
    }
    for address in view.guest_addresses(guest) {
        if view.assignments_of(address).next().is_some() {
            continue;
        }
        found.report(Report {
            kind: DriftKind::GuestIpNotDeclared,
            severity: Severity::Info,
            subject: format!("{}{}", address.address(), site.suffix()),
            about: Some(guest.into()),
            declared: None,
            observed: Some(name(view, guest)),
            message: format!("{} is on {}, and nobody wrote it down", address.address(), name(view, guest)),
            sources: site.declarers.iter().copied().chain([guest.source()]).collect(),
        });
    }
}

/// A guest that nobody wrote down, where guests are written down at all.
fn undeclared_guest(site: &Site<'_>, guest: GuestRef, found: &mut Findings<'_>) {
    let view = site.view;
    if view.assignments_of_guest(guest).next().is_some() {
        return;
    }
    found.report(Report {
        kind: DriftKind::GuestOnlyLive,
        severity: Severity::Info,
        subject: key(view, guest),
        about: Some(guest.into()),
        declared: None,
        observed: Some(name(view, guest)),
        message: format!("{} exists, and nobody wrote it down", name(view, guest)),
        sources: site.declarers.iter().copied().chain([guest.source()]).collect(),
    });
}

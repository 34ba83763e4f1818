//! What was written down of addresses, against what is.

use std::net::IpAddr;

use super::addresses::{names, runs};
use super::clusters::Clusters;
use super::find::{Findings, Report};
use super::site::{Heard, Site};
use super::written::Written;
use super::{DriftKind, Severity};
use crate::fact::{AddressOrigin, AssignmentFact, IpRole, IpStatus, Reading};
use crate::view::{AddressRef, AssignmentRef, GuestRef, View};

pub(super) fn find(
    site: &Site<'_>,
    clusters: &Clusters<'_>,
    written: &Written<'_>,
    found: &mut Findings<'_>,
) {
    if !site.has_declarations {
        // Where nobody writes anything down, nothing is missing.
        return;
    }
    for address in site.addresses() {
        let said: Vec<AssignmentRef> = site.view.assignments_of(address).collect();
        if said.is_empty() {
            not_declared(site, clusters, written, address, found);
        } else {
            without_bearer(site, clusters, address, &said, found);
            another_guest(site, clusters, address, &said, found);
        }
    }
}

/// An address in force that neither guest nor node nor client nor device bears.
fn without_bearer(
    site: &Site<'_>,
    clusters: &Clusters<'_>,
    address: AddressRef,
    said: &[AssignmentRef],
    found: &mut Findings<'_>,
) {
    let view = site.view;
    if site.observers.is_empty() || view.is_observed(address) {
        return;
    }
    let facts = || said.iter().map(|assignment| view.assignment(*assignment));
    // Of several words for one address, one that excuses it is enough.
    let silent: Vec<GuestRef> = facts().flat_map(|fact| silent(view, clusters, address, fact)).collect();
    let was_read = |guest: &GuestRef| view.guest(*guest).reading == Reading::Done;
    if facts().any(is_excused) || silent.iter().any(was_read) {
        return;
    }
    let called = |fact: &AssignmentFact| match (&fact.hostname, fact.vmid) {
        (Some(hostname), _) => format!("{hostname} ({})", fact.declared_in),
        (None, Some(vmid)) => format!("VMID {vmid} ({})", fact.declared_in),
        (None, None) => fact.declared_in.to_string(),
    };
    let declared: Vec<String> = facts().map(called).collect();
    let declared = declared.join(", ");
    let answered = site.seen == Heard::Answered && site.heard == Heard::Answered;
    let certain = answered && silent.is_empty();
    let report = Report {
        kind: DriftKind::DeclaredIpNotOnGuest,
        severity: Severity::Warning,
        subject: format!("{}{}", address.address(), site.suffix()),
        about: Some(address.into()),
        names: said.iter().map(|assignment| (*assignment).into()).collect(),
        message: format!("nothing bears {}, which is declared: {declared}", address.address()),
        declared: Some(declared),
        observed: None,
        sources: site.observers.iter().chain(&site.declarers).copied().collect(),
    };
    found.report_if(certain, report);
}

/// That nothing bears it is as it should be: a router's, still to come, or on its way out.
fn is_excused(fact: &AssignmentFact) -> bool {
    let for_guests = matches!(fact.role, IpRole::Host | IpRole::Vip | IpRole::Anycast) && !fact.not_a_guest;
    !for_guests || fact.status != IpStatus::Active
}

/// The guests that it is written down for and of whose addresses nothing is known: stopped, with an agent that is off, or
/// not read.
fn silent(view: &View, clusters: &Clusters<'_>, address: AddressRef, fact: &AssignmentFact) -> Vec<GuestRef> {
    let network = address.network();
    let mut guests: Vec<GuestRef> = match (fact.vmid, &fact.hostname) {
        (Some(vmid), _) => clusters.guests(vmid, clusters.meant(fact.cluster.as_deref(), network)).collect(),
        (None, Some(hostname)) => view.guests_named(network, hostname),
        (None, None) => Vec::new(),
    };
    guests.retain(|guest| {
        (0..view.guest(*guest).nics.len()).all(|nic| view.interface_addresses(*guest, nic).origin.is_none())
    });
    guests
}

/// An address written down for one guest, while others run on it.
fn another_guest(
    site: &Site<'_>,
    clusters: &Clusters<'_>,
    address: AddressRef,
    said: &[AssignmentRef],
    found: &mut Findings<'_>,
) {
    let view = site.view;
    let holders = observed_on(view, address);
    let facts = || said.iter().map(|assignment| (*assignment, view.assignment(*assignment)));
    let moves = facts().any(|(_, fact)| fact.status == IpStatus::Migrating);
    if holders.is_empty() || moves || view.may_be_shared(address) {
        return;
    }
    let is_meant = |fact: &AssignmentFact, guest: &GuestRef| {
        let clusters = clusters.meant(fact.cluster.as_deref(), address.network());
        fact.vmid == Some(view.guest(*guest).vmid) && clusters.contains(&guest.source())
    };
    let wrong: Vec<_> = facts()
        .filter(|(_, fact)| fact.status == IpStatus::Active && fact.vmid.is_some())
        .filter(|(_, fact)| !holders.iter().any(|guest| is_meant(fact, guest)))
        .collect();
    if wrong.is_empty() {
        return;
    }
    let declared: Vec<String> = wrong
        .iter()
        .map(|(_, fact)| format!("VMID {} ({})", fact.vmid.unwrap_or_default(), fact.declared_in))
        .collect();
    let (declared, named) = (declared.join(", "), names(view, &holders));
    let sources = holders.iter().map(|guest| guest.source());
    // Which clusters are meant hangs on what they say they are called.
    let meant = wrong.iter().flat_map(|(assignment, fact)| {
        let clusters =
            fact.cluster.as_deref().map(|cluster| clusters.meant(Some(cluster), address.network()));
        clusters.into_iter().flatten().copied().chain([assignment.source()])
    });
    let sources = sources.chain(meant);
    let said = wrong.iter().map(|(assignment, _)| (*assignment).into());
    let named_objects = holders.iter().map(|guest| (*guest).into()).chain(said).collect();
    found.report(Report {
        kind: DriftKind::VmidIpMismatch,
        severity: Severity::Warning,
        subject: format!("{}{}", address.address(), site.suffix()),
        about: Some(address.into()),
        names: named_objects,
        message: format!("{} is declared for {declared} and held by {named}", address.address()),
        declared: Some(declared),
        observed: Some(named),
        sources: sources.chain(site.controllers.iter().copied()).collect(),
    });
}

/// An address of running guests that nobody wrote down.
fn not_declared(
    site: &Site<'_>,
    clusters: &Clusters<'_>,
    written: &Written<'_>,
    address: AddressRef,
    found: &mut Findings<'_>,
) {
    let view = site.view;
    if site.heard != Heard::Answered {
        return;
    }
    let mut holders = observed_on(view, address);
    // Whoever wrote `DHCP` in the cell wrote down that the address is nobody's business.
    holders.retain(|guest| !written.of(clusters, *guest).any(|entry| entry.address.is_none()));
    if address.address().is_ipv6() {
        holders.retain(|guest| site.has_ipv6_declarations && !has_declared_neighbour(view, *guest, address));
    }
    let Some(first) = holders.first() else { return };
    let named = names(view, &holders);
    let sources = holders.iter().map(|guest| guest.source());
    found.report(Report {
        kind: DriftKind::GuestIpNotDeclared,
        severity: Severity::Info,
        subject: format!("{}{}", address.address(), site.suffix()),
        about: Some((*first).into()),
        names: holders.iter().map(|guest| (*guest).into()).chain([address.into()]).collect(),
        declared: None,
        message: format!("{} is on {named}, and nobody wrote it down", address.address()),
        observed: Some(named),
        sources: sources.chain(site.declarers.iter().chain(&site.controllers).copied()).collect(),
    });
}

/// Running guests on which an address was seen.
fn observed_on(view: &View, address: AddressRef) -> Vec<GuestRef> {
    let seen = view.guest_claims_of_address(address).filter(|(_, origin)| *origin != AddressOrigin::Declared);
    let mut guests: Vec<GuestRef> = seen.map(|(guest, _)| guest).filter(|guest| runs(view, *guest)).collect();
    guests.dedup();
    guests
}

/// Whether another address of a guest in the same /64 is written down: the rest are those that IPv6 makes up by itself, some of
/// them new every day.
fn has_declared_neighbour(view: &View, guest: GuestRef, address: AddressRef) -> bool {
    let prefix = |address: IpAddr| match address {
        IpAddr::V6(v6) => Some(v6.to_bits() >> 64),
        IpAddr::V4(_) => None,
    };
    view.guest_addresses(guest).into_iter().any(|other| {
        prefix(other.address()) == prefix(address.address()) && view.assignments_of(other).next().is_some()
    })
}

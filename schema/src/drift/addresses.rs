//! Addresses and MACs that two guests have at once.

use std::collections::BTreeMap;

use super::find::{Findings, Report, Site};
use super::{DriftKind, Severity};
use crate::Mac;
use crate::fact::{AddressOrigin, GuestStatus, IpRole};
use crate::view::{AddressRef, GuestRef, SourceRef, View};

pub(super) fn find(site: &Site<'_>, found: &mut Findings<'_>) {
    for address in site.view.addresses().iter().filter(|address| address.network() == site.network) {
        duplicate_address(site, address, found);
    }
    duplicate_macs(site, found);
}

/// Two running guests on one address, unless it is written down as one that several may bear.
fn duplicate_address(site: &Site<'_>, address: AddressRef, found: &mut Findings<'_>) {
    let view = site.view;
    let mut holders: Vec<GuestRef> = view
        .guest_claims_of_address(address)
        .filter(|(_, origin)| *origin != AddressOrigin::Declared)
        .map(|(guest, _)| guest)
        .filter(|guest| view.guest(*guest).status == GuestStatus::Running)
        .collect();
    holders.sort_unstable();
    holders.dedup();
    if holders.len() < 2 || is_shared(view, address) {
        return;
    }
    let named = names(view, &holders);
    found.report(Report {
        kind: DriftKind::DuplicateGuestIp,
        severity: Severity::Error,
        subject: format!("{}{}", address.address(), site.suffix()),
        about: Some(address.into()),
        declared: None,
        message: format!(
            "{} running guests hold {}: {named}; declare it VIP or ANYCAST if that is meant",
            holders.len(),
            address.address()
        ),
        observed: Some(named),
        sources: holders.iter().map(|guest| guest.source()).chain(site.observers.iter().copied()).collect(),
    });
}

/// Whether somebody wrote down that several machines may bear an address.
pub(super) fn is_shared(view: &View, address: AddressRef) -> bool {
    view.assignments_of(address)
        .any(|assignment| matches!(view.assignment(assignment).role, IpRole::Vip | IpRole::Anycast))
}

/// One MAC in the configurations of two guests of a network.
fn duplicate_macs(site: &Site<'_>, found: &mut Findings<'_>) {
    let view = site.view;
    let mut bearers: BTreeMap<Mac, Vec<GuestRef>> = BTreeMap::new();
    for guest in view.guests().iter().filter(|guest| view.network_of(guest.source()) == site.network) {
        let fact = view.guest(guest);
        if fact.template {
            continue;
        }
        for mac in fact.nics.iter().filter_map(|nic| nic.mac).filter(|mac| !mac.is_anonymous()) {
            bearers.entry(mac).or_default().push(guest);
        }
    }
    for (mac, mut guests) in bearers {
        guests.dedup();
        if guests.len() < 2 {
            continue;
        }
        let running =
            guests.iter().filter(|guest| view.guest(**guest).status == GuestStatus::Running).count();
        let named = names(view, &guests);
        found.report(Report {
            kind: DriftKind::DuplicateMac,
            severity: if running > 1 { Severity::Error } else { Severity::Warning },
            subject: format!("{mac}{}", site.suffix()),
            about: guests.first().map(|guest| (*guest).into()),
            declared: None,
            message: format!("{} guests are configured with {mac}: {named}", guests.len()),
            observed: Some(named),
            sources: guests.iter().map(|guest| guest.source()).collect::<Vec<SourceRef>>(),
        });
    }
}

/// Guests as findings name them: `pve-1/101 (app), pve-1/117 (old)`.
pub(super) fn names(view: &View, guests: &[GuestRef]) -> String {
    let named: Vec<String> = guests.iter().map(|guest| name(view, *guest)).collect();
    named.join(", ")
}

/// A guest as findings name it: `pve-1/101 (app)`.
pub(super) fn name(view: &View, guest: GuestRef) -> String {
    format!("{} ({})", key(view, guest), view.guest(guest).name)
}

/// A guest's identity, as subjects name it: `pve-1/101`.
pub(super) fn key(view: &View, guest: GuestRef) -> String {
    format!("{}/{}", view.held(guest.source()).info.name, view.guest(guest).vmid)
}

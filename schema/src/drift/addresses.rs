//! Addresses and MACs that two guests have at once.

use super::find::{Findings, Report};
use super::site::{Heard, Site};
use super::{DriftKind, Severity};
use crate::fact::{AddressOrigin, GuestStatus};
use crate::view::{GuestRef, SharedAddress, View};

pub(super) fn find(sites: &[Site<'_>], found: &mut Findings<'_>) {
    for shared in found.view.shared_addresses() {
        duplicate_address(&sites[shared.address.network().0 as usize], &shared, found);
    }
    for site in sites {
        duplicate_macs(site, found);
    }
}

/// Two running guests on one address, unless it is written down as one that several may bear.
///
/// While somebody who may have written it down was never asked, nothing is said: each start of the gateway would cry wolf.
/// Once they were asked and failed, two machines on one address are worth a word.
fn duplicate_address(site: &Site<'_>, shared: &SharedAddress, found: &mut Findings<'_>) {
    let (view, address) = (site.view, shared.address);
    let mut holders: Vec<GuestRef> = shared
        .guests
        .iter()
        .filter(|(_, origin)| *origin != AddressOrigin::Declared)
        .map(|(guest, _)| *guest)
        .filter(|guest| runs(view, *guest))
        .collect();
    holders.sort_unstable();
    holders.dedup();
    if holders.len() < 2 || shared.declared_shared || site.heard == Heard::Never {
        return;
    }
    let named = names(view, &holders);
    let sources = holders.iter().map(|guest| guest.source());
    found.report(Report {
        kind: DriftKind::DuplicateGuestIp,
        severity: Severity::Error,
        subject: format!("{}{}", address.address(), site.suffix()),
        about: Some(address.into()),
        names: holders.iter().map(|guest| (*guest).into()).collect(),
        declared: None,
        message: format!(
            "{} running guests hold {}: {named}; declare it VIP or ANYCAST if that is meant",
            holders.len(),
            address.address()
        ),
        observed: Some(named),
        sources: sources.chain(site.controllers.iter().chain(&site.declarers).copied()).collect(),
    });
}

/// One MAC in the configurations of two guests of a network.
fn duplicate_macs(site: &Site<'_>, found: &mut Findings<'_>) {
    let view = site.view;
    for (mac, bearers) in view.duplicate_macs(site.network) {
        let mut guests: Vec<GuestRef> = bearers.iter().map(|(guest, _)| *guest).collect();
        guests.retain(|guest| !view.guest(*guest).template);
        guests.sort_unstable();
        guests.dedup();
        if guests.len() < 2 || mac.is_anonymous() {
            continue;
        }
        let named = names(view, &guests);
        found.report(Report {
            kind: DriftKind::DuplicateMac,
            // A clone or a restored copy that rests disturbs nobody until it is started beside the other.
            severity: match guests.iter().filter(|guest| runs(view, **guest)).count() {
                0 => Severity::Info,
                1 => Severity::Warning,
                _ => Severity::Error,
            },
            subject: format!("{mac}{}", site.suffix()),
            about: guests.first().map(|guest| (*guest).into()),
            names: guests.iter().map(|guest| (*guest).into()).collect(),
            declared: None,
            message: format!("{} guests are configured with {mac}: {named}", guests.len()),
            observed: Some(named),
            sources: guests.iter().map(|guest| guest.source()).collect(),
        });
    }
}

/// Whether a guest runs, by Proxmox' word.
pub(super) fn runs(view: &View, guest: GuestRef) -> bool {
    view.guest(guest).status == GuestStatus::Running
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

//! Names that lead to nothing, to what does not run, or elsewhere than was written down.

use std::collections::BTreeMap;

use super::addresses::name;
use super::find::{Findings, Report, suffix};
use super::{DriftKind, Severity};
use crate::fact::GuestStatus;
use crate::view::{AddressRef, HopKind, HopState, Path, PathState, SourceRef, View};

pub(super) fn find(view: &View, found: &mut Findings<'_>) {
    let written = written_down(view);
    for path in view.paths().iter().map(|path| view.path(path)) {
        // What a disabled host would lead to matters to nobody.
        let serves = path.proxy_host().is_none_or(|host| view.proxy_host(host).enabled);
        if !serves {
            continue;
        }
        if let Some(address) = path.address() {
            stopped(view, path, found);
            leads_nowhere(view, path, address, found);
            written_down_elsewhere(view, path, address, &written, found);
        }
    }
}

/// A guest is found, and it does not run.
fn stopped(view: &View, path: Path<'_>, found: &mut Findings<'_>) {
    let Some(guest) = path.guest() else { return };
    let status = view.guest(guest).status;
    if matches!(status, GuestStatus::Running | GuestStatus::Unknown) {
        return;
    }
    let status = format!("{status:?}").to_uppercase();
    found.report(Report {
        kind: DriftKind::UpstreamGuestStopped,
        severity: Severity::Error,
        subject: path.entry().to_owned(),
        about: Some(path.handle().into()),
        declared: None,
        message: format!("{} leads to {}, which is {status}", path.entry(), name(view, guest)),
        observed: Some(format!("{} {status}", name(view, guest))),
        sources: sources_of(path),
    });
}

/// Nothing bears the address, by the word of everybody who could know.
fn leads_nowhere(view: &View, path: Path<'_>, address: AddressRef, found: &mut Findings<'_>) {
    let guest = path.hop(HopKind::Guest);
    let nobody = guest.state() == HopState::Missing && path.node().is_none() && !view.is_observed(address);
    if !nobody || path.state() != PathState::Broken {
        return;
    }
    let network = address.network();
    let mut sources = sources_of(path);
    sources.extend(view.sources().filter(|source| {
        view.network_of(*source) == network && matches!(&*view.held(*source).info.kind, "proxmox" | "unifi")
    }));
    found.report(Report {
        kind: DriftKind::UpstreamWithoutGuest,
        severity: Severity::Error,
        subject: path.entry().to_owned(),
        about: Some(path.handle().into()),
        declared: None,
        observed: Some(address.address().to_string()),
        message: format!(
            "{} leads to {}{}, which nothing bears",
            path.entry(),
            address.address(),
            suffix(view, network)
        ),
        sources,
    });
}

/// Where each name is written down, in lower case, and by whom.
type Written = BTreeMap<String, Vec<(AddressRef, SourceRef)>>;

fn written_down(view: &View) -> Written {
    let mut written = Written::new();
    for assignment in view.assignments().iter() {
        if let Some(hostname) = &view.assignment(assignment).hostname
            && let Some(address) = view.assignment_address(assignment)
        {
            written.entry(hostname.to_lowercase()).or_default().push((address, assignment.source()));
        }
    }
    written
}

/// The name is written down at other addresses only.
fn written_down_elsewhere(
    view: &View,
    path: Path<'_>,
    address: AddressRef,
    written: &Written,
    found: &mut Findings<'_>,
) {
    let Some(hostname) = path.hostname().map(|hostname| view.hostname(hostname)) else { return };
    // A location has a target of its own by intent; what is written down is the name's.
    let (None, Some(places)) = (path.location(), written.get(hostname)) else { return };
    let here = places.iter().filter(|(at, _)| at.network() == address.network());
    let mut written: Vec<AddressRef> = here.clone().map(|(at, _)| *at).collect();
    let mut sources = sources_of(path);
    sources.extend(here.map(|(_, source)| *source));
    if written.is_empty() || written.contains(&address) {
        return;
    }
    written.sort_unstable();
    written.dedup();
    let declared: Vec<String> = written.iter().map(|at| at.address().to_string()).collect();
    let declared = declared.join(", ");
    found.report(Report {
        kind: DriftKind::HostnameUpstreamMismatch,
        severity: Severity::Warning,
        subject: path.entry().to_owned(),
        about: Some(path.handle().into()),
        message: format!("{hostname} is declared at {declared} and leads to {}", address.address()),
        declared: Some(declared),
        observed: Some(address.address().to_string()),
        sources,
    });
}

/// The sources that a path's hops rest on.
fn sources_of(path: Path<'_>) -> Vec<SourceRef> {
    path.sources()
}

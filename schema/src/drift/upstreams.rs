//! Names that lead to nothing, to what does not run, or elsewhere than was written down.

use std::collections::BTreeMap;

use super::addresses::names;
use super::find::{Findings, Report, suffix};
use super::site::{Heard, Site};
use super::{DriftKind, Severity};
use crate::address::canonical;
use crate::fact::{GuestStatus, IpStatus, ProxyKind, Reading};
use crate::view::{AddressRef, AssignmentRef, GuestRef, HopKind, HopState, ObjectRef, Path, PathState, View};

/// Locks under which a guest stops for a while and is started again: a backup in stop mode at night, a rollback.
const AT_WORK: &[&str] =
    &["backup", "clone", "create", "migrate", "rollback", "snapshot", "snapshot-delete", "suspending"];

pub(super) fn find(sites: &[Site<'_>], found: &mut Findings<'_>) {
    let view = found.view;
    let written = written_down(view);
    for path in view.paths().iter().map(|path| view.path(path)) {
        // What a disabled host would lead to matters to nobody; what a redirection leads to is told of its target's name.
        let serves = path.proxy_host().map(|host| view.proxy_host(host));
        if serves.is_some_and(|host| !host.enabled || host.kind == ProxyKind::Redirection) {
            continue;
        }
        if let Some(address) = path.address() {
            let site = &sites[address.network().0 as usize];
            leads_nowhere(site, path, address, found);
            written_down_elsewhere(site, path, address, &written, found);
        }
        stopped(sites, path, found);
    }
}

/// A guest is found, and it does not run; or several equally good ones, none of which does.
///
/// Another that runs may bear its address and not have been asked yet, so that a start of the gateway would cry wolf.
fn stopped(sites: &[Site<'_>], path: Path<'_>, found: &mut Findings<'_>) {
    let view = found.view;
    let hop = path.hop(HopKind::Guest);
    let candidates = hop.candidates().iter().copied().filter_map(ObjectRef::guest);
    let guests: Vec<GuestRef> = match (path.guest(), hop.state()) {
        (Some(guest), _) => vec![guest],
        (None, HopState::Ambiguous) => candidates.collect(),
        _ => Vec::new(),
    };
    let facts = || guests.iter().map(|guest| view.guest(*guest));
    let Some(first) = facts().next() else { return };
    let down = |status| matches!(status, GuestStatus::Stopped | GuestStatus::Paused | GuestStatus::Suspended);
    if guests.len() < hop.candidates().len() && hop.state() == HopState::Ambiguous
        || !facts().all(|fact| down(fact.status))
    {
        if facts().any(|fact| fact.reading == Reading::NotYet) {
            // Once it was read, it may turn out to bear another address.
            found.leave_undecided(DriftKind::UpstreamGuestStopped, path.entry().to_owned());
        }
        return;
    }
    let locked = first.lock.as_deref().filter(|lock| AT_WORK.contains(lock));
    let mut status = format!("{:?}", first.status).to_uppercase();
    if let Some(lock) = locked {
        status = format!("{status} (locked: {lock})");
    }
    let named = names(view, &guests);
    // A client table may move the address to another guest, and its silence as well.
    let site = &sites[path.network().0 as usize];
    let controllers = site.controllers.iter().copied();
    let report = Report {
        kind: DriftKind::UpstreamGuestStopped,
        severity: if locked.is_some() { Severity::Warning } else { Severity::Error },
        subject: path.entry().to_owned(),
        about: Some(path.handle().into()),
        names: guests.iter().map(|guest| (*guest).into()).collect(),
        declared: None,
        message: if guests.len() == 1 {
            format!("{} leads to {named}, which is {status}", path.entry())
        } else {
            format!("{} leads to {named}, none of which runs", path.entry())
        },
        observed: Some(format!("{named} {status}")),
        sources: controllers.chain(path.sources()).collect(),
    };
    found.report_if(site.seen != Heard::Never, report);
}

/// Nothing bears the address, by the word of everybody who could know.
fn leads_nowhere(site: &Site<'_>, path: Path<'_>, address: AddressRef, found: &mut Findings<'_>) {
    let view = site.view;
    let guest = path.hop(HopKind::Guest);
    let nobody = guest.state() == HopState::Missing && path.leads_to_nobody() && !view.is_observed(address);
    // Where nobody looks, nobody can say that nothing is there; of several hosts that claim a name another may serve it.
    if !nobody || site.observers.is_empty() || path.state() == PathState::Ambiguous {
        return;
    }
    let network = address.network();
    let mut sources = path.sources();
    sources.extend(view.witnesses(network));
    let certain = site.seen == Heard::Answered && path.state() == PathState::Broken;
    let report = Report {
        kind: DriftKind::UpstreamWithoutGuest,
        severity: Severity::Error,
        subject: path.entry().to_owned(),
        about: Some(path.handle().into()),
        names: vec![address.into()],
        declared: None,
        observed: Some(address.address().to_string()),
        message: format!(
            "{} leads to {}{}, which nothing bears",
            path.entry(),
            address.address(),
            suffix(view, network)
        ),
        sources,
    };
    found.report_if(certain, report);
}

/// Where each name is written down, in lower case.
type Written = BTreeMap<String, Vec<(AddressRef, AssignmentRef)>>;

fn written_down(view: &View) -> Written {
    let mut written = Written::new();
    for assignment in view.assignments().iter() {
        if let Some(hostname) = &view.assignment(assignment).hostname
            && let Some(address) = view.assignment_address(assignment)
        {
            let name = hostname.trim_end_matches('.').to_lowercase();
            written.entry(name).or_default().push((address, assignment));
        }
    }
    written
}

/// The name is written down at other addresses only, and none of them is the proxy's own or the same guest's.
///
/// Whether two addresses are one machine's hangs on everybody who sees the network, so that each is asked first.
fn written_down_elsewhere(
    site: &Site<'_>,
    path: Path<'_>,
    address: AddressRef,
    written: &Written,
    found: &mut Findings<'_>,
) {
    let view = site.view;
    let Some(hostname) = path.hostname().map(|hostname| view.hostname(hostname)) else { return };
    // A location has a target of its own by intent; what is written down is the name's. And a person's word is the last one.
    let decided = path.hop(HopKind::Address).state() == HopState::Overridden;
    let (None, false, Some(places)) = (path.location(), decided, written.get(hostname)) else { return };
    let here: Vec<_> = places.iter().filter(|(at, _)| at.network() == address.network()).collect();
    // DNS sends the name to the proxy, and an address plan may say just that.
    let is_proxy = |at: AddressRef| {
        let proxy = path.proxy_host().map(|host| &view.held(host.source()).info.addresses);
        proxy.is_some_and(|own| own.iter().any(|own| canonical(*own) == at.address()))
    };
    let same_machine = |at: AddressRef| path.guest().is_some_and(|g| view.guest_addresses(g).contains(&at));
    if here.iter().any(|(at, _)| *at == address || is_proxy(*at) || same_machine(*at)) {
        return;
    }
    let in_force = here.iter().filter(|(_, said)| view.assignment(*said).status == IpStatus::Active);
    let mut declared: Vec<AddressRef> = in_force.map(|(at, _)| *at).collect();
    declared.sort_unstable();
    declared.dedup();
    if declared.is_empty() {
        return;
    }
    let declared: Vec<String> = declared.iter().map(|at| at.address().to_string()).collect();
    let declared = declared.join(", ");
    let mut sources = path.sources();
    sources.extend(here.iter().map(|(_, said)| said.source()));
    let report = Report {
        kind: DriftKind::HostnameUpstreamMismatch,
        severity: Severity::Warning,
        subject: path.entry().to_owned(),
        about: Some(path.handle().into()),
        // The address that it leads to is named as well, and may be hidden from who sees the plan.
        names: here.iter().map(|(_, said)| (*said).into()).chain([address.into()]).collect(),
        message: format!("{hostname} is declared at {declared} and leads to {}", address.address()),
        declared: Some(declared),
        observed: Some(address.address().to_string()),
        sources,
    };
    found.report_if(site.seen != Heard::Never, report);
}

//! What one look at a View came to, and whether what it did not find is gone.

use std::collections::BTreeSet;

use super::{DriftKind, Finding, FindingKey};
use crate::fact::{AddressOrigin, GuestFact, GuestStatus, Reading};
use crate::view::{GuestRef, HopKind, JoinRule, ObjectRef, View};
use crate::{ObjectId, Timestamp};

/// What one look at a View came to.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Every finding there is now, in the order of their keys.
    pub findings: Vec<Finding>,
    /// What may be a finding too, for all that could be read.
    pub undecided: BTreeSet<FindingKey>,
}

impl Look {
    /// Whether an earlier finding that this look at `view` did not find is gone, by the word of all that it rested on: every
    /// source is CURRENT and whole, no rule left it undecided, and what the guests bear that it rests on could be read.
    pub fn shows_gone(&self, view: &View, finding: &Finding, now: Timestamp) -> bool {
        let is_fresh = |name: &str| view.source_named(name).is_some_and(|at| view.held(at).is_fresh(now));
        !self.undecided.contains(&finding.key)
            && finding.sources.iter().all(|source| is_fresh(source))
            && !rests_on_unread(view, finding)
    }
}

/// Whether a finding rests on what some guest bears, and that is not known now. Without this a restart, which knows the list
/// of guests before what each of them bears, would resolve what it cannot see yet, and so would a node that falls silent.
///
/// What nothing bears the rules themselves leave undecided, and other kinds are about something else.
fn rests_on_unread(view: &View, finding: &Finding) -> bool {
    let hidden: fn(&View, &Finding) -> bool = match finding.key.kind {
        DriftKind::DuplicateGuestIp
        | DriftKind::GuestIpNotDeclared
        | DriftKind::VmidIpMismatch
        | DriftKind::VlanMismatch => hides_an_address,
        DriftKind::DuplicateMac => hides_a_mac,
        DriftKind::PortMapMismatch => hides_a_port,
        DriftKind::UpstreamGuestStopped => hides_what_is_stopped,
        DriftKind::DeclaredIpNotOnGuest
        | DriftKind::UpstreamWithoutGuest
        | DriftKind::HostnameUpstreamMismatch
        | DriftKind::GuestOnlyDeclared
        | DriftKind::GuestOnlyLive
        | DriftKind::CertificateExpiring
        | DriftKind::OwnerConflict => return false,
    };
    let mut sources = finding.sources.iter().filter_map(|name| view.source_named(name));
    sources.any(|source| view.is_reading_guests(source)) || hidden(view, finding)
}

/// An address is on a guest that runs, and now nobody can tell whether that one runs, or what it bears. As long as it is known
/// to bear the address, or an address of each of its interfaces is known, what could not be read hides nothing.
fn hides_an_address(view: &View, finding: &Finding) -> bool {
    // An address that nobody is known to bear any more is no object.
    let is_address = |id: &&ObjectId| matches!(id, ObjectId::IpAddress { .. });
    let addresses: Vec<&ObjectId> = ids(finding).filter(is_address).collect();
    let bears = |guest: GuestRef| {
        let has = |id: &&ObjectId| {
            let address = view.find(id).and_then(ObjectRef::address);
            let mut claims = address.into_iter().flat_map(|address| view.guest_claims_of_address(address));
            claims.any(|(bearer, origin)| bearer == guest && origin != AddressOrigin::Declared)
        };
        !addresses.is_empty() && addresses.iter().all(has)
    };
    let lacks = |guest: GuestRef| {
        let nics = view.guest(guest).nics.len();
        let origin = |nic: usize| view.interface_addresses(guest, nic).origin;
        nics == 0 || (0..nics).any(|nic| origin(nic).is_none_or(|origin| origin == AddressOrigin::Declared))
    };
    guests(view, finding).any(|guest| {
        let fact = view.guest(guest);
        fact.status == GuestStatus::Unknown
            || (fact.reading != Reading::Done && lacks(guest) && !bears(guest))
    })
}

/// A MAC stands in a guest's configuration, which could not be read.
fn hides_a_mac(view: &View, finding: &Finding) -> bool {
    guests(view, finding).any(|guest| was_never_read(view.guest(guest)))
}

/// Nobody is heard to say which port the node is on, and the configurations of its guests, whose MACs might, could not be read.
fn hides_a_port(view: &View, finding: &Finding) -> bool {
    named(view, finding).filter_map(ObjectRef::node).any(|node| {
        let heard = view.cabling_evidence(node).first().is_some_and(|first| first.rule != JoinRule::PortMap);
        !heard && view.guests_of_node(node).any(|guest| was_never_read(view.guest(guest)))
    })
}

/// Nobody can tell whether the guest that a name leads to runs; or it leads to none, and what the one bears that it led to
/// could not be read.
fn hides_what_is_stopped(view: &View, finding: &Finding) -> bool {
    let Some(path) = finding.about.as_ref().and_then(|id| view.find_path(id)).map(|path| view.path(path))
    else {
        return false;
    };
    let hop = path.hop(HopKind::Guest);
    let mut found =
        hop.candidates().iter().copied().filter_map(ObjectRef::guest).chain(path.guest()).peekable();
    if found.peek().is_some() {
        return found.any(|guest| view.guest(guest).status == GuestStatus::Unknown);
    }
    let serves = path.proxy_host().is_none_or(|host| view.proxy_host(host).enabled);
    serves && guests(view, finding).any(|guest| view.guest(guest).reading != Reading::Done)
}

/// Its configuration was never read, so that nobody knows of any interface.
fn was_never_read(guest: &GuestFact) -> bool {
    guest.reading != Reading::Done && guest.nics.is_empty()
}

fn guests(view: &View, finding: &Finding) -> impl Iterator<Item = GuestRef> {
    named(view, finding).filter_map(ObjectRef::guest)
}

/// What the finding is about and what it names, as far as it is there now.
fn named(view: &View, finding: &Finding) -> impl Iterator<Item = ObjectRef> {
    ids(finding).filter_map(|id| view.find(id))
}

fn ids(finding: &Finding) -> impl Iterator<Item = &ObjectId> {
    finding.names.iter().flatten().chain(&finding.about)
}

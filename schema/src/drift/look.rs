//! What one look at a View came to, and whether what it did not find is gone.

use std::collections::BTreeSet;

use super::{DriftKind, Finding, FindingKey};
use crate::fact::{GuestStatus, Reading};
use crate::view::{ObjectRef, View};
use crate::{ObjectId, Timestamp};

/// What one look at a View came to.
#[derive(Clone, Debug, Default)]
pub struct Look {
    /// Every finding there is now, in the order of their keys.
    pub findings: Vec<Finding>,
    /// What would be a finding too, were it not for what could not be read.
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

/// Whether a finding rests on what some guest bears, and that could not be read now. Without this a restart, which knows
/// the list of guests before what each of them bears, would resolve what it cannot see yet.
fn rests_on_unread(view: &View, finding: &Finding) -> bool {
    let Some(unread) = guests_that_count(finding.key.kind) else { return false };
    let mut sources = finding.sources.iter().filter_map(|name| view.source_named(name));
    if sources.any(|source| view.is_reading_guests(source)) {
        return true;
    }
    let names = finding.names.iter().flatten().chain(&finding.about);
    names.filter_map(|id: &ObjectId| view.find(id)).any(|object| match object {
        ObjectRef::Guest(guest) => {
            let fact = view.guest(guest);
            fact.reading != Reading::Done && unread(fact.status)
        }
        // Of a node the port may be known by its guests alone.
        ObjectRef::Node(node) => {
            view.guests_of_node(node).any(|guest| view.guest(guest).reading != Reading::Done)
        }
        _ => false,
    })
}

/// Which guests a kind of finding rests on, by their status, for what they bear; `None`: on none.
fn guests_that_count(kind: DriftKind) -> Option<fn(GuestStatus) -> bool> {
    match kind {
        DriftKind::DuplicateGuestIp
        | DriftKind::DuplicateMac
        | DriftKind::GuestIpNotDeclared
        | DriftKind::VmidIpMismatch
        | DriftKind::PortMapMismatch
        | DriftKind::VlanMismatch => Some(|_| true),
        // One that runs has ended it, whatever it bears.
        DriftKind::UpstreamGuestStopped => Some(|status| status != GuestStatus::Running),
        // What nothing bears the rules themselves leave undecided; the others are about something else.
        DriftKind::DeclaredIpNotOnGuest
        | DriftKind::UpstreamWithoutGuest
        | DriftKind::HostnameUpstreamMismatch
        | DriftKind::GuestOnlyDeclared
        | DriftKind::GuestOnlyLive
        | DriftKind::CertificateExpiring
        | DriftKind::OwnerConflict => None,
    }
}

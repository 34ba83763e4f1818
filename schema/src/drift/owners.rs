//! Guests that two organizations claim.

use super::find::{Findings, Report};
use super::{DriftKind, Severity};
use crate::view::{GuestRef, View};

pub(super) fn find(view: &View, found: &mut Findings<'_>) {
    for conflict in view.owner_conflicts() {
        let claimed_by: Vec<&str> =
            conflict.organizations.iter().map(|one| view.organization(*one)).collect();
        let claimed_by = claimed_by.join(", ");
        let subject = format!("{}/{}", conflict.cluster, conflict.vmid);
        let guest = view.find_guest(&conflict.cluster, conflict.vmid);
        let claimants = conflict.organizations.iter().flat_map(|one| view.sources_of_organization(*one));
        found.report(Report {
            kind: DriftKind::OwnerConflict,
            severity: Severity::Warning,
            about: guest.map(Into::into),
            message: format!("{subject} is claimed by {claimed_by}, and so belongs to none of them"),
            declared: Some(claimed_by),
            observed: None,
            sources: guest.map(GuestRef::source).into_iter().chain(claimants).collect(),
            subject,
        });
    }
}

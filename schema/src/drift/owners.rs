//! Guests that two organizations claim.

use std::collections::BTreeMap;

use super::find::{Findings, Report};
use super::{DriftKind, Severity};
use crate::view::{SourceRef, View};

pub(super) fn find(view: &View, found: &mut Findings<'_>) {
    let conflicts = view.owner_conflicts();
    if conflicts.is_empty() {
        return;
    }
    let claimants = claimants(view);
    for conflict in conflicts {
        // What customers claim and no cluster has is old paper.
        let Some(guest) = view.find_guest(&conflict.cluster, conflict.vmid) else { continue };
        let claimed_by: Vec<&str> =
            conflict.organizations.iter().map(|one| view.organization(*one)).collect();
        let claimed_by = claimed_by.join(", ");
        let subject = format!("{}/{}", conflict.cluster, conflict.vmid);
        let by = claimants.get(&(&*conflict.cluster, conflict.vmid)).into_iter().flatten().copied();
        found.report(Report {
            kind: DriftKind::OwnerConflict,
            severity: Severity::Warning,
            about: Some(guest.into()),
            names: conflict.organizations.iter().map(|one| (*one).into()).collect(),
            message: format!("{subject} is claimed by {claimed_by}, and so belongs to none of them"),
            declared: Some(claimed_by),
            observed: None,
            sources: by.chain([guest.source()]).collect(),
            subject,
        });
    }
}

/// The sources of the customers that claim each guest: not all that know their organizations.
fn claimants(view: &View) -> BTreeMap<(&str, u32), Vec<SourceRef>> {
    let mut claimants: BTreeMap<(&str, u32), Vec<SourceRef>> = BTreeMap::new();
    for source in view.sources() {
        let snapshot = view.held(source).snapshot.as_deref();
        let customers = snapshot.into_iter().flat_map(|snapshot| &snapshot.facts.customers);
        for (cluster, vmid) in customers.flat_map(|customer| &customer.guests) {
            claimants.entry((&**cluster, *vmid)).or_default().push(source);
        }
    }
    claimants
}

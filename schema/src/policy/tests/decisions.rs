//! Decisions are made once for all who share them, and never for somebody to whom they do not apply.

use std::sync::Arc;

use super::{alone, place};
use crate::policy::{Decisions, Permission, Policies, Principal};

fn principal(roles: &[&str], mfa: bool) -> Arc<Principal> {
    Arc::new(Principal::with_roles("somebody", roles.iter().copied(), mfa))
}

/// A set of its own, so that no other test counts with it.
fn fresh() -> Policies {
    Policies::load([], crate::policy::Base::Extend).expect("the built-in ones")
}

#[test]
fn a_thousand_rows_at_seven_places_are_seven_decisions() {
    let (decisions, policies) = (Arc::new(Decisions::default()), fresh());
    let places: Vec<_> = (0..7).map(|node| place(&format!("metal:lab:c:n{node}"))).collect();
    for request in 0..3 {
        let asking = decisions.asking(policies.clone(), principal(&["fleetgraph-viewer"], request == 0));
        for row in 0..1000 {
            assert!(asking.permits(Permission::InventoryRead, &places[row % 7], Some("acme")));
            assert!(!asking.permits(Permission::NodeExec, &places[row % 7], None));
        }
    }
    // Two permissions, and with and without a second factor, which the policies read; the owner they do not.
    assert_eq!(policies.evaluations(), 7 * 2 * 2);
}

#[test]
fn a_decision_is_shared_only_where_nothing_that_decides_differs() {
    let text = "permit (principal, action in Action::\"guest:*\", resource) when { principal has organization && resource has owner && principal.organization == resource.owner };
permit (principal == User::\"root\", action == Action::\"node:exec\", resource);
permit (principal in Group::\"/fleet/lab\", action == Action::\"node:logs\", resource in Sources::\"r630\");
permit (principal in Role::\"day\", action == Action::\"audit:read\", resource) when { principal.mfa };";
    let (decisions, policies) = (Arc::new(Decisions::bounded(6, 3)), alone("own.cedar", text));
    let mut callers = Vec::new();
    for subject in ["root", "other"] {
        for organization in [None, Some("acme"), Some("umbrella")] {
            for (groups, roles, mfa) in
                [(&["/fleet/lab"][..], &["day"][..], true), (&[], &["day"], false), (&["/fleet"], &[], true)]
            {
                let mut who = Principal::with_roles(subject, roles.iter().copied(), mfa);
                who.organization = organization.map(Into::into);
                who.groups = groups.iter().copied().map(Into::into).collect();
                callers.push(Arc::new(who));
            }
        }
    }
    let mut permitted = 0;
    // Twice, so that what was kept is asked again; the bounds are so small that things are thrown away meanwhile.
    for who in callers.iter().chain(&callers) {
        let asking = decisions.asking(policies.clone(), Arc::clone(who));
        for what in
            [Permission::GuestPower, Permission::NodeExec, Permission::NodeLogs, Permission::AuditRead]
        {
            for at in ["*", "metal:lab", "metal:lab:c:n@r630", "metal:lab:c:n"].map(place) {
                for owner in [None, Some("acme"), Some("umbrella")] {
                    let kept = asking.permits(what, &at, owner);
                    assert_eq!(
                        kept,
                        policies.permits(who, what, &at, owner),
                        "{who:?} {what} {at} {owner:?}"
                    );
                    let lifted = asking.lifted_by_second_factor(what, &at, owner);
                    assert_eq!(
                        lifted,
                        policies.lifted_by_second_factor(who, what, &at, owner),
                        "{who:?} {what}"
                    );
                    permitted += usize::from(kept);
                }
            }
        }
    }
    assert!(permitted > 100, "{permitted}");
}

#[test]
fn a_new_set_of_policies_is_asked_anew() {
    let decisions = Arc::new(Decisions::default());
    let who = principal(&["day"], false);
    let may = |text| {
        let policies = alone("own.rules", text);
        decisions.asking(policies, Arc::clone(&who)).permits(
            Permission::GuestPower,
            &place("metal:lab"),
            None,
        )
    };
    assert!(may("role day may apply:*:lab:*\n"));
    assert!(!may("role day may apply:*:lab:*\nanyone may not guest:power:metal:*:*\n"));
}

/// A forbid is more than that none permits; and one that cannot be evaluated forbids.
#[test]
fn what_is_forbidden_is_told_from_what_nobody_permits() {
    let text = "permit (principal in Role::\"bar\", action == Action::\"ipam:write\", resource in Environment::\"lab\");
forbid (principal in Role::\"bar\", action == Action::\"ipam:write\", resource in Environment::\"production\");
forbid (principal in Role::\"bar\", action == Action::\"ipam:write\", resource) when { resource has environment && resource.environment == \"broken\" && 9223372036854775807 + 1 > 0 };";
    let policies = alone("own.cedar", text);
    let bar = principal(&["bar"], false);
    for (at, permits, forbids) in [
        ("metal:lab:c:n", true, false),
        ("metal:office:c:n", false, false),
        ("metal:production:c:n", false, true),
        ("metal:broken:c:n", false, true),
    ] {
        let at = place(at);
        assert_eq!(policies.permits(&bar, Permission::IpamWrite, &at, None), permits, "{at}");
        assert_eq!(policies.forbids(&bar, Permission::IpamWrite, &at, None), forbids, "{at}");
    }
}

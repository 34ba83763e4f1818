//! Why, and where else: by the names and lines of policies.

use super::{alone, place};
use crate::policy::{Permission, Policies, Principal};

const OWN: &str = "\
role day may apply:metal:lab:*
role day may node:exec:*:lab-*:n1

anyone may not destroy:*:*:*
group /fleet/night shift may read:*:*:*
";

#[test]
fn a_decision_names_the_policies_that_it_rests_on() {
    let policies = alone("own.rules", OWN);
    let day = Principal::with_roles("somebody", ["day"], false);
    let explain = |what, at| {
        let explained = policies.explain(&day, what, &place(at), None);
        let by: Vec<String> =
            explained.decided_by.iter().map(|policy| format!("{policy}: {}", policy.text)).collect();
        (explained.permitted, by)
    };
    let apply = "own.rules:1: role day may apply:metal:lab:*".to_owned();
    let destroy = "own.rules:4: anyone may not destroy:*:*:*".to_owned();
    assert_eq!(explain(Permission::GuestPower, "metal:lab:c:n1"), (true, vec![apply]));
    assert_eq!(explain(Permission::GuestRollback, "metal:lab:c:n1"), (false, vec![destroy]));
    assert_eq!(explain(Permission::GuestPower, "metal:production"), (false, vec![]));
}

#[test]
fn a_second_factor_that_would_help_is_said() {
    let admin = |mfa| Principal::with_roles("somebody", ["sankofa-it-admin"], mfa);
    let explain = |mfa| Policies::built_in().explain(&admin(mfa), Permission::NodeExec, &place("*"), None);
    assert!(!explain(false).permitted && explain(false).lifted_by_second_factor);
    assert!(explain(true).permitted && !explain(true).lifted_by_second_factor);
    assert_eq!(explain(true).decided_by[0].to_string(), "built-in/roles.cedar:76 (it-admin)");
}

/// The grants as lines: `permission place`, with a `!` before what is forbidden.
fn grants(policies: &Policies, who: &Principal) -> Vec<String> {
    let lines = policies.grants(who).into_iter().map(|grant| {
        let mark = if grant.forbidden { "!" } else { "" };
        format!("{mark}{} {}", grant.permission, grant.place)
    });
    lines.collect()
}

#[test]
fn grants_are_read_from_the_policies_that_concern_the_principal() {
    let policies = alone("own.rules", OWN);
    let mut who = Principal::with_roles("somebody", ["day"], false);
    assert_eq!(
        grants(&policies, &who),
        [
            "change:request metal:lab:*:*",
            "guest:configure metal:lab:*:*",
            "guest:create metal:lab:*:*",
            "guest:migrate metal:lab:*:*",
            "guest:power metal:lab:*:*",
            "!guest:rollback *:*:*:*",
            "guest:rollback metal:lab:*:*",
            "guest:snapshot metal:lab:*:*",
            "node:exec *:lab-*:*:n1",
        ]
    );
    who = Principal::with_roles("somebody", [], false);
    assert_eq!(grants(&policies, &who), ["!guest:rollback *:*:*:*"]);
    who.groups.insert("/fleet/night shift".into());
    assert_eq!(grants(&policies, &who).len(), 1 + 6);
}

#[test]
fn grants_of_the_built_in_policies_hold_what_the_caller_fulfils() {
    let built_in = Policies::built_in();
    let of = |roles: &[&str], mfa| {
        grants(&built_in, &Principal::with_roles("somebody", roles.iter().copied(), mfa))
    };
    assert_eq!(of(&[], true), [""; 0]);
    assert_eq!(of(&["fleetgraph-viewer"], false), ["inventory:read *:*:*:*"]);
    assert_eq!(of(&["sankofa-it-admin"], false), ["inventory:read *:*:*:*"]);
    assert_eq!(of(&["sankofa-it-admin"], true).len(), Permission::ALL.len());
    let audit = of(&["audit@r630", "audit@t640"], false);
    assert_eq!(audit.len(), 6, "{audit:?}");
    assert_eq!(audit[0], "agent:read *:*:*:*@r630,t640");
    assert_eq!(of(&["admin@r630"], true).len(), Permission::ALL.len());
}

#[test]
fn a_condition_that_no_pattern_expresses_leaves_the_widest_place() {
    let text = "permit (principal, action == Action::\"guest:power\", resource in Cloud::\"metal\") when { principal.mfa && resource has environment && (resource.environment == \"lab\" || resource.environment == \"test\") && resource has node && resource.node == \"n1\" };
forbid (principal, action == Action::\"guest:power\", resource in Sources::\"r630\") unless { resource has owner };";
    let policies = alone("own.cedar", text);
    let who = |mfa| Principal::with_roles("somebody", [], mfa);
    assert_eq!(grants(&policies, &who(true)), ["!guest:power *:*:*:*@r630", "guest:power metal:*:*:n1"]);
    assert_eq!(grants(&policies, &who(false)), ["!guest:power *:*:*:*@r630"]);
}

//! Files that are taken, and files that are refused with their lines.

use super::place;
use crate::policy::{Base, Permission, Policies, Principal, Reads, matrix};

#[track_caller]
fn refused(name: &str, text: &str, expected: &[&str]) {
    let files = [
        ("good.rules".to_owned(), "role day may read:*:*:*\n".to_owned()),
        (name.to_owned(), text.to_owned()),
    ];
    let errors = Policies::load(files, Base::Extend).expect_err("refused");
    let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), expected.len(), "{errors:#?}");
    for (error, begins) in errors.iter().zip(expected) {
        assert!(error.starts_with(begins), "{error}\n{begins}");
    }
}

#[test]
fn a_file_that_is_wrong_is_refused_with_its_line() {
    for (text, expected) in [
        ("role day may kubectl:*:*:*\n", &["a.rules:1:14: kubectl is not built yet"][..]),
        ("# a remark\n\nrole day may reed:*:*:*\n", &["a.rules:3:14: `reed` is no action"]),
        ("role day may guest:fly:*:*:*\n", &["a.rules:1:14: `guest:fly` is no action"]),
        (
            "role day may read:*:*\nrole night can read:*:*:*\n",
            &["a.rules:1:14: `read:*:*` has 3 parts", "a.rules:2:1: neither"],
        ),
        ("role day may read::lab:*\n", &["a.rules:1:1: the cloud is empty"]),
        ("day may read:*:*:*\n", &["a.rules:1:1: `day` is nobody"]),
        ("group night may read:*:*:*\n", &["a.rules:1:1: a group is named by its whole path"]),
    ] {
        refused("a.rules", text, expected);
    }
    for (text, expected) in [
        ("permit (principal, action, resource)\n\nforbid", &["b.cedar:3:7: unexpected end"][..]),
        (
            "permit (principal, action, resource);\npermit (principal in Rolle::\"x\", action, resource);",
            &["b.cedar:2:"],
        ),
        ("permit (principal,\n  action == Action::\"guest:fly\", resource);", &["b.cedar:2:"]),
        ("permit (principal, action, resource) when { resource.owner == \"x\" };", &["b.cedar:1:"]),
        ("// a remark\npermit (principal == ?principal, action, resource);", &["b.cedar:2:1: a template"]),
    ] {
        refused("b.cedar", text, expected);
    }
    refused("c.toml", "", &["c.toml:1:1: neither a .cedar nor a .rules file"]);
}

#[test]
fn own_policies_stand_beside_the_built_in_ones_or_in_their_place() {
    let files = || [("own.rules".to_owned(), "anyone may not read:*:production:*\n".to_owned())];
    let viewer = Principal::with_roles("somebody", ["fleetgraph-viewer"], false);
    let reads =
        |policies: &Policies, at| policies.permits(&viewer, Permission::InventoryRead, &place(at), None);
    let beside = Policies::load(files(), Base::Extend).expect("valid");
    assert!(reads(&beside, "metal:lab") && !reads(&beside, "metal:production:c:n"));
    let instead = Policies::load(files(), Base::Replace).expect("valid");
    assert!(!reads(&instead, "metal:lab"));
    assert_ne!(beside.version(), instead.version());
    assert_eq!(beside.version(), beside.clone().version());
}

#[test]
fn the_examples_of_the_documentation_are_valid() {
    let page = include_str!("../../../../docs/policies.md");
    let rules = page.split("```\n# Who").nth(1).and_then(|rest| rest.split("```").next()).expect("rules");
    let cedar = page.split("```cedar\n").nth(1).and_then(|rest| rest.split("```").next()).expect("Cedar");
    let files = [("page.rules", format!("# {rules}")), ("page.cedar", cedar.to_owned())];
    let policies =
        Policies::load(files.map(|(name, text)| (name.to_owned(), text)), Base::Extend).expect("valid");
    assert_eq!(policies.warnings(), []);
    let team = Principal::with_roles("somebody", ["lab-team"], true);
    assert!(policies.permits(&team, Permission::GuestPower, &place("baremetal:test-7"), None));
    assert!(!policies.permits(&team, Permission::GuestRollback, &place("baremetal:production"), None));
}

#[test]
fn names_may_hold_what_names_hold() {
    let text = "group /fleet/may night may not exec:*:*:*  # the last `may` counts\nrole it's \"so\" may read:*:*:*\n";
    let policies = super::alone("odd.rules", text);
    let who = Principal::with_roles("somebody", ["it's \"so\""], false);
    assert!(policies.permits(&who, Permission::AuditRead, &place("*"), None));
}

#[test]
fn policies_say_what_they_read() {
    let built_in = Policies::built_in();
    for what in Permission::ALL {
        assert_eq!(built_in.depends_on(*what), Reads { mfa: true, ..Reads::default() }, "{what}");
    }
    for (text, expected) in [
        ("permit (principal in Role::\"x\", action, resource in Environment::\"lab\");", Reads::default()),
        (
            "permit (principal in Group::\"/x\", action, resource);",
            Reads { groups: true, ..Reads::default() },
        ),
        ("permit (principal == User::\"x\", action, resource);", Reads { subject: true, ..Reads::default() }),
        (
            "forbid (principal, action, resource) unless { resource has owner && principal has organization && resource.owner == principal.organization };",
            Reads { owner: true, organization: true, ..Reads::default() },
        ),
        (
            "permit (principal, action, resource) when { [User::\"x\"].contains(principal) };",
            Reads { subject: true, ..Reads::default() },
        ),
    ] {
        assert_eq!(super::alone("reads.cedar", text).depends_on(Permission::GuestPower), expected, "{text}");
    }
    let only = super::alone(
        "reads.cedar",
        "permit (principal, action in Action::\"exec\", resource) when { principal.mfa };",
    );
    assert_eq!(only.depends_on(Permission::NodeLogs), Reads { mfa: true, ..Reads::default() });
    assert_eq!(only.depends_on(Permission::GuestPower), Reads::default());
}

#[test]
fn the_matrix_is_the_one_that_is_checked_in() {
    let policies = Policies::built_in();
    let printed = matrix(&policies, policies.roles(), &[place("*"), place("*@GROUP")]);
    assert_eq!(
        printed,
        include_str!("../../../../docs/policy-matrix.txt"),
        "fleetgraph policy matrix > docs/policy-matrix.txt"
    );
}

#[test]
fn the_vocabulary_has_each_permission_and_its_domain() {
    for what in Permission::ALL {
        for action in [what.name().to_owned(), format!("{}:*", what.domain()), "admin".to_owned()] {
            let text = format!("permit (principal, action in Action::{action:?}, resource);");
            let who = Principal::with_roles("somebody", [], false);
            assert!(
                super::alone("one.cedar", &text).permits(&who, *what, &place("*"), None),
                "{action} {what}"
            );
        }
    }
}

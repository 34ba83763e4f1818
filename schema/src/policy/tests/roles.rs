//! Each role of docs/reference.md may exactly what its line says.

use crate::policy::{Permission, Place, Policies, Principal};

const REFERENCE: &str = include_str!("../../../../docs/reference.md");

/// Whether a permission is among what a line of the table gives.
fn given(line: &str, what: Permission) -> bool {
    line.split(", ")
        .any(|one| one == what.name() || one.strip_suffix(":*").is_some_and(|domain| domain == what.domain()))
}

#[test]
fn each_role_may_exactly_what_the_reference_says() {
    let policies = Policies::built_in();
    let places = ["*", "baremetal:lab:*:*", "baremetal:lab:pve-lab:r630-01@r630"];
    let mut checked = 0;
    for row in REFERENCE.lines().filter(|line| line.starts_with("| `fleetgraph-") && line.ends_with(" |")) {
        let mut cells = row.trim_matches('|').split(" | ").map(str::trim);
        let (Some(role), Some(may), None) = (cells.next(), cells.next(), cells.next()) else { continue };
        let role = role.trim_matches('`');
        if role.contains(' ') {
            continue;
        }
        checked += 1;
        for (what, place, mfa) in Permission::ALL
            .iter()
            .flat_map(|what| places.map(|place| (*what, place)))
            .flat_map(|(what, place)| [true, false].map(|mfa| (what, place, mfa)))
        {
            let who = Principal::with_roles("somebody", [role], mfa);
            let at: Place = place.parse().expect("a place");
            assert_eq!(policies.permits(&who, what, &at, None), given(may, what), "{role} {what} {place}");
        }
    }
    assert_eq!(checked, 8, "roles in docs/reference.md");
}

#[test]
fn the_administrator_needs_a_second_factor_for_all_but_reading_the_fleet() {
    let policies = Policies::built_in();
    for what in Permission::ALL {
        let admin = |mfa| Principal::with_roles("somebody", ["sankofa-it-admin"], mfa);
        let reads = *what == Permission::InventoryRead;
        assert!(policies.permits(&admin(true), *what, &Place::default(), None), "{what}");
        assert_eq!(policies.permits(&admin(false), *what, &Place::default(), None), reads, "{what}");
        let lifted = policies.lifted_by_second_factor(&admin(false), *what, &Place::default(), None);
        assert_eq!(lifted, !reads, "{what}");
        assert!(!policies.lifted_by_second_factor(&admin(true), *what, &Place::default(), None), "{what}");
    }
}

#[test]
fn nobody_may_anything_by_default() {
    for roles in [&[][..], &["offline_access"], &["viewer"], &["FLEETGRAPH-VIEWER"], &["audit@"], &["admin"]]
    {
        let who = Principal::with_roles("somebody", roles.iter().copied(), true);
        for what in Permission::ALL {
            let at = "baremetal:lab:pve-lab:r630-01@r630".parse().expect("a place");
            assert!(!Policies::built_in().permits(&who, *what, &at, None), "{roles:?} {what}");
        }
    }
}

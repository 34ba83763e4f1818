//! Role x permission x place as text that is read without knowing Cedar.

use std::fmt::Write as _;

use super::{Permission, Place, Policies, Principal};

/// What the marks mean.
const LEGEND: &str = "\
✔   may
2F  may, once a second factor is proven
✘   forbidden by a policy, whatever other roles permit
·   no policy permits it
";

/// One table a place: a line a permission, a column a role. A place whose source is in groups has the columns of their
/// Audit, Manage and Admin too.
pub fn matrix(policies: &Policies, roles: &[String], places: &[Place]) -> String {
    let mut text = format!("Who may do what. A column is somebody with that role alone.\n\n{LEGEND}");
    for place in places {
        let on_groups = place.groups.iter().flat_map(|group| {
            ["audit", "manage", "admin"].into_iter().map(move |what| format!("{what}@{group}"))
        });
        let columns: Vec<String> = roles.iter().cloned().chain(on_groups).collect();
        let groups = if place.groups.is_empty() {
            String::new()
        } else {
            format!(", of a source in {}", place.groups.join(", "))
        };
        // Writing to a String cannot fail.
        let _ = write!(text, "\nAt {place}{groups} (cloud:environment:cluster:node, * not set)\n\n");
        table(&mut text, policies, &columns, place);
    }
    text
}

fn table(text: &mut String, policies: &Policies, roles: &[String], place: &Place) {
    let permissions = Permission::ALL.iter().map(|permission| permission.name().len()).max().unwrap_or(0);
    // A long name takes two lines: the column is as wide as the longer half.
    let halves: Vec<(&str, &str)> = roles.iter().map(|role| halves(role)).collect();
    let widths: Vec<usize> =
        halves.iter().map(|(upper, lower)| upper.chars().count().max(lower.chars().count())).collect();
    let mut line = |first: &str, cells: Vec<&str>| {
        let mut line = format!("{first:permissions$}");
        for (cell, width) in cells.iter().zip(&widths) {
            let _ = write!(line, "  {cell:width$}");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    };
    line("", halves.iter().map(|(upper, _)| *upper).collect());
    line("", halves.iter().map(|(_, lower)| *lower).collect());
    for permission in Permission::ALL {
        let cells = roles.iter().map(|role| mark(policies, role, *permission, place)).collect();
        line(permission.name(), cells);
    }
}

/// `fleetgraph-` over `viewer`.
fn halves(role: &str) -> (&str, &str) {
    match role.rfind(['-', '@']) {
        Some(at) if role.len() > 10 => role.split_at(at + 1),
        _ => ("", role),
    }
}

fn mark(policies: &Policies, role: &str, what: Permission, at: &Place) -> &'static str {
    let permits = |mfa| policies.permits(&Principal::with_roles("", [role], mfa), what, at, None);
    if permits(false) {
        return "✔";
    }
    if permits(true) {
        return "2F";
    }
    let explained = policies.explain(&Principal::with_roles("", [role], true), what, at, None);
    if explained.decided_by.is_empty() { "·" } else { "✘" }
}

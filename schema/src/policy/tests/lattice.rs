//! Permits and denials with wildcards, at nested places: Cedar's answer is that of a model of thirty lines.

use proptest::prelude::*;

use super::alone;
use crate::policy::{Permission, Place, Principal};

/// One rule of the short form.
#[derive(Clone, Debug)]
struct Rule {
    role: Option<&'static str>,
    forbids: bool,
    action: &'static str,
    /// Cloud, environment, server.
    levels: [&'static str; 3],
}

impl Rule {
    fn text(&self) -> String {
        let who = self.role.map_or("anyone".to_owned(), |role| format!("role {role}"));
        let may = if self.forbids { "may not" } else { "may" };
        format!("{who} {may} {}:{}\n", self.action, self.levels.join(":"))
    }
}

// The model: what docs/reference.md says, as plainly as it can be said.

fn model(rules: &[Rule], held: &[&str], what: Permission, at: &Place) -> bool {
    let matching = |forbids| {
        rules.iter().any(|rule| {
            rule.forbids == forbids
                && rule.role.is_none_or(|role| held.contains(&role))
                && means(rule.action, what.name())
                && [&at.cloud, &at.environment, &at.node]
                    .into_iter()
                    .zip(rule.levels)
                    .all(|(level, pattern)| matches(pattern, level.as_deref()))
        })
    };
    matching(false) && !matching(true)
}

fn means(action: &str, name: &str) -> bool {
    match action {
        "*" | "admin" => true,
        "read" => name.ends_with(":read"),
        "exec" => ["node:exec", "node:logs"].contains(&name),
        "apply" => name == "change:request" || name.starts_with("guest:"),
        "destroy" => name == "guest:rollback",
        "manage" => ["source:refresh", "ipam:write", "agent:admin", "operation:publish"].contains(&name),
        _ => name == action || action.strip_suffix('*').is_some_and(|domain| name.starts_with(domain)),
    }
}

fn matches(pattern: &str, level: Option<&str>) -> bool {
    match (pattern.split_once('*'), level) {
        (Some(("", "")), _) => true,
        (Some((begins, ends)), Some(level)) => {
            level.len() + 1 >= pattern.len() && level.starts_with(begins) && level.ends_with(ends)
        }
        (None, level) => level == Some(pattern),
        (Some(_), None) => false,
    }
}

// What is drawn.

fn rule() -> impl Strategy<Value = Rule> {
    let role = prop::sample::select(vec![None, Some("day"), Some("night")]);
    let actions = [
        "*",
        "read",
        "exec",
        "apply",
        "destroy",
        "manage",
        "admin",
        "guest:*",
        "guest:power",
        "node:exec",
        "change:*",
        "inventory:read",
    ];
    let level = |names: &[&'static str]| prop::sample::select([&["*", "*"][..], names].concat());
    let levels =
        (level(&["metal", "far", "m*"]), level(&["lab", "lab-2", "lab*", "*b"]), level(&["n1", "n2", "n*2"]));
    (role, any::<bool>(), prop::sample::select(actions.to_vec()), levels).prop_map(
        |(role, forbids, action, (cloud, environment, server))| Rule {
            role,
            forbids,
            action,
            levels: [cloud, environment, server],
        },
    )
}

/// A place, with the wider places that it stands in: they are asked too.
fn places() -> impl Strategy<Value = Vec<Place>> {
    let level = |names: &[&'static str]| prop::sample::select(names.to_vec());
    (
        level(&["metal", "far"]),
        level(&["lab", "lab-2", "x"]),
        level(&["c1", "c2"]),
        level(&["n1", "n2", "n12"]),
    )
        .prop_map(|(cloud, environment, cluster, node)| {
            let whole = Place {
                cloud: Some(cloud.into()),
                environment: Some(environment.into()),
                cluster: Some(cluster.into()),
                node: Some(node.into()),
                ..Place::default()
            };
            let in_cluster = Place { node: None, ..whole.clone() };
            let in_environment = Place { cluster: None, ..in_cluster.clone() };
            let in_cloud = Place { environment: None, ..in_environment.clone() };
            let unclouded = Place { cloud: None, ..whole.clone() };
            vec![whole, in_cluster, in_environment, in_cloud, unclouded, Place::default()]
        })
}

fn roles() -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(vec!["day", "night"], 0..=2)
}

fn text(rules: &[Rule]) -> String {
    rules.iter().map(Rule::text).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cedar_answers_as_the_model_does(
        rules in prop::collection::vec(rule(), 0..8),
        roles in roles(),
        places in places(),
        what in prop::sample::select(Permission::ALL),
    ) {
        let policies = alone("drawn.rules", &text(&rules));
        let who = Principal::with_roles("somebody", roles.iter().copied(), false);
        for at in &places {
            let answer = policies.permits(&who, what, at, None);
            prop_assert_eq!(answer, model(&rules, &roles, what, at), "{} at {}", what, at);
        }
    }

    #[test]
    fn a_denial_more_never_allows_more_and_order_never_matters(
        rules in prop::collection::vec(rule(), 1..8),
        denial in rule(),
        roles in roles(),
        places in places(),
        what in prop::sample::select(Permission::ALL),
    ) {
        let who = Principal::with_roles("somebody", roles.iter().copied(), false);
        let before = alone("drawn.rules", &text(&rules));
        let turned: Vec<Rule> = rules.iter().rev().cloned().collect();
        let turned = alone("drawn.rules", &text(&turned));
        let more: Vec<Rule> = rules.iter().cloned().chain([Rule { forbids: true, ..denial }]).collect();
        let more = alone("drawn.rules", &text(&more));
        for at in &places {
            let answer = before.permits(&who, what, at, None);
            prop_assert_eq!(answer, turned.permits(&who, what, at, None), "turned round: {} at {}", what, at);
            prop_assert!(answer || !more.permits(&who, what, at, None), "a denial allowed {} at {}", what, at);
        }
    }
}

//! Who may depend on whom. An allowlist: a dependency that nobody thought of is refused, and so is a misspelt rule.

use std::collections::BTreeSet;
use std::path::Path;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// A package, and the members of this workspace that it may use outside its tests. Downwards only (docs/design.md).
const MEMBERS: &[(&str, &[&str])] = &[
    ("schema", &[]),
    ("store", &["schema"]),
    ("connectors", &["store", "schema"]),
    ("resolvers-macros", &[]),
    ("resolvers", &["resolvers-macros", "connectors", "store", "schema"]),
    ("fleetgraph", &["resolvers", "connectors", "store", "schema"]),
    ("fleetgraph-agent", &["schema"]),
    ("tests", &["fleetgraph", "resolvers", "connectors", "store", "schema"]),
    ("xtask", &["fleetgraph", "resolvers", "connectors", "store", "schema"]),
];

/// A package, and what it must never use: the reason why each layer can be tested without the next one.
const NEVER: &[(&str, &[&str])] = &[
    (
        "schema",
        &[
            "tokio",
            "reqwest",
            "sqlx",
            "redis",
            "async-graphql",
            "axum",
            "rand",
            "tracing",
            "getrandom",
            "uuid",
        ],
    ),
    ("store", &["async-graphql", "axum", "reqwest"]),
    ("connectors", &["async-graphql", "axum"]),
    ("resolvers", &["axum", "reqwest"]),
    ("fleetgraph-agent", &["axum", "async-graphql", "sqlx"]),
];

pub(super) fn check(repository: &Path) -> Vec<String> {
    let metadata = match MetadataCommand::new().manifest_path(repository.join("Cargo.toml")).no_deps().exec()
    {
        Ok(metadata) => metadata,
        Err(error) => return vec![format!("cargo metadata does not answer: {error}")],
    };
    let members: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let mut complaints = Vec::new();
    for (name, allowed) in MEMBERS {
        for named in allowed.iter().chain([name]).filter(|named| !members.contains(*named)) {
            complaints.push(format!(
                "xtask/src/tidy/arrows.rs names `{named}`, which is no member of the workspace"
            ));
        }
    }
    for package in &metadata.packages {
        complaints.extend(check_package(package, &members));
    }
    complaints
}

fn check_package(package: &Package, members: &BTreeSet<&str>) -> Vec<String> {
    let name = package.name.as_str();
    let Some((_, allowed)) = MEMBERS.iter().find(|(member, _)| *member == name) else {
        return vec![format!(
            "package `{name}` is not in xtask/src/tidy/arrows.rs: say what it may depend on"
        )];
    };
    let never = NEVER.iter().find(|(member, _)| *member == name).map_or(&[][..], |(_, never)| never);
    let used =
        package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
    used.filter_map(|dependency| {
        let other = dependency.name.as_str();
        if members.contains(other) && !allowed.contains(&other) {
            Some(format!("`{name}` must not depend on `{other}`: arrows go downwards (ARCHITECTURE.md)"))
        } else if never.contains(&other) {
            Some(format!("`{name}` must never depend on `{other}` (ARCHITECTURE.md, invariants)"))
        } else {
            None
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_upwards_is_refused() {
        let metadata = MetadataCommand::new()
            .manifest_path(crate::repository().join("Cargo.toml"))
            .no_deps()
            .exec()
            .expect("cargo metadata");
        let connectors =
            metadata.packages.iter().find(|package| package.name == "connectors").expect("a member");
        let mut schema = connectors.clone();
        schema.name = serde_json::from_str("\"schema\"").expect("a name");
        let members = ["schema", "store", "connectors"].into();
        let complaints = check_package(&schema, &members).join("\n");
        assert!(complaints.contains("`schema` must not depend on `store`"), "{complaints}");
        assert!(complaints.contains("`schema` must never depend on `reqwest`"), "{complaints}");
    }
}

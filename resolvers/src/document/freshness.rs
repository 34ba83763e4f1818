//! `extensions.freshness`: which sources an answer rests on, and how good they are.
//!
//! Fixed by the types that an operation selects, not by the rows that it finds, so that the same operation names the
//! same sources every time (docs/reference.md, HTTP). A function over the document, called once an operation: an
//! async-graphql extension, even one that does nothing, costs a third of a page.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::Variables;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use serde::Serialize;

use super::Operation;
use crate::RequestContext;
use crate::access::Visible as _;
use crate::definitions::{Definitions, Type};
use crate::scalar::date_time;

/// How good one source was for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceFreshness {
    /// When the data served were read; `None`: never.
    pub collected_at: Option<String>,
    /// The source is not CURRENT, or a main list of it was not read in full or is held back.
    pub stale: bool,
}

/// The sources of an operation, by name. Of an operation that cannot be found, none.
pub fn freshness(
    document: &ExecutableDocument,
    operation_name: Option<&str>,
    context: &RequestContext,
) -> BTreeMap<String, SourceFreshness> {
    // What is skipped by a variable is selected all the same: the operation is what counts, not one run of it.
    let variables = Variables::default();
    let Ok(operation) = Operation::find(document, operation_name, &variables) else { return BTreeMap::new() };
    let mut walk = Walk {
        operation,
        definitions: Definitions::of_the_schema(),
        types: BTreeSet::new(),
        fragments: BTreeSet::new(),
    };
    walk.set(operation.root(), &operation.definition.selection_set.node);
    let kinds = Kinds::of(walk.types.into_iter());
    let visible = context.view.sources().filter(|source| source.visible(context));
    let held = visible.map(|source| context.view.held(source));
    let held = held.filter(|held| kinds.hold(&held.info.kind));
    held.map(|held| {
        let freshness = SourceFreshness {
            collected_at: held.collected_at().map(|at| date_time(at).to_string()),
            stale: !held.is_fresh(context.now),
        };
        (held.info.name.to_string(), freshness)
    })
    .collect()
}

/// The kinds of source that a type is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kinds {
    /// Whatever is configured.
    All,
    /// These.
    Some(BTreeSet<&'static str>),
}

impl Kinds {
    fn of<'t>(types: impl Iterator<Item = &'t str>) -> Self {
        let mut some = BTreeSet::new();
        for name in types {
            match kinds(name) {
                Self::All => return Self::All,
                Self::Some(kinds) => some.extend(kinds),
            }
        }
        Self::Some(some)
    }

    pub(crate) fn hold(&self, kind: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(kinds) => kinds.contains(kind),
        }
    }
}

/// What each type is made from; a connection and an edge as what they carry. A type that only says something of the
/// object that it stands on (provenance, page info) adds nothing to that object's.
pub(crate) fn kinds(type_name: &str) -> Kinds {
    let carried = type_name.strip_suffix("Connection").or_else(|| type_name.strip_suffix("Edge"));
    let kinds: &[&str] = match carried.unwrap_or(type_name) {
        "Path" | "Hop" | "Evidence" | "Impact" => &["npm", "unifi", "proxmox", "declared", "ipam", "agent"],
        "Hostname" | "ProxyHost" | "ProxyLocation" | "Certificate" => &["npm"],
        "Guest" | "GuestInterface" | "Cluster" | "ClusterNode" => &["proxmox"],
        "Switch" | "SwitchPort" | "NetworkClient" | "PortForward" => &["unifi"],
        "IpAddress" => &["proxmox", "unifi", "ipam", "declared"],
        "Subnet" | "Vlan" | "IpAssignment" => &["ipam", "declared", "unifi"],
        "Organization" | "Entitlement" | "Invoice" | "InvoiceLine" => &["stripe"],
        "Source" | "SourceError" | "SourceProblem" | "DriftFinding" | "FleetStatus" | "StatusCounts" => {
            return Kinds::All;
        }
        _ => &[],
    };
    Kinds::Some(kinds.iter().copied().collect())
}

struct Walk<'d> {
    operation: Operation<'d>,
    definitions: &'static Definitions,
    types: BTreeSet<&'d str>,
    fragments: BTreeSet<&'d str>,
}

impl<'d> Walk<'d> {
    /// Gathers the types that are selected under a type; each fragment once.
    fn set(&mut self, type_name: &'d str, set: &'d SelectionSet) {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) => {
                    self.field(type_name, field.node.name.node.as_str(), &field.node.selection_set.node);
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    self.named(condition.unwrap_or(type_name), &fragment.node.selection_set.node);
                }
                Selection::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    if let Some(fragment) = self.operation.document.fragments.get(name)
                        && self.fragments.insert(name)
                    {
                        self.named(
                            &fragment.node.type_condition.node.on.node,
                            &fragment.node.selection_set.node,
                        );
                    }
                }
            }
        }
    }

    /// A fragment on a type: the type itself is selected with it.
    fn named(&mut self, type_name: &'d str, set: &'d SelectionSet) {
        self.types.insert(type_name);
        self.set(type_name, set);
    }

    fn field(&mut self, type_name: &'d str, name: &str, set: &'d SelectionSet) {
        let Type::Object(object) = self.definitions.get(type_name) else { return };
        let Some(field) = object.field(name) else { return };
        match self.definitions.get(&field.base) {
            Type::Leaf => {}
            Type::Object(beneath) => self.named(beneath.definition.name, set),
            // A look-up by id or by text may have looked anywhere. Beneath an object, what it is made from says it all.
            Type::Abstract(abstraction) => {
                if type_name == "Query" {
                    self.types.extend(abstraction.possible);
                }
                self.set(abstraction.name, set);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_says_what_it_is_made_from() {
        let of_none: BTreeSet<&str> = Definitions::of_the_schema()
            .objects()
            .map(|object| object.definition.name)
            .filter(|name| kinds(name) == Kinds::Some(BTreeSet::new()))
            .collect();
        let roots_and_what_only_carries = [
            "DriftPayload",
            "Grant",
            "Mutation",
            "OverrideHopPayload",
            "PageInfo",
            "Provenance",
            "Query",
            "RefreshSourcePayload",
            "Subscription",
            "UserError",
            "Viewer",
        ];
        assert_eq!(of_none, roots_and_what_only_carries.into());
    }
}

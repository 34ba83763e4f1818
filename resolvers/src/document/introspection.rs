//! What an operation's roots are: how often it asks for the schema itself, and how many fields it begins with.

use std::collections::BTreeSet;

use async_graphql::parser::types::Selection;

use super::Operation;

/// How often `__schema` and `__type` stand in an operation and in the fragments that it spreads, each fragment counted once.
/// Without recursion: such documents may nest more deeply than others.
pub(super) fn introspections(operation: Operation<'_>) -> usize {
    let mut count = 0;
    let mut open = vec![&operation.definition.selection_set.node];
    let mut entered = BTreeSet::new();
    while let Some(set) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if ["__schema", "__type"].contains(&&*field.node.name.node) => {
                    count += 1;
                }
                Selection::Field(field) => open.push(&field.node.selection_set.node),
                Selection::InlineFragment(inline) => open.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = operation.document.fragments.get(name)
                        && entered.insert(name)
                    {
                        open.push(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
    count
}

/// How many fields an operation has at its root: those of its fragments too.
pub(super) fn roots(operation: Operation<'_>) -> usize {
    let mut open = vec![&operation.definition.selection_set.node];
    let mut entered = BTreeSet::new();
    let mut count = 0;
    while let Some(set) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(_) => count += 1,
                Selection::InlineFragment(inline) => open.push(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = operation.document.fragments.get(name)
                        && entered.insert(name)
                    {
                        open.push(&fragment.node.selection_set.node);
                    }
                }
            }
        }
    }
    count
}

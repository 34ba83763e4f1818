//! Whether an operation asks for the schema itself.

use std::collections::BTreeSet;

use async_graphql::parser::types::Selection;

use super::Operation;

/// Whether `__schema` or `__type` stands anywhere in an operation or in a fragment that it spreads. Without recursion: such
/// documents may nest more deeply than others.
pub(super) fn introspects(operation: Operation<'_>) -> bool {
    let mut open = vec![&operation.definition.selection_set.node];
    let mut entered = BTreeSet::new();
    while let Some(set) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if ["__schema", "__type"].contains(&&*field.node.name.node) => {
                    return true;
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
    false
}

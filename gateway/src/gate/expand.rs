//! What a document's definitions amount to once every spread is replaced by the fragment that it names.
//!
//! Each fragment is summed once and remembered, in saturating arithmetic: thirty fragments of two spreads each come to
//! a billion fields and cost thirty additions.

use std::collections::BTreeMap;

use super::outline::{Definition, Reach};
use super::refusal::Refusal;

/// The greatest of each figure over all definitions, fragments that nobody spreads included.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expanded {
    pub(super) fields: usize,
    pub(super) reach: Reach,
}

/// Sums up, or refuses a fragment that contains itself.
pub(super) fn expand(document: &str, definitions: &[Definition<'_>]) -> Result<Expanded, Refusal> {
    let mut fragments = BTreeMap::new();
    for (index, definition) in definitions.iter().enumerate() {
        let (None, Some(name)) = (definition.operation, definition.name) else { continue };
        if fragments.insert(name, index).is_some() {
            return Err(Refusal::syntax(document, 0, format!("there are two fragments named `{name}`")));
        }
    }
    let mut sums = vec![Sum::Unknown; definitions.len()];
    let mut greatest = Expanded::default();
    for index in 0..definitions.len() {
        let total = sum(index, definitions, &fragments, &mut sums)?;
        greatest.fields = greatest.fields.max(total.fields);
        greatest.reach.merge(total.reach);
    }
    Ok(greatest)
}

#[derive(Clone, Copy)]
enum Sum {
    Unknown,
    Running,
    Done(Expanded),
}

/// Depth first over the spreads, on a stack of our own.
fn sum(
    start: usize,
    definitions: &[Definition<'_>],
    fragments: &BTreeMap<&str, usize>,
    sums: &mut [Sum],
) -> Result<Expanded, Refusal> {
    let mut open = vec![(start, 0)];
    while let Some((index, next_spread)) = open.pop() {
        if let Sum::Done(_) = sums[index] {
            continue;
        }
        sums[index] = Sum::Running;
        let definition = &definitions[index];
        // A spread of an unknown fragment adds nothing here; validation has the words for it.
        let unfinished = definition.spreads.iter().enumerate().skip(next_spread).find_map(|(at, spread)| {
            let fragment = *fragments.get(spread.fragment)?;
            (!matches!(sums[fragment], Sum::Done(_))).then_some((at, fragment))
        });
        match unfinished {
            Some((_, fragment)) if matches!(sums[fragment], Sum::Running) => {
                let fragment = definitions[fragment].name.unwrap_or_default().to_owned();
                return Err(Refusal::Cycle { fragment });
            }
            Some((at, fragment)) => {
                open.push((index, at));
                open.push((fragment, 0));
            }
            None => sums[index] = Sum::Done(with_spreads(definition, fragments, sums)),
        }
    }
    match sums[start] {
        Sum::Done(total) => Ok(total),
        Sum::Unknown | Sum::Running => Ok(Expanded::default()),
    }
}

/// A definition and what its spreads name, all of which are summed already.
fn with_spreads(definition: &Definition<'_>, fragments: &BTreeMap<&str, usize>, sums: &[Sum]) -> Expanded {
    let mut total = Expanded { fields: definition.fields, reach: definition.reach };
    for spread in &definition.spreads {
        let Some(Sum::Done(inner)) = fragments.get(spread.fragment).map(|&index| sums[index]) else {
            continue;
        };
        let place = spread.place;
        total.fields = total.fields.saturating_add(inner.fields);
        total.reach.merge(Reach {
            data: if place.introspection { 0 } else { place.level.saturating_add(inner.reach.data) },
            any: place.level.saturating_add(inner.reach.any),
            introspection_lists: if place.introspection {
                place.lists.saturating_add(inner.reach.any_lists)
            } else {
                inner.reach.introspection_lists
            },
            any_lists: place.lists.saturating_add(inner.reach.any_lists),
        });
    }
    total
}

impl Reach {
    fn merge(&mut self, other: Reach) {
        self.data = self.data.max(other.data);
        self.any = self.any.max(other.any);
        self.introspection_lists = self.introspection_lists.max(other.introspection_lists);
        self.any_lists = self.any_lists.max(other.any_lists);
    }
}

//! What an operation costs before it runs (docs/reference.md, Limits): one for each field, times the lists it stands in.
//!
//! A walk over the document and the definitions, never over rows. Each fragment is walked once: what it costs under a
//! connection is a linear function of that connection's `first`, so that one result serves every place that spreads it.
//! What is not in the schema costs nothing here: validation names it better.

use std::collections::BTreeMap;

use async_graphql::parser::types::{ExecutableDocument, Field, OperationType, Selection, SelectionSet};
use async_graphql::{InputType as _, Value, Variables, parser};

use super::Operation;
use super::introspection::{introspections, roots};
use super::variables::integers;
use crate::Refusal;
use crate::definitions::{self, Definitions, Type};
use crate::page::Cursor;

/// Documents nest less deeply than this, or are refused: the walk is recursive, and a stack is not endless.
const DEEPEST: usize = 200;

/// The schema is asked for so often in one operation: it costs nothing, and is an answer of 100 KB each time.
const MOST_INTROSPECTIONS: usize = 4;

/// What an operation may cost, and ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Objects of one page.
    pub page: u64,
    /// Complexity of the whole.
    pub complexity: u64,
    /// The schema may be asked for.
    pub introspection: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self { page: 1000, complexity: 250_000, introspection: true }
    }
}

/// The complexity of an operation, or which limit it breaks. Also refuses introspection where that is off, and pages of impossible size and cursors of
/// another list, so that such an operation is refused whole instead of in the middle of its answer.
pub fn cost(
    document: &ExecutableDocument,
    operation_name: Option<&str>,
    variables: &Variables,
    limits: Limits,
) -> Result<u64, Refusal> {
    let operation = Operation::find(document, operation_name, variables)?;
    let asked = introspections(operation);
    if asked > MOST_INTROSPECTIONS {
        let sentence = format!(
            "`__schema` and `__type` stand {asked} times in it; {MOST_INTROSPECTIONS} are allowed at once"
        );
        return Err(Refusal::Document(sentence));
    }
    if operation.definition.ty == OperationType::Subscription {
        watchable(operation)?;
    }
    if !limits.introspection && asked > 0 {
        let sentence = "introspection is off here: ask whoever runs this gateway for its schema";
        return Err(Refusal::Document(sentence.to_owned()));
    }
    let mut walk = Walk {
        operation,
        definitions: Definitions::of_the_schema(),
        page: limits.page,
        fragments: BTreeMap::new(),
        depth: 0,
    };
    let cost = walk.set(operation.root(), &operation.definition.selection_set.node)?.fixed;
    if cost > limits.complexity {
        return Err(Refusal::TooComplex { cost, limit: limits.complexity });
    }
    Ok(cost)
}

/// Whether a subscription is one field. async-graphql runs several side by side, and none that stands in a fragment.
fn watchable(operation: Operation<'_>) -> Result<(), Refusal> {
    if roots(operation) != 1 {
        return Err(Refusal::Document("a subscription has exactly one field at its root".to_owned()));
    }
    match operation.definition.selection_set.node.items.as_slice() {
        [only] if matches!(&only.node, Selection::Field(_)) && only.node.directives().is_empty() => Ok(()),
        _ => Err(Refusal::Document(
            "the field of a subscription stands at its root itself: in no fragment, and under no @skip or @include"
                .to_owned(),
        )),
    }
}

/// A cost under a connection: `fixed + per_object * first`. Everywhere else the second part is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Cost {
    fixed: u64,
    per_object: u64,
}

impl Cost {
    const fn fixed(fixed: u64) -> Self {
        Self { fixed, per_object: 0 }
    }

    const fn plus(self, other: Self) -> Self {
        Self {
            fixed: self.fixed.saturating_add(other.fixed),
            per_object: self.per_object.saturating_add(other.per_object),
        }
    }

    const fn with_first(self, first: u64) -> u64 {
        self.fixed.saturating_add(self.per_object.saturating_mul(first))
    }
}

struct Walk<'d> {
    operation: Operation<'d>,
    definitions: &'static Definitions,
    page: u64,
    /// `None` while a fragment is being walked: one that contains itself costs nothing, and validation refuses it.
    fragments: BTreeMap<&'d str, Option<Cost>>,
    depth: usize,
}

impl<'d> Walk<'d> {
    fn set(&mut self, type_name: &str, set: &'d SelectionSet) -> Result<Cost, Refusal> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Refusal::Document("the document nests too deeply".to_owned()));
        }
        let mut sum = Cost::default();
        for selection in &set.items {
            if !self.operation.includes(selection.node.directives()) {
                continue;
            }
            sum = sum.plus(match &selection.node {
                Selection::Field(field) => self.field(type_name, &field.node)?,
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    let condition = condition.unwrap_or(type_name);
                    self.check_union(type_name, condition)?;
                    self.set(condition, &fragment.node.selection_set.node)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(type_name, spread.node.fragment_name.node.as_str())?
                }
            });
        }
        self.depth -= 1;
        Ok(sum)
    }

    /// Refuses a fragment on a union where another type is answered, which async-graphql would leave out without a word.
    fn check_union(&self, type_name: &str, condition: &str) -> Result<(), Refusal> {
        if condition == type_name || !self.definitions.is_union(condition) {
            return Ok(());
        }
        Err(Refusal::Document(format!(
            "a fragment on `{condition}` is taken where a `{condition}` is answered, which a `{type_name}` is not: spread it \
             on the types that `{condition}` is made of"
        )))
    }

    /// What a fragment costs where a type is answered.
    fn fragment(&mut self, type_name: &str, name: &str) -> Result<Cost, Refusal> {
        let Some((name, fragment)) = self.operation.document.fragments.get_key_value(name) else {
            return Ok(Cost::default());
        };
        let condition = fragment.node.type_condition.node.on.node.as_str();
        self.check_union(type_name, condition)?;
        if let Some(known) = self.fragments.get(name.as_str()) {
            return Ok(known.unwrap_or_default());
        }
        self.fragments.insert(name, None);
        let cost = self.set(condition, &fragment.node.selection_set.node)?;
        self.fragments.insert(name, Some(cost));
        Ok(cost)
    }

    fn field(&mut self, type_name: &str, field: &'d Field) -> Result<Cost, Refusal> {
        let name = field.name.node.as_str();
        if name.starts_with("__") {
            return Ok(Cost::default());
        }
        let object = match self.definitions.get(type_name) {
            Type::Object(object) => object,
            Type::Abstract(_) | Type::Leaf => return Ok(Cost::fixed(1)),
        };
        let Some(info) = object.field(name) else { return Ok(Cost::fixed(1)) };
        self.check_integers(field, info)?;
        if matches!(self.definitions.get(&info.base), Type::Leaf) {
            return Ok(Cost::fixed(u64::from(!info.list)));
        }
        let beneath = self.set(&info.base, &field.selection_set.node)?;
        let first = self.first(field, info)?;
        self.check_cursor(field, info)?;
        let own = if name == "impact" { 100 } else { 1 };
        Ok(match first {
            Some(first) if !info.list => Cost::fixed(beneath.with_first(first).saturating_add(own)),
            Some(first) => Cost::fixed(beneath.fixed.saturating_mul(first).saturating_add(own)),
            None if is_connection(type_name) && matches!(name, "nodes" | "edges") => {
                Cost { fixed: own, per_object: beneath.fixed }
            }
            None => Cost::fixed(beneath.fixed.saturating_mul(times(name, info.list)).saturating_add(own)),
        })
    }

    /// The value of `first`, where the field has it: as given, else its default.
    fn first(&self, field: &Field, info: &definitions::Field) -> Result<Option<u64>, Refusal> {
        let Some(definition) = info.definition.arguments.iter().find(|one| one.name == "first") else {
            return Ok(None);
        };
        let given = self.operation.argument(field, "first").filter(|value| *value != Value::Null);
        let Some(Value::Number(number)) = given.or_else(|| definition.default.map(|value| value())) else {
            return Ok(Some(0));
        };
        let name = || info.definition.name.to_owned();
        let Some(first) = number.as_u64() else { return Err(Refusal::NegativePage { field: name() }) };
        if first > self.page {
            return Err(Refusal::PageTooLarge {
                field: name(),
                first,
                limit: self.page,
                pages: info.definition.arguments.iter().any(|one| one.name == "after"),
            });
        }
        Ok(Some(first))
    }

    /// Whether every integer among the arguments has 32 bits: validation lets more pass, and reading them would fail.
    fn check_integers(&self, field: &Field, info: &definitions::Field) -> Result<(), Refusal> {
        for definition in info.definition.arguments {
            let given = self.operation.argument(field, definition.name);
            if let (Some(value), Some(ty)) = (given, parser::types::Type::new(&(definition.ty)())) {
                integers(&value, &ty).map_err(|reason| {
                    let argument = definition.name;
                    Refusal::Document(format!(
                        "argument `{argument}` of `{}`: {reason}",
                        info.definition.name
                    ))
                })?;
            }
        }
        Ok(())
    }

    /// Whether the cursor in `after`, where there is one, is of this list.
    fn check_cursor(&self, field: &Field, info: &definitions::Field) -> Result<(), Refusal> {
        let given = self.operation.argument(field, "after").filter(|value| *value != Value::Null);
        match given.map(|value| Cursor::parse(Some(value))) {
            Some(Ok(cursor)) if Some(cursor.id.kind()) != info.base.strip_suffix("Connection") => {
                Err(Refusal::ForeignCursor)
            }
            _ => Ok(()),
        }
    }
}

fn is_connection(type_name: &str) -> bool {
    type_name.ends_with("Connection")
}

/// How often what stands under a list counts, where nothing says how long it is.
fn times(field: &str, list: bool) -> u64 {
    match field {
        _ if !list => 1,
        "hops" => 5,
        "evidence" => 3,
        "candidates" | "switchPorts" => 2,
        _ => 10,
    }
}

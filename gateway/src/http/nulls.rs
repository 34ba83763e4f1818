//! Puts `null` where a field failed, as the GraphQL specification says (section 6.4.4, Handling Field Errors).
//!
//! async-graphql 7.2 leaves a failed field out of its object, makes an object whose fields all failed `null`, and lets
//! no failure of a non-null field reach its parent. Clients that read by a generated type stumble over each of these.
//! So each error's path is walked once more, by the types of the schema: the field becomes `null`, or, where it must
//! not be, the nearest value above it that may.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::{
    BaseType, ExecutableDocument, Field, OperationType, Selection, SelectionSet, Type, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::{Name, PathSegment, Value};

use super::operation::Operation;

/// How async-graphql marks an object that is a text of JSON (its feature `raw_value`; serde_json's own mark).
const RAW_VALUE_TOKEN: &str = "$serde_json::private::RawValue";

/// The fields of a schema's objects and interfaces with their types, and its root types.
#[derive(Debug, Default)]
pub(super) struct OutputTypes {
    fields: BTreeMap<Name, BTreeMap<Name, Type>>,
    query: Option<Name>,
    mutation: Option<Name>,
    subscription: Option<Name>,
}

impl OutputTypes {
    /// From the SDL that the schema writes of itself. Of a text that is none, nothing is known and nothing is changed.
    pub(super) fn of(sdl: &str) -> Self {
        let mut types = Self::default();
        let Ok(document) = async_graphql::parser::parse_schema(sdl) else { return types };
        for definition in document.definitions {
            match definition {
                TypeSystemDefinition::Schema(schema) => {
                    types.query = schema.node.query.map(|name| name.node);
                    types.mutation = schema.node.mutation.map(|name| name.node);
                    types.subscription = schema.node.subscription.map(|name| name.node);
                }
                TypeSystemDefinition::Type(definition) => {
                    let fields = match definition.node.kind {
                        TypeKind::Object(object) => object.fields,
                        TypeKind::Interface(interface) => interface.fields,
                        _ => continue,
                    };
                    let fields = fields.into_iter().map(|field| (field.node.name.node, field.node.ty.node));
                    types.fields.insert(definition.node.name.node, fields.collect());
                }
                TypeSystemDefinition::Directive(_) => {}
            }
        }
        types
    }

    fn root(&self, kind: OperationType) -> Option<&Name> {
        match kind {
            OperationType::Query => self.query.as_ref(),
            OperationType::Mutation => self.mutation.as_ref(),
            OperationType::Subscription => self.subscription.as_ref(),
        }
    }

    /// Prepares for the errors of one operation, which running it consumes.
    pub(super) fn plan(&self, operation: &Operation) -> Plan {
        Plan {
            document: operation.document().clone(),
            set: operation.definition().selection_set.node.clone(),
            root: self.root(operation.kind()).cloned(),
        }
    }

    /// Sets `data` right for errors at `paths`.
    pub(super) fn settle<'a>(
        &self,
        plan: &Plan,
        data: &mut Value,
        paths: impl Iterator<Item = &'a [PathSegment]>,
    ) {
        let mut nulled = BTreeSet::new();
        for path in paths {
            if let Some(nullable) = self.nullable(plan, path) {
                place(data, path, &nullable, &mut nulled);
            }
        }
    }

    /// For each step of a path, whether what stands there may be null; `None` where the schema does not know the path.
    fn nullable(&self, plan: &Plan, path: &[PathSegment]) -> Option<Vec<bool>> {
        let mut parent = plan.root.clone()?;
        let mut sets = vec![&plan.set];
        let mut here: Option<Type> = None;
        let mut nullable = Vec::with_capacity(path.len());
        for segment in path {
            let of = match (segment, here.take()) {
                (PathSegment::Index(_), Some(Type { base: BaseType::List(item), .. })) => *item,
                (PathSegment::Field(key), _) => {
                    let (on, fields) = gather(&plan.document, &parent, &sets, key);
                    let of = self.fields.get(&on)?.get(&fields.first()?.name.node)?.clone();
                    sets = fields.into_iter().map(|field| &field.selection_set.node).collect();
                    of
                }
                _ => return None,
            };
            nullable.push(of.nullable);
            if let BaseType::Named(name) = &of.base {
                parent = name.clone();
            }
            here = Some(of);
        }
        Some(nullable)
    }
}

/// An answer without errors is an object, also where nothing is selected of its root: of that, which it resolves by
/// itself, async-graphql makes null.
pub(super) fn keep_root(data: &mut Value) {
    if *data == Value::Null {
        *data = Value::Object(async_graphql::indexmap::IndexMap::new());
    }
}

/// What is kept of an operation while it runs.
pub(super) struct Plan {
    document: ExecutableDocument,
    set: SelectionSet,
    root: Option<Name>,
}

/// The fields that answer under `key`, and the type on which the first of them stands. Each fragment is entered once.
fn gather<'a>(
    document: &'a ExecutableDocument,
    parent: &Name,
    sets: &[&'a SelectionSet],
    key: &str,
) -> (Name, Vec<&'a Field>) {
    let (mut found, mut found_on) = (Vec::new(), parent.clone());
    let mut entered = BTreeSet::new();
    let mut open: Vec<(&Name, &'a SelectionSet)> = sets.iter().rev().map(|set| (parent, *set)).collect();
    while let Some((on, set)) = open.pop() {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    if found.is_empty() {
                        found_on = on.clone();
                    }
                    found.push(&field.node);
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(inline) => {
                    let condition = inline.node.type_condition.as_ref();
                    open.push((
                        condition.map_or(on, |condition| &condition.node.on.node),
                        &inline.node.selection_set.node,
                    ));
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = document.fragments.get(name).filter(|_| entered.insert(name)) {
                        let fragment = &fragment.node;
                        open.push((&fragment.type_condition.node.on.node, &fragment.selection_set.node));
                    }
                }
            }
        }
    }
    (found_on, found)
}

/// Steps of a path in a form that sets can order.
fn written(path: &[PathSegment]) -> Vec<String> {
    path.iter()
        .map(|segment| match segment {
            PathSegment::Field(name) => name.clone(),
            PathSegment::Index(index) => index.to_string(),
        })
        .collect()
}

/// Makes the deepest value on `path` that may be null, and is there at all, null.
fn place(data: &mut Value, path: &[PathSegment], nullable: &[bool], nulled: &mut BTreeSet<Vec<String>>) {
    let mut length = path.len();
    loop {
        // The first `length` steps lead to what becomes null; none at all is the answer as a whole.
        while length > 0 && !nullable[length - 1] {
            length -= 1;
        }
        match descend(data, &path[..length], nulled) {
            Ok(Some(target)) if is_raw(target) => return,
            Ok(Some(target)) => {
                *target = Value::Null;
                nulled.insert(written(&path[..length]));
                return;
            }
            Ok(None) => return,
            Err(missing_at) => length = missing_at,
        }
    }
}

fn is_raw(value: &Value) -> bool {
    matches!(value, Value::Object(fields) if fields.contains_key(RAW_VALUE_TOKEN))
}

/// The value at `path`, made where only the last step is missing; `None` below what an earlier error made null. An
/// error says how many steps there are to the first value that is missing on the way.
fn descend<'a>(
    data: &'a mut Value,
    path: &[PathSegment],
    nulled: &BTreeSet<Vec<String>>,
) -> Result<Option<&'a mut Value>, usize> {
    let mut here = data;
    for (at, segment) in path.iter().enumerate() {
        if matches!(here, Value::Null) {
            if nulled.contains(&written(&path[..at])) {
                return Ok(None);
            }
            // An object of which every field failed.
            *here = Value::Object(async_graphql::indexmap::IndexMap::new());
        }
        let last = at + 1 == path.len();
        here = match (here, segment) {
            // Bytes that were written as JSON already: whoever wrote them has put the nulls in their places.
            (raw, _) if is_raw(raw) => return Ok(None),
            (Value::Object(fields), PathSegment::Field(key)) => {
                let key = Name::new(key);
                if !last && !fields.contains_key(&key) {
                    return Err(at + 1);
                }
                fields.entry(key).or_insert(Value::Null)
            }
            (Value::List(items), PathSegment::Index(index)) => {
                let Some(item) = items.get_mut(*index) else { return Err(at) };
                item
            }
            _ => return Err(at),
        };
    }
    Ok(Some(here))
}

#[cfg(test)]
mod tests;

//! An operation, compiled: which fields of which type, in which order, with which arguments. What the writer follows.
//!
//! Compiled from a document that async-graphql has found valid; what validation would have refused is refused here in
//! one sentence rather than trusted. Not yet on the way of a request: tests hold its bytes equal to async-graphql's.

use std::collections::BTreeSet;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationType, Selection as Written, SelectionSet,
};
use async_graphql::{InputType, Pos, Positioned, ServerError, Value, Variables};

use crate::definitions::{Definitions, Object, Type};
use crate::document::Operation;
use crate::field::Output as _;
use crate::query::QueryRoot;
use crate::write::{Nulled, Writer};
use crate::{Refusal, RequestContext};

/// What is selected of one value; empty for a leaf.
#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// Of an object: in the order of the answer.
    pub(crate) fields: Vec<Selected>,
    /// Of an interface or union: by the object that it turns out to be.
    variants: Vec<(&'static str, Selection)>,
}

/// One selected field.
#[derive(Debug)]
pub(crate) struct Selected {
    /// The response key, quoted and with its colon.
    pub(crate) key: Box<[u8]>,
    /// The response key.
    pub(crate) response_key: Box<str>,
    /// The field's position in the type's definition; `None` for `__typename`.
    pub(crate) field: Option<usize>,
    /// What it is called with.
    pub(crate) arguments: Arguments,
    /// What is selected of its value.
    pub(crate) selection: Selection,
    /// Where it stands in the document.
    pub(crate) position: Pos,
}

/// The arguments of one selected field, by their position in the definition.
#[derive(Debug, Default)]
pub(crate) struct Arguments(Vec<Option<Value>>);

impl Arguments {
    /// The argument at this position, parsed.
    pub(crate) fn read<T: InputType>(&self, position: usize, out: &mut Writer) -> Result<T, Nulled> {
        let value = self.0.get(position).cloned().flatten();
        T::parse(value).map_err(|error| {
            out.error(Refusal::Argument(error.into_server_error(Pos::default()).message));
            Nulled
        })
    }
}

impl Selection {
    /// What is selected where the value turns out to be of this type.
    pub(crate) fn of(&self, type_name: &str) -> &Self {
        static NONE: Selection = Selection { fields: Vec::new(), variants: Vec::new() };
        self.variants.iter().find(|(name, _)| *name == type_name).map_or(&NONE, |(_, selection)| selection)
    }
}

/// A query, compiled.
#[derive(Debug)]
pub struct Plan(Selection);

impl Plan {
    /// Compiles one operation of a valid document. Introspection stays with async-graphql and is refused here.
    pub fn compile(
        document: &ExecutableDocument,
        operation_name: Option<&str>,
        variables: &Variables,
    ) -> Result<Self, Refusal> {
        let operation = Operation::find(document, operation_name, variables)?;
        if operation.definition.ty != OperationType::Query {
            return Err(Refusal::Document("only a query can be compiled".to_owned()));
        }
        let compiler = Compiler { operation, definitions: Definitions::of_the_schema() };
        compiler.selection("Query", &[&operation.definition.selection_set.node]).map(Self)
    }

    /// The value of `data` as JSON, `null` where an error took it, and the errors.
    pub fn run(&self, context: &RequestContext) -> (Vec<u8>, Vec<ServerError>) {
        let mut out = Writer::default();
        // `Some`, because null is a value of `data`: it is where an error that nothing stopped ends.
        let (Ok(()) | Err(Nulled)) = Some(QueryRoot::new(context)).write(&self.0, &mut out);
        out.finish()
    }
}

struct Compiler<'d> {
    operation: Operation<'d>,
    definitions: &'static Definitions,
}

/// The uses of one response key: all of one field, their selections to be merged.
type Uses<'d> = Vec<&'d Positioned<Field>>;

impl<'d> Compiler<'d> {
    fn selection(&self, type_name: &str, sets: &[&'d SelectionSet]) -> Result<Selection, Refusal> {
        match self.definitions.get(type_name) {
            Type::Leaf => Ok(Selection::default()),
            Type::Object(object) => self.object(object, sets),
            Type::Abstract(abstraction) => {
                let variant = |name: &&'static str| match self.definitions.get(name) {
                    Type::Object(object) => Ok((*name, self.object(object, sets)?)),
                    _ => Err(Refusal::Document(format!("{name} is no object"))),
                };
                let variants = abstraction.possible.iter().map(variant).collect::<Result<_, _>>()?;
                Ok(Selection { fields: Vec::new(), variants })
            }
        }
    }

    fn object(&self, object: &Object, sets: &[&'d SelectionSet]) -> Result<Selection, Refusal> {
        let mut uses: Vec<(&'d str, Uses<'d>)> = Vec::new();
        let mut visited = BTreeSet::new();
        for set in sets {
            self.collect(object, set, &mut uses, &mut visited)?;
        }
        let fields = uses.into_iter().map(|(key, uses)| self.selected(object, key, &uses));
        Ok(Selection { fields: fields.collect::<Result<_, _>>()?, variants: Vec::new() })
    }

    /// Gathers the fields that apply to this object, by response key, in the order of first use; of a fragment that is
    /// spread several times the first counts (GraphQL, `CollectFields`), so that fragments cannot multiply.
    fn collect(
        &self,
        object: &Object,
        set: &'d SelectionSet,
        uses: &mut Vec<(&'d str, Uses<'d>)>,
        visited: &mut BTreeSet<&'d str>,
    ) -> Result<(), Refusal> {
        for selection in &set.items {
            if !self.operation.includes(selection.node.directives()) {
                continue;
            }
            match &selection.node {
                Written::Field(field) => {
                    let key = field.node.response_key().node.as_str();
                    match uses.iter_mut().find(|(known, _)| *known == key) {
                        Some((_, uses)) => uses.push(field),
                        None => uses.push((key, vec![field])),
                    }
                }
                Written::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    if condition.is_none_or(|condition| self.applies(object, condition)) {
                        self.collect(object, &fragment.node.selection_set.node, uses, visited)?;
                    }
                }
                Written::FragmentSpread(spread) => {
                    let name = spread.node.fragment_name.node.as_str();
                    let fragment = self.operation.document.fragments.get(name);
                    let fragment = fragment
                        .ok_or_else(|| Refusal::Document(format!("fragment `{name}` is not there")))?;
                    if visited.insert(name)
                        && self.applies(object, fragment.node.type_condition.node.on.node.as_str())
                    {
                        self.collect(object, &fragment.node.selection_set.node, uses, visited)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn applies(&self, object: &Object, condition: &str) -> bool {
        let name = object.definition.name;
        name == condition
            || matches!(self.definitions.get(condition), Type::Abstract(one) if one.possible.contains(&name))
    }

    fn selected(&self, object: &Object, key: &'d str, uses: &Uses<'d>) -> Result<Selected, Refusal> {
        let unknown =
            |name: &str| Refusal::Document(format!("{} has no field `{name}`", object.definition.name));
        let first = uses.first().ok_or_else(|| unknown(key))?;
        let name = first.node.name.node.as_str();
        let mut selected = Selected {
            key: format!("\"{key}\":").into_bytes().into(),
            response_key: key.into(),
            field: None,
            arguments: Arguments::default(),
            selection: Selection::default(),
            position: first.pos,
        };
        if name == "__typename" {
            return Ok(selected);
        }
        let field = object.field(name).ok_or_else(|| unknown(name))?;
        let arguments = field.definition.arguments.iter();
        let sets: Vec<_> = uses.iter().map(|used| &used.node.selection_set.node).collect();
        selected.field = Some(field.position);
        selected.arguments =
            Arguments(arguments.map(|one| self.operation.argument(&first.node, one.name)).collect());
        selected.selection = self.selection(&field.base, &sets)?;
        Ok(selected)
    }
}

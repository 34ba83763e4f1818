//! All types of the schema by name, as the walks over a document need them: the plan, the cost, the freshness.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::field::{Defined, FieldDefinition, Output as _, TypeDefinition};
use crate::mutation::MutationRoot;
use crate::query::QueryRoot;
use crate::subscription::SubscriptionRoot;

/// Every object, interface and union.
#[derive(Default)]
pub(crate) struct Definitions {
    objects: BTreeMap<&'static str, Object>,
    abstractions: BTreeMap<&'static str, Abstraction>,
}

/// An object type.
pub(crate) struct Object {
    /// What was defined.
    pub(crate) definition: &'static TypeDefinition,
    fields: BTreeMap<&'static str, Field>,
}

/// A field, with its type taken apart.
pub(crate) struct Field {
    /// Its position in the definition.
    pub(crate) position: usize,
    /// What was defined.
    pub(crate) definition: &'static FieldDefinition,
    /// The type without brackets and exclamation marks.
    pub(crate) base: Box<str>,
    /// It is a list.
    pub(crate) list: bool,
    /// Null is a value of it.
    pub nullable: bool,
}

/// An interface or a union.
pub(crate) struct Abstraction {
    /// As the schema shows it.
    pub(crate) name: &'static str,
    /// It is a union.
    pub(crate) union: bool,
    /// The objects that it may be.
    pub(crate) possible: &'static [&'static str],
}

/// A type by its name.
#[derive(Clone, Copy)]
pub(crate) enum Type<'d> {
    /// An object.
    Object(&'d Object),
    /// An interface or a union.
    Abstract(&'d Abstraction),
    /// A scalar or an enumeration.
    Leaf,
}

impl Definitions {
    /// The schema's, made once.
    pub(crate) fn of_the_schema() -> &'static Self {
        static DEFINITIONS: OnceLock<Definitions> = OnceLock::new();
        DEFINITIONS.get_or_init(|| {
            let mut definitions = Self::default();
            QueryRoot::define(&mut definitions);
            MutationRoot::define(&mut definitions);
            SubscriptionRoot::define(&mut definitions);
            definitions
        })
    }

    /// The type of this name; a name that no object bears is a leaf's.
    pub(crate) fn get(&self, name: &str) -> Type<'_> {
        match (self.objects.get(name), self.abstractions.get(name)) {
            (Some(object), _) => Type::Object(object),
            (None, Some(abstraction)) => Type::Abstract(abstraction),
            (None, None) => Type::Leaf,
        }
    }

    /// Whether a name is a union's.
    pub(crate) fn is_union(&self, name: &str) -> bool {
        self.abstractions.get(name).is_some_and(|abstraction| abstraction.union)
    }

    /// All object types, by name.
    pub(crate) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.objects.values()
    }

    /// Adds a type and all that stands under it.
    pub(crate) fn add<T: Defined>(&mut self) {
        let definition = T::DEFINITION;
        if self.objects.contains_key(definition.name) {
            return;
        }
        let fields = definition.fields.iter().enumerate();
        let fields = fields.map(|(position, field)| (field.name, Field::new(position, field))).collect();
        self.objects.insert(definition.name, Object { definition, fields });
        for field in definition.fields {
            (field.define)(self);
        }
    }

    /// Adds an interface or a union; true where it was not there yet.
    pub(crate) fn add_abstraction(&mut self, abstraction: Abstraction) -> bool {
        self.abstractions.insert(abstraction.name, abstraction).is_none()
    }
}

impl Object {
    /// The field of this name.
    pub(crate) fn field(&self, name: &str) -> Option<&Field> {
        self.fields.get(name)
    }
}

impl Field {
    fn new(position: usize, definition: &'static FieldDefinition) -> Self {
        let ty = (definition.ty)();
        Self {
            position,
            definition,
            base: ty.trim_matches(['[', ']', '!']).into(),
            list: ty.starts_with('['),
            nullable: !ty.ends_with('!'),
        }
    }
}

/// One line of the table of what is guarded: a type, or a field of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guarded {
    /// The type.
    pub on: &'static str,
    /// The field; `None` for the type itself.
    pub field: Option<&'static str>,
    /// The permission that it takes; `None` where it takes none of its own.
    pub permission: Option<&'static str>,
    /// Null is a value of the field.
    pub nullable: bool,
}

/// Every type and every field with its permission, from the same definitions that answer: what the walk over the SDL
/// holds against the list of open ones.
pub fn fields() -> Vec<Guarded> {
    let mut table = Vec::new();
    for Object { definition, fields } in Definitions::of_the_schema().objects() {
        let on = definition.name;
        table.push(Guarded { on, field: None, permission: definition.requires, nullable: true });
        table.extend(definition.fields.iter().filter_map(|field| {
            let nullable = fields.get(field.name)?.nullable;
            Some(Guarded { on, field: Some(field.name), permission: field.requires, nullable })
        }));
    }
    table
}

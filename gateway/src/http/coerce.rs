//! Variables against the types that the operation declares for them, before anything runs.
//!
//! async-graphql finds a wrong variable in the middle of validation or of execution, with no sign that it was one; the
//! contract gives it a code and a status of its own. The recursion here is over types and values that the gate bounded.

use std::collections::{BTreeMap, BTreeSet};

use async_graphql::parser::types::{
    BaseType, OperationDefinition, ServiceDocument, Type, TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, Value, Variables};

use super::error::{Code, RequestError};

/// The input types of a schema, read from its SDL.
#[derive(Debug, Default)]
pub(super) struct InputTypes(BTreeMap<Name, InputType>);

#[derive(Debug)]
enum InputType {
    Enum(BTreeSet<Name>),
    Object { fields: BTreeMap<Name, InputField>, one_of: bool },
}

#[derive(Debug)]
struct InputField {
    of: Type,
    has_default: bool,
}

impl InputTypes {
    /// From the SDL that the schema writes of itself. Of a text that is none, nothing is known and nothing refused.
    pub(super) fn of(sdl: &str) -> Self {
        match async_graphql::parser::parse_schema(sdl) {
            Ok(document) => Self::of_document(document),
            Err(error) => {
                tracing::error!(%error, "the schema's own SDL cannot be read: variables are not checked beforehand");
                Self::default()
            }
        }
    }

    fn of_document(document: ServiceDocument) -> Self {
        let types = document.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else { return None };
            let definition = definition.node;
            let one_of = definition.directives.iter().any(|directive| directive.node.name.node == "oneOf");
            let kind = match definition.kind {
                TypeKind::Enum(of) => {
                    InputType::Enum(of.values.into_iter().map(|value| value.node.value.node).collect())
                }
                TypeKind::InputObject(of) => {
                    let fields = of.fields.into_iter().map(|field| {
                        let has_default = field.node.default_value.is_some();
                        (field.node.name.node, InputField { of: field.node.ty.node, has_default })
                    });
                    InputType::Object { fields: fields.collect(), one_of }
                }
                _ => return None,
            };
            Some((definition.name.node, kind))
        });
        Self(types.collect())
    }

    /// Every variable that `operation` declares has a value of its type, a default, or may be left out.
    pub(super) fn check(
        &self,
        operation: &OperationDefinition,
        given: &Variables,
    ) -> Result<(), RequestError> {
        for definition in &operation.variable_definitions {
            let name = &definition.node.name.node;
            let of = &definition.node.var_type.node;
            let fault = match given.get(name) {
                Some(value) => self.fault(of, value),
                None if of.nullable || definition.node.default_value.is_some() => None,
                None => Some(format!("a value of type {of} is required")),
            };
            if let Some(fault) = fault {
                return Err(RequestError {
                    code: Code::BadUserInput,
                    message: format!("Variable `${name}`: {fault}"),
                    locations: vec![definition.pos],
                });
            }
        }
        Ok(())
    }

    /// What is wrong with a value, in words that do not repeat it.
    fn fault(&self, of: &Type, value: &Value) -> Option<String> {
        if *value == Value::Null {
            return (!of.nullable).then(|| format!("null where {of} is required"));
        }
        match (&of.base, value) {
            (BaseType::List(item), Value::List(values)) => values
                .iter()
                .enumerate()
                .find_map(|(at, value)| Some(format!("item {at}: {}", self.fault(item, value)?))),
            // One value stands for a list of one.
            (BaseType::List(item), value) => self.fault(item, value),
            (BaseType::Named(name), value) => self.fault_of_named(name, value),
        }
    }

    fn fault_of_named(&self, name: &Name, value: &Value) -> Option<String> {
        let good = match (name.as_str(), value) {
            ("Int", Value::Number(number)) => {
                number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())
            }
            ("ID", Value::Number(number)) => number.is_i64() || number.is_u64(),
            ("Float", Value::Number(_))
            | ("String" | "ID", Value::String(_))
            | ("Boolean", Value::Boolean(_)) => true,
            ("Int" | "Float" | "String" | "ID" | "Boolean", _) => false,
            _ => match (self.0.get(name), value) {
                (Some(InputType::Enum(values)), Value::String(text)) => values.contains(text.as_str()),
                (Some(InputType::Enum(values)), Value::Enum(text)) => values.contains(text),
                (Some(InputType::Object { fields, one_of }), Value::Object(given)) => {
                    return self.fault_of_object(name, fields, *one_of, given);
                }
                (Some(_), _) => false,
                // A scalar of the schema's own, or a type that it does not know: for validation to say.
                (None, _) => true,
            },
        };
        (!good).then(|| format!("not a value of type {name}"))
    }

    fn fault_of_object(
        &self,
        name: &Name,
        fields: &BTreeMap<Name, InputField>,
        one_of: bool,
        given: &async_graphql::indexmap::IndexMap<Name, Value>,
    ) -> Option<String> {
        if given.keys().any(|key| !fields.contains_key(key)) {
            return Some(format!("a field that {name} does not have"));
        }
        if one_of && (given.len() != 1 || given.values().any(|value| *value == Value::Null)) {
            return Some(format!("{name} takes exactly one field"));
        }
        fields.iter().find_map(|(field, definition)| match given.get(field) {
            Some(value) => Some(format!("field {field}: {}", self.fault(&definition.of, value)?)),
            None if definition.of.nullable || definition.has_default => None,
            None => Some(format!("field {field} of {name} is required")),
        })
    }
}

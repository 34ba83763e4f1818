//! Whether the values that were sent are of the types that the operation declares: BAD_USER_INPUT where not, before
//! anything runs. (async-graphql finds most of this while it validates, and gives it the same code as a bad literal.)

use std::sync::OnceLock;

use async_graphql::parser::types::{BaseType, ExecutableDocument, Type};
use async_graphql::registry::{MetaInputValue, MetaType, Registry};
use async_graphql::{OutputType as _, Value, Variables};

use super::Operation;
use crate::Refusal;
use crate::mutation::MutationRoot;
use crate::query::QueryRoot;
use crate::scalar::looks_like;

/// Checks the variables of one operation. A type that the schema does not have is left to validation.
pub fn check_variables(
    document: &ExecutableDocument,
    operation_name: Option<&str>,
    variables: &Variables,
) -> Result<(), Refusal> {
    let operation = Operation::find(document, operation_name, variables)?;
    for declared in &operation.definition.variable_definitions {
        let name = &declared.node.name.node;
        let ty = &declared.node.var_type.node;
        let refuse = |reason: String| Refusal::Argument(format!("variable `${name}` of type {ty}: {reason}"));
        match variables.get(name) {
            None if declared.node.default_value.is_none() && !ty.nullable => {
                return Err(refuse("it is required and was not sent".to_owned()));
            }
            None => {}
            Some(value) => check(value, ty).map_err(refuse)?,
        }
    }
    Ok(())
}

/// The input types of the schema.
fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let mut registry = Registry::default();
        QueryRoot::create_type_info(&mut registry);
        MutationRoot::create_type_info(&mut registry);
        registry
    })
}

fn check(value: &Value, ty: &Type) -> Result<(), String> {
    match (value, &ty.base) {
        (Value::Null, _) if ty.nullable => Ok(()),
        (Value::Null, _) => Err("null is not a value of it".to_owned()),
        (Value::List(items), BaseType::List(item)) => items.iter().try_for_each(|value| check(value, item)),
        // A single value stands for a list of one (GraphQL, Input Coercion of lists).
        (value, BaseType::List(item)) => check(value, item),
        (value, BaseType::Named(name)) => check_named(value, name),
    }
}

fn check_named(value: &Value, name: &str) -> Result<(), String> {
    let unexpected = || {
        let hint = looks_like(name).map(|hint| format!(" ({hint})")).unwrap_or_default();
        Err(format!("expected {name}{hint}, found {value}"))
    };
    let known = match name {
        "Int" => matches!(value, Value::Number(n) if n.as_i64().is_some_and(|n| i32::try_from(n).is_ok())),
        "Float" => matches!(value, Value::Number(_)),
        "String" => matches!(value, Value::String(_)),
        "Boolean" => matches!(value, Value::Boolean(_)),
        "ID" => {
            matches!(value, Value::String(_)) || matches!(value, Value::Number(n) if n.is_i64() || n.is_u64())
        }
        _ => match registry().types.get(name) {
            Some(MetaType::Scalar { is_valid, .. }) => is_valid.as_ref().is_none_or(|valid| valid(value)),
            Some(MetaType::Enum { enum_values, .. }) => match value {
                Value::String(text) => enum_values.contains_key(text),
                Value::Enum(text) => enum_values.contains_key(text.as_str()),
                _ => false,
            },
            Some(MetaType::InputObject { input_fields, .. }) => {
                let Value::Object(given) = value else { return unexpected() };
                if let Some(unknown) = given.keys().find(|key| !input_fields.contains_key(key.as_str())) {
                    return Err(format!("{name} has no field `{unknown}`"));
                }
                return input_fields
                    .values()
                    .try_for_each(|field| check_field(given.get(&*field.name), field));
            }
            _ => true,
        },
    };
    if known { Ok(()) } else { unexpected() }
}

/// Whether every `Int` of a value has 32 bits, as GraphQL's have; whatever else is wrong is left to validation.
pub(super) fn integers(value: &Value, ty: &Type) -> Result<(), String> {
    match (value, &ty.base) {
        (Value::List(items), BaseType::List(item)) => {
            items.iter().try_for_each(|value| integers(value, item))
        }
        (Value::Number(_), BaseType::Named(name)) if name == "Int" => check_named(value, name),
        (Value::Object(given), BaseType::Named(name)) => match registry().types.get(name.as_str()) {
            Some(MetaType::InputObject { input_fields, .. }) => given.iter().try_for_each(|(key, value)| {
                let ty = input_fields.get(key.as_str()).and_then(|field| Type::new(&field.ty));
                ty.map_or(Ok(()), |ty| integers(value, &ty))
            }),
            _ => Ok(()),
        },
        _ => Ok(()),
    }
}

fn check_field(value: Option<&Value>, field: &MetaInputValue) -> Result<(), String> {
    let Some(ty) = Type::new(&field.ty) else { return Ok(()) };
    match value {
        None if ty.nullable || field.default_value.is_some() => Ok(()),
        None => Err(format!("`{}` is required", field.name)),
        Some(value) => check(value, &ty).map_err(|reason| format!("`{}`: {reason}", field.name)),
    }
}

//! Walks over a parsed document: what of it is meant, what it costs, which sources answer it.

mod cost;
mod freshness;
mod introspection;
mod variables;

pub use cost::{Limits, cost};
pub(crate) use freshness::kinds;
pub use freshness::{SourceFreshness, freshness};
pub use variables::check_variables;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, OperationType,
};
use async_graphql::{Name, Positioned, Value, Variables};

use crate::Refusal;

/// An operation and the values that its variables have.
#[derive(Clone, Copy)]
pub(crate) struct Operation<'d> {
    /// Where its fragments are.
    pub(crate) document: &'d ExecutableDocument,
    /// What was meant.
    pub(crate) definition: &'d OperationDefinition,
    /// As sent.
    pub(crate) variables: &'d Variables,
}

impl<'d> Operation<'d> {
    /// The operation of this name; without a name, the only one.
    pub(crate) fn find(
        document: &'d ExecutableDocument,
        name: Option<&str>,
        variables: &'d Variables,
    ) -> Result<Self, Refusal> {
        let mut meant = document.operations.iter().filter(|(key, _)| match name {
            Some(name) => key.is_some_and(|key| key.as_str() == name),
            None => true,
        });
        let sentence = match (meant.next(), meant.next()) {
            (Some((_, operation)), None) => {
                return Ok(Self { document, definition: &operation.node, variables });
            }
            (None, _) => "the document holds no operation of this name",
            (Some(_), Some(_)) => "the document holds several operations: name one in `operationName`",
        };
        Err(Refusal::Document(sentence.to_owned()))
    }

    /// The type that it begins at: the roots bear the names of the operations.
    pub(crate) fn root(self) -> &'static str {
        match self.definition.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        }
    }

    /// The value of a variable: as sent, else its default, else none.
    fn variable(&self, name: &Name) -> Option<Value> {
        let declared = || self.definition.variable_definitions.iter().find(|one| one.node.name.node == *name);
        self.variables.get(name).cloned().or_else(|| declared()?.node.default_value().cloned())
    }

    /// The value of an argument; `None` where it is left out, or is a variable that is.
    pub(crate) fn argument(&self, field: &Field, name: &str) -> Option<Value> {
        let written = &field.get_argument(name)?.node;
        let mut missing = false;
        let value = written.clone().into_const_with(|name| -> Result<Value, std::convert::Infallible> {
            Ok(self.variable(&name).unwrap_or_else(|| {
                missing = true;
                Value::Null
            }))
        });
        let Ok(value) = value;
        (!missing || value != Value::Null).then_some(value)
    }

    /// Whether `@skip` and `@include` leave a selection in.
    pub(crate) fn includes(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().all(|directive| {
            let wanted = match directive.node.name.node.as_str() {
                "skip" => false,
                "include" => true,
                _ => return true,
            };
            let condition = directive.node.get_argument("if").map(|value| value.node.clone());
            let condition =
                condition.and_then(|value| value.into_const_with(|name| self.variable(&name).ok_or(())).ok());
            condition == Some(Value::Boolean(wanted))
        })
    }
}

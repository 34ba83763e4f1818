//! One operation, ready to run: made from an admitted document and from nothing else.

use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
};
use async_graphql::{Name, Request, Variables};

use super::error::{Code, RequestError};
use crate::gate::Admitted;

/// A parsed document, the operation of it that was asked for, and its variables.
#[derive(Clone, Debug)]
pub struct Operation {
    text: String,
    document: ExecutableDocument,
    name: Option<String>,
    variables: Variables,
}

impl Operation {
    /// Parses an admitted document and finds the operation: the one named, or the only one.
    pub fn new(
        admitted: &Admitted<'_>,
        name: Option<String>,
        variables: Variables,
    ) -> Result<Self, RequestError> {
        let text = admitted.document().to_owned();
        let document = async_graphql::parser::parse_query(&text).map_err(RequestError::from_parser)?;
        let operation = Self { text, document, name, variables };
        match (operation.find(), &operation.name) {
            (Some(_), _) => Ok(operation),
            (None, Some(name)) => {
                let name: String = name.chars().take(128).collect();
                Err(RequestError::invalid(format!("Unknown operation `{name}`")))
            }
            (None, None) => Err(RequestError::invalid(
                "The document holds several operations: say which with operationName".into(),
            )),
        }
    }

    fn find(&self) -> Option<&OperationDefinition> {
        match (&self.document.operations, self.name.as_deref()) {
            (DocumentOperations::Single(only), None) => Some(&only.node),
            (DocumentOperations::Single(_), Some(_)) => None,
            (DocumentOperations::Multiple(all), Some(name)) => all.get(name).map(|found| &found.node),
            (DocumentOperations::Multiple(all), None) => {
                all.values().next().filter(|_| all.len() == 1).map(|only| &only.node)
            }
        }
    }

    /// The parsed document, fragments included.
    pub fn document(&self) -> &ExecutableDocument {
        &self.document
    }

    /// The operation that runs.
    pub fn definition(&self) -> &OperationDefinition {
        self.find().expect("`new` refuses a document without it")
    }

    /// Query, mutation or subscription.
    pub fn kind(&self) -> OperationType {
        self.definition().ty
    }

    /// Its name, where the caller chose by name or the only operation bears one.
    pub fn name(&self) -> Option<&str> {
        match (&self.name, &self.document.operations) {
            (Some(name), _) => Some(name),
            (None, DocumentOperations::Multiple(all)) => all.keys().next().map(Name::as_str),
            (None, DocumentOperations::Single(_)) => None,
        }
    }

    /// The values given for its variables.
    pub fn variables(&self) -> &Variables {
        &self.variables
    }

    /// As async-graphql takes it; the document is not parsed a second time.
    pub fn into_request(self) -> Request {
        let mut request = Request::new(self.text).variables(self.variables);
        request.operation_name = self.name;
        request.set_parsed_query(self.document);
        request
    }
}

impl RequestError {
    fn from_parser(error: async_graphql::parser::Error) -> Self {
        let locations = error.positions().collect();
        // The parser's own text draws the line of the document that it stopped at; a position says as much.
        let message = match error {
            async_graphql::parser::Error::Syntax { .. } => "Syntax error".to_owned(),
            other => other.to_string(),
        };
        RequestError { code: Code::GraphqlValidationFailed, message, locations }
    }
}

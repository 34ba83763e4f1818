//! What a client is told when something is refused: a code of docs/reference.md, one sentence, places in the document.

use std::time::Duration;

use async_graphql::{ErrorExtensionValues, Pos, ServerError, Value};

pub use resolvers::ErrorCode as Code;

use crate::gate::{Refusal, VariablesRefusal};

/// Why a request was refused as a whole, before any of it ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestError {
    /// For programs.
    pub code: Code,
    /// For people; nothing of the inside.
    pub message: String,
    /// Where in the document.
    pub locations: Vec<Pos>,
}

impl RequestError {
    /// Without a place in the document.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), locations: Vec::new() }
    }

    /// Of a fault of ours: nothing of the inside.
    pub fn internal() -> Self {
        Self::new(Code::Internal, "Internal error")
    }

    /// Of a token that was good when the operation began.
    pub fn ended() -> Self {
        Self::new(Code::Unauthenticated, "The token has expired or was revoked")
    }

    /// Of an operation that took too long.
    pub fn timeout(limit: Duration) -> Self {
        Self::new(Code::Timeout, format!("Not done within {} s: ask for less at once", limit.as_secs_f32()))
    }

    /// Of a document that is not valid.
    pub fn invalid(message: String) -> Self {
        Self::new(Code::GraphqlValidationFailed, message)
    }

    /// As an entry of `errors`.
    pub fn into_server_error(self) -> ServerError {
        let mut error = ServerError::new(self.message, None);
        error.locations = self.locations;
        set_code(&mut error, self.code);
        error
    }
}

impl From<Refusal> for RequestError {
    fn from(refusal: Refusal) -> Self {
        let message = refusal.to_string();
        match refusal {
            Refusal::Limit { .. } => Self::new(Code::LimitExceeded, message),
            Refusal::Cycle { .. } => Self::invalid(message),
            Refusal::Syntax { line, column, .. } => Self {
                code: Code::GraphqlValidationFailed,
                message,
                locations: vec![Pos { line: line as usize, column: column as usize }],
            },
        }
    }
}

impl From<VariablesRefusal> for RequestError {
    fn from(refusal: VariablesRefusal) -> Self {
        match refusal {
            VariablesRefusal::Limit(refusal) => refusal.into(),
            VariablesRefusal::NotAnObject => Self::new(Code::BadUserInput, refusal.to_string()),
        }
    }
}

/// Writes `extensions.code`.
pub(super) fn set_code(error: &mut ServerError, code: Code) {
    error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("code", code.as_str());
}

/// Reads `extensions.code`.
pub(super) fn code_of(error: &ServerError) -> Option<&str> {
    match error.extensions.as_ref()?.get("code")? {
        Value::String(code) => Some(code),
        _ => None,
    }
}

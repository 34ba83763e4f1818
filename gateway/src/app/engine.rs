//! The read schema as the front door runs it: one context a request, its variables, cost and sources looked at before.

use std::sync::Arc;

use async_graphql::{Value, to_value};
use resolvers::{ErrorCode, ReadSchema, Refusal, RequestContext};

use super::Fleet;
use crate::config::{GraphQl, Introspection};
use crate::http::{Code, Operation, RequestError, SchemaEngine};

/// An engine over the fleet as it is known at each request.
pub(super) fn engine(fleet: Arc<Fleet>, graphql: &GraphQl) -> SchemaEngine<ReadSchema, RequestContext> {
    let schema = match graphql.introspection {
        // Until it is known who asks, whoever reaches the loopback address counts as signed in.
        Introspection::Authenticated => resolvers::schema().finish(),
        Introspection::Off => resolvers::schema().disable_introspection().finish(),
    };
    let limits =
        resolvers::Limits { page: graphql.limits.page as u64, complexity: graphql.limits.complexity };
    SchemaEngine::new(
        schema,
        resolvers::sdl(),
        move || fleet.context(),
        move |operation, _| check(operation, limits),
        |operation, context| {
            let sources = resolvers::freshness(operation.document(), operation.name(), context);
            // A map from names to plain structs always fits; nothing is said of sources where it did not.
            to_value(sources).unwrap_or(Value::Null)
        },
    )
}

/// What is refused as a whole before anything runs.
fn check(operation: &Operation, limits: resolvers::Limits) -> Result<(), RequestError> {
    let (document, name, variables) = (operation.document(), operation.name(), operation.variables());
    resolvers::check_variables(document, name, variables)
        .and_then(|()| resolvers::cost(document, name, variables, limits))
        .map_err(|refusal| refused(&refusal))?;
    Ok(())
}

fn refused(refusal: &Refusal) -> RequestError {
    let code = match refusal.code() {
        ErrorCode::BadUserInput => Code::BadUserInput,
        ErrorCode::LimitExceeded => Code::LimitExceeded,
        ErrorCode::GraphqlValidationFailed => Code::GraphqlValidationFailed,
        ErrorCode::SourceFailed => Code::SourceFailed,
        _ => Code::Internal,
    };
    RequestError::new(code, refusal.to_string())
}

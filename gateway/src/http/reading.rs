//! The read API as an engine: the resolvers' schema, checked and weighed by their own rules.

use async_graphql::Value;
use resolvers::{ErrorCode, ReadSchema, Refusal, RequestContext};

use super::engine::{Asked, SchemaEngine};
use super::error::RequestError;
use super::operation::Operation;

/// Longest sentence of a refusal that is passed on: it may quote a value that the client sent.
const MOST_MESSAGE_CHARS: usize = 400;

/// Serves `schema`; `context` gives what one request reads, as of when it begins.
pub fn reading(
    schema: ReadSchema,
    limits: resolvers::Limits,
    context: impl Fn(&Asked) -> RequestContext + Send + Sync + 'static,
) -> SchemaEngine<ReadSchema, RequestContext> {
    let check = move |operation: &Operation, _: &RequestContext| {
        let (document, name, variables) = (operation.document(), operation.name(), operation.variables());
        resolvers::check_variables(document, name, variables)?;
        Ok(resolvers::cost(document, name, variables, limits)?)
    };
    let freshness = |operation: &Operation, context: &RequestContext| {
        let sources = resolvers::freshness(operation.document(), operation.name(), context);
        async_graphql::to_value(sources).unwrap_or_else(|error| {
            tracing::error!(%error, "the freshness of an answer could not be written");
            Value::Object(async_graphql::indexmap::IndexMap::new())
        })
    };
    SchemaEngine::new(schema, resolvers::sdl(), context, check, freshness, RequestContext::may_read_metrics)
}

impl From<Refusal> for RequestError {
    fn from(refusal: Refusal) -> Self {
        if refusal.code() == ErrorCode::Internal {
            tracing::error!(%refusal, "an operation was refused for a fault of ours");
        }
        let message: String = refusal.to_string().chars().take(MOST_MESSAGE_CHARS).collect();
        Self::new(refusal.code(), message)
    }
}

//! The API: GraphQL objects over one immutable View, the first mutations and subscription, the SDL, and what an operation costs.
//!
//! A request is served in this order: the gateway's gate and parser, [`check_variables`] and [`cost`], then
//! [`ReadSchema::execute`](async_graphql::Schema::execute) with a [`RequestContext`] in the request's data, then
//! [`freshness`] for the answer's extensions. How a field is defined: docs/adr/0001-field-definition.md.

mod access;
mod auth;
mod context;
mod definitions;
mod document;
mod enums;
mod error;
mod field;
mod filter;
mod mutation;
mod objects;
mod page;
mod plan;
mod query;
mod scalar;
mod subscription;
mod write;

pub use access::{Access, Denials, Denied};
pub use context::RequestContext;
pub use definitions::{Guarded, fields};
pub use document::{Limits, SourceFreshness, check_variables, cost, freshness};
pub use error::{ErrorCode, Refusal};
pub use mutation::{Act, Attempt, Because, Change, Done, Mutation, NotDone, Unconfirmed};
pub use plan::Plan;
pub use query::Query;
pub use scalar::{date_time, looks_like};
pub use subscription::{Live, Subscription};

use async_graphql::{SDLExportOptions, Schema, SchemaBuilder};

/// The schema as far as it is built.
pub type ReadSchema = Schema<Query, Mutation, Subscription>;

/// The schema, to be finished by whoever serves it (introspection is theirs to allow).
pub fn schema() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query, Mutation, Subscription).disable_suggestions()
}

/// The SDL, as it stands in schema/schema.graphql.
pub fn sdl() -> String {
    let options = SDLExportOptions::new().use_space_ident().indent_width(2).prefer_single_line_descriptions();
    let mut text = schema().finish().sdl_with_options(options);
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

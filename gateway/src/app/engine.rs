//! The schema as the front door runs it: one context a request.

use std::sync::Arc;

use super::acting::World;
use crate::config::{GraphQl, Introspection};
use crate::http::{self, Engine};

/// An engine over the world as it is known at each request.
pub(super) fn engine(world: Arc<World>, graphql: &GraphQl) -> impl Engine {
    let schema = match graphql.introspection {
        // Until it is known who asks, whoever reaches the loopback address counts as signed in.
        Introspection::Authenticated => resolvers::schema().finish(),
        Introspection::Off => resolvers::schema().disable_introspection().finish(),
    };
    let limits =
        resolvers::Limits { page: graphql.limits.page as u64, complexity: graphql.limits.complexity };
    http::reading(schema, limits, move |asked| world.context(asked))
}

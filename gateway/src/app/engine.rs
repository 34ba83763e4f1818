//! The schema as the front door runs it: one context a request, and one an event of a subscription.

use std::sync::Arc;

use super::acting::World;
use super::watching::Watching;
use crate::config::{GraphQl, Introspection};
use crate::http::{self, Engine};

/// An engine over the world as it is known at each request.
pub(super) fn engine(world: Arc<World>, graphql: &GraphQl) -> impl Engine {
    let schema = match graphql.introspection {
        // Nothing is answered to whoever is not signed in, so this neither.
        Introspection::Authenticated => resolvers::schema().finish(),
        Introspection::Off => resolvers::schema().disable_introspection().finish(),
    };
    let limits =
        resolvers::Limits { page: graphql.limits.page as u64, complexity: graphql.limits.complexity };
    let watched = Arc::clone(&world);
    http::reading(schema, limits, move |asked| world.context(asked)).watching(move |request_id, callers| {
        Arc::new(Watching { world: Arc::clone(&watched), request_id: request_id.clone(), callers })
    })
}

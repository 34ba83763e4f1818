//! The schema as the front door runs it: one context a request, and one an event of a subscription.

use std::sync::Arc;

use super::acting::World;
use super::watching::Watching;
use crate::config::{GraphQl, Introspection};
use crate::http::{self, Engine};

/// An engine over the world as it is known at each request.
pub(super) fn engine(world: Arc<World>, graphql: &GraphQl) -> impl Engine {
    let limits = resolvers::Limits {
        page: graphql.limits.page as u64,
        complexity: graphql.limits.complexity,
        // Nothing is answered to whoever is not signed in, so this neither.
        introspection: graphql.introspection == Introspection::Authenticated,
    };
    let schema = resolvers::schema();
    let schema = if limits.introspection { schema } else { schema.disable_introspection() }.finish();
    let watched = Arc::clone(&world);
    http::reading(schema, limits, move |asked| world.context(asked)).watching(
        move |request_id, callers, tell| {
            let (world, request_id) = (Arc::clone(&watched), request_id.clone());
            Arc::new(Watching { world, request_id, callers, tell })
        },
    )
}

//! The read schema as the front door runs it: one context a request.

use std::sync::Arc;

use super::Fleet;
use crate::config::{GraphQl, Introspection};
use crate::http::{self, Engine};
use resolvers::Access;
use schema::policy::Policies;

/// An engine over the fleet as it is known at each request.
pub(super) fn engine(fleet: Arc<Fleet>, policies: Arc<Policies>, graphql: &GraphQl) -> impl Engine {
    let schema = match graphql.introspection {
        // Until it is known who asks, whoever reaches the loopback address counts as signed in.
        Introspection::Authenticated => resolvers::schema().finish(),
        Introspection::Off => resolvers::schema().disable_introspection().finish(),
    };
    let limits =
        resolvers::Limits { page: graphql.limits.page as u64, complexity: graphql.limits.complexity };
    http::reading(schema, limits, move |asked| {
        fleet.context(Access::of(Arc::clone(&asked.caller.principal), Arc::clone(&policies)))
    })
}

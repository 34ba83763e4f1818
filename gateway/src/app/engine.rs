//! The read schema as the front door runs it: one context a request.

use std::sync::Arc;

use super::Fleet;
use crate::audit::{self, DeniedReads};
use crate::clock::Clock;
use crate::config::{GraphQl, Introspection};
use crate::http::{self, Engine};
use resolvers::{Access, Denials};
use schema::policy::Policies;

/// An engine over the fleet as it is known at each request.
pub(super) fn engine(
    fleet: Arc<Fleet>,
    policies: Arc<Policies>,
    denied: DeniedReads,
    clock: Clock,
    graphql: &GraphQl,
) -> impl Engine {
    let schema = match graphql.introspection {
        // Until it is known who asks, whoever reaches the loopback address counts as signed in.
        Introspection::Authenticated => resolvers::schema().finish(),
        Introspection::Off => resolvers::schema().disable_introspection().finish(),
    };
    let limits =
        resolvers::Limits { page: graphql.limits.page as u64, complexity: graphql.limits.complexity };
    http::reading(schema, limits, move |asked| {
        let (denied, clock) = (denied.clone(), Arc::clone(&clock));
        let actor = audit::actor(&asked.caller, &asked.request_id);
        let denials = Denials::telling(move |what| denied.take(&actor, what, clock()));
        fleet.context(Access::of(Arc::clone(&asked.caller.principal), Arc::clone(&policies)).noting(denials))
    })
}

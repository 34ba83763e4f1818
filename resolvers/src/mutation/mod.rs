//! The root of all changing: each mutation is tried, written down, and only then done (docs/adr/0015-audit-before-effect.md).

mod acknowledge_drift;
mod act;
mod override_hop;
mod place;
mod refresh_source;
mod trial;
mod user_error;

pub use act::{Act, Attempt, Because, Change, Done, NotDone, Unconfirmed};

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ObjectType, OutputType, Positioned, ServerResult, Value,
};
use resolvers_macros::object;

use crate::field::resolve_container;
use crate::{Refusal, RequestContext};
use acknowledge_drift::{AcknowledgeDriftInput, DriftPayload, acknowledge_drift};
use override_hop::{OverrideHopInput, OverrideHopPayload, override_hop};
use refresh_source::{RefreshSourceInput, RefreshSourcePayload, refresh_source};

/// The root as async-graphql holds it: without a request. Each field is made through `MutationRoot`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mutation;

/// The root of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MutationRoot<'v> {
    request: &'v RequestContext,
}

/// Every mutation takes an input and answers with a payload; expected refusals are userErrors, not GraphQL errors.
#[object(name = "Mutation", changes = true)]
impl MutationRoot<'_> {
    /// Has a source collected now. Data at most 3 s old are taken as they are, so that nobody can hammer a source.
    #[requires("source:refresh")]
    async fn refresh_source(
        &self,
        input: RefreshSourceInput,
    ) -> Result<Option<RefreshSourcePayload>, Refusal> {
        refresh_source(self.request, input).await.map(Some)
    }

    /// Says that a finding is known, and for how long it may stand.
    #[requires("ipam:write")]
    async fn acknowledge_drift(&self, input: AcknowledgeDriftInput) -> Result<Option<DriftPayload>, Refusal> {
        acknowledge_drift(self.request, input).await.map(Some)
    }

    /// Links or unlinks a join by hand: the hop leads where it is said, whatever the sources say.
    #[requires("ipam:write")]
    async fn override_hop(&self, input: OverrideHopInput) -> Result<Option<OverrideHopPayload>, Refusal> {
        override_hop(self.request, input).await.map(Some)
    }
}

impl OutputType for Mutation {
    fn type_name() -> std::borrow::Cow<'static, str> {
        MutationRoot::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        MutationRoot::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ContainerType for Mutation {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let missing = |_| Refusal::Internal.into_server_error(Some(ctx.item.pos));
        let request = ctx.data::<RequestContext>().map_err(missing)?;
        MutationRoot { request }.resolve_field(ctx).await
    }
}

impl ObjectType for Mutation {}

//! The root of all watching: a subscription is answered anew for each View, read as the caller may at that time.

mod fleet_status;

use std::pin::Pin;
use std::sync::Arc;

use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{MetaType, Registry};
use async_graphql::{ContainerType as _, Context, Name, OutputType as _, Response, SubscriptionType, Value};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _};
use resolvers_macros::object;

use crate::{Refusal, RequestContext};
use fleet_status::FleetStatus;

/// What a subscription watches, put into its request's data by whoever serves it.
pub trait Live: Send + Sync {
    /// What is known now, and then whenever that changes, at most once a second; each read with the caller's rights of
    /// that moment.
    fn contexts(&self) -> BoxStream<'static, RequestContext>;
}

/// The root as async-graphql holds it: without a request. Each event is read through `SubscriptionRoot`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subscription;

/// The root of one event.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SubscriptionRoot<'v> {
    status: &'v FleetStatus,
}

/// The root of all watching.
#[object(name = "Subscription")]
impl SubscriptionRoot<'_> {
    /// Counts and states of the whole fleet: at once, then whenever they change, at most once a second.
    fn fleet_status(&self) -> FleetStatus {
        *self.status
    }
}

impl SubscriptionType for Subscription {
    fn type_name() -> std::borrow::Cow<'static, str> {
        SubscriptionRoot::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        let name = SubscriptionRoot::create_type_info(registry);
        if let Some(MetaType::Object { is_subscription, .. }) = registry.types.get_mut(&*Self::type_name()) {
            *is_subscription = true;
        }
        name
    }

    fn create_field_stream<'a>(
        &'a self,
        ctx: &'a Context<'_>,
    ) -> Option<Pin<Box<dyn Stream<Item = Response> + Send + 'a>>> {
        let refused = |refusal: Refusal| {
            let error = ctx.set_error_path(refusal.into_server_error(Some(ctx.item.pos)));
            futures_util::stream::iter([Response::from_errors(vec![error])])
        };
        let Ok(live) = ctx.data::<Arc<dyn Live>>() else { return Some(Box::pin(refused(Refusal::Internal))) };
        let key = Name::new(ctx.item.node.response_key().node.as_str());
        let mut last = None;
        let news = live.contexts().filter_map(move |context| {
            let status = FleetStatus::of(&context);
            // The moment is not news.
            let is_news = last.replace(status.counts()) != Some(status.counts());
            std::future::ready(is_news.then_some(status))
        });
        Some(Box::pin(news.then(move |status| {
            let key = key.clone();
            async move {
                match (SubscriptionRoot { status: &status }).resolve_field(ctx).await {
                    Ok(value) => {
                        let value = value.unwrap_or(Value::Null);
                        Response::new(Value::Object(IndexMap::from_iter([(key, value)])))
                    }
                    Err(error) => Response::from_errors(vec![error]),
                }
            }
        })))
    }
}

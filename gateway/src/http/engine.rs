//! What runs operations, as the front door sees it: it pins what one request reads, weighs, names sources, runs.

use std::any::Any;
use std::sync::Arc;

use async_graphql::{Executor, Response, Value};
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use resolvers::Live;
use tokio::sync::watch;

use super::error::RequestError;
use super::operation::Operation;
use super::request_id::RequestId;
use crate::auth::Caller;

/// Who asks, and by which request.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose token it bore.
    pub caller: Arc<Caller>,
    /// As the answer, the log and the audit log name it.
    pub request_id: RequestId,
}

/// Runs operations. One is made at start and shared by all requests.
pub trait Engine: Send + Sync + 'static {
    /// The schema, from which the types of fields are read once at start.
    fn sdl(&self) -> String;

    /// Pins what one request reads (one View, one `now`, one caller), so that its answer is consistent.
    fn begin(&self, asked: &Asked) -> Box<dyn Run>;

    /// Whether the caller may read `/metrics`, which is no operation.
    fn may_read_metrics(&self, asked: &Asked) -> bool;
}

/// One request's hold on the engine.
pub trait Run: Send {
    /// What an operation costs (docs/reference.md, "Limits"), or why it is refused as a whole before anything runs: variables
    /// that a type refuses, too much complexity.
    fn check(&self, operation: &Operation) -> Result<u64, RequestError>;

    /// `extensions.freshness`: an object, the sources that the operation's types are made from.
    fn freshness(&self, operation: &Operation) -> Value;

    /// Runs a query or a mutation to its end.
    fn execute(self: Box<Self>, operation: Operation) -> BoxFuture<'static, Response>;

    /// Runs a subscription: for each of its events an answer, and the freshness of what that was read from. `callers` holds
    /// whoever it speaks for.
    fn subscribe(
        self: Box<Self>,
        operation: Operation,
        callers: watch::Receiver<Arc<Caller>>,
    ) -> BoxStream<'static, (Response, Value)>;
}

type Check<C> = dyn Fn(&Operation, &C) -> Result<u64, RequestError> + Send + Sync;
type MayReadMetrics<C> = dyn Fn(&C) -> bool + Send + Sync;
type Freshness<C> = dyn Fn(&Operation, &C) -> Value + Send + Sync;
type Watching<C> =
    dyn Fn(&RequestId, watch::Receiver<Arc<Caller>>, watch::Sender<C>) -> Arc<dyn Live> + Send + Sync;

/// An async-graphql schema as an [`Engine`]: `C` is the data of one request, which resolvers find by its type.
pub struct SchemaEngine<E, C> {
    schema: E,
    sdl: String,
    context: Box<dyn Fn(&Asked) -> C + Send + Sync>,
    check: Arc<Check<C>>,
    freshness: Arc<Freshness<C>>,
    may_read_metrics: Box<MayReadMetrics<C>>,
    watching: Option<Arc<Watching<C>>>,
}

impl<E: Executor, C: Any + Clone + Send + Sync> SchemaEngine<E, C> {
    /// `context` makes the data of one request; `check`, `freshness` and `may_read_metrics` see those same data.
    pub fn new(
        schema: E,
        sdl: String,
        context: impl Fn(&Asked) -> C + Send + Sync + 'static,
        check: impl Fn(&Operation, &C) -> Result<u64, RequestError> + Send + Sync + 'static,
        freshness: impl Fn(&Operation, &C) -> Value + Send + Sync + 'static,
        may_read_metrics: impl Fn(&C) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self {
            schema,
            sdl,
            context: Box::new(context),
            check: Arc::new(check),
            freshness: Arc::new(freshness),
            may_read_metrics: Box::new(may_read_metrics),
            watching: None,
        }
    }

    /// What subscriptions watch, for the request that asks and whoever it speaks for; it is to send each event's data before
    /// it tells the event.
    #[must_use]
    pub fn watching(
        mut self,
        watching: impl Fn(&RequestId, watch::Receiver<Arc<Caller>>, watch::Sender<C>) -> Arc<dyn Live>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.watching = Some(Arc::new(watching));
        self
    }
}

impl<E: Executor, C: Any + Clone + Send + Sync> Engine for SchemaEngine<E, C> {
    fn sdl(&self) -> String {
        self.sdl.clone()
    }

    fn begin(&self, asked: &Asked) -> Box<dyn Run> {
        Box::new(SchemaRun {
            schema: self.schema.clone(),
            context: (self.context)(asked),
            check: Arc::clone(&self.check),
            freshness: Arc::clone(&self.freshness),
            request_id: asked.request_id.clone(),
            watching: self.watching.clone(),
        })
    }

    fn may_read_metrics(&self, asked: &Asked) -> bool {
        (self.may_read_metrics)(&(self.context)(asked))
    }
}

struct SchemaRun<E, C> {
    schema: E,
    context: C,
    check: Arc<Check<C>>,
    freshness: Arc<Freshness<C>>,
    request_id: RequestId,
    watching: Option<Arc<Watching<C>>>,
}

impl<E: Executor, C: Any + Clone + Send + Sync> Run for SchemaRun<E, C> {
    fn check(&self, operation: &Operation) -> Result<u64, RequestError> {
        (self.check)(operation, &self.context)
    }

    fn freshness(&self, operation: &Operation) -> Value {
        (self.freshness)(operation, &self.context)
    }

    fn execute(self: Box<Self>, operation: Operation) -> BoxFuture<'static, Response> {
        let SchemaRun { schema, context, .. } = *self;
        let request = operation.into_request().data(context);
        Box::pin(async move { schema.execute(request).await })
    }

    fn subscribe(
        self: Box<Self>,
        operation: Operation,
        callers: watch::Receiver<Arc<Caller>>,
    ) -> BoxStream<'static, (Response, Value)> {
        let SchemaRun { schema, context, freshness, request_id, watching, .. } = *self;
        let (tell, latest) = watch::channel(context.clone());
        let mut request = operation.clone().into_request().data(context);
        if let Some(watching) = watching {
            request = request.data(watching(&request_id, callers, tell));
        }
        schema
            .execute_stream(request, None)
            .map(move |response| {
                let fresh = freshness(&operation, &latest.borrow());
                (response, fresh)
            })
            .boxed()
    }
}

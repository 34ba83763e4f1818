//! A server on a free port, the schema behind it, and one way to ask and compare.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_graphql::{Error, ErrorExtensions, Object, Schema, Subscription, Value, value};
use fleetgraph::auth::{Authenticate, Caller, Unauthenticated, Unconfirmed};
use fleetgraph::http::{
    Asked, Code, Engine, Front, Limits, Operation, Readiness, RequestError, SchemaEngine, reading, router,
    serve,
};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, stream};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use resolvers::{Access, Live, RequestContext};
use schema::policy::Principal;
use schema::view::{Inputs, join};
use schema::{Held, SourceInfo, Timestamp};
use secrecy::ExposeSecret as _;
use tokio::sync::{Notify, watch};

/// A database that answers, and no source to wait for.
pub(crate) const READY: Readiness = Readiness { database: true, sources: 0, sources_tried: 0, issuer: None };

/// A token that the double takes.
pub(crate) const TOKEN: &str = "a.good.token";
/// Another of the same subject.
pub(crate) const RENEWED: &str = "renewed";
/// One of another subject.
pub(crate) const ANOTHERS: &str = "anothers";

/// Knows three tokens until they end, and takes no other.
#[derive(Default)]
struct Double {
    ended: watch::Sender<BTreeSet<&'static str>>,
}

#[async_trait::async_trait]
impl Authenticate for Double {
    async fn caller(&self, token: Option<&str>) -> Result<Arc<Caller>, Unauthenticated> {
        let token = token.ok_or(Unauthenticated)?;
        let subject = match token {
            TOKEN | RENEWED => "somebody",
            ANOTHERS => "another",
            _ => return Err(Unauthenticated),
        };
        if self.ended.borrow().contains(token) {
            return Err(Unauthenticated);
        }
        let principal = Arc::new(Principal::with_roles(subject, ["sankofa-it-admin"], true));
        Ok(Arc::new(Caller { principal, token: Some(token.into()), expires: None, verified: None }))
    }

    fn now(&self, caller: &Caller) -> Result<Arc<Principal>, Unauthenticated> {
        let token = caller.token.as_ref().expect("each has one").expose_secret();
        if self.ended.borrow().contains(token) {
            Err(Unauthenticated)
        } else {
            Ok(Arc::clone(&caller.principal))
        }
    }

    async fn ended(&self, caller: &Caller) {
        let token = caller.token.as_ref().expect("each has one").expose_secret();
        let _ = self.ended.subscribe().wait_for(|ended| ended.contains(token)).await;
    }

    async fn confirm(&self, caller: &Caller) -> Result<Arc<Principal>, Unconfirmed> {
        Ok(Arc::clone(&caller.principal))
    }
}

/// What one request of the test's schema reads.
#[derive(Clone)]
pub(crate) struct Context {
    asked: u64,
    signs: Signs,
}

/// What tests and the schema tell each other.
#[derive(Clone, Default)]
struct Signs {
    started: Arc<Notify>,
    release: Arc<Notify>,
    watched: Arc<Notify>,
    flooded: Arc<AtomicU64>,
}

pub(crate) struct Query;

fn explode() -> i32 {
    panic!("password=hunter2 at 10.0.0.1")
}

#[expect(clippy::unused_async, reason = "the macro wants async functions")]
#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("hello {}", name.unwrap_or_default())
    }
    async fn node(&self) -> Query {
        Query
    }
    async fn port(&self, number: i32) -> i32 {
        number
    }
    async fn asked(&self, context: &async_graphql::Context<'_>) -> u64 {
        context.data_unchecked::<Context>().asked
    }
    async fn missing(&self) -> Result<Option<i32>, Error> {
        Err(Error::new("No source answered")
            .extend_with(|_, extensions| extensions.set("code", "SOURCE_FAILED")))
    }
    async fn leak(&self) -> Result<Option<i32>, Error> {
        Err(Error::new("password=hunter2 at 10.0.0.1"))
    }
    async fn needed(&self) -> Result<i32, Error> {
        Err(Error::new("password=hunter2 at 10.0.0.1"))
    }
    async fn bug(&self) -> i32 {
        explode()
    }
    async fn forever(&self, context: &async_graphql::Context<'_>) -> i32 {
        context.data_unchecked::<Context>().signs.started.notify_one();
        std::future::pending().await
    }
    async fn until(&self, context: &async_graphql::Context<'_>) -> i32 {
        let signs = &context.data_unchecked::<Context>().signs;
        signs.started.notify_one();
        signs.release.notified().await;
        1
    }
    async fn costly(&self) -> i32 {
        1
    }
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    async fn rename(&self) -> bool {
        true
    }
}

pub(crate) struct Watching;

#[Subscription(name = "Subscription")]
impl Watching {
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }
    async fn never(&self, context: &async_graphql::Context<'_>) -> impl Stream<Item = i32> {
        context.data_unchecked::<Context>().signs.watched.notify_one();
        stream::pending()
    }
    async fn flood(&self, context: &async_graphql::Context<'_>) -> impl Stream<Item = String> {
        let flooded = Arc::clone(&context.data_unchecked::<Context>().signs.flooded);
        stream::repeat_with(move || {
            flooded.fetch_add(1, Ordering::Relaxed);
            "x".repeat(100_000)
        })
    }
    async fn explodes(&self) -> impl Stream<Item = i32> {
        stream::iter([1, 2]).map(|count| if count == 1 { count } else { explode() })
    }
}

/// What is known, and never anything else.
struct Still(RequestContext);

impl Live for Still {
    fn contexts(&self) -> BoxStream<'static, RequestContext> {
        stream::iter([self.0.clone()]).boxed()
    }
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) handle: axum_server::Handle<SocketAddr>,
    /// Told each time a `forever` begins.
    pub(crate) started: Arc<Notify>,
    /// Ends an `until`.
    pub(crate) release: Arc<Notify>,
    /// Told each time a `never` is watched.
    pub(crate) watched: Arc<Notify>,
    flooded: Arc<AtomicU64>,
    pub(crate) front: Front,
    auth: Arc<Double>,
    pub(crate) serving: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// The metrics of a test binary: one recorder, since the `metrics` macros know one only.
fn recorder() -> PrometheusHandle {
    static RECORDER: std::sync::OnceLock<PrometheusHandle> = std::sync::OnceLock::new();
    RECORDER.get_or_init(|| PrometheusBuilder::new().install_recorder().expect("the only recorder")).clone()
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(Limits::default(), READY)
    }

    pub(crate) fn with(limits: Limits, readiness: Readiness) -> Self {
        let schema = Schema::new(Query, Mutation, Watching);
        let (asked, signs) = (AtomicU64::new(0), Signs::default());
        let sdl = schema.sdl();
        let context = {
            let signs = signs.clone();
            move |_: &Asked| Context { asked: asked.fetch_add(1, Ordering::Relaxed), signs: signs.clone() }
        };
        let check = |operation: &Operation, _: &Context| {
            let items = &operation.definition().selection_set.node.items;
            let costly = items.iter().any(|item| format!("{item:?}").contains("costly"));
            if costly {
                return Err(RequestError::new(
                    Code::LimitExceeded,
                    "250001 points of complexity; the limit is 250000",
                ));
            }
            Ok(1)
        };
        let freshness =
            |_: &Operation, _: &Context| value!({"edge": {"collectedAt": (Value::Null), "stale": true}});
        let engine = SchemaEngine::new(schema, sdl, context, check, freshness, |_| true);
        Self::serve(engine, signs, limits, readiness)
    }

    /// The real read API over a fleet of which nothing is known: one source, which nobody has asked yet.
    pub(crate) fn reading() -> Self {
        let info = SourceInfo {
            name: "pve".into(),
            kind: "proxmox".into(),
            cloud: None,
            environment: None,
            groups: Vec::new(),
            network: "default".into(),
            interval: std::time::Duration::from_secs(10),
            addresses: Vec::new(),
        };
        let inputs = Inputs { sources: vec![Held::pending(Arc::new(info))], ..Inputs::default() };
        let view = Arc::new(join(&inputs));
        let now = Timestamp::from_seconds(1_790_000_000);
        let known = RequestContext::new(view, Arc::new([]), now, Access::unlimited());
        let watched = known.clone();
        let engine = reading(resolvers::schema().finish(), resolvers::Limits::default(), move |_: &Asked| {
            known.clone()
        })
        .watching(move |_, _, _| Arc::new(Still(watched.clone())));
        Self::serve(engine, Signs::default(), Limits::default(), READY)
    }

    fn serve(engine: impl Engine, signs: Signs, limits: Limits, readiness: Readiness) -> Self {
        let auth = Arc::new(Double::default());
        let ids = AtomicU64::new(0);
        let front = Front::new(
            engine,
            Arc::clone(&auth) as Arc<dyn Authenticate>,
            move || u128::from(ids.fetch_add(1, Ordering::Relaxed)),
            recorder(),
            move || Box::pin(async move { readiness }),
        )
        .limits(limits);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let handle = axum_server::Handle::new();
        let serving = tokio::spawn(serve(listener, router(front.clone()), handle.clone()));
        let Signs { started, release, watched, flooded } = signs;
        Self { address, handle, started, release, watched, flooded, front, auth, serving }
    }

    /// From now on a token is no good.
    pub(crate) fn end_token(&self, token: &'static str) {
        self.auth.ended.send_modify(|ended| {
            ended.insert(token);
        });
    }

    /// Returns once a flood stands still that nobody reads: everything between here and there is full.
    pub(crate) async fn flood_stands_still(&self) {
        let mut before = 0;
        loop {
            let made = self.flooded.load(Ordering::Relaxed);
            if made > 0 && made == before {
                return;
            }
            before = made;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Sends one request: `METHOD path`, header lines, body.
    pub(crate) async fn ask(
        &self,
        request: &str,
        headers: &[(&str, &str)],
        body: impl Into<reqwest::Body>,
    ) -> Answer {
        let (method, path) = request.split_once(' ').expect("METHOD path");
        let client = reqwest::Client::new();
        let mut builder = client
            .request(method.parse().expect("a method"), format!("http://{}{path}", self.address))
            .body(body);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        if headers.iter().all(|(name, _)| *name != "authorization") {
            builder = builder.bearer_auth(TOKEN);
        }
        let mut response = builder.send().await.expect("an answer");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.expect("a whole body") {
            body.extend_from_slice(&chunk);
        }
        Answer { status, headers, body: String::from_utf8(body).expect("UTF-8") }
    }

    /// A POST of a document, in the media type that the server prefers.
    pub(crate) async fn query(&self, query: &str) -> Answer {
        self.post(&serde_json::json!({ "query": query }).to_string()).await
    }

    /// A POST of a body.
    pub(crate) async fn post(&self, body: &str) -> Answer {
        let headers = [("content-type", "application/json"), ("accept", "application/graphql-response+json")];
        self.ask("POST /graphql", &headers, body.to_owned()).await
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// `status code`, where the code is of the first error; `status` alone without errors.
    pub(crate) fn verdict(&self) -> String {
        match self.json()["errors"][0]["extensions"]["code"].as_str() {
            Some(code) => format!("{} {code}", self.status),
            None => self.status.to_string(),
        }
    }

    pub(crate) fn message(&self) -> String {
        self.json()["errors"][0]["message"].as_str().unwrap_or_default().to_owned()
    }
}

//! The whole gateway in this process: simulated upstreams, declared files, an address plan in a database of its own.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use connectors::world::{Spec, World};
use fleetgraph::app::{Gateway, Known};
use fleetgraph::config::{Config, Environment};
use fleetgraph::demo::{self, Issuer};
use fleetgraph::simulate::Simulation;
use fleetgraph::simulate::faults::{Effect, Fault};
use serde_json::{Value, json};
use store::Database;
use store::testing::TestDatabase;
use tempfile::TempDir;

use super::http::{Answer, Client};

/// Longer than anything here takes on a loaded machine; only a test that fails waits so long.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// A port that is free.
pub(crate) const FREE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

/// A gateway on a simulated fleet, as `fleetgraph demo` runs one, on a database of the test's own.
pub(crate) struct Running {
    pub(crate) gateway: Gateway,
    pub(crate) simulation: Simulation,
    pub(crate) database: TestDatabase,
    pub(crate) issuer: Issuer,
    client: Client,
    made_of: (Config, PathBuf, Environment),
    _folder: TempDir,
}

impl Running {
    /// Starts both, and returns once every source has answered.
    pub(crate) async fn start(spec: &Spec, interval: &str) -> Self {
        let running = Self::start_with(spec, interval, Vec::new).await;
        let mut known = running.gateway.fleet().watch();
        let answered = |known: &Known| {
            let mut sources = known.view.sources().map(|source| known.view.held(source));
            sources.all(|held| held.snapshot.is_some() && held.failure.is_none())
        };
        let waited = tokio::time::timeout(PATIENCE, known.wait_for(|known| answered(known))).await;
        assert!(waited.is_ok(), "some source did not answer: {}", running.sources().await);
        drop(waited);
        running
    }

    /// Starts both, the upstreams with faults from the beginning, and waits for nothing.
    pub(crate) async fn start_with(spec: &Spec, interval: &str, faults: fn() -> Vec<Fault>) -> Self {
        let world = World::generate(spec).expect("a world of this size");
        let plan = demo::address_plan(&world);
        let folder = tempfile::tempdir().expect("a throw-away folder");
        let clock = fleetgraph::clock::system();
        let simulation = Simulation::start(world, FREE, clock.clone()).await.expect("free ports");
        simulation.set_faults(faults());
        let environment = Environment::new(simulation.environment().into_iter());
        let issuer = Issuer::start(FREE, clock.clone()).expect("a free port");
        let file = demo::configure(&simulation, folder.path(), FREE, interval, issuer.url())
            .expect("room for files");
        let mut config = Config::load(&file, &environment).expect("a configuration of ours");
        // One caller asks all that a suite asks, some of it as fast as it can; the limit has tests of its own.
        let limits = &mut config.graphql.limits;
        limits.requests_per_minute = limits.requests_per_minute.saturating_mul(NonZeroU32::MAX);
        limits.complexity_per_minute = limits.complexity_per_minute.saturating_mul(NonZeroU32::MAX);
        let database = TestDatabase::create().await;
        store::ipam::seed(database.database(), &plan).await.expect("the world's plan fits the tables");
        let gateway =
            Gateway::start_on(&config, &file, &environment, database.database().clone(), clock).await;
        let gateway = gateway.unwrap_or_else(|error| panic!("{error}"));
        let administrator = issuer.token("test-administrator", &["sankofa-it-admin"], true);
        let client = Client::new(gateway.address()).bearing(administrator);
        let made_of = (config, file, environment);
        Self { gateway, simulation, database, issuer, client, made_of, _folder: folder }
    }

    /// Another gateway of the same configuration on the same database: a replica, or this one started anew.
    pub(crate) async fn another(&self) -> Gateway {
        self.another_with(|_| {}).await
    }

    /// The same, of a configuration that is changed in something.
    pub(crate) async fn another_with(&self, change: impl FnOnce(&mut Config)) -> Gateway {
        let mut config = self.made_of.0.clone();
        change(&mut config);
        self.begin(&config, &self.database).await
    }

    /// Another gateway of the same configuration, on a database of its own that knows the same address plan.
    pub(crate) async fn another_on(&self, database: &TestDatabase) -> Gateway {
        let plan = demo::address_plan(&self.simulation.world());
        store::ipam::seed(database.database(), &plan).await.expect("the world's plan fits the tables");
        self.begin(&self.made_of.0, database).await
    }

    async fn begin(&self, config: &Config, database: &TestDatabase) -> Gateway {
        let (_, file, environment) = &self.made_of;
        let database = Database::elsewhere(&database.url()).expect("a URL of ours");
        let clock = fleetgraph::clock::system();
        let gateway = Gateway::start_on(config, file, environment, database, clock).await;
        gateway.unwrap_or_else(|error| panic!("{error}"))
    }

    /// A client of its front door, with an administrator's token.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// `POST /graphql`, with variables.
    pub(crate) async fn ask(&self, query: &str, variables: Value) -> Answer {
        self.client.graphql(query, variables).await
    }

    /// The data of an answer that has no errors.
    pub(crate) async fn data(&self, query: &str, variables: Value) -> Value {
        self.client.data(query, variables).await
    }

    /// Every object of a connection, page by page; `fields` are asked of each.
    pub(crate) async fn all(&self, connection: &str, fields: &str) -> Vec<Value> {
        let query = format!(
            "query ($after: Cursor) {{ list: {connection}(first: 50, after: $after) {{ \
             totalCount nodes {{ {fields} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let (mut all, mut after) = (Vec::new(), Value::Null);
        loop {
            let mut page = self.data(&query, json!({ "after": after })).await["list"].take();
            all.extend(page["nodes"].as_array().expect("a list").iter().cloned());
            if page["pageInfo"]["hasNextPage"] == json!(false) {
                assert_eq!(page["totalCount"], json!(all.len()), "{connection}");
                return all;
            }
            after = page["pageInfo"]["endCursor"].take();
        }
    }

    /// The state of every source, by name.
    pub(crate) async fn states(&self) -> BTreeMap<String, String> {
        let sources = self.sources().await;
        let sources = sources.as_array().expect("a list").iter();
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        sources.map(|source| (text(&source["name"]), text(&source["state"]))).collect()
    }

    async fn sources(&self) -> Value {
        self.data("{ sources { name state error { message } } }", Value::Null).await["sources"].take()
    }

    /// Asks again and again until the answer's data are as wanted: each new View is a reason to ask, and so is time.
    pub(crate) async fn until(&self, what: &str, query: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut known = self.gateway.fleet().watch();
        let mut last = Value::Null;
        let asking = async {
            loop {
                last = self.data(query, Value::Null).await;
                if wanted(&last) {
                    return;
                }
                // What turns by time alone makes no new View.
                let _ = tokio::time::timeout(Duration::from_millis(500), known.changed()).await;
            }
        };
        let done = tokio::time::timeout(PATIENCE, asking).await;
        assert!(done.is_ok(), "{what} did not come: {last}");
        last
    }

    /// Switches every server of a source off.
    pub(crate) fn switch_off(&self, source: &str) {
        let servers = self.simulation.servers.iter().filter(|server| server.upstream.source == source);
        let down = |name: &str| Fault { upstream: Some(name.to_owned()), path: None, effect: Effect::Down };
        let faults: Vec<Fault> = servers.map(|server| down(&server.upstream.name)).collect();
        assert!(!faults.is_empty(), "no server of {source}");
        self.simulation.set_faults(faults);
    }

    /// Switches everything on again.
    pub(crate) fn switch_on(&self) {
        self.simulation.set_faults(Vec::new());
    }

    /// Lets something happen in the world, as a person does at the control address.
    pub(crate) async fn happens(&self, change: Value) {
        let control = Client::new(self.simulation.control);
        let answer = control.ask("POST", "/world", &[], change.to_string()).await;
        assert_eq!(answer.status, 204, "{change}: {}", answer.text);
    }

    /// Stops the gateway, in order.
    pub(crate) async fn stop(self) {
        self.gateway.stop().await;
    }
}

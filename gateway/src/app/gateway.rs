//! The whole gateway: database, fleet, front door; started together, stopped in order.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum_server::Handle;
use connectors::poll::Poller;
use futures_util::FutureExt as _;
use store::Database;
use tokio::task::JoinHandle;

use super::acting::World;
use super::engine::engine;
use super::start::{policies, tokens};
use super::{Fleet, StartError, decisions, metrics, open_database, sources};
use crate::audit;
use crate::auth::Tokens;
use crate::clock::Clock;
use crate::config::{Config, Environment, GraphQlLimits};
use crate::gate;
use crate::http::{self, Front, IssuerState, Limits, Readiness};

/// Open requests have so long to finish (docs/reference.md, Programs).
const DRAIN: Duration = Duration::from_secs(10);

/// A running gateway.
pub struct Gateway {
    address: SocketAddr,
    fleet: Arc<Fleet>,
    database: Database,
    handle: Handle<SocketAddr>,
    server: JoinHandle<std::io::Result<()>>,
    metrics: Option<metrics::Listener>,
    denied: audit::Writer,
    tokens: Arc<Tokens>,
    front: Front,
}

impl Gateway {
    /// Opens the database, builds the sources of `file`'s configuration, begins to collect and to serve.
    pub async fn start(
        config: &Config,
        file: &Path,
        environment: &Environment,
        clock: Clock,
    ) -> Result<Self, StartError> {
        // The addresses first: they are the likeliest thing to be wrong, and nothing was written yet.
        let listeners = Listeners::bind(config)?;
        let database = open_database(config, environment).await?;
        Self::serve(config, file, environment, database, clock, listeners).await
    }

    /// The same on a database that is open already.
    pub async fn start_on(
        config: &Config,
        file: &Path,
        environment: &Environment,
        database: Database,
        clock: Clock,
    ) -> Result<Self, StartError> {
        let listeners = Listeners::bind(config)?;
        Self::serve(config, file, environment, database, clock, listeners).await
    }

    async fn serve(
        config: &Config,
        file: &Path,
        environment: &Environment,
        database: Database,
        clock: Clock,
        listeners: Listeners,
    ) -> Result<Self, StartError> {
        let Listeners { front: listener, metrics } = listeners;
        let listen = config.server.listen;
        let address =
            listener.local_addr().map_err(|source| StartError::Listen { address: listen, source })?;
        let recorder = metrics::recorder()?;
        let tokens = tokens(config, environment, Some(&database), &clock)?;
        let policies = policies(config)?;
        let issuer = config.auth.as_ref().map(|auth| auth.issuer.as_str()).unwrap_or_default();
        tokens.start().await.map_err(|error| StartError::Remember(store::trouble_of(&error)))?;
        let built = sources::build(&config.sources, file, environment, Some(&database))
            .map_err(StartError::Config)?;
        let remembered = store::drift::load(&database)
            .await
            .map_err(|error| StartError::Remember(store::trouble_of(&error)))?;
        let decisions = decisions::load(&database)
            .await
            .map_err(|error| StartError::Remember(store::trouble_of(&error)))?;
        let seed = u64::from(std::process::id());
        let poller = Poller::start(built, &clock, seed);
        let (denied, denied_writer) = audit::denied_reads(database.clone(), Arc::clone(&clock));
        let fleet = Fleet::start(poller, decisions, remembered, database.clone(), Arc::clone(&clock));
        let fleet = Arc::new(fleet);
        let metrics = metrics.map(|listener| metrics::Listener::start(listener, recorder.clone()));
        let (ready_fleet, ready_database) = (Arc::clone(&fleet), database.clone());
        let (ready_tokens, own_tokens) = (Arc::clone(&tokens), Arc::clone(&tokens));
        let world = World {
            fleet: Arc::clone(&fleet),
            auth: tokens.clone(),
            policies,
            decisions: Arc::default(),
            database: database.clone(),
            denied,
            clock,
        };
        let front =
            Front::new(engine(Arc::new(world), &config.graphql), tokens, request_id, recorder, move || {
                let tokens = Arc::clone(&ready_tokens);
                readiness(Arc::clone(&ready_fleet), ready_database.clone(), tokens).boxed()
            })
            .limits(limits(&config.graphql.limits))
            .hosts(config.server.hosts.iter().cloned())
            .issuer(issuer);
        let handle = Handle::new();
        let server = tokio::spawn(http::serve(listener, http::router(front.clone()), handle.clone()));
        Ok(Self {
            address,
            fleet,
            database,
            handle,
            server,
            metrics,
            denied: denied_writer,
            tokens: own_tokens,
            front,
        })
    }

    /// Where it answers.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What it knows.
    pub fn fleet(&self) -> &Arc<Fleet> {
        &self.fleet
    }

    /// What it keeps.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Lets open requests finish and tells sockets to come again, for at most ten seconds; then stops collecting, and the database last.
    pub async fn stop(self) {
        self.handle.graceful_shutdown(Some(DRAIN));
        self.front.stop(DRAIN).await;
        match self.server.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the server ended badly"),
            Err(error) => tracing::error!(%error, "the server's task ended badly"),
        }
        self.tokens.stop();
        drop(self.metrics);
        // Its clones in the front door live longer.
        self.fleet.stop();
        drop(self.fleet);
        self.denied.stop().await;
        self.database.close().await;
    }
}

/// The addresses that the gateway answers on, taken.
struct Listeners {
    front: TcpListener,
    metrics: Option<TcpListener>,
}

impl Listeners {
    fn bind(config: &Config) -> Result<Self, StartError> {
        let front = bind(config.server.listen)?;
        Ok(Self { front, metrics: config.server.metrics_listen.map(bind).transpose()? })
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).map_err(|source| StartError::Listen { address, source })
}

/// Ids of requests whose client gave none. Random so that two gateways never give the same.
fn request_id() -> u128 {
    uuid::Uuid::new_v4().as_u128()
}

async fn readiness(fleet: Arc<Fleet>, database: Database, tokens: Arc<Tokens>) -> Readiness {
    let held = fleet.poller().held();
    let standing = tokens.standing();
    Readiness {
        database: database.answers().await,
        sources: held.len(),
        sources_tried: held.iter().filter(|held| held.last_attempt.is_some()).count(),
        issuer: Some(IssuerState {
            keys_failing_since: standing.keys,
            not_before_failing_since: standing.not_before,
        }),
    }
}

fn limits(configured: &GraphQlLimits) -> Limits {
    let bytes = |size: bytesize::ByteSize| usize::try_from(size.as_u64()).unwrap_or(usize::MAX);
    let defaults = Limits::default();
    Limits {
        body_bytes: bytes(configured.body),
        header_bytes: bytes(configured.headers),
        timeout: configured.timeout,
        requests_per_minute: configured.requests_per_minute,
        complexity_per_minute: configured.complexity_per_minute,
        gate: gate::Limits { depth: configured.depth, aliases: configured.aliases, ..defaults.gate },
    }
}

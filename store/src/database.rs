//! The database of this gateway: found or run, checked, brought up to date, and handed out as one cheap handle.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Row};

use crate::cluster::{Cluster, ClusterError};
use crate::connect::{self, UrlError};
use crate::migrate::{self, MigrateError};
use crate::trouble::{Trouble, trouble_of};

/// How long one attempt to connect may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How often a private server may reset a connection while it is being found dead, and how long to wait in between.
const RESETS: u32 = 50;
const BETWEEN_RESETS: Duration = Duration::from_millis(100);
/// How long a query waits for a connection that is free.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Connections at most; the private cluster grants forty, so several commands may share it.
const CONNECTIONS: u32 = 10;
/// PostgreSQL 15, as `server_version_num` says it.
const OLDEST: i32 = 150_000;

/// The database of this gateway. Cheap to clone; when the last clone is dropped a private cluster is stopped.
#[derive(Clone, Debug)]
pub struct Database {
    // Dropped before the cluster: its connections end first.
    pool: PgPool,
    cluster: Option<Arc<Cluster>>,
}

/// `[database]` of the configuration, with its secret resolved.
#[derive(Clone, Debug, Default)]
pub struct DatabaseSettings {
    /// A PostgreSQL server, `postgres://user:password@host:port/name`; left out: a private cluster in `data_dir`.
    pub url: Option<SecretString>,
    /// Where `initdb` and `postgres` are; left out: found by themselves.
    pub bin_dir: Option<PathBuf>,
    /// The gateway's own folder; the private cluster is in its subfolder `postgres`.
    pub data_dir: PathBuf,
}

/// Why there is no database: one line of what is wrong and what to do, free of secrets.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum OpenError {
    /// `database.url` cannot be used.
    #[error("database.url: {0}")]
    Url(UrlError),
    /// The private cluster cannot be had.
    #[error(transparent)]
    Cluster(ClusterError),
    /// The server does not take us.
    #[error("cannot connect to the database {place}: {trouble}")]
    Connect { place: String, trouble: Trouble },
    /// The server is too old.
    #[error("the database {place} is PostgreSQL {found}: 15 or newer is needed")]
    Version { place: String, found: String },
    /// Its tables cannot be brought up to date.
    #[error("the database {place}: {source}")]
    Migrate { place: String, source: MigrateError },
}

impl Database {
    /// Connects to the server of `url`, or starts the private cluster (creating it the first time, adopting one that still
    /// runs), checks its version and brings its tables up to date.
    pub async fn open(settings: &DatabaseSettings) -> Result<Self, OpenError> {
        if let Some(url) = &settings.url {
            let options = connect::from_url(url).map_err(OpenError::Url)?;
            let place = connect::place(&options);
            prepare(&options, place).await?;
            return Ok(Self { pool: pool(options), cluster: None });
        }
        let cluster = start(settings.clone()).await.map_err(OpenError::Cluster)?;
        let options = connect::to_socket(cluster.socket_folder());
        prepare_private(&options, &format!("in {}", settings.data_dir.display())).await?;
        let cluster = Some(Arc::new(cluster));
        Ok(Self { pool: pool(options), cluster })
    }

    /// A handle on another PostgreSQL with the same tables, which is neither asked nor changed before the first query.
    pub fn elsewhere(url: &SecretString) -> Result<Self, UrlError> {
        Ok(Self { pool: pool(connect::from_url(url)?), cluster: None })
    }

    #[cfg(feature = "testing")]
    pub(crate) fn of_pool(pool: PgPool) -> Self {
        Self { pool, cluster: None }
    }

    /// The pool, for the queries of this package and of the IPAM source.
    pub fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Connects once, unless there are connections already: a pool waits for a server that refuses it, and says no more than
    /// that it waited.
    pub(crate) async fn reach(&self) -> Result<(), sqlx::Error> {
        if self.pool.size() > 0 {
            return Ok(());
        }
        let options = self.pool.connect_options();
        match tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await {
            Ok(connected) => connected?.close().await,
            Err(_) => Err(sqlx::Error::PoolTimedOut),
        }
    }

    /// Whether it answers, within two seconds.
    pub async fn answers(&self) -> bool {
        let asked = async { self.pool.acquire().await?.ping().await };
        matches!(tokio::time::timeout(Duration::from_secs(2), asked).await, Ok(Ok(())))
    }

    /// Ends the connections of every clone, and then the private cluster where nobody else uses it.
    pub async fn close(&self) {
        self.pool.close().await;
        if let Some(cluster) = self.cluster.clone() {
            // Neither a panic in there nor a runtime that ends may keep us from ending too.
            let _ = tokio::task::spawn_blocking(move || cluster.stop()).await;
        }
    }
}

async fn start(settings: DatabaseSettings) -> Result<Cluster, ClusterError> {
    let DatabaseSettings { bin_dir, data_dir, .. } = settings;
    let folder = data_dir.clone();
    match tokio::task::spawn_blocking(move || Cluster::start(&data_dir, bin_dir.as_deref())).await {
        Ok(started) => started,
        Err(_) => Err(ClusterError::Locked { folder }),
    }
}

/// Makes the private database ready once its server answers: one that was killed a moment ago may still take a connection
/// and reset it, before it is found dead and started again.
async fn prepare_private(options: &PgConnectOptions, place: &str) -> Result<(), OpenError> {
    let mut left = RESETS;
    loop {
        let prepared = match create_if_missing(options).await {
            Ok(()) => prepare(options, place.to_owned()).await,
            Err(error) => Err(failure(place, &error)),
        };
        match prepared {
            Err(OpenError::Connect { .. }) if left > 0 => {
                left -= 1;
                tokio::time::sleep(BETWEEN_RESETS).await;
            }
            outcome => return outcome,
        }
    }
}

/// The private cluster's own database, beside initdb's `postgres`.
async fn create_if_missing(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    match options.connect().await {
        Ok(connection) => connection.close().await,
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("3D000") => {
            let mut connection = options.clone().database("postgres").connect().await?;
            sqlx::raw_sql("create database fleetgraph").execute(&mut connection).await?;
            connection.close().await
        }
        Err(error) => Err(error),
    }
}

/// Checks the version and migrates, over a connection of its own: a pool would hide why it cannot connect.
async fn prepare(options: &PgConnectOptions, place: String) -> Result<(), OpenError> {
    let mut connection = match tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await {
        Ok(connected) => connected.map_err(|error| failure(&place, &error))?,
        Err(_) => return Err(OpenError::Connect { place, trouble: Trouble::timeout() }),
    };
    let (number, found) = version(&mut connection).await.map_err(|error| failure(&place, &error))?;
    if number < OLDEST {
        return Err(OpenError::Version { place, found });
    }
    match migrate::run(&mut connection).await {
        Ok(()) => connection.close().await.map_err(|error| failure(&place, &error)),
        Err(source) => Err(OpenError::Migrate { place, source }),
    }
}

async fn version(connection: &mut PgConnection) -> Result<(i32, String), sqlx::Error> {
    let row = sqlx::query(
        "select current_setting('server_version_num')::int4 as number, current_setting('server_version') as name",
    )
    .fetch_one(connection)
    .await?;
    Ok((row.try_get("number")?, row.try_get("name")?))
}

fn failure(place: &str, error: &sqlx::Error) -> OpenError {
    OpenError::Connect { place: place.to_owned(), trouble: trouble_of(error) }
}

/// A pool that connects when it is first asked.
pub(crate) fn pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .min_connections(0)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .connect_lazy_with(options)
}

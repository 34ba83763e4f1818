//! What a gateway needs before it starts, and why it may not get it.

use std::net::SocketAddr;
use std::sync::Arc;

use connectors::Secrets as _;
use store::{Database, DatabaseSettings, OpenError, Trouble};

use crate::auth::Tokens;
use crate::clock::Clock;
use crate::config::{Config, ConfigError, Environment};
use crate::policy::{self, Current, FolderError};

/// Why a gateway did not start: one sentence, free of secrets.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What it was told cannot be used.
    #[error(transparent)]
    Config(ConfigError),
    /// A key names a secret that is not there.
    #[error("{0}")]
    Secret(String),
    /// Nobody could be told apart.
    #[error("the gateway needs [auth]: without an issuer it could not tell who asks")]
    NoAuth,
    /// Anybody could be an administrator.
    #[error(
        "auth.issuer is the one that `fleetgraph demo` runs, which gives anybody on this machine any role"
    )]
    DemoIssuer,
    /// The folder of policies gives none.
    #[error("auth.policy_dir: {0}")]
    Policies(FolderError),
    /// There is no database.
    #[error(transparent)]
    Database(OpenError),
    /// What was remembered of drift, or decided by hand, cannot be read.
    #[error("cannot read what was remembered: {0}")]
    Remember(Trouble),
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// `server.listen` or `server.metrics_listen`
        address: SocketAddr,
        /// The system's word.
        source: std::io::Error,
    },
    /// No metrics can be kept.
    #[error("cannot keep metrics: {0}")]
    Metrics(String),
}

impl StartError {
    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Config(_) => "docs/reference.md, Configuration, has every key",
            Self::Secret(_) => "export the variable, or name a file: { file = \"PATH\" }",
            Self::DemoIssuer => "name an issuer of your own: README.md sets up a Keycloak",
            Self::NoAuth => {
                "name the OpenID issuer, audience and client_id: docs/reference.md, Configuration; `fleetgraph demo` brings its own"
            }
            Self::Policies(_) => {
                "`fleetgraph policy check --config FILE` lists all that is wrong; docs/policies.md tells how policies are written"
            }
            Self::Database(_) | Self::Remember(_) => {
                "docs/operations/database.md has every cause and its cure"
            }
            Self::Listen { .. } => {
                "is another gateway running? choose another address with server.listen or --listen"
            }
            Self::Metrics(_) => "this is a fault of ours: please report it",
        }
    }
}

/// Opens the database that the configuration names, or the private one in `data_dir`.
pub async fn open_database(config: &Config, environment: &Environment) -> Result<Database, StartError> {
    let url = config.database.url.as_ref().map(|at| environment.read(at)).transpose();
    let settings = DatabaseSettings {
        url: url.map_err(|error| StartError::Secret(format!("database.url: {}", error.message)))?,
        bin_dir: config.database.bin_dir.clone(),
        data_dir: config.data_dir.clone(),
    };
    Database::open(&settings).await.map_err(StartError::Database)
}

/// Whoever verifies tokens, by `[auth]`. There is no other way to serve.
pub fn tokens(
    config: &Config,
    environment: &Environment,
    database: Option<&Database>,
    clock: &Clock,
) -> Result<Arc<Tokens>, StartError> {
    let auth = config.auth.as_ref().ok_or(StartError::NoAuth)?;
    let secret = auth.client_secret.as_ref().map(|at| environment.read(at)).transpose();
    let secret =
        secret.map_err(|error| StartError::Secret(format!("auth.client_secret: {}", error.message)))?;
    let mut auth = auth.clone();
    auth.ca = auth.ca.map(|file| config.folder.join(file));
    Ok(Arc::new(Tokens::new(&auth, secret, database.cloned(), Arc::clone(clock))))
}

/// The policies that hold: those of `auth.policy_dir`, followed as they change, else those that come with the program.
pub(super) fn policies(config: &Config) -> Result<Current, StartError> {
    match config.policy_dir() {
        Some(folder) => Current::following(&folder, policy::EVERY).map_err(StartError::Policies),
        None => Ok(Current::built_in()),
    }
}

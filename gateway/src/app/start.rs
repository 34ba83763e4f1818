//! What a gateway needs before it starts, and why it may not get it.

use std::net::SocketAddr;

use connectors::Secrets as _;
use store::{Database, DatabaseSettings, OpenError, Trouble};

use crate::config::{Config, ConfigError, Environment};

/// Why a gateway did not start: one sentence, free of secrets.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What it was told cannot be used.
    #[error(transparent)]
    Config(ConfigError),
    /// `database.url` names a secret that is not there.
    #[error("database.url: {0}")]
    Secret(String),
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
            Self::Secret(_) => "export the variable, or name a file: url = { file = \"PATH\" }",
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
        url: url.map_err(|error| StartError::Secret(error.message))?,
        bin_dir: config.database.bin_dir.clone(),
        data_dir: config.data_dir.clone(),
    };
    Database::open(&settings).await.map_err(StartError::Database)
}

//! What a source is: how it is built from its part of the configuration, and the one thing it can do.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use schema::{Snapshot, SourceInfo, Timestamp};
use secrecy::SecretString;

use crate::http::{CallError, Connections};
pub use crate::secret::SecretAt;
use crate::world::Simulator;

/// A source that can be collected. DESIGN, "A source is a contract", has the rules; the contract test holds them.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Reads all that this source knows. What goes wrong is recorded in the snapshot: one dead node must not hide the
    /// live ones. Never panics, never waits longer than its limits, never logs a secret.
    async fn collect(&self, now: Timestamp) -> Snapshot;

    /// What its credentials could change, in words that quote none of them; empty where they only read, and where the upstream
    /// does not tell. `check-config` refuses such a source, because the gateway reads and needs no more.
    async fn could_change(&self, _now: Timestamp) -> Vec<String> {
        Vec::new()
    }
}

/// A kind of source: its line in the catalog.
pub struct Kind {
    /// What `kind =` says in the configuration, and `Source.kind` in the schema.
    pub name: &'static str,
    /// How often it is collected where the configuration does not say.
    pub interval: Duration,
    /// Its keys in `[[source]]`, besides those that every source has.
    pub keys: &'static [&'static str],
    /// Builds a source; reads no network and no clock.
    pub build: fn(Build<'_>) -> Result<Arc<dyn Connector>, BuildError>,
    /// The simulator that answers like it, where it speaks HTTP.
    pub simulator: Option<Simulator>,
    /// How it parses each answer it asks for; `cargo xtask conform` runs recorded answers through them.
    pub conform: &'static [Parser],
}

/// One endpoint that a source reads, and its own way of reading it.
pub struct Parser {
    /// GET, POST, ...
    pub method: &'static str,
    /// The path without query, variable parts as placeholders: `/api2/json/nodes/{node}/qemu/{vmid}/config`.
    pub path: &'static str,
    /// Parses a body exactly as a collection does and says what it could not read; a body that is an error of the
    /// upstream's own is read as that error, and is then no failure of the parser.
    pub parse: fn(&[u8]) -> Result<(), CallError>,
}

/// What a source is built from.
pub struct Build<'a> {
    /// The keys that every source has.
    pub info: Arc<SourceInfo>,
    /// The keys of its own, as written; each source reads them into its own `Config` with `deny_unknown_fields`.
    pub table: toml::Table,
    /// Bounds on what it may cost.
    pub limits: Limits,
    /// Resolves `{ env = "NAME" }` and `{ file = "PATH" }`.
    pub secrets: &'a dyn Secrets,
    /// The gateway's own database, where it has one.
    pub database: Option<store::Database>,
    /// Relative paths of the configuration start here.
    pub folder: &'a Path,
}

/// Bounds on what a source may cost (CONTRACT, Configuration).
#[derive(Clone, Debug)]
pub struct Limits {
    /// One call.
    pub timeout: Duration,
    /// One collection.
    pub collect_timeout: Duration,
    /// Bytes of one answer.
    pub max_answer: usize,
    /// Its share of the connections: 20 over all sources of one [`Pool`](crate::http::Pool), 5 of one source.
    pub connections: Connections,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            collect_timeout: Duration::from_mins(1),
            max_answer: 32 << 20,
            connections: Connections::default(),
        }
    }
}

/// Reads a secret from where the configuration says it is.
pub trait Secrets: Sync {
    /// The value of an environment variable, or the content of a file without its last line break.
    fn read(&self, at: &SecretAt) -> Result<SecretString, BuildError>;
}

/// Why a source cannot be built: the key at fault and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BuildError {
    /// The key of `[[source]]`, where one is at fault; `tls.ca` where it stands in a table below.
    pub key: Option<Cow<'static, str>>,
    /// What is wrong and what to do, free of secrets.
    pub message: String,
}

impl dyn Secrets + '_ {
    /// The secret that a key of `[[source]]` points at.
    pub(crate) fn of(&self, key: &'static str, at: &SecretAt) -> Result<SecretString, BuildError> {
        self.read(at).map_err(|error| BuildError { key: Some(key.into()), ..error })
    }
}

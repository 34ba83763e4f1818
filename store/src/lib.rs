//! Everything that is kept, in PostgreSQL: the pool, the only migrations, IPAM tables, overrides, drift history, audit.
//!
//! PostgreSQL is the only dialect (docs/adr/0003-private-postgresql.md). Each file that reads or writes tables is a
//! handful of statements around one thing; what they return are the domain's own types.

pub mod audit;
mod changes;
mod cluster;
mod connect;
mod database;
pub mod drift;
pub mod ipam;
mod migrate;
pub mod overrides;
pub mod revocations;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
mod trouble;

pub use changes::{Changes, Topic};
pub use cluster::{ClusterError, Reason, end_abandoned};
pub use connect::UrlError;
pub use database::{Database, DatabaseSettings, OpenError};
pub use migrate::MigrateError;
pub use schema::source::ProblemCode;
pub use sqlx::Error as QueryError;
pub use trouble::{Trouble, trouble_of};

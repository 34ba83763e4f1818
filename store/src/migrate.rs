//! Brings the tables up to date. `store/migrations` holds each step and its reversal; docs/operations/database.md says how
//! to go back.

use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnection;

use crate::trouble::{Trouble, trouble_of};

/// Every step, compiled in.
static MIGRATOR: Migrator = sqlx::migrate!();

/// Why the tables are not as this program needs them.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the fields are")]
pub enum MigrateError {
    /// Somebody ran a newer program on it.
    #[error(
        "its tables are of version {found}, newer than this program's {known}: run the newer program, or undo the steps since"
    )]
    Newer { found: i64, known: i64 },
    /// A step that was taken is another one here.
    #[error(
        "its step {version} is not the one that this program knows: was the program built from changed migrations?"
    )]
    Changed { version: i64 },
    /// A statement failed; the step it is of was undone.
    #[error("its tables cannot be brought up to date: {trouble}")]
    Statement { trouble: Trouble, source: sqlx::Error },
    /// Anything else of the migrator's.
    #[error("its tables cannot be brought up to date")]
    Other(#[source] sqlx::migrate::MigrateError),
}

/// Takes the steps that are missing. PostgreSQL's advisory lock lets one gateway do so at a time; each step is a
/// transaction, so that a step that fails leaves nothing behind.
pub(crate) async fn run(connection: &mut PgConnection) -> Result<(), MigrateError> {
    // Another gateway that is at it takes seconds; one that hangs must not hang us.
    let bounded = sqlx::raw_sql("set lock_timeout = '60s'").execute(&mut *connection).await;
    bounded.map_err(|source| MigrateError::Statement { trouble: trouble_of(&source), source })?;
    MIGRATOR.run_direct(None, connection, false).await.map_err(|error| explain(error, newest()))
}

/// Undoes the steps after `target`, newest first.
#[cfg(feature = "testing")]
pub(crate) async fn undo(connection: &mut PgConnection, target: i64) -> Result<(), MigrateError> {
    MIGRATOR.undo(connection, target).await.map_err(|error| explain(error, newest()))
}

fn newest() -> i64 {
    MIGRATOR.iter().map(|migration| migration.version).max().unwrap_or(0)
}

fn explain(error: sqlx::migrate::MigrateError, known: i64) -> MigrateError {
    use sqlx::migrate::MigrateError as Theirs;
    match error {
        Theirs::VersionMissing(found) if found > known => MigrateError::Newer { found, known },
        Theirs::VersionMissing(version) | Theirs::VersionMismatch(version) => {
            MigrateError::Changed { version }
        }
        Theirs::Execute(source) | Theirs::ExecuteMigration(source, _) => {
            MigrateError::Statement { trouble: trouble_of(&source), source }
        }
        other => MigrateError::Other(other),
    }
}

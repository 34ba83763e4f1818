//! From the configuration to sources that can be collected.

use std::path::Path;
use std::sync::Arc;

use connectors::http::Pool;
use connectors::poll::Polled;
use connectors::{Build, BuildError};
use store::Database;

use crate::config::{ConfigError, Environment, Source};

/// Builds every configured source. Reads no network; the first one that cannot be built is refused with its line.
///
/// `database` is the gateway's own, where it has one already: a source that needs it and does not get it says so.
pub fn build(
    sources: &[Source],
    file: &Path,
    environment: &Environment,
    database: Option<&Database>,
) -> Result<Vec<Polled>, ConfigError> {
    let pool = Pool::default();
    let folder = file.parent().unwrap_or(Path::new("."));
    sources
        .iter()
        .map(|source| {
            let limits = source.limits(pool.share());
            let built = (source.kind.build)(Build {
                info: Arc::clone(&source.info),
                table: source.table.clone(),
                limits: limits.clone(),
                secrets: environment,
                database: database.cloned(),
                folder,
            });
            match built {
                Ok(connector) => Ok(Polled { info: Arc::clone(&source.info), connector, limits }),
                Err(error) => Err(refused(source, file, &error)),
            }
        })
        .collect()
}

fn refused(source: &Source, file: &Path, error: &BuildError) -> ConfigError {
    let key = error.key.map(|key| format!(", `{key}`")).unwrap_or_default();
    ConfigError {
        file: file.to_path_buf(),
        line: source.line,
        message: format!("source \"{}\"{key}: {}", source.info.name, error.message),
        help: Some(format!("docs/sources/{}.md tells what this kind of source needs", source.kind.name)),
    }
}

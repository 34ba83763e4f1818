//! The configuration: one TOML file, overridden by the environment, read once and checked whole before anything starts.
//!
//! Every error names file and line, or the variable of the environment, and the key. What a kind of source reads is the source's own business: here its table is only
//! checked for keys that neither every source nor its kind has.

mod auth;
mod document;
mod environment;
mod error;
mod file;
mod keys;
mod limits;
mod secrets;
mod sections;
mod sources;

use std::path::{Path, PathBuf};

pub use auth::{Auth, Mfa};
pub(crate) use auth::{is_protected, url};
use connectors::written::{self, Part};
use document::{Document, Step};
pub use error::{ConfigError, Place};
pub use limits::GraphQlLimits;
pub use secrets::Environment;
pub use sections::{Database, GraphQl, Introspection, Server};
pub use sources::Source;

/// Everything that the gateway is told.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where the private database and other state live; a relative one starts at the file's folder.
    pub data_dir: PathBuf,
    /// `[server]`
    pub server: Server,
    /// `[database]`
    pub database: Database,
    /// `[auth]`; left out: the configuration serves nobody, and is good for exports and checks.
    pub auth: Option<Auth>,
    /// `[graphql]`
    pub graphql: GraphQl,
    /// `[[source]]`, in the order of the file.
    pub sources: Vec<Source>,
    /// The folder of the file: relative paths start here.
    pub folder: PathBuf,
}

impl Config {
    /// Reads a file and lays the environment over it.
    pub fn load(file: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        Self::parse(file, &file::read(file)?, environment)
    }

    /// `auth.policy_dir`; a relative one starts at the file's folder.
    pub fn policy_dir(&self) -> Option<PathBuf> {
        self.auth.as_ref()?.policy_dir.as_ref().map(|folder| self.folder.join(folder))
    }

    /// Reads a text as if it stood in `file`.
    pub fn parse(file: &Path, text: &str, environment: &Environment) -> Result<Self, ConfigError> {
        let mut document = Document::parse(file, text)?;
        let mut table = document.table()?;
        document.origins = environment::overlay(&mut table, file, environment.variables())?;
        keys::check(&document, &table)?;
        let sources = sources::read(&document, table.remove("source"))?;
        let sections = sections::read(&document, table)?;
        if sections.data_dir.as_os_str().is_empty() {
            let message = "`data_dir` is empty: name a folder, or leave it out".to_owned();
            return Err(document.error(&[Step::Key("data_dir")], message, None));
        }
        let folder = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
            _ => PathBuf::from("."),
        };
        Ok(Self {
            data_dir: folder.join(sections.data_dir),
            server: sections.server,
            database: sections.database,
            auth: sections.auth,
            graphql: sections.graphql,
            sources,
            folder,
        })
    }
}

/// Deserializes a part of the file; an error names the line of the key at fault.
fn deserialize<T: serde::de::DeserializeOwned>(
    document: &Document<'_>,
    at: &[Step<'_>],
    table: toml::Table,
) -> Result<T, ConfigError> {
    written::read(table).map_err(|slip| {
        let below = slip.path.iter().map(|part| match part {
            Part::Key(key) => Step::Key(key),
            Part::Index(index) => Step::Index(*index),
        });
        let path: Vec<Step<'_>> = at.iter().copied().chain(below).collect();
        let message = match slip.key() {
            Some(key) => format!("`{key}` {}", slip.message),
            None => slip.message.clone(),
        };
        document.error(&path, message, slip.help.clone())
    })
}

#[cfg(test)]
mod tests;

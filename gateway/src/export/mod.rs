//! `live_inventory.json` and `drift.json`: one collection, written down (docs/reference.md, HTTP, at its end).
//!
//! The inventory is asked of the GraphQL schema itself, page by page, so that its fields are named as there, and stay so.

mod drift;
mod inventory;

use std::fs::Permissions;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use async_graphql::Response;
use resolvers::RequestContext;
use serde_json::Value;
use tempfile::NamedTempFile;

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A file cannot be written; what stood there before still stands.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Which.
        path: PathBuf,
        /// The system's word.
        source: std::io::Error,
    },
    /// The schema refused our own question: a fault of ours.
    #[error("the export's own query failed: {0}")]
    Query(String),
}

/// What was exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Addresses that two running guests hold and nobody declared to be shared.
    pub duplicate_addresses: usize,
}

/// Writes both files into a folder, each whole or not at all. Both are written out before either takes its place, so that
/// a disk that is full leaves the pair that was there.
pub async fn export(context: RequestContext, folder: &Path) -> Result<Exported, ExportError> {
    let (drift, duplicate_addresses) = drift::document(&context);
    let inventory = inventory::document(context).await?;
    let pair = [
        Written::new(folder, "live_inventory.json", &inventory)?,
        Written::new(folder, "drift.json", &drift)?,
    ];
    for file in pair {
        file.take_place()?;
    }
    Ok(Exported { duplicate_addresses })
}

/// A document on the disk beside the place that it will take.
struct Written {
    file: NamedTempFile,
    path: PathBuf,
}

impl Written {
    fn new(folder: &Path, name: &str, document: &Value) -> Result<Self, ExportError> {
        let path = folder.join(name);
        let refuse = |source: std::io::Error| ExportError::Write { path: path.clone(), source };
        // Read by others than whoever exports: as open as the umask lets a new file be.
        let mode = Permissions::from_mode(0o666);
        let mut file = tempfile::Builder::new().permissions(mode).tempfile_in(folder).map_err(refuse)?;
        let mut text = serde_json::to_vec_pretty(document).map_err(|error| refuse(error.into()))?;
        text.push(b'\n');
        file.write_all(&text).and_then(|()| file.as_file().sync_all()).map_err(refuse)?;
        // Renaming over a folder is the one thing that can still fail by what stands there.
        if path.is_dir() {
            return Err(refuse(std::io::ErrorKind::IsADirectory.into()));
        }
        Ok(Self { file, path })
    }

    fn take_place(self) -> Result<(), ExportError> {
        let Self { file, path } = self;
        file.persist(&path).map_err(|error| ExportError::Write { path, source: error.error })?;
        Ok(())
    }
}

/// The data of an answer; an error in our own question is a fault of ours.
fn data(response: Response) -> Result<Value, ExportError> {
    match response.errors.first() {
        Some(error) => Err(ExportError::Query(error.message.clone())),
        None => response.data.into_json().map_err(|error| ExportError::Query(error.to_string())),
    }
}

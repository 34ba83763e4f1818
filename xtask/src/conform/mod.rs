//! `cargo xtask conform DIR`: recorded answers of real systems through the connectors' own parsers, and the simulators'
//! answers against the official schemas. DIR holds both; `manifest.rs` says what lies where.

mod endpoint;
mod manifest;
mod official;
mod readers;
mod recordings;
mod simulators;

use std::path::Path;

/// Runs both halves; the complaints name file, endpoint and reason.
pub(crate) fn run(folder: &Path) -> Result<String, Vec<String>> {
    if !folder.is_dir() {
        return Err(vec![format!(
            "{} is no folder; name the one that holds the recordings",
            folder.display()
        )]);
    }
    let mut complaints = Vec::new();
    let recorded = recordings::check(folder, &mut complaints);
    let simulated = simulators::check(folder, &mut complaints);
    if complaints.is_empty() { Ok(format!("{recorded}\n{simulated}")) } else { Err(complaints) }
}

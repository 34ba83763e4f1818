//! Files in which people wrote addresses, guests and cables down: `*.conf` and `*.env` as a shell would read them, tables of
//! `*.md`. docs/reference.md, "Declared files", is the whole of what is read; docs/sources/declared.md has examples.

mod collect;
mod environment;
mod guests;
mod literal;
mod markdown;
mod parsed;
mod port_map;
mod read;
#[cfg(test)]
mod tests;
mod value;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::{Build, BuildError, Connector, Kind, written};

/// The line of the catalog.
pub(crate) const KIND: Kind = Kind {
    name: "declared",
    interval: Duration::from_secs(10),
    keys: &["files"],
    build,
    simulator: None,
    conform: &[],
};

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Relative to the configuration's folder.
    files: Vec<PathBuf>,
}

/// How a file is read, by the end of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// `*.conf`, `*.env`
    Environment,
    /// `*.md`
    Markdown,
}

impl Format {
    fn of(name: &str) -> Option<Self> {
        // The end of the name, not Path::extension: a file named `.env` has none.
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "conf" | "env" => Some(Self::Environment),
            "md" => Some(Self::Markdown),
            _ => None,
        }
    }
}

fn build(build: Build<'_>) -> Result<Arc<dyn Connector>, BuildError> {
    let refused = |message: String| BuildError { key: Some("files".into()), message };
    let config: Config = written::source(build.table, "a source of kind declared needs files")?;
    if config.files.is_empty() {
        return Err(refused("no file is named: list at least one *.conf, *.env or *.md".to_owned()));
    }
    let mut files: Vec<collect::File> = Vec::new();
    for path in &config.files {
        let name = path.to_string_lossy().into_owned();
        let format = Format::of(&name)
            .ok_or_else(|| refused(format!("{name} is none of *.conf, *.env, *.md: nothing else is read")))?;
        if files.iter().any(|file| file.name == name) {
            return Err(refused(format!("{name} is listed twice")));
        }
        files.push(collect::File { name, path: build.folder.join(path), format });
    }
    Ok(Arc::new(collect::Declared::new(build.info, files)))
}

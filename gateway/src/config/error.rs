//! Why a configuration was refused: file, line, key, and what to do.

use std::fmt;
use std::path::PathBuf;

/// A configuration that cannot be used. `Display` is what the person at the keyboard needs, free of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Counted from 1; `None` where no line is at fault (an unreadable file, an environment variable).
    pub line: Option<usize>,
    /// What is wrong, and with which key.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n{help}"),
            None => Ok(()),
        }
    }
}

//! Why a configuration was refused: file and line or variable, key, and what to do.

use std::fmt;
use std::path::PathBuf;

/// A configuration that cannot be used. `Display` is what the person at the keyboard needs, free of secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file, as it was named.
    pub file: PathBuf,
    /// Where it, or what lies over it, is at fault.
    pub place: Place,
    /// What is wrong, and with which key.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

/// Where a configuration says something.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// No line is at fault: an unreadable file, a key that is missing.
    #[default]
    File,
    /// A line of the file, counted from 1.
    Line(usize),
    /// A variable of the environment, which lies over the file.
    Variable(String),
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::File => write!(f, "{}", self.file.display())?,
            Place::Line(line) => write!(f, "{}:{line}", self.file.display())?,
            Place::Variable(name) => write!(f, "the environment variable {name}")?,
        }
        write!(f, ": {}", self.message)?;
        match &self.help {
            Some(help) => write!(f, "\n{help}"),
            None => Ok(()),
        }
    }
}

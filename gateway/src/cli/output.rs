//! What a person at a terminal sees: results on stdout, errors and progress on stderr.

use std::io::{IsTerminal as _, Write as _};

use serde_json::json;

use crate::logging::{self, LogForm};

/// Why a command failed: one line of what is wrong and one of what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong.
    pub wrong: String,
    /// What to do about it.
    pub advice: String,
}

impl Failure {
    /// From its two lines.
    pub fn new(wrong: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { wrong: wrong.into(), advice: advice.into() }
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        let advice = error
            .help
            .clone()
            .unwrap_or_else(|| "docs/reference.md, Configuration, has every key".to_owned());
        Self { wrong: crate::config::ConfigError { help: None, ..error }.to_string(), advice }
    }
}

impl From<crate::app::StartError> for Failure {
    fn from(error: crate::app::StartError) -> Self {
        match error {
            crate::app::StartError::Config(error) => error.into(),
            other => Self::new(other.to_string(), other.advice()),
        }
    }
}

/// Both lines of a failure, to stderr; with `--log json` one object, of the form of the log's own.
pub(super) fn error(failure: &Failure) {
    let Failure { wrong, advice } = failure;
    let text = match logging::form() {
        LogForm::Text => format!("fleetgraph: {wrong}\n  {advice}"),
        LogForm::Json => {
            let at = resolvers::date_time(crate::clock::system()()).to_string();
            let line = json!({ "timestamp": at, "level": "ERROR", "message": wrong, "advice": advice });
            line.to_string()
        }
    };
    // Where stderr is closed nobody is left to tell.
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// A result, to stdout; fails where it cannot be written whole (a full disk behind a redirection).
pub(super) fn result(text: &str) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(|error| {
        Failure::new(format!("cannot write the result: {error}"), "is the disk full, or the pipe closed?")
    })
}

/// A line of progress, to stderr, where a person watches.
pub(super) fn progress(text: &str) {
    let mut stderr = std::io::stderr().lock();
    if stderr.is_terminal() {
        let _ = writeln!(stderr, "{text}");
    }
}

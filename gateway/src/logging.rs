//! Log lines: to stderr, for people or as JSON, at `info` unless `RUST_LOG` says otherwise. docs/logging.md has the fields.

use std::io::IsTerminal as _;
use std::sync::OnceLock;

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogForm {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

static FORM: OnceLock<LogForm> = OnceLock::new();

/// Starts logging; a second call in one process (a test) changes nothing.
pub(crate) fn start(form: LogForm) {
    let filter = EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| EnvFilter::new("info,sqlx::postgres::notice=warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let started = match form {
        LogForm::Text => lines.with_target(false).finish().try_init(),
        LogForm::Json => lines.json().flatten_event(true).finish().try_init(),
    };
    drop(started);
    let _ = FORM.set(form);
}

/// How the lines of this process are written.
pub(crate) fn form() -> LogForm {
    FORM.get().copied().unwrap_or(LogForm::Text)
}

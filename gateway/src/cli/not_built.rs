//! Commands that are promised and not built yet: they say so instead of being unknown.

use clap::Subcommand;

use super::Failure;

/// The names that later releases give a meaning to.
#[derive(Subcommand)]
pub(super) enum Command {
    /// Not built yet: an operator's signature over a job.
    #[command(disable_help_flag = true)]
    Sign(Anything),
    /// Not built yet: checks the audit chain.
    #[command(disable_help_flag = true)]
    Audit(Anything),
    /// Not built yet: the store of persisted operations.
    #[command(disable_help_flag = true)]
    Operations(Anything),
}

#[derive(clap::Args)]
pub(super) struct Anything {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<String>,
}

impl Command {
    pub(super) fn refuse(&self) -> Failure {
        let name = match self {
            Self::Sign(_) => "sign",
            Self::Audit(_) => "audit",
            Self::Operations(_) => "operations",
        };
        Failure::new(
            format!("`fleetgraph {name}` is not built yet"),
            "CHANGELOG.md tells what this release can do; docs/reference.md what is to come",
        )
    }
}

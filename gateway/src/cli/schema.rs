//! `fleetgraph schema`: the SDL, to stdout.

use std::process::ExitCode;

use super::{Failure, output};

/// Prints the GraphQL schema.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  fleetgraph schema > schema.graphql")]
pub(super) struct Arguments {}

pub(super) fn run() -> Result<ExitCode, Failure> {
    output::result(&resolvers::sdl())?;
    Ok(ExitCode::SUCCESS)
}

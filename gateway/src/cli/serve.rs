//! `fleetgraph serve`: the gateway, until it is told to stop.

use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;

use super::{Failure, output};
use crate::app::Gateway;
use crate::config::{Config, Environment};
use crate::shutdown;

/// Runs the gateway.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  fleetgraph serve --config /etc/fleetgraph/fleetgraph.toml\n\n\
    Authentication is not built yet: the gateway listens on loopback addresses only.")]
pub(super) struct Arguments {
    /// The configuration (docs/reference.md, Configuration).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

pub(super) async fn run(arguments: &Arguments, environment: Environment) -> Result<ExitCode, Failure> {
    let config = Config::load(&arguments.config, &environment)?;
    output::progress("starting the database");
    let mut stop = pin!(shutdown::requested());
    let starting = Gateway::start(&config, &arguments.config, &environment, crate::clock::system());
    let Some(started) = shutdown::or_started(stop.as_mut(), starting, Gateway::stop).await else {
        return Ok(ExitCode::SUCCESS);
    };
    let gateway = started?;
    tracing::info!(address = %gateway.address(), sources = config.sources.len(), "serving GraphQL");
    tracing::warn!(
        "authentication is not built yet: whoever reaches this loopback address may read everything"
    );
    stop.await;
    gateway.stop().await;
    Ok(ExitCode::SUCCESS)
}

//! `fleetgraph serve`: the gateway, until it is told to stop.

use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;

use super::{Failure, output};
use crate::app::{Gateway, StartError};
use crate::config::{Config, Environment};
use crate::shutdown;

/// Runs the gateway.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  fleetgraph serve --config /etc/fleetgraph/fleetgraph.toml\n\n\
    It needs [auth], and listens on loopback addresses: put a TLS proxy in front, and its name into server.hosts.")]
pub(super) struct Arguments {
    /// The configuration (docs/reference.md, Configuration).
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

pub(super) async fn run(arguments: &Arguments, environment: Environment) -> Result<ExitCode, Failure> {
    let config = Config::load(&arguments.config, &environment)?;
    // Before anything is opened or written.
    let auth = config.auth.as_ref().ok_or(StartError::NoAuth)?;
    if crate::demo::is_demo(&auth.issuer) {
        return Err(StartError::DemoIssuer.into());
    }
    crate::descriptors::raise_limit();
    output::progress("starting the database");
    let mut stop = pin!(shutdown::requested());
    let starting = Gateway::start(&config, &arguments.config, &environment, crate::clock::system());
    let Some(started) = shutdown::or_started(stop.as_mut(), starting, Gateway::stop).await else {
        return Ok(ExitCode::SUCCESS);
    };
    let gateway = started?;
    tracing::info!(address = %gateway.address(), sources = config.sources.len(), "serving GraphQL");
    stop.await;
    gateway.stop().await;
    Ok(ExitCode::SUCCESS)
}

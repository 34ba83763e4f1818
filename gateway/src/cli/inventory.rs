//! `fleetgraph inventory export`: one collection, as two files.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Subcommand;
use connectors::poll::collect_once;
use resolvers::Access;
use resolvers::RequestContext;
use schema::view::{Inputs, join};

use super::{Failure, output};
use crate::app;
use crate::config::{Config, Environment};
use crate::export::{ExportError, export};

/// Two running guests hold one address that nobody declared to be shared.
const DUPLICATES: u8 = 2;

/// Exports what one collection of the fleet finds.
#[derive(clap::Args)]
#[command(
    after_help = "Example:\n  fleetgraph inventory export --config fleetgraph.toml --out /srv/inventory"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Collects once and writes live_inventory.json and drift.json.
    #[command(
        after_help = "Example:\n  fleetgraph inventory export --config fleetgraph.toml --out /srv/inventory\n\n\
        Exit status: 0 done (a source that cannot be reached is an error in drift.json); 2 two running guests hold one\n\
        address that is not declared VIP or ANYCAST; 1 nothing was exported."
    )]
    Export {
        /// The configuration (docs/reference.md, Configuration).
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The folder to write into; made where it is missing.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
}

pub(super) async fn run(arguments: &Arguments, environment: Environment) -> Result<ExitCode, Failure> {
    let Command::Export { config: file, out } = &arguments.command;
    let clock = crate::clock::system();
    let config = Config::load(file, &environment)?;
    std::fs::create_dir_all(out).map_err(|error| {
        Failure::new(format!("cannot make {}: {error}", out.display()), "name another folder with --out")
    })?;
    let database = app::open_database(&config, &environment).await?;
    // What people decided by hand holds here as it does in the gateway; drift.json tells what is found, known or not.
    let decided = app::decisions(&database).await;
    let decided = decided.map_err(|error| app::StartError::Remember(store::trouble_of(&error)))?;
    let sources = app::build(&config.sources, file, &environment, Some(&database))?;
    output::progress(&format!("collecting {} sources", sources.len()));
    let held = collect_once(&sources, &clock).await;
    for failure in held.iter().filter_map(|held| Some((&held.info.name, held.failure.as_ref()?))) {
        output::progress(&format!("{} failed: {}", failure.0, failure.1.message));
    }
    let view = join(&Inputs { sources: held, overrides: decided.overrides });
    let context = RequestContext::new(Arc::new(view), Arc::new([]), clock(), Access::unlimited());
    output::progress(&format!("writing to {}", out.display()));
    let exported = export(context, out).await?;
    database.close().await;
    match exported.duplicate_addresses {
        0 => Ok(ExitCode::SUCCESS),
        count => {
            output::error(&Failure::new(
                format!("{count} addresses are held by two running guests each"),
                "duplicate_ips in drift.json names them; declare an address VIP or ANYCAST where that is meant",
            ));
            Ok(ExitCode::from(DUPLICATES))
        }
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        let advice = match &error {
            ExportError::Write { .. } => "is the disk full, or the folder not ours? nothing was half-written",
            ExportError::Query(_) => "this is a fault of ours: please report it",
        };
        Self::new(error.to_string(), advice)
    }
}

//! The commands: what each takes, and how each ends (0 done, 1 failed at run time, 2 by `inventory export`, 64 wrong usage).

mod check_config;
mod demo;
mod inventory;
mod not_built;
mod output;
mod policy;
mod schema;
mod serve;
mod simulate;
mod token;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Environment;
use crate::logging::{self, LogForm};
use crate::shutdown;
pub use output::Failure;

/// Wrong usage, as sysexits.h has it.
const USAGE: u8 = 64;

#[derive(Parser)]
#[command(
    name = "fleetgraph",
    version,
    about = "What stands behind a public name, all the way down to the switch port, and how sure are we?",
    after_help = "Example:\n  fleetgraph demo\n  fleetgraph serve --config /etc/fleetgraph/fleetgraph.toml\n\nConfiguration, HTTP and permissions: docs/reference.md"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// How log lines are written, to stderr.
    #[arg(long, global = true, value_enum, default_value_t = LogForm::Text)]
    log: LogForm,
}

/// How large a simulated fleet can be.
fn guests() -> clap::builder::RangedI64ValueParser<u32> {
    let (least, most) = connectors::world::GUESTS.into_inner();
    clap::value_parser!(u32).range(i64::from(least)..=i64::from(most))
}

#[derive(Subcommand)]
enum Command {
    /// Runs the gateway.
    Serve(serve::Arguments),
    /// Runs the gateway on a simulated fleet, everything embedded.
    Demo(demo::Arguments),
    /// Runs only the simulated upstreams, as real HTTP servers.
    Simulate(simulate::Arguments),
    /// Reads the configuration and tries every source once.
    CheckConfig(check_config::Arguments),
    /// Prints the GraphQL schema.
    Schema(schema::Arguments),
    /// Exports what one collection of the fleet finds.
    Inventory(inventory::Arguments),
    /// Validates policies, says why somebody may or may not, prints who may what.
    Policy(policy::Arguments),
    /// Gets a token of a running demo.
    Token(token::Arguments),
    #[command(flatten)]
    NotBuilt(not_built::Command),
}

/// Runs the program and says how it ended.
pub fn main(
    arguments: impl IntoIterator<Item = OsString>,
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // To stdout for --help and --version, else to stderr; a closed pipe is the reader's business.
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS };
        }
    };
    logging::start(arguments.log);
    // A variable that is no text is none of ours: whoever needs it is told that it is not set.
    let variables =
        variables.filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    match run(arguments.command, Environment::new(variables)) {
        Ok(code) => code,
        Err(failure) => {
            output::error(&failure);
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command, environment: Environment) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(arguments) => runtime()?.block_on(serve::run(&arguments, environment)),
        Command::Demo(arguments) => runtime()?.block_on(demo::run(&arguments)),
        Command::Simulate(arguments) => runtime()?.block_on(simulate::run(&arguments)),
        Command::CheckConfig(arguments) => {
            runtime()?.block_on(whole(check_config::run(&arguments, environment)))
        }
        Command::Schema(_) => schema::run(),
        Command::Inventory(arguments) => runtime()?.block_on(whole(inventory::run(&arguments, environment))),
        Command::Policy(arguments) => policy::run(&arguments, &environment),
        Command::Token(arguments) => runtime()?.block_on(token::run(&arguments)),
        Command::NotBuilt(command) => Err(command.refuse()),
    }
}

/// A command that ends by itself, unless it is interrupted: then what it holds, a private database too, is let go.
async fn whole(command: impl Future<Output = Result<ExitCode, Failure>>) -> Result<ExitCode, Failure> {
    tokio::select! {
        ended = command => ended,
        () = shutdown::requested() => Err(Failure::new("interrupted before it was done", "run it again: nothing was half-written")),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| {
        Failure::new(format!("cannot start: {error}"), "is the machine out of threads or memory?")
    })
}

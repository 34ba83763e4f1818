//! `cargo xtask`: the commands of those who work on fleetgraph.

mod bench;
mod codegen;
mod conform;
mod tidy;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Commands for those who work on fleetgraph")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Writes what is made from the code and checked in: the SDL.
    Codegen {
        /// Complain of a difference instead.
        #[arg(long)]
        check: bool,
    },
    /// Holds the house rules that no lint can hold: who may depend on whom, how a file begins, how long it may be.
    Tidy,
    /// Runs the benchmarks and writes docs/benchmarks.md.
    Bench {
        /// Which; there is one so far.
        #[arg(value_parser = ["join"])]
        what: String,
    },
    /// Parses recorded answers of real systems, and checks the simulators against official schemas.
    #[command(after_help = "Example:\n  cargo xtask conform ~/recordings")]
    Conform {
        /// The folder that holds both; xtask/src/conform/manifest.rs says what lies where.
        folder: std::path::PathBuf,
    },
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command's output is its purpose")]
fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Tidy => tidy::run(&repository()),
        Command::Codegen { check } => codegen::run(&repository(), check),
        Command::Bench { .. } => bench::run(&repository()),
        Command::Conform { folder } => conform::run(&folder),
    };
    match outcome {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(complaints) => {
            for complaint in complaints {
                eprintln!("{complaint}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The root of the repository: the folder above this package.
fn repository() -> std::path::PathBuf {
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own).to_path_buf()
}

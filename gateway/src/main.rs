//! `fleetgraph`: reads its arguments and does what they say. Everything else is in the library.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    fleetgraph::cli::main(std::env::args_os(), std::env::vars_os())
}

//! `fleetgraph-agent`: the host agent. Not built yet, and says so.

use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Where stderr is closed nobody is left to tell.
    let _ = writeln!(
        std::io::stderr(),
        "fleetgraph-agent: the host agent is not built yet\n  \
         CHANGELOG.md tells what this release can do; docs/reference.md what is to come"
    );
    ExitCode::FAILURE
}

//! `fleetgraph simulate`: the simulated upstreams alone.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use connectors::world::{Spec, World};

use super::{Failure, output};
use crate::shutdown;
use crate::simulate::Simulation;

/// Runs only the simulated upstreams (Proxmox VE, UniFi, NPM, Stripe), as real HTTP servers, one port each.
#[derive(clap::Args)]
#[command(after_help = "Example:\n  fleetgraph simulate --guests 500 --listen 127.0.0.1:9000\n  \
    curl -X POST 127.0.0.1:9000/faults -d '{\"upstream\":\"edge\",\"fault\":\"down\"}'\n  \
    curl -X DELETE 127.0.0.1:9000/faults")]
pub(super) struct Arguments {
    /// The control address (POST /faults, GET /world); the upstreams are on the ports above it.
    #[arg(long)]
    listen: SocketAddr,
    /// The same seed makes the same world.
    #[arg(long, conflicts_with = "spec")]
    seed: Option<u64>,
    /// How many guests there are.
    #[arg(long, value_parser = super::guests())]
    guests: Option<u32>,
    /// A TOML file that says what world to make.
    #[arg(long)]
    spec: Option<PathBuf>,
}

pub(super) async fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    if !arguments.listen.ip().is_loopback() {
        return Err(Failure::new(
            format!(
                "{} is not a loopback address: simulated upstreams have well-known secrets",
                arguments.listen
            ),
            "use --listen 127.0.0.1:9000",
        ));
    }
    let clock = crate::clock::system();
    let world = World::generate(&spec(arguments)?)
        .map_err(|error| Failure::new(error.to_string(), "fleetgraph simulate --help has an example"))?;
    let simulation = Simulation::start(world, arguments.listen, clock)
        .await
        .map_err(|error| Failure::new(error.to_string(), "fleetgraph simulate --help has an example"))?;
    output::result(&description(&simulation))?;
    shutdown::requested().await;
    Ok(ExitCode::SUCCESS)
}

/// The world that the arguments ask for.
fn spec(arguments: &Arguments) -> Result<Spec, Failure> {
    let mut spec = match &arguments.spec {
        Some(file) => {
            let text = std::fs::read_to_string(file).map_err(|error| {
                Failure::new(
                    format!("{} cannot be read: {error}", file.display()),
                    "name a TOML file with --spec",
                )
            })?;
            Spec::from_toml(&text).map_err(|error| {
                Failure::new(format!("{}: {error}", file.display()), "docs/simulator.md has the keys")
            })?
        }
        None => Spec::default(),
    };
    spec.seed = arguments.seed.unwrap_or(spec.seed);
    spec.guests = arguments.guests.unwrap_or(spec.guests);
    Ok(spec)
}

fn description(simulation: &Simulation) -> String {
    let mut text = simulation.configuration(None);
    for (name, value) in simulation.environment() {
        // Writing to a String cannot fail. These secrets are generated and open loopback servers only.
        let _ = writeln!(text, "# export {name}='{value}'");
    }
    let _ = writeln!(text, "# control: http://{}  (GET /world, POST /faults)", simulation.control);
    text
}

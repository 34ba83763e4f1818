//! The demo: a simulated fleet and a gateway on it, everything embedded, nothing left behind.

mod folder;
mod issuer;
mod plan;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use connectors::world::{Spec, World};
pub use issuer::{AUDIENCE, CLIENT, Issuer, IssuerKey, IssuerStartError, LIFE, SECRET, is_demo};
use store::ipam::AddressPlan;

use self::folder::DemoFolder;
use crate::app::{Gateway, Known, StartError};
use crate::clock::Clock;
use crate::config::{Config, ConfigError, Environment};
use crate::simulate::faults::{Effect, Fault};
use crate::simulate::{SimulateError, Simulation};

/// How often the demo collects: quick enough that a person sees it happen.
const INTERVAL: &str = "5s";

/// How long the demo waits for its own upstreams before it says that it runs.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running demo. Its folder goes with it.
pub struct Demo {
    /// The gateway.
    pub gateway: Gateway,
    /// The upstreams.
    pub simulation: Simulation,
    /// Whoever makes its tokens.
    pub issuer: Issuer,
    /// The source that was switched off on purpose.
    pub broken: String,
    folder: DemoFolder,
}

/// Why a demo did not start.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// No world of that size.
    #[error("the simulated fleet: {0}")]
    World(connectors::world::SpecError),
    /// No servers for it.
    #[error(transparent)]
    Simulate(SimulateError),
    /// Nobody to make tokens.
    #[error(transparent)]
    Issuer(IssuerStartError),
    /// No folder for the data.
    #[error("cannot make a folder for the demo's data: {0}")]
    Folder(std::io::Error),
    /// Its own configuration was refused: a fault of ours.
    #[error("the demo's own configuration: {0}")]
    Config(ConfigError),
    /// No gateway.
    #[error(transparent)]
    Start(StartError),
    /// No address plan in the database.
    #[error("cannot write the demo's address plan: {0}")]
    Plan(store::Trouble),
}

impl Demo {
    /// Starts the upstreams on free ports, then the gateway on `listen`.
    pub async fn start(spec: &Spec, listen: SocketAddr, clock: Clock) -> Result<Self, DemoError> {
        let world = World::generate(spec).map_err(DemoError::World)?;
        let folder = tokio::task::spawn_blocking(|| DemoFolder::make(&std::env::temp_dir()))
            .await
            .map_err(std::io::Error::other)
            .flatten()
            .map_err(DemoError::Folder)?;
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        let plan = address_plan(&world);
        let broken =
            world.networks.last().map(|network| network.controller.source.clone()).unwrap_or_default();
        let simulation = Simulation::start(world, free, clock.clone()).await.map_err(DemoError::Simulate)?;
        let environment = Environment::new(simulation.environment().into_iter());
        let issuer = Issuer::start(free, clock.clone()).map_err(DemoError::Issuer)?;
        let file = configure(&simulation, folder.path(), listen, INTERVAL, issuer.url())
            .map_err(DemoError::Folder)?;
        let config = Config::load(&file, &environment).map_err(DemoError::Config)?;
        let database = crate::app::open_database(&config, &environment).await.map_err(DemoError::Start)?;
        store::ipam::seed(&database, &plan)
            .await
            .map_err(|error| DemoError::Plan(store::trouble_of(&error)))?;
        let gateway = Gateway::start_on(&config, &file, &environment, database, clock)
            .await
            .map_err(DemoError::Start)?;
        let demo = Self { gateway, simulation, issuer, broken, folder };
        if tokio::time::timeout(PATIENCE, demo.break_something(&demo.broken)).await.is_err() {
            tracing::warn!(
                "some simulated upstream has not answered yet; sources {{ name state }} tells which"
            );
        }
        Ok(demo)
    }

    /// Once everything was collected, one upstream is switched off, and stays off: so that a newcomer sees what a source
    /// looks like that does not answer, and that it hides nothing else.
    async fn break_something(&self, source: &str) {
        let mut known = self.gateway.fleet().watch();
        let all_answered = |known: &Known| {
            let mut sources = known.view.sources().map(|source| known.view.held(source));
            sources.all(|held| held.snapshot.is_some() || held.failure.is_some())
        };
        let has_failed = |known: &Known| {
            known.view.source_named(source).is_none_or(|source| known.view.held(source).failure.is_some())
        };
        // The channel closes with the gateway only, which we hold.
        let _ = known.wait_for(|known| all_answered(known)).await;
        let servers = self.simulation.servers.iter().filter(|server| server.upstream.source == source);
        let down = |server: &crate::simulate::Server| Fault {
            upstream: Some(server.upstream.name.clone()),
            path: None,
            effect: Effect::Down,
        };
        self.simulation.set_faults(servers.map(down).collect());
        let _ = known.wait_for(|known| has_failed(known)).await;
    }

    /// Where its files are while it runs.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Stops everything, in order; the folder is gone afterwards.
    pub async fn stop(self) {
        self.gateway.stop().await;
        drop(self.simulation);
        if let Err(error) = self.folder.close() {
            tracing::warn!(%error, "the demo's folder could not be removed");
        }
    }
}

/// Writes what a person would have written for a simulated fleet into `folder`: the declared files, and the configuration
/// of a gateway that keeps its data there too. Returns the configuration's path.
pub fn configure(
    simulation: &Simulation,
    folder: &Path,
    listen: SocketAddr,
    interval: &str,
    issuer: &str,
) -> std::io::Result<PathBuf> {
    let world = simulation.world();
    let files = write_files(folder, &world)?;
    let network = world.networks.first().map_or("default", |network| network.name.as_str());
    let file = folder.join("fleetgraph.toml");
    std::fs::write(
        &file,
        configuration(simulation, folder, listen, interval, &files, network) + &authentication(issuer),
    )?;
    Ok(file)
}

/// The address plan that belongs into the database of such a gateway.
pub fn address_plan(world: &World) -> AddressPlan {
    plan::of(world)
}

fn write_files(folder: &Path, world: &World) -> std::io::Result<Vec<PathBuf>> {
    let write = |(name, content): (String, String)| {
        let path = folder.join(name);
        std::fs::write(&path, content)?;
        Ok(path)
    };
    world.declared_files().into_iter().map(write).collect()
}

/// What such a file says of the demo's issuer: its tokens live long, and a second factor proven with them does not wear off.
pub fn authentication(issuer: &str) -> String {
    format!(
        "\n[auth]\nissuer = \"{issuer}\"\naudience = [\"{AUDIENCE}\"]\nclient_id = \"{AUDIENCE}\"\n\
         logout_audience = [\"{CLIENT}\"]\nmfa = {{ acr = [\"2\"], amr = [\"otp\"] }}\nmax_token_life = \"{}h\"\n",
        LIFE / 3600,
    )
}

/// The file that a person would have written for this fleet.
fn configuration(
    simulation: &Simulation,
    folder: &Path,
    listen: SocketAddr,
    interval: &str,
    files: &[PathBuf],
    network: &str,
) -> String {
    let files: Vec<String> = files.iter().map(|path| format!("{:?}", path.display().to_string())).collect();
    format!(
        "data_dir = {:?}\n\n[server]\nlisten = \"{listen}\"\n\n{}[[source]]\nname = \"ipam\"\nkind = \"ipam\"\n\
         network = \"{network}\"\ninterval = \"{interval}\"\n\n[[source]]\nname = \"declared\"\nkind = \"declared\"\n\
         network = \"{network}\"\ninterval = \"{interval}\"\nfiles = [{}]\n",
        folder::data(folder).display().to_string(),
        simulation.configuration(Some(interval)),
        files.join(", "),
    )
}

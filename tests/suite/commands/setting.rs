//! A folder with a configuration in it, and what a gateway there is told.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use connectors::world::{Spec, World};
use fleetgraph::demo::Issuer;
use fleetgraph::simulate::Simulation;
use secrecy::ExposeSecret as _;
use store::testing::TestDatabase;
use tempfile::TempDir;

use crate::kit::gateway::FREE;
use crate::kit::program::{Ended, fleetgraph};

/// A throw-away folder that every user may enter, as /var/lib is: where root's only way is to run PostgreSQL as somebody
/// else.
pub(super) fn folder() -> TempDir {
    let permissions = Permissions::from_mode(0o755);
    tempfile::Builder::new().prefix("fleetgraph-test-").permissions(permissions).tempdir().expect("a folder")
}

/// A simulated fleet, and a folder in which the program is configured for it.
pub(super) struct Setting {
    pub(super) folder: TempDir,
    pub(super) simulation: Simulation,
    pub(super) issuer: Issuer,
    pub(super) file: PathBuf,
    pub(super) database: Option<TestDatabase>,
}

impl Setting {
    /// With a private database in the folder.
    pub(super) async fn private() -> Self {
        let world = World::generate(&Spec { guests: 80, ..Spec::default() }).expect("within bounds");
        let simulation =
            Simulation::start(world, FREE, fleetgraph::clock::system()).await.expect("free ports");
        let folder = folder();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let issuer = Issuer::start_as("tests", FREE, fleetgraph::clock::system()).expect("a free port");
        let file = fleetgraph::demo::configure(&simulation, folder.path(), listen, "5s", issuer.url())
            .expect("room for files");
        Self { folder, simulation, issuer, file, database: None }
    }

    /// With a database of its own on the tests' server, the address plan in it.
    pub(super) async fn shared() -> Self {
        let mut setting = Self::private().await;
        let database = TestDatabase::create().await;
        let plan = fleetgraph::demo::address_plan(&setting.simulation.world());
        store::ipam::seed(database.database(), &plan).await.expect("the world's plan fits the tables");
        setting.change(|text| {
            text.replacen("[server]", "[database]\nurl = { env = \"TEST_DATABASE\" }\n\n[server]", 1)
        });
        setting.database = Some(database);
        setting
    }

    /// A token of an administrator.
    pub(super) fn token(&self) -> String {
        self.issuer.token("test-administrator", &["sankofa-it-admin"], true)
    }

    /// Rewrites the configuration.
    pub(super) fn change(&self, change: impl FnOnce(String) -> String) {
        let text = fs::read_to_string(&self.file).expect("it was written");
        fs::write(&self.file, change(text)).expect("room for it");
    }

    /// The folder of the private database.
    pub(super) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The program in this folder, with the secrets that the configuration names.
    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = fleetgraph(self.folder.path(), arguments.iter().copied());
        self.equip(&mut command);
        command
    }

    /// Adds the secrets that the configuration names.
    pub(super) fn equip(&self, command: &mut Command) {
        command.envs(self.simulation.environment());
        if let Some(database) = &self.database {
            command.env("TEST_DATABASE", database.url().expose_secret());
        }
    }

    /// Runs it to its end.
    pub(super) async fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments)).await
    }
}

/// An `[auth]` whose issuer is never asked: what it stands in fails before.
pub(super) fn auth() -> String {
    fleetgraph::demo::authentication("http://127.0.0.1:1/realms/none")
}

/// Runs a program to its end, while the simulated fleet goes on answering.
pub(super) async fn ended(mut command: Command) -> Ended {
    tokio::task::spawn_blocking(move || Ended::of(&mut command)).await.expect("no panic")
}

/// The names of what is in a folder.
pub(super) fn listing(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

//! A simulated fleet and the sources that read it, collected when a test says so.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use connectors::poll::{Polled, Poller};
use connectors::world::{Spec, World};
use fleetgraph::config::{Config, Environment};
use fleetgraph::simulate::Simulation;
use schema::Held;

use super::clock::TestClock;

/// The smallest world that has every awkward case in it.
pub(crate) fn small_world() -> World {
    World::generate(&Spec { guests: 80, ..Spec::default() }).expect("a world of this size")
}

/// Simulated upstreams, and every source that reads them, collected by hand only.
pub(crate) struct Fleet {
    pub(crate) simulation: Simulation,
    pub(crate) clock: TestClock,
    pub(crate) poller: Poller,
    /// The simulated secrets, which must show nowhere.
    pub(crate) secrets: Vec<String>,
}

impl Fleet {
    /// Starts the servers of a small world and collects everything once.
    pub(crate) async fn start() -> Self {
        let world = small_world();
        let clock = TestClock::at(world.epoch);
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        let simulation = Simulation::start(world, free, clock.clock()).await.expect("free ports");
        let (sources, secrets) = sources(&simulation, |_| {});
        let poller = Poller::start(sources, &clock.clock(), 1);
        let fleet = Self { simulation, clock, poller, secrets };
        fleet.wait_for_all().await;
        fleet
    }

    async fn wait_for_all(&self) {
        let mut news = self.poller.changes();
        while self.poller.held().iter().any(|held| held.last_attempt.is_none()) {
            news.changed().await.expect("the poller lives");
        }
        for held in self.poller.held() {
            assert!(held.failure.is_none(), "{}: {:?}", held.info.name, held.failure);
        }
    }

    /// The sources' names of one kind.
    pub(crate) fn names_of(&self, kind: &str) -> Vec<String> {
        let held = self.poller.held();
        held.iter().filter(|held| &*held.info.kind == kind).map(|held| held.info.name.to_string()).collect()
    }

    /// Collects one source now, ten minutes after the last time.
    pub(crate) async fn collect(&self, source: &str) -> Held {
        self.clock.advance(Duration::from_mins(10));
        self.poller.refresh(source).await.expect("the source is configured").held
    }

    /// How one source stands.
    pub(crate) fn held(&self, source: &str) -> Held {
        let held = self.poller.held().into_iter().find(|held| &*held.info.name == source);
        held.expect("the source is configured")
    }
}

/// The sources of a simulation, each as `change` leaves its configuration, and the secrets they are given. They collect
/// when they are told to, and give up on a call after a second.
pub(crate) fn sources(
    simulation: &Simulation,
    change: impl Fn(&mut toml::Table),
) -> (Vec<Polled>, Vec<String>) {
    let environment = Environment::new(simulation.environment().into_iter());
    let mut text: toml::Table =
        simulation.configuration(Some("24h")).parse().expect("what it prints is TOML");
    let tables = text.get_mut("source").and_then(toml::Value::as_array_mut).expect("it has sources");
    for table in tables.iter_mut().filter_map(toml::Value::as_table_mut) {
        table.insert("timeout".into(), "1s".into());
        table.insert("collect_timeout".into(), "20s".into());
        table.insert("max_answer".into(), "2MiB".into());
        change(table);
    }
    let file = Path::new("simulated.toml");
    let config =
        Config::parse(file, &text.to_string(), &environment).expect("what it prints is a configuration");
    let sources = fleetgraph::app::build(&config.sources, file, &environment, None).expect("sources");
    (sources, simulation.environment().into_iter().map(|(_, secret)| secret).collect())
}

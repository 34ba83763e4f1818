//! What collecting costs: 15,000 guests in 5 clusters for the first time, from simulated upstreams that take 5 ms for each
//! answer; then the calls a minute once everything is known.
//!
//! `cargo bench -p tests --bench collect` prints the figures, one a line: name, value, unit.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use connectors::poll::Poller;
use connectors::world::{Spec, World};
use fleetgraph::config::{Config, Environment};
use fleetgraph::simulate::Simulation;
use fleetgraph::simulate::faults::{Effect, Fault};
use tokio::time::Instant;

/// How long the calls are counted afterwards.
const AFTERWARDS: Duration = Duration::from_mins(1);

#[tokio::main]
#[expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]
async fn main() {
    let spec = Spec { guests: 15_000, clusters: Some(5), ..Spec::default() };
    let world = World::generate(&spec).expect("a world of this size");
    let clock = fleetgraph::clock::system();
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let simulation = Simulation::start(world, free, clock.clone()).await.expect("free ports");
    let latency = Effect::Latency { milliseconds: 5 };
    simulation.set_faults(vec![Fault { upstream: None, path: None, effect: latency }]);
    let environment = Environment::new(simulation.environment().into_iter());
    let file = Path::new("simulated.toml");
    let config = Config::parse(file, &simulation.configuration(None), &environment).expect("a configuration");
    let sources = fleetgraph::app::build(&config.sources, file, &environment, None).expect("sources");

    let began = Instant::now();
    let poller = Poller::start(sources, &clock, 1);
    let mut news = poller.changes();
    while poller.held().iter().any(|held| held.last_attempt.is_none()) {
        news.changed().await.expect("the poller lives");
    }
    let took = began.elapsed();
    let held = poller.held();
    for failure in held.iter().filter_map(|held| held.failure.as_ref()) {
        println!("FAILED {failure:?}");
    }
    let guests: usize = held
        .iter()
        .filter_map(|held| held.snapshot.as_ref())
        .map(|snapshot| snapshot.facts.guests.len())
        .sum();
    let (first, (most, most_of_one)) = (simulation.calls(), simulation.most_at_once());
    tokio::time::sleep(AFTERWARDS).await;
    let afterwards = simulation.calls() - first;

    println!("guests\t{guests}\t");
    println!("first collection\t{:.2}\ts", took.as_secs_f64());
    println!("calls of the first collection\t{first}\t");
    println!("most calls at once\t{most}\t");
    println!("most calls at once of one source\t{most_of_one}\t");
    println!("calls in the minute afterwards\t{afterwards}\t");
}

//! TLS: a self-signed certificate is refused unless it is pinned, and a wrong pin is refused with the fingerprint found.

use std::net::SocketAddr;

use connectors::poll::collect_once;
use fleetgraph::simulate::Simulation;
use schema::source::ProblemCode;

use crate::kit::clock::TestClock;
use crate::kit::fleet::{small_world, sources};

/// Whoever is simulated over TLS; the others are reached over plain HTTP here, and share the client.
async fn check(tls: Option<toml::Value>, expected: Result<(), &str>) {
    let world = small_world();
    let clock = TestClock::at(world.epoch);
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let simulation = Simulation::start(world, free, clock.clock()).await.expect("free ports");
    let (sources, _) = sources(&simulation, |table| {
        if table.contains_key("tls") {
            table.remove("tls");
            if let Some(tls) = tls.clone() {
                table.insert("tls".into(), tls);
            }
        }
    });
    let over_tls = |name: &str| {
        simulation.servers.iter().any(|server| server.upstream.source == name && server.fingerprint.is_some())
    };
    let held = collect_once(&sources, &clock.clock()).await;
    let mut tested = 0;
    for held in held.iter().filter(|held| over_tls(&held.info.name)) {
        tested += 1;
        let failure = held.failure.as_ref();
        let failure = failure.unwrap_or_else(|| panic!("{}: it was not refused", held.info.name));
        assert_eq!(failure.code, ProblemCode::Tls, "{}: {failure:?}", held.info.name);
        if let Err(words) = expected {
            assert!(failure.message.contains(words), "{}: {failure:?}", held.info.name);
        }
    }
    assert!(tested > 1, "nobody is simulated over TLS, so nothing was tested");
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused() {
    check(None, Err("certificate")).await;
}

#[tokio::test]
async fn a_wrong_fingerprint_is_refused() {
    let wrong = format!("fingerprint = \"{}\"", ["AB"; 32].join(":"));
    let table: toml::Table = wrong.parse().expect("TOML");
    check(Some(toml::Value::Table(table)), Err("fingerprint")).await;
}

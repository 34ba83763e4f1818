//! TLS: a self-signed certificate is refused unless it is pinned, a wrong pin is refused with the fingerprint found, and the
//! right one is taken.

use std::net::SocketAddr;

use connectors::CATALOG;
use connectors::poll::collect_once;
use fleetgraph::simulate::Simulation;
use schema::source::ProblemCode;

use crate::kit::clock::TestClock;
use crate::kit::fleet::{small_world, sources};

/// How each source is told whom to trust.
#[derive(Clone, Copy)]
enum Trust<'a> {
    /// Not at all.
    Nobody,
    /// By this fingerprint.
    Print(&'a str),
    /// By the one that the simulation prints.
    Printed,
}

/// Every kind that is simulated, over TLS. `Ok`: it answers; else a part of the sentence.
async fn check(trust: Trust<'_>, expected: Result<(), &str>) {
    let world = small_world();
    let clock = TestClock::at(world.epoch);
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let simulation = Simulation::start_over_tls(world, free, clock.clock()).await.expect("free ports");
    let (sources, _) = sources(&simulation, |table| {
        let pin =
            |print: &str| toml::Value::Table(toml::Table::from_iter([("fingerprint".into(), print.into())]));
        match trust {
            Trust::Nobody => drop(table.remove("tls")),
            Trust::Print(print) => drop(table.insert("tls".into(), pin(print))),
            Trust::Printed => assert!(table.contains_key("tls"), "the simulation prints no fingerprint"),
        }
    });
    let held = collect_once(&sources, &clock.clock()).await;
    for kind in CATALOG.iter().filter(|kind| kind.simulator.is_some()) {
        let of_kind = || held.iter().filter(|held| &*held.info.kind == kind.name);
        assert!(of_kind().count() > 0, "no {} is simulated", kind.name);
        for held in of_kind() {
            let name = &held.info.name;
            match (expected, &held.failure) {
                (Ok(()), failure) => assert!(failure.is_none(), "{name}: {failure:?}"),
                (Err(_), None) => panic!("{name}: it was not refused"),
                (Err(words), Some(failure)) => {
                    assert_eq!(failure.code, ProblemCode::Tls, "{name}: {failure:?}");
                    assert!(failure.message.contains(words), "{name}: {failure:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_self_signed_certificate_is_refused() {
    check(Trust::Nobody, Err("signed by nobody we trust")).await;
}

#[tokio::test]
async fn a_wrong_fingerprint_is_refused() {
    let wrong = ["AB"; 32].join(":");
    check(Trust::Print(&wrong), Err("its fingerprint is ")).await;
}

#[tokio::test]
async fn the_right_fingerprint_is_taken() {
    check(Trust::Printed, Ok(())).await;
}

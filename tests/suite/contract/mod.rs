//! The contract that every source keeps (docs/design.md, "A source is a contract"): each kind of the catalog through each
//! fault. A cell is tested, or marked not applicable with its reason, in `table.rs`; `lists.rs` has what fails alone, and
//! `elsewhere.rs` the kinds that do not speak HTTP.
//!
//! Of every cell: the right code and sentence, the other sources untouched, the old facts kept, and no secret in any log
//! line, message or `Debug`. What happens to bytes on the wire (a connection that is cut before the answer, a length that is
//! announced and too large) is the business of the one HTTP client that all share; its own tests hold it to that.

mod elsewhere;
mod expected;
mod lists;
mod table;
mod tls;

use std::collections::BTreeMap;
use std::time::Duration;

use connectors::CATALOG;
use fleetgraph::simulate::faults::{Effect, Fault};
use schema::Held;

use crate::kit::fleet::Fleet;
use crate::kit::logs;
use expected::Expected;
use lists::LISTS;
use table::{Cell, FAULTS};

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_keeps_the_contract_through_every_fault() {
    let logs = logs::capture();
    let fleet = Fleet::start().await;
    for kind in CATALOG.iter().filter(|kind| kind.simulator.is_some()) {
        let source = fleet.names_of(kind.name).into_iter().next().expect("each kind is simulated");
        for (name, cell) in FAULTS {
            match cell(kind.name) {
                Cell::NotApplicable(reason) => assert!(!reason.is_empty(), "{name} on {}", kind.name),
                Cell::Tested(effect, expected) => {
                    let cell = format!("{name} on {}", kind.name);
                    check(&fleet, &cell, &source, (effect, None), &expected).await;
                }
            }
        }
    }
    shows_no_secret_in(logs, &fleet);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_fails_alone_is_never_taken_for_read() {
    let logs = logs::capture();
    let fleet = Fleet::start().await;
    for list in LISTS {
        let source = fleet.names_of(list.kind).into_iter().next().expect("each kind is simulated");
        for (name, effect, expected) in lists::faults(list) {
            let cell = format!("{name} of {} on {}", list.path, list.kind);
            check(&fleet, &cell, &source, (effect, Some(list.path)), &expected).await;
        }
    }
    shows_no_secret_in(logs, &fleet);
}

fn shows_no_secret_in(logs: &logs::Logs, fleet: &Fleet) {
    let text = logs.text();
    assert!(
        text.contains("connectors") || text.contains("hyper"),
        "nothing was captured, so nothing was tested"
    );
    for secret in secrets(fleet) {
        assert!(!text.contains(secret), "a log line shows a secret");
    }
}

/// One cell: the fault is switched on, the source collected, and the fault switched off again.
async fn check(
    fleet: &Fleet,
    cell: &str,
    source: &str,
    (effect, path): (Effect, Option<&str>),
    expected: &Expected,
) {
    let before = fleet.held(source);
    let others = others(fleet, source);
    let upstreams = fleet.simulation.servers.iter().filter(|server| server.upstream.source == source);
    let faults = upstreams.map(|server| Fault {
        upstream: Some(server.upstream.name.clone()),
        path: path.map(str::to_owned),
        effect: effect.clone(),
    });
    fleet.simulation.set_faults(faults.collect());
    let held = fleet.collect(source).await;
    expected.check(cell, fleet.clock.now(), &before, &held);
    shows_no_secret(fleet, cell, &held);
    for (name, collected_at) in others {
        let other = fleet.held(&name);
        assert!(other.failure.is_none(), "{cell}: {name} failed too: {:?}", other.failure);
        assert_eq!(other.collected_at(), collected_at, "{cell}: {name} changed");
    }
    fleet.simulation.set_faults(Vec::new());
    let again = recovered(fleet, cell, source).await;
    let (then, now) = (facts(&before), facts(&again));
    assert!(then > 0, "{cell}: there was nothing to lose");
    assert_eq!(then, now, "{cell}: facts were lost");
    assert!(again.collected_at() > before.collected_at(), "{cell}: what came afterwards is not new");
}

/// Collects until the source answers again: an upstream that asked to be left alone is, for as long as it said.
async fn recovered(fleet: &Fleet, cell: &str, source: &str) -> Held {
    let answers = async {
        loop {
            let held = fleet.collect(source).await;
            if held.failure.is_none() {
                return held;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let recovered = tokio::time::timeout(Duration::from_secs(20), answers).await;
    recovered.unwrap_or_else(|_| panic!("{cell}: it does not recover: {:?}", fleet.held(source).failure))
}

fn others(fleet: &Fleet, source: &str) -> BTreeMap<String, Option<schema::Timestamp>> {
    let held = fleet.poller.held();
    let others = held.iter().filter(|held| &*held.info.name != source);
    others.map(|held| (held.info.name.to_string(), held.collected_at())).collect()
}

/// How many objects a source asserts.
fn facts(held: &Held) -> usize {
    held.snapshot.as_ref().map_or(0, |snapshot| snapshot.facts.len())
}

/// The simulated secrets, and of one with a name in front (`user@realm!name=secret`) the part that is secret.
fn secrets(fleet: &Fleet) -> impl Iterator<Item = &str> {
    fleet.secrets.iter().map(|secret| secret.rsplit('=').next().unwrap_or(secret))
}

fn shows_no_secret(fleet: &Fleet, cell: &str, held: &Held) {
    let shown = format!("{held:?}");
    for secret in secrets(fleet) {
        assert!(!shown.contains(secret), "{cell}: a message shows a secret: {shown}");
    }
}

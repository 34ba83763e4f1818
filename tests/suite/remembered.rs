//! The memory of drift: what a restart finds of it that may list guests and ask none of them what it bears.

use connectors::world::Spec;
use fleetgraph::app::Known;
use fleetgraph::simulate::faults::{Effect, Fault};
use schema::drift::{
    Acknowledged, Acknowledgement, DriftKind, Finding, FindingKey, FindingState, Severity, Tracked,
};
use schema::{Held, Timestamp};
use store::testing::TestDatabase;

use crate::kit::gateway::{PATIENCE, Running};

/// Rests on every source, and is about nothing: it is resolved by the first look at all of them.
fn mark(known: &Known, at: Timestamp) -> Tracked {
    let finding = Finding {
        key: FindingKey { kind: DriftKind::OwnerConflict, subject: "nobody/1".into() },
        severity: Severity::Warning,
        about: None,
        names: Some(Vec::new()),
        declared: None,
        observed: None,
        message: "nobody is claimed by two".into(),
        sources: known.view.sources().map(|source| known.view.held(source).info.name.clone()).collect(),
        seen: at,
    };
    let state = FindingState::Open;
    Tracked { finding, first_seen: at, last_seen: at, state, acknowledged: None, resolved_at: None }
}

fn state(known: &Known, key: &FindingKey) -> Option<FindingState> {
    known.findings.iter().find(|one| one.finding.key == *key).map(|one| one.state)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_that_cannot_ask_the_guests_resolves_nothing() {
    let running = Running::start(&Spec { guests: 100, ..Spec::default() }, "24h").await;
    let mut known = running.gateway.fleet().watch();
    let shared = |one: &&Tracked| one.finding.key.kind == DriftKind::DuplicateGuestIp;
    let found = known.wait_for(|known| known.findings.iter().any(|one| shared(&one)));
    let before =
        tokio::time::timeout(PATIENCE, found).await.expect("drift in time").expect("it runs").clone();
    let at = (fleetgraph::clock::system())();
    let word = Acknowledged { by: "ada".into(), reason: "they are one".into(), until: None };
    let key = before.findings.iter().find(shared).expect("just found").finding.key.clone();
    // What is remembered is in a database that the first gateway does not write to.
    let test = TestDatabase::create().await;
    let database = test.database();
    let said = Acknowledgement { key: key.clone(), word: word.clone(), at };
    store::drift::acknowledge(database, &said, None).await.expect("it is kept");
    let marker = mark(&before, at);
    let remembered: Vec<Tracked> = before.findings.iter().cloned().chain([marker.clone()]).collect();
    store::drift::save(database, &remembered).await.expect("it is kept");

    let body = r#"{"data":null,"message":"Permission check failed"}"#.to_owned();
    let refused = Effect::Status { status: 403, reason: None, body, headers: Vec::new() };
    running.simulation.set_faults(vec![Fault {
        upstream: None,
        path: Some("/api2/json/nodes/".to_owned()),
        effect: refused,
    }]);
    let anew = running.another_on(&test).await;
    let mut known = anew.fleet().watch();
    let looked = known.wait_for(|known| state(known, &marker.finding.key) == Some(FindingState::Resolved));
    let after =
        tokio::time::timeout(PATIENCE, looked).await.expect("a look in time").expect("it runs").clone();

    assert!(
        after.view.sources().all(|source| is_current(after.view.held(source))),
        "nothing but guests is unread"
    );
    assert_eq!(state(&after, &key), Some(FindingState::Unknown));
    let kept =
        after.findings.iter().find(|one| one.finding.key == key).and_then(|one| one.acknowledged.clone());
    assert_eq!(kept, Some(word));
    let lost: Vec<_> = after
        .findings
        .iter()
        .filter(|one| one.state == FindingState::Resolved && one.finding.key != marker.finding.key)
        .map(|one| &one.finding)
        .collect();
    assert!(lost.is_empty(), "{lost:#?}");
    anew.stop().await;
    running.stop().await;
}

fn is_current(held: &Held) -> bool {
    held.failure.is_none() && held.snapshot.as_ref().is_some_and(|snapshot| snapshot.is_whole())
}

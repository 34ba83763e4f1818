//! The first writes, against the running gateway: what they change, that every replica and every later start knows it, and
//! that nothing is done which the audit log did not take first.

use std::collections::BTreeSet;
use std::time::Duration;

use connectors::world::Spec;
use fleetgraph::app::Known;
use schema::drift::FindingState;
use schema::view::{HopKind, HopState};
use schema::{GlobalId, ObjectId};
use serde_json::{Value, json};
use sqlx::Row as _;
use tokio::time::Instant;

use crate::kit::gateway::{PATIENCE, Running};

const OVERRIDE: &str = "mutation ($path: ID!, $target: ID, $clear: Boolean) {
    overrideHop(input: { path: $path, hop: GUEST, target: $target, clear: $clear, reason: \"moved by hand\" }) {
        path { id hops { kind state target { id } } } userErrors { code message }
    } }";
const REFRESH: &str = "mutation ($id: ID!) {
    refreshSource(input: { id: $id }) { collected source { collectedAt } userErrors { code message } } }";
const ACKNOWLEDGE: &str = "mutation ($id: ID!, $until: DateTime) {
    acknowledgeDrift(input: { id: $id, reason: \"known\", until: $until }) { finding { state } userErrors { code } } }";

/// The audit log as lines, in order.
async fn log(running: &Running) -> Vec<String> {
    let sql = "select concat_ws(' ', e.action, e.permission, e.target, e.decision, o.done, e.reason) as line
               from audit_entry e left join audit_outcome o on o.entry = e.id order by e.id";
    let rows = sqlx::query(sql).fetch_all(running.database.database().pool()).await.expect("the audit log");
    rows.iter().map(|row| row.get("line")).collect()
}

/// A path whose guest is known, and another guest.
fn a_path_and_another_guest(known: &Known) -> (String, String) {
    let view = &known.view;
    let path =
        view.paths().iter().find(|path| view.path(*path).guest().is_some()).expect("a path to a guest");
    let own = view.path(path).guest();
    let other = view.guests().iter().find(|guest| Some(*guest) != own).expect("another guest");
    (GlobalId::format(&view.id(path)), GlobalId::format(&view.id(other)))
}

/// Whether a path's guest is the one that was said.
fn leads_to(known: &Known, path: &str, guest: &str) -> bool {
    let id = GlobalId::parse(path).expect("an id");
    let path = known.view.find_path(&id).map(|path| known.view.path(path));
    path.is_some_and(|path| {
        let hop = path.hop(HopKind::Guest);
        let target = hop.target().map(|target| GlobalId::format(&known.view.id(target)));
        hop.state() == HopState::Overridden && target.as_deref() == Some(guest)
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_shown_at_once_on_every_replica_and_after_a_restart_and_can_be_cleared() {
    let running = Running::start(&Spec { guests: 100, ..Spec::default() }, "5s").await;
    let replica = running.another().await;
    let (path, guest) = a_path_and_another_guest(&running.gateway.fleet().watch().borrow());

    let answer = running.data(OVERRIDE, json!({ "path": path, "target": guest })).await;
    let hop = json!({ "kind": "GUEST", "state": "OVERRIDDEN", "target": { "id": guest } });
    assert_eq!(answer["overrideHop"]["path"]["hops"][2], hop);
    assert_eq!(answer["overrideHop"]["userErrors"], json!([]));

    let mut heard = replica.fleet().watch();
    let hearing = heard.wait_for(|known| leads_to(known, &path, &guest));
    assert!(tokio::time::timeout(PATIENCE, hearing).await.is_ok(), "the other replica did not hear of it");
    replica.stop().await;

    let started_anew = running.another().await;
    let mut known = started_anew.fleet().watch();
    let waiting = known.wait_for(|known| leads_to(known, &path, &guest));
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "it did not survive");
    started_anew.stop().await;

    let answer = running.data(OVERRIDE, json!({ "path": path, "clear": true })).await;
    assert_eq!(answer["overrideHop"]["path"]["hops"][2]["state"], json!("RESOLVED"));
    let line = |target: &str| format!("overrideHop ipam:write {target} allowed t moved by hand");
    assert_eq!(log(&running).await, [line(&path), line(&path)]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_audit_log_does_not_take_is_not_done() {
    let running = Running::start(&Spec { guests: 100, ..Spec::default() }, "24h").await;
    let (path, guest) = a_path_and_another_guest(&running.gateway.fleet().watch().borrow());
    running
        .database
        .run(
            "create function refuse() returns trigger language plpgsql as $$ begin raise 'no room'; end $$;
             create trigger refuse before insert on audit_entry for each statement execute function refuse();",
        )
        .await;
    let source = running.simulation.servers[0].upstream.source.clone();
    let source = GlobalId::format(&ObjectId::Source(source.into()));
    // Old enough that a refresh would collect.
    let calls = running.simulation.calls();
    let began = Instant::now();
    let answer = running.data(OVERRIDE, json!({ "path": path, "target": guest })).await;
    assert_eq!(answer["overrideHop"]["userErrors"][0]["code"], json!("UNAVAILABLE"));
    assert_ne!(answer["overrideHop"]["path"]["hops"][2]["state"], json!("OVERRIDDEN"));
    while began.elapsed() < Duration::from_secs(4) {
        let answer = running.data(REFRESH, json!({ "id": source })).await;
        assert_eq!(answer["refreshSource"]["userErrors"][0]["code"], json!("UNAVAILABLE"));
        assert_eq!(answer["refreshSource"]["collected"], json!(false));
    }
    assert_eq!(running.simulation.calls(), calls, "nothing was collected");
    let decided = store::overrides::list(running.database.database()).await.expect("the table");
    assert_eq!(decided, [], "nothing was decided");

    running.database.run("drop trigger refuse on audit_entry").await;
    assert_eq!(log(&running).await, Vec::<String>::new());
    let answer = running.data(OVERRIDE, json!({ "path": path, "target": guest })).await;
    assert_eq!(answer["overrideHop"]["path"]["hops"][2]["state"], json!("OVERRIDDEN"));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_that_the_database_refuses_is_written_down_as_not_done() {
    let running = Running::start(&Spec { guests: 100, ..Spec::default() }, "24h").await;
    let (path, guest) = a_path_and_another_guest(&running.gateway.fleet().watch().borrow());
    running.database.run("alter table hop_override add constraint never check (false)").await;
    let answer = running.data(OVERRIDE, json!({ "path": path, "target": guest })).await;
    assert_eq!(answer["overrideHop"]["userErrors"][0]["code"], json!("UNAVAILABLE"));
    assert_eq!(log(&running).await, [format!("overrideHop ipam:write {path} allowed f moved by hand")]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hammers_a_source_by_asking_for_fresh_data() {
    let running = Running::start(&Spec { guests: 100, ..Spec::default() }, "24h").await;
    for server in &running.simulation.servers {
        let source = GlobalId::format(&ObjectId::Source(server.upstream.source.as_str().into()));
        storm(&running, &source).await;
    }
    // A source that fails is not asked more often than one that answers.
    let source = running.simulation.servers[0].upstream.source.clone();
    let position = running.gateway.fleet().poller().held();
    let position = position.iter().position(|held| *held.info.name == *source).expect("a source");
    running.switch_off(&source);
    let id = GlobalId::format(&ObjectId::Source(source.as_str().into()));
    let began = Instant::now();
    let mut failures = 0;
    while failures < 2 {
        let answer = running.data(REFRESH, json!({ "id": id })).await;
        let held = running.gateway.fleet().poller().held().remove(position);
        failures = held.failure.as_ref().map_or(0, |failure| failure.attempts);
        if failures > 0 {
            assert_eq!(answer["refreshSource"]["userErrors"][0]["code"], json!("UNAVAILABLE"), "{answer}");
        }
        assert!(u64::from(failures) <= 1 + began.elapsed().as_secs() / 3, "{failures} attempts");
        assert!(began.elapsed() < PATIENCE, "it was never asked again");
    }
    running.stop().await;
}

/// Fifty ask at once, and each is answered from what is at most 3 s old.
async fn storm(running: &Running, source: &str) {
    let began = Instant::now();
    let asked: Vec<_> = (0..50)
        .map(|_| {
            let (client, variables) = (running.client().clone(), json!({ "id": source }));
            tokio::spawn(async move { client.data(REFRESH, variables).await })
        })
        .collect();
    let mut collected = BTreeSet::new();
    for answer in asked {
        let answer = answer.await.expect("no panic");
        assert_eq!(answer["refreshSource"]["userErrors"], json!([]), "{source}");
        collected.insert(answer["refreshSource"]["source"]["collectedAt"].to_string());
    }
    let most = 2 + began.elapsed().as_secs() / 3;
    assert!(collected.len() as u64 <= most, "{source}: {collected:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_answers_with_what_it_collected() {
    let running = Running::start(&Spec { guests: 100, ..Spec::default() }, "24h").await;
    let name = running.simulation.servers[0].upstream.source.clone();
    let id = GlobalId::format(&ObjectId::Source(name.as_str().into()));
    let query = "query ($id: ID!) { node(id: $id) { ... on Source { collectedAt } } }";
    let before = running.data(query, json!({ "id": id })).await["node"]["collectedAt"].clone();
    let asking = async {
        loop {
            let answer = running.ask(REFRESH, json!({ "id": id })).await;
            let payload = &answer.body["data"]["refreshSource"];
            assert_eq!(payload["userErrors"], json!([]), "{}", answer.text);
            let shown = &payload["source"]["collectedAt"];
            if payload["collected"] == json!(true) {
                assert_ne!(*shown, before, "the payload shows the new data");
                assert_eq!(answer.body["extensions"]["freshness"][&name]["collectedAt"], *shown);
                return;
            }
            assert_eq!(*shown, before);
        }
    };
    assert!(tokio::time::timeout(PATIENCE, asking).await.is_ok(), "it was never collected anew");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_outlives_saves_of_others_and_restarts_and_ends_in_time() {
    let running = Running::start(&Spec { guests: 100, ..Spec::default() }, "5s").await;
    let query = "{ drift(filter: { state: OPEN }) { nodes { id } } }";
    let open = running.until("drift", query, |data| data["drift"]["nodes"][1]["id"].is_string()).await;
    let ids = [0, 1].map(|place| open["drift"]["nodes"][place]["id"].as_str().expect("an id").to_owned());
    let replica = running.another().await;

    let acknowledged = json!({ "finding": { "state": "ACKNOWLEDGED" }, "userErrors": [] });
    let answer = running.data(ACKNOWLEDGE, json!({ "id": ids[0] })).await;
    assert_eq!(answer["acknowledgeDrift"], acknowledged);
    // Whoever has not heard of it writes the findings as it knows them.
    let findings = running.gateway.fleet().watch().borrow().findings.clone();
    let mut unheard = findings.to_vec();
    for one in &mut unheard {
        one.acknowledged = None;
        if one.state == FindingState::Acknowledged {
            one.state = FindingState::Open;
        }
    }
    store::drift::save(running.database.database(), &unheard).await.expect("it is saved");
    let key = |id: &str| match GlobalId::parse(id).expect("an id") {
        ObjectId::DriftFinding { kind, subject } => (kind, subject),
        other => panic!("{other:?}"),
    };
    let stands = |known: &Known, id: &str| {
        let (kind, subject) = key(id);
        let mut all = known.findings.iter();
        let found =
            all.find(|one| one.finding.key.kind.name() == &*kind && one.finding.key.subject == subject);
        found.map(|one| one.state)
    };
    for gateway in [replica, running.another().await] {
        let mut known = gateway.fleet().watch();
        let waiting = known.wait_for(|known| stands(known, &ids[0]) == Some(FindingState::Acknowledged));
        assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "a replica does not know of it");
        gateway.stop().await;
    }

    let until = (fleetgraph::clock::system())().plus(Duration::from_secs(3));
    let variables = json!({ "id": ids[1], "until": resolvers::date_time(until).to_string() });
    let answer = running.data(ACKNOWLEDGE, variables).await;
    assert_eq!(answer["acknowledgeDrift"], acknowledged);
    let query = format!("{{ node(id: {}) {{ ... on DriftFinding {{ state }} }} }}", Value::from(&*ids[1]));
    running.until("its end", &query, |data| data["node"]["state"] == json!("OPEN")).await;
    let query = format!("{{ node(id: {}) {{ ... on DriftFinding {{ state }} }} }}", Value::from(&*ids[0]));
    assert_eq!(running.data(&query, Value::Null).await["node"]["state"], json!("ACKNOWLEDGED"));
    running.stop().await;
}

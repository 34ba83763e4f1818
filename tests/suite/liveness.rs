//! What a failure and a change turn, and what they leave alone. A test waits for what was promised, and asserts no time.

use std::collections::BTreeMap;

use connectors::world::Spec;
use schema::view::HopState;
use schema::{GlobalId, ObjectId};
use serde_json::{Value, json};

use crate::kit::gateway::Running;

const HOPS: &str = "id state hops { kind state stale candidateCount target { id } source { name } }";

/// A path's id, and the kind of one of its hops.
type Key = (String, String);

/// What a hop says but for its staleness, and its staleness.
type Hops = BTreeMap<Key, (String, bool)>;

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_dies_turns_exactly_its_hops_stale() {
    let spec = Spec { guests: 100, ..Spec::default() };
    let running = Running::start(&spec, "5s").await;
    let of_kind = |kind: &str| {
        let server = running.simulation.servers.iter().find(|server| server.kind == kind);
        server.expect("each kind is simulated").upstream.source.clone()
    };
    for killed in [of_kind("proxmox"), of_kind("npm"), of_kind("unifi")] {
        dies_and_comes_back(&running, &killed).await;
    }
    running.stop().await;
}

async fn dies_and_comes_back(running: &Running, killed: &str) {
    let before = hops(running).await;
    // What stood on a dead node when the world began is stale before, and stays so.
    let fresh = before.values().filter(|(_, stale)| !stale).count();
    let (its_own, may_be) = resting_on(running, killed);
    let turn = its_own.iter().filter(|key| !before[*key].1).count();
    assert!(turn > 5 && turn < fresh, "{killed} matters to {turn} of {fresh} fresh hops");

    running.switch_off(killed);
    let query = "{ sources { name state } }";
    let is = |data: &Value, state: &str| {
        let sources = data["sources"].as_array().expect("a list").iter();
        sources.filter(|source| source["name"] == killed).any(|source| source["state"] == state)
    };
    running.until(&format!("{killed} FAILED"), query, |data| is(data, "FAILED")).await;
    let during = hops(running).await;
    assert_eq!(before.keys().collect::<Vec<_>>(), during.keys().collect::<Vec<_>>(), "{killed}: paths stay");
    for (key, (says, stale)) in &during {
        assert_eq!(&before[key].0, says, "{killed} {key:?}: no hop leads elsewhere");
        if its_own.contains(key) {
            assert!(stale, "{killed} {key:?} {says} rests on it, and does not say so");
        } else if !may_be.contains(key) {
            assert_eq!(*stale, before[key].1, "{killed} {key:?} {says} has nothing to do with it");
        }
    }
    for (name, state) in running.states().await {
        assert_eq!(state, if name == killed { "FAILED" } else { "CURRENT" }, "{name}, with {killed} dead");
    }

    running.switch_on();
    running.until(&format!("{killed} CURRENT"), query, |data| is(data, "CURRENT")).await;
    assert_eq!(hops(running).await, before, "{killed}: all is as it was");
}

async fn hops(running: &Running) -> Hops {
    let mut hops = Hops::new();
    for path in running.all("paths", HOPS).await {
        let id = path["id"].as_str().expect("an id");
        for hop in path["hops"].as_array().expect("a list") {
            let kind = hop["kind"].as_str().expect("a kind");
            let [state, target, count, source] =
                [&hop["state"], &hop["target"]["id"], &hop["candidateCount"], &hop["source"]["name"]];
            let says = format!("{} {state} {target} {count} {source}", path["state"]);
            hops.insert((id.to_owned(), kind.to_owned()), (says, hop["stale"] == json!(true)));
        }
    }
    hops
}

/// The hops that rest on a source; and those that found nothing where it might have known.
fn resting_on(running: &Running, name: &str) -> (Vec<Key>, Vec<Key>) {
    let known = running.gateway.fleet().watch().borrow().clone();
    let view = &known.view;
    let source = view.source_named(name).expect("a source of the gateway");
    // Where a redirection leads, any proxy may come to know.
    let is_proxy = &*view.held(source).info.kind == "npm";
    let kinds = ["PROXY_HOST", "ADDRESS", "GUEST", "NODE", "SWITCH_PORT"];
    let (mut its_own, mut may_be) = (Vec::new(), Vec::new());
    for handle in view.paths().iter() {
        let path = view.path(handle);
        let id = view.id(handle);
        let ObjectId::Path { source: begins, .. } = &id else { panic!("{id:?} is a path") };
        let begins = view.source_named(begins).expect("a source of the gateway");
        let could_fill = is_proxy || view.network_of(begins) == view.network_of(source);
        for (kind, hop) in kinds.iter().zip(path.hops()) {
            let key = (GlobalId::format(&id), (*kind).to_owned());
            if hop.state() != HopState::Missing && hop.sources().contains(&source) {
                its_own.push(key);
            } else if hop.state() == HopState::Missing && could_fill {
                may_be.push(key);
            }
        }
    }
    (its_own, may_be)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_a_guest_shows_in_the_answer() {
    let running = Running::start(&Spec { guests: 90, ..Spec::default() }, "2s").await;
    let query = r#"{
        hostname(name: "app.example.org") { paths { nodes { state guest { vmid status } node { name } } } }
        search(text: "app") { ... on Guest { name status } }
    }"#;
    let path = |data: &Value| data["hostname"]["paths"]["nodes"][0].clone();
    let guest = |data: &Value| {
        let mut found = data["search"].as_array().expect("a list").iter();
        found.find(|guest| guest["name"] == "app").expect("it is there").clone()
    };
    let before = path(&running.data(query, Value::Null).await);
    assert_eq!((&before["state"], &before["guest"]["status"]), (&json!("COMPLETE"), &json!("RUNNING")));

    running.happens(json!({ "stop": "app" })).await;
    let stopped = |data: &Value| path(data)["state"] == "BROKEN";
    let data = running.until("the stopped guest", query, stopped).await;
    assert_eq!(guest(&data)["status"], "STOPPED");

    running.happens(json!({ "start": "app" })).await;
    let started = |data: &Value| path(data)["state"] == "COMPLETE";
    let data = running.until("the started guest", query, started).await;
    assert_eq!((&guest(&data)["status"], &path(&data)), (&json!("RUNNING"), &before));

    let world = running.simulation.world();
    let cluster =
        world.clusters.iter().find(|cluster| cluster.guests.iter().any(|guest| guest.name == "app"));
    let mut nodes = cluster.expect("it is there").nodes.iter().filter(|node| node.online);
    let elsewhere = nodes.find(|node| before["node"]["name"] != node.name.as_str()).expect("several nodes");
    running.happens(json!({ "move": { "guest": "app", "to": elsewhere.name } })).await;
    let moved = |data: &Value| path(data)["node"]["name"] == elsewhere.name.as_str();
    let data = running.until("the moved guest", query, moved).await;
    assert_eq!(path(&data)["guest"]["vmid"], before["guest"]["vmid"]);
    running.stop().await;
}

//! What the gateway answers is what is: every path of the world, as the world itself says it, over HTTP.

use connectors::world::{ExpectedHop, ExpectedPath, ExpectedState, Spec};
use fleetgraph::demo::Demo;
use schema::{GlobalId, ObjectId};
use serde_json::{Value, json};

use crate::kit::gateway::{FREE, Running};
use crate::kit::http::Client;

const FIELDS: &str = "id entry location state guests { id } switchPorts { id } \
    hops { kind state candidateCount target { id } candidates { id } }";

#[tokio::test(flavor = "multi_thread")]
async fn every_path_is_what_the_world_expects() {
    check(&Spec::default()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn and_so_it_is_in_another_world() {
    check(&Spec { seed: 7, guests: 90, networks: Some(1), clusters: Some(2), ..Spec::default() }).await;
}

async fn check(spec: &Spec) {
    let running = Running::start(spec, "24h").await;
    let found: Vec<String> = running.all("paths", FIELDS).await.iter().map(shown).collect();
    let mut expected: Vec<String> = running.simulation.world().expected().iter().map(wanted).collect();
    let mut found_sorted = found.clone();
    found_sorted.sort();
    expected.sort();
    let lacks: Vec<_> = expected.iter().filter(|line| found_sorted.binary_search(line).is_err()).collect();
    let besides: Vec<_> = found_sorted.iter().filter(|line| expected.binary_search(line).is_err()).collect();
    assert!(lacks.is_empty() && besides.is_empty(), "expected {lacks:#?}\nfound {besides:#?}");
    assert_eq!(found.len(), expected.len());
    assert!(expected.len() > 40, "a world of {} paths shows little", expected.len());
    running.stop().await;
}

/// What the world says of a path, in the answer's words.
fn wanted(path: &ExpectedPath) -> String {
    let kinds = ["PROXY_HOST", "ADDRESS", "GUEST", "NODE", "SWITCH_PORT"];
    let hops = kinds.iter().zip(&path.hops).map(|(kind, hop)| {
        let (state, candidates) = match hop {
            ExpectedHop::Missing => ("MISSING", Vec::new()),
            ExpectedHop::Resolved(target) => ("RESOLVED", vec![GlobalId::format(target)]),
            ExpectedHop::Ambiguous(several) => ("AMBIGUOUS", ids(several)),
        };
        line(kind, state, candidates)
    });
    let state = match path.state {
        ExpectedState::Complete => "COMPLETE",
        ExpectedState::Partial => "PARTIAL",
        ExpectedState::Broken => "BROKEN",
        ExpectedState::Ambiguous => "AMBIGUOUS",
    };
    let hops = hops.collect::<Vec<_>>().join(" ");
    let (guests, ports) = (ids(&path.guests), ids(&path.switch_ports));
    let location = path.location.as_deref().unwrap_or("-");
    let id = GlobalId::format(&path.id);
    format!("{id} {} {location} {state} {hops} guests {guests:?} ports {ports:?}", path.entry)
}

fn shown(path: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let list = |value: &Value| -> Vec<String> {
        value.as_array().expect("a list").iter().map(|object| text(&object["id"])).collect()
    };
    let hops = path["hops"].as_array().expect("a list").iter().map(|hop| {
        let candidates = list(&hop["candidates"]);
        assert_eq!(hop["candidateCount"], json!(candidates.len()), "{hop}");
        let (kind, state) = (text(&hop["kind"]), text(&hop["state"]));
        if state != "RESOLVED" {
            return line(&kind, &state, candidates);
        }
        // All holders of a VIP are candidates; the first is the target.
        let target = text(&hop["target"]["id"]);
        let good = if kind == "GUEST" { list(&path["guests"]) } else { vec![target.clone()] };
        assert_eq!(candidates, good, "{hop}");
        line(&kind, &state, vec![target])
    });
    let hops = hops.collect::<Vec<_>>().join(" ");
    let [id, entry, location, state] = ["id", "entry", "location", "state"].map(|key| text(&path[key]));
    let (guests, ports) = (list(&path["guests"]), list(&path["switchPorts"]));
    format!("{id} {entry} {location} {state} {hops} guests {guests:?} ports {ports:?}")
}

fn line(kind: &str, state: &str, mut candidates: Vec<String>) -> String {
    candidates.sort();
    format!("{kind}:{state}{candidates:?}")
}

fn ids(objects: &[ObjectId]) -> Vec<String> {
    objects.iter().map(GlobalId::format).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_answers_its_first_query_with_every_kind_of_path() {
    let demo = Demo::start(&Spec::default(), FREE, fleetgraph::clock::system()).await;
    let demo = demo.unwrap_or_else(|error| panic!("{error}"));
    let query = include_str!("../../gateway/src/demo/first_query.graphql");
    let viewer = demo.issuer.token("viewer", &["fleetgraph-viewer"], false);
    let data = Client::new(demo.gateway.address()).bearing(viewer).data(query, Value::Null).await;
    for (alias, state) in [("complete", "COMPLETE"), ("ambiguous", "AMBIGUOUS"), ("broken", "BROKEN")] {
        let paths = data[alias]["paths"]["nodes"].as_array().expect("a list");
        assert!(paths.iter().any(|path| path["state"] == state), "{alias}: {paths:?}");
    }
    let complete = &data["complete"]["paths"]["nodes"][0];
    for hop in complete["hops"].as_array().expect("a list") {
        assert_eq!(hop["state"], "RESOLVED", "{complete}");
        assert_ne!(hop["evidence"], json!([]), "{complete}");
    }
    for object in ["proxyHost", "address", "guest", "node", "switchPort"] {
        assert!(complete[object].is_object(), "{object} in {complete}");
    }
    let ambiguous = &data["ambiguous"]["paths"]["nodes"][0]["hops"];
    let guest = ambiguous.as_array().expect("a list").iter().find(|hop| hop["kind"] == "GUEST");
    let guest = guest.expect("five hops");
    assert_eq!((&guest["state"], &guest["candidateCount"]), (&json!("AMBIGUOUS"), &json!(2)));
    assert_eq!(guest["candidates"].as_array().map(Vec::len), Some(2));
    let stale = &data["stale"]["paths"]["nodes"][0];
    assert_eq!((&stale["stale"], &stale["switchPort"].is_object()), (&json!(true), &true), "{stale}");
    let sources = data["sources"].as_array().expect("a list");
    let not_current: Vec<_> = sources.iter().filter(|source| source["state"] != "CURRENT").collect();
    assert_eq!(not_current.len(), 1, "{sources:?}");
    assert_eq!(not_current[0]["name"], json!(demo.broken));
    assert_eq!(not_current[0]["error"]["code"], "UNREACHABLE");
    let folder = demo.folder().to_owned();
    demo.stop().await;
    assert!(!folder.exists(), "the demo left {} behind", folder.display());
}

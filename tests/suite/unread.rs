//! A main list that cannot be read is no absence: nothing is BROKEN, missing or fresh by what it does not hold.

use std::collections::{BTreeMap, BTreeSet};

use connectors::world::{ExpectedState, Spec};
use fleetgraph::app::Known;
use fleetgraph::simulate::faults::{Effect, Fault};
use schema::GlobalId;
use serde_json::{Value, json};

use crate::kit::gateway::{PATIENCE, Running};
use crate::kit::http::Answer;

const CLIENTS: &str = "/proxy/network/api/s/default/stat/sta";
const HOSTS: &str = "/api/nginx/proxy-hosts";

fn spec() -> Spec {
    Spec { seed: 3, guests: 80, ..Spec::default() }
}

fn fault(path: &str, effect: Effect) -> Fault {
    Fault { upstream: None, path: Some(path.to_owned()), effect }
}

fn status(status: u16, body: &str) -> Effect {
    Effect::Status { status, reason: None, body: body.to_owned(), headers: Vec::new() }
}

/// A gateway that starts while upstreams fail so.
async fn started(faults: fn() -> Vec<Fault>) -> Running {
    let running = Running::start_with(&spec(), "24h", faults).await;
    let settled = |data: &Value| {
        data["sources"].as_array().expect("a list").iter().all(|source| source["state"] == "CURRENT")
    };
    running.until("every source", "{ sources { name state } }", settled).await;
    running
}

impl Running {
    /// The sources of a kind.
    fn names_of(&self, kind: &str) -> Vec<String> {
        let servers = self.simulation.servers.iter().filter(|server| server.kind == kind);
        servers
            .map(|server| server.upstream.source.clone())
            .collect::<BTreeSet<String>>()
            .into_iter()
            .collect()
    }

    /// Waits until these sources were read in full, or not.
    async fn until_known(&self, what: &str, sources: &[String], whole: bool) {
        let mut known = self.gateway.fleet().watch();
        let is = |known: &Known| {
            let held = |name: &String| known.view.source_named(name).map(|at| known.view.held(at));
            sources.iter().filter_map(held).all(|held| {
                held.snapshot.as_ref().is_some_and(|snapshot| snapshot.unread.is_empty() == whole)
            })
        };
        let waited = tokio::time::timeout(PATIENCE, known.wait_for(|known| is(known))).await;
        assert!(waited.is_ok(), "{what} was not known in time");
    }
}

/// Every path of a gateway that never read some list: none is BROKEN for want of a bearer, and those that may be for that
/// reason alone say so, and what was not read. `unread` is what their evidence names.
async fn check_paths(running: &Running, unread: &str) {
    let expected: BTreeMap<String, ExpectedState> = running
        .simulation
        .world()
        .expected()
        .into_iter()
        .map(|path| (GlobalId::format(&path.id), path.state))
        .collect();
    let fields = "id state stale hops { kind state stale evidence { detail } }";
    let mut blind = 0;
    for path in running.all("paths", fields).await {
        let is = &expected[path["id"].as_str().expect("an id")];
        let guest = &path["hops"][2];
        let detail = guest["evidence"][0]["detail"].as_str().unwrap_or_default();
        if guest["state"] != "MISSING" || !detail.starts_with("no guest, node, client") {
            continue;
        }
        assert_ne!(path["state"], "BROKEN", "{path}");
        assert_eq!((&path["stale"], &guest["stale"]), (&json!(true), &json!(true)), "{path}");
        assert!(detail.contains(&format!("; but {unread} could not be read")), "{path}");
        blind += usize::from(*is != ExpectedState::Partial);
    }
    assert!(blind > 0, "no path of this world rests on {unread}, so nothing was tested");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_table_that_was_never_read_breaks_no_path() {
    let running = started(|| vec![fault(CLIENTS, status(403, ""))]).await;
    check_paths(&running, "clients").await;
    let answer = running.ask("{ paths(first: 1) { nodes { id } } }", Value::Null).await;
    let names: Vec<String> = running.names_of("unifi");
    assert!(names.iter().all(|name| answer.freshness()[name]["stale"] == json!(true)), "{}", answer.text);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_list_no_guest_breaks_no_path() {
    let running = started(|| {
        let rights = r#"{"data":{"/":{"Sys.Audit":1}}}"#;
        let node = r#"{"data":[{"id":"node/pve1","type":"node","node":"pve1","status":"online"}]}"#;
        vec![
            fault("/api2/json/access/permissions", status(200, rights)),
            fault("/api2/json/cluster/resources", status(200, node)),
        ]
    })
    .await;
    check_paths(&running, "guests").await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxys_hosts_that_were_never_read_are_no_absence() {
    let running = started(|| vec![fault(HOSTS, status(500, "{}"))]).await;
    let hostname = "query ($name: String!) { hostname(name: $name) { name } }";
    let answer = running.ask(hostname, json!({ "name": "nobody.example.org" })).await;
    assert_eq!((answer.status, answer.code()), (200, Some("SOURCE_FAILED")), "{}", answer.text);
    for name in running.names_of("npm") {
        assert_eq!(answer.freshness()[&name]["stale"], json!(true), "{}", answer.text);
        assert!(answer.freshness()[&name]["collectedAt"].is_string(), "{}", answer.text);
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_fails_later_is_stale_and_still_there() {
    let running = Running::start(&spec(), "3s").await;
    let lists = ["proxyHosts", "clients"];
    let sources = ["npm", "unifi", "stripe"].map(|kind| running.names_of(kind)).concat();
    let query = "{
        proxyHosts(first: 1000, filter: { kind: PROXY }) { nodes { provenance { stale } } }
        clients(first: 1000) { nodes { provenance { stale } } }
        organizations(first: 1000) { totalCount }
        sources { name state }
    }";
    let before = running.ask(query, Value::Null).await;
    running.simulation.set_faults(vec![
        fault(HOSTS, status(500, "{}")),
        fault(CLIENTS, Effect::Deep { levels: 10_000 }),
        fault("/v1/customers", Effect::Html),
    ]);
    running.until_known("what is unread", &sources, false).await;
    let after = running.ask(query, Value::Null).await;
    for name in &sources {
        assert_eq!(before.freshness()[name]["stale"], json!(false), "{name}: {}", before.text);
        assert_eq!(after.freshness()[name]["stale"], json!(true), "{name}: {}", after.text);
    }
    for source in after.body["data"]["sources"].as_array().expect("a list") {
        assert_eq!(source["state"], "CURRENT", "it has answered, if not for all: {source}");
    }
    for name in lists {
        let nodes = |answer: &Answer| answer.body["data"][name]["nodes"].as_array().expect("a list").clone();
        assert_eq!(nodes(&after).len(), nodes(&before).len(), "{name}");
        let stale = |one: &Value| one["provenance"]["stale"] == json!(true);
        assert!(!nodes(&after).is_empty() && nodes(&after).iter().all(stale), "{name}: {}", after.text);
    }
    assert_eq!(after.body["data"]["organizations"], before.body["data"]["organizations"]);
    running.switch_on();
    running.until_known("everything", &sources, true).await;
    running.stop().await;
}

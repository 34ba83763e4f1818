//! The running gateway as a stranger meets it: what it answers to what is too much, unknown, or not known yet.

use connectors::world::Spec;
use fleetgraph::simulate::faults::{Effect, Fault};
use serde_json::{Value, json};

use crate::kit::gateway::Running;
use crate::kit::http::Answer;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_much_is_refused_with_the_figure_and_the_limit() {
    let running = Running::start(&Spec { guests: 80, ..Spec::default() }, "24h").await;
    let nested = |levels: usize| {
        format!(
            "{{ guests {{ nodes {{ {}name{} }} }} }}",
            "node { guests { nodes { ".repeat(levels),
            " } } }".repeat(levels)
        )
    };
    let aliases: Vec<String> = (0..31).map(|number| format!("a{number}: __typename")).collect();
    let aliases = aliases.join(" ");
    for (query, figures) in [
        ("{ guests(first: 1001) { totalCount } }".to_owned(), ["1001", "1000"]),
        (nested(6), ["21", "15"]),
        (format!("{{ {aliases} }}"), ["31", "30"]),
        (
            "{ guests(first: 1000) { nodes { paths(first: 1000) { nodes { entry } } } } }".to_owned(),
            ["", "250000"],
        ),
    ] {
        let answer = running.ask(&query, Value::Null).await;
        assert_eq!((answer.status, answer.code()), (400, Some("LIMIT_EXCEEDED")), "{query}: {}", answer.text);
        for figure in figures {
            assert!(answer.message().replace(',', "").contains(figure), "{query}: {}", answer.message());
        }
    }
    let large = format!("{{ guests {{ totalCount }} }} #{}", "x".repeat(1 << 20));
    let answer = running.ask(&large, Value::Null).await;
    assert_eq!((answer.status, answer.code()), (413, Some("LIMIT_EXCEEDED")), "{}", answer.text);
    let answer = running.ask("{ guests(first: 1000) { totalCount } }", Value::Null).await;
    assert_eq!((answer.status, answer.code()), (200, None), "a page of 1000 is none too many");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_path_answers_and_every_other_says_so() {
    let running = Running::start(&Spec { guests: 80, ..Spec::default() }, "24h").await;
    let client = running.client();
    let check = |what: &str, answer: &Answer, status: u16, code: Option<&str>| {
        assert_eq!((answer.status, answer.code()), (status, code), "{what}: {}", answer.text);
        assert!(answer.headers.contains_key("x-request-id"), "{what}: {:?}", answer.headers);
    };
    check("health", &client.get("/healthz").await, 200, None);
    let ready = client.get("/readyz").await;
    check("ready", &ready, 200, None);
    assert_eq!(ready.body["sources"], ready.body["sourcesTried"], "{}", ready.text);
    for server in &running.simulation.servers {
        let source = &server.upstream.source;
        assert!(!ready.text.contains(source.as_str()), "whoever asks is told of {source}");
    }
    let metrics = client.get("/metrics").await;
    check("metrics", &metrics, 200, None);
    assert!(metrics.text.contains("fleetgraph_source_current{"), "{}", metrics.text);
    assert!(metrics.text.contains("fleetgraph_upstream_calls_total{"), "{}", metrics.text);
    let explorer = client.get("/graphiql").await;
    check("explorer", &explorer, 200, None);
    assert!(explorer.headers.contains_key("content-security-policy"));
    check("by GET", &client.get("/graphql?query=%7B__typename%7D").await, 200, None);
    check("another path", &client.get("/graphqll").await, 404, Some("NOT_FOUND"));
    check("not built", &client.get("/export/guests.csv").await, 404, Some("NOT_FOUND"));
    for (method, path) in [("DELETE", "/graphql"), ("POST", "/healthz"), ("PUT", "/metrics")] {
        let answer = client.ask(method, path, &[], "").await;
        check(method, &answer, 405, Some("NOT_FOUND"));
        assert!(answer.headers.contains_key("allow"), "{method} {path}");
    }
    let text = [("content-type", "text/plain")];
    check("as text", &client.ask("POST", "/graphql", &text, "{}").await, 415, Some("BAD_USER_INPUT"));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_source_has_ever_told_is_no_absence() {
    // The cluster never answers; everything else does.
    let spec = Spec { guests: 80, ..Spec::default() };
    let faults = || {
        let world =
            connectors::world::World::generate(&Spec { guests: 80, ..Spec::default() }).expect("a world");
        let cluster = &world.clusters[0];
        let proxmox = connectors::CATALOG.iter().find(|kind| kind.name == "proxmox").expect("a kind");
        let upstreams = (proxmox.simulator.as_ref().expect("it is simulated").upstreams)(&world);
        let its_own = upstreams.into_iter().filter(|upstream| upstream.source == cluster.source);
        its_own
            .map(|upstream| Fault { upstream: Some(upstream.name), path: None, effect: Effect::Down })
            .collect()
    };
    let running = Running::start_with(&spec, "24h", faults).await;
    let world = running.simulation.world();
    let (dead, live) = (&world.clusters[0].source, &world.clusters[1].source);
    let tried = |data: &Value| {
        let mut sources = data["sources"].as_array().expect("a list").iter();
        sources.all(|source| {
            source["state"] == if source["name"] == dead.as_str() { "FAILED" } else { "CURRENT" }
        })
    };
    running.until("every other source", "{ sources { name state } }", tried).await;

    let guest = "query ($cluster: String!) { guest(cluster: $cluster, vmid: 999999) { name } }";
    let answer = running.ask(guest, json!({ "cluster": dead })).await;
    assert_eq!((answer.status, answer.code()), (200, Some("SOURCE_FAILED")), "{}", answer.text);
    assert_eq!(answer.body["data"]["guest"], Value::Null);
    assert_eq!(answer.body["errors"][0]["path"], json!(["guest"]));
    assert!(answer.freshness()[dead]["collectedAt"].is_null(), "{}", answer.text);
    for other in [live.as_str(), "no-such-cluster"] {
        let answer = running.ask(guest, json!({ "cluster": other })).await;
        assert_eq!((answer.status, answer.code()), (200, None), "{other}: {}", answer.text);
        assert_eq!(answer.body["data"]["guest"], Value::Null);
    }
    let answer = running.ask("{ guests(first: 1000) { nodes { cluster { name } } } }", Value::Null).await;
    assert_eq!((answer.status, answer.code()), (200, None), "{}", answer.text);
    let freshness = answer.freshness();
    assert_eq!(freshness[dead], json!({ "collectedAt": null, "stale": true }));
    assert_eq!(freshness[live]["stale"], json!(false));
    let guests = answer.body["data"]["guests"]["nodes"].as_array().expect("a list");
    assert!(!guests.is_empty() && guests.iter().all(|guest| guest["cluster"]["name"] != dead.as_str()));
    // Nobody who was never heard can be missed: no path is BROKEN for want of a holder.
    let ready = running.client().get("/readyz").await;
    assert_eq!(ready.status, 200, "a failed source is not fatal: {}", ready.text);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_makes_it_unready_and_hides_nothing() {
    let running = Running::start(&Spec { guests: 80, ..Spec::default() }, "24h").await;
    assert_eq!(running.client().get("/readyz").await.status, 200);
    running.database.database().pool().close().await;
    let ready = running.client().get("/readyz").await;
    assert_eq!((ready.status, &ready.body["database"]), (503, &json!("does not answer")), "{}", ready.text);
    assert_eq!(running.client().get("/healthz").await.status, 200, "the process is up");
    let data = running.data("{ paths(first: 1) { totalCount } }", Value::Null).await;
    assert!(data["paths"]["totalCount"].as_u64().is_some_and(|count| count > 40), "{data}");
    running.stop().await;
}

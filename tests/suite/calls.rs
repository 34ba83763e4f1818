//! Work is counted by operation, not by row: 25 rows cost as many upstream calls and database statements as 250. And every
//! answer says how fresh it is.

use std::time::Duration;

use connectors::world::Spec;
use serde_json::{Value, json};
use sqlx::Row as _;

use crate::kit::gateway::{PATIENCE, Running};

/// What hangs on a guest, from both ends, and what comes from the database (drift, addresses' assignments).
const QUERY: &str = "query ($first: Int!) {
    guests(first: $first) { nodes {
        name cluster { name } node { name switchPorts { number switch { name } } }
        interfaces { mac addresses { address } }
        ipAddresses { address subnet { cidr } assignments { hostname provenance { source { name } } } }
        owner { name } switchPort { number }
        paths(first: 2) { nodes { entry state hops { kind state evidence { rule detail source { name } } } } }
        provenance { source { name } stale }
    } }
    drift(first: $first) { nodes { kind message sources { name } } }
}";

#[tokio::test(flavor = "multi_thread")]
async fn ten_times_the_rows_cost_no_call_and_no_statement_more() {
    let spec = Spec { guests: 300, ..Spec::default() };
    let running = Running::start(&spec, "24h").await;
    let measuring = async {
        // The gateway's own work (the memory of drift after a start) may fall into a round; a query's would fall into all.
        loop {
            let few = cost(&running, 25).await;
            let many = cost(&running, 250).await;
            if few == Cost::default() && many == Cost::default() {
                return;
            }
        }
    };
    let measured = tokio::time::timeout(PATIENCE, measuring).await;
    assert!(measured.is_ok(), "{:?} {:?}", cost(&running, 25).await, cost(&running, 250).await);

    // That a call and a statement would have been seen:
    let (calls, statements) = (running.simulation.calls(), statements(&running).await);
    let source = running.simulation.servers[0].upstream.source.clone();
    let asking = async {
        // Data of the last seconds are taken as they are: then it is asked again.
        while running.simulation.calls() == calls {
            running.gateway.fleet().poller().refresh(&source).await.expect("a source of the gateway");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, asking).await.is_ok(), "no call was seen");
    store::drift::load(running.gateway.database()).await.expect("the database answers");
    assert_ne!(self::statements(&running).await, statements);
    running.stop().await;
}

/// What one query cost: calls upstream, and whether any connection of the gateway's ran a statement.
#[derive(Debug, Default, PartialEq, Eq)]
struct Cost {
    calls: u64,
    statements: bool,
}

async fn cost(running: &Running, rows: usize) -> Cost {
    let (calls, before) = (running.simulation.calls(), statements(running).await);
    let data = running.data(QUERY, json!({ "first": rows })).await;
    let found = data["guests"]["nodes"].as_array().expect("a list");
    assert_eq!(found.len(), rows);
    assert!(
        found.iter().any(|guest| guest["paths"]["nodes"] != json!([])),
        "no path on any of {rows} guests"
    );
    Cost { calls: running.simulation.calls() - calls, statements: statements(running).await != before }
}

/// When each of the gateway's connections last ran a statement; any statement changes it.
async fn statements(running: &Running) -> Vec<(i32, String)> {
    let mut connection = running.database.connect().await;
    let query = "select pid, coalesce(query_start::text, '') from pg_stat_activity \
        where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() \
        order by pid";
    let rows = sqlx::query(query).fetch_all(&mut connection).await.expect("the test's server");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_says_how_fresh_it_is() {
    let running = Running::start(&Spec { guests: 80, ..Spec::default() }, "24h").await;
    let kinds = |wanted: &[&str]| {
        let known = running.gateway.fleet().watch().borrow().clone();
        let sources = known.view.sources().map(|source| known.view.held(source).info.clone());
        let names = sources.filter(|info| wanted.is_empty() || wanted.contains(&&*info.kind));
        names.map(|info| info.name.to_string()).collect::<Vec<_>>()
    };
    for (query, wanted) in [
        ("{ guests(first: 1) { totalCount } }", kinds(&["proxmox"])),
        ("{ hostname(name: \"nothing.example.org\") { name } }", kinds(&["npm"])),
        ("{ switches { nodes { name } } }", kinds(&["unifi"])),
        ("{ ipAddresses(first: 1) { totalCount } }", kinds(&["proxmox", "unifi", "ipam", "declared"])),
        ("{ paths(first: 1) { totalCount } }", kinds(&["npm", "unifi", "proxmox", "declared", "ipam"])),
        ("{ organizations(first: 1) { totalCount } }", kinds(&["stripe"])),
        ("{ sources { name } }", kinds(&[])),
    ] {
        let answer = running.ask(query, Value::Null).await;
        assert_eq!((answer.status, answer.code()), (200, None), "{query}: {}", answer.text);
        let freshness = answer.freshness().as_object().unwrap_or_else(|| panic!("{query}: {}", answer.text));
        assert_eq!(freshness.keys().cloned().collect::<Vec<_>>(), wanted, "{query}");
        for (name, source) in freshness {
            assert_eq!(source["stale"], json!(false), "{query}: {name}");
            assert!(source["collectedAt"].is_string(), "{query}: {name}");
        }
    }
    for (query, code) in [
        ("{ guests(first: 1001) { totalCount } }", "LIMIT_EXCEEDED"),
        ("{ guests(after: \"rubbish\") { totalCount } }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($first: Int!) { guests(first: $first) { totalCount } }", "BAD_USER_INPUT"),
        ("{ nonsense }", "GRAPHQL_VALIDATION_FAILED"),
        ("{", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let answer = running.ask(query, Value::Null).await;
        assert_eq!(answer.code(), Some(code), "{query}: {}", answer.text);
        assert!(answer.freshness().is_object(), "{query}: {}", answer.text);
    }
    running.stop().await;
}

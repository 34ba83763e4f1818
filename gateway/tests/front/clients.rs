//! The clients that front-end developers use: graphql-ws and graphql-sse, as npm has them.

use std::path::Path;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::kit::{Server, TOKEN};

#[tokio::test(flavor = "multi_thread")]
async fn the_published_clients_are_understood() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
    let installed = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(&folder)
        .output()
        .await
        .expect("npm is needed: install Node.js 20 or later");
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));

    let server = Server::start();
    let ran = Command::new("node")
        .args(["watch.mjs", &server.address.to_string(), TOKEN])
        .current_dir(&folder)
        .output()
        .await
        .expect("node is needed");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let told: Vec<Value> = String::from_utf8_lossy(&ran.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("one line of JSON an operation"))
        .collect();
    let of = |over: &str, refused: Value| {
        vec![
            json!({"over": over, "name": "query", "results": [{"data": {"hello": "hello a"}}]}),
            json!({"over": over, "name": "mutation", "results": [{"data": {"rename": true}}]}),
            json!({"over": over, "name": "subscription",
                "results": [{"data": {"count": 1}}, {"data": {"count": 2}}, {"data": {"count": 3}}]}),
            json!({"over": over, "name": "field error",
                "results": [{"data": {"hello": "hello ", "missing": null}, "codes": ["SOURCE_FAILED"]}]}),
            json!({"over": over, "name": "refused", "results": [{"refused": refused}]}),
        ]
    };
    let mut expected = of("ws", json!(["GRAPHQL_VALIDATION_FAILED"]));
    // It was refused before the stream began: by a status that is none of a stream's.
    expected.extend(of("sse", json!("Server responded with 400: Bad Request")));
    assert_eq!(told, expected);
}

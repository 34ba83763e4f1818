//! The 61 audits of the npm package graphql-http, MUST, SHOULD and MAY alike.

use std::path::Path;

use serde_json::Value;
use tokio::process::Command;

use crate::kit::{Server, TOKEN};

#[tokio::test(flavor = "multi_thread")]
async fn every_audit_passes() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/graphql-http");
    let installed = Command::new("npm")
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
        .current_dir(&folder)
        .output()
        .await
        .expect("npm is needed: install Node.js 20 or later");
    assert!(installed.status.success(), "{}", String::from_utf8_lossy(&installed.stderr));

    let server = Server::reading();
    let url = format!("http://{}/graphql", server.address);
    let audited = Command::new("node")
        .args(["audit.mjs", &url, TOKEN])
        .current_dir(&folder)
        .output()
        .await
        .expect("node is needed");
    assert!(audited.status.success(), "{}", String::from_utf8_lossy(&audited.stderr));

    let audits: Vec<Value> = String::from_utf8_lossy(&audited.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).expect("one line of JSON an audit"))
        .collect();
    let failed: Vec<&Value> = audits.iter().filter(|audit| audit["status"] != "ok").collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert_eq!(audits.len(), 61, "audits of the pinned version");
}

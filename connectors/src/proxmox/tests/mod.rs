//! Tests of the Proxmox VE source, over HTTP against a server that answers in Proxmox' words.

mod details;
mod faults;
mod mapping;
mod simulated;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use schema::fact::{AddressOrigin, GuestFact, NodeFact};
use schema::{Snapshot, SourceInfo, Timestamp};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::connector::SecretAt;
use crate::testing::{Reply, Server};
use crate::{Build, BuildError, Connector, Limits, Secrets};

const TOKEN: &str = "reader@pve!view=9b6f1d0e-2f3c-4a5b-8c7d-0123456789ab";

/// A fleet that answers, and the source that reads it.
struct Bench {
    server: Server,
    source: Arc<dyn Connector>,
    /// Data by path below `/api2/json`.
    fleet: Arc<Mutex<BTreeMap<String, Value>>>,
    /// Paths that are answered so instead.
    replies: Arc<Mutex<BTreeMap<String, Reply>>>,
}

impl Bench {
    async fn start() -> Self {
        let fleet: BTreeMap<String, Value> =
            serde_json::from_str(include_str!("../fixtures/fleet.json")).expect("the fixture");
        let fleet = Arc::new(Mutex::new(fleet));
        let replies: Arc<Mutex<BTreeMap<String, Reply>>> = Arc::default();
        let (data, overrides) = (Arc::clone(&fleet), Arc::clone(&replies));
        let server = Server::start(move |request| {
            let path = request.path.strip_prefix("/api2/json").unwrap_or(&request.path);
            if let Some(reply) = overrides.lock().expect("no panic").get(path) {
                return reply.clone();
            }
            match data.lock().expect("no panic").get(path) {
                Some(data) => Reply::json(json!({ "data": data }).to_string()),
                None => Reply::with("501 Method not implemented", *br#"{"data":null}"#),
            }
        })
        .await;
        let source = source(&[&server], Limits { timeout: Duration::from_millis(500), ..Limits::default() });
        Self { server, source, fleet, replies }
    }

    /// Changes what the fleet answers.
    fn set(&self, path: &str, data: Value) {
        self.fleet.lock().expect("no panic").insert(path.to_owned(), data);
    }

    /// Changes one key of a guest in the list.
    fn set_guest(&self, vmid: u64, key: &str, value: Value) {
        let mut fleet = self.fleet.lock().expect("no panic");
        let list = fleet.get_mut("/cluster/resources").and_then(Value::as_array_mut).expect("a list");
        let guest = list
            .iter_mut()
            .find(|entry| entry["id"].as_str().is_some_and(|id| id.ends_with(&format!("/{vmid}"))));
        guest.expect("a guest")[key] = value;
    }

    /// Answers a path otherwise from now on.
    fn reply(&self, path: &str, reply: Reply) {
        self.replies.lock().expect("no panic").insert(path.to_owned(), reply);
    }

    /// Answers a path as before.
    fn heal(&self, path: &str) {
        self.replies.lock().expect("no panic").remove(path);
    }

    /// One collection, that many seconds after the beginning; with the paths that were asked, sorted.
    async fn collect(&self, second: i64) -> (Snapshot, Vec<String>) {
        let before = self.server.received().len();
        let snapshot = self.source.collect(Timestamp::from_seconds(second)).await;
        let received = self.server.received();
        let mut asked: Vec<String> =
            received[before..].iter().map(|call| call.path.replacen("/api2/json", "", 1)).collect();
        asked.sort();
        (snapshot, asked)
    }
}

struct OneToken;

impl Secrets for OneToken {
    fn read(&self, _at: &SecretAt) -> Result<SecretString, BuildError> {
        Ok(SecretString::from(TOKEN))
    }
}

/// A source that reads these servers, the first one first.
fn source(servers: &[&Server], limits: Limits) -> Arc<dyn Connector> {
    let urls: Vec<&str> = servers.iter().map(|server| server.url.as_str()).collect();
    let table = toml::toml! { token = { env = "PVE_TOKEN" } };
    let mut table = table.clone();
    table.insert("url".to_owned(), urls[0].into());
    table.insert("fallback_urls".to_owned(), urls[1..].to_vec().into());
    build(table, limits).expect("a source")
}

fn build(table: toml::Table, limits: Limits) -> Result<Arc<dyn Connector>, BuildError> {
    let info = SourceInfo {
        name: "lab".into(),
        kind: "proxmox".into(),
        cloud: None,
        environment: None,
        groups: Vec::new(),
        network: "default".into(),
        interval: super::KIND.interval,
        addresses: Vec::new(),
    };
    (super::KIND.build)(Build {
        info: Arc::new(info),
        table,
        limits,
        secrets: &OneToken,
        database: None,
        folder: Path::new("."),
    })
}

/// The guest of that VMID.
fn guest(snapshot: &Snapshot, vmid: u32) -> &GuestFact {
    snapshot.facts.guests.iter().find(|guest| guest.vmid == vmid).expect("a guest")
}

fn node<'a>(snapshot: &'a Snapshot, name: &str) -> &'a NodeFact {
    snapshot.facts.nodes.iter().find(|node| &*node.name == name).expect("a node")
}

/// A guest's interfaces in one line; stale addresses in brackets.
fn interfaces(guest: &GuestFact) -> String {
    let mut text = String::new();
    for nic in &guest.nics {
        let _ = write!(text, "{}{}", if text.is_empty() { "" } else { "; " }, nic.name);
        for claim in &nic.claims {
            let origin = match claim.origin {
                AddressOrigin::GuestAgent => "agent",
                AddressOrigin::ContainerInterfaces => "container",
                AddressOrigin::StaticConfig => "static",
                AddressOrigin::CloudInit => "cloud-init",
                other => panic!("Proxmox knows nothing of {other:?}"),
            };
            let (open, close) = if claim.stale { ("(", ")") } else { ("", "") };
            let _ = write!(text, " {open}{origin} {}{close}", claim.address);
        }
    }
    if let Some(reason) = guest.ip_reason {
        let _ = write!(text, " {reason:?}");
    }
    text
}

/// Code and subject of each problem, in order of subject.
fn problems(snapshot: &Snapshot) -> Vec<String> {
    let mut found: Vec<String> =
        snapshot.problems.iter().map(|problem| format!("{}: {:?}", problem.subject, problem.code)).collect();
    found.sort();
    found
}

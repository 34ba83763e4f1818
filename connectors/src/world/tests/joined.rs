//! The whole world over HTTP: each simulator is served, each source collects it, and the join of what they say is what the
//! world expects, path by path.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use schema::fact::{AssignmentFact, PortMapFact, Seen};
use schema::view::{self, HopState, Inputs, PathState, View};
use schema::{Facts, Held, ObjectId, Snapshot, SourceInfo, Timestamp};
use secrecy::SecretString;

use crate::connector::SecretAt;
use crate::testing::{Received, Reply, Server};
use crate::world::generate::draw::{Draw, Part};
use crate::world::{Ask, Change, ExpectedHop, ExpectedPath, ExpectedState, Spec, Upstream, World, Written};
use crate::{Build, BuildError, CATALOG, Kind, Limits, Secrets};

/// Serves the first server of every simulated source, collects it once, and adds what people wrote down.
async fn joined(world: &World) -> View {
    let now = world.epoch.plus(std::time::Duration::from_hours(1));
    let shared = Arc::new(world.clone());
    let mut sources = vec![ipam(world, now), declared(world, now).await];
    for kind in CATALOG {
        let Some(simulator) = &kind.simulator else { continue };
        let upstreams = (simulator.upstreams)(world);
        let mut servers: BTreeMap<String, Vec<(Upstream, Server)>> = BTreeMap::new();
        for upstream in upstreams {
            let (asked, within, answer) = (upstream.clone(), Arc::clone(&shared), simulator.answer);
            let server = Server::start(move |received| {
                let request = request(received);
                let ask = Ask { world: &within, upstream: &asked, session_epoch: 0, now, request: &request };
                reply(&answer(&ask))
            })
            .await;
            servers.entry(upstream.source.clone()).or_default().push((upstream, server));
        }
        for servers in servers.values() {
            sources.push(collected(kind, servers, now).await);
        }
    }
    view::join(&Inputs { sources, ..Inputs::default() })
}

/// Collects a source once; its first server is its address, the others are its fallback addresses.
async fn collected(kind: &Kind, servers: &[(Upstream, Server)], now: Timestamp) -> Held {
    let (upstream, server) = &servers[0];
    let mut table: toml::Table = upstream.configuration.join("\n").parse().expect("lines of TOML");
    table.insert("url".into(), server.url.as_str().into());
    let fallback: Vec<toml::Value> =
        servers[1..].iter().map(|(_, server)| server.url.as_str().into()).collect();
    if !fallback.is_empty() {
        table.insert("fallback_urls".into(), fallback.into());
    }
    let mut word = |key: &str| table.remove(key).and_then(|value| value.as_str().map(Arc::from));
    let (cloud, environment) = (word("cloud"), word("environment"));
    let network = word("network").unwrap_or_else(|| "default".into());
    let addresses = table.remove("addresses").and_then(|list| list.try_into::<Vec<_>>().ok());
    let info = Arc::new(SourceInfo {
        name: upstream.source.as_str().into(),
        kind: kind.name.into(),
        cloud,
        environment,
        groups: Vec::new(),
        network,
        interval: kind.interval,
        addresses: addresses.unwrap_or_default(),
    });
    let build = Build {
        info: Arc::clone(&info),
        table,
        limits: Limits::default(),
        secrets: &Environment(&upstream.environment),
        database: None,
        folder: Path::new("."),
    };
    let source = (kind.build)(build).unwrap_or_else(|error| panic!("{}: {error}", upstream.name));
    let snapshot = source.collect(now).await;
    assert_eq!(snapshot.failure, None, "{}", upstream.name);
    held(info, snapshot, now)
}

fn held(info: Arc<SourceInfo>, snapshot: Snapshot, now: Timestamp) -> Held {
    Held { snapshot: Some(Arc::new(snapshot)), last_attempt: Some(now), ..Held::pending(info) }
}

/// A source that is no server.
fn info(kind: &str) -> Arc<SourceInfo> {
    Arc::new(SourceInfo {
        name: kind.into(),
        kind: kind.into(),
        cloud: None,
        environment: None,
        groups: Vec::new(),
        network: "default".into(),
        interval: std::time::Duration::from_secs(10),
        addresses: Vec::new(),
    })
}

/// The files that the world writes, read as the source reads them.
async fn declared(world: &World, now: Timestamp) -> Held {
    let folder = tempfile::tempdir().expect("a folder");
    let mut table = toml::Table::new();
    let names = world.declared_files().into_iter().map(|(name, content)| {
        std::fs::write(folder.path().join(&name), content).expect("room for a file");
        toml::Value::from(name)
    });
    table.insert("files".into(), names.collect::<Vec<_>>().into());
    let kind = CATALOG.iter().find(|kind| kind.name == "declared").expect("a kind of source");
    let info = info(kind.name);
    let build = Build {
        info: Arc::clone(&info),
        table,
        limits: Limits::default(),
        secrets: &Environment(&[]),
        database: None,
        folder: folder.path(),
    };
    let source = (kind.build)(build).unwrap_or_else(|error| panic!("declared: {error}"));
    let snapshot = source.collect(now).await;
    assert_eq!((&snapshot.failure, snapshot.problems.as_slice()), (&None, &[][..]));
    let rows = |wanted: fn(Written) -> bool| {
        world.networks[0].assignments.iter().filter(|row| wanted(row.written)).count()
    };
    assert_eq!(snapshot.facts.assignments.len(), rows(|written| written != Written::Ipam));
    held(info, snapshot, now)
}

/// The rows of the IPAM, as the source of that kind would say them.
fn ipam(world: &World, now: Timestamp) -> Held {
    let kind = "ipam";
    let wanted = |written: Written| written == Written::Ipam;
    let seen = Seen { at: now, stale: false };
    let mut facts = Facts::default();
    for network in &world.networks {
        for row in network.assignments.iter().filter(|row| wanted(row.written)) {
            facts.assignments.push(AssignmentFact {
                reference: facts.assignments.len().to_string().into(),
                address: row.address,
                network: network.name.as_str().into(),
                hostname: row.hostname.as_deref().map(Into::into),
                vmid: row.vmid,
                cluster: row.cluster.as_deref().map(Into::into),
                mac: row.mac,
                vlan: None,
                owner_team: None,
                service: None,
                role: row.role,
                status: row.status,
                declared_in: kind.into(),
                version: 1,
                not_a_guest: false,
                seen,
            });
        }
        for row in network.cables.iter().filter(|row| wanted(row.written)) {
            facts.port_map.push(PortMapFact {
                reference: facts.port_map.len().to_string().into(),
                switch: row.switch.as_str().into(),
                port: row.port,
                node: row.node.as_str().into(),
                cluster: Some(row.cluster.as_str().into()),
                panel: None,
                nic: None,
                lag: None,
                vlan: None,
                speed_mbps: None,
                declared_in: kind.into(),
                seen,
            });
        }
    }
    held(info(kind), Snapshot { collected_at: now, facts, ..Snapshot::default() }, now)
}

struct Environment<'a>(&'a [(String, String)]);

impl Secrets for Environment<'_> {
    fn read(&self, at: &SecretAt) -> Result<SecretString, BuildError> {
        let SecretAt::Env(wanted) = at else { panic!("a simulator's secrets are in its environment") };
        let (_, value) = self.0.iter().find(|(name, _)| name == wanted).expect("a printed variable");
        Ok(SecretString::from(value.as_str()))
    }
}

fn request(received: &Received) -> http::Request<Bytes> {
    let mut request = http::Request::builder().method(received.method.as_str()).uri(received.path.as_str());
    for (name, value) in &received.headers {
        request = request.header(name, value);
    }
    request.body(Bytes::from(received.body.clone())).expect("what arrived can be asked")
}

fn reply(response: &http::Response<Bytes>) -> Reply {
    let reason = response.extensions().get::<crate::world::Reason>();
    let reason = reason.map_or_else(|| "Whatever".to_owned(), |reason| reason.0.clone());
    // The test server takes what a test wrote; this one is written by the world.
    let status: &'static str = format!("{} {reason}", response.status().as_u16()).leak();
    let headers = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    let mut headers: Vec<_> = headers.map(|value| ("content-type", value.to_owned())).into_iter().collect();
    let cookies = response.headers().get_all("set-cookie").iter().filter_map(|value| value.to_str().ok());
    headers.extend(cookies.map(|value| ("set-cookie", value.to_owned())));
    Reply::Answer(status, headers, response.body().to_vec())
}

/// What the View says of a path, in the world's words.
fn found(view: &View, id: &ObjectId) -> Option<ExpectedPath> {
    let path = view.path(view.find_path(id)?);
    let hops = path.hops().map(|hop| match (hop.state(), hop.target()) {
        (HopState::Ambiguous, _) => {
            let mut ids: Vec<_> = hop.candidates().iter().map(|object| view.id(*object)).collect();
            ids.sort();
            ExpectedHop::Ambiguous(ids)
        }
        (_, Some(target)) => ExpectedHop::Resolved(view.id(target)),
        (_, None) => ExpectedHop::Missing,
    });
    Some(ExpectedPath {
        entry: path.entry().to_owned(),
        id: id.clone(),
        location: path.location().map(str::to_owned),
        state: match path.state() {
            PathState::Complete => ExpectedState::Complete,
            PathState::Partial => ExpectedState::Partial,
            PathState::Broken => ExpectedState::Broken,
            PathState::Ambiguous => ExpectedState::Ambiguous,
        },
        hops,
        guests: path.guests().map(|guest| view.id(guest)).collect(),
        switch_ports: path.switch_ports().iter().map(|port| view.id(*port)).collect(),
    })
}

fn line(path: &ExpectedPath) -> String {
    let ports: Vec<_> = path.switch_ports.iter().map(ToString::to_string).collect();
    let hops = path.hops.clone().map(|hop| super::hop_shown(&hop)).join(" > ");
    format!("{} {:?} {hops} at {}", path.id, path.state, ports.join(" "))
}

async fn check(world: &World) {
    let view = joined(world).await;
    let mut wrong = Vec::new();
    let expected = world.expected();
    for path in &expected {
        let found = found(&view, &path.id);
        if found.as_ref() != Some(path) {
            let found = found.as_ref().map(line);
            wrong.push(format!("expected {}\n   found {found:?}", line(path)));
        }
    }
    assert!(wrong.is_empty(), "{} of {} paths:\n{}", wrong.len(), expected.len(), wrong.join("\n"));
    assert_eq!(view.paths().len(), expected.len(), "no path that the world does not have");
}

#[tokio::test]
async fn the_join_of_every_source_is_what_the_world_expects() {
    check(&World::generate(&Spec::default()).expect("within bounds")).await;
}

#[tokio::test]
async fn and_so_it_is_after_changes() {
    let mut world =
        World::generate(&Spec { seed: 2, guests: 100, ..Spec::default() }).expect("within bounds");
    let now = world.epoch;
    for change in [
        Change::Stop("files".into()),
        Change::Stop("shop-a".into()),
        Change::Start("legacy".into()),
        Change::Move { guest: "wiki".into(), to: "pve1c".into() },
        Change::Kill("pve1a".into()),
        Change::Revive("pve2c".into()),
    ] {
        world.apply(&change, now).expect("it can happen");
    }
    check(&world).await;
}

#[tokio::test]
async fn and_so_it_is_after_whatever_happened() {
    let seed = 31;
    let spec = Spec { seed, guests: 120, nodes: Some(12), hostnames: Some(80), ..Spec::default() };
    let mut world = World::generate(&spec).expect("within bounds");
    let now = world.epoch;
    let mut draw = Draw::nth(seed, Part::Names, 1);
    let mut happened = 0;
    for _ in 0..60 {
        let cluster = &world.clusters[draw.below(world.clusters.len())];
        let guest = format!("{}/{}", cluster.source, cluster.guests[draw.below(cluster.guests.len())].vmid);
        let node = cluster.nodes[draw.below(cluster.nodes.len())].name.clone();
        let change = match draw.below(10) {
            0..=3 => Change::Stop(guest),
            4..=5 => Change::Start(guest),
            6..=8 => Change::Move { guest, to: node },
            _ if happened % 2 == 0 => Change::Kill(node),
            _ => Change::Revive(node),
        };
        // Some cannot: a template does not start, and nothing starts on a dead node.
        happened += u32::from(world.apply(&change, now).is_ok());
    }
    assert!(happened > 30, "{happened}");
    check(&world).await;
}

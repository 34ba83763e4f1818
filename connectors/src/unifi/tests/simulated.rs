//! Whole collections from the simulated console, over HTTP: what comes is what is in the world.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use schema::fact::VlanState;
use schema::source::ProblemCode;
use schema::{Snapshot, Timestamp};

use super::{NOW, source, told};
use crate::testing::{Received, Reply, Server};
use crate::unifi::simulator::SIMULATOR;
use crate::world::{Ask, Network, Spec, World};
use crate::{Connector, Limits};

static WORLD: LazyLock<Arc<World>> =
    LazyLock::new(|| Arc::new(World::generate(&Spec::default()).expect("a world")));

/// A console in front of a world, whose sessions can be ended.
pub(super) struct Console {
    pub(super) server: Server,
    pub(super) world: Arc<World>,
    pub(super) epoch: Arc<AtomicU64>,
}

impl Console {
    /// One that answers as the real one does, but for what `else_` says to a request.
    pub(super) async fn start(else_: impl Fn(&Received) -> Option<Reply> + Send + Sync + 'static) -> Self {
        let world = Arc::clone(&WORLD);
        let epoch = Arc::new(AtomicU64::new(0));
        let (of, now) = (Arc::clone(&world), Arc::clone(&epoch));
        let server = Server::start(move |received| {
            else_(received).unwrap_or_else(|| answer(&of, received, now.load(Ordering::SeqCst)))
        })
        .await;
        Self { server, world, epoch }
    }

    /// The first network, which is what it answers for.
    pub(super) fn network(&self) -> &Network {
        &self.world.networks[0]
    }

    /// A source that reads it by key.
    pub(super) fn by_key(&self) -> Arc<dyn Connector> {
        let key = &self.network().controller.api_key;
        self.source(&format!("api_key = {{ env = {key:?} }}"))
    }

    /// A source that reads it with an account, which is the good one with this behind its name.
    pub(super) fn by_login(&self, suffix: &str) -> Arc<dyn Connector> {
        let controller = &self.network().controller;
        let (username, password) = (format!("{}{suffix}", controller.username), &controller.password);
        self.source(&format!("username = {username:?}\npassword = {{ env = {password:?} }}"))
    }

    /// A source with these lines.
    pub(super) fn source(&self, lines: &str) -> Arc<dyn Connector> {
        source(&self.server.url, lines, Limits::default()).map_err(|error| error.message).expect("a source")
    }

    /// What was asked since the last time, without what stands before the paths of the Network application.
    pub(super) fn asked(&self, since: &mut usize) -> Vec<String> {
        let received = self.server.received();
        let mut asked: Vec<String> = received[*since..]
            .iter()
            .map(|one| format!("{} {}", one.method, one.path.trim_start_matches("/proxy/network")))
            .collect();
        *since = received.len();
        asked.sort();
        asked
    }
}

fn answer(world: &World, received: &Received, session_epoch: u64) -> Reply {
    let upstream = (SIMULATOR.upstreams)(world).swap_remove(0);
    let mut request = Request::builder().method(received.method.as_str()).uri(received.path.as_str());
    for (name, value) in &received.headers {
        request = request.header(name, value);
    }
    let request = request.body(Bytes::from(received.body.clone())).expect("a request");
    let response =
        (SIMULATOR.answer)(&Ask { world, upstream: &upstream, session_epoch, now: NOW, request: &request });
    let status = match response.status().as_u16() {
        200 => "200 OK",
        400 => "400 Bad Request",
        401 => "401 Unauthorized",
        403 => "403 Forbidden",
        404 => "404 Not Found",
        429 => "429 Too Many Requests",
        499 => "499 Token Required",
        _ => "500 Internal Server Error",
    };
    let text = |value: &http::HeaderValue| value.to_str().expect("text").to_owned();
    let mut headers = Vec::new();
    for name in ["content-type", "set-cookie", "x-csrf-token", "x-updated-csrf-token", "retry-after"] {
        headers.extend(response.headers().get_all(name).iter().map(|value| (name, text(value))));
    }
    Reply::Answer(status, headers, response.body().to_vec())
}

pub(super) fn later(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}

/// Everything that the world has is in the snapshot, and nothing else.
pub(super) fn is_the_network(snapshot: &Snapshot, network: &Network) {
    assert_eq!(snapshot.failure, None);
    assert_eq!(told(&snapshot.problems), Vec::<String>::new());
    let facts = &snapshot.facts;
    let uplinks: BTreeMap<_, _> =
        network.devices.iter().map(|device| (device.mac, device.uplink.map(|link| link.above))).collect();
    let found: BTreeMap<_, _> = facts
        .devices
        .iter()
        .map(|device| (device.mac, (&*device.name, device.address, device.uplink)))
        .collect();
    let expected: BTreeMap<_, _> = network
        .devices
        .iter()
        .map(|device| {
            let above = uplinks[&device.mac].map(|above| (above.switch, Some(above.port)));
            (device.mac, (device.name.as_str(), Some(device.address), above))
        })
        .collect();
    assert_eq!(found, expected);

    let found: BTreeMap<_, _> = facts
        .ports
        .iter()
        .map(|port| {
            let speed = port.speed_mbps;
            let flags = (port.up, speed, port.poe, port.is_uplink, port.is_downlink);
            ((port.switch, port.number), (flags, port.native_vlan, port.tagged_vlans.to_vec(), port.lag))
        })
        .collect();
    let ports = network.devices.iter().flat_map(|device| device.ports.iter().map(|port| (device.mac, port)));
    let expected: BTreeMap<_, _> = ports
        .clone()
        .map(|(mac, port)| {
            let speed = port.up.then_some(port.speed_mbps);
            let flags = (port.up, speed, port.poe, port.is_uplink, port.downlink.is_some());
            ((mac, port.number), (flags, Some(port.native_vlan), port.tagged_vlans.clone(), port.lag))
        })
        .collect();
    assert_eq!(found, expected);

    let found: BTreeMap<_, _> =
        facts.lldp.iter().map(|heard| ((heard.switch, heard.port), heard.chassis)).collect();
    let expected: BTreeMap<_, _> = ports
        .filter_map(|(mac, port)| Some(((mac, port.number), Some(port.neighbour.as_ref()?.chassis))))
        .collect();
    assert_eq!(found, expected);

    let found: BTreeMap<_, _> = facts
        .clients
        .iter()
        .map(|client| {
            let seen = client.last_seen.map(|at| NOW.since(at).as_secs());
            (client.mac, (client.address, client.wired, client.port, client.vlan, seen))
        })
        .collect();
    let expected: BTreeMap<_, _> = network
        .clients
        .iter()
        .filter(|client| client.active)
        .map(|client| {
            let port = client.port.map(|port| (port.switch, port.port));
            let vlan = network.vlans.get(client.vlan).map(|vlan| vlan.id);
            let seen = Some(u64::from(client.seen_seconds_ago));
            (client.mac, (client.address, client.wired, port, vlan, seen))
        })
        .collect();
    assert_eq!(found, expected);

    let found: BTreeMap<_, _> = facts
        .port_forwards
        .iter()
        .map(|forward| {
            let to = (forward.forward_address, &*forward.forward_port);
            (&*forward.reference, (forward.enabled, forward.protocol, &*forward.public_port, to))
        })
        .collect();
    let expected: BTreeMap<_, _> = network
        .port_forwards
        .iter()
        .map(|forward| {
            let to = (Some(forward.forward_address), forward.forward_port.as_str());
            (
                forward.reference.as_str(),
                (forward.enabled, forward.protocol, forward.public_port.as_str(), to),
            )
        })
        .collect();
    assert_eq!(found, expected);

    let found: BTreeMap<_, _> =
        facts.subnets.iter().map(|subnet| (&*subnet.reference, subnet.cidr)).collect();
    let in_use = network.vlans.iter().filter(|vlan| vlan.state == VlanState::Current);
    let expected: BTreeMap<_, _> = in_use.map(|vlan| (vlan.reference.as_str(), vlan.cidr)).collect();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn by_key_and_by_login_all_that_is_there_comes() {
    let console = Console::start(|_| None).await;
    for source in [console.by_key(), console.by_login("")] {
        let snapshot = source.collect(NOW).await;
        is_the_network(&snapshot, console.network());
        assert!(snapshot.facts.ports.iter().any(|port| port.lag.is_some()), "the world has a LAG");
    }
}

#[tokio::test]
async fn what_seldom_changes_is_read_seldom_and_a_session_is_used_again() {
    let console = Console::start(|_| None).await;
    let source = console.by_login("");
    let mut since = 0;
    source.collect(NOW).await;
    assert_eq!(
        console.asked(&mut since),
        [
            "GET /api/s/default/rest/networkconf",
            "GET /api/s/default/rest/portconf",
            "GET /api/s/default/rest/portforward",
            "GET /api/s/default/stat/device",
            "GET /api/s/default/stat/sta",
            "GET /status",
            "POST /api/auth/login",
        ]
    );
    let snapshot = source.collect(later(15)).await;
    assert_eq!(console.asked(&mut since), ["GET /api/s/default/stat/device", "GET /api/s/default/stat/sta"]);
    is_the_network(&source.collect(later(30)).await, console.network());
    assert!(snapshot.facts.port_forwards.iter().all(|forward| !forward.seen.stale && forward.seen.at == NOW));
    source.collect(later(301)).await;
    assert_eq!(console.asked(&mut since).len(), 2 + 5);
}

#[tokio::test]
async fn a_session_that_has_ended_is_opened_again_once() {
    let console = Console::start(|_| None).await;
    let source = console.by_login("");
    source.collect(NOW).await;
    let mut since = console.server.received().len();
    console.epoch.store(1, Ordering::SeqCst);
    is_the_network(&source.collect(later(15)).await, console.network());
    assert_eq!(
        console.asked(&mut since),
        [
            "GET /api/s/default/stat/device",
            "GET /api/s/default/stat/device",
            "GET /api/s/default/stat/sta",
            "GET /api/s/default/stat/sta",
            "POST /api/auth/login",
        ]
    );
    // And where each session ends at once, logins stay few.
    let posts = |console: &Console| {
        console.server.received().iter().filter(|received| received.method == "POST").count()
    };
    let before = posts(&console);
    for round in 0..10_u64 {
        console.epoch.fetch_add(1, Ordering::SeqCst);
        source.collect(later(100 + round)).await;
    }
    assert_eq!(posts(&console) - before, 3);
}

#[tokio::test]
async fn refused_logins_say_what_to_do_and_are_not_repeated() {
    let console = Console::start(|_| None).await;
    let check = async |suffix: &str, code: ProblemCode, word: &str, logins_in_a_minute: usize| {
        let source = console.by_login(suffix);
        let before = console.server.received().len();
        for second in [0, 9, 18, 27, 36, 45, 54] {
            let failure = source.collect(later(second)).await.failure.expect("a failure");
            if second == 0 {
                assert_eq!(failure.code, code, "{}", failure.message);
                assert!(failure.message.contains(word), "{}", failure.message);
            }
        }
        let logins = console.server.received()[before..].iter().filter(|one| one.method == "POST").count();
        assert_eq!(logins, logins_in_a_minute, "{suffix}");
    };
    check("-2fa", ProblemCode::Unauthorized, "local-only account", 3).await;
    check("-limit", ProblemCode::RateLimited, "for 90 s", 1).await;
    check("-unknown", ProblemCode::Unauthorized, "username or password", 3).await;
}

#[tokio::test]
async fn an_account_without_rights_to_settings_still_shows_devices_and_clients() {
    let console = Console::start(|_| None).await;
    let source = console.by_login("-clients");
    let snapshot = source.collect(NOW).await;
    assert_eq!(snapshot.failure, None);
    assert!(!snapshot.facts.devices.is_empty() && !snapshot.facts.clients.is_empty());
    let refused: Vec<_> = snapshot.problems.iter().map(|problem| (problem.code, &*problem.subject)).collect();
    let forbidden = ProblemCode::Forbidden;
    assert_eq!(
        refused,
        [(forbidden, "networks"), (forbidden, "port profiles"), (forbidden, "port forwards")]
    );
    assert_eq!(snapshot.unread, [], "what the Integration API shows is all that is asked of it");
    let mut since = console.server.received().len();
    source.collect(later(15)).await;
    assert_eq!(console.asked(&mut since).len(), 2, "what is refused is not asked for each time");
}

#[tokio::test]
async fn settings_are_read_again_when_a_device_says_that_its_own_have_changed() {
    let changed = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_changed = Arc::clone(&changed);
    let console = Console::start(move |received| {
        let answers = received.path.ends_with("stat/device") && is_changed.load(Ordering::SeqCst);
        let device = r#"{"mac":"02:aa:00:00:00:01","cfgversion":"after"}"#;
        answers.then(|| Reply::json(format!(r#"{{"meta":{{"rc":"ok"}},"data":[{device}]}}"#)))
    })
    .await;
    let source = console.by_key();
    let mut since = 0;
    for (round, is_changed, calls) in [(0, false, 6), (1, false, 2), (2, true, 2), (3, true, 5), (4, true, 2)]
    {
        changed.store(is_changed, Ordering::SeqCst);
        source.collect(later(round * 15)).await;
        assert_eq!(console.asked(&mut since).len(), calls, "round {round}");
    }
}

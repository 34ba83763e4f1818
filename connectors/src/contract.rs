//! The contract that every source passes (docs/design.md, "A source is a contract"): a table of source and fault, each cell
//! of which is tested, or marked as not applicable with its reason.
//!
//! Each source reads its own simulator over HTTP; then every call is answered with the fault, and the collection must fail
//! as a whole with the right code, tell no secret, leave the earlier facts where they were, and be good again afterwards.

use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use schema::source::ProblemCode::{
    self, BadResponse, Forbidden, NotFound, Partial, RateLimited, Timeout, Tls, Unauthorized, Unreachable,
};
use schema::{Facts, Held, SourceInfo, SourceState, Timestamp};
use secrecy::SecretString;

use crate::connector::SecretAt;
use crate::poll::{Clock, Polled, Poller};
use crate::testing::{Received, Reply, Server};
use crate::world::{Ask, Reason, Spec, Upstream, World};
use crate::{Build, BuildError, CATALOG, Connector, Kind, Limits, Secrets};

/// Sources of which the HTTP faults do not hold, and why.
const NOT_OVER_HTTP: &[(&str, &str)] = &[
    ("declared", "reads files; its own tests hold it to unreadable, huge and malformed ones"),
    ("ipam", "reads PostgreSQL; its own tests hold it to a database that is away or of another schema"),
];

/// Sources for which no session can end, and why.
const WITHOUT_SESSION: &[(&str, &str)] = &[
    ("proxmox", "an API token has none"),
    ("stripe", "a secret key has none"),
    ("unifi", "an API key has none; its own tests end the sessions of a login"),
];

/// What every call is answered with, and what the collection's failure is then.
fn faults() -> Vec<(&'static str, Reply, ProblemCode)> {
    let json = |status| Reply::with(status, *br#"{"data":null}"#);
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let elsewhere = vec![("location", "https://elsewhere.example.org/login".to_owned())];
    vec![
        ("401", json("401 Unauthorized"), Unauthorized),
        ("403", json("403 Forbidden"), Forbidden),
        ("404", json("404 Not Found"), NotFound),
        ("429", json("429 Too Many Requests"), RateLimited),
        ("500", json("500 Internal Server Error"), BadResponse),
        ("502", json("502 Bad Gateway"), Unreachable),
        ("595", json("595 No route to host"), Unreachable),
        ("hang", Reply::Hang, Timeout),
        ("drip", Reply::Drip, Timeout),
        ("cut", Reply::Cut, Unreachable),
        ("cut in the body", Reply::CutInBody(br#"{"data":[],"x":"0123456789"}"#.to_vec()), Unreachable),
        ("half JSON", Reply::json(*br#"{"data":[{"id":1,"#), BadResponse),
        ("not UTF-8", Reply::json(b"{\"data\":\"\xff\xfe\"}".to_vec()), BadResponse),
        ("HTML", Reply::json(*b"<!doctype html><title>Welcome</title>"), BadResponse),
        ("100 MB", Reply::Huge { announced: true, bytes: 100 << 20 }, BadResponse),
        ("100 MB, not announced", Reply::Huge { announced: false, bytes: 100 << 20 }, BadResponse),
        ("10,000 deep", Reply::json(deep), BadResponse),
        ("redirect", Reply::Answer("302 Found", elsewhere, Vec::new()), BadResponse),
    ]
}

/// A source in front of its simulator.
struct Stand {
    kind: &'static Kind,
    upstream: Upstream,
    world: Arc<Mutex<World>>,
    fault: Arc<Mutex<Option<Reply>>>,
    session_epoch: Arc<AtomicU64>,
    server: Server,
    now: Timestamp,
}

impl Stand {
    async fn start(name: &str, tls: bool) -> Self {
        let kind = CATALOG.iter().find(|kind| kind.name == name).expect("a kind");
        let simulator = kind.simulator.as_ref().expect("a kind that is simulated");
        let world =
            World::generate(&Spec { guests: 80, hostnames: Some(8), ..Spec::default() }).expect("a world");
        let upstream = (simulator.upstreams)(&world).swap_remove(0);
        let now = world.epoch.plus(Duration::from_hours(1));
        let (world, fault) = (Arc::new(Mutex::new(world)), Arc::new(Mutex::new(None::<Reply>)));
        let session_epoch = Arc::new(AtomicU64::new(0));
        let (of, asked) = (Arc::clone(&world), upstream.clone());
        let (instead, epoch) = (Arc::clone(&fault), Arc::clone(&session_epoch));
        let handler = move |received: &Received| {
            if let Some(reply) = instead.lock().expect("no panic").clone() {
                return reply;
            }
            let world = of.lock().expect("no panic");
            let (session_epoch, request) = (epoch.load(Ordering::SeqCst), request(received));
            let ask = Ask { world: &world, upstream: &asked, session_epoch, now, request: &request };
            reply(&(simulator.answer)(&ask))
        };
        let server = if tls { Server::start_tls(handler).await } else { Server::start(handler).await };
        Self { kind, upstream, world, fault, session_epoch, server, now }
    }

    /// The source, by the lines that the simulator prints, and these.
    fn source(&self, more: &str) -> Polled {
        let lines =
            format!("{}\nurl = \"{}\"\n{more}", self.upstream.configuration.join("\n"), self.server.url);
        let mut table: toml::Table = lines.parse().expect("lines of TOML");
        for key in ["network", "cloud", "environment", "groups", "interval", "addresses"] {
            table.remove(key);
        }
        let info = Arc::new(SourceInfo {
            name: self.upstream.name.as_str().into(),
            kind: self.kind.name.into(),
            cloud: None,
            environment: None,
            groups: Vec::new(),
            network: "default".into(),
            interval: self.kind.interval,
            addresses: Vec::new(),
        });
        let limits = Limits { timeout: Duration::from_millis(500), max_answer: 1 << 20, ..Limits::default() };
        let build = Build {
            info: Arc::clone(&info),
            table,
            limits: limits.clone(),
            secrets: &Environment(&self.upstream),
            database: None,
            folder: Path::new("."),
        };
        let connector: Arc<dyn Connector> =
            (self.kind.build)(build).map_err(|error| error.message).expect("a source");
        Polled { info, connector, limits }
    }

    /// The source of these lines, under a poller.
    fn poll(&self, more: &str) -> Polling {
        let now = Arc::new(AtomicI64::new(self.now.millis()));
        let told = Arc::clone(&now);
        let clock: Clock = Arc::new(move || Timestamp::from_millis(told.load(Ordering::SeqCst)));
        Polling { poller: Poller::start(vec![self.source(more)], &clock, 1), now, began: self.now }
    }

    fn set(&self, fault: Option<Reply>) {
        *self.fault.lock().expect("no panic") = fault;
    }

    /// No text may hold a secret of the source, nor the part of one behind its `=`.
    fn tells_no_secret(&self, text: &str, cell: &str) {
        for (name, secret) in &self.upstream.environment {
            let part = secret.rsplit('=').next().unwrap_or(secret);
            assert!(!text.contains(part), "{cell}: {name} is told");
        }
    }
}

/// A source that is collected when a test says so: the test's clock runs, the poller's schedule waits for real.
struct Polling {
    poller: Poller,
    now: Arc<AtomicI64>,
    began: Timestamp,
}

impl Polling {
    /// The source after a collection at that many seconds from the beginning.
    async fn at(&self, seconds: u64) -> Held {
        self.now.store(self.began.plus(Duration::from_secs(seconds)).millis(), Ordering::SeqCst);
        let name = Arc::clone(&self.poller.held()[0].info.name);
        self.poller.refresh(&name).await.expect("a source").held
    }
}

struct Environment<'a>(&'a Upstream);

impl Secrets for Environment<'_> {
    fn read(&self, at: &SecretAt) -> Result<SecretString, BuildError> {
        let SecretAt::Env(wanted) = at else { panic!("the lines name variables") };
        let found = self.0.environment.iter().find(|(name, _)| name == wanted);
        Ok(SecretString::from(found.expect("a variable of the lines").1.as_str()))
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
    let reason = response.extensions().get::<Reason>().map_or("said so", |reason| reason.0.as_str());
    // A few short strings in a test's life.
    let status: &'static str = format!("{} {reason}", response.status().as_u16()).leak();
    let mut headers = Vec::new();
    for name in ["content-type", "set-cookie", "x-csrf-token", "retry-after"] {
        let values = response.headers().get_all(name).iter().filter_map(|value| value.to_str().ok());
        headers.extend(values.map(|value| (name, value.to_owned())));
    }
    Reply::Answer(status, headers, response.body().to_vec())
}

/// Every fault of one source.
async fn check(kind: &str) {
    let stand = Stand::start(kind, false).await;
    for (name, reply, code) in faults() {
        let cell = format!("{kind}, {name}");
        let polling = stand.poll("");
        let good = polling.at(0).await;
        assert_eq!(good.failure, None, "{cell}, before");
        let facts = good.snapshot.expect("facts").facts.clone();
        assert!(!facts.is_empty(), "{cell}, before");

        stand.set(Some(reply));
        let held = polling.at(10).await;
        stand.set(None);
        let failure = held.failure.as_ref().unwrap_or_else(|| panic!("{cell}: it did not fail"));
        assert_eq!(failure.code, code, "{cell}: {}", failure.message);
        assert!(failure.message.len() > 20 && failure.message.len() < 600, "{cell}: {}", failure.message);
        assert_eq!(held.state(stand.now.plus(Duration::from_secs(10))), SourceState::Failed, "{cell}");
        assert_eq!(held.snapshot.as_ref().map(|kept| &kept.facts), Some(&facts), "{cell}");
        stand.tells_no_secret(&format!("{held:?}"), &cell);

        let after = polling.at(4_000).await;
        assert_eq!(after.failure, None, "{cell}, afterwards");
        assert!(after.collected_at() > held.collected_at(), "{cell}, afterwards");
    }
}

/// A session that ends is begun again within the collection that notices it.
async fn check_session(kind: &str) {
    let stand = Stand::start(kind, false).await;
    let polling = stand.poll("");
    assert_eq!(polling.at(0).await.failure, None, "{kind}");
    stand.session_epoch.fetch_add(1, Ordering::SeqCst);
    let held = polling.at(10).await;
    assert_eq!(held.failure, None, "{kind}");
    assert_eq!(held.collected_at(), Some(stand.now.plus(Duration::from_secs(10))), "{kind}");
}

/// An upstream that answers 200 with nothing: the source stays current, says PARTIAL, and its objects stay, marked stale.
async fn check_empty(kind: &str) {
    let stand = Stand::start(kind, false).await;
    let polling = stand.poll("");
    let good = polling.at(0).await;
    let empty = stand.world.lock().expect("no panic").emptied();
    *stand.world.lock().expect("no panic") = empty;
    let held = polling.at(10).await;
    assert_eq!(held.state(stand.now.plus(Duration::from_secs(10))), SourceState::Current, "{kind}");
    let (before, now) = (good.snapshot.expect("facts"), held.snapshot.expect("facts"));
    assert!(now.held_back && now.problems.iter().any(|problem| problem.code == Partial), "{kind}");
    let main_lists = |facts: &Facts| {
        [
            facts.nodes.len(),
            facts.guests.len(),
            facts.proxy_hosts.len(),
            facts.devices.len(),
            facts.clients.len(),
            facts.customers.len(),
        ]
    };
    assert_eq!(main_lists(&now.facts), main_lists(&before.facts), "{kind}");
    assert!(main_lists(&now.facts).iter().sum::<usize>() > 0, "{kind}");
    assert!(now.facts.guests.iter().all(|guest| guest.seen.stale), "{kind}");
    assert!(now.facts.proxy_hosts.iter().all(|host| host.seen.stale), "{kind}");
    assert!(now.facts.clients.iter().all(|client| client.seen.stale), "{kind}");
    assert!(now.facts.customers.iter().all(|customer| customer.seen.stale), "{kind}");
}

/// A self-signed certificate is refused, another fingerprint too; the right one is taken.
async fn check_tls(kind: &str) {
    let stand = Stand::start(kind, true).await;
    let wrong = format!("tls = {{ fingerprint = \"{}\" }}", "AB".repeat(32));
    for (lines, sentence) in [("", "signed by nobody we trust"), (wrong.as_str(), "its fingerprint is ")] {
        let held = stand.poll(lines).at(0).await;
        let failure = held.failure.as_ref().expect("no trust");
        assert_eq!(failure.code, Tls, "{kind}: {}", failure.message);
        assert!(failure.message.contains(sentence), "{kind}: {}", failure.message);
    }
    let der = stand.server.certificate.as_deref().expect("a server with TLS");
    let right = crate::testing::fingerprint(der);
    let held = stand.poll(&format!("tls = {{ fingerprint = \"{right}\" }}")).at(0).await;
    assert_eq!(held.failure, None, "{kind}");
}

macro_rules! contract {
    ($($kind:ident),*) => {
        /// The kinds below.
        const TESTED: &[&str] = &[$(stringify!($kind)),*];
        $(mod $kind {
            #[tokio::test]
            async fn every_fault_is_told_and_passes() {
                super::check(stringify!($kind)).await;
            }

            #[tokio::test]
            async fn nothing_at_all_is_not_believed() {
                super::check_empty(stringify!($kind)).await;
            }

            #[tokio::test]
            async fn certificates_are_verified() {
                super::check_tls(stringify!($kind)).await;
            }
        })*
    };
}

contract!(npm, proxmox, stripe, unifi);

#[tokio::test]
async fn sessions_that_end_are_begun_again() {
    for kind in TESTED.iter().filter(|kind| WITHOUT_SESSION.iter().all(|(name, _)| name != *kind)) {
        check_session(kind).await;
    }
}

#[test]
fn every_source_is_in_the_table() {
    for kind in CATALOG {
        let excused = NOT_OVER_HTTP.iter().any(|(name, _)| *name == kind.name);
        assert!(TESTED.contains(&kind.name) != excused, "{} is tested, or excused with a reason", kind.name);
        assert_eq!(
            kind.simulator.is_none(),
            excused,
            "{} speaks HTTP and is simulated, or neither",
            kind.name
        );
    }
}

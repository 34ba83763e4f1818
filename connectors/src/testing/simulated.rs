//! A simulator behind a real server, with a clock and sessions that a test turns, and the connector that reads it.

use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use schema::{Snapshot, SourceInfo, Timestamp};
use secrecy::SecretString;

use super::{Received, Reply, Server};
use crate::connector::SecretAt;
use crate::world::{Ask, Upstream, World};
use crate::{Build, BuildError, Connector, Kind, Limits, Secrets};

/// What a test puts in the place of the simulator's answer; `None` lets it answer.
type Instead = Box<dyn Fn(&Received) -> Option<Reply> + Send>;

/// The first upstream of a kind in a world, served over plain HTTP.
pub(crate) struct Simulated {
    pub(crate) server: Server,
    kind: &'static Kind,
    upstream: Upstream,
    controls: Arc<Controls>,
}

struct Controls {
    now: AtomicI64,
    session_epoch: AtomicU64,
    instead: Mutex<Option<Instead>>,
}

impl Simulated {
    pub(crate) async fn start(kind: &'static Kind, world: World, now: Timestamp) -> Self {
        let simulator = kind.simulator.as_ref().expect("a kind that is simulated");
        let upstream = (simulator.upstreams)(&world).into_iter().next().expect("an upstream of this kind");
        let controls = Arc::new(Controls {
            now: AtomicI64::new(now.millis()),
            session_epoch: AtomicU64::new(0),
            instead: Mutex::new(None),
        });
        let (asked, turned) = (upstream.clone(), Arc::clone(&controls));
        let server = Server::start(move |received| {
            let instead = turned.instead.lock().expect("no test panics while it holds this");
            if let Some(reply) = instead.as_ref().and_then(|instead| instead(received)) {
                return reply;
            }
            let request = request(received);
            let ask = Ask {
                world: &world,
                upstream: &asked,
                session_epoch: turned.session_epoch.load(Ordering::SeqCst),
                now: Timestamp::from_millis(turned.now.load(Ordering::SeqCst)),
                request: &request,
            };
            reply(&(simulator.answer)(&ask))
        })
        .await;
        Self { server, kind, upstream, controls }
    }

    /// Turns the server's clock.
    pub(crate) fn set_now(&self, now: Timestamp) {
        self.controls.now.store(now.millis(), Ordering::SeqCst);
    }

    /// Makes every session end that was begun before.
    pub(crate) fn expire_sessions(&self) {
        self.controls.session_epoch.fetch_add(1, Ordering::SeqCst);
    }

    /// Answers some requests in the simulator's place from now on.
    pub(crate) fn instead(&self, instead: impl Fn(&Received) -> Option<Reply> + Send + 'static) {
        *self.controls.instead.lock().expect("no test panics while it holds this") = Some(Box::new(instead));
    }

    /// The connector, configured by the lines that the simulator prints.
    pub(crate) fn connector(&self) -> Arc<dyn Connector> {
        self.connector_with(&[])
    }

    /// The same with other secrets for some variables.
    pub(crate) fn connector_with(&self, secrets: &[(&str, &str)]) -> Arc<dyn Connector> {
        let mut environment = self.upstream.environment.clone();
        for (name, value) in secrets {
            let place =
                environment.iter_mut().find(|(known, _)| known == name).expect("a variable of the lines");
            (*value).clone_into(&mut place.1);
        }
        let lines = format!("{}\nurl = \"{}\"", self.upstream.configuration.join("\n"), self.server.url);
        built(self.kind, &lines, environment)
            .unwrap_or_else(|error| panic!("the printed lines build a source: {error}"))
    }

    /// What was asked since the start, as `GET /path?query`.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.server.received().iter().map(|request| format!("{} {}", request.method, request.path)).collect()
    }
}

/// A source of these lines of TOML, with secrets from these variables.
pub(crate) fn built(
    kind: &Kind,
    lines: &str,
    environment: Vec<(String, String)>,
) -> Result<Arc<dyn Connector>, BuildError> {
    let mut table: toml::Table = lines.parse().expect("lines of TOML");
    // What the gateway reads for every source, and `addresses`, never arrive at a connector.
    for key in ["network", "cloud", "environment", "groups", "interval", "addresses"] {
        table.remove(key);
    }
    (kind.build)(Build {
        info: Arc::new(SourceInfo {
            name: "source".into(),
            kind: kind.name.into(),
            cloud: None,
            environment: None,
            groups: Vec::new(),
            network: "default".into(),
            interval: kind.interval,
            addresses: Vec::new(),
        }),
        table,
        limits: Limits::default(),
        secrets: &Environment(environment),
        database: None,
        folder: Path::new("."),
    })
}

/// Collects and expects that something came.
pub(crate) async fn collected(connector: &dyn Connector, now: Timestamp) -> Snapshot {
    let snapshot = connector.collect(now).await;
    assert_eq!(snapshot.failure, None);
    snapshot
}

struct Environment(Vec<(String, String)>);

impl Secrets for Environment {
    fn read(&self, at: &SecretAt) -> Result<SecretString, BuildError> {
        let found = match at {
            SecretAt::Env(name) => self.0.iter().find(|(known, _)| known == name),
            SecretAt::File(_) => None,
        };
        found
            .map(|(_, value)| SecretString::from(value.as_str()))
            .ok_or_else(|| BuildError { key: None, message: format!("no such secret: {at:?}") })
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
    let status = match response.status().as_u16() {
        200 => "200 OK",
        400 => "400 Bad Request",
        401 => "401 Unauthorized",
        403 => "403 Forbidden",
        404 => "404 Not Found",
        500 => "500 Internal Server Error",
        other => panic!("a status that no simulator had until now: {other}"),
    };
    let content_type = response.headers().get("content-type").and_then(|value| value.to_str().ok());
    let headers = vec![("content-type", content_type.unwrap_or_default().to_owned())];
    Reply::Answer(status, headers, response.body().to_vec())
}

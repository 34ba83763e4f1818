//! The connector without and with a network: records to facts, answers to errors, whole collections against servers.

mod clients;
mod devices;
mod login;
mod partial;
mod settings;
mod simulated;
mod trouble;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use schema::{Facts, Problem, SourceInfo, Timestamp};
use secrecy::SecretString;
use url::Url;

use super::answer::records;
use super::kept::Kept;
use super::{KIND, map};
use crate::connector::SecretAt;
use crate::{Build, BuildError, Connector, Limits, Secrets};

const NOW: Timestamp = Timestamp::from_seconds(1_760_000_000);

fn info() -> Arc<SourceInfo> {
    Arc::new(SourceInfo {
        name: "office".into(),
        kind: "unifi".into(),
        cloud: None,
        environment: None,
        groups: Vec::new(),
        network: "default".into(),
        interval: Duration::from_secs(15),
        addresses: Vec::new(),
    })
}

/// Answers as a controller sends them, list by list; a list that is not given was never read.
#[derive(Clone, Copy, Default)]
struct Given<'a> {
    devices: Option<&'a str>,
    clients: Option<&'a str>,
    networks: Option<&'a str>,
    profiles: Option<&'a str>,
    forwards: Option<&'a str>,
}

impl Given<'_> {
    fn keep(&self, kept: &mut Kept) {
        let body = |list: &str| format!(r#"{{"meta":{{"rc":"ok"}},"data":{list}}}"#);
        if let Some(list) = self.devices {
            kept.devices.take(records(body(list).as_bytes()), NOW);
        }
        if let Some(list) = self.clients {
            kept.clients.take(records(body(list).as_bytes()), NOW);
        }
        if let Some(list) = self.networks {
            kept.networks.take(records(body(list).as_bytes()), NOW);
        }
        if let Some(list) = self.profiles {
            kept.profiles.take(records(body(list).as_bytes()), NOW);
        }
        if let Some(list) = self.forwards {
            kept.forwards.take(records(body(list).as_bytes()), NOW);
        }
    }

    /// What is made of them.
    fn map(&self) -> (Facts, Vec<Problem>) {
        self.map_after(&Facts::default())
    }

    /// What is made of them where something was known before.
    fn map_after(&self, before: &Facts) -> (Facts, Vec<Problem>) {
        let mut kept = Kept::default();
        self.keep(&mut kept);
        map::facts(&kept, before, &info(), NOW)
    }
}

/// Problems as `subject: message`, for comparison.
fn told(problems: &[Problem]) -> Vec<String> {
    problems.iter().map(|problem| format!("{}: {}", problem.subject, problem.message)).collect()
}

/// Secrets that are their own names.
struct Plain;

impl Secrets for Plain {
    fn read(&self, at: &SecretAt) -> Result<SecretString, BuildError> {
        match at {
            SecretAt::Env(name) => Ok(name.clone().into()),
            SecretAt::File(path) => Ok(path.display().to_string().into()),
        }
    }
}

/// A source at this address, with these further lines of configuration.
fn source(url: &Url, lines: &str, limits: Limits) -> Result<Arc<dyn Connector>, BuildError> {
    build(&format!("url = \"{url}\"\n{lines}"), limits)
}

/// A source of these lines alone.
fn source_of(lines: &str) -> Result<Arc<dyn Connector>, BuildError> {
    build(lines, Limits::default())
}

fn build(lines: &str, limits: Limits) -> Result<Arc<dyn Connector>, BuildError> {
    let table = lines.parse().expect("TOML");
    let folder = Path::new(".");
    (KIND.build)(Build { info: info(), table, limits, secrets: &Plain, database: None, folder })
}

//! The sections besides `[[source]]`: what each key means, its form and its default.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use connectors::connector::SecretAt;
use connectors::written::fitting;
use serde::{Deserialize, Deserializer};

use super::auth::{self, Auth};
use super::document::{Document, Step};
use super::limits::GraphQlLimits;
use super::{ConfigError, deserialize};

/// `data_dir` and the sections.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sections {
    #[serde(default = "default_data_dir")]
    pub(super) data_dir: PathBuf,
    #[serde(default)]
    pub(super) server: Server,
    #[serde(default)]
    pub(super) database: Database,
    #[serde(default)]
    pub(super) graphql: GraphQl,
    #[serde(default, rename = "events")]
    _events: toml::Table,
    pub(super) auth: Option<Auth>,
}

/// `[server]`
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// `listen`: where the gateway answers. Loopback only, for as long as it does not speak TLS itself: tokens travel here.
    #[serde(deserialize_with = "address")]
    pub listen: SocketAddr,
    /// `metrics_listen`: a listener of its own for /metrics, for a collector that has no token.
    #[serde(deserialize_with = "some_address")]
    pub metrics_listen: Option<SocketAddr>,
    /// `hosts`: names, besides those of this machine, under which a proxy in front asks for it.
    pub hosts: Vec<String>,
}

/// `[database]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `url`: PostgreSQL 15 or later; left out: a private cluster in `data_dir`.
    pub url: Option<SecretAt>,
    /// `bin_dir`: PostgreSQL's binaries for the private cluster; left out: found.
    pub bin_dir: Option<PathBuf>,
}

/// `[graphql]`
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GraphQl {
    /// `introspection`: who may ask for the schema.
    pub introspection: Introspection,
    /// `limits`
    pub limits: GraphQlLimits,
}

/// Who may ask for the schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Introspection {
    /// Whoever may ask anything at all.
    #[default]
    Authenticated,
    /// Nobody.
    Off,
}

impl Default for Server {
    fn default() -> Self {
        Self { listen: SocketAddr::from(([127, 0, 0, 1], 4000)), metrics_listen: None, hosts: Vec::new() }
    }
}

fn default_data_dir() -> PathBuf {
    PathBuf::from("/var/lib/fleetgraph")
}

pub(super) fn read(document: &Document<'_>, table: toml::Table) -> Result<Sections, ConfigError> {
    let sections: Sections = deserialize(document, &[], table)?;
    for (key, address) in
        [("listen", Some(sections.server.listen)), ("metrics_listen", sections.server.metrics_listen)]
    {
        if let Some(address) = address.filter(|address| !address.ip().is_loopback()) {
            return Err(document.error(
                &[Step::Key("server"), Step::Key(key)],
                format!("`{key}` is {address}: TLS is not built yet, and tokens are not taken in the clear from elsewhere"),
                Some(format!("use 127.0.0.1:{0} or [::1]:{0}, with a TLS proxy in front whose name stands in server.hosts", address.port())),
            ));
        }
    }
    if let Some(auth) = &sections.auth {
        auth::check(document, auth)?;
    }
    sections.graphql.limits.check(document)?;
    Ok(sections)
}

/// `10s`, `5m`, `1h 30m`; more than nothing and at most a day.
pub(super) fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let expected = "a span of time, as in \"10s\"";
    let text = fitting(deserializer, expected, |value| value.as_str().map(str::to_owned))?;
    let bad =
        |why: &str| serde::de::Error::custom(format!("is {why}: write it like \"10s\", \"5m\" or \"1h\""));
    let duration = humantime::parse_duration(&text).map_err(|_| bad("not a span of time"))?;
    if duration.is_zero() {
        Err(bad("a span of nothing"))
    } else if duration > Duration::from_hours(24) {
        Err(bad("longer than a day"))
    } else {
        Ok(duration)
    }
}

/// `"1MiB"`, or a number of bytes.
pub(super) fn size<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ByteSize, D::Error> {
    fitting(deserializer, "a size, as in \"1MiB\"", |value| match value {
        toml::Value::Integer(bytes) => u64::try_from(*bytes).ok().map(ByteSize::b),
        other => other.as_str()?.parse().ok(),
    })
}

fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let expected = "the number of an address with its port, as in \"127.0.0.1:4000\"";
    fitting(deserializer, expected, |value| value.as_str()?.parse().ok())
}

fn some_address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    address(deserializer).map(Some)
}

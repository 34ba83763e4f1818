//! `[[source]]`: the keys that every source has; the rest of its table goes to its kind, unread but for the keys' names.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytesize::ByteSize;
use connectors::http::Connections;
use connectors::written::nearest;
use connectors::{CATALOG, Kind, Limits};
use schema::SourceInfo;
use serde::Deserialize;

use super::document::{Document, Step};
use super::keys::{self, OF_EVERY_SOURCE};
use super::sections::{duration, size};
use super::{ConfigError, Place, deserialize};

/// Twenty connections are shared by all: of more sources each would wait for longer than its interval.
const MOST: usize = 1_000;

/// One `[[source]]`.
#[derive(Clone)]
pub struct Source {
    /// What the join knows of it.
    pub info: Arc<SourceInfo>,
    /// Its line in the catalog.
    pub kind: &'static Kind,
    /// `timeout`, `collect_timeout`, `max_answer`.
    costs: (Duration, Duration, usize),
    /// The keys of its kind.
    pub table: toml::Table,
    /// Where it begins in the file, and where each key of its kind stands (`tls.ca`, `files[1]`): for errors found while it
    /// is built.
    place: Place,
    places: BTreeMap<String, Place>,
}

#[derive(Deserialize)]
struct Common {
    name: String,
    cloud: Option<String>,
    environment: Option<String>,
    #[serde(default)]
    groups: Vec<String>,
    network: Option<String>,
    interval: Option<Span>,
    timeout: Option<Span>,
    collect_timeout: Option<Span>,
    max_answer: Option<Size>,
}

#[derive(Deserialize)]
struct Span(#[serde(deserialize_with = "duration")] Duration);

#[derive(Deserialize)]
struct Size(#[serde(deserialize_with = "size")] ByteSize);

impl Source {
    /// Where one of its keys stands, or the nearest around it that there is; else where it begins.
    pub fn place_of(&self, key: Option<&str>) -> Place {
        std::iter::successors(key, |key| Some(key.rsplit_once(['.', '['])?.0))
            .find_map(|key| self.places.get(key))
            .unwrap_or(&self.place)
            .clone()
    }

    /// What it may cost, with its share of the connections.
    pub fn limits(&self, connections: Connections) -> Limits {
        let (timeout, collect_timeout, max_answer) = self.costs;
        Limits { timeout, collect_timeout, max_answer, connections }
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("info", &self.info).finish_non_exhaustive()
    }
}

pub(super) fn read(document: &Document<'_>, value: Option<toml::Value>) -> Result<Vec<Source>, ConfigError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    let toml::Value::Array(tables) = value else {
        let message = "`source` is not a list of tables".to_owned();
        return Err(document.error(
            &[Step::Key("source")],
            message,
            Some("each source begins with [[source]]".into()),
        ));
    };
    if let Some(first) = tables.get(MOST).map(|_| [Step::Key("source"), Step::Index(MOST)]) {
        let message = format!("there are {} sources: one gateway takes {MOST}", tables.len());
        let help = "declared files are one source together; what is more needs another gateway";
        return Err(document.error(&first, message, Some(help.into())));
    }
    let mut sources: Vec<Source> = Vec::with_capacity(tables.len());
    let mut names = BTreeSet::new();
    for (index, table) in tables.into_iter().enumerate() {
        let at = [Step::Key("source"), Step::Index(index)];
        let toml::Value::Table(table) = table else {
            return Err(document.error(&at, "a source is not a table".into(), None));
        };
        let source = read_one(document, &at, table)?;
        if !names.insert(Arc::clone(&source.info.name)) {
            let message = format!("two sources are called `{}`", source.info.name);
            let at = [at[0], at[1], Step::Key("name")];
            return Err(document.error(
                &at,
                message,
                Some("names are shown everywhere: give each its own".into()),
            ));
        }
        sources.push(source);
    }
    Ok(sources)
}

fn read_one(
    document: &Document<'_>,
    at: &[Step<'_>; 2],
    mut table: toml::Table,
) -> Result<Source, ConfigError> {
    let kind = kind_of(document, at, &table)?;
    let known: Vec<&str> = OF_EVERY_SOURCE.iter().chain(kind.keys).copied().collect();
    if let Some(name) = table.keys().find(|name| !known.iter().any(|known| known == name)) {
        let place = format!("in a [[source]] of kind \"{}\"", kind.name);
        return Err(keys::unknown(document, &below(at, name), name, &place, &known));
    }
    let mut common = toml::Table::new();
    for key in OF_EVERY_SOURCE {
        if let Some(value) = table.remove(*key) {
            common.insert((*key).to_owned(), value);
        }
    }
    common.remove("kind");
    let addresses = addresses(document, at, kind, &table)?;
    table.remove("addresses");
    let common: Common = deserialize(document, at, common)?;
    if common.name.is_empty() || common.name.len() > 64 || common.name.chars().any(char::is_control) {
        let message = "a source's `name` has 1 to 64 printable characters".to_owned();
        return Err(document.error(&below(at, "name"), message, None));
    }
    let mut places = BTreeMap::new();
    for (key, value) in &table {
        note(document, &mut below(at, key).to_vec(), key.clone(), value, &mut places);
    }
    let span = |value: Option<Span>, default: Duration| value.map_or(default, |span| span.0);
    let defaults = Limits::default();
    Ok(Source {
        info: Arc::new(SourceInfo {
            name: common.name.into(),
            kind: kind.name.into(),
            cloud: common.cloud.map(Into::into),
            environment: common.environment.map(Into::into),
            groups: common.groups.into_iter().map(Into::into).collect(),
            network: common.network.map_or_else(|| "default".into(), Into::into),
            interval: span(common.interval, kind.interval),
            addresses,
        }),
        kind,
        costs: (
            span(common.timeout, defaults.timeout),
            span(common.collect_timeout, defaults.collect_timeout),
            common
                .max_answer
                .map_or(defaults.max_answer, |size| usize::try_from(size.0.as_u64()).unwrap_or(usize::MAX)),
        ),
        place: document.place_of(at),
        places,
        table,
    })
}

/// Notes where a key stands, and every one below it.
fn note<'a>(
    document: &Document<'_>,
    at: &mut Vec<Step<'a>>,
    name: String,
    value: &'a toml::Value,
    places: &mut BTreeMap<String, Place>,
) {
    let mut inner = |step, name, value| {
        at.push(step);
        note(document, at, name, value, places);
        at.pop();
    };
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                inner(Step::Key(key), format!("{name}.{key}"), value);
            }
        }
        toml::Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                inner(Step::Index(index), format!("{name}[{index}]"), value);
            }
        }
        _ => {}
    }
    places.insert(name, document.place_of(at));
}

fn below<'a>(at: &[Step<'a>; 2], key: &'a str) -> [Step<'a>; 3] {
    [at[0], at[1], Step::Key(key)]
}

/// The line in the catalog that `kind` names.
fn kind_of(
    document: &Document<'_>,
    at: &[Step<'_>; 2],
    table: &toml::Table,
) -> Result<&'static Kind, ConfigError> {
    let kinds: Vec<&str> = CATALOG.iter().map(|kind| kind.name).collect();
    let help = || Some(format!("kind = one of {}", kinds.join(", ")));
    let named = match table.get("kind") {
        None => return Err(document.error(at, "a source has no `kind`".into(), help())),
        Some(toml::Value::String(named)) => named,
        Some(_) => {
            return Err(document.error(
                &below(at, "kind"),
                "a source's `kind` must be text in quotes".into(),
                help(),
            ));
        }
    };
    CATALOG.iter().find(|kind| kind.name == named).ok_or_else(|| {
        let help = nearest(named, &kinds).map_or_else(
            || format!("there are: {}", kinds.join(", ")),
            |near| format!("did you mean \"{near}\"?"),
        );
        document.error(
            &below(at, "kind"),
            format!("there is no kind of source called \"{named}\""),
            Some(help),
        )
    })
}

/// A source's own addresses on the LAN, of a kind that has that key: as written, else the literal address in its `url`.
fn addresses(
    document: &Document<'_>,
    at: &[Step<'_>; 2],
    kind: &Kind,
    table: &toml::Table,
) -> Result<Vec<IpAddr>, ConfigError> {
    if !kind.keys.contains(&"addresses") {
        return Ok(Vec::new());
    }
    if let Some(written) = table.get("addresses") {
        let parsed = written.as_array().and_then(|list| {
            list.iter().map(|one| one.as_str()?.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())).collect()
        });
        return parsed.ok_or_else(|| {
            let message = "`addresses` is not a list of addresses".to_owned();
            document.error(&below(at, "addresses"), message, Some("addresses = [\"10.0.0.20\"]".into()))
        });
    }
    let host = table.get("url").and_then(toml::Value::as_str).and_then(|url| url::Url::parse(url).ok());
    let literal = host.and_then(|url| match url.host()? {
        url::Host::Ipv4(v4) => Some(IpAddr::V4(v4)),
        url::Host::Ipv6(v6) => Some(IpAddr::V6(v6)),
        url::Host::Domain(_) => None,
    });
    Ok(literal.into_iter().collect())
}

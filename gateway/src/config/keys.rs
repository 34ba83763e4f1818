//! Which keys there are, and the nearest one to a slip of the pen.

use connectors::written::instead;

use super::ConfigError;
use super::document::{Document, Step};

/// The sections outside `[[source]]`, their keys, and which of them do something already.
const SECTIONS: &[(&str, &[Key])] = &[
    (
        "server",
        &[built("listen"), later("tls"), later("agent_listen"), built("metrics_listen"), built("hosts")],
    ),
    ("database", &[built("url"), built("bin_dir")]),
    ("events", &[later("redis")]),
    (
        "auth",
        &[
            built("issuer"),
            built("audience"),
            built("client_id"),
            built("client_secret"),
            built("clients"),
            built("logout_audience"),
            built("mfa"),
            built("jwks_url"),
            built("ca"),
            built("clock_skew"),
            built("max_token_life"),
            built("policy_dir"),
        ],
    ),
    ("auth.mfa", &[built("acr"), built("amr"), built("max_age")]),
    ("graphql", &[built("introspection"), built("limits")]),
    (
        "graphql.limits",
        &[
            built("body"),
            built("headers"),
            built("depth"),
            built("aliases"),
            built("complexity"),
            built("page"),
            built("timeout"),
            built("requests_per_minute"),
            built("complexity_per_minute"),
        ],
    ),
    ("channel", &[]),
    ("rule", &[]),
];

/// Keys at the top of the file, tables included.
const TOP: &[Key] = &[
    built("data_dir"),
    built("server"),
    built("database"),
    built("events"),
    built("auth"),
    built("graphql"),
    built("source"),
    later("channel"),
    later("rule"),
];

/// The keys that every source has, whatever its kind.
pub(super) const OF_EVERY_SOURCE: &[&str] = &[
    "name",
    "kind",
    "cloud",
    "environment",
    "groups",
    "network",
    "interval",
    "timeout",
    "collect_timeout",
    "max_answer",
];

#[derive(Clone, Copy)]
struct Key {
    name: &'static str,
    built: bool,
}

const fn built(name: &'static str) -> Key {
    Key { name, built: true }
}

const fn later(name: &'static str) -> Key {
    Key { name, built: false }
}

/// Refuses a key that nobody knows, and one that nothing reads yet: a setting that silently does nothing is worse than none.
pub(super) fn check(document: &Document<'_>, table: &toml::Table) -> Result<(), ConfigError> {
    check_table(document, table, &[], TOP, "at the top of the file")?;
    for (section, keys) in SECTIONS {
        let steps: Vec<Step<'_>> = section.split('.').map(Step::Key).collect();
        let inner = section.split('.').try_fold(table, |table, name| table.get(name)?.as_table());
        if let Some(inner) = inner {
            check_table(document, inner, &steps, keys, &format!("in [{section}]"))?;
        }
    }
    Ok(())
}

fn check_table(
    document: &Document<'_>,
    table: &toml::Table,
    at: &[Step<'_>],
    keys: &[Key],
    place: &str,
) -> Result<(), ConfigError> {
    for name in table.keys() {
        let path = [at, &[Step::Key(name)]].concat();
        match keys.iter().find(|key| key.name == name) {
            Some(key) if key.built => {}
            Some(_) => {
                let message = format!("`{name}` {place} is not built yet, so it would do nothing");
                return Err(document.error(
                    &path,
                    message,
                    Some("take the line out; docs/reference.md tells what is to come".into()),
                ));
            }
            None => {
                let names: Vec<&str> = keys.iter().map(|key| key.name).collect();
                return Err(unknown(document, &path, name, place, &names));
            }
        }
    }
    Ok(())
}

/// The error for a key that nobody knows.
pub(super) fn unknown(
    document: &Document<'_>,
    path: &[Step<'_>],
    name: &str,
    place: &str,
    known: &[&str],
) -> ConfigError {
    document.error(path, format!("unknown key `{name}` {place}"), Some(instead(name, known)))
}

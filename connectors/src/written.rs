//! A table of the configuration, read into a type: what does not fit is said in a person's words, with the key at fault and
//! never with its value, which may be a secret.

use serde::de::{DeserializeOwned, Deserializer, Error as _, Unexpected};
use serde_path_to_error::Segment;

use crate::BuildError;

/// Why a table was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// The way to what is at fault, from the table on.
    pub path: Vec<Part>,
    /// What is wrong with it, to stand after the key: `must be a list`.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

/// A step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The key of a table.
    Key(String),
    /// The position in a list, from 0.
    Index(usize),
}

impl Slip {
    /// The way to what is at fault, as a person would name it: `tls.ca`, `files[1]`; nothing where it is the whole table.
    pub fn key(&self) -> Option<String> {
        (!self.path.is_empty()).then(|| name(&self.path))
    }
}

/// The name of a place: `tls.ca`, `files[1]`.
fn name(path: &[Part]) -> String {
    let mut name = String::new();
    for part in path {
        match part {
            Part::Key(key) if name.is_empty() => name.push_str(key),
            Part::Key(key) => name.extend([".", key]),
            Part::Index(index) => name.extend(["[", &index.to_string(), "]"]),
        }
    }
    name
}

/// Reads a whole table.
pub fn read<T: DeserializeOwned>(table: toml::Table) -> Result<T, Slip> {
    serde_path_to_error::deserialize(toml::Value::Table(table))
        .map_err(|error| slip(parts(error.path()), error.inner().message()))
}

/// Reads the table of a source; `needs` says what its kind cannot do without.
pub(crate) fn source<T: DeserializeOwned>(table: toml::Table, needs: &str) -> Result<T, BuildError> {
    read(table).map_err(|slip: Slip| {
        let needs = if slip.message == MISSING { needs } else { "" };
        let more = [slip.help.as_deref().unwrap_or_default(), needs];
        let message = more
            .iter()
            .filter(|more| !more.is_empty())
            .fold(slip.message.clone(), |message, more| format!("{message}; {more}"));
        BuildError { key: slip.key().map(Into::into), message }
    })
}

/// Reads a value that has a form of its own; `expected` names it with an example after ", as in ", in TOML.
pub fn fitting<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    expected: &'static str,
    read: impl FnOnce(&toml::Value) -> Option<T>,
) -> Result<T, D::Error> {
    let value = <toml::Value as serde::Deserialize>::deserialize(deserializer)?;
    read(&value).ok_or_else(|| D::Error::invalid_value(Unexpected::Other("something else"), &expected))
}

/// The known name that `name` was probably meant to be.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    // No key is as long, and the comparison costs the product of both lengths.
    if name.len() > 64 {
        return None;
    }
    known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), *known))
        .filter(|(distance, known)| *distance <= known.len().max(name.len()).div_ceil(3))
        .min()
        .map(|(_, known)| known)
}

/// What to do about a key that is none of the known ones.
pub fn instead(name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known keys: {}", known.join(", ")),
    }
}

const MISSING: &str = "is missing";

fn parts(path: &serde_path_to_error::Path) -> Vec<Part> {
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(Part::Index(*index)),
            Segment::Map { key } | Segment::Enum { variant: key } => Some(Part::Key(key.clone())),
            Segment::Unknown => None,
        })
        .collect()
}

/// From serde's words, of which only those are kept that do not come from the value.
fn slip(mut path: Vec<Part>, said: &str) -> Slip {
    let plain = |path, message: String, help| Slip { path, message, help };
    if let Some(missing) = said.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        path.push(Part::Key(missing.to_owned()));
        return plain(path, MISSING.to_owned(), None);
    }
    let Some((before, expected)) = said.rsplit_once(", expected ") else {
        return plain(path, said.to_owned(), None);
    };
    let known: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
    if let Some(unknown) = before.strip_prefix("unknown field `").and_then(|rest| rest.strip_suffix('`')) {
        let key = Part::Key(unknown.to_owned());
        if path.last() != Some(&key) {
            path.push(key);
        }
        return plain(path, "is no key there".to_owned(), Some(instead(unknown, &known)));
    }
    if before.starts_with("unknown variant") {
        let known: Vec<String> = known.iter().map(|known| format!("\"{known}\"")).collect();
        return plain(path, format!("must be one of {}", known.join(", ")), None);
    }
    let (form, example) = words(expected);
    let help = example.and_then(|example| write_it(&path, example));
    plain(path, format!("must be {form}"), help)
}

/// What serde says that it expected, in words, and an example of it.
fn words(expected: &str) -> (&str, Option<&str>) {
    match expected {
        "a string" | "string" | "string only" | "string or map" => ("text in quotes", Some("\"...\"")),
        "path string" => ("a path in quotes", Some("\"...\"")),
        "usize" | "u64" | "u32" | "u16" | "u8" => ("a whole number that is not negative", Some("10")),
        "a nonzero u32" => ("a whole number from 1 to 4294967295", Some("10")),
        "a boolean" => ("true or false", Some("true")),
        "a sequence" => ("a list", Some("[\"...\"]")),
        "a map" => ("a table", None),
        own if own.starts_with("struct ") => ("a table", None),
        own => own.split_once(", as in ").map_or((own, None), |(form, example)| (form, Some(example))),
    }
}

fn write_it(path: &[Part], example: &str) -> Option<String> {
    let key = path.iter().rev().find_map(|part| match part {
        Part::Key(key) => Some(key),
        Part::Index(_) => None,
    })?;
    match path.last() {
        Some(Part::Index(_)) => Some(format!("write it like {key} = [{example}]")),
        _ => Some(format!("write it like {key} = {example}")),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::connector::SecretAt;
    use crate::http::Tls;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what does not fit is looked at")]
    struct Written {
        text: Option<String>,
        number: Option<usize>,
        files: Option<Vec<std::path::PathBuf>>,
        tls: Option<Tls>,
        secret: Option<SecretAt>,
        nested: Option<Nested>,
        #[serde(default, deserialize_with = "address")]
        listen: Option<std::net::SocketAddr>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what does not fit is looked at")]
    struct Nested {
        needed: bool,
        mode: Option<Mode>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Mode {
        On,
        Off,
    }

    fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<std::net::SocketAddr>, D::Error> {
        fitting(deserializer, "an address with its port, as in \"127.0.0.1:4000\"", |value| {
            value.as_str()?.parse().ok()
        })
        .map(Some)
    }

    #[test]
    fn what_does_not_fit_is_named_and_its_value_is_not() {
        let lost = "is a secret, and a secret is not written here: say where it is, with { env = \"NAME\" } or { file = \"PATH\" }";
        for (text, key, message, help) in [
            ("text = [\"hunter2\"]", "text", "must be text in quotes", Some("write it like text = \"...\"")),
            (
                "text = { hunter2 = 1 }",
                "text",
                "must be text in quotes",
                Some("write it like text = \"...\""),
            ),
            (
                "number = \"hunter2\"",
                "number",
                "must be a whole number that is not negative",
                Some("write it like number = 10"),
            ),
            (
                "number = -4711",
                "number",
                "must be a whole number that is not negative",
                Some("write it like number = 10"),
            ),
            (
                "number = 47.11",
                "number",
                "must be a whole number that is not negative",
                Some("write it like number = 10"),
            ),
            ("files = \"hunter2\"", "files", "must be a list", Some("write it like files = [\"...\"]")),
            (
                "files = [\"a\", 4711]",
                "files[1]",
                "must be a path in quotes",
                Some("write it like files = [\"...\"]"),
            ),
            (
                "tls = { verify = false }",
                "tls.verify",
                "is no key there",
                Some("known keys: ca, fingerprint"),
            ),
            (
                "tls = { fingerprnt = \"hunter2\" }",
                "tls.fingerprnt",
                "is no key there",
                Some("did you mean `fingerprint`?"),
            ),
            ("tls = { ca = 4711 }", "tls.ca", "must be a path in quotes", Some("write it like ca = \"...\"")),
            ("tls = {}", "tls", "must name one of ca and fingerprint", None),
            ("tls = \"hunter2\"", "tls", "must be a table", None),
            ("secret = \"hunter2\"", "secret", lost, None),
            ("nested = { mode = \"on\" }", "nested.needed", "is missing", None),
            (
                "nested = { needed = true, mode = \"`hunter2`, expected `x\" }",
                "nested.mode",
                "must be one of \"on\", \"off\"",
                None,
            ),
            (
                "nested = { needed = true, mode = 4711 }",
                "nested.mode",
                "must be text in quotes",
                Some("write it like mode = \"...\""),
            ),
            ("nested = { neded = true }", "nested.neded", "is no key there", Some("did you mean `needed`?")),
            (
                "listen = \"hunter2, expected\"",
                "listen",
                "must be an address with its port",
                Some("write it like listen = \"127.0.0.1:4000\""),
            ),
            (
                "listen = 4711",
                "listen",
                "must be an address with its port",
                Some("write it like listen = \"127.0.0.1:4000\""),
            ),
        ] {
            let slip = read::<Written>(text.parse().expect("TOML")).expect_err(text);
            let found = (slip.key().unwrap_or_default(), &*slip.message, slip.help.as_deref());
            assert_eq!(found, (key.to_owned(), message, help), "{text}");
        }
    }

    #[test]
    fn slips_of_the_pen_find_their_key() {
        for (typed, near) in [
            ("listn", Some("listen")),
            ("agent-listen", Some("agent_listen")),
            ("Listen", Some("listen")),
            ("colour", None),
        ] {
            assert_eq!(nearest(typed, &["listen", "agent_listen", "tls"]), near, "{typed}");
        }
    }
}

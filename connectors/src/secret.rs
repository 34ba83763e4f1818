//! Where a secret is; never the secret itself, and no error that repeats one which somebody wrote down all the same.

use std::fmt;
use std::path::PathBuf;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::written::nearest;

/// Where a secret is; never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretAt {
    /// `{ env = "NAME" }`
    Env(String),
    /// `{ file = "PATH" }`
    File(PathBuf),
}

/// What to do instead of writing a secret into the file.
const WRITTEN: &str = "is a secret, and a secret is not written here: say where it is, with { env = \"NAME\" } or { file = \"PATH\" }";

/// Which of the two would hold, nobody could tell.
const BOTH: &str = "is at one place: { env = \"NAME\" } or { file = \"PATH\" }, not both";

impl<'de> Deserialize<'de> for SecretAt {
    /// By hand, because serde's own errors quote the value that they refuse, which here is a password.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Place)
    }
}

struct Place;

impl<'de> Visitor<'de> for Place {
    type Value = SecretAt;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{ env = \"NAME\" } or { file = \"PATH\" }")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<SecretAt, M::Error> {
        let refused = |_| M::Error::custom(WRITTEN);
        let key = map.next_key::<String>().map_err(refused)?;
        let at = match key.as_deref() {
            Some("env") => SecretAt::Env(map.next_value().map_err(refused)?),
            Some("file") => SecretAt::File(map.next_value().map_err(refused)?),
            Some(other) => {
                // The key itself is not repeated: who knows what stands there. What it was meant to be is.
                return Err(M::Error::custom(match nearest(other, &["env", "file"]) {
                    Some(near) => format!("{WRITTEN}; did you mean `{near}`?"),
                    None => WRITTEN.to_owned(),
                }));
            }
            None => return Err(M::Error::custom(WRITTEN)),
        };
        match map.next_key::<String>().map_err(refused)?.as_deref() {
            None => Ok(at),
            Some("env" | "file") => Err(M::Error::custom(BOTH)),
            Some(_) => Err(M::Error::custom(WRITTEN)),
        }
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<SecretAt, E> {
        Err(E::custom(WRITTEN))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<SecretAt, E> {
        Err(E::custom(WRITTEN))
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<SecretAt, E> {
        Err(E::custom(WRITTEN))
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<SecretAt, E> {
        Err(E::custom(WRITTEN))
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<SecretAt, E> {
        Err(E::custom(WRITTEN))
    }

    fn visit_seq<S: SeqAccess<'de>>(self, _: S) -> Result<SecretAt, S::Error> {
        Err(S::Error::custom(WRITTEN))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Written {
        secret: SecretAt,
    }

    fn read(value: &str) -> Result<SecretAt, String> {
        let table: toml::Table = format!("secret = {value}").parse().expect("TOML");
        table.try_into::<Written>().map(|written| written.secret).map_err(|error| error.to_string())
    }

    #[test]
    fn a_place_is_read() {
        assert_eq!(read(r#"{ env = "NPM_SECRET" }"#), Ok(SecretAt::Env("NPM_SECRET".into())));
        assert_eq!(read(r#"{ file = "secrets/npm" }"#), Ok(SecretAt::File("secrets/npm".into())));
    }

    #[test]
    fn a_place_that_is_none_says_what_to_write() {
        for (value, part) in [
            (r#"{ envv = "NAME" }"#, "did you mean `env`?"),
            (r#"{ path = "hunter2" }"#, "a secret is not written here"),
            (r#"{ env = "NAME", file = "hunter2" }"#, "not both"),
        ] {
            let error = read(value).expect_err(value);
            assert!(error.contains(part) && !error.contains("hunter2"), "{value}: {error}");
        }
    }

    #[test]
    fn what_somebody_wrote_down_is_never_repeated() {
        for value in [
            r#""hunter2""#,
            "4711",
            "-4711",
            "47.11",
            "true",
            r#"["hunter2"]"#,
            r#"{ value = "hunter2" }"#,
            "{ env = 4711 }",
            r#"{ file = ["hunter2"] }"#,
            "{}",
            r#""""#,
        ] {
            let error = read(value).expect_err(value);
            assert!(error.contains("a secret is not written here"), "{value}: {error}");
            for part in ["hunter2", "47", "true"] {
                assert!(!error.contains(part), "{value}: {error}");
            }
        }
    }
}

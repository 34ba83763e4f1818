//! Where a secret is; never the secret itself, and no error that repeats one which somebody wrote down all the same.

use std::fmt;
use std::path::PathBuf;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Where a secret is; never the secret itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretAt {
    /// `{ env = "NAME" }`
    Env(String),
    /// `{ file = "PATH" }`
    File(PathBuf),
}

/// What to do instead of writing a secret into the file.
const WRITTEN: &str =
    "a secret is not written here: say where it is, with { env = \"NAME\" } or { file = \"PATH\" }";

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
            _ => return Err(M::Error::custom(WRITTEN)),
        };
        match map.next_key::<String>().map_err(refused)? {
            None => Ok(at),
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
            r#"{ env = "NAME", file = "hunter2" }"#,
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

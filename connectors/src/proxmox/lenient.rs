//! Scalars as Proxmox sends them: Perl does not tell numbers from strings, and what is unset may be null, "" or absent.

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

/// A JSON scalar of any kind; anything else is of the wrong shape.
enum Scalar {
    Nothing,
    Flag(bool),
    Number(f64),
    Text(String),
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyScalar;

        impl Visitor<'_> for AnyScalar {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, a string, a boolean or null")
            }

            fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
                Ok(Scalar::Nothing)
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Scalar, E> {
                Ok(Scalar::Flag(value))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value as f64))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value as f64))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Scalar, E> {
                Ok(Scalar::Number(value))
            }

            fn visit_str<E: Error>(self, value: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(value.to_owned()))
            }
        }

        deserializer.deserialize_any(AnyScalar)
    }
}

/// A number, also where it comes as a string; "" and null are none.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    match Scalar::deserialize(deserializer)? {
        Scalar::Nothing => Ok(None),
        Scalar::Number(value) => Ok(Some(value)),
        Scalar::Text(text) if text.trim().is_empty() => Ok(None),
        Scalar::Text(text) => match text.trim().parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(D::Error::invalid_value(Unexpected::Str(&text), &"a number")),
        },
        Scalar::Flag(value) => Err(D::Error::invalid_type(Unexpected::Bool(value), &"a number")),
    }
}

/// A whole number that is not negative.
pub(super) fn whole<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    number(deserializer)?.map(to_whole).transpose().map_err(|()| {
        D::Error::invalid_value(Unexpected::Other("another number"), &"a whole number from 0 upwards")
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "checked to be whole and in range just before"
)]
fn to_whole(value: f64) -> Result<u64, ()> {
    // Up to 2^53 a double holds every whole number exactly; no figure here is larger.
    let fits = (0.0..=9_007_199_254_740_992.0).contains(&value) && value.fract() == 0.0;
    if fits { Ok(value as u64) } else { Err(()) }
}

/// A boolean: true, 1, "1", "yes", "on"; everything unset is none.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    match Scalar::deserialize(deserializer)? {
        Scalar::Nothing => Ok(None),
        Scalar::Flag(value) => Ok(Some(value)),
        Scalar::Number(value) => Ok(Some(value != 0.0)),
        Scalar::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "1" | "true" | "yes" | "on" => Ok(Some(true)),
            "0" | "false" | "no" | "off" => Ok(Some(false)),
            _ => Err(D::Error::invalid_value(Unexpected::Str(&text), &"a boolean")),
        },
    }
}

/// Text, also where it looks like a number (a guest called 100); "" is none.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let text = match Scalar::deserialize(deserializer)? {
        Scalar::Nothing => return Ok(None),
        Scalar::Flag(value) => value.to_string(),
        Scalar::Number(value) => value.to_string(),
        Scalar::Text(text) => text.trim().to_owned(),
    };
    Ok(Some(text).filter(|text| !text.is_empty()))
}

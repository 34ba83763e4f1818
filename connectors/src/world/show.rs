//! How the world's values are written in `GET /world`: addresses, MACs and times as text, the domain's words in lower case.

use std::fmt::{Debug, Display};

use schema::Timestamp;
use serde::Serializer;

pub(super) fn one<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(value)
}

pub(super) fn many<T: Display, S: Serializer>(values: &[T], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(values.iter().map(ToString::to_string))
}

#[expect(clippy::ref_option, reason = "the signature is serde's")]
pub(super) fn maybe<T: Display, S: Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.collect_str(value),
        None => to.serialize_none(),
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
pub(super) fn time<S: Serializer>(at: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&at.to_chrono().to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

/// For enums of the domain, which has no serde: the variant's name in lower case.
pub(super) fn debug<T: Debug, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&format!("{value:?}").to_ascii_lowercase())
}

//! A place in a list, as clients hold it: the last object's id, and what it was sorted by.
//!
//! A cursor names a place rather than an index, so that a list may grow and shrink between two pages: what was there
//! all along comes exactly once.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schema::{GlobalId, ObjectId};

use super::SortKey;
use crate::field::Output;
use crate::plan::Selection;
use crate::write::{Nulled, Writer};

/// No id and no name that a list is sorted by comes near this many bytes.
const LONGEST: usize = 64 * 1024;

/// A place in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// In which order; empty for the list's own.
    pub(crate) order: String,
    /// The object.
    pub(crate) id: ObjectId,
    /// What it was sorted by.
    pub(crate) key: SortKey,
}

impl Cursor {
    fn write_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {} {}", self.order, self.id, self.key))
    }

    fn read_text(text: &str) -> Option<Self> {
        if text.len() > LONGEST {
            return None;
        }
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let mut parts = text.splitn(3, ' ');
        let order = parts.next()?.to_owned();
        let id = GlobalId::parse(parts.next()?).ok()?;
        Some(Self { order, id, key: SortKey::read(parts.next()?)? })
    }
}

/// A place in a list, opaque to clients.
#[Scalar]
impl ScalarType for Cursor {
    fn parse(value: Value) -> InputValueResult<Self> {
        match &value {
            Value::String(text) => Self::read_text(text).ok_or_else(|| {
                InputValueError::custom("not a cursor of this gateway: take one from `pageInfo`")
            }),
            _ => Err(InputValueError::expected_type(value)),
        }
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.write_text())
    }
}

impl Output for Cursor {
    fn write(&self, _: &Selection, out: &mut Writer) -> Result<(), Nulled> {
        out.plain(self.write_text());
        Ok(())
    }
}

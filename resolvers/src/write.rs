//! The writer of JSON bytes: the second reader of the definitions, without a future or a map for any field.
//!
//! Errors follow GraphQL's rule: a field that fails is null where null is a value of it, and else takes the object that
//! it stands in with it. A frame adds its own segment to the path of what failed beneath it, so that an answer without
//! errors pays one comparison a field for them.

use std::io::Write as _;

use async_graphql::{PathSegment, ServerError};

use crate::Refusal;
use crate::field::{Defined, Output};
use crate::plan::{Selected, Selection};

/// Where an answer is written to.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    errors: Vec<ServerError>,
}

/// The value is null and must not be: whoever stands around it decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Nulled;

impl Writer {
    /// What was written, and what went wrong on the way.
    pub(crate) fn finish(mut self) -> (Vec<u8>, Vec<ServerError>) {
        for error in &mut self.errors {
            error.path.reverse();
        }
        (self.bytes, self.errors)
    }

    /// Writes bytes that are JSON already.
    pub(crate) fn raw(&mut self, json: &[u8]) {
        self.bytes.extend_from_slice(json);
    }

    /// Writes a JSON string that needs no escapes, by its `Display`.
    pub(crate) fn plain(&mut self, text: impl std::fmt::Display) {
        // A Vec takes every byte; there is nothing to report.
        let _infallible = write!(self.bytes, "\"{text}\"");
    }

    /// Writes a leaf, escapes included.
    pub(crate) fn leaf<T: serde::Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Nulled> {
        serde_json::to_writer(&mut self.bytes, value).map_err(|_| Nulled)
    }

    /// Records an error whose path begins here.
    pub(crate) fn error(&mut self, refusal: Refusal) {
        self.errors.push(refusal.into_server_error(None));
    }

    /// What stands around errors since `before` names itself on their paths.
    fn locate(&mut self, before: usize, segment: &PathSegment, selected: Option<&Selected>) {
        for error in self.errors.iter_mut().skip(before) {
            if let (true, Some(selected)) = (error.path.is_empty(), selected) {
                error.locations.push(selected.position);
            }
            error.path.push(segment.clone());
        }
    }
}

/// Writes an object: each selected field, in the order of the selection.
pub(crate) fn object<T: Defined>(object: &T, selection: &Selection, out: &mut Writer) -> Result<(), Nulled> {
    out.bytes.push(b'{');
    for (position, selected) in selection.fields.iter().enumerate() {
        if position > 0 {
            out.bytes.push(b',');
        }
        out.raw(&selected.key);
        let Some(field) = selected.field else {
            out.plain(T::DEFINITION.name);
            continue;
        };
        let before = out.errors.len();
        let written = object.write_field(field, &selected.arguments, &selected.selection, out);
        if out.errors.len() > before {
            out.locate(before, &PathSegment::Field(selected.response_key.to_string()), Some(selected));
        }
        written?;
    }
    out.bytes.push(b'}');
    Ok(())
}

/// Writes what a refused field is.
pub(crate) fn refuse<T: Output>(refusal: Refusal, out: &mut Writer) -> Result<(), Nulled> {
    out.error(refusal);
    if T::NULLABLE {
        out.raw(b"null");
        Ok(())
    } else {
        Err(Nulled)
    }
}

impl<T: Output> Output for Option<T> {
    const NULLABLE: bool = true;

    fn write(&self, selection: &Selection, out: &mut Writer) -> Result<(), Nulled> {
        let start = out.bytes.len();
        let written = self.as_ref().map_or(Err(Nulled), |value| value.write(selection, out));
        if written.is_err() {
            out.bytes.truncate(start);
            out.raw(b"null");
        }
        Ok(())
    }

    fn define(definitions: &mut crate::definitions::Definitions) {
        T::define(definitions);
    }
}

impl<T: Output> Output for Vec<T> {
    fn write(&self, selection: &Selection, out: &mut Writer) -> Result<(), Nulled> {
        out.bytes.push(b'[');
        for (index, item) in self.iter().enumerate() {
            if index > 0 {
                out.bytes.push(b',');
            }
            let before = out.errors.len();
            let written = item.write(selection, out);
            if out.errors.len() > before {
                out.locate(before, &PathSegment::Index(index), None);
            }
            written?;
        }
        out.bytes.push(b']');
        Ok(())
    }

    fn define(definitions: &mut crate::definitions::Definitions) {
        T::define(definitions);
    }
}

/// Leaves that serde_json writes as async-graphql does.
macro_rules! leaves {
    ($($leaf:ty),*) => {$(
        impl Output for $leaf {
            fn write(&self, _: &Selection, out: &mut Writer) -> Result<(), Nulled> {
                out.leaf(self)
            }
        }
    )*};
}

leaves!(bool, i32, u16, u32, usize, String, &str);

impl Output for f64 {
    fn write(&self, _: &Selection, out: &mut Writer) -> Result<(), Nulled> {
        if self.is_finite() { out.leaf(self) } else { Err(Nulled) }
    }
}

impl<T: Output> Output for &T {
    const NULLABLE: bool = T::NULLABLE;

    fn write(&self, selection: &Selection, out: &mut Writer) -> Result<(), Nulled> {
        T::write(self, selection, out)
    }

    fn define(definitions: &mut crate::definitions::Definitions) {
        T::define(definitions);
    }
}

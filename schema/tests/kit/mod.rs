//! The vocabulary of the join's cases: a few lines of text make sources, and a View is shown as a few lines of text.
//!
//! One fact a line, under the `source` that asserts it. MACs may be short: `m7` is an interface's, `s1` a switch's. Options
//! are `key=value` or a bare word. See `read.rs` for each line's form, and any case for how it looks.

#![expect(clippy::panic, reason = "a case that cannot be read is a failed test")]

mod index;
pub(crate) mod read;
pub(crate) mod show;

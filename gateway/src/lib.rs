//! The gateway as a library: `main.rs` only calls it, and so do the tests.

pub mod clock;
pub mod config;

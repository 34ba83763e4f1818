//! The gateway as a library: `main.rs` only calls it, and so do the tests.

pub mod app;
pub mod clock;
pub mod config;
pub mod gate;
pub mod http;
pub mod simulate;

//! The gateway as a library: `main.rs` only calls it, and so do the tests.

pub mod app;
pub mod audit;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
pub mod demo;
mod descriptors;
pub mod export;
pub mod gate;
pub mod http;
mod logging;
pub mod policy;
mod shutdown;
pub mod simulate;

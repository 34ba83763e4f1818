//! The sources: one folder each, the simulator that answers like it beside it, and what they share.
//!
//! A new source is a folder, its `mod` line and its line in [`CATALOG`]; nothing else anywhere names it.

pub mod connector;
mod declared;
pub mod http;
mod ipam;
mod npm;
mod objects;
pub mod poll;
mod proxmox;
mod secret;
mod stripe;
#[cfg(test)]
pub(crate) mod testing;
mod unifi;
pub mod world;
pub mod written;

pub use connector::{Build, BuildError, Connector, Kind, Limits, Parser, Secrets};

/// Every kind of source there is, in alphabetical order for the foolish consistency.
pub const CATALOG: &[Kind] =
    &[declared::KIND, ipam::KIND, npm::KIND, proxmox::KIND, stripe::KIND, unifi::KIND];

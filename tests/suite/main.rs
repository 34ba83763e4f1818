//! The end-to-end suites: real servers on free ports, throw-away folders, one binary.
//!
//! `contract/` runs every kind of source through every fault, `commands/` the program itself; the other files are one
//! promise each.

#![expect(clippy::panic, reason = "a suite fails by panicking, in its helpers too")]

mod calls;
mod changes;
mod commands;
mod contract;
mod forged;
mod http;
mod introspection;
mod issuer;
mod joined;
mod keycloak;
mod kit;
mod liveness;
mod reference;
mod remembered;
mod roles;
mod tokens;
mod unread;
mod watching;

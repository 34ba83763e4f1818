//! The front door from outside: a real server on a free port, over a small schema of the test's own.

#![expect(clippy::panic, reason = "a test that fails panics, in its helpers too")]

mod audits;
mod cases;
mod clients;
mod crowds;
mod explorer;
mod http_table;
mod kit;
mod limits;
mod log;
mod nothing;
mod paths;
mod reading;
mod sockets;
mod streams;
mod trouble;

//! The wiring: configuration to sources, sources to Views, Views to the front door.

mod sources;

pub use sources::build;

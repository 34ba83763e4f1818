//! The wiring: configuration to sources, sources to Views, Views to the front door.

mod acting;
mod decisions;
mod engine;
mod fleet;
mod gateway;
mod memory;
mod metrics;
mod sources;
mod start;
mod watching;

pub(crate) use decisions::load as decisions;
pub use fleet::{Decisions, Fleet, Known};
pub use gateway::Gateway;
pub use sources::build;
pub use start::{StartError, open_database, tokens};

//! The domain: ids, facts, snapshots, the join of them into one `View`, drift. Pure: no clock, no I/O, no randomness.
//!
//! The name is narrower than what lives here: besides the published SDL (`schema.graphql`, beside this folder's
//! `Cargo.toml`) it is everything that can be decided from values alone. Whoever needs the time passes it in.

pub mod address;
pub mod drift;
pub mod fact;
pub mod id;
#[cfg(feature = "policy")]
pub mod policy;
pub mod snapshot;
pub mod source;
pub mod time;
pub mod view;

pub use address::{Mac, MacError};
pub use fact::Facts;
pub use id::{GlobalId, IdError, ObjectId};
pub use snapshot::{Problem, Snapshot, UnreadList};
pub use source::{Held, SourceInfo, SourceState};
pub use time::Timestamp;

//! Drift: where what was written down and what is differ, or two things that are cannot both be right.
//!
//! Disagreement is a finding with a severity, never an error.

mod addresses;
mod cabling;
mod certificates;
mod declared;
mod find;
mod finding;
mod owners;
mod track;
mod unaddressed;
mod upstreams;
mod vlans;

pub use find::find;
pub use finding::{DriftKind, Finding, FindingKey, Severity};
pub use track::{Acknowledged, FindingState, RESOLVED_KEPT, Tracked, track};

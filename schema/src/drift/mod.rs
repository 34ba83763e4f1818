//! Drift: where what was written down and what is differ, or two things that are cannot both be right.
//!
//! Disagreement is a finding with a severity, never an error. What each kind means, and what is left out on purpose:
//! docs/adr/0023-drift.md.

mod addresses;
mod cabling;
mod certificates;
mod clusters;
mod declared;
mod find;
mod finding;
mod guests;
mod look;
mod owners;
mod site;
mod track;
mod upstreams;
mod vlans;
mod written;

pub use find::find;
pub use finding::{DriftKind, Finding, FindingKey, Severity};
pub use look::Look;
pub use track::{Acknowledged, Acknowledgement, FindingState, RESOLVED_KEPT, Tracked, acknowledge, track};

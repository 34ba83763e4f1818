//! Drift: where what was written down and what is differ, or two things that are cannot both be right.
//!
//! Disagreement is a finding with a severity, never an error.

mod finding;
mod track;

pub use finding::{DriftKind, Finding, FindingKey, Severity};
pub use track::{Acknowledged, FindingState, RESOLVED_KEPT, Tracked, track};

//! What one request may cost. The configuration's `[graphql] limits` maps to it.

use std::num::NonZeroU32;
use std::time::Duration;

use crate::gate;

/// Those of docs/reference.md, "Limits", that hold before an operation is understood; the engine knows the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Bytes of a request's header lines, names and values together.
    pub header_bytes: usize,
    /// From the first byte of the body to the last of the answer's making.
    pub timeout: Duration,
    /// Requests of one principal in a minute, and from one address those without a good token.
    pub requests_per_minute: NonZeroU32,
    /// Complexity of one principal's operations in a minute.
    pub complexity_per_minute: NonZeroU32,
    /// Of documents and variables.
    pub gate: gate::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            header_bytes: 32 * 1024,
            timeout: Duration::from_secs(30),
            requests_per_minute: const { NonZeroU32::new(1200).unwrap() },
            complexity_per_minute: const { NonZeroU32::new(10_000_000).unwrap() },
            gate: gate::Limits::default(),
        }
    }
}

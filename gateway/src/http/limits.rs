//! What one request may cost. The configuration's `[graphql] limits` maps to it.

use std::time::Duration;

use crate::gate;

/// The limits of docs/reference.md, "Limits", and those of the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Bytes of a request's header lines, names and values together.
    pub header_bytes: usize,
    /// From the first byte of the body to the last of the answer's making.
    pub timeout: Duration,
    /// Points of an operation, by the rules of docs/reference.md.
    pub complexity: u64,
    /// Of documents and variables.
    pub gate: gate::Limits,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            header_bytes: 32 * 1024,
            timeout: Duration::from_secs(30),
            complexity: 250_000,
            gate: gate::Limits::default(),
        }
    }
}

//! `[graphql.limits]`: what one request may cost, and within which bounds that can be set.

use std::num::NonZeroU32;
use std::time::Duration;

use bytesize::ByteSize;
use serde::Deserialize;

use super::ConfigError;
use super::document::{Document, Step};
use super::sections::{duration, size};

/// `graphql.limits`: what one request may cost (docs/reference.md, Limits).
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GraphQlLimits {
    /// `body`
    #[serde(deserialize_with = "size")]
    pub body: ByteSize,
    /// `headers`: header lines and the request line.
    #[serde(deserialize_with = "size")]
    pub headers: ByteSize,
    /// `depth`
    pub depth: usize,
    /// `aliases`
    pub aliases: usize,
    /// `complexity`
    pub complexity: u64,
    /// `page`
    pub page: usize,
    /// `requests_per_minute`: of one principal, and from one address those without a good token.
    pub requests_per_minute: NonZeroU32,
    /// `complexity_per_minute`: of one principal's operations.
    pub complexity_per_minute: NonZeroU32,
    /// `timeout`
    #[serde(deserialize_with = "duration")]
    pub timeout: Duration,
}

impl Default for GraphQlLimits {
    fn default() -> Self {
        Self {
            body: ByteSize::mib(1),
            headers: ByteSize::kib(32),
            depth: 15,
            aliases: 30,
            complexity: 250_000,
            page: 1000,
            requests_per_minute: const { NonZeroU32::new(1200).unwrap() },
            complexity_per_minute: const { NonZeroU32::new(10_000_000).unwrap() },
            timeout: Duration::from_secs(30),
        }
    }
}

/// Why a limit cannot be lower.
const NOTHING: &str = "nothing could be asked";
/// Why a limit cannot be higher.
const MEMORY: &str = "few requests could fill the memory";

impl GraphQlLimits {
    /// Less would refuse everything; more would not protect the process.
    pub(super) fn check(&self, document: &Document<'_>) -> Result<(), ConfigError> {
        for (key, given, least, most, because) in [
            ("body", self.body.as_u64(), 1024, 16 << 20, MEMORY),
            ("headers", self.headers.as_u64(), 4 << 10, 48 << 10, "a connection holds 64 KiB of them"),
            ("depth", self.depth as u64, 1, 24, "each level takes of the stack on which an operation runs"),
            ("aliases", self.aliases as u64, 0, 1_000, MEMORY),
            ("complexity", self.complexity, 1, 2_500_000, MEMORY),
            ("page", self.page as u64, 1, 10_000, MEMORY),
        ] {
            let (bound, because, word) = if given < least {
                (least, NOTHING, "at least")
            } else if given > most {
                (most, because, "at most")
            } else {
                continue;
            };
            let at = [Step::Key("graphql"), Step::Key("limits"), Step::Key(key)];
            let message = format!("`{key}` is {given}, and {because}: {word} {bound}");
            return Err(document.error(&at, message, None));
        }
        Ok(())
    }
}

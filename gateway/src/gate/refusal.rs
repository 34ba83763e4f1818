//! Why something was not let in, fit to be shown to whoever sent it.

use super::limits::Limited;

/// Why the gate stayed shut. `Display` is the sentence for the client: it quotes nothing of the document but names.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// More of something than is allowed.
    #[error("{figure} {what}; the limit is {limit}")]
    Limit {
        /// Of what.
        what: Limited,
        /// How much was sent.
        figure: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// Not a GraphQL document.
    #[error("Syntax error: {message}")]
    Syntax {
        /// What is wrong.
        message: String,
        /// From 1.
        line: u32,
        /// From 1, in characters.
        column: u32,
    },
    /// A fragment that contains itself, at some remove.
    #[error("Fragment `{fragment}` contains itself")]
    Cycle {
        /// Its name.
        fragment: String,
    },
}

impl Refusal {
    /// `Ok` where `figure` is within `limit`.
    pub(super) fn check(what: Limited, figure: usize, limit: usize) -> Result<(), Refusal> {
        if figure <= limit {
            return Ok(());
        }
        let [figure, limit] = [figure, limit].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
        Err(Refusal::Limit { what, figure, limit })
    }

    /// A syntax error at a byte of `document`.
    pub(super) fn syntax(document: &str, offset: usize, message: impl Into<String>) -> Refusal {
        let before = document.get(..offset).unwrap_or(document);
        let (mut line, mut line_start, mut previous) = (1_u32, 0, b' ');
        for (at, byte) in before.bytes().enumerate() {
            if byte == b'\r' || (byte == b'\n' && previous != b'\r') {
                line += 1;
            }
            if matches!(byte, b'\r' | b'\n') {
                line_start = at + 1;
            }
            previous = byte;
        }
        let column = before.get(line_start..).map_or(0, |text| text.chars().count());
        Refusal::Syntax {
            message: message.into(),
            line,
            column: u32::try_from(column).unwrap_or(u32::MAX).saturating_add(1),
        }
    }
}

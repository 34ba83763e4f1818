//! How the issuer stands: since when something of it could not be read. For `/readyz` and the log.

use std::sync::{Mutex, PoisonError};

use schema::Timestamp;

use super::issuer::IssuerError;

/// One thing that is read of the issuer again and again.
#[derive(Debug)]
pub(super) struct Standing {
    what: &'static str,
    failed: Mutex<Option<Timestamp>>,
}

impl Standing {
    /// Not read yet, as of a moment.
    pub(super) fn unread(what: &'static str, now: Timestamp) -> Self {
        Self { what, failed: Mutex::new(Some(now)) }
    }

    /// Notes how a reading ended; the log hears of changes only.
    pub(super) fn note(&self, outcome: Result<(), &IssuerError>, now: Timestamp) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        match (outcome, *failed) {
            (Ok(()), Some(_)) => {
                tracing::info!(what = self.what, "the issuer answers");
                *failed = None;
            }
            (Err(error), None) => {
                tracing::warn!(what = self.what, %error, "the issuer does not answer as it should; what it said last stays good, but for keys that it says are gone");
                *failed = Some(now);
            }
            (Err(error), Some(_)) => tracing::debug!(what = self.what, %error, "the issuer does not answer"),
            (Ok(()), None) => {}
        }
    }

    /// Since when it could not be read.
    pub(super) fn failing_since(&self) -> Option<Timestamp> {
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

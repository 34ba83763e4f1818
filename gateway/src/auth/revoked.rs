//! What was revoked, as a value: sessions, subjects up to a second, and everything before the realm's not-before.

use std::collections::BTreeMap;

use schema::Timestamp;

use super::{Ended, Verified};

/// Revocations that still matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Revoked {
    sessions: BTreeMap<String, Timestamp>,
    subjects: BTreeMap<String, (i64, Timestamp)>,
    not_before: i64,
}

impl Revoked {
    /// Whether a token must not be taken any more.
    pub fn covers(&self, verified: &Verified) -> bool {
        let session = verified.session.as_deref();
        session.is_some_and(|session| self.sessions.contains_key(session))
            || self.subjects.get(&*verified.subject).is_some_and(|(until, _)| verified.issued <= *until)
            || verified.issued < self.not_before
    }

    /// Notes one that matters until a moment; answers whether it says anything new.
    pub fn add(&mut self, ended: Ended, until: Timestamp) -> bool {
        match ended {
            Ended::Session(session) => {
                let known = self.sessions.get(&session).copied();
                let is_new = known.is_none_or(|known| known < until);
                if is_new {
                    self.sessions.insert(session, until);
                }
                is_new
            }
            Ended::Subject { subject, issued_until } => {
                let entry = self.subjects.entry(subject).or_insert((i64::MIN, until));
                let is_new = entry.0 < issued_until;
                *entry = (entry.0.max(issued_until), entry.1.max(until));
                is_new
            }
        }
    }

    /// Sets the realm's not-before; answers whether it changed.
    pub fn set_not_before(&mut self, not_before: i64) -> bool {
        std::mem::replace(&mut self.not_before, not_before) != not_before
    }

    /// Forgets what no living token can be covered by.
    pub fn forget(&mut self, now: Timestamp) {
        self.sessions.retain(|_, until| *until > now);
        self.subjects.retain(|_, (_, until)| *until > now);
    }
}

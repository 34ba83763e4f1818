//! What is kept of one source between collections, and how one attempt changes it. Pure: the times come from outside.

use std::sync::Arc;
use std::time::Duration;

use schema::source::Failure;
use schema::{Held, Problem, Snapshot, SourceInfo, Timestamp};

use super::hold::{self, Memory};

/// One source: what it last said, and what is remembered to judge what it says next.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) held: Held,
    memory: Memory,
}

impl Tracked {
    pub(super) fn new(info: Arc<SourceInfo>) -> Self {
        Self { held: Held::pending(info), memory: Memory::default() }
    }

    /// How many attempts in a row have failed.
    pub(super) fn failures(&self) -> u32 {
        self.held.failure.as_ref().map_or(0, |failure| failure.attempts)
    }

    /// Takes in what an attempt brought: its facts replace the earlier ones, except that a failure as a whole leaves
    /// those as they are.
    pub(super) fn absorb(&mut self, snapshot: Snapshot, ended: Timestamp, took: Duration) {
        self.held.last_attempt = Some(ended);
        self.held.last_duration = Some(took);
        if let Some(problem) = snapshot.failure {
            let earlier = self.held.failure.as_ref();
            self.held.failure = Some(Failure {
                code: problem.code,
                message: problem.message,
                since: earlier.map_or(ended, |failure| failure.since),
                attempts: earlier.map_or(1, |failure| failure.attempts.saturating_add(1)),
                next_attempt: None,
            });
            return;
        }
        let before = self.held.snapshot.as_deref();
        let mut kept = hold::hold(&mut self.memory, before, snapshot, ended);
        date_problems(before.map_or(&[], |before| &before.problems), &mut kept.problems);
        self.held.failure = None;
        self.held.snapshot = Some(Arc::new(kept));
    }

    /// When a failed source will be tried again, once that is decided.
    pub(super) fn plan(&mut self, next: Timestamp) {
        if let Some(failure) = &mut self.held.failure {
            failure.next_attempt = Some(next);
        }
    }
}

/// A problem that lasts keeps the time at which it was first met; it is the same one by its code and subject.
fn date_problems(before: &[Problem], now: &mut [Problem]) {
    for problem in now {
        let same = |earlier: &&Problem| earlier.code == problem.code && earlier.subject == problem.subject;
        if let Some(earlier) = before.iter().find(same) {
            problem.since = earlier.since;
        }
    }
}

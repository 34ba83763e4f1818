//! What an attempt at a source changed, as its line of log tells it. What lasts is told by the source's state, not by the log.

use std::time::Duration;

use schema::fact::MainList;
use schema::source::ProblemCode;
use schema::{Held, Snapshot};

/// What was told last of one source.
#[derive(Debug, Default)]
pub(super) struct Told {
    failing: bool,
    /// Lists that were not read, and why in kind: the words may differ each time.
    unread: Vec<(MainList, ProblemCode)>,
}

/// What an attempt changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    /// It failed, and had not before.
    Fails,
    /// It fails on.
    FailsOn,
    /// It answers, but main lists of it could not be read, and those could before or for another reason: these words.
    InPart(String),
    /// It failed or could be read in part only, and now says everything.
    Recovered,
    /// Nothing that a log needs to tell.
    Nothing,
}

impl Told {
    /// What is new in what is held of a source after an attempt.
    pub(super) fn hear(&mut self, held: &Held) -> News {
        if let Some(failure) = &held.failure {
            self.failing = true;
            return if failure.attempts == 1 { News::Fails } else { News::FailsOn };
        }
        let snapshot = held.snapshot.as_deref();
        let unread = snapshot.map_or(&[][..], |snapshot| &snapshot.unread);
        let unread = unread.iter().map(|unread| (unread.list, unread.code)).collect();
        let failed = std::mem::take(&mut self.failing);
        let before = std::mem::replace(&mut self.unread, unread);
        if !failed && before == self.unread {
            return News::Nothing;
        }
        snapshot.and_then(Snapshot::unread_words).map_or(News::Recovered, News::InPart)
    }
}

/// Writes one line: a warning where something got worse, a word where it is well again, and else for who looks closely.
pub(super) fn log(news: &News, held: &Held, took: Duration, wait: Duration) {
    let source = &*held.info.name;
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let wait_seconds = wait.as_secs();
    match (news, &held.failure) {
        (News::Fails, Some(failure)) => {
            tracing::warn!(source, code = ?failure.code, millis, wait_seconds, "source failed: {}", failure.message);
        }
        (_, Some(failure)) => {
            tracing::debug!(source, code = ?failure.code, attempts = failure.attempts, millis, wait_seconds, "source still fails");
        }
        (News::InPart(words), None) => {
            tracing::warn!(source, millis, wait_seconds, "source answers in part: {words}");
        }
        (News::Recovered, None) => {
            tracing::info!(source, millis, wait_seconds, "source answers in full again");
        }
        (_, None) => tracing::debug!(source, millis, wait_seconds, "source collected"),
    }
}

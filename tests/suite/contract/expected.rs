//! What comes of a fault, and how a collection is held against it.

use schema::source::ProblemCode;
use schema::{Facts, Held, SourceState, Timestamp};

use super::lists::List;

/// What comes of a fault.
pub(super) struct Expected {
    /// The code of the failure, or of a problem where the source as a whole does not fail.
    codes: &'static [ProblemCode],
    /// A part of the sentence.
    words: &'static [&'static str],
    /// Whether the source fails as a whole.
    fails: Fails,
}

#[derive(Clone, Copy)]
enum Fails {
    /// Nothing was read.
    Whole,
    /// Main lists came empty, and are held back.
    HeldBack,
    /// One list of several was not read.
    List(&'static List),
    NotAtAll,
}

impl Expected {
    /// Nothing is read, and everything stays as it was.
    pub(super) const fn whole(codes: &'static [ProblemCode], words: &'static [&'static str]) -> Self {
        Self { codes, words, fails: Fails::Whole }
    }

    /// Every main list comes empty.
    pub(super) const fn held_back(words: &'static [&'static str]) -> Self {
        Self { codes: &[ProblemCode::Partial], words, fails: Fails::HeldBack }
    }

    /// One list is not read, and everything else is.
    pub(super) const fn without(
        list: &'static List,
        codes: &'static [ProblemCode],
        words: &'static [&'static str],
    ) -> Self {
        Self { codes, words, fails: Fails::List(list) }
    }

    /// The source helps itself.
    pub(super) const fn nothing() -> Self {
        Self { codes: &[], words: &[], fails: Fails::NotAtAll }
    }

    /// Holds a collection against what was expected of it; `before` is how the source stood.
    pub(super) fn check(&self, cell: &str, now: Timestamp, before: &Held, after: &Held) {
        let failure = after.failure.as_ref().map(|failure| (failure.code, failure.message.to_string()));
        let problems = after.snapshot.iter().flat_map(|snapshot| &snapshot.problems);
        let mut said: Vec<(ProblemCode, String)> =
            problems.map(|problem| (problem.code, problem.message.to_string())).collect();
        if let Fails::Whole = self.fails {
            assert!(failure.is_some(), "{cell}: the source did not fail: {said:?}");
            said.clear();
            assert_eq!(before.collected_at(), after.collected_at(), "{cell}: failure looks like data");
            let kept = |held: &Held| held.snapshot.as_ref().map(|snapshot| snapshot.facts.clone());
            assert!(before.snapshot.is_some(), "{cell}: there were no facts");
            assert_eq!(kept(before), kept(after), "{cell}: the old facts are gone");
            assert_eq!(after.state(now), SourceState::Failed, "{cell}");
        } else {
            assert!(failure.is_none(), "{cell}: the source failed: {failure:?}");
            assert_eq!(after.state(now), SourceState::Current, "{cell}");
            assert_eq!(after.collected_at(), Some(now), "{cell}: nothing was collected");
        }
        said.extend(failure);
        match self.fails {
            Fails::NotAtAll => {
                assert!(after.is_fresh(now), "{cell}: it is not fresh");
                return;
            }
            Fails::HeldBack => holds_back(cell, before, after),
            Fails::List(list) => list.is_from_memory(cell, before, after),
            Fails::Whole => {}
        }
        assert!(!after.is_fresh(now), "{cell}: it does not say that it is stale");
        let fits = said.iter().any(|(code, message)| {
            let message = message.to_lowercase();
            self.codes.contains(code)
                && (20..600).contains(&message.len())
                && self.words.iter().any(|word| message.contains(word))
        });
        assert!(fits, "{cell}: wanted {:?} with one of {:?}, got {said:?}", self.codes, self.words);
    }
}

/// A main list that came empty: its objects stay, marked stale.
fn holds_back(cell: &str, before: &Held, after: &Held) {
    let (before, after) = (before.snapshot.as_deref(), after.snapshot.as_deref());
    let (before, after) = (before.expect("facts before"), after.expect("facts after"));
    assert!(after.held_back, "{cell}: it is not held back");
    let lists = |facts: &Facts| {
        [
            facts.nodes.len(),
            facts.guests.len(),
            facts.proxy_hosts.len(),
            facts.devices.len(),
            facts.clients.len(),
            facts.customers.len(),
        ]
    };
    assert_eq!(lists(&after.facts), lists(&before.facts), "{cell}: objects are gone");
    assert!(lists(&after.facts).iter().sum::<usize>() > 0, "{cell}: there was nothing to hold");
    let fresh = after.facts.guests.iter().filter(|guest| !guest.seen.stale).count()
        + after.facts.proxy_hosts.iter().filter(|host| !host.seen.stale).count()
        + after.facts.clients.iter().filter(|client| !client.seen.stale).count()
        + after.facts.customers.iter().filter(|customer| !customer.seen.stale).count();
    assert_eq!(fresh, 0, "{cell}: objects that did not come are not marked stale");
}

//! What one collection brought: facts, and the problems met on the way. Never a `Result`: one dead node of five must not
//! hide four live ones.

use crate::fact::MainList;
use crate::source::ProblemCode;
use crate::{Facts, Timestamp};

/// One collection of one source.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// When the collection began; what it says was true then or later.
    pub collected_at: Timestamp,
    /// What the source asserted.
    pub facts: Facts,
    /// What could not be read, object by object.
    pub problems: Vec<Problem>,
    /// The collection failed as a whole: the facts are none, and the earlier ones stay.
    pub failure: Option<Problem>,
    /// Main lists that this collection did not read in full, each once: what they do not hold may be there all the same.
    pub unread: Vec<UnreadList>,
    /// A main list is held back: what it lacks was filled from an earlier collection. Set by the poller.
    pub held_back: bool,
}

/// A main list that a collection did not read in full, whatever the reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadList {
    /// Which.
    pub list: MainList,
    /// What kind of trouble.
    pub code: ProblemCode,
    /// A sentence for people, free of secrets.
    pub message: Box<str>,
    /// By the source's own word the credentials may not read all of it: what is missing is held for as long as that lasts.
    pub withheld: bool,
    /// No earlier collection read it either, so that nothing of it is known. A connector says so of each, the poller unsays
    /// it where it knows better.
    pub never: bool,
}

impl Snapshot {
    /// Notes that a main list was not read in full. Of several reasons the first is told; a right that is missing counts
    /// whenever it is named.
    pub fn not_read(&mut self, list: MainList, code: ProblemCode, message: &str, withheld: bool) {
        match self.unread.iter_mut().find(|unread| unread.list == list) {
            Some(known) => known.withheld |= withheld,
            None => {
                self.unread.push(UnreadList { list, code, message: message.into(), withheld, never: true });
            }
        }
    }

    /// What is said of a main list that was not read in full.
    pub fn unread(&self, list: MainList) -> Option<&UnreadList> {
        self.unread.iter().find(|unread| unread.list == list)
    }

    /// Which main lists were not read in full, and why, in one line for people; `None` where all were.
    pub fn unread_words(&self) -> Option<String> {
        let one = |unread: &UnreadList| {
            format!("{} could not be read in full: {}", unread.list.words(), unread.message)
        };
        let all: Vec<String> = self.unread.iter().map(one).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Whether this is all there is: every main list was read in full, and none is filled from an earlier collection.
    pub fn is_whole(&self) -> bool {
        self.unread.is_empty() && !self.held_back
    }
}

/// Something that could not be read, or was not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind of trouble.
    pub code: ProblemCode,
    /// What it is about, in the source's own words: `guest 117`, `node pve3`, `docs/VMIDS.md:14`.
    pub subject: Box<str>,
    /// A sentence for people, free of secrets.
    pub message: Box<str>,
    /// When it was first met, if it has lasted; set by the poller. Of a single collection: its time.
    pub since: Timestamp,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::fact::MainList::{Clients, Devices};
    use crate::source::ProblemCode::{BadResponse, Forbidden, Timeout};
    use crate::{Held, SourceInfo};

    #[test]
    fn of_several_reasons_the_first_is_told_and_a_missing_right_counts_whenever_it_is_named() {
        let mut snapshot = Snapshot::default();
        assert_eq!((snapshot.unread_words(), snapshot.unread(Clients)), (None, None));
        snapshot.not_read(Clients, Timeout, "too slow", false);
        snapshot.not_read(Clients, Forbidden, "not for us", true);
        snapshot.not_read(Clients, BadResponse, "odd", false);
        snapshot.not_read(Devices, BadResponse, "odd", false);
        let told = |list| {
            snapshot.unread(list).map(|unread| (unread.list, unread.code, unread.withheld, unread.never))
        };
        assert_eq!(told(Clients), Some((Clients, Timeout, true, true)));
        assert_eq!(told(Devices), Some((Devices, BadResponse, false, true)));
        assert_eq!(
            snapshot.unread_words().as_deref(),
            Some("clients could not be read in full: too slow; devices could not be read in full: odd")
        );
    }

    /// What is held of a source that was collected at second 0 and every 10 s, seen at a second.
    fn check(snapshot: Snapshot, second: u64, is_whole: bool, is_fresh: bool) {
        assert_eq!(snapshot.is_whole(), is_whole);
        let held = Held {
            snapshot: Some(Arc::new(snapshot)),
            last_attempt: Some(Timestamp::default()),
            ..Held::pending(Arc::new(SourceInfo {
                name: "udm".into(),
                kind: "unifi".into(),
                cloud: None,
                environment: None,
                groups: Vec::new(),
                network: "default".into(),
                interval: Duration::from_secs(10),
                addresses: Vec::new(),
            }))
        };
        let now = Timestamp::default().plus(Duration::from_secs(second));
        assert_eq!(held.is_fresh(now), is_fresh, "at second {second}");
    }

    #[test]
    fn whole_is_what_was_read_in_full_and_holds_nothing_from_before() {
        check(Snapshot::default(), 30, true, true);
        check(Snapshot::default(), 31, true, false);
        let mut unread = Snapshot::default();
        unread.not_read(Clients, Timeout, "too slow", false);
        check(unread.clone(), 0, false, false);
        check(Snapshot { held_back: true, ..Snapshot::default() }, 0, false, false);
        check(Snapshot { held_back: true, ..unread }, 0, false, false);
    }
}

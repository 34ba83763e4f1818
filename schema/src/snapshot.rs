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
    /// Guests that run and whose addresses nobody could read yet: an address that nobody is known to bear may be theirs. One
    /// that reports none (its agent is off or silent) is not among them.
    pub blind_guests: usize,
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

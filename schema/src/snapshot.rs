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
    /// Main lists that the credentials may not read in full, by the source's own word: what is missing from them is held
    /// for as long as that lasts.
    pub withheld: Vec<MainList>,
    /// A main list is held back: what it lacks was filled from an earlier collection. Set by the poller.
    pub held_back: bool,
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

//! What one file declares, and the lines that could not be read; with the bounds that keep a hostile one cheap.

use schema::Timestamp;
use schema::fact::{AssignmentFact, DeclaredGuestFact, PortMapFact, Seen};

/// Entries of one file.
const MOST_ENTRIES: usize = 100_000;
/// Problems of one file that are told one by one.
const MOST_PROBLEMS: usize = 100;

/// What a file declares.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parsed {
    pub(super) assignments: Vec<AssignmentFact>,
    pub(super) guests: Vec<DeclaredGuestFact>,
    pub(super) port_map: Vec<PortMapFact>,
    /// Line and sentence.
    pub(super) problems: Vec<(usize, String)>,
    /// How many more problems there were.
    pub(super) problems_untold: usize,
    /// When the file was read.
    read_at: Timestamp,
}

impl Parsed {
    /// Records that a line could not be read.
    pub(super) fn problem(&mut self, line: usize, message: impl Into<String>) {
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push((line, message.into()));
        } else {
            self.problems_untold += 1;
        }
    }

    /// Whether another entry may be added; says so once where not.
    pub(super) fn has_room(&mut self, line: usize) -> bool {
        let entries = self.assignments.len() + self.guests.len() + self.port_map.len();
        if entries == MOST_ENTRIES && !self.problems.iter().any(|(_, message)| message == TOO_MANY) {
            // Told even where a hundred others were.
            self.problems.push((line, TOO_MANY.to_owned()));
        }
        entries < MOST_ENTRIES
    }

    /// Why what follows was not read, where the file is larger than one may be.
    pub(super) fn cut(&self) -> Option<&str> {
        self.problems.iter().map(|(_, message)| message.as_str()).find(|message| *message == TOO_MANY)
    }

    /// Marks everything as read now.
    pub(super) fn read_at(&mut self, now: Timestamp) {
        self.read_at = now;
        self.mark(false);
    }

    /// Marks everything as known from before only.
    pub(super) fn turn_stale(&mut self) {
        self.mark(true);
    }

    fn mark(&mut self, stale: bool) {
        let seen = Seen { at: self.read_at, stale };
        self.assignments.iter_mut().for_each(|fact| fact.seen = seen);
        self.guests.iter_mut().for_each(|fact| fact.seen = seen);
        self.port_map.iter_mut().for_each(|fact| fact.seen = seen);
    }
}

const TOO_MANY: &str = "the file declares more than 100000 entries: what follows is not read";

/// `docs/VMIDS.md:12`; the second and later entries of a line are told apart by their number.
pub(super) fn reference(file: &str, line: usize, position: usize) -> Box<str> {
    match position {
        0 => format!("{file}:{line}"),
        _ => format!("{file}:{line}#{}", position + 1),
    }
    .into()
}

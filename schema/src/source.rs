//! A source as the domain knows it: where it stands, and how good what it said is.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::fact::MainList;
use crate::{Snapshot, Timestamp, UnreadList};

/// What the configuration says of a source, whatever its kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceInfo {
    /// Unique, shown everywhere; of a Proxmox source also the name of its cluster.
    pub name: Arc<str>,
    /// proxmox, unifi, npm, ipam, declared, stripe, agent, ...
    pub kind: Arc<str>,
    /// First level of a place.
    pub cloud: Option<Arc<str>>,
    /// Second level of a place.
    pub environment: Option<Arc<str>>,
    /// For policies.
    pub groups: Vec<Arc<str>>,
    /// Equal addresses mean the same only within one network.
    pub network: Arc<str>,
    /// How often it is collected.
    pub interval: Duration,
    /// Of a proxy: its own addresses on the LAN, where port forwards lead. Empty for other kinds.
    pub addresses: Vec<IpAddr>,
}

/// How good a source is, as of a moment: the first that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceState {
    /// No attempt has ended yet.
    Pending,
    /// The last attempt failed as a whole.
    Failed,
    /// The data are older than three intervals.
    Stale,
    /// The last collection answered; single objects may be stale.
    Current,
}

/// Why an attempt failed as a whole, and since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind of failure.
    pub code: ProblemCode,
    /// A sentence for people, free of secrets.
    pub message: Box<str>,
    /// Of the first attempt of this row of failures.
    pub since: Timestamp,
    /// Attempts in a row that failed.
    pub attempts: u32,
    /// When it will be tried again.
    pub next_attempt: Option<Timestamp>,
}

/// The kinds of trouble with a source or with one of its objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProblemCode {
    /// No connection, or it was cut; HTTP 502, 503, 504, Proxmox' 595 to 599.
    Unreachable,
    /// No answer within the time limit.
    Timeout,
    /// The certificate was not the expected one.
    Tls,
    /// The credentials were refused.
    Unauthorized,
    /// The credentials are good and their rights are not enough.
    Forbidden,
    /// The path asked for is not there.
    NotFound,
    /// Asked to slow down.
    RateLimited,
    /// An answer that cannot be read: not JSON, too large, too deep, of the wrong shape.
    BadResponse,
    /// Some of the answer is missing: a main list that came back empty or far too short, one node of several silent.
    Partial,
    /// A fault of our own.
    Internal,
}

/// One source in the join: its description, its last good snapshot and how the attempts since went.
#[derive(Clone, Debug)]
pub struct Held {
    /// What the configuration says.
    pub info: Arc<SourceInfo>,
    /// What it said when it last answered; `None` until it has.
    pub snapshot: Option<Arc<Snapshot>>,
    /// When the last attempt ended.
    pub last_attempt: Option<Timestamp>,
    /// How long it took.
    pub last_duration: Option<Duration>,
    /// Set while the last attempt failed as a whole.
    pub failure: Option<Failure>,
}

impl Held {
    /// A source that nobody has asked yet.
    pub fn pending(info: Arc<SourceInfo>) -> Self {
        Self { info, snapshot: None, last_attempt: None, last_duration: None, failure: None }
    }

    /// When the data now served were read.
    pub fn collected_at(&self) -> Option<Timestamp> {
        self.snapshot.as_ref().map(|snapshot| snapshot.collected_at)
    }

    /// How good the source is at `now`.
    pub fn state(&self, now: Timestamp) -> SourceState {
        match (self.last_attempt, &self.failure, self.collected_at()) {
            (None, _, _) => SourceState::Pending,
            (Some(_), Some(_), _) | (Some(_), None, None) => SourceState::Failed,
            (Some(_), None, Some(at)) if now.since(at) > self.info.interval.saturating_mul(3) => {
                SourceState::Stale
            }
            (Some(_), None, Some(_)) => SourceState::Current,
        }
    }

    /// Whether it has answered for these lists: each was read in full at least once. What they do not hold was not there
    /// then. A source that was never collected has answered for none.
    ///
    /// All that calls something missing asks this, so that a list that was never read makes nobody missing.
    pub fn has_answered_for(&self, lists: &[MainList]) -> bool {
        let never = |unread: &UnreadList| unread.never && lists.contains(&unread.list);
        self.snapshot.as_ref().is_some_and(|snapshot| !snapshot.unread.iter().any(never))
    }

    /// Whether its data are what is there now: it is CURRENT, every main list was read in full and none is held back.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.state(now) == SourceState::Current
            && self.snapshot.as_ref().is_some_and(|snapshot| snapshot.is_whole())
    }

    /// The moment at which the state turns by time alone, if it will.
    pub fn turns_stale_at(&self) -> Option<Timestamp> {
        if self.failure.is_some() || self.last_attempt.is_none() {
            return None;
        }
        self.collected_at()
            .map(|at| at.plus(self.info.interval.saturating_mul(3)).plus(Duration::from_millis(1)))
    }
}

//! The poller: collects each source on its schedule, within its limits, and keeps what it last said.
//!
//! The gateway gives it the clock and a seed; it reads neither by itself. Waiting is tokio's, which tests can pause.

mod hold;
mod news;
mod schedule;
mod task;
#[cfg(test)]
mod tests;
mod tracked;

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::join_all;
use schema::{Held, SourceInfo, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;

use crate::{Connector, Limits};
use tracked::Tracked;

/// Tells the time; the gateway has the real one.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A source that was built, with what the poller must know of it.
#[derive(Clone)]
pub struct Polled {
    /// The keys that every source has.
    pub info: Arc<SourceInfo>,
    /// The source itself.
    pub connector: Arc<dyn Connector>,
    /// Its limits; the share of the connections in them is the one that its connector was built with.
    pub limits: Limits,
}

/// Collects sources until it is dropped.
pub struct Poller {
    board: Arc<Board>,
    wishes: Vec<mpsc::Sender<Wish>>,
    limits: Vec<Limits>,
    _tasks: JoinSet<()>,
}

/// What a wish for fresh data came to.
#[derive(Clone, Debug)]
pub struct Refreshed {
    /// The source as it stands now.
    pub held: Held,
    /// Whether it was collected for this wish; else its data were at most 3 s old, or its last attempt failed within the
    /// last 3 s, or its upstream has asked to be left alone for now (`held.failure` says so).
    pub collected: bool,
}

/// Asks a source's task for data of now.
type Wish = oneshot::Sender<Refreshed>;

/// Where each source's task puts what it has, and whoever joins reads it.
struct Board {
    held: Mutex<Vec<Held>>,
    changes: watch::Sender<u64>,
}

impl Board {
    fn publish(&self, position: usize, held: &Held) {
        let mut all = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = all.get_mut(position) {
            *place = held.clone();
        }
        drop(all);
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }
}

impl Poller {
    /// Begins to collect every source, each in a task of its own, at once and then on its schedule. Must be called
    /// within a tokio runtime. The same seed gives the same jitter.
    pub fn start(sources: Vec<Polled>, clock: &Clock, seed: u64) -> Self {
        let pending = sources.iter().map(|source| Held::pending(Arc::clone(&source.info))).collect();
        let board = Arc::new(Board { held: Mutex::new(pending), changes: watch::Sender::new(0) });
        let limits = sources.iter().map(|source| source.limits.clone()).collect();
        let mut tasks = JoinSet::new();
        let mut wishes = Vec::new();
        for (position, source) in sources.into_iter().enumerate() {
            let (sender, receiver) = mpsc::channel(16);
            wishes.push(sender);
            let task = task::Task {
                position,
                source,
                clock: Arc::clone(clock),
                board: Arc::clone(&board),
                wishes: receiver,
                seed,
            };
            tasks.spawn(task.run());
        }
        Self { board, wishes, limits, _tasks: tasks }
    }

    /// Every source as it stands now, in the order in which they were given.
    pub fn held(&self) -> Vec<Held> {
        self.board.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// A number that changes whenever an attempt of some source has ended: then [`Poller::held`] has news.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.board.changes.subscribe()
    }

    /// Collects a source now, whatever its schedule; data or a failure up to 3 s old are taken as they are. `None`: there is no source
    /// of that name, or the poller is stopping.
    pub async fn refresh(&self, name: &str) -> Option<Refreshed> {
        let position = self.held().iter().position(|held| &*held.info.name == name)?;
        let (sender, receiver) = oneshot::channel();
        self.wishes.get(position)?.send(sender).await.ok()?;
        receiver.await.ok()
    }

    /// How many calls each source has made upstream since the start, by its name.
    pub fn calls(&self) -> Vec<(Arc<str>, u64)> {
        let held = self.held();
        let counts = self.limits.iter().map(|limits| limits.connections.calls());
        held.iter().map(|held| Arc::clone(&held.info.name)).zip(counts).collect()
    }
}

/// Collects every source exactly once, side by side, for whoever wants one picture and no schedule (`check-config`,
/// `inventory export`).
pub async fn collect_once(sources: &[Polled], clock: &Clock) -> Vec<Held> {
    join_all(sources.iter().map(async |source| {
        let mut tracked = Tracked::new(Arc::clone(&source.info));
        task::attempt(source, clock, &mut tracked).await;
        tracked.held
    }))
    .await
}

//! How many calls may be under way at once, over all sources and of one, and how many were made.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Calls under way at once, over all sources (DESIGN, "A source is a contract").
const IN_ALL: usize = 20;
/// Calls under way at once, of one source.
pub(super) const OF_ONE_SOURCE: usize = 5;

/// What all sources of a gateway share.
#[derive(Clone, Debug)]
pub struct Pool {
    all: Arc<Semaphore>,
}

impl Default for Pool {
    fn default() -> Self {
        Self { all: Arc::new(Semaphore::new(IN_ALL)) }
    }
}

impl Pool {
    /// The share of one more source. Its clients hold clones of it, so that a source with two clients has one share.
    pub fn share(&self) -> Connections {
        Connections {
            all: Arc::clone(&self.all),
            own: Arc::new(Semaphore::new(OF_ONE_SOURCE)),
            calls: Arc::default(),
            wait: Arc::default(),
        }
    }
}

/// One source's share of the connections, with a count of its calls. Clones are the same share.
#[derive(Clone, Debug)]
pub struct Connections {
    all: Arc<Semaphore>,
    own: Arc<Semaphore>,
    calls: Arc<AtomicU64>,
    /// Milliseconds that the upstream asked to be left alone for; 0: it did not.
    wait: Arc<AtomicU64>,
}

/// While it lives, a call is under way.
#[derive(Debug)]
pub(crate) struct Permit {
    _own: Option<OwnedSemaphorePermit>,
    _all: Option<OwnedSemaphorePermit>,
}

impl Default for Connections {
    /// A share in a pool of its own.
    fn default() -> Self {
        Pool::default().share()
    }
}

impl Connections {
    /// How many calls this source has made since it was built, each address of a repeated call counted.
    pub fn calls(&self) -> u64 {
        self.calls.load(Ordering::Relaxed)
    }

    /// Notes an upstream's `Retry-After`. It stands here, not in what a collection returns, so that no connector can
    /// forget to pass it on.
    pub(crate) fn note_wait(&self, wait: Duration) {
        let millis = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
        self.wait.fetch_max(millis, Ordering::Relaxed);
    }

    /// The longest `Retry-After` since this was last asked.
    pub(crate) fn take_wait(&self) -> Option<Duration> {
        let millis = self.wait.swap(0, Ordering::Relaxed);
        (millis > 0).then(|| Duration::from_millis(millis))
    }

    /// Waits for a free connection and counts the call. The source's own limit comes first: a source that waits for
    /// itself must not take a connection from the others meanwhile.
    pub(crate) async fn enter(&self) -> Permit {
        // A semaphore that was closed (nothing here closes one) would end the limit, not the call.
        let own = Arc::clone(&self.own).acquire_owned().await.ok();
        let all = Arc::clone(&self.all).acquire_owned().await.ok();
        self.calls.fetch_add(1, Ordering::Relaxed);
        Permit { _own: own, _all: all }
    }
}

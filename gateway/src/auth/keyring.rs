//! The keys of this moment: read on a schedule, and once more for a `kid` that nobody knows, never twice at a time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use super::issuer::Issuer;
use super::standing::Standing;
use super::{Keys, issuer::IssuerError};
use crate::clock::Clock;

/// From one reading to the next.
const EVERY: Duration = Duration::from_secs(30);
/// After one that failed.
const AFTER_FAILURE: Duration = Duration::from_secs(3);
/// For unknown `kid`s at most once in this time, so that whoever invents some costs the issuer nothing.
const FOR_UNKNOWN: Duration = Duration::from_secs(10);

pub(super) struct Keyring {
    issuer: Arc<Issuer>,
    keys: watch::Sender<Arc<Keys>>,
    /// When an unknown `kid` last was a reason to read.
    unknown: Mutex<Option<Instant>>,
    reading: Mutex<()>,
    standing: Standing,
    clock: Clock,
}

impl Keyring {
    pub(super) fn new(issuer: Arc<Issuer>, clock: Clock) -> Self {
        let standing = Standing::unread("keys", clock());
        Self {
            issuer,
            keys: watch::Sender::new(Arc::default()),
            unknown: Mutex::default(),
            reading: Mutex::default(),
            standing,
            clock,
        }
    }

    pub(super) fn standing(&self) -> &Standing {
        &self.standing
    }

    /// What is known now.
    pub(super) fn keys(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.borrow())
    }

    /// Wakes whenever keys were read.
    pub(super) fn watch(&self) -> watch::Receiver<Arc<Keys>> {
        self.keys.subscribe()
    }

    /// The keys, read anew where none of them has this name and that was not tried a moment ago.
    pub(super) async fn keys_for(self: &Arc<Self>, kid: &str) -> Arc<Keys> {
        let known = self.keys();
        if known.get(kid).is_some() {
            return known;
        }
        // Whoever comes while one reads waits for what it brings.
        let mut unknown = self.unknown.lock().await;
        let known = self.keys();
        if known.get(kid).is_some() || unknown.is_some_and(|last| last.elapsed() < FOR_UNKNOWN) {
            return known;
        }
        *unknown = Some(Instant::now());
        // In a task of its own: whoever asked may hang up, and the reading is for all. An error is noted, and what was known stays.
        let reading = Arc::clone(self);
        let _ = tokio::spawn(async move { reading.read().await }).await;
        self.keys()
    }

    /// Reads them once.
    pub(super) async fn read(&self) -> Result<(), IssuerError> {
        // One at a time: an answer that was slow would be taken for a newer one.
        let _reading = self.reading.lock().await;
        let read = self.issuer.keys().await.and_then(|keys| {
            // A key that is gone signs no longer, also where it was the last one.
            let none = keys.is_empty();
            self.keys.send_replace(Arc::new(keys));
            if none { Err(IssuerError::no_keys()) } else { Ok(()) }
        });
        self.standing.note(read.as_ref().copied(), (self.clock)());
        read
    }

    /// Reads them for good.
    pub(super) async fn run(self: Arc<Self>) {
        loop {
            let pause = if self.read().await.is_ok() { EVERY } else { AFTER_FAILURE };
            tokio::time::sleep(pause).await;
        }
    }
}

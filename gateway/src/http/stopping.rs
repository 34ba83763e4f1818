//! The end of the program, as what lasts hears of it: sockets and streams, each of which holds a place of its own.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::rates::TooMuch;

/// Sockets and streams that are open at once, at most.
const MOST_OPEN: u32 = 2_000;
/// Whoever finds no place may come again after this.
const COME_AGAIN: Duration = Duration::from_secs(10);

/// Tells everything that lasts to end, and waits for it.
pub(super) struct Stopping {
    told: watch::Sender<bool>,
    places: Arc<Semaphore>,
}

/// The place of one socket or stream, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Open {
    told: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
}

impl Stopping {
    pub(super) fn new() -> Self {
        Self { told: watch::Sender::new(false), places: Arc::new(Semaphore::new(MOST_OPEN as usize)) }
    }

    /// A place, where there is one left and the program is not ending.
    pub(super) fn open(&self) -> Result<Open, TooMuch> {
        let told = self.told.subscribe();
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) if !*told.borrow() => Ok(Open { told, _place: place }),
            Ok(_) => Err(too_much("The gateway is stopping: come again in a moment".to_owned())),
            Err(_) => Err(too_much(format!(
                "more than {MOST_OPEN} WebSockets and streams are open here: close some, or come again later"
            ))),
        }
    }

    /// Tells all to end; returns once all have, or the time is over.
    pub(super) async fn stop(&self, within: Duration) {
        self.told.send_replace(true);
        let all = self.places.acquire_many(MOST_OPEN);
        if tokio::time::timeout(within, all).await.is_err() {
            tracing::warn!("WebSockets or streams are cut that did not end in time");
        }
    }
}

impl Open {
    /// Returns once the program is to end.
    pub(super) fn stopping(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut told = self.told.clone();
        async move {
            let _ = told.wait_for(|told| *told).await;
        }
    }
}

fn too_much(message: String) -> TooMuch {
    TooMuch { message, wait: COME_AGAIN }
}

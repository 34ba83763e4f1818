//! A clock that stands still until a test moves it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use fleetgraph::clock::Clock;
use schema::Timestamp;

/// Moved by hand.
#[derive(Clone)]
pub(crate) struct TestClock {
    millis: Arc<AtomicI64>,
}

impl TestClock {
    /// Stands at a moment.
    pub(crate) fn at(moment: Timestamp) -> Self {
        Self { millis: Arc::new(AtomicI64::new(moment.millis())) }
    }

    /// The moment at which it stands.
    pub(crate) fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis.load(Ordering::SeqCst))
    }

    /// Moves it on.
    pub(crate) fn advance(&self, span: Duration) {
        let millis = i64::try_from(span.as_millis()).expect("a span that a test moves a clock by");
        self.millis.fetch_add(millis, Ordering::SeqCst);
    }

    /// As the program takes it.
    pub(crate) fn clock(&self) -> Clock {
        let clock = self.clone();
        Arc::new(move || clock.now())
    }
}

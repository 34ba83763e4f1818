//! The one real clock. Everything else takes the time as a parameter, so that a test can say what time it is.

use std::sync::Arc;

pub use connectors::poll::Clock;
use schema::Timestamp;

/// The system's clock.
#[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
pub fn system() -> Clock {
    Arc::new(|| Timestamp::from(chrono::Utc::now()))
}

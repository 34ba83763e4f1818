//! The memory of drift, written down beside the joining: a database that is slow or down delays no View.

use std::sync::Arc;

use schema::drift::Tracked;
use store::Database;
use tokio::sync::watch;

use super::Known;

/// Writes the findings down whenever they differ from what was last written, until nobody knows anything new any more.
pub(super) async fn keep(mut known: watch::Receiver<Arc<Known>>, database: Database) {
    let mut written = Arc::clone(&known.borrow_and_update().findings);
    while known.changed().await.is_ok() {
        let findings = Arc::clone(&known.borrow_and_update().findings);
        if !differ(&written, &findings) {
            continue;
        }
        match store::drift::save(&database, &findings).await {
            Ok(()) => written = findings,
            Err(error) => {
                tracing::warn!(%error, "the memory of drift could not be kept; it is tried again with the next news");
            }
        }
    }
}

/// Whether there is news worth a write: another finding, state or text, or other things named; that one was seen again is none.
fn differ(before: &[Tracked], after: &[Tracked]) -> bool {
    before.len() != after.len()
        || before.iter().zip(after).any(|(old, new)| {
            let (was, is) = (&old.finding, &new.finding);
            was.key != is.key
                || was.severity != is.severity
                || was.message != is.message
                || was.names != is.names
                || was.sources != is.sources
                || old.state != new.state
                || old.acknowledged != new.acknowledged
        })
}

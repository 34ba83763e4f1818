//! When to stop: SIGTERM, SIGINT, or the end of the terminal.

use tokio::signal::unix::{SignalKind, signal};

/// Returns when the program is asked to stop. A signal that cannot be watched is one that never comes.
pub(crate) async fn requested() {
    let wait = |kind| async move {
        match signal(kind) {
            Ok(mut signals) => {
                signals.recv().await;
            }
            Err(error) => {
                tracing::warn!(%error, "a signal cannot be watched");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = wait(SignalKind::terminate()) => {}
        () = wait(SignalKind::interrupt()) => {}
        () = wait(SignalKind::hangup()) => {}
    }
}

//! When to stop: SIGTERM, SIGINT, or the end of the terminal.

use std::pin::Pin;
use std::time::Duration;

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

/// What is starting when the program is asked to stop may take so long to get where it can be stopped in order.
const GRACE: Duration = Duration::from_secs(10);

/// Starts something, unless the program is asked to stop before it has started: then it is given to `stop` as soon as it
/// has, so that nothing it began is left behind. `requested` is the one watch of the signals: a second would miss what
/// came before it.
pub(crate) async fn or_started<T, E>(
    mut requested: Pin<&mut impl Future<Output = ()>>,
    starting: impl Future<Output = Result<T, E>>,
    stop: impl AsyncFnOnce(T),
) -> Option<Result<T, E>> {
    let mut starting = std::pin::pin!(starting);
    tokio::select! {
        started = &mut starting => return Some(started),
        () = &mut requested => {}
    }
    if let Ok(Ok(started)) = tokio::time::timeout(GRACE, starting).await {
        stop(started).await;
    }
    None
}

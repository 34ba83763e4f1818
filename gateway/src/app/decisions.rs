//! What people decided by hand, followed: whoever decides, on whichever replica, is heard by all.

use std::time::Duration;

use store::{Changes, Database, QueryError, Topic};
use tokio::sync::{mpsc, oneshot};

use super::fleet::Decisions;

/// After the database could not be listened to.
const LISTEN_AGAIN: Duration = Duration::from_secs(5);

/// All decisions, as they are kept.
pub(crate) async fn load(database: &Database) -> Result<Decisions, QueryError> {
    let overrides = store::overrides::load(database).await?;
    let words = store::drift::acknowledgements(database).await?;
    Ok(Decisions { overrides, words })
}

/// Has them read again whenever somebody changed one, until nobody reads them any more.
pub(super) async fn follow(database: Database, reread: mpsc::Sender<Option<oneshot::Sender<bool>>>) {
    loop {
        match listen(&database, &reread).await {
            // The gateway stops.
            Ok(()) | Err(QueryError::PoolClosed) => return,
            Err(error) => {
                tracing::warn!(%error, "decisions of others are not heard of now; it is tried again");
            }
        }
        if reread.is_closed() {
            return;
        }
        tokio::time::sleep(LISTEN_AGAIN).await;
    }
}

async fn listen(
    database: &Database,
    reread: &mpsc::Sender<Option<oneshot::Sender<bool>>>,
) -> Result<(), QueryError> {
    let mut changes = Changes::listen(database, [Topic::Overrides, Topic::Acknowledgements]).await?;
    // What was decided before it listened, nobody said.
    while reread.send(None).await.is_ok() {
        changes.changed().await?;
    }
    Ok(())
}

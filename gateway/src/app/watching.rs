//! What subscriptions watch: the fleet as it is known, read anew for its caller whenever that changes.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use resolvers::{Live, RequestContext};
use tokio::sync::watch;
use tokio::time::Instant;

use super::acting::World;
use crate::auth::Caller;
use crate::http::{Asked, RequestId};

/// Events of one subscription lie at least so far apart; what changes in between is told together.
const APART: Duration = Duration::from_secs(1);

/// One subscription's hold on the world.
pub(super) struct Watching {
    pub(super) world: Arc<World>,
    pub(super) request_id: RequestId,
    pub(super) callers: watch::Receiver<Arc<Caller>>,
    /// Holds what the latest event is read from.
    pub(super) tell: watch::Sender<RequestContext>,
}

impl Live for Watching {
    fn contexts(&self) -> BoxStream<'static, RequestContext> {
        let Self { world, request_id, callers, tell } = self;
        let (world, request_id) = (Arc::clone(world), request_id.clone());
        let (callers, tell) = (callers.clone(), tell.clone());
        let mut known = world.fleet.watch();
        known.mark_changed();
        stream::unfold((known, None), move |(mut known, last): (_, Option<Instant>)| {
            let (world, request_id) = (Arc::clone(&world), request_id.clone());
            let (mut callers, tell) = (callers.clone(), tell.clone());
            async move {
                if let Some(last) = last {
                    tokio::time::sleep_until(last + APART).await;
                }
                known.changed().await.ok()?;
                let told = Instant::now();
                let (caller, principal) = loop {
                    let caller = Arc::clone(&callers.borrow_and_update());
                    if let Ok(principal) = world.auth.now(&caller) {
                        break (caller, principal);
                    }
                    // Whoever serves it is about to hear that its token has ended; or it is renewed in the same moment.
                    if callers.changed().await.is_err() {
                        return None;
                    }
                };
                let caller = Arc::new(Caller { principal, ..Caller::clone(&caller) });
                let context = world.context(&Asked { caller, request_id });
                tell.send_replace(context.clone());
                Some((context, (known, Some(told))))
            }
        })
        .boxed()
    }
}

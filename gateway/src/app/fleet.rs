//! What is known at this moment: joined anew whenever a source has news or a state turns by time alone, and put in the
//! place of what was known before.

use std::sync::Arc;
use std::time::Duration;

use connectors::poll::Poller;
use resolvers::{Access, RequestContext};
use schema::drift::{Tracked, track};
use schema::view::{Inputs, Overrides, View};
use schema::{SourceState, Timestamp};
use store::Database;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{memory, metrics};
use crate::clock::Clock;

/// News that come this close together are joined together.
const GATHER: Duration = Duration::from_millis(20);
/// How often drift is looked at where no source has news: certificates expire by time alone.
const LOOK_AGAIN: Duration = Duration::from_mins(1);
/// Drift is looked at no more often: it goes over everything, while a join makes anew only what changed.
const LOOK_NO_SOONER: Duration = Duration::from_secs(5);

/// Sources being collected, and what they come to. Ends when dropped.
pub struct Fleet {
    poller: Arc<Poller>,
    known: watch::Receiver<Arc<Known>>,
    clock: Clock,
    tasks: [JoinHandle<()>; 2],
}

/// What is known: the View, and the memory of drift that goes with it.
#[derive(Clone, Debug)]
pub struct Known {
    /// The joined view.
    pub view: Arc<View>,
    /// Drift, in the order of the findings' keys.
    pub findings: Arc<[Tracked]>,
}

impl Fleet {
    /// Begins to join what the poller collects. `remembered` is the drift of earlier runs, from `database`.
    pub fn start(
        poller: Poller,
        overrides: Overrides,
        remembered: Vec<Tracked>,
        database: Database,
        clock: Clock,
    ) -> Self {
        let poller = Arc::new(poller);
        let inputs = Inputs { sources: poller.held(), overrides };
        let view = Arc::new(schema::view::join(&inputs));
        let (sender, known) = watch::channel(Arc::new(Known { view, findings: remembered.into() }));
        let joining = Joining {
            poller: Arc::clone(&poller),
            overrides: inputs.overrides,
            known: sender,
            clock: Arc::clone(&clock),
        };
        let tasks = [tokio::spawn(joining.run()), tokio::spawn(memory::keep(known.clone(), database))];
        Self { poller, known, clock, tasks }
    }

    /// What one request reads, from its first field to its last.
    pub fn context(&self, access: Access) -> RequestContext {
        let known = Arc::clone(&self.known.borrow());
        RequestContext::new(Arc::clone(&known.view), Arc::clone(&known.findings), (self.clock)(), access)
    }

    /// Wakes whenever something new is known.
    pub fn watch(&self) -> watch::Receiver<Arc<Known>> {
        self.known.clone()
    }

    /// Whoever collects.
    pub fn poller(&self) -> &Arc<Poller> {
        &self.poller
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

struct Joining {
    poller: Arc<Poller>,
    overrides: Overrides,
    known: watch::Sender<Arc<Known>>,
    clock: Clock,
}

impl Joining {
    async fn run(self) {
        let mut news = self.poller.changes();
        let mut looked_at = Timestamp::default();
        let mut owed = false;
        loop {
            let before = Arc::clone(&self.known.borrow());
            tokio::select! {
                heard = news.changed() => match heard {
                    Ok(()) => tokio::time::sleep(GATHER).await,
                    Err(_) => return,
                },
                () = self.turn_of(&before.view, looked_at, owed) => {}
            }
            news.mark_unchanged();
            let inputs = Inputs { sources: self.poller.held(), overrides: self.overrides.clone() };
            let now = (self.clock)();
            let look = now.since(looked_at) >= LOOK_NO_SOONER;
            owed = !look;
            if look {
                looked_at = now;
            }
            // A join of a large fleet takes tens of milliseconds: not on a thread that serves requests.
            let joined = tokio::task::spawn_blocking(move || join_again(&before, &inputs, now, look));
            match joined.await {
                Ok(known) => {
                    metrics::of_sources(&known.view, &self.poller.calls(), now);
                    self.known.send_replace(Arc::new(known));
                }
                Err(error) => tracing::error!(%error, "a join failed; what was known before stays"),
            }
        }
    }

    /// Returns when a state turns by time alone, or drift is to be looked at again.
    async fn turn_of(&self, view: &View, looked_at: Timestamp, owed: bool) {
        let now = (self.clock)();
        let turn = view.next_turn(now).map_or(LOOK_AGAIN, |at| at.since(now));
        let pause = if owed { LOOK_NO_SOONER } else { LOOK_AGAIN };
        let look = pause.saturating_sub(now.since(looked_at));
        tokio::time::sleep(turn.min(look).max(GATHER)).await;
    }
}

/// What is known after a change.
fn join_again(before: &Known, inputs: &Inputs, now: Timestamp, look: bool) -> Known {
    let view = schema::view::rejoin(&before.view, inputs);
    if !look {
        return Known { view: Arc::new(view), findings: Arc::clone(&before.findings) };
    }
    let is_current = |name: &str| {
        view.source_named(name).is_some_and(|source| {
            let snapshot = view.held(source).snapshot.as_ref();
            let whole = snapshot.is_some_and(|one| !one.held_back && one.withheld.is_empty());
            whole && view.source_state(source, now) == SourceState::Current
        })
    };
    let findings = track(before.findings.to_vec(), schema::drift::find(&view, now), &is_current, now);
    Known { view: Arc::new(view), findings: findings.into() }
}

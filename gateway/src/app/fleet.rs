//! What is known at this moment: joined anew whenever a source has news or a state turns by time alone, and put in the
//! place of what was known before.

use std::sync::Arc;
use std::time::Duration;

use connectors::poll::{Poller, Refreshed};
use resolvers::{Access, RequestContext};
use schema::Timestamp;
use schema::drift::{Acknowledgement, Tracked, acknowledge, track};
use schema::view::{Inputs, Overrides, View};
use store::Database;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::{decisions, memory, metrics};
use crate::clock::Clock;

/// News that come this close together are joined together.
const GATHER: Duration = Duration::from_millis(20);
/// How often drift is looked at where no source has news: certificates expire by time alone.
const LOOK_AGAIN: Duration = Duration::from_mins(1);
/// Decisions that could not be read are read again after this.
const READ_AGAIN: Duration = Duration::from_secs(1);
/// Whoever refreshed a source waits no longer for the join.
const JOINED_WITHIN: Duration = Duration::from_secs(10);
/// Drift is looked at no more often: it goes over everything, while a join makes anew only what changed.
const LOOK_NO_SOONER: Duration = Duration::from_secs(5);

/// Sources being collected, and what they come to. Ends when dropped.
pub struct Fleet {
    poller: Arc<Poller>,
    known: watch::Receiver<Arc<Known>>,
    clock: Clock,
    reread: mpsc::Sender<Wish>,
    tasks: [JoinHandle<()>; 3],
}

/// Asks for people's decisions to be read again; hears whether they were, once what is known rests on them.
type Wish = Option<oneshot::Sender<bool>>;

/// What people decided by hand, as it is kept.
#[derive(Clone, Debug, Default)]
pub struct Decisions {
    /// Where hops lead.
    pub overrides: Overrides,
    /// Which findings are known.
    pub words: Vec<Acknowledgement>,
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
    /// Begins to join what the poller collects. `decisions` and the drift `remembered` of earlier runs are from `database`.
    pub fn start(
        poller: Poller,
        decisions: Decisions,
        mut remembered: Vec<Tracked>,
        database: Database,
        clock: Clock,
    ) -> Self {
        let poller = Arc::new(poller);
        let inputs = Inputs { sources: poller.held(), overrides: decisions.overrides.clone() };
        let now = clock();
        acknowledge(&mut remembered, &decisions.words, now);
        let view = Arc::new(schema::view::join(&inputs));
        let (sender, known) = watch::channel(Arc::new(Known { view, findings: remembered.into() }));
        let (reread, asked) = mpsc::channel(64);
        let joining = Joining {
            poller: Arc::clone(&poller),
            decisions,
            database: database.clone(),
            known: sender,
            clock: Arc::clone(&clock),
        };
        let tasks = [
            tokio::spawn(joining.run(asked)),
            tokio::spawn(memory::keep(known.clone(), database.clone())),
            tokio::spawn(decisions::follow(database, reread.clone())),
        ];
        Self { poller, known, clock, reread, tasks }
    }

    /// What one request reads, from its first field to its last.
    pub fn context(&self, access: Access) -> RequestContext {
        let known = Arc::clone(&self.known.borrow());
        RequestContext::new(Arc::clone(&known.view), Arc::clone(&known.findings), (self.clock)(), access)
    }

    /// Has a source collected now, and returns once what is known rests on what that brought. `None`: there is no such
    /// source.
    pub async fn refresh(&self, name: &str) -> Option<Refreshed> {
        let refreshed = self.poller.refresh(name).await?;
        let joined = |known: &Arc<Known>| {
            let source = known.view.source_named(name);
            source.is_none_or(|at| known.view.held(at).last_attempt >= refreshed.held.last_attempt)
        };
        let _ = tokio::time::timeout(JOINED_WITHIN, self.known.clone().wait_for(joined)).await;
        Some(refreshed)
    }

    /// Reads people's decisions again, and returns once what is known rests on them; false where they could not be read:
    /// then it is tried again.
    pub async fn reread(&self) -> bool {
        let (sender, receiver) = oneshot::channel();
        let asked = self.reread.send(Some(sender)).await;
        asked.is_ok() && receiver.await.unwrap_or(false)
    }

    /// Wakes whenever something new is known.
    pub fn watch(&self) -> watch::Receiver<Arc<Known>> {
        self.known.clone()
    }

    /// Joins, remembers and listens no more: the database is about to be closed.
    pub(super) fn stop(&self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }

    /// Whoever collects.
    pub fn poller(&self) -> &Arc<Poller> {
        &self.poller
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        self.stop();
    }
}

struct Joining {
    poller: Arc<Poller>,
    decisions: Decisions,
    database: Database,
    known: watch::Sender<Arc<Known>>,
    clock: Clock,
}

impl Joining {
    async fn run(mut self, mut asked: mpsc::Receiver<Wish>) {
        let mut news = self.poller.changes();
        let mut looked_at = Timestamp::default();
        let mut owed = false;
        let mut joined_at = Timestamp::default();
        let mut unread = false;
        loop {
            let before = Arc::clone(&self.known.borrow());
            let mut wishes = Vec::new();
            tokio::select! {
                heard = news.changed() => match heard {
                    Ok(()) => tokio::time::sleep(GATHER).await,
                    Err(_) => return,
                },
                wish = asked.recv() => match wish {
                    Some(wish) => wishes.push(wish),
                    None => return,
                },
                () = self.turn_of(&before.view, looked_at, owed) => {}
                () = tokio::time::sleep(READ_AGAIN), if unread => {}
            }
            while let Ok(wish) = asked.try_recv() {
                wishes.push(wish);
            }
            let read = !wishes.is_empty() || unread;
            if read {
                unread = !self.read().await;
            }
            news.mark_unchanged();
            let inputs = Inputs { sources: self.poller.held(), overrides: self.decisions.overrides.clone() };
            let now = (self.clock)();
            let look = now.since(looked_at) >= LOOK_NO_SOONER;
            owed = !look;
            if look {
                looked_at = now;
            }
            let ended = |until: Timestamp| joined_at < until && until <= now;
            let words = self.decisions.words.iter();
            let reconsider = look || read || words.filter_map(|said| said.word.until).any(ended);
            let words = reconsider.then(|| self.decisions.words.clone());
            joined_at = now;
            // A join of a large fleet takes tens of milliseconds: not on a thread that serves requests.
            let joined = tokio::task::spawn_blocking(move || {
                join_again(&before, &inputs, now, look, words.as_deref())
            });
            match joined.await {
                Ok(known) => {
                    metrics::of_sources(&known.view, &self.poller.calls(), now);
                    self.known.send_replace(Arc::new(known));
                }
                Err(error) => tracing::error!(%error, "a join failed; what was known before stays"),
            }
            for wish in wishes.into_iter().flatten() {
                // Whoever stopped waiting needs no answer.
                let _ = wish.send(!unread);
            }
        }
    }

    /// Whether people's decisions could be read.
    async fn read(&mut self) -> bool {
        match decisions::load(&self.database).await {
            Ok(decisions) => {
                self.decisions = decisions;
                true
            }
            Err(error) => {
                tracing::warn!(%error, "people's decisions could not be read again; it is tried soon");
                false
            }
        }
    }

    /// Returns when a state turns by time alone, or an acknowledgement ends, or drift is to be looked at again.
    async fn turn_of(&self, view: &View, looked_at: Timestamp, owed: bool) {
        let now = (self.clock)();
        let words = self.decisions.words.iter().filter_map(|said| said.word.until);
        let next = words.filter(|until| *until > now).chain(view.next_turn(now)).min();
        let turn = next.map_or(LOOK_AGAIN, |at| at.since(now));
        let pause = if owed { LOOK_NO_SOONER } else { LOOK_AGAIN };
        let look = pause.saturating_sub(now.since(looked_at));
        tokio::time::sleep(turn.min(look).max(GATHER)).await;
    }
}

/// What is known after a change; `words` where they are to be considered anew.
fn join_again(
    before: &Known,
    inputs: &Inputs,
    now: Timestamp,
    look: bool,
    words: Option<&[Acknowledgement]>,
) -> Known {
    let view = schema::view::rejoin(&before.view, inputs);
    let mut findings = match (look, words) {
        (true, _) => looked_again(before, &view, now),
        (false, Some(_)) => before.findings.to_vec(),
        (false, None) => return Known { view: Arc::new(view), findings: Arc::clone(&before.findings) },
    };
    acknowledge(&mut findings, words.unwrap_or_default(), now);
    Known { view: Arc::new(view), findings: findings.into() }
}

fn looked_again(before: &Known, view: &View, now: Timestamp) -> Vec<Tracked> {
    let mut look = schema::drift::find(view, now);
    let findings = std::mem::take(&mut look.findings);
    track(before.findings.to_vec(), findings, &|finding| look.shows_gone(view, finding, now), now)
}

//! What the simulated servers share: the world as it is now, the faults switched on, and who was asked how often.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use connectors::world::World;
use schema::Timestamp;
use tokio::sync::watch;

use super::faults::{Effect, Fault};
use crate::clock::Clock;

/// Shared by all servers of a simulation.
pub(super) struct State {
    pub(super) clock: Clock,
    world: ArcSwap<World>,
    faults: watch::Sender<Vec<Fault>>,
    session_epoch: Mutex<u64>,
    calls: Mutex<BTreeMap<String, u64>>,
    under_way: Mutex<UnderWay>,
}

/// Requests under way, and the most there were at once: over all servers, and of one source.
#[derive(Default)]
struct UnderWay {
    now: BTreeMap<String, u32>,
    most: u32,
    most_of_one: u32,
}

/// A request under way; counted for as long as it lives.
pub(super) struct Passing<'s> {
    state: &'s State,
    source: String,
}

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        let mut under_way = guard(&self.state.under_way);
        if let Some(count) = under_way.now.get_mut(&self.source) {
            *count -= 1;
        }
    }
}

impl State {
    pub(super) fn new(world: World, clock: Clock) -> Self {
        Self {
            clock,
            world: ArcSwap::from_pointee(world),
            faults: watch::Sender::new(Vec::new()),
            session_epoch: Mutex::new(0),
            calls: Mutex::new(BTreeMap::new()),
            under_way: Mutex::default(),
        }
    }

    pub(super) fn world(&self) -> Arc<World> {
        self.world.load_full()
    }

    /// Replaces the world by what `change` makes of it.
    pub(super) fn change<E>(
        &self,
        change: impl FnOnce(&mut World, Timestamp) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut world = World::clone(&self.world.load());
        change(&mut world, (self.clock)())?;
        self.world.store(Arc::new(world));
        Ok(())
    }

    /// Replaces all faults at once.
    pub(super) fn set_faults(&self, faults: Vec<Fault>) {
        if faults.iter().any(|fault| fault.effect == Effect::ExpireSessions) {
            *guard(&self.session_epoch) += 1;
        }
        self.faults.send_replace(faults);
    }

    pub(super) fn faults(&self) -> Vec<Fault> {
        self.faults.borrow().clone()
    }

    /// Waits until a server is to be gone (`true`) or there again; forever, where the simulation ends first.
    pub(super) async fn until_down(&self, upstream: &str, down: bool) {
        let is_down = |faults: &[Fault]| {
            faults.iter().any(|fault| fault.effect == Effect::Down && fault.meets(upstream, ""))
        };
        let told = self.faults.subscribe().wait_for(|faults| is_down(faults) == down).await.is_ok();
        if !told {
            std::future::pending::<()>().await;
        }
    }

    pub(super) fn effects(&self, upstream: &str, path: &str) -> Vec<Effect> {
        self.faults
            .borrow()
            .iter()
            .filter(|fault| fault.meets(upstream, path))
            .map(|fault| fault.effect.clone())
            .collect()
    }

    pub(super) fn session_epoch(&self) -> u64 {
        *guard(&self.session_epoch)
    }

    pub(super) fn count(&self, upstream: &str) {
        let mut calls = guard(&self.calls);
        match calls.get_mut(upstream) {
            Some(count) => *count += 1,
            None => {
                calls.insert(upstream.to_owned(), 1);
            }
        }
    }

    /// Counts a request for as long as what it returns lives.
    pub(super) fn pass(&self, source: &str) -> Passing<'_> {
        let mut under_way = guard(&self.under_way);
        let of_one = under_way.now.entry(source.to_owned()).or_default();
        *of_one += 1;
        let of_one = *of_one;
        under_way.most_of_one = under_way.most_of_one.max(of_one);
        under_way.most = under_way.most.max(under_way.now.values().sum());
        Passing { state: self, source: source.to_owned() }
    }

    /// The most requests that were under way at once: over all servers, and of one source.
    pub(super) fn most_at_once(&self) -> (u32, u32) {
        let under_way = guard(&self.under_way);
        (under_way.most, under_way.most_of_one)
    }

    /// Requests since the start, by server.
    pub(super) fn calls(&self) -> BTreeMap<String, u64> {
        guard(&self.calls).clone()
    }
}

/// A panic elsewhere leaves plain data that is still good.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

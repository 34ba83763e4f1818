//! One source's task: collect, publish, wait for the schedule or for a wish.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use schema::source::ProblemCode;
use schema::{Problem, Snapshot, Timestamp};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::news::{self, Told};
use super::schedule::{self, Attempt};
use super::tracked::Tracked;
use super::{Board, Clock, Polled, Refreshed, Wish};

/// Data this fresh are as good as new ones, and a failure this fresh is as bad: nobody can hammer a source.
const FRESH: Duration = Duration::from_secs(3);

/// What one source's task needs.
pub(super) struct Task {
    pub(super) position: usize,
    pub(super) source: Polled,
    pub(super) clock: Clock,
    pub(super) board: Arc<Board>,
    pub(super) wishes: mpsc::Receiver<Wish>,
    pub(super) seed: u64,
}

impl Task {
    /// Runs until nobody can wish for anything any more.
    pub(super) async fn run(mut self) {
        // Sources of one gateway get different draws from one seed.
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(self.position as u64);
        let mut tracked = Tracked::new(Arc::clone(&self.source.info));
        let mut told = Told::default();
        let mut waiting = Vec::new();
        loop {
            let (took, retry_after) = attempt(&self.source, &self.clock, &mut tracked).await;
            let attempt = Attempt { failures: tracked.failures(), took, retry_after };
            let wait = schedule::wait(self.source.info.interval, attempt, &mut rng);
            tracked.plan((self.clock)().plus(wait));
            news::log(&told.hear(&tracked.held), &tracked.held, took, wait);
            self.board.publish(self.position, &tracked.held);
            answer(&mut waiting, &tracked, true);

            let ended = Instant::now();
            let left_alone_until = retry_after.map(|span| ended + span);
            match self.next(&tracked, ended + wait, left_alone_until).await {
                Some(wishes) => waiting = wishes,
                None => return,
            }
        }
    }

    /// Waits until the source is to be collected again: for those who wish it, or for nobody. `None`: never again.
    async fn next(
        &mut self,
        tracked: &Tracked,
        due: Instant,
        left_alone_until: Option<Instant>,
    ) -> Option<Vec<Wish>> {
        loop {
            let wish = tokio::select! {
                () = tokio::time::sleep_until(due) => return Some(Vec::new()),
                wish = self.wishes.recv() => wish?,
            };
            let mut wishes = vec![wish];
            while let Ok(another) = self.wishes.try_recv() {
                wishes.push(another);
            }
            let left_alone = left_alone_until.is_some_and(|until| Instant::now() < until);
            if !left_alone && !is_fresh(tracked, (self.clock)()) {
                return Some(wishes);
            }
            answer(&mut wishes, tracked, false);
        }
    }
}

/// Makes one attempt and takes in what it brought. Returns how long it took, and how long the upstream asked to be left
/// alone.
pub(super) async fn attempt(
    source: &Polled,
    clock: &Clock,
    tracked: &mut Tracked,
) -> (Duration, Option<Duration>) {
    let now = clock();
    let began = Instant::now();
    let limit = source.limits.collect_timeout;
    let collecting = AssertUnwindSafe(source.connector.collect(now)).catch_unwind();
    let snapshot = match tokio::time::timeout(limit, collecting).await {
        Ok(Ok(snapshot)) => snapshot,
        Ok(Err(_panic)) => failed(
            now,
            ProblemCode::Internal,
            "the collection failed by a fault of fleetgraph's own; its log says where".to_owned(),
        ),
        Err(_) => failed(
            now,
            ProblemCode::Timeout,
            format!(
                "the collection did not end within {} s: is the source overloaded, or `collect_timeout` too short?",
                limit.as_secs_f64()
            ),
        ),
    };
    let took = began.elapsed();
    tracked.absorb(snapshot, clock(), took);
    (took, source.limits.connections.take_wait())
}

fn failed(now: Timestamp, code: ProblemCode, message: String) -> Snapshot {
    let failure = Problem { code, subject: "collection".into(), message: message.into(), since: now };
    Snapshot { collected_at: now, failure: Some(failure), ..Snapshot::default() }
}

fn is_fresh(tracked: &Tracked, now: Timestamp) -> bool {
    let held = &tracked.held;
    let at = if held.failure.is_none() { held.collected_at() } else { held.last_attempt };
    at.is_some_and(|at| now.since(at) <= FRESH)
}

fn answer(wishes: &mut Vec<Wish>, tracked: &Tracked, collected: bool) {
    for wish in wishes.drain(..) {
        // Whoever stopped waiting needs no answer.
        let _ = wish.send(Refreshed { held: tracked.held.clone(), collected });
    }
}

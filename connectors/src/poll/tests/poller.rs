//! The poller's tasks, with time paused: no test waits for real.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use schema::source::ProblemCode;
use schema::{Held, Problem, Snapshot, SourceInfo, Timestamp};
use tokio::time::Instant;

use super::super::{Clock, Polled, Poller, collect_once};
use crate::{Connector, Limits};

const INTERVAL: Duration = Duration::from_secs(10);

/// What a collection does.
#[derive(Clone)]
enum Does {
    Answers,
    Fails(ProblemCode),
    Reports(&'static str),
    Panics,
    Hangs,
}

/// A source that does one thing after the other, and the last one for ever.
struct Scripted {
    script: Mutex<VecDeque<Does>>,
    began: Mutex<Vec<Duration>>,
    start: Instant,
}

#[async_trait]
impl Connector for Scripted {
    async fn collect(&self, now: Timestamp) -> Snapshot {
        self.began.lock().expect("no panic").push(self.start.elapsed());
        let does = {
            let mut script = self.script.lock().expect("no panic");
            if script.len() > 1 { script.pop_front() } else { script.front().cloned() }
        };
        let problem = |code, subject: &str| Problem {
            code,
            subject: subject.into(),
            message: "as scripted".into(),
            since: now,
        };
        let mut snapshot = Snapshot { collected_at: now, ..Snapshot::default() };
        match does.expect("a script") {
            Does::Answers => {}
            Does::Fails(code) => snapshot.failure = Some(problem(code, "collection")),
            Does::Reports(subject) => snapshot.problems = vec![problem(ProblemCode::BadResponse, subject)],
            Does::Panics => panic!("as scripted"),
            Does::Hangs => std::future::pending().await,
        }
        snapshot
    }
}

/// A clock that runs with tokio's paused time, and a source on it.
fn source(name: &str, script: &[Does], clock_start: Instant) -> (Polled, Arc<Scripted>) {
    let info = SourceInfo {
        name: name.into(),
        kind: "scripted".into(),
        cloud: None,
        environment: None,
        groups: Vec::new(),
        network: "default".into(),
        interval: INTERVAL,
        addresses: Vec::new(),
    };
    let scripted = Arc::new(Scripted {
        script: Mutex::new(script.iter().cloned().collect()),
        began: Mutex::default(),
        start: clock_start,
    });
    let connector: Arc<dyn Connector> = Arc::clone(&scripted) as _;
    (Polled { info: Arc::new(info), connector, limits: Limits::default() }, scripted)
}

fn clock(start: Instant) -> Clock {
    Arc::new(move || Timestamp::from_seconds(1_000).plus(start.elapsed()))
}

/// Waits until the only source has ended that many attempts.
async fn attempts(poller: &Poller, count: u64) -> Held {
    let mut changes = poller.changes();
    let _ = changes.wait_for(|seen| *seen >= count).await;
    poller.held().remove(0)
}

#[tokio::test(start_paused = true)]
async fn a_source_is_collected_at_once_and_then_every_interval_give_or_take_a_tenth() {
    let start = Instant::now();
    let (only, scripted) = source("a", &[Does::Answers], start);
    let poller = Poller::start(vec![only], &clock(start), 7);
    assert_eq!(poller.held()[0].last_attempt, None);
    let held = attempts(&poller, 6).await;
    assert!(held.failure.is_none() && held.snapshot.is_some());
    let began = scripted.began.lock().expect("no panic").clone();
    assert_eq!(began[0], Duration::ZERO);
    let gaps: Vec<f64> = began.windows(2).map(|pair| pair[1].saturating_sub(pair[0]).as_secs_f64()).collect();
    assert!(gaps.iter().all(|gap| (8.9..=11.1).contains(gap)), "{gaps:?}");
    assert!(gaps.iter().any(|gap| (gap - gaps[0]).abs() > 0.05), "{gaps:?}");
}

#[tokio::test(start_paused = true)]
async fn a_failure_keeps_the_last_good_snapshot_and_backs_off() {
    let start = Instant::now();
    let script = [Does::Answers, Does::Fails(ProblemCode::Unreachable)];
    let (only, scripted) = source("a", &script, start);
    let poller = Poller::start(vec![only], &clock(start), 7);
    let good = attempts(&poller, 1).await;
    let first = attempts(&poller, 2).await;
    let held = attempts(&poller, 8).await;
    assert_eq!(held.collected_at(), good.collected_at());
    let failure = held.failure.expect("it failed");
    assert_eq!((failure.code, failure.attempts), (ProblemCode::Unreachable, 7));
    assert_eq!(Some(failure.since), first.last_attempt);
    assert!(failure.next_attempt > held.last_attempt);
    let began = scripted.began.lock().expect("no panic").clone();
    let gaps: Vec<u64> =
        began.windows(2).skip(1).map(|pair| pair[1].saturating_sub(pair[0]).as_secs()).collect();
    for (gap, most) in gaps.iter().zip([10, 20, 40, 80, 160, 180]) {
        assert!((most * 9 / 10 - 1..=most).contains(gap), "{gaps:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_and_a_hang_are_failures_like_others() {
    let start = Instant::now();
    for (does, code) in [(Does::Panics, ProblemCode::Internal), (Does::Hangs, ProblemCode::Timeout)] {
        let (only, _) = source("a", &[does, Does::Answers], start);
        let poller = Poller::start(vec![only], &clock(start), 7);
        let held = attempts(&poller, 1).await;
        assert_eq!(held.failure.map(|failure| failure.code), Some(code));
        let held = attempts(&poller, 2).await;
        assert!(held.failure.is_none() && held.snapshot.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_problem_that_lasts_keeps_its_beginning() {
    let start = Instant::now();
    let script = [Does::Reports("guest 1"), Does::Reports("guest 1"), Does::Reports("guest 2")];
    let (only, _) = source("a", &script, start);
    let poller = Poller::start(vec![only], &clock(start), 7);
    let mut since = Vec::new();
    for count in 1..=3 {
        let snapshot = attempts(&poller, count).await.snapshot.expect("it answered");
        since.push((snapshot.problems[0].since, snapshot.collected_at));
    }
    assert_eq!(since[0].0, since[1].0);
    assert!(since[1].0 < since[1].1);
    assert_eq!(since[2].0, since[2].1);
}

#[tokio::test(start_paused = true)]
async fn a_wish_collects_now_unless_the_data_are_fresh() {
    let start = Instant::now();
    let (only, scripted) = source("a", &[Does::Answers], start);
    let poller = Poller::start(vec![only], &clock(start), 7);
    attempts(&poller, 1).await;
    let collections = || scripted.began.lock().expect("no panic").len();

    assert!(!poller.refresh("a").await.expect("a source").collected);
    assert_eq!(collections(), 1);
    tokio::time::advance(Duration::from_secs(4)).await;
    let (one, other) = tokio::join!(poller.refresh("a"), poller.refresh("a"));
    let (one, other) = (one.expect("a source"), other.expect("a source"));
    assert!(one.collected);
    assert_eq!(one.held.collected_at(), Some(clock(start)()));
    assert_eq!(one.held.collected_at(), other.held.collected_at());
    assert_eq!(collections(), 2);
    assert!(poller.refresh("b").await.is_none());
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_asked_for_rest_gets_it_even_from_wishes() {
    let start = Instant::now();
    let (only, scripted) = source("a", &[Does::Fails(ProblemCode::RateLimited)], start);
    only.limits.connections.note_wait(Duration::from_mins(1));
    let poller = Poller::start(vec![only], &clock(start), 7);
    attempts(&poller, 1).await;
    let refreshed = poller.refresh("a").await.expect("a source");
    assert!(!refreshed.collected && refreshed.held.failure.is_some());
    attempts(&poller, 2).await;
    let began = scripted.began.lock().expect("no panic").clone();
    assert_eq!(began[1].as_secs(), 60);
    // The next failure's wait is an ordinary one, which a wish cuts short; but not at once.
    assert!(!poller.refresh("a").await.expect("a source").collected);
    tokio::time::advance(Duration::from_secs(4)).await;
    assert!(poller.refresh("a").await.expect("a source").collected);
}

#[tokio::test(start_paused = true)]
async fn one_collection_of_each_source_for_those_who_want_no_schedule() {
    let start = Instant::now();
    let (good, _) = source("good", &[Does::Answers], start);
    let (bad, _) = source("bad", &[Does::Hangs], start);
    let held = collect_once(&[good, bad], &clock(start)).await;
    let states: Vec<_> = held.iter().map(|held| (&*held.info.name, held.failure.is_some())).collect();
    assert_eq!(states, [("good", false), ("bad", true)]);
}

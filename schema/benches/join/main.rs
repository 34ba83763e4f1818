//! What the join costs: 100,000 guests on 1,000 nodes in 50 clusters, all in one network, with 20,000 hostnames.
//!
//! `cargo bench -p schema --bench join` prints the full join, the re-join of one cluster of which 1 % of the guests
//! changed, the share of the one in the other, how long drift looks at it all, and the bytes a guest that a View keeps alive, its snapshots included.

mod counting;
mod fleet;

use std::hint::black_box;
use std::time::{Duration, Instant};

use schema::view::{Inputs, join, rejoin};

/// How often each thing is measured; the median is printed.
const ROUNDS: usize = 11;

/// The time that this thread was on a processor, where the system tells; else the time on the wall. Others who use the machine
/// at the same time do not count.
fn clock(begun: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let on_processor = told.and_then(|text| text.split_whitespace().next()?.parse().ok());
    on_processor.map_or_else(|| begun.elapsed(), Duration::from_nanos)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures")]
fn measure<T>(mut work: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            let start = clock(begun);
            let made = black_box(work());
            let took = clock(begun).saturating_sub(start);
            drop(made);
            took
        })
        .collect();
    times.sort();
    times[ROUNDS / 2]
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

#[expect(clippy::print_stdout, reason = "a benchmark tells what it measured")]
fn main() {
    let before = counting::live();
    let inputs = fleet::inputs();
    let view = join(&inputs);
    let guests = view.guests().len();
    let paths = view.paths().len();
    drop(inputs);
    let kept = counting::live() - before;

    let inputs = Inputs {
        sources: view.sources().map(|source| view.held(source).clone()).collect(),
        ..Inputs::default()
    };
    let changed = fleet::collected_again(&inputs);
    let full = measure(|| join(&inputs));
    let again = measure(|| rejoin(&view, &changed));
    let anew = measure(|| rejoin(&view, &fleet::controller_again(&inputs)));

    let findings = schema::drift::find(&view, schema::Timestamp::from_seconds(1_000_010)).findings.len();
    let drift = measure(|| schema::drift::find(&view, schema::Timestamp::from_seconds(1_000_010)));

    println!("guests                      {guests}");
    println!("paths                       {paths}");
    println!("full join                   {:.1} ms", millis(full));
    println!("re-join of one cluster      {:.2} ms", millis(again));
    println!("share of the full join      {:.3}", millis(again) / millis(full));
    println!("re-join of the controller   {:.1} ms", millis(anew));
    println!("drift, {findings} findings    {:.1} ms", millis(drift));
    println!("kept alive by a View        {} bytes a guest", kept / guests);
}

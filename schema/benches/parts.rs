//! The parts of the join, by criterion: what one look-up, one path, one impact and one look at drift cost in a large View.

#[path = "join/fleet.rs"]
mod fleet;

use std::hint::black_box;

use criterion::Criterion;
use schema::Timestamp;
use schema::view::{Inputs, ObjectRef, View, join, rejoin};

fn parts(criterion: &mut Criterion) {
    let inputs = fleet::inputs();
    let view = join(&inputs);
    let now = view.sources().filter_map(|source| view.held(source).collected_at()).max().unwrap_or_default();
    let changed = fleet::collected_again(&Inputs {
        sources: view.sources().map(|source| view.held(source).clone()).collect(),
        ..Inputs::default()
    });
    criterion.bench_function("join", |bencher| bencher.iter(|| join(black_box(&inputs))));
    criterion.bench_function("rejoin, 1 % of one of 50 clusters", |bencher| {
        bencher.iter(|| rejoin(black_box(&view), black_box(&changed)));
    });
    criterion.bench_function("a thousand paths with every hop", |bencher| bencher.iter(|| page(&view, now)));
    let controller = fleet::controller_again(&changed);
    criterion.bench_function("rejoin, the controller anew", |bencher| {
        bencher.iter(|| rejoin(black_box(&view), black_box(&controller)));
    });
    let node = view.nodes().get(0).expect("the fleet has nodes");
    criterion.bench_function("impact of a node", |bencher| {
        bencher.iter(|| view.impact(ObjectRef::from(black_box(node))));
    });
    criterion.bench_function("drift", |bencher| bencher.iter(|| schema::drift::find(black_box(&view), now)));
}

/// What a page of paths reads.
fn page(view: &View, now: Timestamp) -> usize {
    let paths = view.paths().iter().take(1000).map(|path| view.path(path));
    paths
        .map(|path| path.hops().iter().filter(|hop| hop.stale(now)).count() + usize::from(path.stale(now)))
        .sum()
}

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    parts(&mut criterion);
    criterion.final_summary();
}

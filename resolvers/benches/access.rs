//! What authorization costs: a page of 100 paths with their guests, hops and evidence, read by callers who may see all of it, half of it,
//! and by nobody in particular, for whom nothing is asked.
//!
//! `cargo bench -p resolvers --bench access` prints the time of each page and what part more than without it that is.
//! All are measured by turns in one run, each request with a context of its own, as the gateway makes them.

mod fleet;

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Request;
use resolvers::{Access, ReadSchema, RequestContext};
use schema::policy::{Decisions, Policies, Principal};
use schema::view::View;
use tokio::runtime::Runtime;

/// Rounds, in each of which every caller asks; medians are printed.
const ROUNDS: usize = 201;
/// Rounds before them, which fill caches.
const WARM: usize = 20;

const QUERY: &str = "{ paths(first: 100) { totalCount nodes { id entry location port state asOf stale guest { vmid name } \
                     hops { kind state stale candidateCount collectedAt evidence { rule detail } } } } }";

/// Somebody who asks.
struct Caller {
    name: &'static str,
    access: Box<dyn Fn() -> Access>,
    times: Vec<Duration>,
}

/// Nobody in particular first: what the others are compared with.
fn callers() -> Vec<Caller> {
    let (policies, decisions) = (Policies::built_in(), Arc::new(Decisions::default()));
    let asking = |name, roles: &'static [&'static str], mfa| {
        let (policies, decisions) = (policies.clone(), Arc::clone(&decisions));
        let access = move || {
            let principal = Principal::with_roles("somebody", roles.iter().copied(), mfa);
            Access::of(decisions.asking(policies.clone(), Arc::new(principal)))
        };
        Caller { name, access: Box::new(access), times: Vec::new() }
    };
    vec![
        Caller { name: "nothing is asked", access: Box::new(Access::unlimited), times: Vec::new() },
        asking("sankofa-it-admin, who sees everything", &["sankofa-it-admin"], true),
        asking("fleetgraph-viewer, who sees everything here", &["fleetgraph-viewer"], false),
        asking("audit@lab, who sees half of the guests", &["audit@lab"], false),
    ]
}

fn ask(runtime: &Runtime, schema: &ReadSchema, view: &Arc<View>, access: Access) -> usize {
    let context = RequestContext::new(Arc::clone(view), [].into(), fleet::SEEN.at, access);
    let request = Request::new(QUERY).data(context);
    let answer = runtime.block_on(schema.execute(request));
    serde_json::to_vec(&answer.data).expect("JSON").len()
}

#[expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark measures, and tells what it measured"
)]
fn main() {
    let view = fleet::fleet(1000);
    let schema = resolvers::schema().finish();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut callers = callers();
    for round in 0..WARM + ROUNDS {
        for caller in &mut callers {
            let begun = Instant::now();
            black_box(ask(&runtime, &schema, &view, (caller.access)()));
            if round >= WARM {
                caller.times.push(begun.elapsed());
            }
        }
    }
    let median = |caller: &mut Caller| {
        caller.times.sort();
        caller.times[ROUNDS / 2].as_secs_f64() * 1000.0
    };
    let without = median(&mut callers[0]);
    for caller in &mut callers {
        let (bytes, time) = (ask(&runtime, &schema, &view, (caller.access)()), median(caller));
        let more = (time / without - 1.0) * 100.0;
        println!("{}  {time:.3} ms, {more:+.1} %, {bytes} bytes", caller.name);
    }
}

//! The deepest operation that can be configured to pass, over objects that lead on to each other.

use async_graphql::Request;
use serde_json::json;

use crate::fleet;

/// As deep as `graphql.limits.depth` may be set, through connections, on the stack that a worker has.
#[test]
fn the_deepest_operation_fits_a_workers_stack() {
    let round = "paths(first: 1) { nodes { guest { ";
    let query = format!(
        "{{ guest(cluster: \"pve-lab\", vmid: 100) {{ {} paths(first: 1) {{ totalCount }} {} }} }}",
        round.repeat(7),
        "} } } ".repeat(7)
    );
    let worker = std::thread::Builder::new().stack_size(2 * 1024 * 1024).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let request = Request::new(query).data(fleet::context(fleet::sources()));
        let response = runtime.block_on(resolvers::schema().finish().execute(request));
        json!(response)
    });
    let answer = worker.expect("a thread").join().expect("no panic");
    let deepest = (0..7).fold(&answer["data"]["guest"], |at, _| &at["paths"]["nodes"][0]["guest"]);
    assert!(deepest["paths"]["totalCount"].is_u64(), "{answer}");
}

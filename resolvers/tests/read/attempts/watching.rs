//! What a subscription counts is what the same caller finds by asking, and never more.

use std::sync::Arc;

use async_graphql::Request;
use futures_util::stream::{self, BoxStream, StreamExt as _};
use resolvers::{Access, Live, RequestContext};
use serde_json::{Value, json};

use super::{callers, fleet};
use crate::fleet::READ;

/// What is known, one after the other.
struct Told(Vec<RequestContext>);

impl Live for Told {
    fn contexts(&self) -> BoxStream<'static, RequestContext> {
        stream::iter(self.0.clone()).boxed()
    }
}

/// All answers to a subscription over what is told.
async fn watched(told: Vec<RequestContext>, query: &str) -> Vec<Value> {
    let live: Arc<dyn Live> = Arc::new(Told(told.clone()));
    let request = Request::new(query).data(told[0].clone()).data(live);
    let answers = resolvers::schema().finish().execute_stream(request).collect::<Vec<_>>().await;
    answers.iter().map(|answer| json!(answer)).collect()
}

const ALL: &str = "subscription { fleetStatus { guests { total } nodes { total } sources { total } paths { total } \
                   openFindings } }";

#[tokio::test]
async fn each_caller_counts_what_it_finds_by_asking() {
    let schema = resolvers::schema().finish();
    let mut different = std::collections::BTreeSet::new();
    for caller in callers() {
        let asked = Request::new(
            "{ guests(first: 100) { totalCount } clusters { nodes { name } } sources { name } paths { totalCount } \
             drift(filter: { state: OPEN }) { totalCount } }",
        );
        let data = json!(schema.execute(asked.data(caller.context.clone())).await)["data"].clone();
        let count = |of: &str| data[of]["totalCount"].as_u64().unwrap_or(0);
        let of_list = |of: &str| data[of].as_array().map_or(0, Vec::len);
        let nodes = data["clusters"].as_array().into_iter().flatten();
        let nodes: usize = nodes.filter_map(|one| one["nodes"].as_array()).map(Vec::len).sum();
        let expected = json!({"fleetStatus": {
            "guests": {"total": count("guests")}, "nodes": {"total": nodes}, "sources": {"total": of_list("sources")},
            "paths": {"total": count("paths")}, "openFindings": count("drift"),
        }});
        let told = watched(vec![caller.context.clone()], ALL).await;
        assert_eq!(told.len(), 1, "{}: at once, and once", caller.name);
        assert_eq!(told[0]["data"], expected, "{}", caller.name);
        different.insert(expected.to_string());
    }
    assert!(different.len() >= 3, "callers that see all, a part and nothing: {different:?}");
}

#[tokio::test]
async fn an_event_comes_for_what_changed_and_in_any_shape() {
    let (small, large) = (fleet::view(), fleet::crowd());
    let see = |view, seconds| {
        let mut context = fleet::context(view, Access::unlimited());
        context.now = READ.plus(std::time::Duration::from_secs(seconds));
        context
    };
    // A second later nothing has changed but the moment.
    let told = vec![see(&small, 5), see(&small, 6), see(&large, 7), see(&large, 8), see(&small, 9)];
    let query = "subscription S { now: fleetStatus { ...Counts at ... on FleetStatus { g: guests { t: total ok } } } } \
                 fragment Counts on FleetStatus { __typename agents { total } }";
    let answers = watched(told, query).await;
    let seen: Vec<(&Value, &Value)> =
        answers.iter().map(|one| (&one["data"]["now"]["g"]["t"], &one["data"]["now"]["at"])).collect();
    let (some, many) = (&answers[0]["data"]["now"]["g"]["t"], &json!(1000));
    let at = |seconds: u64| {
        json!(resolvers::date_time(READ.plus(std::time::Duration::from_secs(seconds))).to_string())
    };
    assert_eq!(seen, [(some, &at(5)), (many, &at(7)), (some, &at(9))]);
    assert_eq!(answers[1]["data"]["now"]["__typename"], "FleetStatus");
}

/// Whoever serves it without saying what there is to watch is told so, and no inside is shown.
#[tokio::test]
async fn without_anything_to_watch_it_is_an_error_of_ours() {
    let request = Request::new(ALL).data(fleet::context(&fleet::view(), Access::unlimited()));
    let answers: Vec<_> = resolvers::schema().finish().execute_stream(request).collect().await;
    let codes: Vec<Value> =
        answers.iter().map(|one| json!(one)["errors"][0]["extensions"]["code"].clone()).collect();
    assert_eq!(codes, ["INTERNAL"]);
}

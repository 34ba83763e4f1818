//! The simulator answers as Stripe's documents and recordings show it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use schema::Timestamp;
use schema::fact::EntitlementStatus;
use serde_json::Value;

use super::super::KIND;
use crate::world::{Ask, Spec, World};

const NOW: Timestamp = Timestamp::from_seconds(1_790_000_000);

fn world() -> World {
    World::generate(&Spec::default()).expect("a world")
}

fn ask(world: &World, request: &str, authorization: Option<&str>) -> (u16, Value) {
    let simulator = KIND.simulator.as_ref().expect("stripe is simulated");
    let upstream = &(simulator.upstreams)(world)[0];
    let (method, path) = request.split_once(' ').expect("method and path");
    let mut request = Request::builder().method(method).uri(path);
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    let request = request.body(Bytes::new()).expect("a request");
    let answer = (simulator.answer)(&Ask { world, upstream, session_epoch: 0, now: NOW, request: &request });
    assert!(answer.headers().contains_key("request-id"));
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).expect("JSON"))
}

#[test]
fn keys_are_taken_by_bearer_and_by_basic() {
    let world = world();
    let key = &world.billing.secret;
    let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
    for (authorization, status) in [
        (Some(format!("Bearer {key}")), 200),
        (Some(basic(&format!("{key}:"))), 200),
        (Some("Bearer rk_test_other".to_owned()), 401),
        (Some(basic("rk_test_other:")), 401),
        (Some("Basic !".to_owned()), 401),
        (Some(key.clone()), 401),
        (None, 401),
    ] {
        let (given, answer) = ask(&world, "GET /v1/products", authorization.as_deref());
        assert_eq!(given, status, "{authorization:?}");
        assert_eq!(answer["error"]["type"] == "invalid_request_error", status == 401, "{answer}");
    }
}

#[test]
fn pages_follow_each_other_without_gap_or_repetition() {
    let world = world();
    let bearer = format!("Bearer {}", world.billing.secret);
    let mut ids: Vec<String> = Vec::new();
    loop {
        let after = ids.last().map(|id| format!("&starting_after={id}")).unwrap_or_default();
        let (status, page) = ask(&world, &format!("GET /v1/invoices?limit=3{after}"), Some(&bearer));
        assert_eq!((status, page["object"].as_str()), (200, Some("list")));
        let data = page["data"].as_array().expect("objects");
        ids.extend(data.iter().map(|object| object["id"].as_str().expect("an id").to_owned()));
        if page["has_more"] == false {
            break;
        }
        assert_eq!(data.len(), 3);
    }
    let all: Vec<String> = world.billing.invoices.iter().rev().map(|invoice| invoice.id.clone()).collect();
    assert_eq!(ids, all);
}

#[test]
fn refusals_name_their_reason() {
    let world = world();
    let bearer = format!("Bearer {}", world.billing.secret);
    for (request, status, code) in [
        ("GET /v1/customers?limit=101", 400, "parameter_invalid_integer"),
        ("GET /v1/customers?limit=many", 400, "parameter_invalid_integer"),
        ("GET /v1/customers?starting_after=cus_none", 400, "resource_missing"),
        ("GET /v1/subscription_items", 400, "parameter_missing"),
        ("GET /v1/subscription_items?subscription=sub_none", 404, "resource_missing"),
        ("GET /v1/invoices/in_none/lines", 404, "resource_missing"),
        ("GET /v1/charges", 404, ""),
        ("POST /v1/customers", 403, ""),
    ] {
        let (given, answer) = ask(&world, request, Some(&bearer));
        assert_eq!(
            (given, answer["error"]["code"].as_str().unwrap_or_default()),
            (status, code),
            "{request} {answer}"
        );
    }
}

#[test]
fn ended_subscriptions_are_listed_only_when_asked_for() {
    let world = world();
    let bearer = format!("Bearer {}", world.billing.secret);
    let count = |query: &str| {
        let (_, page) = ask(&world, &format!("GET /v1/subscriptions?limit=100{query}"), Some(&bearer));
        page["data"].as_array().expect("objects").len()
    };
    let ended = world
        .billing
        .subscriptions
        .iter()
        .filter(|subscription| subscription.status == EntitlementStatus::Canceled)
        .count();
    assert!(ended > 0, "a world without an ended subscription shows nothing");
    assert_eq!(count("&status=all"), world.billing.subscriptions.len());
    assert_eq!(count(""), world.billing.subscriptions.len() - ended);
    assert_eq!(count("&status=canceled"), ended);
}

#[test]
fn every_endpoint_has_a_sample_that_its_parser_reads() {
    let world = world();
    let simulator = KIND.simulator.as_ref().expect("stripe is simulated");
    let samples = (simulator.samples)(&world);
    for parser in KIND.conform {
        let (start, end) = parser.path.split_once("{invoice}").unwrap_or((parser.path, ""));
        let sample = samples.iter().find(|(_, request)| {
            let path = request.uri().path();
            path.strip_prefix(start)
                .is_some_and(|rest| rest.ends_with(end) && rest.is_empty() == end.is_empty())
        });
        let (upstream, request) = sample.unwrap_or_else(|| panic!("{} has no sample", parser.path));
        let ask = Ask { world: &world, upstream, session_epoch: 0, now: NOW, request };
        let answer = (simulator.answer)(&ask);
        assert_eq!(answer.status(), 200, "{}", request.uri());
        assert_eq!((parser.parse)(answer.body()), Ok(()), "{}", request.uri());
    }
}

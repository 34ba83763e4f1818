//! What runs: parameters, media types, variables, errors of fields.

use serde_json::json;

use crate::kit::Server;

const FRESHNESS: &str = r#"{"freshness":{"edge":{"collectedAt":null,"stale":true}}}"#;

#[tokio::test]
async fn answers_bear_data_errors_and_freshness() {
    let server = Server::start();
    let freshness: serde_json::Value = serde_json::from_str(FRESHNESS).unwrap();
    for (query, expected) in [
        ("{hello(name:\"a\")}", json!({"data": {"hello": "hello a"}})),
        ("{node{node{port(number:3)}}}", json!({"data": {"node": {"node": {"port": 3}}}})),
        ("mutation{rename}", json!({"data": {"rename": true}})),
        (
            "{hello missing}",
            json!({"data": {"hello": "hello ", "missing": null}, "errors": [{"message": "No source answered",
                "locations": [{"line": 1, "column": 8}], "path": ["missing"], "extensions": {"code": "SOURCE_FAILED"}}]}),
        ),
        // What a resolver did not mean for the client is not shown to it.
        (
            "{leak}",
            json!({"data": {"leak": null}, "errors": [{"message": "Internal error",
                "locations": [{"line": 1, "column": 2}], "path": ["leak"], "extensions": {"code": "INTERNAL"}}]}),
        ),
        // A required field that fails takes its parent along, and that is still an answer.
        (
            "{needed}",
            json!({"data": null, "errors": [{"message": "Internal error",
                "locations": [{"line": 1, "column": 2}], "path": ["needed"], "extensions": {"code": "INTERNAL"}}]}),
        ),
    ] {
        let answer = server.query(query).await;
        let mut expected = expected;
        expected["extensions"] = freshness.clone();
        assert_eq!(answer.json(), expected, "{query}");
        assert_eq!(answer.status, 200, "{query}");
    }
}

#[tokio::test]
async fn each_request_reads_what_was_pinned_for_it() {
    let server = Server::start();
    for expected in 0..3 {
        let answer = server.query("{a:asked b:asked node{asked}}").await.json();
        let of_this_request = json!({"a": expected, "b": expected, "node": {"asked": expected}});
        assert_eq!(answer["data"], of_this_request);
    }
}

#[tokio::test]
async fn parameters_by_get() {
    let server = Server::start();
    for (query_string, expected) in [
        ("query=%7Bhello%7D", "200"),
        ("query=query%20A%7Bhello%7Dquery%20B%7Bport(number:1)%7D&operationName=B", "200"),
        ("query=query(%24n:Int!)%7Bport(number:%24n)%7D&variables=%7B%22n%22:1%7D", "200"),
        ("query=%7Bhello%7D&variables=null&extensions=%7B%7D", "200"),
        ("query=%7Bhello%7D&variables=%5B%5D", "400 BAD_USER_INPUT"),
        ("query=%7Bhello%7D&variables=%7B", "400 BAD_USER_INPUT"),
        ("query=%7Bhello%7D&extensions=1", "400 BAD_USER_INPUT"),
        ("query=%7Bhello%7D&query=%7Bhello%7D", "400 BAD_USER_INPUT"),
        ("query=", "400 GRAPHQL_VALIDATION_FAILED"),
        ("", "400 BAD_USER_INPUT"),
        ("query=mutation%7Brename%7D", "405 OPERATION_NOT_ALLOWED"),
        ("query=query%20A%7Bhello%7Dmutation%20B%7Brename%7D&operationName=A", "200"),
        ("query=query%20A%7Bhello%7Dmutation%20B%7Brename%7D&operationName=B", "405 OPERATION_NOT_ALLOWED"),
        ("query=%23query%0Amutation%7Brename%7D", "405 OPERATION_NOT_ALLOWED"),
        ("query=subscription%7Bx%7D", "400 BAD_USER_INPUT"),
    ] {
        let accept = [("accept", "application/graphql-response+json")];
        let answer = server.ask(&format!("GET /graphql?{query_string}"), &accept, "").await;
        assert_eq!(answer.verdict(), expected, "{query_string}: {}", answer.body);
        let allow = if answer.status == 405 { "POST" } else { "" };
        assert_eq!(answer.header("allow"), allow, "{query_string}");
    }
}

#[tokio::test]
async fn the_media_type_is_the_one_that_accept_prefers() {
    let server = Server::start();
    let (modern, json) =
        ("application/graphql-response+json; charset=utf-8", "application/json; charset=utf-8");
    for (accept, expected) in [
        ("application/graphql-response+json", modern),
        ("application/json", json),
        ("*/*", json),
        ("application/*", json),
        ("", json),
        ("application/graphql-response+json, application/json", modern),
        ("application/json, application/graphql-response+json", modern),
        ("application/json, application/graphql-response+json;q=0.9", json),
        ("application/graphql-response+json;q=0.5, */*;q=0.1", modern),
        ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", modern),
        ("application/graphql-response+json; charset=\"UTF-8\"", modern),
        ("application/graphql-response+json; charset=iso-8859-1, application/json", json),
        ("APPLICATION/JSON", json),
        ("application/json;q=0, */*", modern),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", json),
        ("application/json, multipart/mixed", json),
        ("text/html", ""),
        ("application/json;q=0", ""),
        ("application/json; charset=iso-8859-1", ""),
        ("application/json;q=2", ""),
        ("application/xml;a=\"x,application/json\"", ""),
    ] {
        let headers = [("content-type", "application/json"), ("accept", accept)];
        let headers = if accept.is_empty() { &headers[..1] } else { &headers[..] };
        // The client adds `Accept: */*` by itself, which comes to the same as none.
        let answer = server.ask("POST /graphql", headers, r#"{"query":"{hello}"}"#).await;
        match expected {
            "" => assert_eq!(answer.verdict(), "406 BAD_USER_INPUT", "{accept}"),
            expected => {
                assert_eq!((answer.status, answer.header("content-type")), (200, expected), "{accept}");
            }
        }
    }
}

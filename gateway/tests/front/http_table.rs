//! The table of docs/reference.md, HTTP: each kind of request, by the media type asked for.

use crate::kit::Server;

#[tokio::test]
async fn status_and_code_by_kind_of_request() {
    let server = Server::start();
    let q = |document: &str| serde_json::json!({ "query": document }).to_string();
    let long = format!("{{{}}}", "a ".repeat(6_000));
    for (kind, body, modern, json) in [
        ("answered", q("{hello}"), "200", "200"),
        ("field error", q("{missing}"), "200 SOURCE_FAILED", "200 SOURCE_FAILED"),
        ("syntax, by the gate", q("{"), "400 GRAPHQL_VALIDATION_FAILED", "200 GRAPHQL_VALIDATION_FAILED"),
        (
            "syntax, by the parser",
            q("{a(b:$)}"),
            "400 GRAPHQL_VALIDATION_FAILED",
            "200 GRAPHQL_VALIDATION_FAILED",
        ),
        ("unknown field", q("{nothing}"), "400 GRAPHQL_VALIDATION_FAILED", "200 GRAPHQL_VALIDATION_FAILED"),
        (
            "literal of the wrong type",
            q("{port(number:\"x\")}"),
            "400 GRAPHQL_VALIDATION_FAILED",
            "200 GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "cycle of fragments",
            q("{...A} fragment A on Query{...A}"),
            "400 GRAPHQL_VALIDATION_FAILED",
            "200 GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "unknown operation",
            r#"{"query":"query A{hello}","operationName":"B"}"#.into(),
            "400 GRAPHQL_VALIDATION_FAILED",
            "200 GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "no operation named",
            q("query A{hello} query B{hello}"),
            "400 GRAPHQL_VALIDATION_FAILED",
            "200 GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "name for an anonymous one",
            r#"{"query":"{hello}","operationName":"B"}"#.into(),
            "400 GRAPHQL_VALIDATION_FAILED",
            "200 GRAPHQL_VALIDATION_FAILED",
        ),
        ("not JSON", "{".into(), "400 BAD_USER_INPUT", "400 BAD_USER_INPUT"),
        ("empty", String::new(), "400 BAD_USER_INPUT", "400 BAD_USER_INPUT"),
        ("no query", "{}".into(), "400 BAD_USER_INPUT", "400 BAD_USER_INPUT"),
        ("query null", r#"{"query":null}"#.into(), "400 BAD_USER_INPUT", "400 BAD_USER_INPUT"),
        (
            "query twice",
            r#"{"query":"{hello}","query":"{hello}"}"#.into(),
            "400 BAD_USER_INPUT",
            "400 BAD_USER_INPUT",
        ),
        ("batch", format!("[{}]", q("{hello}")), "400 BAD_USER_INPUT", "400 BAD_USER_INPUT"),
        ("a string", "\"{hello}\"".into(), "400 BAD_USER_INPUT", "400 BAD_USER_INPUT"),
        ("limit on the document", q(&long), "400 LIMIT_EXCEEDED", "400 LIMIT_EXCEEDED"),
        ("complexity", q("{costly}"), "400 LIMIT_EXCEEDED", "400 LIMIT_EXCEEDED"),
        (
            "deep JSON",
            format!("{{\"query\":\"{{hello}}\",\"x\":{}", "[".repeat(10_000)),
            "400 LIMIT_EXCEEDED",
            "400 LIMIT_EXCEEDED",
        ),
        ("subscription by plain POST", q("subscription{x}"), "400 BAD_USER_INPUT", "400 BAD_USER_INPUT"),
        ("panic", q("{bug}"), "500 INTERNAL", "500 INTERNAL"),
    ] {
        for (accept, expected) in [("application/graphql-response+json", modern), ("application/json", json)]
        {
            let headers = [("content-type", "application/json"), ("accept", accept)];
            let answer = server.ask("POST /graphql", &headers, body.clone()).await;
            assert_eq!(answer.verdict(), expected, "{kind}, {accept}: {}", answer.body);
            assert_eq!(answer.header("content-type"), format!("{accept}; charset=utf-8"), "{kind}");
            assert!(answer.json()["extensions"]["freshness"].is_object(), "{kind}: {}", answer.body);
            let refused = !expected.starts_with("200")
                || expected.ends_with("VALIDATION_FAILED")
                || expected.ends_with("INPUT");
            assert_eq!(answer.json().get("data").is_none(), refused, "{kind}: {}", answer.body);
            assert!(!answer.body.contains("hunter2"), "{kind}: nothing of the inside");
        }
    }
}

/// Clients of persisted operations send the whole text where they are told this code.
#[tokio::test]
async fn no_persisted_operation_is_known() {
    let server = Server::start();
    let apollo = r#""extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}"#;
    let get = "/graphql?extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%7D%7D";
    for (request, body, known) in [
        ("POST /graphql", format!("{{{apollo}}}"), false),
        ("POST /graphql", r#"{"id":"abc"}"#.to_owned(), false),
        ("POST /graphql", r#"{"documentId":"sha256:00"}"#.to_owned(), false),
        ("POST /graphql", format!("{{\"query\":\"{{hello}}\",{apollo}}}"), true),
        (&format!("GET {get}"), String::new(), false),
        ("GET /graphql?documentId=sha256:00", String::new(), false),
        (&format!("GET {get}&query=%7Bhello%7D"), String::new(), true),
    ] {
        for (accept, status) in [("application/graphql-response+json", 400), ("application/json", 200)] {
            let headers = [("content-type", "application/json"), ("accept", accept)];
            let answer = server.ask(request, &headers, body.clone()).await;
            let unknown = format!("{status} PERSISTED_QUERY_NOT_FOUND");
            let expected = if known { "200" } else { unknown.as_str() };
            assert_eq!(answer.verdict(), expected, "{request} {body}: {}", answer.body);
        }
    }
}

#[tokio::test]
async fn bodies_are_json_in_utf_8() {
    let server = Server::start();
    let body = r#"{"query":"{hello}"}"#;
    for (content_type, expected) in [
        ("application/json", "200"),
        ("application/json; charset=utf-8", "200"),
        ("Application/JSON;Charset=\"UTF-8\"", "200"),
        ("application/json; charset=iso-8859-1", "415 BAD_USER_INPUT"),
        ("text/plain", "415 BAD_USER_INPUT"),
        ("application/graphql", "415 BAD_USER_INPUT"),
        ("application/x-www-form-urlencoded", "415 BAD_USER_INPUT"),
        ("multipart/form-data; boundary=x", "415 BAD_USER_INPUT"),
        ("text/plain; application/json", "415 BAD_USER_INPUT"),
        ("", "415 BAD_USER_INPUT"),
    ] {
        let headers = [("content-type", content_type)];
        let headers = if content_type.is_empty() { &[][..] } else { &headers[..] };
        let answer = server.ask("POST /graphql", headers, body).await;
        assert_eq!(answer.verdict(), expected, "{content_type}");
    }
    let headers = [("content-type", "application/json")];
    let answer = server.ask("POST /graphql", &headers, b"{\"query\":\"{\xff}\"}".to_vec()).await;
    assert_eq!(answer.verdict(), "400 BAD_USER_INPUT", "not UTF-8");
}

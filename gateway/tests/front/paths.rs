//! Everything besides `/graphql`: probes, metrics, pages, what is not there; and what every answer bears.

use fleetgraph::http::{Limits, Readiness};
use serde_json::json;

use crate::kit::Server;

#[tokio::test]
async fn paths_and_methods() {
    let server = Server::start();
    for (request, expected) in [
        ("GET /nothing", "404 NOT_FOUND"),
        ("POST /nothing", "404 NOT_FOUND"),
        ("GET /graphql/", "404 NOT_FOUND"),
        ("GET //graphql", "404 NOT_FOUND"),
        ("PUT /graphql", "405 NOT_FOUND"),
        ("DELETE /graphql", "405 NOT_FOUND"),
        ("OPTIONS /graphql", "405 NOT_FOUND"),
        ("POST /healthz", "405 NOT_FOUND"),
        ("POST /graphiql", "405 NOT_FOUND"),
    ] {
        let answer = server.ask(request, &[], "").await;
        assert_eq!(answer.verdict(), expected, "{request}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8", "{request}");
    }
    assert_eq!(server.ask("PUT /graphql", &[], "").await.header("allow"), "GET, POST");
}

#[tokio::test]
async fn what_is_to_come_says_that_it_is_not_built() {
    let server = Server::start();
    for request in ["GET /export/fleet.csv", "POST /webhooks/edge"] {
        let answer = server.ask(request, &[], "").await;
        assert_eq!(answer.verdict(), "404 NOT_FOUND", "{request}");
        assert!(answer.body.contains("not built yet"), "{request}: {}", answer.body);
    }
}

#[tokio::test]
async fn probes() {
    for (readiness, status, word) in [
        (Readiness { database: true, sources: 3, sources_tried: 3, issuer: None }, 200, "ready"),
        (Readiness { database: true, sources: 3, sources_tried: 2, issuer: None }, 503, "not ready"),
        (Readiness { database: false, sources: 3, sources_tried: 3, issuer: None }, 503, "not ready"),
    ] {
        let server = Server::with(Limits::default(), readiness);
        let health = server.ask("GET /healthz", &[], "").await;
        assert_eq!((health.status, health.json()), (200, json!({"status": "up"})));
        let ready = server.ask("GET /readyz", &[], "").await;
        let database = if readiness.database { "answers" } else { "does not answer" };
        let expected = json!({"status": word, "database": database, "sources": 3, "sourcesTried": readiness.sources_tried});
        assert_eq!((ready.status, ready.json()), (status, expected));
    }
}

#[tokio::test]
async fn metrics_count_requests_without_the_clients_own_text() {
    let server = Server::start();
    server.query("{hello}").await;
    server.query("{nothing}").await;
    server.ask("BREW /secret-path-of-a-client", &[], "").await;
    let metrics = server.ask("GET /metrics", &[], "").await;
    assert_eq!(metrics.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    for line in [
        r#"fleetgraph_http_requests_total{path="/graphql",method="POST",status="200"}"#,
        r#"fleetgraph_http_requests_total{path="unknown",method="other",status="404"}"#,
        r#"fleetgraph_graphql_errors_total{code="GRAPHQL_VALIDATION_FAILED"}"#,
        "fleetgraph_http_request_duration_seconds",
    ] {
        assert!(metrics.body.contains(line), "{line} in {}", metrics.body);
    }
    assert!(!metrics.body.contains("secret-path"), "{}", metrics.body);
}

#[tokio::test]
async fn request_ids_are_taken_over_or_made() {
    let server = Server::start();
    for (given, taken) in [
        (Some("abc-DEF_1.2"), true),
        (Some(&*"a".repeat(64)), true),
        (Some(&*"a".repeat(65)), false),
        (Some("a b"), false),
        (Some("a\u{e9}"), false),
        (Some(""), false),
        (None, false),
    ] {
        let headers: Vec<(&str, &str)> = given.map(|id| ("x-request-id", id)).into_iter().collect();
        for request in ["GET /graphql?query={hello}", "GET /nothing", "GET /healthz"] {
            let answer = server.ask(request, &headers, "").await;
            let id = answer.header("x-request-id");
            match given.filter(|_| taken) {
                Some(given) => assert_eq!(id, given),
                None => assert!(
                    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
                    "{given:?}: {id}"
                ),
            }
        }
    }
}

#[tokio::test]
async fn every_answer_is_guarded() {
    let server = Server::start();
    for request in ["GET /", "GET /graphiql", "GET /graphql?query={hello}", "GET /nothing", "GET /metrics"] {
        let answer = server.ask(request, &[("origin", "https://evil.example.org")], "").await;
        for (name, expected) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("access-control-allow-origin", ""),
        ] {
            assert_eq!(answer.header(name), expected, "{request} {name}");
        }
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{request}: {policy}"
        );
    }
}

#[tokio::test]
async fn another_servers_name_is_refused() {
    let server = Server::start();
    for (host, expected) in [
        ("localhost:1", "200"),
        ("evil.example.org", "421 FORBIDDEN"),
        ("127.0.0.1.evil.example.org", "421 FORBIDDEN"),
    ] {
        for path in ["/graphql?query={hello}", "/healthz"] {
            let answer = server.ask(&format!("GET {path}"), &[("host", host)], "").await;
            assert_eq!(answer.verdict(), expected, "{host} {path}");
        }
    }
}

//! GraphQL over server-sent events, distinct connections mode.

use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::kit::{Server, TOKEN};

const HEADERS: [(&str, &str); 2] = [("content-type", "application/json"), ("accept", "text/event-stream")];
const COMPLETE: &str = "event: complete\ndata:\n\n";

fn body(query: &str) -> String {
    serde_json::json!({ "query": query }).to_string()
}

fn next(payload: &str) -> String {
    let freshness = r#""extensions":{"freshness":{"edge":{"collectedAt":null,"stale":true}}}"#;
    format!("event: next\ndata: {{{payload},{freshness}}}\n\n")
}

#[tokio::test]
async fn a_stream_is_next_and_complete() {
    let server = Server::start();
    for (query, expected) in [
        ("{hello}", next(r#""data":{"hello":"hello "}"#)),
        ("mutation{rename}", next(r#""data":{"rename":true}"#)),
        ("subscription{count(to:0)}", String::new()),
        ("subscription{count(to:2)}", next(r#""data":{"count":1}"#) + &next(r#""data":{"count":2}"#)),
        (
            "{missing}",
            next(
                r#""data":{"missing":null},"errors":[{"message":"No source answered","locations":[{"line":1,"column":2}],"path":["missing"],"extensions":{"code":"SOURCE_FAILED"}}]"#,
            ),
        ),
        // A panic costs its own stream, and says nothing of the inside.
        (
            "subscription{explodes}",
            next(r#""data":{"explodes":1}"#)
                + "event: next\ndata: {\"errors\":[{\"message\":\"Internal error\",\"extensions\":{\"code\":\"INTERNAL\"}}],\"extensions\":{\"freshness\":{}}}\n\n",
        ),
    ] {
        let answer = server.ask("POST /graphql", &HEADERS, body(query)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "text/event-stream"), "{query}");
        assert_eq!(answer.body, expected + COMPLETE, "{query}");
        assert_eq!(answer.header("cache-control"), "no-store", "{query}");
    }
}

#[tokio::test]
async fn what_is_refused_before_it_begins_is_json() {
    let server = Server::start();
    for (query, expected) in [
        ("{nothing}", "400 GRAPHQL_VALIDATION_FAILED"),
        ("subscription{nothing}", "400 GRAPHQL_VALIDATION_FAILED"),
        ("subscription{", "400 GRAPHQL_VALIDATION_FAILED"),
        ("{costly}", "400 LIMIT_EXCEEDED"),
        ("{bug}", "500 INTERNAL"),
    ] {
        let answer = server.ask("POST /graphql", &HEADERS, body(query)).await;
        assert_eq!(answer.verdict(), expected, "{query}");
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8", "{query}");
    }
    let forged = [HEADERS[0], HEADERS[1], ("authorization", "Bearer forged")];
    assert_eq!(server.ask("POST /graphql", &forged, body("{hello}")).await.verdict(), "401 UNAUTHENTICATED");
    let by_get = server.ask("GET /graphql?query=mutation%7Brename%7D", &HEADERS[1..], "").await;
    assert_eq!(by_get.verdict(), "405 OPERATION_NOT_ALLOWED");
}

/// Clients send one `Accept` with all operations: what is a subscription comes as a stream, the rest as it is preferred.
#[tokio::test]
async fn a_stream_comes_where_it_is_wanted() {
    let server = Server::start();
    let (stream, json, modern) =
        ("text/event-stream", "application/json", "application/graphql-response+json");
    for (accept, query, subscription) in [
        ("text/event-stream", stream, stream),
        ("TEXT/EVENT-STREAM; charset=utf-8", stream, stream),
        ("application/json, text/event-stream", json, stream),
        ("text/event-stream, application/json", json, stream),
        ("text/event-stream, application/json;q=0.5", stream, stream),
        (
            "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed",
            modern,
            stream,
        ),
        ("*/*", json, "400"),
        ("application/json, text/event-stream;q=0", json, "400"),
        ("text/event-stream;q=0", "406", "406"),
        ("text/event-stream;q=x", "406", "406"),
        ("text/*", "406", "406"),
    ] {
        for (document, expected) in [("{hello}", query), ("subscription{count(to:1)}", subscription)] {
            let headers = [HEADERS[0], ("accept", accept)];
            let answer = server.ask("POST /graphql", &headers, body(document)).await;
            let got = match answer.status {
                200 => answer.header("content-type").split(';').next().unwrap_or_default().to_owned(),
                status => status.to_string(),
            };
            assert_eq!(got, expected, "{accept}: {document}");
        }
    }
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let server = Server::start();
    let stream = server.ask("POST /graphql", &HEADERS, body("subscription{never}"));
    let ending = async {
        server.watched.notified().await;
        server.end_token(TOKEN);
    };
    let (answer, ()) = tokio::join!(stream, ending);
    let last = r#"{"errors":[{"message":"The token has expired or was revoked","extensions":{"code":"UNAUTHENTICATED"}}],"extensions":{"freshness":{}}}"#;
    assert_eq!(answer.body, format!("event: next\ndata: {last}\n\n{COMPLETE}"));
}

/// What waits to be read stands before nothing: a client that reads on is told why there is no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_is_told_that_its_token_has_ended() {
    let server = Server::start();
    let mut response = reqwest::Client::new()
        .post(format!("http://{}/graphql", server.address))
        .bearer_auth(TOKEN)
        .header("content-type", "application/json")
        .header("accept", "text/event-stream")
        .body(body("subscription{flood}"))
        .send()
        .await
        .expect("an answer");
    server.flood_stands_still().await;
    server.end_token(TOKEN);
    let mut read = String::new();
    while let Some(chunk) = response.chunk().await.expect("a whole body") {
        read.push_str(std::str::from_utf8(&chunk).expect("ASCII"));
    }
    let last = r#"data: {"errors":[{"message":"The token has expired or was revoked","extensions":{"code":"UNAUTHENTICATED"}}],"extensions":{"freshness":{}}}"#;
    let events: Vec<&str> = read.trim_end().rsplit("\n\n").take(2).collect();
    assert_eq!(events, ["event: complete\ndata:", &format!("event: next\n{last}")]);
    assert!(!read.contains("INTERNAL"));
}

/// A client that reads nothing at all, neither hears that nor keeps its place.
#[tokio::test(flavor = "multi_thread")]
async fn who_takes_nothing_is_cut() {
    let server = Server::start();
    let mut stalled = TcpStream::connect(server.address).await.expect("it listens");
    let body = body("subscription{flood}");
    let request = format!(
        "POST /graphql HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n\
         accept: text/event-stream\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    stalled.write_all(request.as_bytes()).await.expect("it is open");
    server.flood_stands_still().await;
    server.end_token(TOKEN);
    assert!(server.front.stop(Duration::from_mins(5)).await, "its place is free");
}

/// Clients take a stream that ends without `complete` for cut, and ask again.
#[tokio::test]
async fn a_stream_is_cut_at_the_end_of_the_program() {
    let server = Server::start();
    let stream = server.ask("POST /graphql", &HEADERS, body("subscription{never}"));
    let ending = async {
        server.watched.notified().await;
        server.front.stop(Duration::from_secs(30)).await;
    };
    let (answer, ()) = tokio::join!(stream, ending);
    assert_eq!((answer.status, answer.body.as_str()), (200, ""));
    let late = server.ask("POST /graphql", &HEADERS, body("subscription{never}")).await;
    assert_eq!(late.verdict(), "429 LIMIT_EXCEEDED");
}

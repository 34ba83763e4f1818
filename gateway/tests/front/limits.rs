//! What is too much: bodies, header lines, documents, time.

use std::time::Duration;

use fleetgraph::http::Limits;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::kit::{READY, Server, TOKEN};

#[tokio::test]
async fn a_body_is_refused_from_one_byte_over_the_limit() {
    let server = Server::with(Limits { body_bytes: 1_000, ..Limits::default() }, READY);
    let body = |length: usize| format!("{:<length$}", r#"{"query":"{hello}"}"#);
    let headers = [("content-type", "application/json")];
    let announced = server.ask("POST /graphql", &headers, body(1_000)).await;
    assert_eq!(announced.verdict(), "200");
    let announced = server.ask("POST /graphql", &headers, body(1_001)).await;
    assert_eq!(announced.verdict(), "413 LIMIT_EXCEEDED");
    assert_eq!(announced.message(), "1001 bytes in the body; the limit is 1000");
    // Without a Content-Length the bytes are counted as they come.
    let chunks = |length: usize| {
        let chunks = body(length)
            .into_bytes()
            .chunks(100)
            .map(|chunk| Ok::<_, std::io::Error>(chunk.to_vec()))
            .collect::<Vec<_>>();
        reqwest::Body::wrap_stream(futures_util::stream::iter(chunks))
    };
    let streamed = server.ask("POST /graphql", &headers, chunks(1_000)).await;
    assert_eq!(streamed.verdict(), "200");
    let streamed = server.ask("POST /graphql", &headers, chunks(1_001)).await;
    assert_eq!(streamed.verdict(), "413 LIMIT_EXCEEDED");
}

/// Many clients, Python's among them, write a request to its end before they read: they too hear what was wrong with it.
#[tokio::test]
async fn who_reads_only_once_everything_was_sent_hears_the_answer() {
    let server = Server::start();
    let json = format!("authorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n");
    for (request, bytes, expected) in [
        (format!("POST /graphql HTTP/1.1\r\nhost: localhost\r\n{json}"), 6 << 20, "413"),
        ("POST /graphql HTTP/1.1\r\nhost: localhost\r\n".to_owned(), 6 << 20, "401"),
        ("POST /nowhere HTTP/1.1\r\nhost: localhost\r\n".to_owned(), 6 << 20, "404"),
        ("POST /graphql HTTP/1.1\r\nhost: elsewhere\r\n".to_owned(), 6 << 20, "421"),
        ("DELETE /healthz HTTP/1.1\r\nhost: localhost\r\n".to_owned(), 6 << 20, "405"),
    ] {
        let mut stream = TcpStream::connect(server.address).await.expect("it listens");
        let head = format!("{request}content-length: {bytes}\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.expect("it is open");
        let body = vec![b' '; bytes];
        stream.write_all(&body).await.unwrap_or_else(|error| panic!("{expected}: {error}"));
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap_or_else(|error| panic!("{expected}: {error}"));
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected} ")), "{expected}: {answer}");
        assert!(answer.ends_with('}'), "{expected}: {answer}");
    }
}

/// Nor does one wait for what never comes: not for long, and not at all where the client waits to be told to go on.
#[tokio::test]
async fn who_sends_no_more_of_a_body_is_answered() {
    let server = Server::start();
    for expecting in ["", "expect: 100-continue\r\n"] {
        let mut stream = TcpStream::connect(server.address).await.expect("it listens");
        let request = format!(
            "POST /nowhere HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000000\r\n{expecting}\r\n"
        );
        stream.write_all(request.as_bytes()).await.expect("it is open");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("it is closed in order");
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    }
}

#[tokio::test]
async fn header_lines_are_bounded() {
    let server = Server::start();
    let filler = |bytes: usize| "x".repeat(bytes);
    let answer = server.ask("GET /healthz", &[("x-filler", &filler(31 * 1024))], "").await;
    assert_eq!(answer.status, 200);
    let answer = server.ask("GET /healthz", &[("x-filler", &filler(33 * 1024))], "").await;
    assert_eq!(answer.verdict(), "431 LIMIT_EXCEEDED");
    assert!(
        answer.message().ends_with("bytes in the header lines; the limit is 32768"),
        "{}",
        answer.message()
    );
    // As high as it can be configured: still answered in words, and not by the parser.
    let server = Server::with(Limits { header_bytes: 48 * 1024, ..Limits::default() }, READY);
    for (kib, expected) in [(47, 200), (49, 431), (60, 431)] {
        let answer = server.ask("GET /healthz", &[("x-filler", &filler(kib * 1024))], "").await;
        assert_eq!(answer.status, expected, "{kib} KiB");
        assert!(expected == 200 || answer.message().ends_with("the limit is 49152"), "{}", answer.body);
    }
}

/// The document has a limit of its own; what is left of the body is for its variables.
#[tokio::test]
async fn variables_may_fill_what_the_document_leaves_of_the_body() {
    let server = Server::start();
    let long = "x".repeat(900_000);
    let query = "query($name: String) { hello(name: $name) }";
    let answer =
        server.post(&serde_json::json!({"query": query, "variables": {"name": long}}).to_string()).await;
    assert_eq!(answer.verdict(), "200");
    let answer = server.query(&format!("{{hello}}#{}", "x".repeat(200_000))).await;
    assert_eq!(answer.verdict(), "400 LIMIT_EXCEEDED");
    assert_eq!(answer.message(), "200008 bytes in the document; the limit is 131072");
}

#[tokio::test]
async fn what_takes_too_long_is_given_up() {
    let server = Server::with(Limits { timeout: Duration::from_millis(50), ..Limits::default() }, READY);
    for accept in ["application/graphql-response+json", "application/json"] {
        let headers = [("content-type", "application/json"), ("accept", accept)];
        let answer = server.ask("POST /graphql", &headers, r#"{"query":"{forever}"}"#).await;
        assert_eq!(answer.verdict(), "504 TIMEOUT", "{accept}");
    }
    // A body that never ends is the same.
    let endless =
        reqwest::Body::wrap_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
    let answer = server.ask("POST /graphql", &[("content-type", "application/json")], endless).await;
    assert_eq!(answer.verdict(), "504 TIMEOUT");
}

#[tokio::test]
async fn a_limit_names_its_figure() {
    let server = Server::start();
    for (query, expected) in [
        (
            format!("{}hello{}", "{node".repeat(15) + "{", "}".repeat(16)),
            "16 levels of fields (depth); the limit is 15",
        ),
        ((0..31).map(|i| format!("a{i}:hello ")).collect::<Vec<_>>().concat(), "31 aliases; the limit is 30"),
        ("costly".to_owned(), "250001 points of complexity; the limit is 250000"),
    ] {
        let query = if query.starts_with('{') { query } else { format!("{{{query}}}") };
        let answer = server.query(&query).await;
        assert_eq!((answer.verdict().as_str(), answer.message().as_str()), ("400 LIMIT_EXCEEDED", expected));
    }
}

/// A principal's own requests are counted, and an address' only where they bear no good token.
#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let three = std::num::NonZeroU32::new(3).expect("more than none");
    let server = Server::with(Limits { requests_per_minute: three, ..Limits::default() }, READY);
    let forged = [("authorization", "Bearer forged")];
    for expected in
        ["401 UNAUTHENTICATED", "401 UNAUTHENTICATED", "401 UNAUTHENTICATED", "429 LIMIT_EXCEEDED"]
    {
        let answer = server.ask("GET /graphql?query={hello}", &forged, "").await;
        assert_eq!(answer.verdict(), expected);
    }
    for expected in ["200", "200", "200", "429 LIMIT_EXCEEDED"] {
        let answer = server.ask("GET /graphql?query={hello}", &[], "").await;
        assert_eq!(answer.verdict(), expected, "a good token is not refused for what others did");
        if expected != "200" {
            let seconds: u64 = answer.header("retry-after").parse().expect("whole seconds");
            assert!((1..=21).contains(&seconds), "{seconds}");
            assert!(answer.message().starts_with("more requests than 3 a minute"), "{}", answer.message());
        }
    }
}

#[tokio::test]
async fn the_complexity_of_a_minute_is_counted() {
    let one = std::num::NonZeroU32::MIN;
    let server = Server::with(Limits { complexity_per_minute: one, ..Limits::default() }, READY);
    for expected in ["200", "429 LIMIT_EXCEEDED"] {
        let answer = server.ask("GET /graphql?query={hello}", &[], "").await;
        assert_eq!(answer.verdict(), expected);
    }
}

/// Refused logout tokens too; what is wrong with them is not told.
#[tokio::test]
async fn who_sends_bad_logout_tokens_is_told_to_wait() {
    let one = std::num::NonZeroU32::MIN;
    let server = Server::with(Limits { requests_per_minute: one, ..Limits::default() }, READY);
    let form = [("content-type", "application/x-www-form-urlencoded")];
    for expected in ["400 BAD_USER_INPUT", "429 LIMIT_EXCEEDED"] {
        let answer = server.ask("POST /auth/backchannel-logout", &form, "logout_token=x").await;
        assert_eq!(answer.verdict(), expected);
    }
}

/// Who connects and says nothing, begins a request and goes no further, or greets in another version of HTTP.
#[tokio::test]
async fn a_connection_that_asks_nothing_is_closed() {
    let server = Server::start();
    let said = ["", "GET / HTTP/1.1\r\nhost: localhost\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "PRI * HT"];
    let closed = said.map(|said| async move {
        let mut stream = TcpStream::connect(server.address).await.expect("it listens");
        stream.write_all(said.as_bytes()).await.expect("it is open");
        let mut answer = Vec::new();
        // An end or a reset: both are no connection.
        let reading = tokio::time::timeout(Duration::from_mins(2), stream.read_to_end(&mut answer)).await;
        assert!(reading.is_ok(), "{said:?}: {}", String::from_utf8_lossy(&answer));
        assert!(!answer.starts_with(b"HTTP/1.1 2"), "{said:?}: {}", String::from_utf8_lossy(&answer));
    });
    futures_util::future::join_all(closed).await;
}

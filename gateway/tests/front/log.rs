//! The request log (docs/logging.md): one line a request, and nothing in it that was in a document or a variable.

use std::io::Write;
use std::sync::{Mutex, OnceLock};

use crate::kit::Server;
use crate::sockets::{ACK, INIT, PROTOCOL, Socket};

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Lines;

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.lock().expect("no panic while writing").write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// One subscriber for all tests of this binary; each test looks for its own request ids.
fn listen() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        tracing_subscriber::fmt().json().with_max_level(tracing::Level::INFO).with_writer(|| Lines).init();
    });
}

/// The lines that mention a request id.
fn lines_of(id: &str) -> Vec<serde_json::Value> {
    let lines = String::from_utf8(LINES.lock().expect("no panic while writing").clone()).expect("UTF-8");
    lines
        .lines()
        .filter(|line| line.contains(id))
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[tokio::test]
async fn one_line_a_request_without_the_clients_values() {
    listen();
    let server = Server::start();
    let secret = "hunter2";
    let long_name = "N".repeat(100);
    for (id, path, body, expected) in [
        (
            "log-1",
            "/graphql",
            format!(r#"{{"query":"query Ok{{hello(name:\"{secret}\")}}"}}"#),
            ("query", "Ok", "", 200),
        ),
        (
            "log-2",
            "/graphql",
            format!(r#"{{"query":"query V($s:String){{hello(name:$s)}}","variables":{{"s":"{secret}"}}}}"#),
            ("query", "V", "", 200),
        ),
        ("log-3", "/graphql", r#"{"query":"mutation M{rename}"}"#.into(), ("mutation", "M", "", 200)),
        (
            "log-4",
            "/graphql",
            r#"{"query":"{missing leak}"}"#.into(),
            ("query", "-", "INTERNAL,SOURCE_FAILED", 200),
        ),
        ("log-5", "/graphql", format!("{{\"query\":\"{secret}"), ("-", "-", "BAD_USER_INPUT", 400)),
        (
            "log-6",
            "/graphql",
            r#"{"query":"subscription S{x}"}"#.into(),
            ("subscription", "S", "BAD_USER_INPUT", 400),
        ),
        ("log-7", "/hunter2", String::new(), ("-", "-", "NOT_FOUND", 404)),
        (
            "log-8",
            "/graphql?token=hunter2",
            r#"{"query":"query N{bug}"}"#.into(),
            ("-", "-", "INTERNAL", 500),
        ),
        (
            "log-9",
            "/graphql",
            format!(r#"{{"query":"query {long_name}{{hello}}"}}"#),
            ("query", &long_name[..64], "", 200),
        ),
    ] {
        let headers = [("content-type", "application/json"), ("x-request-id", id)];
        server.ask(&format!("POST {path}"), &headers, body).await;
        let lines = lines_of(id);
        assert_eq!(lines.len(), 1, "{id}: {lines:?}");
        let (line, fields) = (&lines[0], &lines[0]["fields"]);
        assert_eq!(
            (&line["target"], &line["level"]),
            (&"fleetgraph::request".into(), &"INFO".into()),
            "{line}"
        );
        let (kind, operation, codes, status) = expected;
        for (field, expected) in [
            ("request_id", serde_json::Value::from(id)),
            ("method", "POST".into()),
            ("path", if path.starts_with("/graphql") { "/graphql" } else { "unknown" }.into()),
            ("status", status.into()),
            ("kind", kind.into()),
            ("operation", operation.into()),
            ("codes", codes.into()),
        ] {
            assert_eq!(fields[field], expected, "{id}: {field} in {line}");
        }
        assert!(fields["duration_ms"].is_f64(), "{line}");
        assert!(!line.to_string().contains(secret), "{id}: {line}");
    }
}

/// An operation of a socket has a line of its own, whose id is the upgrade's with a count.
#[tokio::test]
async fn one_line_an_operation_of_a_socket() {
    listen();
    let server = Server::start();
    let headers = [PROTOCOL, ("x-request-id", "log-ws")];
    let mut socket = Socket::open(&server, &headers).await.expect("an upgrade");
    socket
        .play(&[
            INIT,
            ACK,
            r#"> {"id":"hunter2","type":"subscribe","payload":{"query":"query W{hello(name:\"hunter2\")}"}}"#,
            r#"< {"type":"next","id":"hunter2","payload":{"data":{"hello":"hello hunter2"}}}"#,
            r#"< {"type":"complete","id":"hunter2"}"#,
            r#"> {"id":"1","type":"subscribe","payload":{"query":"subscription S{nothing}"}}"#,
        ])
        .await;
    assert!(socket.next().await.contains("error"));
    // One that the client completes has its line too, once its task has ended.
    socket.play(&[r#"> {"id":"2","type":"subscribe","payload":{"query":"subscription Gone{never}"}}"#]).await;
    server.watched.notified().await;
    socket.play(&[r#"> {"type":"complete","id":"2"}"#]).await;
    let written = async {
        while lines_of("log-ws.3").is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let written = tokio::time::timeout(std::time::Duration::from_secs(30), written).await;
    assert!(written.is_ok(), "what was aborted is not in the log");
    for (id, kind, operation, codes) in [
        ("log-ws.1", "query", "W", ""),
        ("log-ws.2", "subscription", "S", "GRAPHQL_VALIDATION_FAILED"),
        ("log-ws.3", "subscription", "Gone", ""),
    ] {
        let lines = lines_of(id);
        assert_eq!(lines.len(), 1, "{id}: {lines:?}");
        let fields = &lines[0]["fields"];
        for (field, expected) in [
            ("method", "WS"),
            ("path", "/graphql"),
            ("kind", kind),
            ("operation", operation),
            ("codes", codes),
        ] {
            assert_eq!(fields[field], expected, "{id}: {field}");
        }
        assert!(!lines[0].to_string().contains("hunter2"), "{id}");
    }
}

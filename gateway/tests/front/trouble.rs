//! What goes wrong inside, and the end of the program.

use std::time::Duration;

use crate::kit::Server;

#[tokio::test]
async fn a_panic_costs_its_own_request_alone() {
    let server = Server::start();
    let (bug, hello) = tokio::join!(server.query("{bug}"), server.query("{hello}"));
    assert_eq!((bug.verdict().as_str(), bug.message().as_str()), ("500 INTERNAL", "Internal error"));
    assert_eq!(hello.verdict(), "200");
    assert_eq!(server.query("{hello}").await.verdict(), "200", "and the server goes on");
}

#[tokio::test]
async fn shutdown_waits_for_open_requests_up_to_its_time() {
    let server = Server::start();
    let (address, started) = (server.address, std::sync::Arc::clone(&server.started));
    let body = r#"{"query":"{forever}"}"#;
    let request = reqwest::Client::new().post(format!("http://{address}/graphql")).body(body);
    let asked = tokio::spawn(
        request.bearer_auth(crate::kit::TOKEN).header("content-type", "application/json").send(),
    );
    started.notified().await;
    server.handle.graceful_shutdown(Some(Duration::from_millis(50)));
    server.serving.await.expect("no panic").expect("a clean end");
    assert!(asked.await.expect("no panic").is_err(), "the connection is cut when the time is over");
}

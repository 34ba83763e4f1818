//! The IPAM source against servers that are no database, or a bad one.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::*;

/// What a server does once it was spoken to and has said something.
#[derive(Clone, Copy)]
enum Then {
    /// Says no more, and keeps the connection.
    Hangs,
    /// Closes it.
    Cuts,
}

/// A server on a free port, for as long as the set lives.
async fn server(says: &'static [u8], then: Then) -> (SocketAddr, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut open: Vec<TcpStream> = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut heard = [0; 64];
            let _ = stream.read(&mut heard).await;
            let _ = stream.write_all(says).await;
            if let Then::Hangs = then {
                open.push(stream);
            }
        }
    });
    (address, serving)
}

async fn check(says: &'static [u8], then: Then, code: ProblemCode, words: &str) {
    let (address, _serving) = server(says, then).await;
    let url = format!("postgres://u:s3cret@{address}/ipam");
    let limits = Limits { collect_timeout: Duration::from_millis(500), ..Limits::default() };
    let source = within(limits, "url = { env = 'IPAM_URL' }", url.into(), None).expect("a URL");
    check_failure(&*source, code, words).await;
}

#[tokio::test]
async fn a_database_that_never_answers_is_given_up() {
    // Not a word; no to TLS, and then none; and the first bytes of an answer.
    for says in [&b""[..], b"N", b"NR\0\0"] {
        check(says, Then::Hangs, ProblemCode::Timeout, "did not answer in time").await;
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_is_unreachable() {
    for says in [&b""[..], b"N", b"NR\0\0"] {
        check(says, Then::Cuts, ProblemCode::Unreachable, "database").await;
    }
}

#[tokio::test]
async fn what_does_not_speak_the_protocol_is_told() {
    let html = b"HTTP/1.1 400 Bad Request\r\n\r\n<html>s3cret</html>";
    check(html, Then::Cuts, ProblemCode::BadResponse, "check the port").await;
}

//! Calls against a real server on loopback that fails in every way that upstreams do.

use std::fmt::Write as _;
use std::time::Duration;

use http::Method;
use http::header::AUTHORIZATION;
use schema::source::ProblemCode::{
    self, BadResponse, Forbidden, NotFound, RateLimited, Timeout, Unauthorized, Unreachable,
};
use secrecy::SecretString;

use super::tls::Fingerprint;
use super::*;
use crate::Limits;
use crate::testing::{Reply, Server};

const SECRET: &str = "4c1f0c1e-1b7d-4f0e-9f61-0d8a6f0c7d11";

fn quick() -> Limits {
    Limits { timeout: Duration::from_millis(400), max_answer: 1 << 20, ..Limits::default() }
}

fn call() -> Call {
    let token = SecretString::from(format!("PVEAPIToken=reader@pve!view={SECRET}"));
    Call::get("/api2/json/version?password=hunter2").header(AUTHORIZATION, token)
}

async fn ask(server: &Server, tls: Tls) -> Result<serde_json::Value, CallError> {
    let client = Client::new(vec![server.url.clone()], &tls, quick()).expect("a client");
    client.call(call()).await?.success()?.json()
}

/// Asks a server that always replies so; `HOST` in the sentence stands for where it listens.
async fn check(reply: Reply, code: ProblemCode, sentence: &str) {
    let shown = format!("{reply:?}").chars().take(80).collect::<String>();
    let server = Server::start(move |_| reply.clone()).await;
    let error = ask(&server, Tls::System).await.expect_err(&shown);
    let host = fault::host(&server.url);
    assert_eq!((error.code, error.message.replace(&host, "HOST").as_str()), (code, sentence), "{shown}");
    for secret in [SECRET, "hunter2"] {
        assert!(!format!("{error:?} {error}").contains(secret), "{shown}");
    }
}

#[tokio::test]
async fn each_status_has_its_code_and_says_what_to_do() {
    for (status, code, sentence) in [
        (
            "401 permission denied - invalid PVE ticket",
            Unauthorized,
            "the credentials were refused: check that they are right, complete and not expired (HTTP 401)",
        ),
        (
            "403 Permission check failed",
            Forbidden,
            "the credentials are good but may not read this: give them the right to (HTTP 403)",
        ),
        (
            "404 Not Found",
            NotFound,
            "this path is not there: check url, and the upstream's version (HTTP 404)",
        ),
        ("408 Request Timeout", Timeout, "the upstream says that the call took too long (HTTP 408)"),
        ("429 Too Many Requests", RateLimited, "the upstream asks to slow down (HTTP 429)"),
        ("400 Parameter verification failed.", BadResponse, "the upstream refuses the question (HTTP 400)"),
        ("500 got timeout", BadResponse, "the upstream failed: its own log says why (HTTP 500)"),
        ("501 Method not implemented", BadResponse, "the upstream failed: its own log says why (HTTP 501)"),
        ("502 Bad Gateway", Unreachable, "what stands in front of the upstream cannot reach it (HTTP 502)"),
        (
            "595 Errors during connection establishment",
            Unreachable,
            "the upstream cannot reach the node that was asked for (HTTP 595)",
        ),
        (
            "599 Too many redirections",
            Unreachable,
            "the upstream cannot reach the node that was asked for (HTTP 599)",
        ),
    ] {
        check(Reply::with(status, *b"{\"data\":null}"), code, sentence).await;
    }
}

#[tokio::test]
async fn what_is_no_answer_or_no_json_is_refused() {
    let deep = format!("{}1{}", "[".repeat(10_000), "]".repeat(10_000));
    for (reply, code, sentence) in [
        (
            Reply::Hang,
            Timeout,
            "HOST did not finish its answer in time: is it overloaded, or `timeout` too short?",
        ),
        (
            Reply::Drip,
            Timeout,
            "HOST did not finish its answer in time: is it overloaded, or `timeout` too short?",
        ),
        (Reply::Cut, Unreachable, "HOST cut the connection, or does not speak HTTP"),
        (
            Reply::CutInBody(br#"{"data":[]}"#.to_vec()),
            Unreachable,
            "HOST cut the connection in the middle of its answer",
        ),
        (Reply::json(*br#"{"data":["#), BadResponse, "the answer ends in the middle of its JSON"),
        (Reply::json(*b""), BadResponse, "the answer is empty where JSON was expected"),
        (
            Reply::json(*b"<!doctype html><title>Log in</title>"),
            BadResponse,
            "the answer is HTML, not JSON: is something else at this address, a login page or a proxy in front of it, \
             or is it still starting?",
        ),
        (Reply::json(deep), BadResponse, "the answer is nested more than 64 levels deep"),
        (
            Reply::Huge { announced: true, bytes: 100 << 20 },
            BadResponse,
            "the answer of HOST is larger than max_answer (1048576 bytes)",
        ),
        (
            Reply::Huge { announced: false, bytes: 100 << 20 },
            BadResponse,
            "the answer of HOST is larger than max_answer (1048576 bytes)",
        ),
    ] {
        check(reply, code, sentence).await;
    }
}

#[tokio::test]
async fn a_redirect_is_refused_and_names_where_it_led() {
    for (location, whither) in [
        ("https://elsewhere.example.org/login?ticket=hunter2", "https://elsewhere.example.org"),
        ("/login", "http://HOST"),
        ("http://[", "somewhere unreadable"),
    ] {
        let reply = Reply::Answer("302 Found", vec![("location", location.to_owned())], Vec::new());
        let sentence = format!(
            "HOST redirects to {whither}, which is not followed: set url to where the upstream itself answers"
        );
        check(reply, BadResponse, &sentence).await;
    }
}

#[tokio::test]
async fn certificates_are_verified_by_ca_or_fingerprint() {
    let server = Server::start_tls(|_| Reply::json(*b"1")).await;
    let host = fault::host(&server.url);
    let der = server.certificate.clone().expect("a server with TLS");
    let shown = Fingerprint::of(&der).to_string();
    let folder = tempfile::tempdir().expect("a folder");
    let mut pem = "-----BEGIN CERTIFICATE-----\n".to_owned();
    let _ = write!(pem, "{}", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &der));
    pem.push_str("\n-----END CERTIFICATE-----\n");
    std::fs::write(folder.path().join("ca.pem"), pem).expect("a file");

    for good in [
        Tls::Fingerprint(shown.clone()),
        Tls::Fingerprint(format!("{}, {}", "00".repeat(32), shown.to_lowercase())),
        Tls::Ca("ca.pem".into()).within(folder.path()),
    ] {
        assert_eq!(ask(&server, good).await, Ok(serde_json::json!(1)));
    }
    let nobody = format!(
        "the certificate of {host} is signed by nobody we trust: set tls = {{ fingerprint = \"...\" }} or \
         {{ ca = \"FILE\" }}"
    );
    let other = format!(
        "the certificate of {host} is not the configured one: its fingerprint is {shown}. If that is its new \
         certificate, set tls.fingerprint to it; if not, somebody stands between"
    );
    for (tls, sentence) in [(Tls::System, nobody), (Tls::Fingerprint("ab".repeat(32)), other)] {
        let error = ask(&server, tls).await.expect_err("not trusted");
        assert_eq!((error.code, error.message), (ProblemCode::Tls, sentence));
    }
}

#[tokio::test]
async fn a_server_without_tls_and_one_that_is_not_there_are_told_apart() {
    let server = Server::start(|_| Reply::json(*b"1")).await;
    let mut url = server.url.clone();
    let host = fault::host(&url);
    url.set_scheme("https").expect("a scheme");
    let client = Client::new(vec![url.clone()], &Tls::System, quick()).expect("a client");
    let error = client.call(call()).await.expect_err("no TLS");
    let expected = format!("{host} does not speak TLS: should url begin with http://?");
    assert_eq!((error.code, error.message), (ProblemCode::Tls, expected));

    drop(server);
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    url.set_port(Some(free.local_addr().expect("an address").port())).expect("a port");
    let host = fault::host(&url);
    drop(free);
    let client = Client::new(vec![url], &Tls::System, quick()).expect("a client");
    let error = client.call(call()).await.expect_err("nobody there");
    let expected = format!("{host} refuses the connection: is it running, and is the port right?");
    assert_eq!((error.code, error.message), (Unreachable, expected));
}

#[tokio::test]
async fn only_idempotent_calls_go_to_a_fallback_address() {
    let dead = Server::start(|_| Reply::Cut).await;
    let live = Server::start(|_| Reply::json(*b"1")).await;
    let limits = quick();
    let client = Client::new(vec![dead.url.clone(), live.url.clone()], &Tls::System, limits.clone());
    let client = client.expect("a client");

    let post = || Call { method: Method::POST, ..call() };
    assert_eq!(client.call(post()).await.expect_err("sent once").code, Unreachable);
    assert_eq!((dead.received().len(), live.received().len()), (1, 0));
    assert!(client.call(call()).await.is_ok());
    // The address that answered is asked first from now on.
    let before = dead.received().len();
    assert!(client.call(post()).await.is_ok());
    assert_eq!((dead.received().len(), live.received().len()), (before, 2));
    assert_eq!(limits.connections.calls(), 4);
}

#[tokio::test]
async fn what_another_node_may_know_better_is_asked_there_and_else_told_as_first_heard() {
    let first = Server::start(|_| Reply::with("595 No route to host", *b"")).await;
    let second = Server::start(|_| Reply::with("596 tls_process_server_certificate", *b"")).await;
    let client = Client::new(vec![first.url.clone(), second.url.clone()], &Tls::System, quick());
    let answer = client.expect("a client").call(call()).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.reason.as_deref()), (595, Some("No route to host")));
    assert_eq!(second.received().len(), 1);
}

#[tokio::test]
async fn the_reason_phrase_is_kept_unless_it_repeats_the_secret() {
    for (status, reason) in [
        (
            "401 no such token 'view' for user 'reader@pve'",
            Some("no such token 'view' for user 'reader@pve'"),
        ),
        ("401 bad token 4c1f0c1e-1b7d-4f0e-9f61-0d8a6f0c7d11", None),
        ("401 ", None),
    ] {
        let server = Server::start(move |_| Reply::with(status, *b"")).await;
        let client = Client::new(vec![server.url.clone()], &Tls::System, quick()).expect("a client");
        let answer = client.call(call()).await.expect("an answer");
        assert_eq!(answer.reason.as_deref(), reason, "{status}");
        assert!(!format!("{answer:?}").contains(SECRET));
        let sent = server.received();
        assert_eq!(
            sent[0].header("authorization"),
            Some(format!("PVEAPIToken=reader@pve!view={SECRET}").as_str())
        );
    }
}

#[tokio::test]
async fn retry_after_reaches_whoever_waits() {
    let reply = Reply::Answer("429 Slow down", vec![("retry-after", "42".to_owned())], Vec::new());
    let server = Server::start(move |_| reply.clone()).await;
    let error = ask(&server, Tls::System).await.expect_err("limited");
    assert_eq!(error.retry_after, Some(Duration::from_secs(42)));
}

#[tokio::test]
async fn no_more_than_five_calls_of_a_source_and_twenty_in_all_are_under_way() {
    let server = Server::start(|_| Reply::Hang).await;
    let pool = Pool::default();
    let clients: Vec<Client> = (0..5)
        .map(|_| {
            let limits = Limits { timeout: Duration::from_mins(1), connections: pool.share(), ..quick() };
            Client::new(vec![server.url.clone()], &Tls::System, limits).expect("a client")
        })
        .collect();
    let mut calls: Vec<_> =
        clients.iter().flat_map(|client| (0..6).map(|_| Box::pin(client.call(call())))).collect();
    // Each call is driven until nothing moves any more: those that may start have then been counted.
    let settle = futures_util::future::poll_fn(|context| {
        for call in &mut calls {
            assert!(call.as_mut().poll(context).is_pending());
        }
        std::task::Poll::Ready(())
    });
    settle.await;
    let counts: Vec<u64> = clients.iter().map(|client| client.connections().calls()).collect();
    assert_eq!(counts, [5, 5, 5, 5, 0]);
}

#[test]
fn addresses_that_cannot_be_meant_are_refused_before_any_call() {
    let pinned = Tls::Fingerprint("ab".repeat(32));
    for (address, tls, key, message) in [
        (
            "ftp://10.0.0.1",
            &Tls::System,
            "url",
            "an address begins with http:// or https:// and names a host",
        ),
        (
            "https://root:hunter2@10.0.0.1:8006",
            &Tls::System,
            "url",
            "the address of 10.0.0.1:8006 must hold no user name and no password",
        ),
        (
            "https://10.0.0.1/?token=hunter2",
            &Tls::System,
            "url",
            "the address of 10.0.0.1 must end before any ? or #",
        ),
        (
            "http://10.0.0.1:81",
            &pinned,
            "tls",
            "10.0.0.1:81 is configured with http://, where tls means nothing: write https://, or leave tls out",
        ),
    ] {
        let url = address.parse().expect("an address");
        let error = Client::new(vec![url], tls, quick()).err().expect(address);
        assert_eq!((error.key.as_deref(), error.message.as_str()), (Some(key), message));
    }
}

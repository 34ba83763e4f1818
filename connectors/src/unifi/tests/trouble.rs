//! Whole collections where something is wrong: with the key, the site, the controller, the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use schema::Snapshot;
use schema::fact::MainList;
use schema::source::ProblemCode;

use super::simulated::{Console, is_the_network, later};
use super::{NOW, source, told};
use crate::Limits;
use crate::testing::{Reply, Server};

const NO_SESSION: &str = r#"{"meta":{"rc":"error","msg":"api.err.LoginRequired"},"data":[]}"#;

/// A collection that fails as a whole: by what code, and what its sentence speaks of.
fn failed(snapshot: &Snapshot, code: ProblemCode, word: &str) {
    let failure = snapshot.failure.as_ref().expect("a failure");
    assert_eq!(failure.code, code, "{}", failure.message);
    assert!(failure.message.contains(word), "{}", failure.message);
    assert!(snapshot.facts.is_empty());
}

#[tokio::test]
async fn a_refused_key_is_told_and_neither_key_nor_password_is_shown() {
    let console = Console::start(|_| None).await;
    let snapshot = console.source("api_key = { env = \"wrong-secret\" }").collect(NOW).await;
    failed(&snapshot, ProblemCode::Unauthorized, "the API key was refused");
    assert!(!format!("{snapshot:?}").contains("wrong-secret"));
    let snapshot =
        console.source("username = \"somebody\"\npassword = { env = \"wrong-secret\" }").collect(NOW).await;
    failed(&snapshot, ProblemCode::Unauthorized, "username or password");
    assert!(!format!("{snapshot:?}").contains("wrong-secret"));
}

#[tokio::test]
async fn the_keys_that_devices_are_managed_with_are_never_read() {
    let console = Console::start(|_| None).await;
    let snapshot = console.by_key().collect(NOW).await;
    assert!(!format!("{snapshot:?}").contains("SIMULATED-AUTHKEY"));
}

#[tokio::test]
async fn an_unknown_site_is_told_with_those_that_there_are() {
    let console = Console::start(|_| None).await;
    let key = &console.network().controller.api_key;
    let source = console.source(&format!("site = \"elsewhere\"\napi_key = {{ env = {key:?} }}"));
    failed(&source.collect(NOW).await, ProblemCode::NotFound, "`elsewhere`");
    failed(&source.collect(NOW).await, ProblemCode::NotFound, "one of: default (Default)");
}

#[tokio::test]
async fn a_key_that_opens_only_the_integration_api_shows_what_is_there_page_by_page() {
    let console = Console::start(|received| {
        let legacy = received.path.starts_with("/proxy/network/api/");
        legacy.then(|| Reply::with("401 Unauthorized", r#"{"error":{"code":401,"message":"Unauthorized"}}"#))
    })
    .await;
    let source = console.by_key();
    let snapshot = source.collect(NOW).await;
    assert_eq!(snapshot.failure, None);
    let network = console.network();
    let active: Vec<_> = network.clients.iter().filter(|client| client.active).collect();
    assert_eq!(snapshot.facts.devices.len(), network.devices.len());
    assert_eq!(snapshot.facts.clients.len(), active.len());
    let wired = |client: &&schema::fact::ClientFact| client.wired;
    let is_wired = active.iter().filter(|client| client.wired).count();
    assert_eq!(snapshot.facts.clients.iter().filter(wired).count(), is_wired);
    assert!(snapshot.facts.ports.is_empty());
    let problems = told(&snapshot.problems);
    assert!(
        matches!(&problems[..], [one] if one.contains("username and password of a local account")),
        "{problems:?}"
    );
    // And the closed door is not tried each time.
    let mut since = console.server.received().len();
    source.collect(later(15)).await;
    let asked = console.asked(&mut since);
    assert!(asked.iter().all(|one| one.starts_with("GET /integration/")), "{asked:?}");
    source.collect(later(400)).await;
    assert!(console.asked(&mut since).iter().any(|one| one.contains("stat/device")));
}

#[tokio::test]
async fn an_integration_list_that_does_not_end_is_refused() {
    let page =
        |data: &str| format!(r#"{{"offset":0,"limit":200,"count":1,"totalCount":1000000,"data":[{data}]}}"#);
    let site = r#"{"id":"s1","internalReference":"default","name":"Default"}"#;
    let server = Server::start(move |received| match received.path.split('?').next().unwrap_or_default() {
        "/proxy/network/integration/v1/sites" => {
            Reply::json(format!(r#"{{"offset":0,"limit":200,"count":1,"totalCount":1,"data":[{site}]}}"#))
        }
        path if path.contains("/integration/") => Reply::json(page(r#"{"macAddress":"02:cc:00:00:00:01"}"#)),
        _ => Reply::with("401 Unauthorized", NO_SESSION),
    })
    .await;
    let source = source(&server.url, "api_key = { env = \"k\" }", Limits::default()).map_err(|e| e.message);
    failed(&source.expect("a source").collect(NOW).await, ProblemCode::BadResponse, "does not end");
    assert!(server.received().len() < 20, "{}", server.received().len());
}

/// A Network application without UniFi OS: other paths, other cookies.
#[tokio::test]
async fn a_controller_by_itself_is_recognised_and_read() {
    let server = Server::start(|received| {
        let session = received.header("cookie") == Some("unifises=abc; csrf_token=def");
        match (received.path.as_str(), session) {
            ("/status", _) => {
                Reply::json(r#"{"meta":{"rc":"ok","up":true,"server_version":"9.0.114"},"data":[]}"#)
            }
            ("/api/login", _) => Reply::Answer(
                "200 OK",
                vec![
                    ("set-cookie", "unifises=abc; Path=/; Secure; HttpOnly".to_owned()),
                    ("set-cookie", "csrf_token=def; Path=/; Secure".to_owned()),
                ],
                br#"{"meta":{"rc":"ok"},"data":[]}"#.to_vec(),
            ),
            ("/api/s/default/stat/device", true) => {
                Reply::json(r#"{"meta":{"rc":"ok"},"data":[{"mac":"02:aa:00:00:00:01"}]}"#)
            }
            (_, true) => Reply::json(r#"{"meta":{"rc":"ok"},"data":[]}"#),
            (_, false) => Reply::json(NO_SESSION),
        }
    })
    .await;
    let lines = "username = \"u\"\npassword = { env = \"p\" }";
    let source =
        source(&server.url, lines, Limits::default()).map_err(|error| error.message).expect("a source");
    let snapshot = source.collect(NOW).await;
    assert_eq!((snapshot.failure.clone(), snapshot.facts.devices.len()), (None, 1), "{snapshot:?}");
    assert!(server.received().iter().all(|received| !received.path.starts_with("/proxy")));
}

/// What a source makes of a controller that answers everything like this.
async fn answered(reply: Reply, code: ProblemCode, word: &str) {
    let server = Server::start(move |_| reply.clone()).await;
    let limits = Limits { timeout: Duration::from_millis(200), max_answer: 1 << 20, ..Limits::default() };
    for lines in ["api_key = { env = \"k\" }", "username = \"u\"\npassword = { env = \"p\" }"] {
        let source = source(&server.url, lines, limits.clone()).map_err(|error| error.message);
        failed(&source.expect("a source").collect(NOW).await, code, word);
    }
}

#[tokio::test]
async fn whatever_a_controller_answers_is_told_as_what_it_is() {
    let html =
        Reply::Answer("200 OK", vec![("content-type", "text/html".into())], b"<!doctype html>".to_vec());
    answered(html, ProblemCode::BadResponse, "still starting").await;
    answered(Reply::json(""), ProblemCode::BadResponse, "empty").await;
    answered(Reply::json(r#"{"meta":{"rc":"#), ProblemCode::BadResponse, "ends in the middle").await;
    answered(Reply::json("[".repeat(10_000)), ProblemCode::BadResponse, "levels deep").await;
    answered(Reply::with("404 Not Found", "{}"), ProblemCode::NotFound, "HTTP 404").await;
    answered(Reply::with("429 Too Many Requests", "{}"), ProblemCode::RateLimited, "").await;
    answered(Reply::with("500 Internal Server Error", "{}"), ProblemCode::BadResponse, "HTTP 500").await;
    answered(Reply::with("502 Bad Gateway", "<html>"), ProblemCode::Unreachable, "HTTP 502").await;
    answered(Reply::with("503 Service Unavailable", ""), ProblemCode::Unreachable, "HTTP 503").await;
    answered(Reply::Cut, ProblemCode::Unreachable, "127.0.0.1").await;
    answered(Reply::Hang, ProblemCode::Timeout, "127.0.0.1").await;
    answered(Reply::Drip, ProblemCode::Timeout, "127.0.0.1").await;
    answered(Reply::Huge { announced: true, bytes: 2 << 20 }, ProblemCode::BadResponse, "max_answer").await;
    let away = vec![("location", "https://elsewhere.example/login".to_owned())];
    answered(Reply::Answer("302 Found", away, Vec::new()), ProblemCode::BadResponse, "elsewhere.example")
        .await;
}

#[tokio::test]
async fn a_key_without_rights_is_forbidden() {
    let body = r#"{"meta":{"rc":"error","msg":"api.err.NoPermission"},"data":[]}"#;
    let server = Server::start(move |_| Reply::with("403 Forbidden", body)).await;
    let source = source(&server.url, "api_key = { env = \"k\" }", Limits::default()).map_err(|e| e.message);
    failed(&source.expect("a source").collect(NOW).await, ProblemCode::Forbidden, "right");
}

/// A console of which one list breaks when told to.
async fn breaking(path: &'static str, reply: Reply) -> (Console, Arc<AtomicBool>) {
    let broken = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&broken);
    let console = Console::start(move |received| {
        (now.load(Ordering::SeqCst) && received.path.ends_with(path)).then(|| reply.clone())
    })
    .await;
    (console, broken)
}

#[tokio::test]
async fn a_list_that_fails_keeps_what_it_had_and_the_others_go_on() {
    let (console, broken) = breaking("stat/sta", Reply::with("500 Internal Server Error", "{}")).await;
    let source = console.by_key();
    source.collect(NOW).await;
    broken.store(true, Ordering::SeqCst);
    let snapshot = source.collect(later(15)).await;
    assert_eq!(snapshot.failure, None);
    let clients = &snapshot.facts.clients;
    assert!(!clients.is_empty() && clients.iter().all(|client| client.seen.stale && client.seen.at == NOW));
    assert!(snapshot.facts.devices.iter().all(|one| !one.seen.stale && one.seen.at == later(15)));
    let problems: Vec<_> = snapshot.problems.iter().map(|one| (one.code, &*one.subject)).collect();
    assert_eq!(problems, [(ProblemCode::BadResponse, "clients")]);
    assert!(matches!(&snapshot.unread[..], [one] if one.list == MainList::Clients && !one.withheld));
    broken.store(false, Ordering::SeqCst);
    is_the_network(&source.collect(NOW).await, console.network());
}

#[tokio::test]
async fn a_list_that_may_not_be_read_any_more_is_withheld() {
    let refusal = r#"{"meta":{"rc":"error","msg":"api.err.NoPermission"},"data":[]}"#;
    let (console, broken) = breaking("stat/device", Reply::with("403 Forbidden", refusal)).await;
    let source = console.by_login("");
    source.collect(NOW).await;
    broken.store(true, Ordering::SeqCst);
    let snapshot = source.collect(later(15)).await;
    assert_eq!(snapshot.failure, None);
    assert!(matches!(&snapshot.unread[..], [one] if one.list == MainList::Devices && one.withheld));
    assert!(snapshot.facts.ports.iter().all(|port| port.seen.stale));
}

#[tokio::test]
async fn an_empty_list_is_taken_as_it_came() {
    // Whether it is believed is the poller's to say.
    let (console, broken) = breaking("stat/device", Reply::json(r#"{"meta":{"rc":"ok"},"data":[]}"#)).await;
    broken.store(true, Ordering::SeqCst);
    let snapshot = console.by_key().collect(NOW).await;
    assert_eq!((snapshot.failure.clone(), snapshot.facts.devices.len()), (None, 0));
    assert!(!snapshot.facts.clients.is_empty());
}

#[test]
fn a_configuration_that_cannot_be_is_refused_by_its_key() {
    let url = url::Url::parse("https://10.0.0.1").expect("an address");
    let check = |lines: &str, key: Option<&str>, word: &str| {
        let error = source(&url, lines, Limits::default()).err().expect("no source");
        assert_eq!(error.key.as_deref(), key, "{}", error.message);
        assert!(error.message.contains(word), "{}", error.message);
    };
    check("", Some("api_key"), "set api_key, or username");
    check("username = \"u\"", Some("password"), "password");
    check("password = { env = \"p\" }", Some("api_key"), "username");
    check("api_key = { env = \"k\" }\nusername = \"u\"", Some("api_key"), "not both");
    check("api_key = { env = \"k\" }\nsite = \"../x\"", Some("site"), "letters");
    check("api_key = { env = \"k\" }\nsite = \"\"", Some("site"), "letters");
    check("api_key = \"in the file\"", Some("api_key"), "a secret is not written here");
    check("api_key = { env = \"k\" }\nsite = 5", Some("site"), "text in quotes");
    let nowhere = super::source_of("url = \"10.0.0.1\"\napi_key = { env = \"k\" }");
    assert_eq!(nowhere.err().and_then(|error| error.key).as_deref(), Some("url"));
}

#[tokio::test]
async fn a_source_that_failed_recovers_by_itself() {
    let (console, broken) = breaking("", Reply::Cut).await;
    broken.store(true, Ordering::SeqCst);
    let source = console.by_login("");
    failed(&source.collect(NOW).await, ProblemCode::Unreachable, "127.0.0.1");
    broken.store(false, Ordering::SeqCst);
    is_the_network(&source.collect(NOW).await, console.network());
    broken.store(true, Ordering::SeqCst);
    failed(&source.collect(later(30)).await, ProblemCode::Unreachable, "127.0.0.1");
    broken.store(false, Ordering::SeqCst);
    is_the_network(&source.collect(NOW).await, console.network());
}

#[tokio::test]
async fn who_asks_to_slow_down_is_left_alone_for_as_long_as_they_say() {
    let wait = vec![("retry-after", "60".to_owned())];
    let reply = Reply::Answer("429 Too Many Requests", wait, b"{}".to_vec());
    let (console, broken) = breaking("rest/portforward", reply).await;
    broken.store(true, Ordering::SeqCst);
    let source = console.by_key();
    let snapshot = source.collect(NOW).await;
    let problems: Vec<_> = snapshot.problems.iter().map(|one| (one.code, &*one.subject)).collect();
    assert_eq!(problems, [(ProblemCode::RateLimited, "port forwards")]);
    let mut since = console.server.received().len();
    failed(&source.collect(later(15)).await, ProblemCode::RateLimited, "in 45 s");
    assert_eq!(console.asked(&mut since), Vec::<String>::new());
    for seconds in [60, 75] {
        assert_eq!(source.collect(later(seconds)).await.failure, None);
    }
}

#[tokio::test]
async fn what_is_small_on_the_wire_and_large_in_memory_is_refused() {
    let many = format!(r#"{{"meta":{{"rc":"ok"}},"data":[{}{{}}]}}"#, "{},".repeat(600_000));
    let (console, broken) = breaking("stat/sta", Reply::json(many)).await;
    broken.store(true, Ordering::SeqCst);
    let snapshot = console.by_key().collect(NOW).await;
    assert!(snapshot.facts.clients.is_empty() && !snapshot.facts.devices.is_empty());
    let problems = told(&snapshot.problems);
    assert!(matches!(&problems[..], [one] if one.contains("objects, more than")), "{problems:?}");
}

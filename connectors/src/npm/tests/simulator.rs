//! The simulator answers as the recordings of a running proxy show it.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::super::KIND;
use super::NOW;
use crate::world::{Ask, Spec, World};

/// Status and body of the answer to one request, with a token where one is given.
fn ask(world: &World, request: &str, token: Option<&str>, body: &str, session_epoch: u64) -> (u16, Value) {
    let simulator = KIND.simulator.as_ref().expect("npm is simulated");
    let upstream = &(simulator.upstreams)(world)[0];
    let (method, path) = request.split_once(' ').expect("method and path");
    let mut request = Request::builder().method(method).uri(path);
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = request.body(Bytes::from(body.to_owned())).expect("a request");
    let answer = (simulator.answer)(&Ask { world, upstream, session_epoch, now: NOW, request: &request });
    (answer.status().as_u16(), serde_json::from_slice(answer.body()).expect("JSON"))
}

fn world() -> World {
    World::generate(&Spec::default()).expect("a world")
}

fn log_in(world: &World, session_epoch: u64) -> String {
    let proxy = &world.proxies[0];
    let body = json!({ "identity": proxy.identity, "secret": proxy.secret }).to_string();
    let (status, answer) = ask(world, "POST /api/tokens", None, &body, session_epoch);
    assert_eq!(status, 200, "{answer}");
    answer["token"].as_str().expect("a token").to_owned()
}

#[test]
fn refusals_are_those_of_the_recordings() {
    let world = world();
    let identity = &world.proxies[0].identity;
    let token = log_in(&world, 0);
    let tampered = format!("{token}x");
    let login = |secret: &str| json!({ "identity": identity, "secret": secret }).to_string();
    let wrong = login("wrong");
    let more = json!({ "identity": identity, "secret": "s", "expiry": "9y" }).to_string();
    let hosts = "GET /api/nginx/proxy-hosts";
    for (request, token, body, status, message) in [
        (hosts, None, "", 404, "Not Found - /nginx/proxy-hosts"),
        (hosts, Some("nonsense"), "", 500, "Internal Error"),
        (hosts, Some(tampered.as_str()), "", 500, "Internal Error"),
        ("GET /api/nginx/proxy-hosts?expand=nonsense", Some(&token), "", 500, "Internal Error"),
        ("GET /api/nope", Some(&token), "", 404, "Not Found - /nope"),
        ("POST /api/nginx/proxy-hosts", Some(&token), "{}", 404, "Not Found - /nginx/proxy-hosts"),
        ("POST /api/tokens", None, "{", 400, "Internal Error"),
        ("POST /api/tokens", None, r#"{"identity":"x"}"#, 400, "data must have required property 'secret'"),
        ("POST /api/tokens", None, &more, 400, "data must NOT have additional properties"),
        ("POST /api/tokens", None, &wrong, 400, "Invalid email or password"),
        ("POST /api/tokens", None, r#"{"identity":"x","secret":"y"}"#, 400, "Invalid email or password"),
    ] {
        let (given, answer) = ask(&world, request, token, body, 0);
        assert_eq!((given, &answer["error"]["message"]), (status, &json!(message)), "{request} {answer}");
        assert_eq!(answer["error"]["code"], json!(status), "{answer}");
    }
}

#[test]
fn a_session_ends_when_sessions_are_made_to_end() {
    let world = world();
    let old = log_in(&world, 0);
    assert_eq!(ask(&world, "GET /api/users/me", Some(&old), "", 0).0, 200);
    let (status, answer) = ask(&world, "GET /api/users/me", Some(&old), "", 1);
    assert_eq!(status, 400);
    assert_eq!(answer["error"]["message"], "Token has expired");
    assert_eq!(answer["error"]["message_i18n"]["name"], "TokenExpiredError", "an object, as recorded");
    let new = log_in(&world, 1);
    assert_eq!(ask(&world, "GET /api/users/me", Some(&new), "", 1).0, 200);
}

#[test]
fn another_proxys_token_opens_nothing() {
    let world = world();
    let simulator = KIND.simulator.as_ref().expect("npm is simulated");
    let other = &(simulator.upstreams)(&world)[1];
    let request = Request::get("/api/users/me")
        .header("authorization", format!("Bearer {}", log_in(&world, 0)))
        .body(Bytes::new())
        .expect("a request");
    let ask = Ask { world: &world, upstream: other, session_epoch: 0, now: NOW, request: &request };
    assert_eq!((simulator.answer)(&ask).status(), 500);
}

#[test]
fn every_sample_is_answered_and_each_certificate_carries_a_key() {
    let world = world();
    let simulator = KIND.simulator.as_ref().expect("npm is simulated");
    let samples = (simulator.samples)(&world);
    for parser in KIND.conform {
        let path = parser.path.replace("{id}", "me");
        let asked =
            |request: &Request<Bytes>| request.method() == parser.method && request.uri().path() == path;
        assert!(samples.iter().any(|(_, request)| asked(request)), "{} {path} has no sample", parser.method);
    }
    for (upstream, request) in &samples {
        let ask = Ask { world: &world, upstream, session_epoch: 0, now: NOW, request };
        let answer = (simulator.answer)(&ask);
        assert_eq!(answer.status(), 200, "{}", request.uri());
        if request.uri().path() == "/api/nginx/certificates" {
            let list: Vec<Value> = serde_json::from_slice(answer.body()).expect("a list");
            assert!(!list.is_empty());
            for certificate in list {
                let key = certificate["meta"]["certificate_key"].as_str().unwrap_or_default();
                assert!(key.contains("PRIVATE-KEY"), "{certificate}");
            }
        }
    }
}

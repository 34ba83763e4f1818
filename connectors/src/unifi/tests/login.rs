//! Answers to logins, and how many logins there are.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, StatusCode};
use schema::Timestamp;
use schema::source::ProblemCode;
use secrecy::ExposeSecret;

use super::NOW;
use crate::http::{Answer, Call, CallError};
use crate::unifi::login::{Gate, Session};

fn answer(status: u16, headers: &[(&'static str, &'static str)], body: &str) -> Answer {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(*name, HeaderValue::from_static(value));
    }
    let status = StatusCode::from_u16(status).expect("a status");
    Answer { status, reason: None, headers: map, body: Bytes::from(body.to_owned()) }
}

/// The headers that a session sends with each call.
fn check(headers: &[(&'static str, &'static str)], expected: &[(&str, &str)]) {
    let session =
        Session::read(answer(200, headers, "{}")).map_err(|error| error.message).expect("a session");
    let call = session.sign(Call::get("/"));
    let sent: Vec<(&str, &str)> =
        call.headers.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
    assert_eq!(sent, expected);
}

#[test]
fn a_session_is_the_cookies_of_a_login_and_its_csrf_token() {
    check(&[("set-cookie", "TOKEN=abc; path=/; secure; httponly")], &[("cookie", "TOKEN=abc")]);
    check(
        &[("set-cookie", "TOKEN=abc; path=/"), ("x-csrf-token", "one"), ("x-updated-csrf-token", "two")],
        &[("cookie", "TOKEN=abc"), ("x-csrf-token", "two")],
    );
    check(
        &[
            ("set-cookie", "unifises=abc; Path=/"),
            ("set-cookie", "csrf_token=def; Path=/"),
            ("set-cookie", "gone="),
        ],
        &[("cookie", "unifises=abc; csrf_token=def"), ("x-csrf-token", "def")],
    );
}

/// A login that is refused: by what code, and what its sentence speaks of.
fn refused(answer: Answer, code: ProblemCode, word: &str) {
    let error = Session::read(answer).err().expect("no session");
    assert_eq!(error.code, code, "{}", error.message);
    assert!(error.message.contains(word), "{}", error.message);
}

#[test]
fn each_refused_login_says_what_to_do() {
    let meta = |msg: &str| format!(r#"{{"meta":{{"rc":"error","msg":"{msg}"}},"data":[]}}"#);
    let unauthorized = ProblemCode::Unauthorized;
    let asked = r#"{"data":{"mfaCookie":"UBIC_2FA=x"},"meta":{"msg":"","rc":"ok"}}"#;
    refused(answer(499, &[], asked), unauthorized, "local-only account");
    refused(answer(499, &[], ""), unauthorized, "local-only account");
    refused(answer(200, &[("set-cookie", "a=b")], asked), unauthorized, "local-only account");
    refused(answer(200, &[], &meta("api.err.Ubic2faTokenRequired")), unauthorized, "API key");
    refused(answer(401, &[], &meta("api.err.Ubic2faTokenRequired")), unauthorized, "API key");
    for status in [200, 400, 401] {
        refused(answer(status, &[], &meta("api.err.Invalid")), unauthorized, "username or password");
    }
    refused(answer(403, &[], ""), unauthorized, "username or password");
    refused(answer(404, &[], "<html>"), ProblemCode::NotFound, "url");
    refused(answer(502, &[], ""), ProblemCode::Unreachable, "HTTP 502");
    refused(answer(200, &[], "<!doctype html>"), ProblemCode::BadResponse, "still starting");
    refused(answer(200, &[], ""), ProblemCode::BadResponse, "empty");
    refused(answer(200, &[], "{}"), ProblemCode::BadResponse, "cookie");
    refused(answer(200, &[], &meta("api.err.New")), ProblemCode::BadResponse, "api.err.New");
}

#[test]
fn the_limit_of_logins_is_kept_for_as_long_as_the_controller_says() {
    let limit = r#"{"code":"AUTHENTICATION_FAILED_LIMIT_REACHED","message":"x","level":"debug"}"#;
    let wait = |headers: &[(&'static str, &'static str)], status: u16| {
        let error = Session::read(answer(status, headers, limit)).err().expect("no session");
        assert_eq!(error.code, ProblemCode::RateLimited);
        error.retry_after
    };
    assert_eq!(wait(&[("retry-after", "600")], 429), Some(Duration::from_mins(10)));
    assert_eq!(wait(&[], 429), Some(Duration::from_mins(2)));
    assert_eq!(wait(&[], 403), Some(Duration::from_mins(2)));
}

#[test]
fn logins_are_few() {
    let later = |seconds: u64| NOW.plus(Duration::from_secs(seconds));
    let tries = |gate: &mut Gate, at: Timestamp| gate.enter(at).err().and_then(|error| error.retry_after);
    let mut gate = Gate::default();
    for second in [0, 10, 20] {
        assert_eq!(tries(&mut gate, later(second)), None);
    }
    assert_eq!(tries(&mut gate, later(30)), Some(Duration::from_secs(30)));
    assert_eq!(tries(&mut gate, later(60)), None, "the first is a minute ago");
    assert_eq!(tries(&mut gate, later(61)), Some(Duration::from_secs(9)));

    let mut gate = Gate::default();
    let asked = |code, retry_after| CallError { code, message: String::new(), retry_after };
    gate.close(NOW, &asked(ProblemCode::Unauthorized, Some(Duration::from_mins(10))));
    assert_eq!(tries(&mut gate, NOW), None, "a wrong password closes nothing");
    gate.close(NOW, &asked(ProblemCode::RateLimited, Some(Duration::from_mins(10))));
    assert_eq!(tries(&mut gate, later(1)), Some(Duration::from_secs(599)));
    assert_eq!(tries(&mut gate, later(600)), None);
}

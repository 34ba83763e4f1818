//! Forged tokens over every way in: none is taken, and each is answered alike.

use std::time::Duration;

use connectors::world::Spec;
use fleetgraph::auth::forged::forged;
use fleetgraph::demo::{CLIENT, Issuer, IssuerKey};
use serde_json::{Value, json};

use crate::kit::gateway::Running;
use crate::kit::http::{Answer, Client};
use crate::kit::socket::{Came, Socket};

/// What every refused request is answered with, whatever is wrong with the token.
fn assert_refused(answer: &Answer, way: &str, what: &str) {
    assert_eq!(
        (answer.status, answer.code()),
        (401, Some("UNAUTHENTICATED")),
        "{way}: {what}: {}",
        answer.text
    );
    assert_eq!(answer.headers["www-authenticate"], "Bearer", "{way}: {what}");
    assert_eq!(answer.message(), "A valid bearer token is required", "{way}: {what}");
}

const JSON: (&str, &str) = ("content-type", "application/json");
const BODY: &str = r#"{"query":"{ __typename }"}"#;
/// Method, path, headers and body.
type Way = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);
const WAYS: [Way; 4] = [
    ("POST", "/graphql", &[JSON], BODY),
    ("GET", "/graphql?query=%7B__typename%7D", &[], ""),
    ("POST", "/graphql", &[JSON, ("accept", "text/event-stream")], BODY),
    ("GET", "/metrics", &[], ""),
];

/// A good token's claims, issued ten seconds ago.
fn claims(issuer: &Issuer) -> (Value, i64) {
    let mut claims = issuer.claims("ada", &["fleetgraph-viewer"], false);
    let now = claims["iat"].as_i64().expect("a time");
    claims["iat"] = json!(now - 10);
    claims["exp"] = json!(now + 3000);
    (claims, now)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_way_in_takes_a_forged_token() {
    let running = Running::start_with(&Spec { guests: 80, ..Spec::default() }, "24h", Vec::new).await;
    let (claims, now) = claims(&running.issuer);
    let (key, good) = (running.issuer.key(), running.issuer.mint(&claims));
    let other = IssuerKey::generate(key.kid()).expect("a key");
    // As strict as can be configured.
    let gateway = running
        .another_with(|config| {
            let auth = config.auth.as_mut().expect("an issuer");
            auth.clients = Some(vec![CLIENT.to_owned()]);
            auth.max_token_life = Duration::from_hours(1);
        })
        .await;
    let address = gateway.address();
    let nobody = Client::new(address);
    let handshake = [
        ("connection", "upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("sec-websocket-protocol", "graphql-transport-ws"),
    ];
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let forged = forged(&key, &other, &claims, now);
    assert!(forged.len() >= 60, "{}", forged.len());
    let mut attempts = 0;
    for (what, token) in &forged {
        // Blanks around a token are the header's own; and some bytes no header can hold.
        let has_blanks = token.trim_matches(' ') != token;
        let bearer = format!("Bearer {token}");
        if !has_blanks && http::HeaderValue::from_str(&bearer).is_ok() {
            let authorization = ("authorization", &*bearer);
            for (method, path, headers, body) in WAYS {
                let answer = nobody.ask(method, path, &[headers, &[authorization]].concat(), body).await;
                assert_refused(&answer, path, what);
                attempts += 1;
            }
            let answer =
                nobody.ask("GET", "/graphql", &[&handshake[..], &[authorization]].concat(), "").await;
            assert_refused(&answer, "upgrade", what);
            attempts += 1;
        }
        if !has_blanks {
            let mut socket = Socket::open(address, token).await;
            assert_eq!(socket.next().await, Came::Closed(4401), "connection_init: {what}");
            let mut socket = Socket::greeted(address, &good).await;
            socket.renew(token).await;
            assert_eq!(socket.next().await, Came::Closed(4401), "ping: {what}");
            attempts += 2;
        }
        let encoded: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
        let answer =
            nobody.ask("POST", "/auth/backchannel-logout", &form, format!("logout_token={encoded}")).await;
        assert_eq!((answer.status, answer.code()), (400, Some("BAD_USER_INPUT")), "logout: {what}");
        attempts += 1;
    }
    // A good one is no logout, opens each way, and is not taken where none is looked for.
    assert_eq!(
        nobody.ask("POST", "/auth/backchannel-logout", &form, format!("logout_token={good}")).await.status,
        400
    );
    for (method, path, headers, body) in WAYS {
        let answer = nobody.clone().bearing(&*good).ask(method, path, headers, body).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let elsewhere = format!("{path}{}access_token={good}", if path.contains('?') { '&' } else { '?' });
        let cookie = format!("access_token={good}; authorization={good}; token={good}");
        let headers = [headers, &[("cookie", &*cookie), ("x-authorization", &*good)]].concat();
        assert_refused(&nobody.ask(method, &elsewhere, &headers, body).await, &elsewhere, "elsewhere");
    }
    for scheme in ["Basic ", "Token ", "", "Bearer", "Bearer,", "DPoP "] {
        let headers = [JSON, ("authorization", &*format!("{scheme}{good}"))];
        assert_refused(&nobody.ask("POST", "/graphql", &headers, BODY).await, "POST", scheme);
    }
    let twice = [JSON, ("authorization", &*format!("Bearer {good}")), ("authorization", "Bearer x")];
    assert_refused(&nobody.ask("POST", "/graphql", &twice, BODY).await, "POST", "two headers");
    eprintln!("{attempts} attempts with {} forged tokens, none taken", forged.len());
    gateway.stop().await;
    running.stop().await;
}

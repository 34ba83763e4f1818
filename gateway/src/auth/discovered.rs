//! Where an issuer's endpoints are: by its discovery, as it says now, and nowhere that would be less safe. Against a real
//! server.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::issuer::Issuer;
use crate::demo::IssuerKey;
use connectors::http::Tls;

/// What the server answers by path; everything else is not found.
type Answers = Arc<Mutex<Vec<(&'static str, Value)>>>;

struct Server {
    url: String,
    answers: Answers,
}

impl Server {
    async fn start() -> Self {
        let answers = Answers::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&answers));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, answers }
    }

    /// From now on discovery names endpoints in this folder, and only there they are.
    fn moves_to(&self, keys: &'static str, introspection: &'static str, key: &IssuerKey) {
        let endpoint = |path| format!("{}{path}", self.url);
        let discovery = json!({ "issuer": self.url, "jwks_uri": endpoint(keys),
            "introspection_endpoint": endpoint(introspection) });
        self.answers([
            (DISCOVERY, discovery),
            (keys, json!({ "keys": [key.jwk()] })),
            (introspection, json!({ "active": true, "sub": key.kid() })),
        ]);
    }

    fn answers(&self, answers: impl IntoIterator<Item = (&'static str, Value)>) {
        *self.answers.lock().expect("no panic") = answers.into_iter().collect();
    }

    fn issuer(&self) -> Issuer {
        let secret = Some(SecretString::from("s"));
        Issuer::new(self.url.clone(), None, Tls::System, "fleetgraph".into(), secret)
    }
}

const DISCOVERY: &str = "/.well-known/openid-configuration";

async fn answer(State(answers): State<Answers>, request: Request) -> axum::response::Response {
    let answers = answers.lock().expect("no panic");
    match answers.iter().find(|(path, _)| *path == request.uri().path()) {
        Some((_, body)) => axum::Json(body.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[tokio::test]
async fn an_issuer_that_moves_its_endpoints_is_found_again() {
    let server = Server::start().await;
    let issuer = server.issuer();
    let key = |kid| IssuerKey::generate(kid).expect("a key");
    let token = SecretString::from("t");
    server.moves_to("/keys", "/about", &key("old"));
    assert!(issuer.keys().await.expect("keys").get("old").is_some());
    let claims = issuer.introspect(&token).await.expect("it answers").expect("active");
    assert_eq!(claims["sub"], "old");

    // Whoever asks at the old address fails once, and the next one asks where it is.
    server.moves_to("/v2/keys", "/v2/about", &key("new"));
    issuer.keys().await.expect_err("they have moved");
    assert!(issuer.keys().await.expect("keys").get("new").is_some());

    server.moves_to("/v3/keys", "/v3/about", &key("newest"));
    issuer.introspect(&token).await.expect_err("it has moved");
    let claims = issuer.introspect(&token).await.expect("it answers").expect("active");
    assert_eq!(claims["sub"], "newest");
}

#[tokio::test]
async fn what_discovery_says_is_not_taken_at_its_word() {
    let server = Server::start().await;
    let at = |issuer: &str, jwks: &str| json!({ "issuer": issuer, "jwks_uri": jwks });
    let own = server.url.as_str();
    let cases = [
        (at("https://sso.example.org", &format!("{own}/keys")), "answers as another issuer"),
        (at(own, "http://sso.example.org/keys"), "an address that is not https://"),
        (at(own, "ftp://127.0.0.1/keys"), "an address that is not https://"),
        (at(own, "keys"), "jwks_uri"),
        (json!({ "issuer": own }), "jwks_uri"),
        (json!([]), "not as expected"),
    ];
    for (discovery, expected) in cases {
        let told = discovery.to_string();
        server.answers([(DISCOVERY, discovery)]);
        let error = server.issuer().keys().await.expect_err(&told).to_string();
        assert!(error.contains(expected), "{told}: {error}");
    }
}

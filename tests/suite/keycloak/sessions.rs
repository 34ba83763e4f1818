//! What ends a person's access, and what Keycloak tells of it: a logout token, the realm's not-before, or nothing.

use std::net::SocketAddr;

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::kit::gateway::PATIENCE;
use crate::kit::http::Client;
use crate::kit::keycloak::{Browser, Login, Realm, claims};

/// Takes one logout token, as the gateway's `/auth/backchannel-logout` will.
async fn logout_token(listener: TcpListener) -> String {
    let taking = async {
        let (mut stream, _) = listener.accept().await.expect("Keycloak calls");
        let mut request = Vec::new();
        let mut part = [0; 4096];
        loop {
            let read = stream.read(&mut part).await.expect("it sends");
            request.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&request);
            let token = text.split_once("logout_token=").map(|(_, token)| token.trim().to_owned());
            // A token is whole when its third part is as long as a signature of 2,048 bits.
            if let Some(token) =
                token.filter(|token| token.rsplit('.').next().is_some_and(|part| part.len() >= 342))
            {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.expect("it waits");
                return token;
            }
            assert!(read > 0, "no logout token in {text}");
        }
    };
    tokio::time::timeout(PATIENCE, taking).await.expect("Keycloak tells of a logout")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_signs_out_is_announced_with_the_session() {
    let realm = Realm::own().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address: SocketAddr = listener.local_addr().expect("an address");
    realm.set_logout_url("fleetgraph-web", &format!("http://{address}/auth/backchannel-logout")).await;
    let mut browser = Browser::new(&realm);
    let tokens = browser.sign_in(Login::of("viewer")).await;
    let (told, ()) = tokio::join!(logout_token(listener), browser.sign_out(&tokens));
    let told = claims(&told);
    assert_eq!(
        (&told["aud"], &told["sid"]),
        (&json!("fleetgraph-web"), &claims(&tokens.access)["sid"]),
        "{told}"
    );
    assert!(told["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object(), "{told}");
    assert_eq!(realm.introspect(&tokens.access).await, json!({ "active": false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_token_announces_introspection_knows_at_once() {
    let realm = Realm::own().await;
    let viewer = Browser::new(&realm).sign_in(Login::of("viewer")).await.access;
    realm.disable("viewer").await;
    assert_eq!(realm.introspect(&viewer).await, json!({ "active": false }));

    let operator = Browser::new(&realm).sign_in(Login::of("operator")).await.access;
    let roles = |answer: serde_json::Value| answer["realm_access"]["roles"].to_string();
    assert!(roles(realm.introspect(&operator).await).contains("fleetgraph-operator"));
    realm.take_role("operator", "fleetgraph-operator").await;
    assert!(!roles(realm.introspect(&operator).await).contains("fleetgraph-operator"));

    let auditor = Browser::new(&realm).sign_in(Login::of("auditor")).await.access;
    realm.log_out_user("auditor").await;
    assert_eq!(realm.introspect(&auditor).await, json!({ "active": false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn logging_all_out_raises_what_the_public_page_says() {
    let realm = Realm::own().await;
    let (base, path) = realm
        .issuer()
        .split_once("/realms/")
        .map(|(base, path)| (base.to_owned(), format!("/realms/{path}")))
        .expect("an issuer");
    let client = Client::new(base.trim_start_matches("http://").parse().expect("an address"));
    let page = async || client.get(&path).await.body["tokens-not-before"].clone();
    assert_eq!(page().await, json!(0));
    let token = realm.service_account().await.access;
    realm.log_out_all().await;
    let issued = claims(&token)["iat"].as_i64().expect("a time");
    assert!(page().await.as_i64().is_some_and(|seconds| seconds >= issued));
}

//! When the end of somebody's access is felt at the gateway. The figures are in docs/benchmarks.md.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::house::House;
use crate::kit::gateway::PATIENCE;
use crate::kit::http::{Answer, Client};
use crate::kit::keycloak::{Browser, Login, Realm};

const READ: &str = "{ viewer { roles } }";
const CHANGE: &str = r#"mutation { refreshSource(input: { id: "Source:npm-1" }) { userErrors { code } } }"#;

/// Asks until the answer is as wanted, and says after how long it was.
async fn felt(what: &str, client: &Client, query: &str, wanted: impl Fn(&Answer) -> bool) -> Duration {
    let began = Instant::now();
    let asking = async {
        loop {
            let answer = client.graphql(query, Value::Null).await;
            if wanted(&answer) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, asking).await.is_ok(), "{what} is never felt");
    began.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keycloak_announces_ends_sockets_and_requests() {
    let realm = Realm::own().await;
    let house = House::of(&realm).await;
    realm.set_logout_url("fleetgraph-web", &house.logout_url()).await;
    let ended = (vec![("status".to_owned(), "UNAUTHENTICATED".to_owned())], 4401);

    let mut browser = Browser::new(&realm);
    let own = browser.sign_in(Login::of("viewer")).await;
    let elsewhere = Browser::new(&realm).sign_in(Login::of("viewer")).await;
    let auditor = Browser::new(&realm).sign_in(Login::of("auditor")).await;
    let operator = Browser::new(&realm).sign_in(Login::of("operator")).await;
    let mut of_own = house.watching(&own.access).await;
    let mut of_elsewhere = house.watching(&elsewhere.access).await;
    let mut of_auditor = house.watching(&auditor.access).await;
    let mut of_operator = house.watching(&operator.access).await;

    // Each socket is read while it happens, as a client does: one that reads late finds a connection that is gone.
    let began = Instant::now();
    let (end, ()) = tokio::join!(of_own.end(), browser.sign_out(&own));
    assert_eq!(end, ended);
    eprintln!("a person signs out: the socket ended after {:?}", began.elapsed());
    assert_eq!(house.bearing(&own.access).graphql(READ, Value::Null).await.status, 401);
    let answer = house.bearing(&elsewhere.access).graphql(READ, Value::Null).await;
    assert_eq!(answer.status, 200, "another session of the same person goes on: {}", answer.text);

    let began = Instant::now();
    let (end, ()) = tokio::join!(of_auditor.end(), realm.log_out_user("auditor"));
    assert_eq!(end, ended);
    eprintln!("an administrator ends a person's sessions: the socket ended after {:?}", began.elapsed());

    let began = Instant::now();
    let (end, another, ()) = tokio::join!(of_elsewhere.end(), of_operator.end(), realm.log_out_all());
    assert_eq!((end, another), (ended.clone(), ended));
    eprintln!("an administrator ends all sessions: the sockets ended after {:?}", began.elapsed());
    assert_eq!(house.bearing(&operator.access).graphql(READ, Value::Null).await.status, 401);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_keycloak_tells_nobody_is_felt_by_changes_at_once_and_by_reading_at_the_tokens_end() {
    let realm = Realm::own().await;
    let house = House::of(&realm).await;

    // A role is taken away.
    let operator = Browser::new(&realm).sign_in(Login::of("operator")).await;
    let client = house.bearing(&operator.access);
    let changed = client.graphql(CHANGE, Value::Null).await;
    assert_eq!((changed.status, changed.code()), (200, None), "{}", changed.text);
    realm.take_role("operator", "fleetgraph-operator").await;
    let forbidden = |answer: &Answer| answer.code() == Some("FORBIDDEN");
    let after = felt("a role taken away", &client, CHANGE, forbidden).await;
    eprintln!("a role is taken away: a change was refused after {after:?}");
    let reads = client.graphql(READ, Value::Null).await;
    assert!(reads.text.contains("fleetgraph-operator"), "what only reads goes by the token: {}", reads.text);
    let fresh = realm.refresh("fleetgraph-web", &operator).await;
    let reads = house.bearing(&fresh.access).graphql(READ, Value::Null).await;
    assert!(!reads.text.contains("fleetgraph-operator"), "{}", reads.text);

    // A person is disabled: a client whose tokens live for ten seconds.
    let login = Login { client: "fleetgraph-short", level: "2", ..Login::of("itadmin") };
    let administrator = Browser::new(&realm).sign_in(login).await;
    let client = house.bearing(&administrator.access);
    let mut socket = house.watching(&administrator.access).await;
    let changed = client.graphql(CHANGE, Value::Null).await;
    assert_eq!((changed.status, changed.code()), (200, None), "{}", changed.text);
    realm.disable("itadmin").await;
    let began = Instant::now();
    let gone = |answer: &Answer| answer.code() == Some("UNAUTHENTICATED");
    let after = felt("a person disabled, by a change", &client, CHANGE, gone).await;
    eprintln!("a person is disabled: a change was refused after {after:?}");
    felt("a person disabled, by reading", &client, READ, |answer| answer.status == 401).await;
    let ended = (vec![("status".to_owned(), "UNAUTHENTICATED".to_owned())], 4401);
    assert_eq!(socket.end().await, ended);
    eprintln!(
        "a person is disabled: a token of ten seconds and its socket ended after {:?}",
        began.elapsed()
    );
    let refused = realm
        .grant(&[
            ("grant_type", "refresh_token"),
            ("client_id", "fleetgraph-short"),
            ("refresh_token", &administrator.refresh),
        ])
        .await;
    assert_eq!((refused.status, &refused.body["error"]), (400, &json!("invalid_grant")));
    house.stop().await;
}

//! Who asks, over the real front door: which tokens are taken, and when one that was good is not any more.

use serde_json::{Value, json};

use connectors::world::Spec;
use fleetgraph::demo::CLIENT;

use crate::kit::gateway::{PATIENCE, Running};
use crate::kit::http::Client;

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];
const QUESTION: &str = "{ __typename }";

async fn status(running: &Running, token: &str) -> u16 {
    let client = Client::new(running.gateway.address()).bearing(token);
    client.graphql(QUESTION, Value::Null).await.status
}

/// Asks until a token is refused.
async fn refused_soon(running: &Running, token: &str) {
    let asking = async {
        while status(running, token).await != 401 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, asking).await.is_ok(), "it is still taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_end_by_the_issuers_word_and_stay_ended() {
    let running = Running::start_with(&Spec { guests: 80, ..Spec::default() }, "24h", Vec::new).await;
    let issuer = &running.issuer;
    let nobody = Client::new(running.gateway.address());
    let answer = nobody.graphql(QUESTION, Value::Null).await;
    assert_eq!((answer.status, answer.code()), (401, Some("UNAUTHENTICATED")));
    assert_eq!(answer.headers["www-authenticate"], "Bearer");

    let claims = |subject: &str| issuer.claims(subject, &["fleetgraph-viewer"], false);
    let first = claims("ada");
    let second = claims("ada");
    let (one, other) = (issuer.mint(&first), issuer.mint(&second));
    let third = issuer.mint(&claims("bob"));
    for token in [&one, &other, &third] {
        assert_eq!(status(&running, token).await, 200);
    }
    let now = second["iat"].as_i64().expect("a time");
    let event =
        json!({ "http://schemas.openid.net/event/backchannel-logout": {}, "revoke_offline_access": true });
    let logout = json!({
        "iss": issuer.url(), "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "1", "typ": "Logout",
        "sub": "ada", "sid": first["sid"], "events": event,
    });
    let good = issuer.mint_as("logout+jwt", &logout);
    let send = |token: String, kind: &'static [(&'static str, &'static str)]| {
        let nobody = nobody.clone();
        async move {
            nobody.ask("POST", "/auth/backchannel-logout", kind, format!("logout_token={token}")).await.status
        }
    };
    let changed = |name: &str, value: Option<Value>| {
        let mut claims = logout.clone();
        let object = claims.as_object_mut().expect("claims");
        match value {
            Some(value) => object.insert(name.to_owned(), value),
            None => object.remove(name),
        };
        issuer.mint_as("logout+jwt", &claims)
    };
    let mut nameless = logout.clone();
    nameless.as_object_mut().expect("claims").retain(|name, _| name != "sub" && name != "sid");
    for (what, token) in [
        ("an access token", one.clone()),
        ("typ", issuer.mint_as("JWT", &logout)),
        ("nonce", changed("nonce", Some(json!("n")))),
        ("no events", changed("events", None)),
        ("another event", changed("events", Some(json!({ "logout": {} })))),
        (
            "a boolean event",
            changed("events", Some(json!({ "http://schemas.openid.net/event/backchannel-logout": true }))),
        ),
        ("iss", changed("iss", Some(json!("http://127.0.0.1:1/realms/demo")))),
        ("the resource's aud", changed("aud", Some(json!("fleetgraph")))),
        ("no aud", changed("aud", None)),
        ("no iat", changed("iat", None)),
        ("no exp", changed("exp", None)),
        ("expired", changed("exp", Some(json!(now - 100)))),
        ("iat to come", changed("iat", Some(json!(now + 100)))),
        ("nobody", issuer.mint_as("logout+jwt", &nameless)),
        ("nothing", String::new()),
        ("two", format!("{good}&logout_token={good}")),
    ] {
        assert_eq!(send(token, &FORM).await, 400, "{what}");
    }
    assert_eq!(send(good.clone(), &[("content-type", "application/json")]).await, 400, "no form");
    let by_query = format!("/auth/backchannel-logout?logout_token={good}");
    assert_eq!(nobody.ask("POST", &by_query, &FORM, "").await.status, 400, "in the address");
    assert_eq!(nobody.get("/auth/backchannel-logout").await.status, 405);
    assert_eq!(status(&running, &one).await, 200, "nothing of that ended it");

    assert_eq!(send(good, &FORM).await, 200);
    assert_eq!(status(&running, &one).await, 401, "at once, in this process");
    assert_eq!(status(&running, &other).await, 200, "another session of the same person");
    let replica = running.another().await;
    let there = Client::new(replica.address());
    let refused = async {
        while there.clone().bearing(&*one).graphql(QUESTION, Value::Null).await.status != 401 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, refused).await.is_ok(), "a replica takes it");
    assert_eq!(there.clone().bearing(&*other).graphql(QUESTION, Value::Null).await.status, 200);
    replica.stop().await;

    // Without sid it ends what the subject was issued up to then.
    assert_eq!(send(changed("sid", None), &FORM).await, 200);
    assert_eq!(status(&running, &other).await, 401);
    assert_eq!(status(&running, &third).await, 200, "somebody else");
    issuer.set_not_before(now + 1000);
    refused_soon(&running, &third).await;
    issuer.set_not_before(0);
    let fresh = issuer.token("bob", &["fleetgraph-viewer"], false);
    let asking = async {
        while status(&running, &fresh).await != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, asking).await.is_ok(), "it is never taken again");
    running.stop().await;
}

//! What is asked of the issuer, how often, and what holds while it does not answer.

use std::time::Duration;

use connectors::connector::SecretAt;
use connectors::world::Spec;
use fleetgraph::app::Gateway;
use fleetgraph::demo::{Issuer, IssuerKey, SECRET};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::Instant;

use crate::kit::gateway::{FREE, PATIENCE, Running};
use crate::kit::http::{Answer, Client};

const READ: &str = "{ viewer { name } }";
const CHANGE: &str = r#"mutation { refreshSource(input: { id: "Source:npm-1" }) { userErrors { code } } }"#;

/// A gateway with an issuer that a test may switch off, and may ask about tokens.
struct House {
    running: Running,
    gateway: Gateway,
    _secrets: TempDir,
}

impl House {
    async fn of(issuer: &Issuer) -> Self {
        let secrets = tempfile::tempdir().expect("a folder");
        let secret = secrets.path().join("client-secret");
        std::fs::write(&secret, SECRET).expect("room");
        let running = Running::start_with(&Spec { guests: 80, ..Spec::default() }, "24h", Vec::new).await;
        let gateway = running
            .another_with(|config| {
                let auth = config.auth.as_mut().expect("an issuer");
                issuer.url().clone_into(&mut auth.issuer);
                auth.client_secret = Some(SecretAt::File(secret));
            })
            .await;
        Self { running, gateway, _secrets: secrets }
    }

    fn client(&self, token: &str) -> Client {
        Client::new(self.gateway.address()).bearing(token)
    }

    async fn stop(self) {
        self.gateway.stop().await;
        self.running.stop().await;
    }
}

async fn ask(client: &Client, query: &str) -> Answer {
    client.graphql(query, Value::Null).await
}

/// Asks again until the first error bears this code.
async fn until_refused(client: &Client, code: &str) -> Answer {
    let asking = async {
        loop {
            let answer = ask(client, CHANGE).await;
            if answer.code() == Some(code) {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("never {code}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_invents_keys_costs_the_issuer_little() {
    let issuer = Issuer::start(FREE, fleetgraph::clock::system()).expect("a free port");
    let house = House::of(&issuer).await;
    let began = Instant::now();
    let before = issuer.key_reads();
    let claims = issuer.claims("eve", &["sankofa-it-admin"], true);
    let asking = (0..200).map(|number| {
        let key = IssuerKey::generate(&format!("invented-{number}")).expect("a key");
        let header = json!({ "alg": "ES256", "typ": "JWT", "kid": key.kid() });
        let client = house.client(&key.sign(&header, &claims));
        async move { ask(&client, READ).await.status }
    });
    for status in futures_util::future::join_all(asking).await {
        assert_eq!(status, 401);
    }
    // By plan every 30 s, and for unknown names once in 10 s.
    let seconds = began.elapsed().as_secs();
    let most = 2 + seconds / 30 + seconds / 10;
    let reads = issuer.key_reads() - before;
    assert!(reads <= most, "{reads} readings in {seconds} s for 200 invented names");

    // A new key is known all the same, and so is each of the old ones that is kept.
    let old = issuer.token("ada", &["fleetgraph-viewer"], false);
    issuer.rotate(true).expect("a key");
    let new = issuer.token("ada", &["fleetgraph-viewer"], false);
    let known = async {
        while ask(&house.client(&new), READ).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, known).await.is_ok(), "the new key is never known");
    assert_eq!(ask(&house.client(&old), READ).await.status, 200);
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_asks_first_and_reading_does_not() {
    let issuer = Issuer::start(FREE, fleetgraph::clock::system()).expect("a free port");
    let house = House::of(&issuer).await;
    let operator = |subject: &str| house.client(&issuer.token(subject, &["fleetgraph-operator"], false));
    let ada = operator("ada");
    for _ in 0..10 {
        assert_eq!(ask(&ada, READ).await.code(), None);
    }
    assert_eq!(issuer.introspections(), 0, "reading goes by the token");
    let began = Instant::now();
    for _ in 0..5 {
        let changed = ask(&ada, CHANGE).await;
        assert_eq!((changed.status, changed.code()), (200, None), "{}", changed.text);
    }
    let most = 1 + began.elapsed().as_secs() / 5;
    let asked = issuer.introspections();
    assert!((1..=most).contains(&asked), "{asked} questions for five changes of one token");

    // What the issuer says now and the token said then: the roles that both show.
    let mut fewer = issuer.claims("ada", &["fleetgraph-viewer", "sankofa-it-admin"], true);
    issuer.answer("ada", Some(fewer.take()));
    until_refused(&ada, "FORBIDDEN").await;
    assert_eq!(ask(&ada, READ).await.code(), None);
    issuer.answer("ada", None);
    let inactive = until_refused(&ada, "UNAUTHENTICATED").await;
    assert_eq!(inactive.body["errors"][0]["path"], json!(["refreshSource"]), "{}", inactive.text);
    // Of somebody else.
    issuer.answer("bob", Some(issuer.claims("eve", &["fleetgraph-operator"], false)));
    assert_eq!(ask(&operator("bob"), CHANGE).await.code(), Some("UNAUTHENTICATED"));
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_issuer_is_silent_reading_goes_on_and_nothing_is_changed() {
    let issuer = Issuer::start(FREE, fleetgraph::clock::system()).expect("a free port");
    let house = House::of(&issuer).await;
    let known = house.client(&issuer.token("ada", &["fleetgraph-operator"], false));
    let new = house.client(&issuer.token("bob", &["fleetgraph-operator"], false));
    assert_eq!(ask(&known, READ).await.code(), None);
    let url = format!("{} ", issuer.url());
    drop(issuer);
    for client in [&known, &new] {
        assert_eq!(ask(client, READ).await.code(), None, "the keys that were read stay good");
        let refused = until_refused(client, "FORBIDDEN").await;
        assert!(refused.message().contains("nothing is changed"), "{}", refused.text);
        assert!(!refused.text.contains(url.trim()), "the issuer's address is not the caller's business");
    }
    let since = async {
        loop {
            let ready = Client::new(house.gateway.address()).get("/readyz").await;
            if ready.body["issuer"]["notBeforeFailingSince"].is_string() {
                return ready;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let ready = tokio::time::timeout(PATIENCE, since).await.expect("it is said since when");
    assert_eq!(ready.body["issuer"]["status"], "does not answer", "{}", ready.text);
    house.stop().await;
}

/// A key that has left signs no more, also where it was the last one; a new one signs again.
#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_whose_last_key_has_left_signs_nothing_until_it_has_another() {
    let issuer = Issuer::start(FREE, fleetgraph::clock::system()).expect("a free port");
    let house = House::of(&issuer).await;
    let old = issuer.token("ada", &["fleetgraph-viewer"], false);
    assert_eq!(ask(&house.client(&old), READ).await.status, 200);
    issuer.show_keys(false);
    // Somebody's invented name of a key is a reason to read them before their time.
    let stranger = IssuerKey::generate("stranger").expect("a key");
    let header = json!({ "alg": "ES256", "typ": "JWT", "kid": stranger.kid() });
    let refused = async {
        loop {
            let forged = stranger.sign(&header, &issuer.claims("eve", &["fleetgraph-viewer"], false));
            assert_eq!(ask(&house.client(&forged), READ).await.status, 401);
            if ask(&house.client(&old), READ).await.status == 401 {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, refused).await.is_ok(), "a key that has left still signs");
    let ready = Client::new(house.gateway.address()).get("/readyz").await;
    assert!(ready.body["issuer"]["keysFailingSince"].is_string(), "{}", ready.text);
    issuer.show_keys(true);
    issuer.rotate(false).expect("a key");
    let new = issuer.token("ada", &["fleetgraph-viewer"], false);
    let known = async {
        while ask(&house.client(&new), READ).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, known).await.is_ok(), "the new key is never known");
    house.stop().await;
}

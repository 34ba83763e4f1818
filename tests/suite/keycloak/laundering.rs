//! The known laundering of a second factor: the code at one client, a password at another, a refresh at the first. What it
//! yields says level 2 and a fresh sign-in, and proves nothing.

use serde_json::{Value, json};

use super::house::House;
use crate::kit::gateway::PATIENCE;
use crate::kit::keycloak::{Browser, Login, Realm, claims};

#[tokio::test(flavor = "multi_thread")]
async fn a_password_elsewhere_renews_the_time_and_keeps_the_level_and_not_the_method() {
    let realm = Realm::shared().await;
    let mut browser = Browser::new(&realm);
    let firmly = Login { level: "2", ..Login::of("itadmin") };
    let first = browser.sign_in(firmly).await;
    assert_eq!(browser.asked, ["password", "code"]);
    let code_typed = claims(&first.access)["auth_time"].as_i64().expect("a time");

    // The code's proof has a life of its own, 20 s in this realm; refreshing shows when it has ended.
    let outlived = async {
        let mut tokens = first;
        while claims(&tokens.access)["amr"] != json!(["pwd"]) {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            tokens = realm.refresh("fleetgraph-web", &tokens).await;
        }
        tokens
    };
    let tokens = tokio::time::timeout(PATIENCE, outlived).await.expect("the code's proof ends");

    browser.sign_in(Login { client: "other-app", again: true, ..Login::of("itadmin") }).await;
    assert_eq!(browser.asked, ["password"]);
    let laundered_token = realm.refresh("fleetgraph-web", &tokens).await.access;
    let laundered = claims(&laundered_token);
    assert_eq!((&laundered["acr"], &laundered["amr"]), (&json!("2"), &json!(["pwd"])), "{laundered}");
    assert!(laundered["auth_time"].as_i64().is_some_and(|time| time > code_typed), "{laundered}");

    // At the gateway the first was a proof, and this is none.
    let house = House::of(&realm).await;
    let question = "{ viewer { mfa } organizations(first: 1) { totalCount } }";
    let firmly = Browser::new(&realm).sign_in(firmly).await;
    let proven = house.bearing(&firmly.access).data(question, Value::Null).await;
    assert_eq!(proven["viewer"]["mfa"], json!(true));
    let refused = house.bearing(&laundered_token).graphql(question, Value::Null).await;
    assert_eq!(refused.body["data"], json!({ "viewer": { "mfa": false }, "organizations": null }));
    assert!(
        refused.code() == Some("FORBIDDEN") && refused.message().contains("second factor"),
        "{}",
        refused.text
    );
    house.stop().await;
}

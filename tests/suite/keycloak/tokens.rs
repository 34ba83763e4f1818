//! What the tokens of each way to sign in say, as far as a gateway goes by it.

use serde_json::{Value, json};

use crate::kit::keycloak::{Browser, Login, Realm, Tokens, claims};

/// What is looked at: level, methods, audience, client, the roles that are ours, groups; `null` is a missing claim.
fn said(token: &str) -> Value {
    let token = claims(token);
    let ours = |role: &&Value| {
        role.as_str().is_some_and(|role| role.starts_with("fleetgraph-") || role.starts_with("sankofa-"))
    };
    let roles = token["realm_access"]["roles"].as_array();
    let roles: Vec<_> = roles.into_iter().flatten().filter(ours).collect();
    json!([token["acr"], token["amr"], token["aud"], token["azp"], roles, token["groups"]])
}

async fn check(login: Login<'_>, expected: Value) -> Tokens {
    let realm = Realm::shared().await;
    let tokens = Browser::new(&realm).sign_in(login).await;
    assert_eq!(said(&tokens.access), expected, "{login:?}");
    let token = claims(&tokens.access);
    assert_eq!((&token["typ"], &token["iss"]), (&json!("Bearer"), &json!(realm.issuer())), "{login:?}");
    assert!(token["sid"].is_string() && token["auth_time"].is_i64() && token["sub"].is_string(), "{token}");
    tokens
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_sign_in_says_who_and_how() {
    let both = json!(["fleetgraph", "account"]);
    let web = "fleetgraph-web";
    check(Login::of("viewer"), json!(["1", ["pwd"], both, web, ["fleetgraph-viewer"], null])).await;
    let night = json!(["/fleet/night shift"]);
    check(Login::of("operator"), json!(["1", ["pwd"], both, web, ["fleetgraph-operator"], night])).await;
    check(Login::of("auditor"), json!(["1", ["pwd"], both, web, [], ["/fleetgraph-auditor"]])).await;
    check(Login::of("itadmin"), json!(["1", ["pwd"], both, web, ["sankofa-it-admin"], null])).await;
    let firmly = Login { level: "2", ..Login::of("itadmin") };
    check(firmly, json!(["2", ["pwd", "otp"], both, web, ["sankofa-it-admin"], null])).await;
    // Of the other application: not our audience, none of our roles, and so no `aud` at all.
    let elsewhere = Login { client: "other-app", ..Login::of("viewer") };
    check(elsewhere, json!(["1", ["pwd"], null, "other-app", [], null])).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_and_a_refresh_token_are_of_other_kinds() {
    let realm = Realm::shared().await;
    let tokens = Browser::new(&realm).sign_in(Login::of("viewer")).await;
    assert_eq!(
        (&claims(&tokens.id)["typ"], &claims(&tokens.id)["aud"]),
        (&json!("ID"), &json!("fleetgraph-web"))
    );
    assert_eq!(claims(&tokens.refresh)["typ"], "Refresh");
    for (token, active) in [(&tokens.access, true), (&tokens.id, false), (&tokens.refresh, false)] {
        assert_eq!(realm.introspect(token).await["active"], active, "{}", claims(token));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_account_signs_in_without_a_session() {
    let realm = Realm::shared().await;
    let token = realm.service_account().await.access;
    let both = json!(["fleetgraph", "account"]);
    assert_eq!(said(&token), json!(["1", null, both, "fleetgraph-bi", ["fleetgraph-billing"], null]));
    let token = claims(&token);
    assert_eq!((&token["sid"], &token["auth_time"]), (&Value::Null, &Value::Null), "{token}");
    assert_eq!(token["preferred_username"], "service-account-fleetgraph-bi");
}

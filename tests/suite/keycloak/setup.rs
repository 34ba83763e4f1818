//! The set-up script that administrators run: against a fresh Keycloak, twice, and what a realm made by it then says.

use std::path::Path;

use serde_json::json;

use crate::kit::keycloak::{Browser, CALLBACK, Login, PASSWORD, Realm, claims};
use crate::kit::program::Ended;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/keycloak/setup.sh");

async fn run(url: &str, secrets: &Path) -> String {
    let mut command = std::process::Command::new(SCRIPT);
    command.env("KEYCLOAK_URL", url).env("KEYCLOAK_PASSWORD", PASSWORD).arg("--secrets").arg(secrets);
    command.args(["--realm", "set-up", "--gateway", "http://127.0.0.1:1", "--redirect", CALLBACK]);
    let ended = tokio::task::spawn_blocking(move || Ended::of(&mut command)).await.expect("no panic");
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains(PASSWORD) && !ended.stdout.contains(PASSWORD), "{ended:?}");
    ended.stdout
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_keycloak_is_set_up_by_the_script() {
    let (realm, url) = Realm::made_by_hand("set-up").await;
    let folder = tempfile::tempdir().expect("a throw-away folder");
    let printed = run(&url, folder.path()).await;
    assert_eq!(run(&url, folder.path()).await, printed, "a second run changes nothing");
    let configuration: toml::Table = printed.parse().expect("what it prints is TOML");
    assert_eq!(configuration["auth"]["issuer"].as_str(), Some(&*realm.issuer()));

    realm.add_people(&[("viewer", "fleetgraph-viewer"), ("itadmin", "sankofa-it-admin")]).await;
    let viewer = claims(&Browser::new(&realm).sign_in(Login::of("viewer")).await.access);
    assert_eq!(viewer["aud"], json!(["fleetgraph", "account"]), "{viewer}");
    assert_eq!((&viewer["acr"], &viewer["amr"]), (&json!("1"), &json!(["pwd"])), "{viewer}");
    assert!(viewer["realm_access"]["roles"].to_string().contains("fleetgraph-viewer"), "{viewer}");
    let mut browser = Browser::new(&realm);
    let tokens = browser.sign_in(Login { level: "2", ..Login::of("itadmin") }).await;
    let itadmin = claims(&tokens.access);
    assert_eq!(browser.asked, ["password", "code"]);
    assert_eq!((&itadmin["acr"], &itadmin["amr"]), (&json!("2"), &json!(["pwd", "otp"])), "{itadmin}");
    assert_eq!(claims(&tokens.id)["aud"], "fleetgraph-web", "our audience is for access tokens only");

    let secret = std::fs::read_to_string(folder.path().join("fleetgraph-bi.secret")).expect("it was written");
    let grant =
        [("grant_type", "client_credentials"), ("client_id", "fleetgraph-bi"), ("client_secret", &secret)];
    let bi = claims(&realm.tokens(&grant).await.access);
    assert_eq!(
        (&bi["aud"], &bi["azp"]),
        (&json!(["fleetgraph", "account"]), &json!("fleetgraph-bi")),
        "{bi}"
    );
}

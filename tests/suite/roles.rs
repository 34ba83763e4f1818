//! What each role sees and does, over HTTP with tokens of an issuer, and what the audit log holds of it.

use std::time::Duration;

use connectors::world::Spec;
use serde_json::{Value, json};
use sqlx::Row as _;

use crate::kit::gateway::{PATIENCE, Running};
use crate::kit::http::{Answer, Client};

/// As the demo prints it.
const QUESTION: &str = include_str!("../../gateway/src/demo/second_query.graphql");

fn client(running: &Running, roles: &[&str], mfa: bool) -> Client {
    Client::new(running.gateway.address()).bearing(running.issuer.token("ada", roles, mfa))
}

/// The code and message of the one error, where there is one.
fn refusal(answer: &Answer) -> Option<(&str, &str)> {
    let error = &answer.body["errors"][0];
    Some((error["extensions"]["code"].as_str()?, error["message"].as_str()?))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_question_has_another_answer_for_each_role_and_says_why() {
    let running = Running::start(&Spec { guests: 80, ..Spec::default() }, "24h").await;
    let asked = async |roles: &[&str], mfa| client(&running, roles, mfa).graphql(QUESTION, Value::Null).await;

    let viewer = asked(&["fleetgraph-viewer"], false).await;
    let operator = asked(&["fleetgraph-operator"], false).await;
    let administrator = asked(&["sankofa-it-admin"], true).await;
    for answer in [&viewer, &operator, &administrator] {
        assert_eq!(answer.body["data"]["hostname"]["paths"]["nodes"][0]["state"], "COMPLETE");
    }
    let grants = |answer: &Answer| answer.body["data"]["viewer"]["grants"].as_array().expect("a list").len();
    assert!(grants(&viewer) < grants(&operator) && grants(&operator) < grants(&administrator));
    for answer in [&viewer, &operator] {
        assert_eq!(answer.body["data"]["organizations"], Value::Null);
        let (code, why) = refusal(answer).expect("a refusal");
        assert!(code == "FORBIDDEN" && why.contains("`organization:read`"), "{why}");
        assert!(!why.contains("second factor"), "{why}");
        assert_eq!(answer.body["errors"][0]["path"], json!(["organizations"]));
    }
    assert_eq!(refusal(&administrator), None);
    assert!(administrator.body["data"]["organizations"]["totalCount"].as_u64() > Some(0));
    let one_factor = asked(&["sankofa-it-admin"], false).await;
    let (code, why) = refusal(&one_factor).expect("a refusal");
    assert!(code == "FORBIDDEN" && why.contains("second factor"), "{why}");
    // The metrics name every source.
    for (roles, status) in [(&["fleetgraph-viewer"][..], 200), (&["fleetgraph-reporter"], 403)] {
        assert_eq!(client(&running, roles, false).get("/metrics").await.status, status, "{roles:?}");
    }
    assert_eq!(Client::new(running.gateway.address()).get("/metrics").await.status, 401);
    let nobody = asked(&[], false).await;
    assert_eq!(nobody.body["data"]["hostname"], Value::Null);

    let refresh = r#"mutation { refreshSource(input: { id: "Source:npm-1" }) { userErrors { code } } }"#;
    let denied = client(&running, &["fleetgraph-viewer"], false).graphql(refresh, Value::Null).await;
    assert_eq!(refusal(&denied).map(|(code, _)| code), Some("FORBIDDEN"));
    assert_eq!(denied.body["data"]["refreshSource"], Value::Null);
    let done = client(&running, &["fleetgraph-operator"], false).graphql(refresh, Value::Null).await;
    assert_eq!(done.body["data"]["refreshSource"]["userErrors"], json!([]), "{}", done.text);

    let request_id = viewer.headers["x-request-id"].to_str().expect("a text").to_owned();
    let read =
        [request_id, "ada".to_owned(), "Query.organizations".to_owned(), "organization:read".to_owned()];
    let mut known = Vec::new();
    let waiting = async {
        while !known.contains(&read) {
            tokio::time::sleep(Duration::from_millis(50)).await;
            known = audit(&running).await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, waiting).await.is_ok(), "no row of {read:?}: {known:?}");
    let attempts = known.iter().filter(|row| row[2] == "Source:npm-1" && row[3] == "source:refresh");
    assert!(attempts.count() >= 2, "the refused attempt and the permitted one are written down: {known:?}");
    running.stop().await;
}

/// Request id, subject, target and permission of each row of the audit log.
async fn audit(running: &Running) -> Vec<[String; 4]> {
    let sql = "select request_id, subject, target, permission from audit_entry where permission is not null";
    let rows = sqlx::query(sql).fetch_all(running.database.database().pool()).await.expect("the log");
    rows.iter()
        .map(|row| [0, 1, 2, 3].map(|column| row.get::<Option<String>, _>(column).unwrap_or_default()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_of_policies_decides_what_is_seen_and_a_change_of_it_is_felt() {
    let running = Running::start(&Spec { guests: 80, ..Spec::default() }, "24h").await;
    let clusters = "{ clusters { name } guests { totalCount nodes { cluster { name } } } }";
    let all = running.data(clusters, Value::Null).await;
    assert!(all["clusters"].as_array().expect("a list").len() > 1, "{all}");

    let folder = tempfile::tempdir().expect("a folder");
    let rules = folder.path().join("lab.rules");
    std::fs::write(folder.path().join("one.cedar"), NARROW).expect("room");
    let gateway = running.another_with(|config| {
        config.auth.as_mut().expect("an issuer").policy_dir = Some(folder.path().to_owned());
    });
    let gateway = gateway.await;
    let narrow = Client::new(gateway.address()).bearing(running.issuer.token("ada", &["narrow"], false));
    let names = |answer: &Value| {
        let list = answer["clusters"].as_array().expect("a list").iter();
        list.map(|cluster| cluster["name"].as_str().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let until = async |what: &str, wanted: &dyn Fn(&Value) -> bool| {
        let asking = async {
            loop {
                let seen = narrow.data(clusters, Value::Null).await;
                if wanted(&seen) {
                    return seen;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| panic!("{what}"))
    };
    let seen = until("its own cluster is seen", &|seen| names(seen) == ["pve-1"]).await;
    let count = |answer: &Value| answer["guests"]["totalCount"].as_u64().expect("a count");
    assert!(count(&seen) > 0 && count(&seen) < count(&all), "{seen}");
    for guest in seen["guests"]["nodes"].as_array().expect("a list") {
        assert_eq!(guest["cluster"]["name"], "pve-1");
    }

    // A forbid beside it takes everything away; a folder that is wrong changes nothing.
    std::fs::write(folder.path().join("wrong.rules"), "role narrow may kubectl:*:*:*\n").expect("room");
    std::fs::write(&rules, "role narrow may not read:*:*:*\n").expect("room");
    assert_eq!(names(&narrow.data(clusters, Value::Null).await), ["pve-1"]);
    std::fs::remove_file(folder.path().join("wrong.rules")).expect("it is there");
    until("the forbid is felt", &|seen| names(seen).is_empty() && count(seen) == 0).await;
    gateway.stop().await;
    running.stop().await;
}

/// Who has the role sees one cluster.
const NARROW: &str = r#"permit (
  principal in Role::"narrow",
  action == Action::"inventory:read",
  resource in Cluster::"pve-1"
);
"#;

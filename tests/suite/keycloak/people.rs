//! Each person of a realm, over each way in: what its roles give by the checked-in matrix, and nothing of another kind of token.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::house::House;
use crate::kit::keycloak::{Browser, Login, Realm};
use crate::kit::socket::{Came, Socket};

const QUESTION: &str =
    "{ viewer { roles mfa grants { permission forbidden } } organizations(first: 1) { totalCount } }";

/// The columns of docs/policy-matrix.txt.
const COLUMNS: [&str; 9] = [
    "fleetgraph-approver",
    "fleetgraph-auditor",
    "fleetgraph-billing",
    "fleetgraph-network",
    "fleetgraph-operator",
    "fleetgraph-publisher",
    "fleetgraph-reporter",
    "fleetgraph-viewer",
    "sankofa-it-admin",
];

/// What the matrix gives a role at a place of no name.
fn given(role: &str, mfa: bool) -> BTreeSet<String> {
    let column = COLUMNS.iter().position(|one| *one == role).expect("a role of the reference");
    let text = include_str!("../../../docs/policy-matrix.txt");
    let rows = text.lines().skip_while(|line| !line.starts_with("agent:admin"));
    rows.take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let cells: Vec<&str> = line.split_whitespace().collect();
            assert_eq!(cells.len(), COLUMNS.len() + 1, "{line}");
            let may = cells[column + 1] == "✔" || (mfa && cells[column + 1] == "2F");
            may.then(|| cells[0].to_owned())
        })
        .collect()
}

/// What was answered: roles of ours, second factor, permissions, and the code where organizations are refused.
fn seen(answer: &Value) -> (Vec<&str>, bool, BTreeSet<String>, Option<&str>) {
    let viewer = &answer["data"]["viewer"];
    let ours = |role: &&str| COLUMNS.contains(role);
    let roles = viewer["roles"].as_array().expect("a list").iter().filter_map(Value::as_str).filter(ours);
    let grants = viewer["grants"].as_array().expect("a list").iter();
    let grants = grants.map(|grant| {
        assert_eq!(grant["forbidden"], json!(false));
        grant["permission"].as_str().expect("a name").to_owned()
    });
    let refusal = answer["errors"][0]["extensions"]["code"].as_str();
    (roles.collect(), viewer["mfa"] == json!(true), grants.collect(), refusal)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_person_has_what_the_matrix_gives_over_each_way_in() {
    let realm = Realm::shared().await;
    let house = House::of(&realm).await;
    let signed_in = async |login: Login<'_>| Browser::new(&realm).sign_in(login).await.access;
    let people = [
        ("viewer", signed_in(Login::of("viewer")).await, "fleetgraph-viewer", false),
        ("operator", signed_in(Login::of("operator")).await, "fleetgraph-operator", false),
        ("a group's member", signed_in(Login::of("auditor")).await, "fleetgraph-auditor", false),
        ("administrator", signed_in(Login::of("itadmin")).await, "sankofa-it-admin", false),
        (
            "administrator with a code",
            signed_in(Login { level: "2", ..Login::of("itadmin") }).await,
            "sankofa-it-admin",
            true,
        ),
        ("service account", realm.service_account().await.access, "fleetgraph-billing", false),
    ];
    for (who, token, role, mfa) in &people {
        let client = house.bearing(token);
        let body = json!({ "query": QUESTION }).to_string();
        let by_post = client.graphql(QUESTION, Value::Null).await.body;
        let query: String = url::form_urlencoded::byte_serialize(QUESTION.as_bytes()).collect();
        let by_get = client.get(&format!("/graphql?query={query}")).await.body;
        let headers = [("content-type", "application/json"), ("accept", "text/event-stream")];
        let streamed = client.ask("POST", "/graphql", &headers, body).await.text;
        let streamed = streamed.strip_prefix("event: next\ndata: ").and_then(|rest| rest.lines().next());
        let by_stream = serde_json::from_str(streamed.expect("an event")).expect("JSON");
        let mut socket = Socket::greeted(house.gateway.address(), token).await;
        socket.ask("1", QUESTION).await;
        let Came::Message(mut by_socket) = socket.next().await else { panic!("{who}: no answer") };

        let permissions = given(role, *mfa);
        let refusal = (!permissions.contains("organization:read")).then_some("FORBIDDEN");
        let expected = (vec![*role], *mfa, permissions, refusal);
        for (way, answer) in [
            ("POST", by_post),
            ("GET", by_get),
            ("a stream", by_stream),
            ("a socket", by_socket["payload"].take()),
        ] {
            assert_eq!(seen(&answer), expected, "{who} by {way}: {answer}");
        }
    }
    house.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_another_application_and_of_other_kinds_open_nothing() {
    let realm = Realm::shared().await;
    let house = House::of(&realm).await;
    let own = Browser::new(&realm).sign_in(Login::of("viewer")).await;
    let others = Browser::new(&realm).sign_in(Login { client: "other-app", ..Login::of("viewer") }).await;
    for (what, token, status) in [
        ("its own access token", &own.access, 200),
        ("its own ID token", &own.id, 401),
        ("its own refresh token", &own.refresh, 401),
        ("another application's access token", &others.access, 401),
        ("another application's ID token", &others.id, 401),
    ] {
        let answer = house.bearing(token).graphql("{ __typename }", Value::Null).await;
        assert_eq!(answer.status, status, "{what}: {}", answer.text);
        let mut socket = Socket::open(house.gateway.address(), token).await;
        let expected = match status {
            200 => Came::Message(json!({ "type": "connection_ack" })),
            _ => Came::Closed(4401),
        };
        assert_eq!(socket.next().await, expected, "{what}");
    }
    house.stop().await;
}

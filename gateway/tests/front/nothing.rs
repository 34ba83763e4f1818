//! Operations that select nothing of what is there, on every way in: an object without members, and not null.

use serde_json::{Value, json};

use crate::kit::Server;
use crate::sockets::Socket;

/// Operations over a fleet of which nothing is known but its one source, and their data.
fn cases() -> Vec<(&'static str, Value)> {
    vec![
        ("{viewer{subject @skip(if:true)}}", json!({"viewer": {}})),
        ("{guests{pageInfo{hasNextPage @skip(if:true)}}}", json!({"guests": {"pageInfo": {}}})),
        ("{guests{nodes @include(if:false){vmid}}}", json!({"guests": {}})),
        ("{sources{name @include(if:false)}}", json!({"sources": [{}]})),
        ("{node(id:\"Source:pve\"){...on Switch{name}}}", json!({"node": {}})),
        ("{node(id:\"Source:pve\"){...F}} fragment F on Node{id @skip(if:true)}", json!({"node": {}})),
        (
            "{a:node(id:\"Source:pve\"){...on Switch{name}} __typename}",
            json!({"a": {}, "__typename": "Query"}),
        ),
        // Not there: null.
        ("{source(name:\"nobody\"){name @skip(if:true)}}", json!({"source": null})),
        // Two places that select of the same object, one of them nothing.
        ("{viewer{subject @skip(if:true)} viewer{__typename}}", json!({"viewer": {"__typename": "Viewer"}})),
        // Roots.
        ("{__typename @skip(if:true)}", json!({})),
        ("{viewer @skip(if:true){subject}}", json!({})),
        ("{...on Query @include(if:false){viewer{subject}}}", json!({})),
        ("mutation{refreshSource(input:{id:\"Source:pve\"}) @skip(if:true){collected}}", json!({})),
        // Events.
        ("subscription{fleetStatus{at @skip(if:true)}}", json!({"fleetStatus": {}})),
        ("subscription{fleetStatus{guests{total @skip(if:true)}}}", json!({"fleetStatus": {"guests": {}}})),
    ]
}

const STREAM: [(&str, &str); 2] = [("content-type", "application/json"), ("accept", "text/event-stream")];
const JSON: [(&str, &str); 2] = [("content-type", "application/json"), ("accept", "application/json")];

#[tokio::test]
async fn an_object_of_which_nothing_is_selected_is_empty_over_http() {
    let server = Server::reading();
    for (query, data) in cases() {
        let body = json!({ "query": query }).to_string();
        let is_query = query.starts_with('{');
        if !query.starts_with("subscription") {
            let modern = server.query(query).await;
            let classic = server.ask("POST /graphql", &JSON, body.clone()).await;
            for answer in [modern, classic] {
                assert_eq!((answer.status, &answer.json()["data"]), (200, &data), "{query}: {}", answer.body);
                assert!(answer.json().get("errors").is_none(), "{query}: {}", answer.body);
            }
        }
        if is_query {
            let asked =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("query", query).finish();
            let answer = server.ask(&format!("GET /graphql?{asked}"), &JSON[1..], "").await;
            assert_eq!((answer.status, &answer.json()["data"]), (200, &data), "GET {query}: {}", answer.body);
        }
        let stream = server.ask("POST /graphql", &STREAM, body).await;
        let told = stream.body.strip_prefix("event: next\ndata: ").and_then(|rest| rest.split_once("\n\n"));
        let (event, end) = told.unwrap_or_else(|| panic!("{query}: {}", stream.body));
        let event: Value = serde_json::from_str(event).expect("JSON");
        assert_eq!((&event["data"], end), (&data, "event: complete\ndata:\n\n"), "{query}");
    }
}

#[tokio::test]
async fn an_object_of_which_nothing_is_selected_is_empty_over_a_socket() {
    let server = Server::reading();
    let mut socket = Socket::greeted(&server).await;
    for (query, data) in cases() {
        let subscribe = json!({"type": "subscribe", "id": "1", "payload": {"query": query}});
        let next = json!({"type": "next", "id": "1", "payload": {"data": data}});
        let script = [&format!("> {subscribe}"), &format!("< {next}"), r#"< {"type":"complete","id":"1"}"#];
        socket.play(&script).await;
    }
}

/// What failed is null as ever, with its error.
#[tokio::test]
async fn what_failed_stays_null() {
    let server = Server::reading();
    let answer = server.query("{guest(cluster:\"pve\",vmid:1){name @skip(if:true)}}").await;
    assert_eq!(answer.verdict(), "200 SOURCE_FAILED");
    assert_eq!(answer.json()["data"], json!({"guest": null}));
}

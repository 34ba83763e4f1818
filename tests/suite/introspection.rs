//! The schema's own questions: for whoever is signed in, or for nobody, as it is configured; and no hint besides.

use connectors::world::Spec;
use fleetgraph::config::Introspection;
use serde_json::Value;

use crate::kit::gateway::Running;
use crate::kit::http::Client;
use crate::kit::socket::{Came, Socket};

/// Each asks for names that only the schema tells.
const QUESTIONS: [&str; 4] = [
    "{ __schema { queryType { name } types { name fields { name } } } }",
    "{ __type(name: \"Invoice\") { name fields { name } } }",
    "query Q { again: __type(name: \"Invoice\") { ...F } } fragment F on __Type { name fields { name } }",
    "{ viewer { roles } ... on Query { __schema { types { fields { name } } } } }",
];

#[tokio::test(flavor = "multi_thread")]
async fn it_is_answered_to_who_is_signed_in_unless_it_is_off() {
    let running = Running::start_with(&Spec { guests: 80, ..Spec::default() }, "24h", Vec::new).await;
    let field = running.data(QUESTIONS[1], Value::Null).await["__type"]["fields"].clone();
    let names: Vec<&str> =
        field.as_array().expect("a list").iter().filter_map(|field| field["name"].as_str()).collect();
    let telling = names.iter().find(|name| name.len() > 5).expect("a name that no question bears");
    let off = running.another_with(|config| config.graphql.introspection = Introspection::Off).await;
    let token = running.issuer.token("ada", &["sankofa-it-admin"], true);
    for question in QUESTIONS {
        let signed_in = running.ask(question, Value::Null).await;
        assert!(
            signed_in.code().is_none() && signed_in.text.contains(telling),
            "{question}: {}",
            signed_in.text
        );
        let nobody = Client::new(running.gateway.address()).graphql(question, Value::Null).await;
        assert_eq!((nobody.status, nobody.code()), (401, Some("UNAUTHENTICATED")), "{question}");

        let nothing = Client::new(off.address()).bearing(&*token).graphql(question, Value::Null).await;
        assert!(!nothing.text.contains(telling), "{question}: {}", nothing.text);
        assert!(nothing.code().is_some(), "{question}: what is off says so: {}", nothing.text);
        let mut socket = Socket::greeted(off.address(), &token).await;
        socket.ask("1", question).await;
        let Came::Message(message) = socket.next().await else { panic!("{question}: no answer") };
        assert!(!message.to_string().contains(telling), "{question}: {message}");
    }
    off.stop().await;
    running.stop().await;
}

/// A misspelled name is not answered with the one that it is like.
#[tokio::test(flavor = "multi_thread")]
async fn no_name_is_suggested() {
    let running = Running::start_with(&Spec { guests: 80, ..Spec::default() }, "24h", Vec::new).await;
    for (query, hidden) in [
        ("{ organization { id } }", "organizations"),
        ("{ organizations { nodes { invoice { id } } } }", "invoices"),
        ("{ guests(filter: { statu: RUNNING }) { totalCount } }", "status"),
        ("{ guests(filter: { status: RUNNIN }) { totalCount } }", "RUNNING"),
        ("{ guests { nodes { ... on Gues { id } } } }", "Guest\""),
        ("mutation { refreshSourc(input: {}) { userErrors { code } } }", "refreshSource\""),
        ("subscription { fleetStatu { at } }", "fleetStatus"),
    ] {
        let mut socket = Socket::greeted(
            running.gateway.address(),
            &running.issuer.token("ada", &["fleetgraph-viewer"], false),
        )
        .await;
        socket.ask("1", query).await;
        let Came::Message(message) = socket.next().await else { panic!("{query}: no answer") };
        assert_eq!(message["type"], "error", "{query}: {message}");
        assert!(!message.to_string().contains(hidden), "{query}: {message}");
    }
    running.stop().await;
}

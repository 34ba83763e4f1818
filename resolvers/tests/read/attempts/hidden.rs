//! What a filter, an order, a count, a sum or a refusal could tell of what is hidden.

use async_graphql::Request;
use async_graphql::parser::types::TypeKind;
use async_graphql::parser::{parse_schema, types::TypeSystemDefinition};
use schema::ObjectId;
use schema::view::{HopKind, Override, Overrides};
use serde_json::{Value, json};

use super::{VAULT, answers, callers, context_of, context_over, fleet};

/// What a filter, an order, a count or a look-up could tell of what is hidden: the same as if it were not there.
#[tokio::test]
async fn what_is_hidden_answers_as_what_is_not_there() {
    let schema = resolvers::schema().finish();
    let callers = callers();
    let named = |name: &str| callers.iter().find(|caller| caller.name == name).expect("it is there");
    // The question, what is hidden, and what is not there.
    let of_lab = [
        (r#"guest(cluster: "canary-pve", vmid: {}) { name }"#, "6661", "9"),
        (r#"guest(cluster: "{}", vmid: 9) { name }"#, "canary-pve", "nowhere"),
        (r#"hostname(name: "{}.example.org") { name }"#, "canary", "x"),
        (r#"source(name: "{}") { name }"#, "canary-pve", "x"),
        (r#"source(name: "{}") { name }"#, "canary-npm", "x"),
        (r#"node(id: "Guest:{}:6661") { id }"#, "canary-pve", "x"),
        (r#"ipAddress(address: "{}") { network }"#, "10.66.1.10", "10.9.9.9"),
        (r#"switchPort(switch: "74:ac:b9:00:00:01", number: {}) { up }"#, "2", "9"),
        (r"paths(filter: { vmid: {} }) { totalCount }", "6661", "9"),
        (r#"paths(filter: { node: "{}" }) { totalCount }"#, "canary-node", "x"),
        (r#"paths(filter: { cluster: "{}" }) { totalCount }"#, "canary-pve", "x"),
        (r"paths(filter: { switchPortNumber: {} }) { totalCount }", "2", "9"),
        (r#"guests(filter: { nameContains: "{}" }) { totalCount }"#, "canary", "xx"),
        (r#"proxyHosts(filter: { domainContains: "{}" }) { totalCount }"#, "canary", "xx"),
        (r#"clients(filter: { mac: "{}" }) { totalCount }"#, "66:66:66:00:00:00", "66:66:66:00:00:99"),
        (r#"ipAddresses(filter: { within: "{}" }) { totalCount }"#, "10.66.0.0/16", "10.99.0.0/16"),
        (r#"search(text: "{}") { __typename }"#, "canary", "xxxxxx"),
        (r#"drift(filter: { subjectContains: "{}" }) { totalCount }"#, "canary", "xx"),
        (r#"clusterNodes(cluster: "{}") { totalCount }"#, "canary-pve", "x"),
        (r#"clusterNode(cluster: "canary-pve", name: "{}") { name }"#, "canary-node", "y"),
    ];
    let of_acme = [
        (r#"guests(filter: { node: "{}" }) { totalCount }"#, "pve1", "x"),
        (r#"paths(filter: { node: "{}" }) { totalCount }"#, "pve1", "x"),
        (r#"clusterNodes(cluster: "{}") { totalCount }"#, "pve-lab", "x"),
        (r#"clusterNode(cluster: "pve-lab", name: "{}") { name }"#, "pve1", "y"),
    ];
    let questions = of_lab.into_iter().map(|asked| ("lab", asked));
    for (by, (question, hidden, absent)) in questions.chain(of_acme.into_iter().map(|asked| ("acme", asked)))
    {
        let ask = async |value: &str| -> Value {
            let query = format!("{{ asked: {} }}", question.replace("{}", value));
            let response = schema.execute(Request::new(query).data(named(by).context.clone())).await;
            json!([response.data, response.errors])
        };
        assert_eq!(ask(hidden).await, ask(absent).await, "{question} tells {by} that {hidden} is there");
    }
}

/// A list in each of its orders, by every caller: a cursor holds what it was ordered by.
#[tokio::test]
async fn no_order_and_no_cursor_shows_what_is_hidden() {
    let schema = resolvers::schema().finish();
    let orders = orders(&resolvers::sdl());
    assert!(orders.len() >= 10, "{orders:?}");
    let mut leaks = Vec::new();
    for (field, order) in &orders {
        for direction in ["ASC", "DESC"] {
            let by = format!("orderBy: {{ field: {order}, direction: {direction} }}");
            let query = format!(
                "{{ {field}({by}) {{ totalCount edges {{ cursor node {{ id }} }} pageInfo {{ endCursor }} }} }}"
            );
            for caller in callers() {
                let answer = answers(&schema, &caller.context, &query, true).await;
                let leaked = caller.forbidden.iter().filter(|word| answer.contains(**word));
                leaks.extend(leaked.map(|word| format!("{}: `{word}` by {query}", caller.name)));
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}

/// The root's lists that can be ordered, each with each of its orders.
fn orders(sdl: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut values = std::collections::BTreeMap::new();
    for definition in parse_schema(sdl).expect("an SDL").definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        match definition.node.kind {
            TypeKind::Object(object) if name == "Query" => {
                for field in object.fields {
                    let order = field.node.arguments.iter().find(|one| one.node.name.node == "orderBy");
                    let order = order.map(|one| one.node.ty.node.to_string());
                    fields.extend(order.map(|order| (field.node.name.node.to_string(), order)));
                }
            }
            TypeKind::Enum(all) => {
                let all = all.values.iter().map(|value| value.node.value.node.to_string());
                values.insert(name, all.collect::<Vec<_>>());
            }
            _ => {}
        }
    }
    let each = |(field, order): (String, String)| {
        let values =
            values.get(&format!("{}Field", order.trim_end_matches('!'))).cloned().unwrap_or_default();
        values.into_iter().map(move |value| (field.clone(), value))
    };
    fields.into_iter().flat_map(each).collect()
}

/// A sum over rows is over those that one may see.
#[tokio::test]
async fn how_full_a_subnet_is_tells_nothing_of_rows_that_are_hidden() {
    let schema = resolvers::schema().finish();
    for (by, expected) in [("plan", 1.0 / 254.0), ("fleetgraph-viewer", 2.0 / 254.0)] {
        let query = "{ subnets { nodes { cidr utilisation } } }";
        let response = schema.execute(Request::new(query).data(context_of(&[by], false))).await;
        let answer = response.data.into_json().expect("JSON");
        let subnets = answer["subnets"]["nodes"].as_array().expect("a list");
        let apps = subnets.iter().find(|subnet| subnet["cidr"] == "10.0.1.0/24").expect("it is seen");
        assert_eq!(apps["utilisation"], json!(expected), "{by}");
    }
}

/// Whoever would be let in with a second factor is told so, also where it opens one place only.
#[tokio::test]
async fn a_refusal_says_where_a_second_factor_would_lift_it() {
    let schema = resolvers::schema().finish();
    let query = "{ organizations { totalCount } }";
    for (by, told) in [("proven", true), ("fleetgraph-viewer", false), ("nobody", false)] {
        let response = schema.execute(Request::new(query).data(context_of(&[by], false))).await;
        let [refused] = &response.errors[..] else { panic!("{by}: {:?}", response.errors) };
        assert_eq!(refused.message.contains("second factor"), told, "{by}: {}", refused.message);
    }
}

/// The metrics name every source: who sees some of them does not see those.
#[test]
fn the_metrics_are_for_who_sees_every_source() {
    for (by, sees_some, may) in
        [("fleetgraph-viewer", true, true), ("plan", true, false), ("nobody", false, false)]
    {
        let context = context_of(&[by], false);
        assert_eq!(context.may_somewhere(schema::policy::Permission::InventoryRead), sees_some, "{by}");
        assert_eq!(context.may_read_metrics(), may, "{by}");
    }
}

/// A hop that was decided into the vault: who saw the path before still sees it, and not where it leads now.
#[tokio::test]
async fn a_path_that_was_led_elsewhere_shows_its_old_people_nothing_of_that() {
    let schema = resolvers::schema().finish();
    let path =
        ObjectId::Path { source: "edge".into(), reference: "p1".into(), entry: "app.example.org".into() };
    let address = ObjectId::IpAddress { network: "default".into(), address: [10, 66, 1, 10].into() };
    let guest = ObjectId::Guest { cluster: "canary-pve".into(), vmid: 6661 };
    let host = ObjectId::ProxyHost { source: "edge".into(), reference: "p3".into() };
    for (hop, target) in [(HopKind::Address, address), (HopKind::Guest, guest), (HopKind::ProxyHost, host)] {
        let mut overrides = Overrides::default();
        overrides.set(path.clone(), hop, Override { target: Some(target), reason: "moved".into() });
        let view = fleet::decided(overrides);
        let (lab, viewer) =
            (context_over(&view, &["audit@lab"], false), context_over(&view, &["fleetgraph-viewer"], false));
        let everything = "{ paths(first: 100, orderBy: { field: ADDRESS }) { totalCount edges { cursor node { entry port \
            proxyHost { id } address { address } guest { vmid } node { name } switchPort { number } \
            hops { state target { __typename } candidates { __typename } evidence { detail } } } } } }";
        let seen = answers(&schema, &lab, everything, true).await;
        assert!(seen.contains("app.example.org") && seen.contains("OVERRIDDEN"), "{hop:?}: {seen}");
        assert!(answers(&schema, &viewer, everything, true).await.contains("10.66.1.10"), "{hop:?}");
        for question in [
            everything,
            r#"{ ipAddress(address: "10.66.1.10") { network } }"#,
            r#"{ ipAddresses(filter: { within: "10.66.0.0/16" }) { totalCount nodes { address } } }"#,
            r#"{ search(text: "10.66.1") { ... on IpAddress { address } } }"#,
            r#"{ node(id: "IpAddress:default:10.66.1.10") { id } }"#,
            "{ drift(first: 100) { nodes { kind message observed declared } } }",
        ] {
            let answer = answers(&schema, &lab, question, true).await;
            let leaked: Vec<_> = VAULT.iter().filter(|word| answer.contains(**word)).collect();
            assert!(leaked.is_empty(), "{hop:?}: {leaked:?} by {question}: {answer}");
        }
        let filtered = r#"{ paths(filter: { address: "10.66.1.10" }) { totalCount } }"#;
        let answer = schema.execute(Request::new(filtered).data(lab)).await;
        assert_eq!(
            answer.data.into_json().expect("JSON"),
            json!({ "paths": { "totalCount": 0 } }),
            "{hop:?}"
        );
    }
}

/// The other way round: whoever sees where it was led learns nothing of where it led before.
#[tokio::test]
async fn a_path_that_was_led_here_shows_its_new_people_nothing_of_its_own_target() {
    let schema = resolvers::schema().finish();
    let path =
        ObjectId::Path { source: "edge".into(), reference: "p3".into(), entry: "canary.example.org".into() };
    let address = ObjectId::IpAddress { network: "default".into(), address: [10, 0, 1, 10].into() };
    let guest = ObjectId::Guest { cluster: "pve-lab".into(), vmid: 100 };
    for (hop, target) in [(HopKind::Address, address), (HopKind::Guest, guest)] {
        let mut overrides = Overrides::default();
        overrides.set(path.clone(), hop, Override { target: Some(target), reason: "moved".into() });
        let view = fleet::decided(overrides);
        let lab = context_over(&view, &["audit@lab"], false);
        let seen = answers(&schema, &lab, "{ paths(first: 100) { nodes { entry } } }", true).await;
        assert!(seen.contains("canary.example.org"), "{hop:?}: {seen}");
        for question in [
            "{ proxyHosts(first: 100) { nodes { forwardScheme forwardHost forwardPort upstreamAddress { address } \
                locations { path forwardHost forwardPort } } } }",
            r#"{ search(text: "canary-guest") { ... on ProxyHost { id } } }"#,
        ] {
            let answer = answers(&schema, &lab, question, true).await;
            for word in ["canary-guest", "10.66.", "6668", "edge:p3"] {
                assert!(!answer.contains(word), "{hop:?}: {word} by {question}: {answer}");
            }
        }
    }
}

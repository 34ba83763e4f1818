//! The real read API behind the front door, over a fleet of which nothing is known yet.

use serde_json::json;

use crate::kit::Server;

#[tokio::test]
async fn variables_and_complexity_are_refused_before_anything_runs() {
    let server = Server::reading();
    let guest = "query($c: String!, $v: Int!) { guest(cluster: $c, vmid: $v) { name } }";
    let address = "query($a: IpAddr!) { ipAddress(address: $a) { id } }";
    let page = "query($n: Int) { guests(first: $n) { totalCount } }";
    let (bad, limit, unknown) = ("400 BAD_USER_INPUT", "400 LIMIT_EXCEEDED", "200 SOURCE_FAILED");
    for (query, variables, expected) in [
        (address, json!({"a": "10.0.0.1"}), unknown),
        (address, json!({"a": "10.0.0.1", "unknown": 1}), unknown),
        (address, json!({"a": "10.0.0.256"}), bad),
        (address, json!({"a": 1}), bad),
        (address, json!({"a": null}), bad),
        (address, json!({}), bad),
        (guest, json!({"c": "pve", "v": 1.5}), bad),
        (guest, json!({"c": "pve", "v": 2_147_483_648_u64}), bad),
        (guest, json!({"c": "pve", "v": "x".repeat(10_000)}), bad),
        (page, json!({}), "200"),
        (page, json!({"n": null}), "200"),
        (page, json!({"n": 1000}), "200"),
        (page, json!({"n": 1001}), limit),
        (page, json!({"n": -1}), bad),
        ("{guests(first:1000){nodes{paths(first:1000){nodes{id}}}}}", json!({}), limit),
        ("{ipAddress(address:\"10.0.0.256\"){id}}", json!({}), "400 GRAPHQL_VALIDATION_FAILED"),
        ("{guest(cluster:\"pve\",vmid:\"x\"){id}}", json!({}), "400 GRAPHQL_VALIDATION_FAILED"),
    ] {
        let answer = server.post(&json!({"query": query, "variables": variables}).to_string()).await;
        assert_eq!(answer.verdict(), expected, "{query} {variables:.60}: {}", answer.body);
        assert!(answer.message().len() <= 500, "{}", answer.message());
        assert_eq!(answer.json().get("data").is_some(), answer.status == 200, "{query}");
    }
}

#[tokio::test]
async fn an_answer_names_the_sources_that_it_could_rest_on() {
    let server = Server::reading();
    let silent = json!({"pve": {"collectedAt": null, "stale": true}});
    for (query, data, code, freshness) in [
        ("{guests{totalCount}}", json!({"guests": {"totalCount": 0}}), None, &silent),
        ("{__typename}", json!({"__typename": "Query"}), None, &json!({})),
        // Nothing is known of the only cluster: that is no answer.
        ("{guest(cluster:\"pve\",vmid:1){name}}", json!({ "guest": null }), Some("SOURCE_FAILED"), &silent),
        ("{guest(cluster:\"other\",vmid:1){name}}", json!({ "guest": null }), None, &silent),
    ] {
        let answer = server.query(query).await;
        let json = answer.json();
        assert_eq!((answer.status, &json["data"]), (200, &data), "{query}: {}", answer.body);
        assert_eq!(json["errors"][0]["extensions"]["code"].as_str(), code, "{query}");
        assert_eq!(&json["extensions"]["freshness"], freshness, "{query}");
    }
}

/// What GraphiQL asks first passes every limit.
#[tokio::test]
async fn the_explorers_introspection_is_answered() {
    let server = Server::reading();
    let type_ref = "kind name ".to_owned() + &"ofType { kind name ".repeat(9) + &"}".repeat(9);
    let input = format!("name description type {{ {type_ref} }} defaultValue isDeprecated deprecationReason");
    let query = format!(
        "{{ __schema {{ queryType {{ name }} types {{ kind name description specifiedByURL
            fields(includeDeprecated: true) {{ name args(includeDeprecated: true) {{ {input} }} type {{ {type_ref} }} }}
            inputFields(includeDeprecated: true) {{ {input} }} interfaces {{ {type_ref} }}
            enumValues(includeDeprecated: true) {{ name }} possibleTypes {{ {type_ref} }} }}
            directives {{ name isRepeatable locations args {{ {input} }} }} }} }}"
    );
    let answer = server.query(&query).await;
    assert_eq!(answer.verdict(), "200", "{}", answer.message());
    let types = answer.json()["data"]["__schema"]["types"].as_array().map_or(0, Vec::len);
    assert!(types > 50, "{types} types");
}

/// The explorer's first query is one that this schema answers.
#[tokio::test]
async fn the_explorers_first_query_is_answered() {
    let server = Server::reading();
    let answer = server.query(include_str!("../../assets/graphiql/first.graphql")).await;
    assert_eq!(answer.json()["data"], json!({"paths": {"totalCount": 0, "nodes": []}}), "{}", answer.body);
}

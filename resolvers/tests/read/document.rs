//! What is decided about an operation before it runs: what it costs, whether its variables fit, which sources it uses.

use async_graphql::Variables;
use async_graphql::parser::parse_query;
use resolvers::{Limits, Refusal};
use serde_json::{Value, json};

use crate::fleet;

fn cost(query: &str, variables: &Value) -> Result<u64, Refusal> {
    let document = parse_query(query).expect("a document");
    resolvers::cost(&document, None, &Variables::from_json(variables.clone()), Limits::default())
}

#[test]
fn an_operation_costs_what_the_reference_says() {
    let check =
        |query: &str, expected: u64| assert_eq!(cost(query, &json!({ "n": 7 })), Ok(expected), "{query}");
    check("{ viewer { subject } }", 2);
    check("{ __typename viewer { __typename subject } }", 2);
    check("{ __schema { types { name } } }", 0);
    check("{ viewer { roles groups } }", 1);
    check("{ sources { name kind } }", 1 + 10 * 2);
    check("{ guests { totalCount } }", 2);
    check("{ guests { nodes { vmid name } } }", 2 + 50 * 2);
    check("{ guests(first: null) { nodes { vmid } } }", 2 + 50);
    check("{ guests(first: 3) { nodes { vmid } edges { cursor node { vmid } } } }", 3 + 3 + 3 * 3);
    check("query($n: Int) { guests(first: $n) { nodes { vmid } } }", 2 + 7);
    check("query($m: Int = 4) { guests(first: $m) { nodes { vmid } } }", 2 + 4);
    check("{ guests(first: 2) { nodes { paths(first: 3) { nodes { id } } } } }", 2 + 2 * (2 + 3));
    check(
        "{ paths(first: 1) { nodes { hops { kind evidence { rule detail } } } } }",
        2 + 1 + 5 * (1 + 1 + 3 * 2),
    );
    check("{ paths(first: 1) { nodes { switchPorts { number } } } }", 2 + 1 + 2);
    check("{ paths(first: 1) { nodes { guests { vmid } } } }", 2 + 1 + 10);
    check("{ guest(cluster: \"a\", vmid: 1) { impact { nodes { id } } } }", 1 + 100 + 1 + 10);
    check("{ search(text: \"a\", first: 4) { ... on Guest { vmid } ... on Switch { name } } }", 1 + 4 * 2);
    check("{ source(name: \"a\") { problems { code } } }", 1 + 1 + 20);
    check(
        "{ guests(first: 5) { ...P } } fragment P on GuestConnection { totalCount nodes { ...G } } \
           fragment G on Guest { vmid name }",
        1 + 1 + 1 + 5 * 2,
    );
    check("{ a: viewer { subject } b: viewer { subject } }", 4);
    check(
        "query($n: Int) { viewer @skip(if: true) { subject } guests(first: $n) @include(if: false) { totalCount } }",
        0,
    );
    check("{ nothing { of { this } } }", 1);
}

#[test]
fn where_introspection_is_off_it_is_refused_in_any_shape() {
    let limits = Limits { introspection: false, ..Limits::default() };
    for (query, refused) in [
        ("{ __schema { types { name } } }", true),
        ("{ a: __type(name: \"Guest\") { name } }", true),
        (
            "{ sources { name } ...A } fragment A on Query { ... { ...B } } fragment B on Query { __schema { __typename } }",
            true,
        ),
        ("{ ... on Query @include(if: false) { __schema { __typename } } }", true),
        ("{ __typename sources { __typename } }", false),
        ("{ __schemas: sources { name } }", false),
        ("{ ...A } fragment A on Query { sources { name } ...A }", false),
    ] {
        let document = parse_query(query).expect("a document");
        let outcome = resolvers::cost(&document, None, &Variables::default(), limits);
        assert_eq!(matches!(outcome, Err(Refusal::Document(_))), refused, "{query}: {outcome:?}");
    }
}

#[test]
fn roots_are_counted() {
    let many = "__schema { types { name } } ".repeat(5);
    let aliased = "a: __schema { types { name } } b: __schema { types { name } } ".repeat(3);
    for (query, refused) in [
        (format!("{{ {many} }}"), true),
        (format!("{{ {aliased} }}"), true),
        ("{ __schema { types { name } } __type(name: \"Guest\") { name } }".to_owned(), false),
        ("subscription { fleetStatus { at } }".to_owned(), false),
        ("subscription { fleetStatus { ...F } } fragment F on FleetStatus { at }".to_owned(), false),
        ("subscription { ...F } fragment F on Subscription { fleetStatus { at } }".to_owned(), true),
        ("subscription { ... on Subscription { fleetStatus { at } } }".to_owned(), true),
        ("subscription { fleetStatus @skip(if: true) { at } }".to_owned(), true),
        ("subscription { a: fleetStatus { at } b: fleetStatus { at } }".to_owned(), true),
        (
            "subscription { fleetStatus { at } ...F } fragment F on Subscription { b: fleetStatus { at } }"
                .to_owned(),
            true,
        ),
    ] {
        let outcome = cost(&query, &json!({}));
        assert_eq!(matches!(outcome, Err(Refusal::Document(_))), refused, "{query}: {outcome:?}");
    }
}

/// async-graphql leaves such a fragment out, though the object is one of the union.
#[test]
fn a_fragment_on_a_union_is_taken_where_that_union_is_answered() {
    for (query, refused) in [
        ("{ search(text: \"a\") { ... on SearchHit { __typename ... on Guest { vmid } } } }", false),
        ("{ search(text: \"a\") { ...F } } fragment F on SearchHit { ... { ... on Guest { vmid } } }", false),
        ("{ search(text: \"a\") { ... on Guest { ... on SearchHit { __typename } } } }", true),
        ("{ node(id: \"Guest:a:1\") { ... on SearchHit { __typename } } }", true),
        (
            "{ guest(cluster: \"a\", vmid: 1) { ...F } } fragment F on SearchHit { ... on Guest { vmid } }",
            true,
        ),
        (
            "{ a: search(text: \"a\") { ...F } b: guests { nodes { ...F } } } fragment F on SearchHit { __typename }",
            true,
        ),
    ] {
        let outcome = cost(query, &json!({}));
        assert_eq!(matches!(outcome, Err(Refusal::Document(_))), refused, "{query}: {outcome:?}");
    }
}

#[test]
fn a_thousand_whole_paths_fit_and_much_more_does_not() {
    let hops = "hops { kind state stale candidateCount collectedAt evidence { rule detail } }";
    let page =
        format!("{{ paths(first: 1000) {{ nodes {{ id entry location port state asOf stale {hops} }} }} }}");
    assert!(cost(&page, &json!({})).is_ok_and(|cost| cost > 60_000));
    let refused =
        cost("{ guests(first: 1000) { nodes { paths(first: 1000) { nodes { id } } } } }", &json!({}));
    assert!(
        matches!(refused, Err(Refusal::TooComplex { cost, limit: 250_000 }) if cost > 1_000_000),
        "{refused:?}"
    );
}

#[test]
fn pages_have_a_size_that_can_be_served() {
    let code =
        |query: &str, variables: Value| cost(query, &variables).map_err(|refusal| refusal.code().as_str());
    assert_eq!(code("{ guests(first: 1001) { totalCount } }", json!({})), Err("LIMIT_EXCEEDED"));
    let wide = "{ guest(cluster: \"a\", vmid: 3000000000) { id } }";
    assert_eq!(code(wide, json!({})), Err("GRAPHQL_VALIDATION_FAILED"), "an Int has 32 bits");
    let nested = "{ paths(filter: { vmid: -3000000000 }) { totalCount } }";
    assert_eq!(code(nested, json!({})), Err("GRAPHQL_VALIDATION_FAILED"), "an Int has 32 bits");
    assert_eq!(code("{ guests(first: -1) { totalCount } }", json!({})), Err("BAD_USER_INPUT"));
    assert_eq!(code("{ search(text: \"a\", first: 1001) { __typename } }", json!({})), Err("LIMIT_EXCEEDED"));
    assert_eq!(
        code("query($n: Int) { guests(first: $n) { totalCount } }", json!({ "n": 1001 })),
        Err("LIMIT_EXCEEDED")
    );
    assert_eq!(code("{ guests(first: 0) { totalCount } }", json!({})), Ok(2));
}

/// Fragments that each spread the next one as `body` says, the last of which selects something.
fn chain(query: &str, length: usize, body: &str) -> String {
    let fragment = |level: usize| {
        let body = body.replace('?', &(level + 1).to_string());
        format!("fragment F{level} on Query {{ {body} }}")
    };
    let fragments: Vec<String> = (0..length).map(fragment).collect();
    format!("{query} {} fragment F{length} on Query {{ viewer {{ subject }} }}", fragments.join(" "))
}

/// Each fragment is walked once, whatever spreads it: 2^40 fields are counted in no time, and refused.
#[test]
fn fragments_that_multiply_are_counted_without_being_unrolled() {
    let query = chain("{ ...F0 }", 40, "...F? ...F?");
    assert!(matches!(cost(&query, &json!({})), Err(Refusal::TooComplex { .. })));
    let document = parse_query(query.replace("subject", "__typename")).expect("a document");
    assert!(resolvers::Plan::compile(&document, None, &Variables::default()).is_ok(), "it has one field");
    // One that contains itself is validation's to refuse; the walk ends all the same.
    assert!(cost("{ ...F } fragment F on Query { viewer { subject } ...F }", &json!({})).is_ok());
    let deep = cost(&chain("{ ...F0 }", 300, "...F?"), &json!({}));
    assert!(matches!(deep, Err(Refusal::Document(_))), "{deep:?}");
}

#[test]
fn variables_are_of_the_types_that_the_operation_declares() {
    let check = |declared: &str, value: Value, good: bool| {
        let document =
            parse_query(format!("query(${declared}) {{ viewer {{ subject }} }}")).expect("a document");
        let variables =
            Variables::from_json(if value == json!("left out") { json!({}) } else { json!({ "v": value }) });
        let checked = resolvers::check_variables(&document, None, &variables);
        assert_eq!(checked.is_ok(), good, "${declared} of {value}: {checked:?}");
        assert!(checked.is_ok_and(|()| true) == good);
    };
    check("v: Int", json!(1), true);
    check("v: Int", json!(null), true);
    check("v: Int", json!("left out"), true);
    check("v: Int!", json!("left out"), false);
    check("v: Int! = 3", json!("left out"), true);
    check("v: Int!", json!(null), false);
    check("v: Int", json!(3_000_000_000u32), false);
    check("v: Int", json!(1.5), false);
    check("v: Int", json!("1"), false);
    check("v: String", json!(1), false);
    check("v: Boolean", json!(true), true);
    check("v: ID", json!(7), true);
    check("v: [Int!]", json!([1, 2]), true);
    check("v: [Int!]", json!([1, null]), false);
    check("v: [Int!]", json!(1), true);
    check("v: IpAddr", json!("10.0.0.1"), true);
    check("v: IpAddr", json!("10.0.0.256"), false);
    check("v: IpAddr", json!("10.0.0.1/24"), false);
    check("v: Cidr", json!("10.0.0.0/24"), true);
    check("v: Cidr", json!("10.0.0.1/24"), false);
    check("v: Cidr", json!("fd00::/8"), true);
    check("v: Cidr", json!("0.0.0.0/0"), true);
    check("v: Cidr", json!("010.0.0.0/24"), false);
    check("v: Cidr", json!("10.0.0.0/+24"), false);
    check("v: Cidr", json!("10.0.0.0/024"), false);
    check("v: Cidr", json!("10.0.0.0/33"), false);
    check("v: Cidr", json!("10.0.0.0"), false);
    check("v: MacAddr", json!("BC-24-11-00-00-01"), true);
    check("v: MacAddr", json!("bc:24:11:00:00"), false);
    check("v: DateTime", json!("2026-01-01T00:00:00+01:00"), true);
    check("v: DateTime", json!("2026-01-01"), false);
    check("v: Cursor", json!("!"), false);
    check("v: GuestStatus", json!("RUNNING"), true);
    check("v: GuestStatus", json!("FLYING"), false);
    check("v: GuestFilter", json!({ "status": "RUNNING", "tag": "a" }), true);
    check("v: GuestFilter", json!({ "status": "FLYING" }), false);
    check("v: GuestFilter", json!({ "sta": "RUNNING" }), false);
    check("v: GuestFilter", json!("RUNNING"), false);
    check("v: GuestOrder", json!({}), false);
    check("v: GuestOrder", json!({ "field": "NAME" }), true);
}

#[test]
fn freshness_names_the_sources_of_the_types_that_are_selected() {
    let context = fleet::context(fleet::troubled());
    let check = |query: &str, expected: &[&str]| {
        let document = parse_query(query).expect("a document");
        let named: Vec<String> = resolvers::freshness(&document, None, &context).into_keys().collect();
        assert_eq!(named, expected, "{query}");
    };
    let chain = ["edge", "edge-far", "ipam", "office", "office-far", "pve-edge", "pve-far", "pve-lab"];
    let all =
        ["billing", "edge", "edge-far", "ipam", "office", "office-far", "pve-edge", "pve-far", "pve-lab"];
    check("{ viewer { subject } }", &[]);
    check("{ __schema { types { name } } }", &[]);
    check("{ certificates { totalCount } }", &["edge", "edge-far"]);
    check("{ guests(first: 0) { nodes { name } } }", &["pve-edge", "pve-far", "pve-lab"]);
    check("{ paths { nodes { id } } }", &chain);
    check("{ paths { nodes { hops { target { id } } } } }", &chain);
    check(
        "{ guest(cluster: \"none\", vmid: 1) { owner { name } } }",
        &["billing", "pve-edge", "pve-far", "pve-lab"],
    );
    check(
        "{ switches { ...S } } fragment S on SwitchConnection { nodes { name } }",
        &["office", "office-far"],
    );
    check("{ subnets { totalCount } }", &["ipam", "office", "office-far"]);
    check("{ sources { name } }", &all);
    check("{ node(id: \"x\") { id } }", &all);
    check("{ search(text: \"x\") { __typename } }", &all);
    let document = parse_query("{ guests { totalCount } }").expect("a document");
    let found = resolvers::freshness(&document, None, &context);
    assert_eq!((found["pve-far"].collected_at.clone(), found["pve-far"].stale), (None, true));
    assert!(found["pve-lab"].stale, "its last attempt failed");
    assert!(found["pve-edge"].stale, "it holds a list back");
    let sound = resolvers::freshness(&document, None, &fleet::context(fleet::sources()));
    assert_eq!(sound["pve-lab"].collected_at.as_deref(), Some("2026-01-01T00:00:00.000Z"));
    assert!(!sound["pve-lab"].stale);
}

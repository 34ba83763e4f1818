//! Attempts to see what one may not: every field, by every caller, in every shape of query. No answer may hold a canary.

mod emptied;
mod fleet;
mod hidden;
mod routes;
mod watching;

use std::sync::Arc;

use async_graphql::Request;
use async_graphql::parser::parse_query;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use resolvers::{Access, Plan, ReadSchema, RequestContext};
use routes::{SHAPES, Types, shaped};
use schema::policy::{Base, Decisions, Policies, Principal};
use schema::view::View;
use serde_json::{Value, json};

/// What only the vault's people may see: words, addresses, VMIDs and MACs of theirs.
const VAULT: &[&str] = &["canary", "10.66.", "666", "66:66"];
const ORGANIZATIONS: &[&str] = &["orgsecret"];
const BILLING: &[&str] = &["billsecret"];
/// The node of a guest that one sees because one owns it.
const NODE: &[&str] = &["pve1"];
/// What everybody sees who may see anything.
const ANYTHING: &[&str] = &["app.example.org", "10.0.1.10", "pve1"];

struct Caller {
    name: &'static str,
    context: RequestContext,
    /// What no answer to this caller may hold.
    forbidden: Vec<&'static str>,
}

/// What an installation writes besides the built-in policies: whose customers see what is theirs, and what a second factor
/// opens in one place.
const WRITTEN: &str = r#"
permit (principal in Role::"acme", action in [Action::"inventory:read", Action::"organization:read"], resource)
when { resource has owner && resource.owner == "orgsecret-acme" };
permit (principal in Role::"proven", action, resource in Environment::"office") when { principal.mfa };
permit (principal in Role::"plan", action == Action::"inventory:read", resource in Environment::"lab");
"#;

fn policies() -> Policies {
    Policies::load([("written.cedar".to_owned(), WRITTEN.to_owned())], Base::Extend).expect("they are right")
}

/// Each role of the reference, with and without a second factor, somebody of the lab alone, a customer, and nobody.
fn callers() -> Vec<Caller> {
    let view = fleet::view();
    let (policies, decisions) = (policies(), Arc::new(Decisions::default()));
    let caller = |name: &'static str, roles: &[&str], mfa: bool, forbidden: &[&[&'static str]]| {
        let principal = Principal::with_roles(name, roles.iter().copied(), mfa);
        let access = Access::of(decisions.asking(policies.clone(), Arc::new(principal)));
        Caller { name, context: fleet::context(&view, access), forbidden: forbidden.concat() }
    };
    let readers = [
        "fleetgraph-viewer",
        "fleetgraph-operator",
        "fleetgraph-approver",
        "fleetgraph-network",
        "fleetgraph-auditor",
        "fleetgraph-publisher",
    ];
    let mut callers: Vec<Caller> =
        readers.into_iter().map(|role| caller(role, &[role], false, &[ORGANIZATIONS, BILLING])).collect();
    callers.extend([
        caller("lab", &["audit@lab"], false, &[VAULT, ORGANIZATIONS, BILLING]),
        caller("acme", &["acme"], false, &[VAULT, BILLING, NODE]),
        caller("fleetgraph-billing", &["fleetgraph-billing"], false, &[]),
        caller("sankofa-it-admin", &["sankofa-it-admin"], true, &[]),
        caller("sankofa-it-admin, one factor", &["sankofa-it-admin"], false, &[ORGANIZATIONS, BILLING]),
        caller(
            "fleetgraph-reporter",
            &["fleetgraph-reporter"],
            false,
            &[VAULT, ORGANIZATIONS, BILLING, ANYTHING],
        ),
        caller("nobody", &[], true, &[VAULT, ORGANIZATIONS, BILLING, ANYTHING]),
    ]);
    callers
}

/// A request of somebody with these roles.
fn context_of(roles: &[&str], mfa: bool) -> RequestContext {
    context_over(&fleet::view(), roles, mfa)
}

fn context_over(view: &Arc<View>, roles: &[&str], mfa: bool) -> RequestContext {
    let principal = Arc::new(Principal::with_roles("somebody", roles.iter().copied(), mfa));
    let asking = Arc::new(Decisions::default()).asking(policies(), principal);
    fleet::context(view, Access::of(asking))
}

/// The answer as text, and the other reader's as well where `both` are asked.
async fn answers(schema: &ReadSchema, context: &RequestContext, query: &str, both: bool) -> String {
    let document = parse_query(query).expect("a query");
    let request = Request::new(query).data(context.clone());
    let response = schema.execute(request).await;
    let freshness = json!(resolvers::freshness(&document, None, context));
    let mut text = json!({ "answer": response, "freshness": freshness }).to_string();
    text += &unpacked(&json!(response.data));
    assert!(response.errors.iter().all(|error| !error.path.is_empty()), "{query} is not valid: {text}");
    if both {
        let plan = Plan::compile(&document, None, &async_graphql::Variables::default()).expect("it is valid");
        let (bytes, errors) = plan.run(context);
        text += std::str::from_utf8(&bytes).expect("UTF-8");
        text += &json!(errors).to_string();
    }
    text
}

/// The texts that are packed into an answer, as its cursors are, where a search for words would not find them.
fn unpacked(value: &Value) -> String {
    match value {
        Value::String(text) => {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok();
            bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
        }
        Value::Array(all) => all.iter().map(unpacked).collect(),
        Value::Object(members) => members.values().map(unpacked).collect(),
        _ => String::new(),
    }
}

#[tokio::test]
async fn no_attempt_in_any_shape_shows_what_the_caller_may_not_see() {
    let types = Types::of(&resolvers::sdl());
    let schema = resolvers::schema().finish();
    let callers = callers();
    let mut attempts = 0;
    let mut leaks = Vec::new();
    let mut shown_to_administrator = String::new();
    for on in types.readable() {
        let routes = if on == "Query" { vec![Vec::new()] } else { types.routes(on, 4) };
        for asked in types.fields(on) {
            for shape in 0..SHAPES {
                let route = &routes[shape % routes.len()];
                let query = shaped(shape, route, on, &asked);
                for caller in &callers {
                    attempts += 1;
                    let answer = answers(&schema, &caller.context, &query, shape == 0).await;
                    if caller.name == "sankofa-it-admin" {
                        shown_to_administrator += &answer;
                    }
                    let leaked = caller.forbidden.iter().filter(|word| answer.contains(**word));
                    leaks.extend(leaked.map(|word| format!("{}: `{word}` by {query}", caller.name)));
                }
            }
        }
    }
    assert!(
        leaks.is_empty(),
        "{} leaks, among them:\n{}",
        leaks.len(),
        leaks[..leaks.len().min(12)].join("\n")
    );
    assert!(attempts >= 10_000, "only {attempts} attempts");
    // Canaries that nobody can see would prove nothing.
    for word in [VAULT, ORGANIZATIONS, BILLING, ANYTHING].concat() {
        assert!(shown_to_administrator.contains(word), "the administrator sees no `{word}` either");
    }
    eprintln!("{attempts} attempts, none shows what it may not");
}

/// Each place is decided once, whoever else asks: not once a row.
#[tokio::test]
async fn a_thousand_rows_at_few_places_make_few_decisions() {
    let view = fleet::crowd();
    // A set of its own: the other tests of this process count in the built-in one.
    let policies = Policies::load([], Base::Extend).expect("the built-in policies");
    let decisions = Arc::new(Decisions::default());
    let schema = resolvers::schema().finish();
    let query = "{ guests(first: 1000) { totalCount nodes { name node { name } cluster { name } } } }";
    let ask = async || {
        let who = Arc::new(Principal::with_roles("lab", ["audit@lab"], false));
        let context = fleet::context(&view, Access::of(decisions.asking(policies.clone(), who)));
        let answer = schema.execute(Request::new(query).data(context)).await.data.into_json().expect("JSON");
        assert_eq!(answer["guests"]["totalCount"], 1000);
    };
    let before = policies.evaluations();
    ask().await;
    let first = policies.evaluations() - before;
    // Ten nodes, and the source itself.
    assert!((1..=11).contains(&first), "{first} decisions for a thousand rows at eleven places");
    ask().await;
    assert_eq!(policies.evaluations() - before, first, "the second request decided anew");
}

/// The lab's people see the lab from public name to cable, through a proxy and a switch that all share.
#[tokio::test]
async fn who_sees_a_part_of_the_fleet_sees_it_from_name_to_cable() {
    let callers = callers();
    let lab = &callers.iter().find(|caller| caller.name == "lab").expect("it is there").context;
    let query = r"{
        paths { totalCount nodes { entry state proxyHost { domainNames forwardHost locations { path } certificate { niceName } }
            guest { name cluster { name } } node { name } switchPort { number switch { name } }
            hops { kind state candidateCount target { id } evidence { detail } } } }
        sources { name state objectCount error { message } }
        switches { nodes { name ports { number } } }
        drift { nodes { kind subject message } }
        organizations { totalCount }
    }";
    let schema = resolvers::schema().finish();
    let answer = schema.execute(Request::new(query).data(lab.clone())).await;
    compare(
        &serde_json::to_string_pretty(&json!({ "data": answer.data, "errors": answer.errors }))
            .expect("JSON"),
    );
}

/// Compares with the checked-in answer; UPDATE_CASES=1 writes it instead.
fn compare(answer: &str) {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/read/attempts/lab.json");
    #[expect(clippy::disallowed_methods, reason = "a switch of this test, not configuration")]
    if std::env::var("UPDATE_CASES").is_ok() {
        std::fs::write(&file, format!("{answer}\n")).expect("the folder can be written to");
    }
    let expected = std::fs::read_to_string(&file).expect("a checked-in answer");
    assert_eq!(format!("{answer}\n"), expected);
}

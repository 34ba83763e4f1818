//! Mutations over a small world: who may, what is refused and how, what is written down, and what the payload shows.

#[path = "../read/fleet.rs"]
#[expect(dead_code, reason = "the fleet with silent sources is for reading")]
mod fleet;
mod standing;
mod world;

use async_graphql::Request;
use serde_json::{Value, json};
use world::{Mood, World};

const OPERATOR: &[&str] = &["fleetgraph-operator"];
const NETWORK: &[&str] = &["fleetgraph-network"];
const VIEWER: &[&str] = &["fleetgraph-viewer"];
const REPORTER: &[&str] = &["fleetgraph-reporter"];

/// What a mutation answers, and what was asked of the world for it.
async fn ask(roles: &'static [&'static str], mood: Mood, mutation: &str) -> (Value, Vec<String>) {
    let world = World::new(roles, mood);
    let text = format!("mutation {{ {mutation} }}");
    let response = resolvers::schema().finish().execute(Request::new(text).data(world.request())).await;
    let mut answer = serde_json::to_value(&response.data).expect("JSON");
    for error in &response.errors {
        let code = error.extensions.as_ref().and_then(|one| one.get("code")).cloned();
        let code = code.and_then(|code| code.into_json().ok()).unwrap_or_default();
        answer["errors"][serde_json::to_string(&error.path).expect("JSON")] = code;
    }
    let asked = world.asked.lock().expect("no panic").clone();
    (answer, asked)
}

/// One mutation by one caller.
struct Case {
    by: &'static [&'static str],
    mood: Mood,
    mutation: &'static str,
    answer: Value,
    asked: &'static [&'static str],
}

async fn check(case: Case) {
    let (answer, asked) = ask(case.by, case.mood, case.mutation).await;
    assert_eq!(answer, case.answer, "{:?} {:?}: {}", case.by, case.mood, case.mutation);
    assert_eq!(asked, case.asked, "{:?} {:?}: {}", case.by, case.mood, case.mutation);
}

const REFRESH: &str = r#"refreshSource(input: { id: "Source:edge" }) { collected source { name collectedAt } userErrors { code path } }"#;

/// An override's mutation.
macro_rules! override_hop {
    ($path:literal, $rest:literal) => {
        concat!(
            "overrideHop(input: { path: \"",
            $path,
            "\", ",
            $rest,
            " }) { path { guest { vmid } hops { kind state target { id } } } userErrors { code path } }"
        )
    };
}

use override_hop;

fn forbidden(field: &str) -> Value {
    json!({ field: null, "errors": { format!("[\"{field}\"]"): "FORBIDDEN" } })
}

#[tokio::test]
async fn a_source_is_refreshed_and_shown_as_it_is_after() {
    let refreshed = json!({ "name": "edge", "collectedAt": "2026-01-01T00:00:04.000Z" });
    check(Case {
        by: OPERATOR,
        mood: Mood::Well,
        mutation: REFRESH,
        answer: json!({ "refreshSource": { "collected": true, "source": refreshed, "userErrors": [] } }),
        asked: &[
            "refreshSource Source:edge at baremetal:lab:*:* \"\": {\"collectedAt\":\"2026-01-01T00:00:00.000Z\"} -> null",
        ],
    })
    .await;
    let failed = json!({ "name": "edge", "collectedAt": "2026-01-01T00:00:00.000Z" });
    let why = json!([{ "code": "UNAVAILABLE", "path": null }]);
    check(Case {
        by: OPERATOR,
        mood: Mood::SourcesFail,
        mutation: REFRESH,
        answer: json!({ "refreshSource": { "collected": true, "source": failed, "userErrors": why } }),
        asked: &[
            "refreshSource Source:edge at baremetal:lab:*:* \"\": {\"collectedAt\":\"2026-01-01T00:00:00.000Z\"} -> null",
        ],
    })
    .await;
    for id in ["Source:nobody", "Guest:pve-lab:100", "nonsense"] {
        let mutation = REFRESH.replace("Source:edge", id);
        let (answer, asked) = ask(OPERATOR, Mood::Well, &mutation).await;
        let not_found = json!([{ "code": "NOT_FOUND", "path": ["input", "id"] }]);
        let expected =
            json!({ "refreshSource": { "collected": false, "source": null, "userErrors": not_found } });
        assert_eq!(answer, expected, "{id}");
        let words = "Failed(\"there is nothing of this id that you may see\")";
        assert_eq!(asked, [format!("refreshSource {id} {words}")]);
    }
}

/// A payload is there, and so is what is in it, also where nothing of it is selected.
#[tokio::test]
async fn a_payload_of_which_nothing_is_selected_is_an_empty_object() {
    for (input, selected, answer) in [
        ("Source:edge", "collected @skip(if: true)", json!({})),
        ("Source:edge", "source { name @skip(if: true) }", json!({ "source": {} })),
        ("Source:nobody", "source { name @skip(if: true) }", json!({ "source": null })),
        ("Source:nobody", "userErrors { ... @skip(if: true) { code } }", json!({ "userErrors": [{}] })),
    ] {
        let mutation = format!(r#"refreshSource(input: {{ id: "{input}" }}) {{ {selected} }}"#);
        let (answered, _) = ask(OPERATOR, Mood::Well, &mutation).await;
        assert_eq!(answered, json!({ "refreshSource": answer }), "{mutation}");
    }
}

#[tokio::test]
async fn nobody_changes_anything_who_may_not_or_is_not_confirmed() {
    let denied =
        |because: &str, mutation: &str, target: &str| format!("{mutation} {target} Denied(\"{because}\")");
    let finding = "DriftFinding:DUPLICATE_MAC:nobody";
    let mutations = [
        ("refreshSource", "source:refresh", "Source:edge", REFRESH.to_owned()),
        (
            "overrideHop",
            "ipam:write",
            "Path:edge:p1:app.example.org",
            override_hop!("Path:edge:p1:app.example.org", "hop: GUEST, reason: \"r\"").to_owned(),
        ),
        (
            "acknowledgeDrift",
            "ipam:write",
            finding,
            format!(
                "acknowledgeDrift(input: {{ id: \"{finding}\", reason: \"r\" }}) {{ userErrors {{ code }} }}"
            ),
        ),
    ];
    for (name, permission, target, mutation) in &mutations {
        let holder = if *permission == "ipam:write" { NETWORK } else { OPERATOR };
        let other = if *permission == "ipam:write" { OPERATOR } else { NETWORK };
        let lacking = format!("this takes `{permission}`, which you do not have here");
        for (by, mood) in [
            (VIEWER, Mood::Well),
            (other, Mood::Well),
            (REPORTER, Mood::Well),
            (&[][..], Mood::Well),
            (holder, Mood::Demoted),
        ] {
            let (answer, asked) = ask(by, mood, mutation).await;
            assert_eq!(answer, forbidden(name), "{by:?} {mood:?}");
            assert_eq!(asked, [denied(&lacking, name, target)], "{by:?} {mood:?}");
        }
        let (answer, asked) = ask(holder, Mood::Unreachable, mutation).await;
        assert_eq!(answer, forbidden(name));
        let words = "the issuer cannot be asked whether the token is still active";
        assert_eq!(asked, [denied(words, name, target)]);
        let (answer, asked) = ask(holder, Mood::Inactive, mutation).await;
        let path = format!("[\"{name}\"]");
        assert_eq!(answer, json!({ *name: null, "errors": { path: "UNAUTHENTICATED" } }));
        assert_eq!(asked, [denied("the token is no longer active", name, target)]);
    }
    // What is not there is no different from what is, for who may change neither.
    let (answer, _) = ask(VIEWER, Mood::Well, &REFRESH.replace("edge", "nobody")).await;
    assert_eq!(answer, forbidden("refreshSource"));
}

#[tokio::test]
async fn without_the_audit_log_nothing_is_done() {
    check(Case {
        by: OPERATOR,
        mood: Mood::Unwritable,
        mutation: REFRESH,
        answer: json!({ "refreshSource": {
            "collected": false,
            "source": { "name": "edge", "collectedAt": "2026-01-01T00:00:00.000Z" },
            "userErrors": [{ "code": "UNAVAILABLE", "path": null }],
        } }),
        asked: &[],
    })
    .await;
}

#[tokio::test]
async fn a_hop_leads_where_it_is_said_and_the_hops_after_it_follow() {
    let (answer, asked) = ask(
        NETWORK,
        Mood::Well,
        override_hop!(
            "Path:edge:p1:app.example.org",
            "hop: GUEST, target: \"Guest:pve-lab:103\", reason: \" moved \""
        ),
    )
    .await;
    let path = &answer["overrideHop"]["path"];
    assert_eq!(answer["overrideHop"]["userErrors"], json!([]));
    assert_eq!(path["guest"], json!({ "vmid": 103 }));
    let guest = json!({ "kind": "GUEST", "state": "OVERRIDDEN", "target": { "id": "Guest:pve-lab:103" } });
    assert_eq!(path["hops"][2], guest);
    assert_eq!(path["hops"][3]["target"], json!({ "id": "ClusterNode:pve-lab:pve2" }));
    let before = r#"{"hop":"GUEST","overridden":false,"reason":null,"target":"Guest:pve-lab:100"}"#;
    let after = r#"{"hop":"GUEST","overridden":true,"reason":"moved","target":"Guest:pve-lab:103"}"#;
    let at = "at baremetal:lab:pve-lab:pve1";
    let expected = format!("overrideHop Path:edge:p1:app.example.org {at} \" moved \": {before} -> {after}");
    assert_eq!(asked, [expected]);
}

#[tokio::test]
async fn mutations_of_one_document_follow_each_other() {
    let nowhere = override_hop!("Path:edge:p1:app.example.org", "hop: ADDRESS, reason: \"off\"");
    let back = override_hop!("Path:edge:p1:app.example.org", "hop: ADDRESS, clear: true, reason: \"on\"");
    let (answer, asked) = ask(NETWORK, Mood::Well, &format!("a: {nowhere} b: {back}")).await;
    let address = |alias: &str| answer[alias]["path"]["hops"][1].clone();
    assert_eq!(address("a"), json!({ "kind": "ADDRESS", "state": "OVERRIDDEN", "target": null }));
    let target = json!({ "id": "IpAddress:default:10.0.1.10" });
    assert_eq!(address("b"), json!({ "kind": "ADDRESS", "state": "RESOLVED", "target": target }));
    assert_eq!(asked.len(), 2);
    assert!(
        asked[1].contains(r#"{"hop":"ADDRESS","overridden":true,"reason":"off","target":null} ->"#),
        "{asked:?}"
    );
}

/// An override that is refused, and for the sake of which field.
async fn check_refused(mutation: &str, code: &str, field: &str) {
    let (answer, asked) = ask(NETWORK, Mood::Well, mutation).await;
    let expected = json!([{ "code": code, "path": ["input", field] }]);
    let payload = answer.as_object().and_then(|fields| fields.values().next()).expect("a payload");
    assert_eq!(payload["userErrors"], expected, "{mutation}: {answer}");
    assert!(asked.len() == 1 && asked[0].contains(" Failed("), "{mutation}: {asked:?}");
}

#[tokio::test]
async fn an_override_that_makes_no_sense_is_refused_by_field() {
    for (rest, code, field) in [
        (r#"hop: GUEST, target: "ClusterNode:pve-lab:pve1", reason: "r""#, "INVALID", "target"),
        (r#"hop: NODE, target: "Guest:pve-lab:103", reason: "r""#, "INVALID", "target"),
        (r#"hop: ADDRESS, target: "ProxyHost:edge:p1", reason: "r""#, "INVALID", "target"),
        (r#"hop: PROXY_HOST, target: "IpAddress:default:10.0.1.10", reason: "r""#, "INVALID", "target"),
        (r#"hop: SWITCH_PORT, target: "Guest:pve-lab:103", reason: "r""#, "INVALID", "target"),
        (r#"hop: GUEST, target: "Guest:pve-lab:103", clear: true, reason: "r""#, "INVALID", "target"),
        (r#"hop: GUEST, target: "Guest:pve-lab:999", reason: "r""#, "NOT_FOUND", "target"),
        (r#"hop: GUEST, target: "nonsense", reason: "r""#, "NOT_FOUND", "target"),
        (r#"hop: GUEST, reason: "  ""#, "INVALID", "reason"),
    ] {
        let mutation = override_hop!("Path:edge:p1:app.example.org", "REST").replace("REST", rest);
        check_refused(&mutation, code, field).await;
    }
    let endless = "x".repeat(2001);
    let mutation = override_hop!("Path:edge:p1:app.example.org", "hop: GUEST, reason: \"R\"");
    check_refused(&mutation.replace("\"R\"", &format!("\"{endless}\"")), "INVALID", "reason").await;
    check_refused(override_hop!("Path:edge:p1:nobody", "hop: GUEST, reason: \"r\""), "NOT_FOUND", "path")
        .await;
    check_refused(override_hop!("Guest:pve-lab:100", "hop: GUEST, reason: \"r\""), "NOT_FOUND", "path").await;
}

#[tokio::test]
async fn a_finding_is_acknowledged_until_it_ends() {
    let world = World::new(NETWORK, Mood::Well);
    let context = world.request();
    let key = context.findings[0].finding.key.clone();
    let id = schema::GlobalId::format(&key.id());
    let mutation = format!(
        "acknowledgeDrift(input: {{ id: \"{id}\", reason: \"known\", until: \"2026-02-01T00:00:00Z\" }}) \
         {{ finding {{ id state }} userErrors {{ code }} }}"
    );
    let (answer, asked) = ask(NETWORK, Mood::Well, &mutation).await;
    let finding = json!({ "id": id, "state": "ACKNOWLEDGED" });
    assert_eq!(answer, json!({ "acknowledgeDrift": { "finding": finding, "userErrors": [] } }));
    let said = r#"{"by":"ada","reason":"known","until":"2026-02-01T00:00:00.000Z"}"#;
    let ends = format!("{{\"acknowledged\":null}} -> {{\"acknowledged\":{said}}}");
    assert!(asked.len() == 1 && asked[0].ends_with(&ends), "{asked:?}");

    check_refused(
        &mutation.replace("2026-02-01", "2025-02-01").replace("code }", "code path }"),
        "INVALID",
        "until",
    )
    .await;
    check_refused(&mutation.replace("known", "").replace("code }", "code path }"), "INVALID", "reason").await;
    check_refused(
        &mutation.replace(&id, "DriftFinding:X:y").replace("code }", "code path }"),
        "NOT_FOUND",
        "id",
    )
    .await;
}

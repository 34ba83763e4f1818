//! Where a target stands decides who may change it: each of its places, and a deny at any of them.

use async_graphql::Request;
use serde_json::{Value, json};

use super::world::{Mood, World};
use super::{REFRESH, ask, override_hop};

/// Both at once: what one mutation of each kind comes to, by the code that it is refused with or its first hop's state.
async fn check_at(by: &'static [&'static str], mutation: &str, expected: &str) {
    let (answer, _) = ask(by, Mood::Well, mutation).await;
    let field = mutation.split('(').next().expect("a field");
    let error = &answer["errors"][format!("[\"{field}\"]")];
    let refused = &answer[field]["userErrors"][0];
    let place = refused["path"][1].as_str().unwrap_or_default();
    let came_to = match (error.as_str(), refused["code"].as_str()) {
        (Some(code), _) => code.to_owned(),
        (None, Some(code)) => format!("{code} {place}"),
        (None, None) => "done".to_owned(),
    };
    assert_eq!(came_to, expected, "{by:?} {mutation}: {answer}");
}

#[tokio::test]
async fn the_permission_counts_at_the_targets_place_and_what_is_hidden_is_not_there() {
    let (hands, narrow) = (&["hands"][..], &["narrow"][..]);
    let on_node = override_hop!("Path:edge:p1:app.example.org", "hop: NODE, reason: \"r\"");
    let elsewhere = override_hop!("Path:edge:p4:gone.example.org", "hop: NODE, reason: \"r\"");
    check_at(hands, on_node, "done").await;
    check_at(hands, elsewhere, "FORBIDDEN").await;
    check_at(hands, REFRESH, "FORBIDDEN").await;
    check_at(hands, &REFRESH.replace("edge", "nobody"), "NOT_FOUND id").await;
    check_at(narrow, on_node, "done").await;
    check_at(narrow, elsewhere, "NOT_FOUND path").await;
    check_at(narrow, REFRESH, "done").await;
    check_at(narrow, &REFRESH.replace("Source:edge", "Source:pve-edge"), "NOT_FOUND id").await;
    let to = |target: &str| {
        override_hop!("Path:edge:p1:app.example.org", "hop: GUEST, target: \"T\", reason: \"r\"")
            .replace("\"T\"", &format!("\"{target}\""))
    };
    check_at(narrow, &to("Guest:pve-lab:105"), "done").await;
    check_at(narrow, &to("Guest:pve-lab:103"), "NOT_FOUND target").await;
    check_at(hands, &to("Guest:pve-lab:103"), "done").await;
}

/// A policy that reads the owner decides of changes too, and not of what is seen alone.
#[tokio::test]
async fn what_an_organization_owns_its_people_change_wherever_it_stands() {
    let acme = &["acme"][..];
    check_at(acme, override_hop!("Path:edge:p1:app.example.org", "hop: NODE, reason: \"r\""), "done").await;
    check_at(
        acme,
        override_hop!("Path:edge:p2:vip.example.org", "hop: NODE, reason: \"r\""),
        "NOT_FOUND path",
    )
    .await;
    check_at(acme, REFRESH, "FORBIDDEN").await;
}

/// The path's own place goes when its guest is decided away; who decided that may still see it, and take it back.
#[tokio::test]
async fn what_was_decided_away_can_be_taken_back_by_who_did_it() {
    for by in [&["hands"][..], &["narrow"][..]] {
        let nowhere = override_hop!("Path:edge:p1:app.example.org", "hop: GUEST, reason: \"off\"");
        let back = override_hop!("Path:edge:p1:app.example.org", "hop: GUEST, clear: true, reason: \"on\"");
        let (answer, asked) = ask(by, Mood::Well, &format!("a: {nowhere} b: {back}")).await;
        assert_eq!(answer["a"]["userErrors"], json!([]), "{by:?}");
        assert_eq!(
            answer["a"]["path"]["hops"][2]["state"], "OVERRIDDEN",
            "{by:?}: it is out of sight: {answer}"
        );
        assert_eq!(answer["b"]["path"]["guest"], json!({ "vmid": 100 }), "{by:?}: {answer}");
        assert_eq!(asked.len(), 2, "{by:?}");
    }
}

#[tokio::test]
async fn a_deny_at_one_place_wins_over_what_is_permitted_at_another() {
    let barred = &["barred"][..];
    let on_node = override_hop!("Path:edge:p1:app.example.org", "hop: NODE, reason: \"r\"");
    let elsewhere = override_hop!("Path:edge:p4:gone.example.org", "hop: NODE, reason: \"r\"");
    check_at(barred, on_node, "FORBIDDEN").await;
    check_at(barred, elsewhere, "done").await;
}

/// Whoever says that a finding may stand sees all that it concerns.
#[tokio::test]
async fn a_finding_is_acknowledged_by_who_sees_all_of_it_only() {
    let schema = resolvers::schema().finish();
    let query = "{ drift(first: 200) { nodes { id message } } }";
    let answer =
        schema.execute(Request::new(query).data(World::new(&["narrow"], Mood::Well).request())).await;
    let answer = answer.data.into_json().expect("JSON");
    let (mut hidden, mut whole) = (0, 0);
    for finding in answer["drift"]["nodes"].as_array().expect("a list") {
        let id = finding["id"].as_str().expect("an id");
        let mutation = format!(
            "acknowledgeDrift(input: {{ id: {id:?}, reason: \"r\" }}) {{ userErrors {{ code path }} }}"
        );
        if finding["message"] == "it concerns something that you may not see" {
            hidden += 1;
            check_at(&["narrow"], &mutation, "FORBIDDEN").await;
        } else {
            whole += 1;
            check_at(&["narrow"], &mutation, "done").await;
        }
    }
    assert!(hidden > 0 && whole > 0, "{hidden} hidden, {whole} whole: {answer}");
}

/// The log says of an attempt that came to nothing what it was after.
#[tokio::test]
async fn what_was_attempted_is_written_down_whatever_comes_of_it() {
    let to = "hop: GUEST, target: \"Guest:pve-lab:105\", reason: \"r\"";
    let asked = json!({ "asked": { "hop": "GUEST", "target": "Guest:pve-lab:105", "clear": false } });
    let attempts: [(&[&str], &str); 3] = [
        (&["fleetgraph-viewer"], "Path:edge:p1:app.example.org"),
        (&["hands"], "Path:edge:p4:gone.example.org"),
        (&["hands"], "Path:edge:p1:nobody"),
    ];
    for (by, path) in attempts {
        let world = World::new(by, Mood::Well);
        let mutation = format!(
            "mutation {{ overrideHop(input: {{ path: {path:?}, {to} }}) {{ userErrors {{ code }} }} }}"
        );
        resolvers::schema().finish().execute(Request::new(mutation).data(world.request())).await;
        let sought: Vec<Value> = world.sought.lock().expect("no panic").clone();
        assert_eq!(sought.as_slice(), std::slice::from_ref(&asked), "{by:?} {path}");
    }
}

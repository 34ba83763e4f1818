//! Pages: all of them together are the list, each object once, also while the fleet changes between two pages.

use resolvers::RequestContext;
use schema::Held;
use serde_json::{Value, json};

use crate::{ask, fleet};

/// Walks a connection of `Query` to its end, two objects at a time; before each page `change` may replace the fleet.
async fn walk(field: &str, more: &str, mut change: impl FnMut(usize) -> RequestContext) -> Vec<Value> {
    let query = format!(
        "query($after: Cursor) {{ {field}(first: 2, after: $after{more}) {{ nodes {{ {} }} edges {{ cursor }} \
         pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} totalCount }} }}",
        if field == "clients" { "mac" } else { "id" }
    );
    let (mut after, mut seen, mut page) = (Value::Null, Vec::new(), 0);
    loop {
        let answer = ask(&change(page), &query, &json!({ "after": after })).await;
        assert!(answer["errors"].is_null(), "{field}: {answer}");
        let connection = &answer["data"][field];
        let nodes = connection["nodes"].as_array().expect("nodes");
        let info = &connection["pageInfo"];
        let edges = connection["edges"].as_array().expect("edges");
        assert_eq!(edges.len(), nodes.len());
        assert_eq!(info["startCursor"], edges.first().map_or(Value::Null, |edge| edge["cursor"].clone()));
        assert_eq!(info["endCursor"], edges.last().map_or(Value::Null, |edge| edge["cursor"].clone()));
        assert_eq!(info["hasPreviousPage"], json!(page > 0), "{field}");
        seen.extend(nodes.iter().cloned());
        page += 1;
        if info["hasNextPage"] == json!(false) {
            return seen;
        }
        assert_eq!(nodes.len(), 2, "{field}: only the last page may be short");
        after = info["endCursor"].clone();
        assert!(page < 100, "{field}: the walk does not end");
    }
}

const LISTS: &[(&str, &str)] = &[
    ("hostnames", ""),
    ("paths", ""),
    ("paths", ", orderBy: {field: HOSTNAME, direction: DESC}"),
    ("paths", ", orderBy: {field: ADDRESS}"),
    ("paths", ", orderBy: {field: VMID, direction: DESC}"),
    ("paths", ", orderBy: {field: NODE}"),
    ("paths", ", orderBy: {field: STATE, direction: DESC}"),
    ("paths", ", filter: {state: BROKEN}"),
    ("proxyHosts", ""),
    ("certificates", ""),
    ("ipAddresses", ""),
    ("ipAddresses", ", filter: {within: \"10.0.1.0/24\"}"),
    ("guests", ""),
    ("guests", ", orderBy: {field: VMID}"),
    ("guests", ", orderBy: {field: NAME, direction: DESC}"),
    ("guests", ", orderBy: {field: NODE}"),
    ("guests", ", orderBy: {field: STATUS}"),
    ("guests", ", orderBy: {field: CPU_USAGE, direction: DESC}"),
    ("guests", ", orderBy: {field: MEMORY_USED}"),
    ("clusterNodes", ""),
    ("switches", ""),
    ("clients", ""),
    ("portForwards", ""),
    ("subnets", ""),
    ("vlans", ""),
    ("drift", ""),
    ("organizations", ""),
];

#[tokio::test]
async fn all_pages_together_are_the_whole_list() {
    let context = fleet::context(fleet::sources());
    for (field, more) in LISTS {
        let what = if *field == "clients" { "mac" } else { "id" };
        let arguments = format!("first: 1000{more}");
        let query = format!("{{ {field}({arguments}) {{ nodes {{ {what} }} totalCount }} }}");
        let whole = ask(&context, &query, &json!({})).await;
        let all =
            whole["data"][field]["nodes"].as_array().unwrap_or_else(|| panic!("{field}{more}: {whole}"));
        assert_eq!(whole["data"][field]["totalCount"], json!(all.len()), "{field}{more}");
        assert!(!all.is_empty(), "{field}{more} is empty: it proves nothing");
        let walked = walk(field, more, |_| context.clone()).await;
        assert_eq!(&walked, all, "{field}{more}");
    }
}

/// The lab without one of its guests.
fn without(vmid: u32) -> Vec<Held> {
    let mut sources = fleet::sources();
    let mut snapshot = (**sources[0].snapshot.as_ref().expect("it answered")).clone();
    snapshot.facts.guests.retain(|guest| guest.vmid != vmid);
    sources[0].snapshot = Some(snapshot.into());
    sources
}

#[tokio::test]
async fn what_was_there_all_along_comes_once_while_the_fleet_changes() {
    for more in ["", ", orderBy: {field: NAME}", ", orderBy: {field: MEMORY_USED, direction: DESC}"] {
        let whole = walk("guests", more, |_| fleet::context(fleet::sources())).await;
        for vmid in 100..=106 {
            // From the second page on the guest is gone: the one that a cursor names, or one before or after it.
            let walked = walk("guests", more, |page| {
                fleet::context(if page == 0 { fleet::sources() } else { without(vmid) })
            })
            .await;
            let gone = json!({ "id": format!("Guest:pve-lab:{vmid}") });
            let mut expected = whole.clone();
            if !walked.contains(&gone) {
                expected.retain(|guest| *guest != gone);
            }
            assert_eq!(walked, expected, "without {vmid}{more}");
        }
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_and_order() {
    let context = fleet::context(fleet::sources());
    let ask = async |query: &str| ask(&context, query, &json!({})).await;
    let answer = ask("{ guests(first: 1, orderBy: {field: NAME}) { pageInfo { endCursor } } }").await;
    let cursor = answer["data"]["guests"]["pageInfo"]["endCursor"].as_str().expect("a cursor").to_owned();
    for (query, code) in [
        (format!("{{ paths(after: \"{cursor}\") {{ totalCount }} }}"), "BAD_USER_INPUT"),
        (format!("{{ guests(after: \"{cursor}\") {{ totalCount }} }}"), "BAD_USER_INPUT"),
        (
            format!(
                "{{ guests(after: \"{cursor}\", orderBy: {{field: NAME, direction: DESC}}) {{ totalCount }} }}"
            ),
            "BAD_USER_INPUT",
        ),
        (format!("{{ organizations(after: \"{cursor}\") {{ totalCount }} }}"), "BAD_USER_INPUT"),
    ] {
        let answer = ask(&query).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{query}: {answer}");
    }
    for junk in ["", "x", "AAAA", "bm90IGEgY3Vyc29y"] {
        let answer = ask(&format!("{{ guests(after: \"{junk}\") {{ totalCount }} }}")).await;
        assert!(answer["errors"][0]["message"].is_string(), "{junk:?} was taken: {answer}");
    }
}

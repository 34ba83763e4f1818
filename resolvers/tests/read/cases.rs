//! Each `cases/NAME.graphql` is asked and its answer compared with `cases/NAME.json`.
//!
//! A first line `# troubled` asks the fleet with silent sources, `# unread` the one with unread lists, `# reading` the one
//! whose guests are still being read; `# {..}` gives the variables. With UPDATE_CASES=1 in the environment the answers are written instead: read them before you commit them.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::{ask, fleet};

#[tokio::test]
async fn every_case_is_answered_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    #[expect(clippy::disallowed_methods, reason = "a switch of this test, not configuration")]
    let update = std::env::var("UPDATE_CASES").is_ok();
    let (sound, troubled) = (fleet::context(fleet::sources()), fleet::context(fleet::troubled()));
    let (unread, reading) = (fleet::context(fleet::unread()), fleet::context(fleet::reading()));
    let mut complaints = Vec::new();
    let mut count = 0;
    for entry in std::fs::read_dir(&folder).expect("the folder of cases") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "graphql") {
            continue;
        }
        count += 1;
        let query = std::fs::read_to_string(&path).expect("a case");
        let marks: Vec<&str> = query.lines().map_while(|line| line.strip_prefix("# ")).collect();
        let fleets = [("troubled", &troubled), ("unread", &unread), ("reading", &reading)];
        let context = fleets.iter().find(|(mark, _)| marks.contains(mark)).map_or(&sound, |(_, fleet)| fleet);
        let variables = marks.iter().find(|mark| mark.starts_with('{'));
        let variables: Value =
            variables.map_or_else(|| json!({}), |text| serde_json::from_str(text).expect("JSON"));
        let answer = serde_json::to_string_pretty(&in_order(ask(context, &query, &variables).await))
            .expect("JSON")
            + "\n";
        let expected = path.with_extension("json");
        if update {
            std::fs::write(&expected, answer).expect("the folder can be written to");
        } else if std::fs::read_to_string(&expected).ok().as_ref() != Some(&answer) {
            complaints.push(format!("{}: answered\n{answer}", path.display()));
        }
    }
    assert!(count > 20, "only {count} cases were found");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Members by name: whether they keep the order in which they were made depends on what else is built.
fn in_order(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(in_order).collect(),
        Value::Object(members) => {
            let sorted: BTreeMap<String, Value> = members.into_iter().collect();
            Value::Object(sorted.into_iter().map(|(name, value)| (name, in_order(value))).collect())
        }
        other => other,
    }
}

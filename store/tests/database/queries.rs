//! `.sqlx`, which the build believes, says what the database says: columns, types, parameters, and no query too many.

use std::fs;
use std::path::Path;

use serde_json::Value;
use sqlx::{AssertSqlSafe, Column, Either, Executor, SqlSafeStr, Statement, TypeInfo};
use store::testing::TestDatabase;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Every Rust file of this package, in one string.
fn sources(folder: &Path) -> String {
    let mut text = String::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            text.push_str(&sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).expect("UTF-8"));
        }
    }
    text
}

/// A type's name as the recorded answer writes it: a name, or an object whose keys say what it is made of.
fn names(types: &Value) -> Vec<String> {
    let name = |kind: &Value| match kind {
        Value::String(name) => name.clone(),
        other => other["Custom"]["name"].as_str().unwrap_or("?").to_owned(),
    };
    types.as_array().into_iter().flatten().map(name).collect()
}

#[tokio::test]
async fn the_recorded_queries_are_those_of_the_sources_and_fit_the_tables() {
    let test = TestDatabase::create().await;
    let mut connection = test.connect().await;
    let sources = sources(&Path::new(ROOT).join("store/src"));
    let mut checked = 0;
    for entry in fs::read_dir(Path::new(ROOT).join(".sqlx")).expect("it is checked in").flatten() {
        let recorded: Value =
            serde_json::from_slice(&fs::read(entry.path()).expect("readable")).expect("JSON");
        let query = recorded["query"].as_str().expect("a query").to_owned();
        assert!(sources.contains(&query), "no source has it any more: run store/prepare.sh\n{query}");
        let statement = connection.prepare(AssertSqlSafe(query.clone()).into_sql_str()).await.expect(&query);
        let columns: Vec<_> = statement.columns().iter().map(|column| column.name().to_owned()).collect();
        let expected: Vec<_> = recorded["describe"]["columns"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|column| column["name"].as_str().expect("a name").to_owned())
            .collect();
        assert_eq!(columns, expected, "run store/prepare.sh\n{query}");
        let Some(Either::Left(parameters)) = statement.parameters() else {
            panic!("PostgreSQL names the types of parameters")
        };
        let parameters: Vec<_> =
            parameters.iter().map(|kind| kind.name().to_lowercase().replace("[]", "array")).collect();
        let expected: Vec<_> = names(&recorded["describe"]["parameters"]["Left"])
            .iter()
            .map(|name| name.to_lowercase().replace("[]", "array"))
            .collect();
        assert_eq!(parameters, expected, "run store/prepare.sh\n{query}");
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} queries are recorded");
}

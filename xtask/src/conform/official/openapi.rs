//! OpenAPI 3.1, whose schemas are JSON Schema with references into the same document.

use serde_json::{Value, json};

use super::super::endpoint::matches;
use super::validate;

/// Checks an answer with status 200 or 201; `None` where the document does not describe it.
pub(super) fn check(document: &Value, method: &str, path: &str, answer: &Value) -> Option<Vec<String>> {
    let paths = document.get("paths")?.as_object()?;
    let exact = paths.get_key_value(path);
    let (_, described) = exact.or_else(|| paths.iter().find(|(template, _)| matches(template, path)))?;
    let responses = described.get(method.to_lowercase())?.get("responses")?;
    let response = responses.get("200").or_else(|| responses.get("201"))?;
    let schema = response.get("content")?.get("application/json")?.get("schema")?;
    let mut whole = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [schema],
        "components": document.get("components").cloned().unwrap_or_default(),
    });
    escape_references(&mut whole);
    Some(validate(&whole, answer))
}

/// Some documents refer to names with blanks as they are; a reference is a URI.
fn escape_references(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("$ref") {
                *reference = reference.replace(' ', "%20");
            }
            fields.values_mut().for_each(escape_references);
        }
        Value::Array(items) => items.iter_mut().for_each(escape_references),
        _ => {}
    }
}

//! Proxmox' own dialect: `optional` on a property instead of `required` on the object, booleans that are sent as 0 and 1,
//! numbers that may come as strings.

use serde_json::{Map, Value, json};

use super::super::endpoint::matches;
use super::validate;

/// Checks the `data` of an answer; `None` where the endpoint is not in the schema.
pub(super) fn check(document: &Value, method: &str, path: &str, answer: &Value) -> Option<Vec<String>> {
    let paths = document.get("paths")?.as_object()?;
    let exact = paths.get_key_value(path);
    let (_, described) = exact.or_else(|| paths.iter().find(|(template, _)| matches(template, path)))?;
    let returns = described.get(method)?.get("returns")?;
    let Some(data) = answer.get("data") else { return Some(vec!["there is no `data`".to_owned()]) };
    Some(validate(&translate(returns), data))
}

/// A schema of Proxmox' as JSON Schema.
fn translate(schema: &Value) -> Value {
    let mut translated = Map::new();
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => return json!({ "enum": [0, 1, true, false, "0", "1"] }),
        Some("integer") => return json!({ "type": ["integer", "string"] }),
        Some("number") => return json!({ "type": ["number", "string"] }),
        Some("any") | None => {}
        Some(name) => {
            translated.insert("type".to_owned(), json!(name));
        }
    }
    if let Some(allowed) = schema.get("enum") {
        translated.insert("enum".to_owned(), allowed.clone());
    }
    if let Some(items) = schema.get("items") {
        translated.insert("items".to_owned(), translate(items));
    }
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let inner = properties.iter().filter(|(name, _)| !name.contains('['));
        let inner: Map<String, Value> =
            inner.map(|(name, property)| (name.clone(), translate(property))).collect();
        let required: Vec<&String> = properties
            .iter()
            .filter(|(name, property)| !name.contains('[') && !is_optional(property))
            .map(|(name, _)| name)
            .collect();
        translated.insert("required".to_owned(), json!(required));
        translated.insert("properties".to_owned(), Value::Object(inner));
    }
    Value::Object(translated)
}

fn is_optional(property: &Value) -> bool {
    property.get("optional").is_some_and(|optional| optional == &json!(1) || optional == &json!(true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_is_understood() {
        let document = json!({ "paths": { "/nodes/{node}/status": { "GET": { "returns": {
            "type": "object",
            "properties": { "uptime": { "type": "integer" }, "online": { "type": "boolean", "optional": 1 } },
        } } } } });
        let check = |data: Value| {
            check(&document, "GET", "/nodes/a/status", &json!({ "data": data })).map(|found| found.len())
        };
        assert_eq!(check(json!({ "uptime": 3 })), Some(0));
        assert_eq!(check(json!({ "uptime": "3", "online": 1 })), Some(0));
        assert_eq!(check(json!({ "online": 2 })), Some(2));
        assert_eq!(super::check(&document, "GET", "/version", &json!({})), None);
    }
}

//! UniFi's legacy objects: a list of keys with types. What the controller adds besides is not described anywhere.

use serde_json::Value;

/// Checks the objects of a legacy list; `None` where its type is not described.
pub(super) fn check(document: &Value, path: &str, answer: &Value) -> Option<Vec<String>> {
    let (_, described) = document.as_object()?.iter().find(|(name, _)| path.ends_with(name.as_str()))?;
    let keys: Vec<&Value> = described.as_object()?.values().next()?.as_array()?.iter().collect();
    let objects = answer.get("data").and_then(Value::as_array);
    let Some(objects) = objects else { return Some(vec!["there is no list in `data`".to_owned()]) };
    let mut found = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        for (name, value) in object.as_object().into_iter().flatten() {
            let key = keys.iter().find(|key| key.get("key").and_then(Value::as_str) == Some(name));
            if let Some(kind) = key.and_then(|key| key.get("type")).and_then(Value::as_str)
                && !fits(kind.trim_start_matches('*'), value)
            {
                found.push(format!("data[{at}].{name} is not of type {kind}"));
            }
        }
    }
    Some(found)
}

fn fits(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "bool" => value.is_boolean(),
        "int" | "int64" | "float64" => {
            value.is_number()
                || value.as_str().is_some_and(|text| text.parse::<f64>().is_ok() || text.is_empty())
        }
        _ if kind.starts_with("[]") => value.is_array(),
        _ => true,
    }
}

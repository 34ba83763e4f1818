//! Stripe's objects, by the annotations of its official client: which fields there are, of which type, and which may be absent.

use serde_json::Value;

/// Checks an answer and every object within it that names itself; `None` where nothing in it does.
pub(super) fn check(document: &Value, answer: &Value) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut checked = 0;
    walk(document.get("objects")?, answer, "", &mut checked, &mut found);
    (checked > 0).then_some(found)
}

fn walk(objects: &Value, value: &Value, place: &str, checked: &mut usize, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(objects, item, &format!("{place}[{at}]"), checked, found);
            }
        }
        Value::Object(fields) => {
            let described =
                fields.get("object").and_then(Value::as_str).and_then(|name| name_in(objects, name));
            if let Some(described) = described {
                *checked += 1;
                check_object(described, fields, place, found);
            }
            for (name, inner) in fields {
                walk(objects, inner, &format!("{place}.{name}"), checked, found);
            }
        }
        _ => {}
    }
}

fn name_in<'o>(objects: &'o Value, name: &str) -> Option<&'o Value> {
    let described =
        objects.get(name).or_else(|| (name == "line_item").then(|| objects.get("invoice_line_item"))?)?;
    described.get("fields")
}

fn check_object(
    described: &Value,
    fields: &serde_json::Map<String, Value>,
    place: &str,
    found: &mut Vec<String>,
) {
    for (name, value) in fields {
        match described.get(name).and_then(|field| field.get("type")).and_then(Value::as_str) {
            None if name == "object" => {}
            None => found.push(format!("{place}.{name} is no field of that object")),
            Some(kind) if !fits(kind, value) => found.push(format!("{place}.{name} is not of type {kind}")),
            Some(_) => {}
        }
    }
    for (name, field) in described.as_object().into_iter().flatten() {
        let kind = field.get("type").and_then(Value::as_str).unwrap_or_default();
        let may_lack = ["Optional[", "NotRequired[", "const[", "ClassVar["]
            .iter()
            .any(|prefix| kind.starts_with(prefix));
        if !may_lack && !fields.contains_key(name) {
            found.push(format!("{place}.{name} is missing"));
        }
    }
}

fn fits(kind: &str, value: &Value) -> bool {
    if let Some(inner) = kind.strip_prefix("Optional[").and_then(|rest| rest.strip_suffix(']')) {
        return value.is_null() || fits(inner, value);
    }
    match kind {
        "str" => value.is_string(),
        "int" => value.is_i64() || value.is_u64(),
        "float" => value.is_number(),
        "bool" => value.is_boolean(),
        _ if kind.starts_with("List[") => value.is_array(),
        _ if kind.starts_with("Dict[") => value.is_object(),
        _ => true,
    }
}

//! Reading JSON that nobody vouches for: text first, depth next, shape last; errors name places and never values.

use schema::source::ProblemCode;
use serde::de::DeserializeOwned;

use super::CallError;

/// Deeper nesting than any API here has; a parser's stack ends far below 10,000 levels.
const DEEPEST: usize = 64;

/// Reads a body as JSON of the wanted shape.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, CallError> {
    let text = std::str::from_utf8(body).map_err(|_| unreadable("is not UTF-8 text"))?;
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.is_empty() {
        return Err(unreadable("is empty where JSON was expected"));
    }
    if start.starts_with('<') {
        return Err(unreadable(
            "is HTML, not JSON: is something else at this address, a login page or a proxy in front of it, or is it \
             still starting?",
        ));
    }
    if is_too_deep(start) {
        return Err(unreadable(&format!("is nested more than {DEEPEST} levels deep")));
    }
    let mut deserializer = serde_json::Deserializer::from_str(start);
    let value = serde_path_to_error::deserialize(&mut deserializer)
        .map_err(|error| unreadable(&place(&error.path().to_string(), error.inner())))?;
    deserializer.end().map_err(|_| unreadable("goes on after its JSON has ended"))?;
    Ok(value)
}

/// Reads one object of a list that was read as JSON already, so that one bad object does not hide its neighbours.
pub fn shape<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, CallError> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| unreadable(&place(&error.path().to_string(), error.inner())))
}

/// What is wrong, and where. serde_json's own words quote the value that it found, which may be a secret: of them only
/// what was expected is kept, which is text of ours.
fn place(path: &str, error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "ends in the middle of its JSON".to_owned();
    }
    if error.is_syntax() {
        return format!("is not JSON: line {}, column {}", error.line(), error.column());
    }
    let words = error.to_string();
    let words = words.split(" at line ").next().unwrap_or_default();
    let wanted = match words.rsplit_once(", expected ") {
        Some((_, wanted)) => format!("expected {wanted}"),
        None if words.starts_with("missing field") => words.to_owned(),
        None => "is of another shape".to_owned(),
    };
    let path: String = path.chars().take(80).collect();
    format!("is not as expected: at {path}: {wanted}")
}

fn unreadable(what: &str) -> CallError {
    CallError::new(ProblemCode::BadResponse, format!("the answer {what}"))
}

/// Counts brackets outside strings; whether they match is the parser's business.
fn is_too_deep(text: &str) -> bool {
    let mut depth = 0usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth += 1;
                if depth > DEEPEST {
                    return true;
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn check(body: &[u8], message: &str) {
        let read = parse::<BTreeMap<String, u32>>(body).map_err(|error| error.message);
        match read {
            Ok(value) => assert_eq!(format!("{value:?}"), message),
            Err(found) => assert_eq!(found, message),
        }
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_place_and_never_quoted() {
        check(br#" {"a": 1}"#, r#"{"a": 1}"#);
        check("\u{feff}{\"a\": 1}".as_bytes(), r#"{"a": 1}"#);
        check(b"", "the answer is empty where JSON was expected");
        check(b"{\"a\": \"\xff\"}", "the answer is not UTF-8 text");
        check(br#"{"a": 1"#, "the answer ends in the middle of its JSON");
        check(br#"{"a" 1}"#, "the answer is not JSON: line 1, column 6");
        check(br#"{"a": 1} {"#, "the answer goes on after its JSON has ended");
        check(br#"{"a": "hunter2"}"#, "the answer is not as expected: at a: expected u32");
        check(br#"{"a": "x, expected hunter2"}"#, "the answer is not as expected: at a: expected u32");
        check(br#"{"a": 1e30}"#, "the answer is not as expected: at a: expected u32");
    }

    #[test]
    fn depth_is_counted_outside_strings() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(!is_too_deep(&nested(DEEPEST)));
        assert!(is_too_deep(&nested(DEEPEST + 1)));
        assert!(!is_too_deep(&format!(r#"["{}", "\"{}"]"#, "[".repeat(100), "{".repeat(100))));
        assert!(!is_too_deep(&"[]".repeat(1000)));
        let error = parse::<serde_json::Value>(nested(10_000).as_bytes()).expect_err("too deep");
        assert_eq!(error.message, "the answer is nested more than 64 levels deep");
    }
}

//! The ways in which a simulated upstream can be made to fail, switched on by request.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A fault: which requests it meets, and what happens to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>")]
pub struct Fault {
    /// The server's name; left out: every server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upstream: Option<String>,
    /// What the path begins with; left out: any path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What happens.
    #[serde(flatten)]
    pub effect: Effect,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// Answered with this status instead (401, 404, 429, 500, 595, ...).
    Status {
        /// 100 to 999.
        status: u16,
        /// The reason phrase; left out: the usual one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
        /// The body.
        #[serde(default)]
        body: String,
        /// Headers besides.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        headers: Vec<(String, String)>,
    },
    /// Answered after so many milliseconds.
    Latency {
        /// Milliseconds.
        milliseconds: u64,
    },
    /// Never answered.
    Hang,
    /// Answered one byte in a tenth of a second.
    Drip,
    /// The connection is cut in the middle of the answer.
    Cut,
    /// The answer ends in the middle of its JSON, as if that were all.
    HalfJson,
    /// A page of HTML instead, with status 200.
    Html,
    /// The real answer of a world in which there is nothing: 200 and an empty list.
    Empty,
    /// An endless answer: that many bytes of JSON string.
    Huge {
        /// Bytes.
        bytes: usize,
    },
    /// JSON nested so deep.
    Deep {
        /// Levels.
        levels: usize,
    },
    /// Bytes that are not UTF-8, in a JSON string.
    NotUtf8,
    /// Sent elsewhere.
    Redirect {
        /// The `Location`.
        to: String,
    },
    /// Sessions and tokens minted until now are refused from now on.
    ExpireSessions,
    /// The server is gone, for every path: connections are refused.
    Down,
}

/// By hand, because serde passes over what stands beside an effect that has no keys: a slip of the pen in `upstream` would
/// meet every server.
impl TryFrom<Map<String, Value>> for Fault {
    type Error = String;

    fn try_from(mut written: Map<String, Value>) -> Result<Self, Self::Error> {
        let mut text = |key: &str| match written.remove(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("`{key}` must be a string")),
        };
        let (upstream, path) = (text("upstream")?, text("path")?);
        let keys: Vec<String> = written.keys().filter(|key| *key != "fault").cloned().collect();
        let effect: Effect = serde_json::from_value(written.into()).map_err(|error| error.to_string())?;
        let has_keys = serde_json::to_value(&effect)
            .is_ok_and(|value| value.as_object().is_some_and(|all| all.len() > 1));
        match keys.first() {
            Some(key) if !has_keys => {
                Err(format!("unknown field `{key}`: beside this fault stand `upstream` and `path` only"))
            }
            _ => Ok(Self { upstream, path, effect }),
        }
    }
}

impl Fault {
    /// Whether it meets a request for `path` to the server called `upstream`.
    pub fn meets(&self, upstream: &str, path: &str) -> bool {
        self.upstream.as_deref().is_none_or(|name| name == upstream)
            && self
                .path
                .as_deref()
                .is_none_or(|prefix| path.starts_with(prefix) || self.effect == Effect::Down)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(json: &str, upstream: &str, path: &str, meets: Option<bool>) {
        let fault = serde_json::from_str::<Fault>(json);
        assert_eq!(fault.as_ref().ok().map(|fault| fault.meets(upstream, path)), meets, "{json}: {fault:?}");
    }

    #[test]
    fn faults_are_read_and_meet_what_they_name() {
        check(r#"{"fault":"hang"}"#, "pve-1", "/api2/json", Some(true));
        check(r#"{"upstream":"pve-1","fault":"hang"}"#, "edge", "/", Some(false));
        check(
            r#"{"path":"/api/nginx","fault":"status","status":404}"#,
            "edge",
            "/api/nginx/streams",
            Some(true),
        );
        check(r#"{"path":"/api/nginx","fault":"status","status":404}"#, "edge", "/api/tokens", Some(false));
        check(r#"{"path":"/api","fault":"down"}"#, "edge", "", Some(true));
        check(r#"{"fault":"no_such"}"#, "edge", "/", None);
        check(r#"{"fault":"latency"}"#, "edge", "/", None);
        check(r#"{"upstream":5,"fault":"down"}"#, "edge", "/", None);
    }

    #[test]
    fn a_key_that_nobody_knows_is_named_whatever_the_effect() {
        for effect in [
            r#""status","status":404"#,
            r#""latency","milliseconds":5"#,
            r#""hang""#,
            r#""drip""#,
            r#""cut""#,
            r#""half_json""#,
            r#""html""#,
            r#""empty""#,
            r#""huge","bytes":5"#,
            r#""deep","levels":5"#,
            r#""not_utf8""#,
            r#""redirect","to":"/""#,
            r#""expire_sessions""#,
            r#""down""#,
        ] {
            let good = format!(r#"{{"upstream":"edge","path":"/api","fault":{effect}}}"#);
            let fault: Fault = serde_json::from_str(&good).expect(effect);
            let written = serde_json::to_string(&fault).expect("JSON");
            assert_eq!(serde_json::from_str::<Fault>(&written).expect(effect), fault);
            for bad in [good.replace("upstream", "upstrem"), good.replace("path", "upstrem")] {
                let error = serde_json::from_str::<Fault>(&bad).expect_err(effect).to_string();
                assert!(error.contains("unknown field `upstrem`"), "{bad}: {error}");
            }
        }
    }
}

//! What every legacy answer is wrapped in, and the shapes in which the several APIs say no.

use serde::Deserialize;

use super::lenient::{Each, present, printable, text};

/// `{"meta": {"rc": "ok"}, "data": [...]}`. A list that is not there is not an empty one, so `data` is required.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Envelope<T: serde::de::DeserializeOwned> {
    /// `rc` is `ok`, else [`refusal`] has told why not.
    pub(crate) meta: Meta,
    /// The records.
    #[serde(deserialize_with = "present")]
    pub(crate) data: Each<T>,
}

#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Meta {
    /// ok, error.
    pub(crate) rc: String,
}

/// An answer that says no, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no session, or it has ended: `api.err.LoginRequired`.
    Session,
    /// There is no such site: `api.err.NoSiteContext`.
    Site,
    /// The account's rights do not reach: `api.err.NoPermission`.
    Permission,
    /// Name or password are wrong: `api.err.Invalid`, `AUTHENTICATION_FAILED_INVALID_CREDENTIALS`.
    Credentials,
    /// Too many logins: `AUTHENTICATION_FAILED_LIMIT_REACHED`.
    LoginLimit,
    /// The account has a second factor: `api.err.Ubic2faTokenRequired`, a `mfaCookie`.
    SecondFactor,
    /// Any other; its code, fit for one line.
    Other(String),
}

/// No API says no at greater length.
const LONGEST: usize = 16 << 10;

/// Whether a body is a JSON object, if it is JSON. serde takes an array for a struct, field by field; no API means that.
pub(crate) fn is_object(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

/// What an answer says no with, if it does; `None` for data, and for what is no JSON object at all.
pub(crate) fn refusal(body: &[u8]) -> Option<Refusal> {
    #[derive(Deserialize)]
    struct Said {
        meta: Option<SaidMeta>,
        #[serde(default, deserialize_with = "text")]
        code: Option<String>,
        #[serde(default, deserialize_with = "text")]
        message: Option<String>,
        #[serde(rename = "errorCode")]
        error_code: Option<serde_json::Value>,
        #[serde(rename = "statusCode")]
        status_code: Option<serde_json::Value>,
        error: Option<SaidError>,
    }
    #[derive(Deserialize)]
    struct SaidMeta {
        #[serde(default, deserialize_with = "text")]
        rc: Option<String>,
        #[serde(default, deserialize_with = "text")]
        msg: Option<String>,
    }
    #[derive(Deserialize)]
    struct SaidError {
        #[serde(default, deserialize_with = "text")]
        message: Option<String>,
    }
    if body.len() > LONGEST || !is_object(body) {
        return None;
    }
    if holds_second_factor(body) {
        return Some(Refusal::SecondFactor);
    }
    let said: Said = serde_json::from_slice(body).ok()?;
    if let Some(meta) = said.meta {
        return match (meta.rc.as_deref(), meta.msg) {
            (Some("ok") | None, _) => None,
            (Some(_), msg) => Some(named(msg.as_deref().unwrap_or("error"))),
        };
    }
    let refused = said.error_code.is_some() || said.status_code.is_some();
    match (said.code, said.message, said.error) {
        (Some(code), Some(_), _) => Some(named(&code)),
        (None, Some(message), _) if refused => Some(named(&message)),
        (_, _, Some(error)) => Some(named(error.message.as_deref().unwrap_or("error"))),
        _ => None,
    }
}

/// UniFi OS asks for a second factor with `{"data": {"mfaCookie": ...}, "meta": {"rc": "ok"}}`, which says ok.
fn holds_second_factor(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body)
        .is_ok_and(|value| value.pointer("/data/mfaCookie").is_some())
}

fn named(code: &str) -> Refusal {
    match code {
        "api.err.LoginRequired" | "api.authentication.missing-credentials" | "Unauthorized" => {
            Refusal::Session
        }
        "api.err.NoSiteContext" => Refusal::Site,
        "api.err.NoPermission" | "Forbidden" => Refusal::Permission,
        "api.err.Invalid" | "AUTHENTICATION_FAILED_INVALID_CREDENTIALS" => Refusal::Credentials,
        "AUTHENTICATION_FAILED_LIMIT_REACHED" => Refusal::LoginLimit,
        "api.err.Ubic2faTokenRequired" | "MFA_AUTH_REQUIRED" => Refusal::SecondFactor,
        other => Refusal::Other(printable(other)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(body: &str, expected: Option<Refusal>) {
        assert_eq!((refusal(body.as_bytes()), body), (expected, body));
    }

    #[test]
    fn each_way_of_saying_no_is_known() {
        let meta = |msg: &str| format!(r#"{{"meta":{{"rc":"error","msg":"{msg}"}},"data":[]}}"#);
        check(&meta("api.err.LoginRequired"), Some(Refusal::Session));
        check(&meta("api.err.NoSiteContext"), Some(Refusal::Site));
        check(&meta("api.err.NoPermission"), Some(Refusal::Permission));
        check(&meta("api.err.Invalid"), Some(Refusal::Credentials));
        check(&meta("api.err.Ubic2faTokenRequired"), Some(Refusal::SecondFactor));
        check(&meta("api.err.New"), Some(Refusal::Other("api.err.New".into())));
        check(r#"{"meta":{"rc":"error"}}"#, Some(Refusal::Other("error".into())));
        check(r#"{"errorCode":1,"message":"api.err.LoginRequired"}"#, Some(Refusal::Session));
        check(
            r#"{"code":"AUTHENTICATION_FAILED_LIMIT_REACHED","message":"too often","level":"debug"}"#,
            Some(Refusal::LoginLimit),
        );
        check(
            r#"{"data":{"mfaCookie":"UBIC_2FA=x"},"meta":{"msg":"","rc":"ok"}}"#,
            Some(Refusal::SecondFactor),
        );
        check(
            r#"{"statusCode":401,"code":"api.authentication.missing-credentials","message":"Missing"}"#,
            Some(Refusal::Session),
        );
        check(r#"{"error":{"code":401,"message":"Unauthorized"}}"#, Some(Refusal::Session));
    }

    #[test]
    fn data_says_no_such_thing() {
        check(r#"{"meta":{"rc":"ok"},"data":[]}"#, None);
        check(r#"{"offset":0,"limit":25,"count":0,"totalCount":0,"data":[]}"#, None);
        check("<html>", None);
        check("", None);
        check("[]", None);
        check(r#"[{"rc":"error","msg":"api.err.LoginRequired"},null,null,null,null,null]"#, None);
        check(r#"{"meta":{"rc":"ok"},"data":[{"mfaCookie":"x"}]}"#, None);
    }
}

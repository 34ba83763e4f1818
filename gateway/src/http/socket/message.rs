//! The messages of the protocol, read strictly and written.

use std::borrow::Cow;

use async_graphql::ServerError;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::auth::Unauthenticated;
use crate::gate;
use crate::http::answer::Payload;
use crate::http::error::{Code, RequestError};
use crate::http::front::bearer;
use crate::http::graphql::Params;

/// Longest `id` of an operation. Clients use a UUID or a count.
const MOST_ID_BYTES: usize = 128;

/// What a client says.
#[derive(Debug)]
#[cfg_attr(test, derive(PartialEq))]
pub(super) enum Heard {
    /// `connection_init`, with the `authorization` of its payload.
    Init { authorization: Option<Authorization> },
    /// `ping`, with the `authorization` of its payload, or else the payload itself: a token is not sent back.
    Ping { authorization: Option<Authorization>, payload: Option<String> },
    /// `pong`.
    Pong,
    /// `subscribe`: what is asked for, or why that is refused before anything else.
    Subscribe { id: String, params: Result<Params, RequestError> },
    /// `complete`.
    Complete { id: String },
}

/// A message against the protocol, in words for the reason of the close frame.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Invalid(pub(super) &'static str);

/// Every member that some message has; others are refused.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    payload: Option<&'a RawValue>,
}

/// The value of an `Authorization` header, brought by a payload. Not shown where a message is.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(super) struct Authorization(SecretString);

impl From<String> for Authorization {
    fn from(header: String) -> Self {
        Self(header.into())
    }
}

impl Authorization {
    /// The token of `Bearer TOKEN`.
    pub(super) fn bearer(&self) -> Result<&str, Unauthenticated> {
        bearer(self.0.expose_secret()).ok_or(Unauthenticated)
    }
}

#[cfg(test)]
impl PartialEq for Authorization {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

/// Of a payload that may bring a token; whatever else it holds is the client's own.
#[derive(Deserialize)]
struct Bringing {
    #[serde(alias = "Authorization")]
    authorization: Option<Authorization>,
}

impl Heard {
    /// Reads one text message.
    pub(super) fn read(text: &str, limits: &gate::Limits) -> Result<Self, Invalid> {
        // However deep a payload is, it is passed over here without recursion.
        let Envelope { kind, id, payload } = serde_json::from_str(text)
            .map_err(|_| Invalid("Not a JSON object of type, id and payload, each once"))?;
        let payload = payload.map(RawValue::get).filter(|payload| *payload != "null");
        if kind != "subscribe" {
            // Two levels more than the variables, which stand two levels down. What is subscribed to is weighed as by POST.
            gate::weigh_json(text, 2, limits).map_err(|_| Invalid("Too deep, or too many values"))?;
        }
        let id = || match &id {
            Some(id) if id.is_empty() || id.len() > MOST_ID_BYTES => Err(Invalid("id is empty or too long")),
            Some(id) => Ok(id.clone().into_owned()),
            None => Err(Invalid("id is missing")),
        };
        match &*kind {
            "connection_init" => Ok(Self::Init { authorization: authorization(payload)? }),
            "ping" => {
                let authorization = authorization(payload)?;
                let payload = payload.filter(|_| authorization.is_none()).map(str::to_owned);
                Ok(Self::Ping { authorization, payload })
            }
            "pong" => authorization(payload).map(|_| Self::Pong),
            "complete" => Ok(Self::Complete { id: id()? }),
            "subscribe" => {
                let payload = payload.ok_or(Invalid("payload is missing"))?;
                let params = match Params::from_body(payload.as_bytes(), limits) {
                    Err(error) if error.code == Code::BadUserInput => {
                        return Err(Invalid("payload is no GraphQL request"));
                    }
                    params => params,
                };
                Ok(Self::Subscribe { id: id()?, params })
            }
            _ => Err(Invalid("Unknown type")),
        }
    }
}

/// `authorization` of a payload, which must be an object where it is there.
fn authorization(payload: Option<&str>) -> Result<Option<Authorization>, Invalid> {
    let Some(payload) = payload else { return Ok(None) };
    if !payload.starts_with('{') {
        return Err(Invalid("payload is no object"));
    }
    let read: Bringing = serde_json::from_str(payload)
        .map_err(|_| Invalid("authorization is no string, or there are two of it"))?;
    Ok(read.authorization)
}

/// What the server says.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Said<'a> {
    ConnectionAck,
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<&'a RawValue>,
    },
    Next {
        id: &'a str,
        payload: &'a Payload,
    },
    Error {
        id: &'a str,
        payload: &'a [ServerError],
    },
    Complete {
        id: &'a str,
    },
}

impl Said<'_> {
    /// As it is sent.
    pub(super) fn write(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Heard, Invalid> {
        Heard::read(text, &gate::Limits::default())
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for text in [
            "",
            "1",
            "[]",
            "{}",
            "{",
            r#"{"type":"connection_init"} "#.trim_end_matches("} "),
            r#"{"type":"connection_init","payload":1}"#,
            r#"{"type":"connection_init","payload":[]}"#,
            r#"{"type":"connection_init","payload":{"authorization":1}}"#,
            r#"{"type":"connection_init","payload":{"authorization":"a","authorization":"b"}}"#,
            r#"{"type":"connection_init","payload":{"authorization":"a","Authorization":"b"}}"#,
            r#"{"type":"connection_init","type":"ping"}"#,
            r#"{"type":"connection_init","more":1}"#,
            r#"{"type":"CONNECTION_INIT"}"#,
            r#"{"type":"connection_ack"}"#,
            r#"{"type":"start","id":"1","payload":{"query":"{a}"}}"#,
            r#"{"type":"ping","payload":"x"}"#,
            r#"{"type":"pong","payload":7}"#,
            r#"{"type":"complete"}"#,
            r#"{"type":"complete","id":""}"#,
            r#"{"type":"complete","id":1}"#,
            r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
            r#"{"type":"subscribe","id":"1"}"#,
            r#"{"type":"subscribe","id":"1","payload":null}"#,
            r#"{"type":"subscribe","id":"1","payload":{}}"#,
            r#"{"type":"subscribe","id":"1","payload":[]}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":1}}"#,
            r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","query":"{b}"}}"#,
            &format!(
                r#"{{"type":"subscribe","id":"{}","payload":{{"query":"{{a}}"}}}}"#,
                "x".repeat(MOST_ID_BYTES + 1)
            ),
            &format!(r#"{{"type":"ping","payload":{{"a":{}{}}}}}"#, "[".repeat(1_000), "]".repeat(1_000)),
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    #[test]
    fn variables_that_are_too_much_are_refused_as_an_operation() {
        for variables in [
            format!(r#"{{"a":{}{}}}"#, "[".repeat(500_000), "]".repeat(500_000)),
            format!(r#"{{"a":[{}0]}}"#, "0,".repeat(500_000)),
        ] {
            let text = format!(
                r#"{{"type":"subscribe","id":"1","payload":{{"query":"{{a}}","variables":{variables}}}}}"#
            );
            let Ok(Heard::Subscribe { id, params: Err(error) }) = read(&text) else {
                panic!("{}", &text[..90])
            };
            assert_eq!((&*id, error.code), ("1", Code::LimitExceeded));
        }
    }

    #[test]
    fn a_token_is_not_shown() {
        let heard = read(r#"{"type":"connection_init","payload":{"authorization":"Bearer hunter2"}}"#);
        assert!(!format!("{heard:?}").contains("hunter2"), "{heard:?}");
    }

    #[test]
    fn what_is_one_is_read() {
        let params = Params {
            query: "{a}".to_owned(),
            operation_name: Some("A".to_owned()),
            variables: Some(r#"{"x":1}"#.to_owned()),
        };
        let subscribe = r#"{"id":"1","type":"subscribe","payload":{"query":"{a}","operationName":"A","variables":{"x":1},"extensions":{}}}"#;
        let token = || Some(Authorization("Bearer t".into()));
        for (text, expected) in [
            (r#"{"type":"connection_init"}"#, Heard::Init { authorization: None }),
            (r#"{"type":"connection_init","payload":null}"#, Heard::Init { authorization: None }),
            (r#"{"type":"connection_init","payload":{"more":[]}}"#, Heard::Init { authorization: None }),
            (
                r#"{"type":"connection_init","payload":{"authorization":"Bearer t"}}"#,
                Heard::Init { authorization: token() },
            ),
            (
                r#"{"type":"connection_init","payload":{"Authorization":"Bearer t"}}"#,
                Heard::Init { authorization: token() },
            ),
            (r#"{"type":"ping"}"#, Heard::Ping { authorization: None, payload: None }),
            (
                r#"{"type":"ping","payload":{"authorization":"Bearer t"}}"#,
                Heard::Ping { authorization: token(), payload: None },
            ),
            (
                r#"{"type":"ping","payload":{"a":1}}"#,
                Heard::Ping { authorization: None, payload: Some(r#"{"a":1}"#.to_owned()) },
            ),
            (r#"{"type":"pong","payload":{"a":1}}"#, Heard::Pong),
            (r#"{"type":"complete","id":"1"}"#, Heard::Complete { id: "1".to_owned() }),
            (subscribe, Heard::Subscribe { id: "1".to_owned(), params: Ok(params) }),
        ] {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
    }
}

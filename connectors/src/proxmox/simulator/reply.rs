//! Answers and refusals in the form of Proxmox' own HTTP server.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderValue, Method, Response, StatusCode, header};
use schema::fact::GuestKind;
use serde::Serialize;

use crate::world::Reason;

/// What is answered instead of data.
pub(super) struct Refusal {
    status: u16,
    /// The reason phrase.
    reason: String,
    body: Body,
}

enum Body {
    /// The text is in the reason phrase alone.
    Empty,
    /// `{"data":null,"message":...}`
    Message(String),
    /// `{"data":null}`, as before version 9.
    Null,
    /// `{"data":null,"errors":...,"message":...}`
    Errors(BTreeMap<String, String>),
}

impl Refusal {
    pub(super) fn unauthorized(reason: String) -> Self {
        Self { status: 401, reason, body: Body::Empty }
    }

    /// A password login; the simulated users have none.
    pub(super) fn ticket() -> Self {
        Self::message(401, "authentication failure", "\n")
    }

    /// What was asked went to a node that is off.
    pub(super) fn unreachable() -> Self {
        let reason = "Errors during connection establishment, proxy handshake: No route to host";
        Self { status: 595, reason: reason.into(), body: Body::Empty }
    }

    pub(super) fn no_node(name: &str) -> Self {
        Self { status: 596, reason: format!("no such cluster node '{}'", printable(name)), body: Body::Empty }
    }

    pub(super) fn no_file(path: &str) -> Self {
        Self { status: 404, reason: format!("no such file '{}'", printable(path)), body: Body::Empty }
    }

    pub(super) fn not_implemented(method: &Method, path: &str) -> Self {
        Self::message(501, &format!("Method '{method} {}' not implemented", printable(path)), "")
    }

    pub(super) fn no_guest(node: &str, kind: GuestKind, vmid: u32) -> Self {
        let folder = if kind == GuestKind::Qemu { "qemu-server" } else { "lxc" };
        Self::failed(&format!("Configuration file 'nodes/{node}/{folder}/{vmid}.conf' does not exist"))
    }

    /// 500 with a message in the body.
    pub(super) fn failed(text: &str) -> Self {
        Self::message(500, text, "\n")
    }

    /// 500 whose text is in the reason phrase alone.
    pub(super) fn failed_before_nine(text: &str) -> Self {
        Self { status: 500, reason: text.to_owned(), body: Body::Null }
    }

    /// 400: these parameters, for these reasons.
    pub(super) fn parameters(errors: impl IntoIterator<Item = (String, String)>) -> Self {
        let errors = errors.into_iter().collect();
        Self { status: 400, reason: "Parameter verification failed.".into(), body: Body::Errors(errors) }
    }

    fn message(status: u16, text: &str, end: &str) -> Self {
        Self { status, reason: text.to_owned(), body: Body::Message(format!("{text}{end}")) }
    }
}

/// What a reason phrase can hold: anything else would end it.
fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_ascii_graphic() || letter == ' ' { letter } else { '?' }).collect()
}

/// `{"data": ...}`
pub(super) fn data<T: Serialize>(value: &T) -> Result<Vec<u8>, Refusal> {
    #[derive(Serialize)]
    struct Data<'a, T> {
        data: &'a T,
    }
    serde_json::to_vec(&Data { data: value }).map_err(|_| Refusal::failed("cannot write the answer"))
}

pub(super) fn response(outcome: Result<Vec<u8>, Refusal>) -> Response<Bytes> {
    let (status, reason, body) = match outcome {
        Ok(body) => (200, None, body),
        Err(Refusal { status, reason, body }) => (status, Some(reason), body.write()),
    };
    let json = !body.is_empty();
    let mut response = Response::new(Bytes::from(body));
    // Proxmox' 595 and 596 are statuses like any other to HTTP's types: three digits.
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if let Some(reason) = reason {
        response.extensions_mut().insert(Reason(reason));
    }
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=0"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    headers.insert(header::SERVER, HeaderValue::from_static("pve-api-daemon/3.0"));
    if json {
        let json = HeaderValue::from_static("application/json;charset=UTF-8");
        headers.insert(header::CONTENT_TYPE, json);
    }
    response
}

impl Body {
    fn write(self) -> Vec<u8> {
        let value = match self {
            Self::Empty => return Vec::new(),
            Self::Null => serde_json::json!({ "data": null }),
            Self::Message(message) => serde_json::json!({ "data": null, "message": message }),
            Self::Errors(errors) => {
                let message = "Parameter verification failed.\n";
                serde_json::json!({ "data": null, "errors": errors, "message": message })
            }
        };
        value.to_string().into_bytes()
    }
}

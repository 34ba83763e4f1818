//! The id of a request: in its answer's header, in every line of log about it, and in the audit log.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};

/// Bears it, in requests and answers.
pub(super) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Longest id that is taken over from a client.
const MOST_BYTES: usize = 64;

/// One request's id: 1 to 64 letters, digits and `-_.`. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The client's own where it is short and plain, so that it can be written into any log; else a new one.
    pub(super) fn of(headers: &HeaderMap, new_id: &(dyn Fn() -> u128 + Send + Sync)) -> Self {
        let mut given = headers.get_all(HEADER).iter();
        let own = match (given.next(), given.next()) {
            (Some(id), None) => id.to_str().ok().filter(|id| is_plain(id)),
            _ => None,
        };
        Self(own.map_or_else(|| format!("{:032x}", new_id()).into(), Into::into))
    }

    /// That of one operation of a socket, whose upgrade bore this one.
    pub(super) fn of_operation(&self, serial: u64) -> Self {
        Self(format!("{}.{serial}", self.0).into())
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn to_header(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or_else(|_| HeaderValue::from_static("unknown"))
    }
}

fn is_plain(id: &str) -> bool {
    (1..=MOST_BYTES).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

//! Who a verified token speaks for, and why one is refused.

use std::sync::Arc;

use schema::Timestamp;
use schema::policy::Principal;
use secrecy::SecretString;

use super::Verified;

/// A caller whose token was verified.
#[derive(Clone, Debug)]
pub struct Caller {
    /// As policies see it.
    pub principal: Arc<Principal>,
    /// The token itself, for introspection; `None` where none was needed.
    pub token: Option<SecretString>,
    /// `exp`; `None`: does not end by itself.
    pub expires: Option<Timestamp>,
    /// What the token says; `None` where none was needed.
    pub verified: Option<Arc<Verified>>,
}

impl Caller {
    /// Somebody who needed no token: for tests.
    pub fn without_token(principal: Principal) -> Self {
        Self { principal: Arc::new(principal), token: None, expires: None, verified: None }
    }
}

/// The token is missing or refused. What a client learns is only that: no reason that helps a forger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a valid bearer token is required")]
pub struct Unauthenticated;

/// The issuer was asked about a caller before a change, and did not confirm it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unconfirmed {
    /// The issuer does not take the token any more.
    #[error("the token is no longer active")]
    Inactive,
    /// The issuer did not answer, so that nothing may be changed.
    #[error("the issuer cannot be asked whether the token is still active")]
    Unreachable,
}

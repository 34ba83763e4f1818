//! What a token must say, as the configuration has it.

use crate::config::{Auth, Mfa};

/// Rules for tokens of one issuer.
#[derive(Clone, Debug)]
pub struct Rules {
    pub(super) issuer: String,
    pub(super) audience: Vec<String>,
    pub(super) client_id: String,
    pub(super) clients: Option<Vec<String>>,
    pub(super) logout_audience: Vec<String>,
    pub(super) mfa: Mfa,
    /// Seconds.
    pub(super) skew: i64,
    /// Seconds.
    pub(super) longest_life: i64,
}

impl From<&Auth> for Rules {
    fn from(auth: &Auth) -> Self {
        let seconds = |span: std::time::Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        Self {
            issuer: auth.issuer.clone(),
            audience: auth.audience.clone(),
            client_id: auth.client_id.clone(),
            clients: auth.clients.clone(),
            logout_audience: auth.logout_audience().to_vec(),
            mfa: auth.mfa.clone(),
            skew: seconds(auth.clock_skew),
            longest_life: seconds(auth.max_token_life),
        }
    }
}

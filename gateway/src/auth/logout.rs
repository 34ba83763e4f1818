//! What a logout token must be (OpenID Connect Back-Channel Logout, 2.4 and 2.6), and what it ends. Pure.

use schema::Timestamp;
use serde_json::Value;

use super::strict::parts;
use super::verify::{of_issuer, signed, text, times};
use super::{Keys, Refused, Rules};

/// What is ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// One session, by its `sid`.
    Session(String),
    /// Whatever a subject was issued up to a second, so that a token that is sent again later ends nothing more.
    Subject {
        /// `sub`
        subject: String,
        /// `iat` of the logout token.
        issued_until: i64,
    },
}

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Verifies a logout token, as of a moment.
pub fn verify_logout(token: &str, keys: &Keys, rules: &Rules, now: Timestamp) -> Result<Ended, Refused> {
    let parts = parts(token)?;
    signed(&parts, keys, &["logout+jwt"])?;
    let claims = &parts.claims;
    of_issuer(claims, rules, &rules.logout_audience)?;
    let (issued, _) = times(claims, rules, now)?;
    if claims.contains_key("nonce") {
        return Err(Refused::Claim("nonce"));
    }
    // Keycloak puts a boolean beside the event: only the event itself is asked for.
    let event = claims.get("events").and_then(|events| events.as_object()?.get(EVENT));
    if !matches!(event, Some(Value::Object(_))) {
        return Err(Refused::Claim("events"));
    }
    let named = |name| text(claims, name).map(|value| value.filter(|value| (1..=255).contains(&value.len())));
    match (named("sid")?, named("sub")?) {
        (Some(session), _) => Ok(Ended::Session(session.to_owned())),
        (None, Some(subject)) => Ok(Ended::Subject { subject: subject.to_owned(), issued_until: issued }),
        (None, None) => Err(Refused::Claim("sub")),
    }
}

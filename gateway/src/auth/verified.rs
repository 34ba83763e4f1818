//! What a verified token says, and the principal that it makes at a moment.

use std::collections::BTreeSet;
use std::sync::Arc;

use schema::Timestamp;
use schema::policy::Principal;
use serde_json::{Map, Value};

use super::verify::texts;
use super::{Refused, Rules};

/// The claims of a verified token that decide something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// `sub`
    pub subject: Arc<str>,
    /// `preferred_username` or `name`
    pub name: Option<Arc<str>>,
    /// `sid`
    pub session: Option<Arc<str>>,
    /// Of the realm, of our client, and groups of one level.
    pub roles: BTreeSet<Arc<str>>,
    /// Each with its full path.
    pub groups: BTreeSet<Arc<str>>,
    /// Where the token names exactly one.
    pub organization: Option<Arc<str>>,
    /// `acr`
    pub acr: Option<Box<str>>,
    /// `amr`
    pub amr: Vec<Box<str>>,
    /// `auth_time`
    pub authenticated: Option<i64>,
    /// `iat`
    pub issued: i64,
    /// `exp` and the skew: from then on it is refused.
    pub expires: Timestamp,
    /// Names the key that signed it.
    pub kid: Box<str>,
    /// That key, and no later one of its name.
    pub key: [u8; 32],
}

impl Verified {
    /// As policies see its bearer at a moment: a second factor wears off.
    pub fn principal(&self, rules: &Rules, now: Timestamp) -> Principal {
        Principal {
            subject: Arc::clone(&self.subject),
            name: self.name.clone(),
            roles: self.roles.clone(),
            groups: self.groups.clone(),
            mfa: self.has_second_factor(rules, now),
            organization: self.organization.clone(),
        }
    }

    /// Each condition that is configured holds, and one that says how is configured.
    pub fn has_second_factor(&self, rules: &Rules, now: Timestamp) -> bool {
        let mfa = &rules.mfa;
        if mfa.acr.is_empty() && mfa.amr.is_empty() {
            return false;
        }
        let of_level = mfa.acr.is_empty()
            || self.acr.as_ref().is_some_and(|acr| mfa.acr.iter().any(|one| **one == **acr));
        let of_method =
            mfa.amr.is_empty() || self.amr.iter().any(|amr| mfa.amr.iter().any(|one| **one == **amr));
        let in_time = mfa.max_age.is_none_or(|most| {
            let now = now.millis().div_euclid(1000);
            let most = i64::try_from(most.as_secs()).unwrap_or(i64::MAX).saturating_add(rules.skew);
            self.authenticated.is_some_and(|at| now - at <= most && at <= now + rules.skew)
        });
        of_level && of_method && in_time
    }
}

type Names = BTreeSet<Arc<str>>;

/// Roles and groups as a token, or the issuer's answer about one, gives them. What is absent is empty; what has another
/// form than Keycloak's is refused.
pub(super) fn roles_and_groups(
    claims: &Map<String, Value>,
    client_id: &str,
) -> Result<(Names, Names), Refused> {
    let mut roles: Names = BTreeSet::new();
    let realm = inner(claims, "realm_access")?;
    let client = match inner(claims, "resource_access")? {
        Some(clients) => match clients.get(client_id) {
            None => None,
            Some(Value::Object(client)) => Some(client),
            Some(_) => return Err(Refused::Claim("resource_access")),
        },
        None => None,
    };
    for access in [realm, client].into_iter().flatten() {
        roles.extend(texts(access, "roles")?.iter().map(|role| Arc::from(&**role)));
    }
    let groups: Names = texts(claims, "groups")?.iter().map(|group| Arc::from(&**group)).collect();
    for group in &groups {
        if let Some(name) = group.strip_prefix('/').filter(|name| !name.is_empty() && !name.contains('/')) {
            roles.insert(name.into());
        }
    }
    Ok((roles, groups))
}

fn inner<'c>(
    claims: &'c Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'c Map<String, Value>>, Refused> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::Object(inner)) => Ok(Some(inner)),
        Some(_) => Err(Refused::Claim(name)),
    }
}

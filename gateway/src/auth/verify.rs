//! Whether a token is one: signature by the issuer's key, and every claim that docs/reference.md names. Pure.

use schema::Timestamp;
use serde_json::{Map, Value};

use super::keys::name;
use super::strict::{Parts, parts};
use super::verified::{Verified, roles_and_groups};
use super::{Key, Keys, Refused, Rules};

/// Verifies an access token, as of a moment.
pub fn verify(token: &str, keys: &Keys, rules: &Rules, now: Timestamp) -> Result<Verified, Refused> {
    let parts = parts(token)?;
    let (kid, key) = signed(&parts, keys, &["JWT", "at+jwt"])?;
    let claims = &parts.claims;
    if text(claims, "typ")? != Some("Bearer") {
        return Err(Refused::Claim("typ"));
    }
    // Bound to a key that the sender would have to prove: a bearer has not proved it.
    if claims.contains_key("cnf") {
        return Err(Refused::Claim("cnf"));
    }
    of_issuer(claims, rules, &rules.audience)?;
    let client = text(claims, "azp")?;
    if let Some(clients) = &rules.clients
        && !client.is_some_and(|client| clients.iter().any(|one| one == client))
    {
        return Err(Refused::Claim("azp"));
    }
    let subject = text(claims, "sub")?.filter(|sub| (1..=255).contains(&sub.len()));
    let subject = subject.ok_or(Refused::Claim("sub"))?;
    let (issued, expires) = times(claims, rules, now)?;
    let (held, groups) = roles_and_groups(claims, &rules.client_id)?;
    let person = text(claims, "preferred_username")?.or(text(claims, "name")?);
    Ok(Verified {
        subject: subject.into(),
        name: person.map(Into::into),
        session: text(claims, "sid")?.map(Into::into),
        roles: held,
        groups,
        organization: organization(claims),
        acr: text(claims, "acr")?.map(Into::into),
        amr: texts(claims, "amr")?,
        authenticated: integer(claims, "auth_time")?,
        issued,
        expires,
        kid: kid.into(),
        key: key.identity,
    })
}

/// The key that signed a token of one of these header types.
pub(super) fn signed<'k, 'p>(
    parts: &'p Parts<'_>,
    keys: &'k Keys,
    types: &[&str],
) -> Result<(&'p str, &'k Key), Refused> {
    let header = &parts.header;
    for name in ["crit", "b64", "enc", "zip"] {
        if header.contains_key(name) {
            return Err(Refused::Header("asks for what is not done here"));
        }
    }
    if !text(header, "typ")?.is_some_and(|typ| types.iter().any(|one| one.eq_ignore_ascii_case(typ))) {
        return Err(Refused::Header("typ"));
    }
    let kid = text(header, "kid")?.ok_or(Refused::Header("kid"))?;
    let alg = text(header, "alg")?.ok_or(Refused::Header("alg"))?;
    let key = keys.get(kid).ok_or(Refused::UnknownKey)?;
    // The key says how it signs. What the header says is only compared: none, HS and the like are in no key's list.
    let algorithm = key.algorithms.iter().copied().find(|one| name(*one) == alg);
    let algorithm = algorithm.ok_or(Refused::Header("alg"))?;
    match jsonwebtoken::crypto::verify(parts.signature, parts.message, &key.decoding, algorithm) {
        Ok(true) => Ok((kid, key)),
        Ok(false) | Err(_) => Err(Refused::Signature),
    }
}

/// The `kid` that a token names, before anything of it is verified: to ask for a key that came lately.
pub(super) fn kid_of(token: &str) -> Option<String> {
    let parts = parts(token).ok()?;
    text(&parts.header, "kid").ok()?.map(str::to_owned)
}

/// `iss` and `aud`.
pub(super) fn of_issuer(claims: &Map<String, Value>, rules: &Rules, ours: &[String]) -> Result<(), Refused> {
    if text(claims, "iss")? != Some(&rules.issuer) {
        return Err(Refused::Claim("iss"));
    }
    let is_ours = |audience: &str| ours.iter().any(|one| one == audience);
    let meant = match claims.get("aud") {
        Some(Value::String(audience)) => is_ours(audience),
        Some(Value::Array(_)) => texts(claims, "aud")?.iter().any(|audience| is_ours(audience)),
        _ => false,
    };
    if meant { Ok(()) } else { Err(Refused::Claim("aud")) }
}

/// `iat` and `exp`, which must be there, and `nbf`, which may.
pub(super) fn times(
    claims: &Map<String, Value>,
    rules: &Rules,
    now: Timestamp,
) -> Result<(i64, Timestamp), Refused> {
    let now = now.millis().div_euclid(1000);
    let issued = integer(claims, "iat")?.ok_or(Refused::Claim("iat"))?;
    let expires = integer(claims, "exp")?.ok_or(Refused::Claim("exp"))?;
    if issued > now.saturating_add(rules.skew) {
        return Err(Refused::Time("iat"));
    }
    if integer(claims, "nbf")?.is_some_and(|begins| begins > now.saturating_add(rules.skew)) {
        return Err(Refused::Time("nbf"));
    }
    let end = expires.saturating_add(rules.skew);
    if end <= now {
        return Err(Refused::Time("exp"));
    }
    if expires <= issued || expires.saturating_sub(issued) > rules.longest_life {
        return Err(Refused::Time("life"));
    }
    Ok((issued, Timestamp::from_seconds(end)))
}

/// A text, where it is there; anything else under that name is refused.
pub(super) fn text<'c>(
    claims: &'c Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'c str>, Refused> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Refused::Claim(name)),
    }
}

/// A whole number that is no float and not negative.
pub(super) fn integer(claims: &Map<String, Value>, name: &'static str) -> Result<Option<i64>, Refused> {
    match claims.get(name) {
        None => Ok(None),
        // Milliseconds of it must fit, too.
        Some(value) => match value.as_i64() {
            Some(number) if (0..=i64::from(u32::MAX) * 4).contains(&number) => Ok(Some(number)),
            _ => Err(Refused::Claim(name)),
        },
    }
}

/// A list of texts; absent is empty.
pub(super) fn texts(claims: &Map<String, Value>, name: &'static str) -> Result<Vec<Box<str>>, Refused> {
    match claims.get(name) {
        None => Ok(Vec::new()),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map(Into::into).ok_or(Refused::Claim(name))).collect()
        }
        Some(_) => Err(Refused::Claim(name)),
    }
}

/// The one organization that a token names, in either form of Keycloak's; several say nothing.
fn organization(claims: &Map<String, Value>) -> Option<std::sync::Arc<str>> {
    let name = match claims.get("organization")? {
        Value::String(name) => name,
        Value::Array(names) if names.len() == 1 => names[0].as_str()?,
        Value::Object(names) if names.len() == 1 => names.keys().next()?,
        _ => return None,
    };
    Some(name.into())
}

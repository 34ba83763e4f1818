//! The issuer's keys as a value: which of a JWKS can sign tokens, each with the algorithms that it may be used with.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Keys of one issuer, by `kid`.
#[derive(Clone, Debug, Default)]
pub struct Keys(BTreeMap<String, Key>);

/// A key that verifies signatures.
#[derive(Clone)]
pub struct Key {
    /// Tells this key from any other, also from one that has its `kid` later.
    pub identity: [u8; 32],
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) decoding: DecodingKey,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key").field("algorithms", &self.algorithms).finish_non_exhaustive()
    }
}

/// What is no JWKS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the issuer's key set is no JWKS")]
pub struct NoKeys;

#[derive(Deserialize)]
struct Jwks {
    keys: Vec<serde_json::Value>,
}

#[derive(Deserialize)]
struct Jwk {
    kid: String,
    kty: String,
    #[serde(rename = "use")]
    purpose: String,
    alg: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

const OF_RSA: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// Fewest bits of an RSA modulus.
const FEWEST_BITS: usize = 2048;

impl Keys {
    /// Reads a JWKS. Keys for encryption, weak ones and ones of unknown kinds are passed over; a `kid` that two keys for
    /// signatures share names neither. A set in which none is left is one too: what left it signs no longer.
    pub fn parse(body: &[u8]) -> Result<Self, NoKeys> {
        let jwks: Jwks = connectors::http::parse(body).map_err(|_| NoKeys)?;
        let mut keys = BTreeMap::new();
        let mut shared = Vec::new();
        for value in jwks.keys {
            let Ok(jwk) = serde_json::from_value::<Jwk>(value) else { continue };
            if let Some(key) = key_of(&jwk)
                && keys.insert(jwk.kid.clone(), key).is_some()
            {
                shared.push(jwk.kid);
            }
        }
        for kid in shared {
            keys.remove(&kid);
        }
        Ok(Self(keys))
    }

    /// The key of a name.
    pub fn get(&self, kid: &str) -> Option<&Key> {
        self.0.get(kid)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// None was ever read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn key_of(jwk: &Jwk) -> Option<Key> {
    let may_verify = jwk.key_ops.as_ref().is_none_or(|all| all.iter().any(|one| one == "verify"));
    if jwk.purpose != "sig" || !may_verify || jwk.kid.is_empty() {
        return None;
    }
    let (able, decoding, material): (&[Algorithm], _, _) = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
        ("RSA", None) => {
            let (n, e) = (jwk.n.as_deref()?, jwk.e.as_deref()?);
            if bits(n)? < FEWEST_BITS {
                return None;
            }
            (&OF_RSA, DecodingKey::from_rsa_components(n, e), format!("{n}.{e}"))
        }
        ("EC", Some(curve @ ("P-256" | "P-384"))) => {
            let (x, y) = (jwk.x.as_deref()?, jwk.y.as_deref()?);
            let able: &[Algorithm] = if curve == "P-256" { &[Algorithm::ES256] } else { &[Algorithm::ES384] };
            (able, DecodingKey::from_ec_components(x, y), format!("{x}.{y}"))
        }
        ("OKP", Some("Ed25519")) => {
            let x = jwk.x.as_deref()?;
            (&[Algorithm::EdDSA], DecodingKey::from_ed_components(x), x.to_owned())
        }
        _ => return None,
    };
    // A key is for its own algorithm; only one that names none is for each that fits it.
    let algorithms: Vec<Algorithm> = match &jwk.alg {
        Some(alg) => able.iter().copied().filter(|one| name(*one) == alg).collect(),
        None => able.to_vec(),
    };
    if algorithms.is_empty() {
        return None;
    }
    let identity = Sha256::digest(format!("{}.{}.{material}", jwk.kid, jwk.kty)).into();
    Some(Key { identity, algorithms, decoding: decoding.ok()? })
}

/// Bits of a number in base64url.
fn bits(number: &str) -> Option<usize> {
    let bytes = URL_SAFE_NO_PAD.decode(number).ok()?;
    let first = bytes.iter().position(|byte| *byte != 0)?;
    Some((bytes.len() - first) * 8 - bytes[first].leading_zeros() as usize)
}

/// As headers and keys write it; of those that a shared secret makes, nothing.
pub(super) fn name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RS256 => "RS256",
        Algorithm::RS384 => "RS384",
        Algorithm::RS512 => "RS512",
        Algorithm::PS256 => "PS256",
        Algorithm::PS384 => "PS384",
        Algorithm::PS512 => "PS512",
        Algorithm::ES256 => "ES256",
        Algorithm::ES384 => "ES384",
        Algorithm::EdDSA => "EdDSA",
        _ => "",
    }
}

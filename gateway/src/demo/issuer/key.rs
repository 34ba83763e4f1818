//! A key of the demo's issuer: made at random, held in memory, never shown.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

/// A P-256 key and its name.
pub struct IssuerKey {
    kid: String,
    signing: EncodingKey,
    x: String,
    y: String,
}

impl IssuerKey {
    /// A new one.
    pub fn generate(kid: &str) -> Result<Self, rcgen::Error> {
        let pair = rcgen::KeyPair::generate()?;
        // An uncompressed point: 04, x, y.
        let point = pair.public_key_raw();
        let encode = |part: Option<&[u8]>| URL_SAFE_NO_PAD.encode(part.unwrap_or_default());
        Ok(Self {
            kid: kid.to_owned(),
            x: encode(point.get(1..33)),
            y: encode(point.get(33..65)),
            signing: EncodingKey::from_ec_der(&pair.serialize_der()),
        })
    }

    /// Its name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// As a JWKS holds it.
    pub fn jwk(&self) -> Value {
        json!({ "kid": self.kid, "kty": "EC", "alg": "ES256", "use": "sig", "crv": "P-256", "x": self.x, "y": self.y })
    }

    /// Signs a header and claims, whatever they say.
    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        self.sign_text(&header.to_string(), &claims.to_string())
    }

    /// Signs two texts, JSON or not.
    #[expect(clippy::expect_used, reason = "a key that was just made signs")]
    pub fn sign_text(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &self.signing, Algorithm::ES256);
        format!("{message}.{}", signature.expect("a key of ours"))
    }
}

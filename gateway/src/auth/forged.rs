//! Forged tokens, each one line of a table: what the tests of every way in have in common.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use crate::demo::IssuerKey;

/// Forgeries of a good token: what is wrong with each, and the token. `claims` are those of a good one of subject `ada` with
/// the one role `fleetgraph-viewer`, issued ten seconds before `now`; `key` signs it, and `other` is a key of the same name
/// that is not the issuer's. None of them becomes good within a minute.
pub fn forged(key: &IssuerKey, other: &IssuerKey, claims: &Value, now: i64) -> Vec<(String, String)> {
    let of_claims = claims_changed(claims, now).into_iter().map(|(name, value)| {
        let token = key.sign(&header(key), &with(claims.clone(), name, value.clone()));
        (format!("{name}: {}", value.to_string().chars().take(80).collect::<String>()), token)
    });
    let of_bytes = headers_and_bytes(key, other, claims).into_iter();
    of_claims.chain(of_bytes.map(|(what, token)| (what.to_owned(), token))).collect()
}

/// A header as Keycloak writes it.
pub(super) fn header(key: &IssuerKey) -> Value {
    json!({ "alg": "ES256", "typ": "JWT", "kid": key.kid() })
}

/// `base` with a member set, or taken away by null.
#[expect(clippy::expect_used, reason = "claims and headers are objects")]
pub(super) fn with(mut base: Value, name: &str, value: Value) -> Value {
    let object = base.as_object_mut().expect("an object");
    if value.is_null() {
        object.remove(name)
    } else {
        object.insert(name.to_owned(), value)
    };
    base
}

/// Claims that are missing, wrong or of another kind.
fn claims_changed(claims: &Value, now: i64) -> Vec<(&'static str, Value)> {
    let issuer = claims["iss"].as_str().unwrap_or_default();
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    vec![
        ("iss", Value::Null),
        ("iss", json!(format!("{issuer}/"))),
        ("iss", json!("https://SSO.example.org/realms/ops")),
        ("iss", json!([issuer])),
        ("aud", Value::Null),
        ("aud", json!("account")),
        ("aud", json!([])),
        ("aud", json!(["account", "fleetgraph-web"])),
        ("aud", json!("fleetgraph account")),
        ("aud", json!({ "fleetgraph": true })),
        ("aud", json!(["fleetgraph", 1])),
        ("azp", Value::Null),
        ("azp", json!("fleetgraph-bi")),
        ("azp", json!(["fleetgraph-web"])),
        ("sub", Value::Null),
        ("sub", json!("")),
        ("sub", json!(1)),
        ("sub", json!("a".repeat(256))),
        ("typ", Value::Null),
        ("typ", json!("ID")),
        ("typ", json!("Refresh")),
        ("typ", json!("Offline")),
        ("typ", json!("Logout")),
        ("typ", json!("DPoP")),
        ("typ", json!("bearer")),
        ("cnf", json!({ "jkt": "x" })),
        ("cnf", json!({})),
        ("iat", Value::Null),
        ("iat", json!(now + 600)),
        ("iat", json!(now as f64)),
        ("iat", json!(now.to_string())),
        ("iat", json!(-1)),
        ("exp", Value::Null),
        ("exp", json!(now - 600)),
        ("exp", json!(now as f64 + 50.5)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(true)),
        ("exp", json!(now + 3591)),
        ("exp", json!(now - 10)),
        ("nbf", json!(now + 600)),
        ("nbf", json!("now")),
        ("sid", json!(7)),
        ("acr", json!(2)),
        ("amr", json!("otp")),
        ("amr", json!([2])),
        ("auth_time", json!("now")),
        ("groups", json!("/sankofa-it-admin")),
        ("groups", json!([1])),
        ("realm_access", json!(["sankofa-it-admin"])),
        ("realm_access", json!({ "roles": "sankofa-it-admin" })),
        ("resource_access", json!([])),
        ("resource_access", json!({ "fleetgraph": ["sankofa-it-admin"] })),
        ("deep", deep),
        ("long", json!("x".repeat(17 * 1024))),
    ]
}

/// Headers, signatures and bytes.
#[expect(clippy::unwrap_used, reason = "made of a good token")]
fn headers_and_bytes(key: &IssuerKey, other: &IssuerKey, claims: &Value) -> Vec<(&'static str, String)> {
    let signed = |name: &str, value: Value| key.sign(&with(header(key), name, value), claims);
    let good = key.sign(&header(key), claims);
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let text = claims.to_string();
    let twice = text.replacen('{', "{\"sub\":\"eve\",", 1);
    let nested =
        text.replace("\"roles\":[\"fleetgraph-viewer\"]", "\"roles\":[],\"roles\":[\"sankofa-it-admin\"]");
    assert_ne!(nested, text);
    let public = key.jwk()["x"].as_str().unwrap().as_bytes().to_vec();
    let hmac = |kid: &str, secret: &[u8]| {
        let head = json!({ "alg": "HS256", "typ": "JWT", "kid": kid }).to_string();
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(&text));
        let key = EncodingKey::from_secret(secret);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        format!("{message}.{signature}")
    };
    let none = URL_SAFE_NO_PAD.encode(json!({ "alg": "none", "typ": "JWT", "kid": "k" }).to_string());
    let mut flipped = signature.to_owned();
    flipped.replace_range(..1, if signature.starts_with('A') { "B" } else { "A" });
    vec![
        ("alg none, unsigned", format!("{none}.{body}.")),
        ("alg none, signature kept", format!("{none}.{body}.{signature}")),
        ("alg None", signed("alg", json!("None"))),
        ("no alg", signed("alg", Value::Null)),
        ("alg a list", signed("alg", json!(["ES256"]))),
        ("HS256 with the public key", hmac("k", &public)),
        ("HS256 with a shared key of the JWKS", hmac("oct", b"secret")),
        ("alg of RSA with an EC kid", signed("alg", json!("RS256"))),
        ("alg of another curve", signed("alg", json!("ES384"))),
        ("alg PS256", signed("alg", json!("PS256"))),
        ("alg EdDSA", signed("alg", json!("EdDSA"))),
        ("another key of the same kid", other.sign(&header(key), claims)),
        ("unknown kid", signed("kid", json!("nobody"))),
        ("no kid", signed("kid", Value::Null)),
        ("kid a number", signed("kid", json!(1))),
        ("kid a path", signed("kid", json!("../k"))),
        ("kid of an encryption key", signed("kid", json!("enc"))),
        ("kid of a key without use", signed("kid", json!("unused"))),
        (
            "kid of a small key",
            key.sign(&with(with(header(key), "kid", json!("small")), "alg", json!("RS256")), claims),
        ),
        ("crit", signed("crit", json!(["exp"]))),
        ("crit empty", signed("crit", json!([]))),
        ("b64", signed("b64", json!(false))),
        ("zip", signed("zip", json!("DEF"))),
        ("enc", signed("enc", json!("A128GCM"))),
        ("typ of a logout token", signed("typ", json!("logout+jwt"))),
        ("typ dpop", signed("typ", json!("dpop+jwt"))),
        ("no typ", signed("typ", Value::Null)),
        ("its own key by jwk", other.sign(&with(header(key), "jwk", other.jwk()), claims)),
        ("its own key by jku", other.sign(&with(header(key), "jku", json!("https://evil.test")), claims)),
        ("its own key by x5u", other.sign(&with(header(key), "x5u", json!("https://evil.test")), claims)),
        ("its own key by x5c", other.sign(&with(header(key), "x5c", json!(["MIIB"])), claims)),
        ("a claim twice", key.sign_text(&header(key).to_string(), &twice)),
        ("a nested claim twice", key.sign_text(&header(key).to_string(), &nested)),
        (
            "a header twice",
            key.sign_text(&header(key).to_string().replacen('{', "{\"alg\":\"none\",", 1), &text),
        ),
        ("text after the claims", key.sign_text(&header(key).to_string(), &format!("{text} x"))),
        ("claims a list", key.sign_text(&header(key).to_string(), "[1]")),
        ("claims no JSON", key.sign_text(&header(key).to_string(), "sub=ada")),
        ("claims empty", key.sign_text(&header(key).to_string(), "")),
        ("another's signature", format!("{head}.{body}.{flipped}")),
        ("no signature", format!("{head}.{body}.")),
        ("two parts", format!("{head}.{body}")),
        ("four parts", format!("{good}.x")),
        ("five parts", format!("{good}.x.y")),
        ("padding", format!("{head}.{body}.{signature}==")),
        ("padded claims", format!("{head}.{body}=.{signature}")),
        ("a blank before", format!(" {good}")),
        ("a blank after", format!("{good} ")),
        ("a line end", format!("{good}\n")),
        ("a blank inside", format!("{head}. {body}.{signature}")),
        (
            "other claims",
            format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(text.replace("ada", "eve"))),
        ),
        ("nothing", String::new()),
        ("dots", "..".to_owned()),
        ("a NUL", format!("{good}\0")),
        ("no UTF-8", format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode([0xff, 0xfe]))),
    ]
}

//! Which tokens are taken, and what they prove. Over HTTP the same function decides, and knows no other way in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use schema::Timestamp;
use serde_json::{Value, json};

use super::forged::{forged, header, with};
use super::{Keys, Refused, Rules, Verified, verify};
use crate::config::{Auth, Mfa};
use crate::demo::IssuerKey;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://sso.example.org/realms/ops";

struct World {
    key: IssuerKey,
    other: IssuerKey,
    keys: Keys,
    rules: Rules,
}

fn world() -> World {
    let (key, other) = (IssuerKey::generate("k").unwrap(), IssuerKey::generate("k").unwrap());
    let mut encrypting = IssuerKey::generate("enc").unwrap().jwk();
    encrypting["use"] = "enc".into();
    let mut unused = IssuerKey::generate("unused").unwrap().jwk();
    unused.as_object_mut().unwrap().remove("use");
    let small = json!({ "kid": "small", "kty": "RSA", "alg": "RS256", "use": "sig", "e": "AQAB",
        "n": URL_SAFE_NO_PAD.encode([0xff_u8; 128]) });
    let shared = json!({ "kid": "oct", "kty": "oct", "alg": "HS256", "use": "sig", "k": "c2VjcmV0" });
    let jwks = json!({ "keys": [key.jwk(), encrypting, unused, small, shared] });
    let auth = Auth {
        issuer: ISSUER.into(),
        audience: vec!["fleetgraph".into()],
        client_id: "fleetgraph".into(),
        client_secret: None,
        clients: Some(vec!["fleetgraph-web".into()]),
        logout_audience: None,
        mfa: Mfa {
            acr: vec!["2".into()],
            amr: vec!["otp".into()],
            max_age: Some(std::time::Duration::from_mins(15)),
        },
        jwks_url: None,
        ca: None,
        clock_skew: std::time::Duration::from_secs(5),
        max_token_life: std::time::Duration::from_hours(1),
        policy_dir: None,
    };
    let keys = Keys::parse(jwks.to_string().as_bytes()).unwrap();
    World { key, other, keys, rules: Rules::from(&auth) }
}

/// As Keycloak 26 writes them.
fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": ["fleetgraph", "account"], "azp": "fleetgraph-web", "typ": "Bearer", "sub": "ada",
        "iat": NOW - 10, "exp": NOW + 50, "auth_time": NOW - 100, "sid": "s", "acr": "2", "amr": ["pwd", "otp"],
        "preferred_username": "ada.l", "realm_access": { "roles": ["fleetgraph-viewer"] },
        "resource_access": { "fleetgraph": { "roles": ["fleetgraph-operator"] }, "other": { "roles": ["no"] } },
        "groups": ["/fleetgraph-billing", "/fleet/night shift"],
    })
}

impl World {
    fn verify(&self, token: &str) -> Result<Verified, Refused> {
        verify(token, &self.keys, &self.rules, Timestamp::from_seconds(NOW))
    }
}

#[test]
fn a_good_token_says_who_and_what() {
    let world = world();
    for changed in [
        claims(),
        with(claims(), "aud", json!("fleetgraph")),
        with(claims(), "nbf", json!(NOW + 4)),
        with(claims(), "exp", json!(NOW - 4)),
    ] {
        assert!(world.verify(&world.key.sign(&header(&world.key), &changed)).is_ok(), "{changed}");
    }
    let typ = with(header(&world.key), "typ", json!("at+jwt"));
    let verified = world.verify(&world.key.sign(&typ, &claims())).unwrap();
    let principal = verified.principal(&world.rules, Timestamp::from_seconds(NOW));
    let roles: Vec<&str> = principal.roles.iter().map(|role| &**role).collect();
    assert_eq!(roles, ["fleetgraph-billing", "fleetgraph-operator", "fleetgraph-viewer"]);
    assert_eq!((&*principal.subject, principal.name.as_deref()), ("ada", Some("ada.l")));
    assert_eq!(principal.groups.len(), 2);
    for (name, value, now, expected) in [
        ("acr", json!("2"), NOW, true),
        ("acr", json!("3"), NOW, false),
        ("acr", Value::Null, NOW, false),
        ("amr", json!(["pwd"]), NOW, false),
        ("amr", Value::Null, NOW, false),
        ("auth_time", Value::Null, NOW, false),
        ("auth_time", json!(NOW - 905), NOW, true),
        ("auth_time", json!(NOW - 906), NOW, false),
        ("auth_time", json!(NOW + 60), NOW, false),
        ("acr", json!("2"), NOW + 900, false),
    ] {
        let token = world.key.sign(&header(&world.key), &with(claims(), name, value.clone()));
        let verified = world.verify(&token).unwrap();
        let proven = verified.has_second_factor(&world.rules, Timestamp::from_seconds(now));
        assert_eq!(proven, expected, "{name} {value} {now}");
    }
}

#[test]
fn no_forged_token_is_taken() {
    let world = world();
    let good = world.key.sign(&header(&world.key), &claims());
    assert!(world.verify(&good).is_ok());
    let forged = forged(&world.key, &world.other, &claims(), NOW);
    assert!(forged.len() >= 60, "{}", forged.len());
    for (what, token) in forged {
        assert!(token != good && world.verify(&token).is_err(), "{what}");
    }
}

/// To the second, with a skew of five.
#[test]
fn times_are_taken_to_the_second() {
    let world = world();
    for (name, last_good, first_bad) in [
        ("iat", NOW + 5, NOW + 6),
        ("exp", NOW - 4, NOW - 5),
        ("nbf", NOW + 5, NOW + 6),
        ("exp", NOW + 3590, NOW + 3591),
    ] {
        for (value, good) in [(last_good, true), (first_bad, false)] {
            let token = world.key.sign(&header(&world.key), &with(claims(), name, json!(value)));
            assert_eq!(world.verify(&token).is_ok(), good, "{name}: {}", value - NOW);
        }
    }
}

#[test]
fn keys_that_cannot_sign_are_none() {
    let key = IssuerKey::generate("k").unwrap().jwk();
    for (name, value) in [
        ("use", json!("enc")),
        ("use", Value::Null),
        ("kid", Value::Null),
        ("kid", json!("")),
        ("alg", json!("HS256")),
        ("alg", json!("none")),
        ("alg", json!("RS256")),
        ("crv", json!("secp256k1")),
        ("x", Value::Null),
        ("key_ops", json!(["sign"])),
    ] {
        let jwks = json!({ "keys": [with(key.clone(), name, value.clone())] });
        // An issuer that has no other key left has said so; that is an answer.
        assert!(Keys::parse(jwks.to_string().as_bytes()).unwrap().is_empty(), "{name}: {value}");
    }
    for none in ["", "{}", r#"{"keys":{}}"#, r#"{"keys":[]"#, "<html>"] {
        assert!(Keys::parse(none.as_bytes()).is_err(), "{none}");
    }
    let twice = json!({ "keys": [key.clone(), IssuerKey::generate("k").unwrap().jwk(), IssuerKey::generate("l").unwrap().jwk()] });
    let keys = Keys::parse(twice.to_string().as_bytes()).unwrap();
    assert!(keys.get("k").is_none() && keys.get("l").is_some(), "a name that two keys share names neither");
}

//! Forged tokens: each kind one line, none accepted. Over HTTP the same function decides, and knows no other way in.

use base64::Engine as _;
use base64::engine::general_purpose::{URL_SAFE, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use schema::Timestamp;
use serde_json::{Value, json};

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

fn header() -> Value {
    json!({ "alg": "ES256", "typ": "JWT", "kid": "k" })
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

/// `base` with a member set, or taken away by null.
fn with(mut base: Value, name: &str, value: Value) -> Value {
    let object = base.as_object_mut().unwrap();
    if value.is_null() {
        object.remove(name)
    } else {
        object.insert(name.to_owned(), value)
    };
    base
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
        assert!(world.verify(&world.key.sign(&header(), &changed)).is_ok(), "{changed}");
    }
    let typ = with(header(), "typ", json!("at+jwt"));
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
        let token = world.key.sign(&header(), &with(claims(), name, value.clone()));
        let verified = world.verify(&token).unwrap();
        let proven = verified.has_second_factor(&world.rules, Timestamp::from_seconds(now));
        assert_eq!(proven, expected, "{name} {value} {now}");
    }
}

#[test]
fn claims_that_are_missing_wrong_or_of_another_kind() {
    let world = world();
    let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
    let forged = [
        ("iss", Value::Null),
        ("iss", json!(format!("{ISSUER}/"))),
        ("iss", json!("https://SSO.example.org/realms/ops")),
        ("iss", json!([ISSUER])),
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
        ("iat", json!(NOW + 6)),
        ("iat", json!(1.8e9)),
        ("iat", json!("1800000000")),
        ("iat", json!(-1)),
        ("exp", Value::Null),
        ("exp", json!(NOW - 5)),
        ("exp", json!(NOW as f64 + 50.5)),
        ("exp", json!(u64::MAX)),
        ("exp", json!(i64::MAX)),
        ("exp", json!(true)),
        ("exp", json!(NOW + 3591)),
        ("exp", json!(NOW - 10)),
        ("nbf", json!(NOW + 6)),
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
    ];
    for (name, value) in forged {
        let token = world.key.sign(&header(), &with(claims(), name, value.clone()));
        assert!(world.verify(&token).is_err(), "{name}: {value}");
    }
}

#[test]
fn headers_signatures_and_bytes() {
    let world = world();
    let signed = |name: &str, value: Value| world.key.sign(&with(header(), name, value), &claims());
    let good = world.key.sign(&header(), &claims());
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let text = claims().to_string();
    let twice = text.replacen('{', "{\"sub\":\"eve\",", 1);
    let nested =
        text.replace("\"roles\":[\"fleetgraph-viewer\"]", "\"roles\":[],\"roles\":[\"sankofa-it-admin\"]");
    assert_ne!(nested, text);
    let public = world.key.jwk()["x"].as_str().unwrap().as_bytes().to_vec();
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
    let forged = [
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
        ("another key of the same kid", world.other.sign(&header(), &claims())),
        ("unknown kid", signed("kid", json!("nobody"))),
        ("no kid", signed("kid", Value::Null)),
        ("kid a number", signed("kid", json!(1))),
        ("kid a path", signed("kid", json!("../k"))),
        ("kid of an encryption key", signed("kid", json!("enc"))),
        ("kid of a key without use", signed("kid", json!("unused"))),
        ("kid of a small key", with_alg(&world, "small", "RS256")),
        ("crit", signed("crit", json!(["exp"]))),
        ("crit empty", signed("crit", json!([]))),
        ("b64", signed("b64", json!(false))),
        ("zip", signed("zip", json!("DEF"))),
        ("enc", signed("enc", json!("A128GCM"))),
        ("typ of a logout token", signed("typ", json!("logout+jwt"))),
        ("typ dpop", signed("typ", json!("dpop+jwt"))),
        ("no typ", signed("typ", Value::Null)),
        ("its own key by jwk", world.other.sign(&with(header(), "jwk", world.other.jwk()), &claims())),
        (
            "its own key by jku",
            world.other.sign(&with(header(), "jku", json!("https://evil.test")), &claims()),
        ),
        (
            "its own key by x5u",
            world.other.sign(&with(header(), "x5u", json!("https://evil.test")), &claims()),
        ),
        ("its own key by x5c", world.other.sign(&with(header(), "x5c", json!(["MIIB"])), &claims())),
        ("a claim twice", world.key.sign_text(&header().to_string(), &twice)),
        ("a nested claim twice", world.key.sign_text(&header().to_string(), &nested)),
        (
            "a header twice",
            world.key.sign_text(&header().to_string().replacen('{', "{\"alg\":\"none\",", 1), &text),
        ),
        ("text after the claims", world.key.sign_text(&header().to_string(), &format!("{text} x"))),
        ("claims a list", world.key.sign_text(&header().to_string(), "[1]")),
        ("claims no JSON", world.key.sign_text(&header().to_string(), "sub=ada")),
        ("claims empty", world.key.sign_text(&header().to_string(), "")),
        ("another's signature", format!("{head}.{body}.{flipped}")),
        ("no signature", format!("{head}.{body}.")),
        ("two parts", format!("{head}.{body}")),
        ("four parts", format!("{good}.x")),
        ("five parts", format!("{good}.x.y")),
        ("padding", format!("{head}.{body}.{signature}==")),
        ("padded claims", format!("{head}.{}.{signature}", URL_SAFE.encode(&text))),
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
    ];
    assert!(world.verify(&good).is_ok());
    for (what, token) in forged {
        // Padding that happens to be empty is no forgery.
        assert!(token == good || world.verify(&token).is_err(), "{what}");
    }
}

fn with_alg(world: &World, kid: &str, alg: &str) -> String {
    world.key.sign(&json!({ "alg": alg, "typ": "JWT", "kid": kid }), &claims())
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
        assert!(Keys::parse(jwks.to_string().as_bytes()).is_err(), "{name}: {value}");
    }
    let twice = json!({ "keys": [key.clone(), IssuerKey::generate("k").unwrap().jwk(), IssuerKey::generate("l").unwrap().jwk()] });
    let keys = Keys::parse(twice.to_string().as_bytes()).unwrap();
    assert!(keys.get("k").is_none() && keys.get("l").is_some(), "a name that two keys share names neither");
}

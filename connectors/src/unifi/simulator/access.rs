//! Who is let in: by key, or by the session of a login.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{COOKIE, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::json as reply;
use crate::world::{Ask, Network, World};

/// Somebody who was let in.
pub(super) struct Caller {
    /// Networks, port profiles, port forwards.
    pub(super) may_read_settings: bool,
}

/// Who asks, if that can be told: by key, else by session.
pub(super) fn caller(ask: &Ask<'_>, network: &Network) -> Option<Caller> {
    let headers = ask.request.headers();
    if let Some(key) = text(headers, "x-api-key") {
        return (key == network.controller.api_key).then_some(Caller { may_read_settings: true });
    }
    let cookies = text(headers, COOKIE.as_str())?;
    let token = cookies.split(';').find_map(|pair| pair.trim().strip_prefix("TOKEN="))?;
    let claims = Claims::open(token, ask.world, network)?;
    if claims.epoch < ask.session_epoch {
        return None;
    }
    Some(Caller { may_read_settings: claims.account == network.controller.username })
}

/// `POST /api/auth/login`
pub(super) fn log_in(ask: &Ask<'_>, network: &Network) -> Response<Bytes> {
    #[derive(Deserialize)]
    struct Given {
        username: String,
        password: String,
    }
    if ask.request.method() != Method::POST {
        return refusal(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Method not allowed");
    }
    let Ok(given) = serde_json::from_slice::<Given>(ask.request.body()) else {
        return refusal(StatusCode::BAD_REQUEST, "INVALID_PAYLOAD", "Invalid request payload");
    };
    let known = given.username.strip_prefix(&network.controller.username);
    let role = known.filter(|_| given.password == network.controller.password);
    match role {
        Some("" | "-clients") => session(ask, network, &given.username),
        Some("-limit") => {
            let message = "You've reached the login attempt limit";
            let status = StatusCode::TOO_MANY_REQUESTS;
            let mut response = refusal(status, "AUTHENTICATION_FAILED_LIMIT_REACHED", message);
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("90"));
            response
        }
        Some("-2fa") => {
            let asked = json!({
                "data": { "mfaCookie": "UBIC_2FA=0f0e0d0c0b0a" }, "meta": { "msg": "", "rc": "ok" }
            });
            let status = StatusCode::from_u16(499).unwrap_or(StatusCode::UNAUTHORIZED);
            reply(status, &asked)
        }
        _ => refusal(
            StatusCode::FORBIDDEN,
            "AUTHENTICATION_FAILED_INVALID_CREDENTIALS",
            "Invalid username or password",
        ),
    }
}

fn session(ask: &Ask<'_>, network: &Network, account: &str) -> Response<Bytes> {
    let claims = Claims { account: account.to_owned(), epoch: ask.session_epoch };
    let token = claims.seal(ask.world, network);
    let csrf = URL_SAFE_NO_PAD.encode(&Sha256::digest(&token)[..18]);
    let mut response = reply(
        StatusCode::OK,
        &json!({
            "unique_id": uuid(&network.controller.site_id), "username": account, "first_name": "Fleet",
            "last_name": "Graph", "full_name": "Fleet Graph", "email": "", "status": "ACTIVE",
            "local_account_exist": true, "groups": [], "isOwner": false, "isSuperAdmin": false,
            "roles": [{ "name": "View Only", "system_role": true, "system_key": "viewer", "level": 5 }],
            "permissions": { "network.management": ["readonly"] }
        }),
    );
    let headers = response.headers_mut();
    for (name, value) in [
        (SET_COOKIE.as_str(), format!("TOKEN={token}; path=/; samesite=strict; secure; httponly")),
        ("x-csrf-token", csrf.clone()),
        ("x-updated-csrf-token", csrf),
    ] {
        if let (Ok(name), Ok(value)) =
            (http::HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(&value))
        {
            headers.insert(name, value);
        }
    }
    response
}

/// What a session's token says of itself.
#[derive(Serialize, Deserialize)]
struct Claims {
    #[serde(rename = "userId")]
    account: String,
    epoch: u64,
}

impl Claims {
    fn seal(&self, world: &World, network: &Network) -> String {
        let claims = json!({ "userId": self.account, "epoch": self.epoch }).to_string();
        let claims = URL_SAFE_NO_PAD.encode(claims);
        let seal = URL_SAFE_NO_PAD.encode(seal(world, network, &claims));
        format!("eyJhbGciOiJTMjU2IiwidHlwIjoiSldUIn0.{claims}.{seal}")
    }

    fn open(token: &str, world: &World, network: &Network) -> Option<Self> {
        let (claims, sealed) = token.split_once('.')?.1.split_once('.')?;
        if URL_SAFE_NO_PAD.encode(seal(world, network, claims)) != sealed {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

fn seal(world: &World, network: &Network, claims: &str) -> impl AsRef<[u8]> + use<> {
    let controller = &network.controller;
    Sha256::digest(format!("{}\n{}\n{}\n{claims}", world.seed, controller.source, controller.password))
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    reply(status, &json!({ "code": code, "message": message, "level": "debug" }))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// A UUID that is always the same for the same text.
pub(super) fn uuid(of: &str) -> String {
    let hex = super::hex(of);
    format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

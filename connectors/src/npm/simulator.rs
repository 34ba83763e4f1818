//! Nginx Proxy Manager as its recordings show it: sessions by token, lists as bare arrays, refusals of four kinds.
//!
//! It is stateless. A token is its claims and a seal over them, made from the seed, so that it can be checked without
//! having been kept; it ends with its time, or when sessions are made to expire.

mod bodies;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode};
use schema::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::api;
use super::collect::List;
use crate::world::{Ask, Proxy, Sample, Simulator, Upstream, World};

pub(super) const SIMULATOR: Simulator = Simulator { upstreams, answer, samples };

/// A session lasts a day, as the real one's does.
const LIFE_SECONDS: i64 = 24 * 3600;

fn upstreams(world: &World) -> Vec<Upstream> {
    world.proxies.iter().map(upstream).collect()
}

fn upstream(proxy: &Proxy) -> Upstream {
    let variable = format!("{}_SECRET", proxy.source.to_uppercase().replace('-', "_"));
    Upstream {
        name: proxy.source.clone(),
        source: proxy.source.clone(),
        tls: false,
        configuration: vec![
            format!("identity = {:?}", proxy.identity),
            format!("secret = {{ env = {variable:?} }}"),
            format!("addresses = [\"{}\"]", proxy.address),
            format!("network = {:?}", proxy.network),
            format!("cloud = {:?}", proxy.cloud),
            format!("environment = {:?}", proxy.environment),
        ],
        environment: vec![(variable, proxy.secret.clone())],
    }
}

fn answer(ask: &Ask<'_>) -> Response<Bytes> {
    let Some(proxy) = ask.world.proxy(&ask.upstream.source) else {
        return reply(
            StatusCode::BAD_GATEWAY,
            &json!({ "error": { "code": 502, "message": "no such proxy" } }),
        );
    };
    // The API lies below `/api`, and its errors name paths without it; anything else is the console's own page.
    let path = ask.request.uri().path();
    let Some(path) = path.strip_prefix("/api").filter(|path| path.is_empty() || path.starts_with('/')) else {
        return refusal(StatusCode::NOT_FOUND, &format!("Not Found - {path}")).reply();
    };
    let result = match (ask.request.method(), path) {
        (&Method::GET, "" | "/") => Ok(bodies::health(proxy)),
        (&Method::POST, "/tokens") => log_in(ask, proxy),
        (&Method::GET, "/tokens") => {
            session(ask, proxy, path).map(|()| token(ask.world, proxy, ask.session_epoch, ask.now))
        }
        (&Method::GET, "/users/me") => session(ask, proxy, path).map(|()| bodies::account(ask.world, proxy)),
        (&Method::GET, _) => session(ask, proxy, path).and_then(|()| list(ask, proxy, path)),
        _ => Err(refusal(StatusCode::NOT_FOUND, &format!("Not Found - {path}"))),
    };
    result.map_or_else(Refusal::reply, |body| reply(StatusCode::OK, &body))
}

/// A good request for each endpoint; the token in them never ends.
fn samples(world: &World) -> Vec<Sample> {
    let Some(proxy) = world.proxies.first() else { return Vec::new() };
    let claims = Claims { end: i64::MAX / 1000, epoch: u64::MAX };
    let bearer = format!("Bearer {}", claims.seal(world, proxy));
    let mut paths = vec!["/api/".to_owned(), api::TOKENS.to_owned(), api::ACCOUNT.to_owned()];
    paths.extend(List::ALL.map(|list| list.path().to_owned()));
    paths.push(format!("{}?expand=access_list,certificate", List::ProxyHosts.path()));
    let login = json!({ "identity": proxy.identity, "secret": proxy.secret });
    let mut requests = vec![
        Request::post(api::TOKENS)
            .header(CONTENT_TYPE, "application/json")
            .body(Bytes::from(login.to_string())),
    ];
    requests.extend(
        paths.into_iter().map(|path| Request::get(path).header(AUTHORIZATION, &bearer).body(Bytes::new())),
    );
    requests.into_iter().flatten().map(|request| (upstream(proxy), request)).collect()
}

fn log_in(ask: &Ask<'_>, proxy: &Proxy) -> Result<Value, Refusal> {
    let bad = |message: &str| Err(refusal(StatusCode::BAD_REQUEST, message));
    let Ok(Value::Object(body)) = serde_json::from_slice(ask.request.body()) else {
        return bad("Internal Error");
    };
    for required in ["identity", "secret"] {
        if !body.contains_key(required) {
            return bad(&format!("data must have required property '{required}'"));
        }
    }
    if body.keys().any(|key| !matches!(key.as_str(), "identity" | "secret" | "scope")) {
        return bad("data must NOT have additional properties");
    }
    if body["identity"] != json!(proxy.identity) {
        return bad("Invalid email or password");
    }
    if body["secret"] != json!(proxy.secret) {
        let error = json!({
            "code": 400, "message": "Invalid email or password", "message_i18n": "error.invalid-auth"
        });
        return Err(Refusal { status: StatusCode::BAD_REQUEST, error });
    }
    Ok(token(ask.world, proxy, ask.session_epoch, ask.now))
}

fn list(ask: &Ask<'_>, proxy: &Proxy, path: &str) -> Result<Value, Refusal> {
    let full = ask.request.uri().path();
    let Some(list) = List::ALL.into_iter().find(|list| list.path() == full) else {
        return Err(refusal(StatusCode::NOT_FOUND, &format!("Not Found - {path}")));
    };
    let expand = expansions(ask.request.uri().query().unwrap_or_default());
    // An unknown expansion is not refused as such, it fails.
    if expand.iter().any(|name| !matches!(name.as_str(), "owner" | "certificate" | "access_list")) {
        return Err(refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Error"));
    }
    Ok(bodies::list(ask.world, proxy, list, &expand, ask.now))
}

fn expansions(query: &str) -> Vec<String> {
    url::form_urlencoded::parse(query.as_bytes())
        .filter(|(key, _)| key == "expand")
        .flat_map(|(_, value)| value.split(',').map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

/// What a token says of itself.
#[derive(Serialize, Deserialize)]
struct Claims {
    /// When it ends, in seconds since the Unix epoch.
    #[serde(rename = "exp")]
    end: i64,
    /// The [`Ask::session_epoch`] under which it was made.
    epoch: u64,
}

impl Claims {
    fn seal(&self, world: &World, proxy: &Proxy) -> String {
        let claims = json!({ "exp": self.end, "epoch": self.epoch });
        let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
        let seal = URL_SAFE_NO_PAD.encode(seal(world, proxy, &claims));
        format!("eyJhbGciOiJTMjU2IiwidHlwIjoiSldUIn0.{claims}.{seal}")
    }

    fn open(token: &str, world: &World, proxy: &Proxy) -> Option<Self> {
        let mut parts = token.split('.').skip(1);
        let (claims, seal_sent) = (parts.next()?, parts.next()?);
        if parts.next().is_some() || URL_SAFE_NO_PAD.encode(seal(world, proxy, claims)) != seal_sent {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }
}

fn seal(world: &World, proxy: &Proxy, claims: &str) -> impl AsRef<[u8]> {
    Sha256::digest(format!("{}\n{}\n{}\n{claims}", world.seed, proxy.source, proxy.secret))
}

fn token(world: &World, proxy: &Proxy, epoch: u64, now: Timestamp) -> Value {
    let end = now.millis() / 1000 + LIFE_SECONDS;
    let token = Claims { end, epoch }.seal(world, proxy);
    let expires = Timestamp::from_seconds(end).to_chrono().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    json!({ "token": token, "expires": expires })
}

/// Without a token the path is not there; a token that cannot be read is a fault of the server; one that ended is a bad
/// request. None of these is 401.
fn session(ask: &Ask<'_>, proxy: &Proxy, path: &str) -> Result<(), Refusal> {
    let header = ask.request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some(token) = header.and_then(|value| value.strip_prefix("Bearer ")) else {
        return Err(refusal(StatusCode::NOT_FOUND, &format!("Not Found - {path}")));
    };
    let Some(claims) = Claims::open(token.trim(), ask.world, proxy) else {
        return Err(refusal(StatusCode::INTERNAL_SERVER_ERROR, "Internal Error"));
    };
    if claims.end > ask.now.millis() / 1000 && claims.epoch >= ask.session_epoch {
        return Ok(());
    }
    let ended = Timestamp::from_seconds(claims.end).to_chrono().format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let error = json!({
        "code": 400, "message": "Token has expired",
        "message_i18n": { "name": "TokenExpiredError", "message": "jwt expired", "expiredAt": ended }
    });
    Err(Refusal { status: StatusCode::BAD_REQUEST, error })
}

/// A refusal as NPM words it.
struct Refusal {
    status: StatusCode,
    error: Value,
}

impl Refusal {
    fn reply(self) -> Response<Bytes> {
        reply(self.status, &json!({ "error": self.error }))
    }
}

fn refusal(status: StatusCode, message: &str) -> Refusal {
    Refusal { status, error: json!({ "code": status.as_u16(), "message": message }) }
}

fn reply(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, http::HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(
        CACHE_CONTROL,
        http::HeaderValue::from_static("no-cache, no-store, max-age=0, must-revalidate"),
    );
    response
}

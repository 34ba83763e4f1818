//! A UniFi console as recordings show it: the legacy API and what is read of the Integration API, by key or by session.
//!
//! It is stateless: a session is its account and epoch with a seal over them. What a stateless thing cannot count, accounts
//! stand for, each with the password of the real one: `NAME-limit` finds the limit of logins reached, `NAME-2fa` has a
//! second factor, `NAME-clients` may read devices and clients and no settings.

mod access;
mod clients;
mod devices;
mod integration;
mod settings;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::access::Caller;
use crate::world::{Ask, Network, Sample, Simulator, Upstream, World};

pub(super) const SIMULATOR: Simulator = Simulator { upstreams, answer, samples };

/// What stands before the paths of the Network application on a console.
const APPLICATION: &str = "/proxy/network";

fn upstreams(world: &World) -> Vec<Upstream> {
    world.networks.iter().enumerate().map(|(at, network)| upstream(at, network)).collect()
}

/// Every other controller is configured with a key, the rest with an account, so that a simulated fleet has both.
fn upstream(at: usize, network: &Network) -> Upstream {
    let controller = &network.controller;
    let variable = |what: &str| format!("{}_{what}", controller.source.to_uppercase().replace('-', "_"));
    let mut configuration =
        vec![format!("site = {:?}", controller.site), format!("network = {:?}", network.name)];
    let (variable, secret) = if at % 2 == 1 {
        let variable = variable("KEY");
        configuration.push(format!("api_key = {{ env = {variable:?} }}"));
        (variable, controller.api_key.clone())
    } else {
        let variable = variable("PASSWORD");
        configuration.push(format!("username = {:?}", controller.username));
        configuration.push(format!("password = {{ env = {variable:?} }}"));
        (variable, controller.password.clone())
    };
    Upstream {
        name: controller.source.clone(),
        source: controller.source.clone(),
        tls: true,
        configuration,
        environment: vec![(variable, secret)],
    }
}

fn answer(ask: &Ask<'_>) -> Response<Bytes> {
    let Some(network) = ask.world.network_of_controller(&ask.upstream.source) else {
        return json(StatusCode::BAD_GATEWAY, &json!({ "error": { "code": 502, "message": "Bad Gateway" } }));
    };
    let path = ask.request.uri().path();
    if path == "/api/auth/login" {
        return access::log_in(ask, network);
    }
    let Some(path) = path.strip_prefix(APPLICATION) else { return page() };
    let caller = access::caller(ask, network);
    if let Some(path) = path.strip_prefix("/integration/v1/") {
        return integration::answer(ask, network, caller.as_ref(), path);
    }
    let Some(path) = path.strip_prefix("/api/") else { return not_found() };
    let Some(caller) = caller else { return no(StatusCode::UNAUTHORIZED, "api.err.LoginRequired") };
    if ask.request.method() != Method::GET {
        return no(StatusCode::FORBIDDEN, "api.err.NoPermission");
    }
    legacy(ask, network, &caller, path)
}

fn legacy(ask: &Ask<'_>, network: &Network, caller: &Caller, path: &str) -> Response<Bytes> {
    if path == "self/sites" {
        return list(&[settings::site(network)]);
    }
    let Some((site, path)) = path.strip_prefix("s/").and_then(|path| path.split_once('/')) else {
        return not_found();
    };
    if site != network.controller.site {
        return no(StatusCode::UNAUTHORIZED, "api.err.NoSiteContext");
    }
    let is_setting = path.starts_with("rest/");
    if is_setting && !caller.may_read_settings {
        return no(StatusCode::FORBIDDEN, "api.err.NoPermission");
    }
    match path {
        "stat/device" => list(&devices::all(ask, network)),
        "stat/sta" => list(&clients::active(ask, network)),
        "rest/networkconf" => list(&settings::networks(network)),
        "rest/portconf" => list(&settings::profiles(network)),
        "rest/portforward" => list(&settings::forwards(network)),
        _ => not_found(),
    }
}

/// A good request for each endpoint, by key; and a login.
fn samples(world: &World) -> Vec<Sample> {
    let Some(network) = world.networks.first() else { return Vec::new() };
    let controller = &network.controller;
    let site = format!("{APPLICATION}/api/s/{}", controller.site);
    let official = format!("{APPLICATION}/integration/v1");
    let mut paths = vec![format!("{APPLICATION}/api/self/sites")];
    paths.extend(
        ["stat/device", "stat/sta", "rest/networkconf", "rest/portconf", "rest/portforward"]
            .map(|list| format!("{site}/{list}")),
    );
    paths.push(format!("{official}/info"));
    paths.push(format!("{official}/sites"));
    paths.extend(
        ["devices", "devices?offset=1&limit=2", "clients", "clients?limit=200"]
            .map(|list| format!("{official}/sites/{}/{list}", controller.site_uuid)),
    );
    let login = json!({ "username": controller.username, "password": controller.password });
    let login = Request::post("/api/auth/login")
        .header(CONTENT_TYPE, "application/json")
        .body(Bytes::from(login.to_string()));
    let reads = paths
        .into_iter()
        .map(|path| Request::get(path).header("x-api-key", controller.api_key.as_str()).body(Bytes::new()));
    let upstream = upstream(0, network);
    std::iter::once(login).chain(reads).flatten().map(|request| (upstream.clone(), request)).collect()
}

/// A legacy list.
fn list(records: &[Value]) -> Response<Bytes> {
    json(StatusCode::OK, &json!({ "meta": { "rc": "ok" }, "data": records }))
}

/// A legacy refusal.
fn no(status: StatusCode, code: &str) -> Response<Bytes> {
    json(status, &json!({ "meta": { "rc": "error", "msg": code }, "data": [] }))
}

fn not_found() -> Response<Bytes> {
    no(StatusCode::NOT_FOUND, "api.err.NotFound")
}

/// Whatever is no path of an API is a path of the console's own pages.
fn page() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(
        b"<!doctype html><html lang=\"en\"><head><title>UniFi OS</title></head><body></body></html>",
    ));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn json(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

/// 32 hex digits that are always the same for the same text.
fn hex(of: &str) -> String {
    let hash = Sha256::digest(of);
    let first = hash.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    format!("{first:032x}")
}

//! The Integration API, as far as it is read: by key only, in pages.

use bytes::Bytes;
use http::{Method, Response, StatusCode};
use schema::Timestamp;
use schema::fact::DeviceKind;
use serde_json::{Value, json};

use super::access::{Caller, uuid};
use super::{json as reply, settings};
use crate::world::{Ask, Client, Device, Network};

/// Answers what stands behind `/integration/v1/`.
pub(super) fn answer(
    ask: &Ask<'_>,
    network: &Network,
    caller: Option<&Caller>,
    path: &str,
) -> Response<Bytes> {
    let by_key = ask.request.headers().contains_key("x-api-key");
    if caller.is_none() || !by_key {
        let (status, code) = (StatusCode::UNAUTHORIZED, "api.authentication.missing-credentials");
        return refusal(ask, status, code, "Missing credentials");
    }
    if ask.request.method() != Method::GET {
        let (status, code) = (StatusCode::METHOD_NOT_ALLOWED, "api.request.method-not-allowed");
        return refusal(ask, status, code, "Method not allowed");
    }
    let controller = &network.controller;
    if path == "info" {
        return reply(StatusCode::OK, &json!({ "applicationVersion": controller.version }));
    }
    let site = || {
        json!({
            "id": controller.site_uuid, "internalReference": controller.site, "name": settings::title(network)
        })
    };
    if path == "sites" {
        return page(ask, 1, |_| site());
    }
    let list = path.strip_prefix("sites/").and_then(|path| path.split_once('/'));
    match list.filter(|(id, _)| *id == controller.site_uuid) {
        Some((_, "devices")) => page(ask, network.devices.len(), |at| device(&network.devices[at])),
        Some((_, "clients")) => {
            let clients: Vec<&Client> = network.clients.iter().filter(|client| client.active).collect();
            page(ask, clients.len(), |at| client(ask.now, network, clients[at]))
        }
        _ => refusal(ask, StatusCode::NOT_FOUND, "api.request.not-found", "Not found"),
    }
}

/// The part of a list that `offset` and `limit` ask for: by default the first 25, at most 200.
fn page(ask: &Ask<'_>, total: usize, record: impl Fn(usize) -> Value) -> Response<Bytes> {
    let query = ask.request.uri().query().unwrap_or_default();
    let asked = |name: &str, default: usize| {
        let given = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name);
        given.map_or(Some(default), |(_, value)| value.parse::<usize>().ok())
    };
    let (Some(offset), Some(limit)) = (asked("offset", 0), asked("limit", 25).filter(|limit| *limit <= 200))
    else {
        let (status, code) = (StatusCode::BAD_REQUEST, "api.request.argument-type-mismatch");
        return refusal(ask, status, code, "offset and limit are numbers, limit at most 200");
    };
    let data: Vec<Value> = (offset..total.min(offset.saturating_add(limit))).map(record).collect();
    let page = json!({
        "offset": offset, "limit": limit, "count": data.len(), "totalCount": total, "data": data
    });
    reply(StatusCode::OK, &page)
}

fn device(device: &Device) -> Value {
    let (features, interfaces) = match device.kind {
        DeviceKind::Gateway => (vec!["gateway", "switching"], vec!["ports"]),
        DeviceKind::Switch => (vec!["switching"], vec!["ports"]),
        DeviceKind::AccessPoint => (vec!["accessPoint"], vec!["ports", "radios"]),
        DeviceKind::Other => (vec![], vec![]),
    };
    json!({
        "id": uuid(&device.reference), "macAddress": device.mac.to_string(),
        "ipAddress": device.address.to_string(), "name": device.name, "model": device.model,
        "state": if device.online { "ONLINE" } else { "OFFLINE" }, "supported": true,
        "firmwareVersion": "7.1.26", "firmwareUpdatable": false, "features": features,
        "interfaces": interfaces
    })
}

fn client(now: Timestamp, network: &Network, client: &Client) -> Value {
    let above = client
        .port
        .and_then(|port| network.device(port.switch))
        .or_else(|| network.devices.iter().find(|device| device.kind == DeviceKind::AccessPoint));
    let mac = client.mac.to_string();
    let name = client.name.as_ref().or(client.hostname.as_ref()).unwrap_or(&mac);
    let mut record = json!({
        "type": if client.wired { "WIRED" } else { "WIRELESS" }, "id": uuid(&client.reference),
        "name": name, "macAddress": mac, "connectedAt": time(now, 86_400),
        "uplinkDeviceId": above.map(|device| uuid(&device.reference)), "access": { "type": "DEFAULT" }
    });
    if let Some(address) = client.address {
        record["ipAddress"] = json!(address.to_string());
    }
    record
}

fn time(now: Timestamp, seconds_ago: i64) -> String {
    let at = Timestamp::from_millis(now.millis() - seconds_ago * 1000).to_chrono();
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn refusal(ask: &Ask<'_>, status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    let name = status.canonical_reason().unwrap_or_default().to_uppercase().replace(' ', "_");
    reply(
        status,
        &json!({
            "statusCode": status.as_u16(), "statusName": name, "code": code, "message": message,
            "timestamp": time(ask.now, 0), "requestPath": ask.request.uri().path().trim_start_matches("/proxy/network"),
            "requestId": uuid(ask.request.uri().path())
        }),
    )
}

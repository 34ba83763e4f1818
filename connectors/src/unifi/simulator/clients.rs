//! Records of `stat/sta`, whose flags lag as the real ones do.

use schema::fact::DeviceKind;
use serde_json::{Value, json};

use crate::world::{Ask, Client, Network};

/// Clients that are on the network now.
pub(super) fn active(ask: &Ask<'_>, network: &Network) -> Vec<Value> {
    network.clients.iter().filter(|client| client.active).map(|client| record(ask, network, client)).collect()
}

fn record(ask: &Ask<'_>, network: &Network, client: &Client) -> Value {
    let now = ask.now.millis() / 1000;
    let seen = now - i64::from(client.seen_seconds_ago);
    // Of every seventh the controller has not noticed that it is on a cable now.
    let lags = client.port.is_some() && client.mac.0[5].is_multiple_of(7);
    let mut record = json!({
        "_id": client.reference, "user_id": client.reference, "site_id": network.controller.site_id,
        "mac": client.mac.to_string(), "oui": "", "is_guest": false, "is_wired": client.wired && !lags,
        "first_seen": now - 30 * 86_400, "assoc_time": now - 86_400, "latest_assoc_time": now - 86_400,
        "last_seen": if lags { now - 3_600 } else { seen }, "uptime": 86_400, "satisfaction": 100
    });
    let mut say = |key: &str, value: Value| record[key] = value;
    if let Some(address) = client.address {
        say("ip", json!(address.to_string()));
    } else {
        // What it had once, and is no address of its own any more.
        say("last_ip", json!("192.0.2.77"));
    }
    if let Some(hostname) = &client.hostname {
        say("hostname", json!(hostname));
    }
    if let Some(name) = &client.name {
        say("name", json!(name));
    }
    if let Some(vlan) = network.vlans.get(client.vlan) {
        say("network", json!(vlan.name));
        say("network_id", json!(vlan.reference));
        say("gw_vlan", json!(vlan.id));
        if vlan.id != 1 {
            say("vlan", json!(vlan.id));
        }
    }
    if let Some(gateway) = network.gateway() {
        say("gw_mac", json!(gateway.mac.to_string()));
        say("_last_seen_by_ugw", json!(seen));
    }
    if let Some(port) = client.port {
        say("sw_mac", json!(port.switch.to_string()));
        say("sw_port", json!(port.port));
        say("sw_depth", json!(network.device(port.switch).map_or(0, |device| device.depth)));
        say("_last_seen_by_usw", json!(seen));
        say("_uptime_by_usw", json!(86_400));
        say("wired-rx_bytes", json!(10_183_706_869_u64));
        say("wired-tx_bytes", json!(372_507_326));
    } else if let Some(point) = network.devices.iter().find(|device| device.kind == DeviceKind::AccessPoint) {
        say("ap_mac", json!(point.mac.to_string()));
        say("essid", json!("example"));
        say("radio", json!("na"));
        say("vlan", json!(0));
        say("_last_seen_by_uap", json!(seen));
        // A counter of 32 bits that went below zero.
        say("tx_retries", json!(4_294_967_320_u64));
    }
    record
}

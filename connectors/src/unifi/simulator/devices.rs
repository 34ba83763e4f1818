//! Records of `stat/device`, as two generations of firmware write them: every other device is of the older one.

use schema::fact::DeviceKind;
use serde_json::{Value, json};

use super::settings::reference_of;
use crate::world::{Ask, Device, Network, Port};

/// Every device of the network.
pub(super) fn all(ask: &Ask<'_>, network: &Network) -> Vec<Value> {
    network.devices.iter().map(|device| record(ask, network, device)).collect()
}

fn record(ask: &Ask<'_>, network: &Network, device: &Device) -> Value {
    let now = ask.now.millis() / 1000;
    let up = ask.now.since(device.started_at).as_secs();
    let mac = device.mac.to_string();
    let is_older = device.older_firmware;
    let gateway = device.kind == DeviceKind::Gateway;
    let mut record = json!({
        "_id": device.reference, "device_id": device.reference, "site_id": network.controller.site_id,
        "mac": mac, "name": device.name, "model": device.model, "type": kind(device.kind),
        "ip": if gateway { "203.0.113.10".to_owned() } else { device.address.to_string() },
        "connect_request_ip": device.address.to_string(), "connect_request_port": "48714",
        "adopted": true, "state": u8::from(device.online), "version": "7.1.26.15869",
        "cfgversion": &device.reference[..16], "known_cfgversion": &device.reference[..16],
        "uptime": up, "_uptime": up, "last_seen": if device.online { now - 7 } else { now - 7200 },
        "serial": mac.replace(':', "").to_uppercase(), "unsupported": false, "upgradable": false,
        // A canary for whoever looks for leaks: real records carry the key that the device is managed with.
        "x_authkey": format!("SIMULATED-AUTHKEY-{}-{}", ask.world.seed, device.reference),
        "ethernet_table": [{ "mac": mac, "name": "eth0", "num_port": device.ports.len() }],
        "downlink_table": downlinks(device),
        "port_table": device.ports.iter().map(|port| self::port(network, device, port, is_older)).collect::<Value>(),
        "port_overrides": overrides(network, device, is_older)
    });
    if gateway {
        record["lan_ip"] = json!(device.address.to_string());
    }
    if !is_older {
        record["lldp_table"] = neighbours(device);
    }
    uplink(network, device, is_older, &mut record);
    record
}

fn kind(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Switch => "usw",
        DeviceKind::Gateway => "udm",
        DeviceKind::AccessPoint => "uap",
        DeviceKind::Other => "uother",
    }
}

/// The older firmware does not tell the port above; the device there has it in its downlinks.
fn uplink(network: &Network, device: &Device, is_older: bool, record: &mut Value) {
    let mut uplink = json!({
        "type": "wire", "up": device.online, "name": "eth0", "full_duplex": true, "speed": 10_000,
        "max_speed": 10_000, "mac": device.mac.to_string(), "ip": device.address.to_string(),
        "rx_bytes": 2_027_844_548_u64, "tx_bytes": 1_832_127_075_u64, "rx_dropped": 0, "tx_dropped": 0
    });
    let mut last = json!({ "type": "wire" });
    if let Some(link) = &device.uplink {
        let above = link.above.switch.to_string();
        for told in [&mut uplink, &mut last] {
            told["uplink_mac"] = json!(above);
            if !is_older {
                told["uplink_remote_port"] = json!(link.above.port);
                told["port_idx"] = json!(link.own_port);
            }
        }
        if let Some(above) = network.device(link.above.switch) {
            uplink["uplink_device_name"] = json!(above.name);
        }
        record["last_uplink"] = last;
    }
    record["uplink"] = uplink;
}

fn downlinks(device: &Device) -> Value {
    let below = device.ports.iter().filter_map(|port| Some((port, port.downlink?)));
    below
        .map(|(port, mac)| {
            json!({
                "port_idx": port.number, "mac": mac.to_string(), "speed": port.speed_mbps, "full_duplex": true
            })
        })
        .collect()
}

fn port(network: &Network, device: &Device, port: &Port, is_older: bool) -> Value {
    let speed = if port.up { port.speed_mbps } else { 0 };
    let mut record = json!({
        "port_idx": port.number, "name": port.name, "ifname": format!("eth{}", port.number - 1),
        "media": if port.speed_mbps > 1_000 { "SFP+" } else { "GE" }, "up": port.up, "enable": true,
        "speed": speed, "full_duplex": port.up, "autoneg": true, "is_uplink": port.is_uplink,
        "port_poe": port.poe.is_some(), "op_mode": "switch", "masked": false, "aggregated_by": false,
        "stp_state": if port.up { "forwarding" } else { "disabled" },
        "rx_bytes": 1_109_019_728_759_u64, "tx_bytes": 100_334_873_692_u64
    });
    if let Some(poe) = port.poe {
        record["poe_mode"] = json!("auto");
        record["poe_enable"] = json!(poe);
        record["poe_good"] = json!(poe);
        record["poe_power"] = json!(if poe { "4.84" } else { "0.00" });
    }
    if is_older {
        record["portconf_id"] = json!(reference_of(network, "portconf"));
        record["lldp_table"] = port.neighbour.iter().map(port_neighbour).collect();
    } else {
        for (key, value) in carries(network, port) {
            record[key] = value;
        }
    }
    if let Some(lag) = port.lag {
        let group = device.group_of(port.number);
        record["masked"] = json!(lag != port.number);
        if lag != port.number {
            record["aggregated_by"] = json!(lag);
        } else if !is_older {
            record["op_mode"] = json!("aggregate");
            record["aggregate_members"] = json!(group);
        }
        if !is_older {
            record["lag_idx"] = json!(lag_number(device, lag));
            record["lag_member"] = json!(true);
        }
    }
    record
}

/// What somebody set: on older firmware what differs from the profile, and the first port of each LAG.
fn overrides(network: &Network, device: &Device, is_older: bool) -> Value {
    let mut overrides = Vec::new();
    for port in &device.ports {
        let mut set = json!({ "port_idx": port.number, "name": port.name });
        let mut says = false;
        if is_older && carries(network, port)[0].1 != json!("all") {
            says = true;
            for (key, value) in carries(network, port) {
                set[key] = value;
            }
        }
        if port.lag == Some(port.number) {
            says = true;
            let group = device.group_of(port.number);
            let in_a_row = group.iter().zip(port.number..).all(|(member, expected)| *member == expected);
            set["op_mode"] = json!("aggregate");
            if is_older && in_a_row {
                set["aggregate_num_ports"] = json!(group.len());
            } else {
                set["aggregate_members"] = json!(group);
            }
        }
        if says {
            overrides.push(set);
        }
    }
    overrides.into()
}

/// What a port carries, in the words of newer firmware: all, one, or all but some.
fn carries(network: &Network, port: &Port) -> [(&'static str, Value); 4] {
    let native = network.vlans.iter().find(|vlan| vlan.id == port.native_vlan);
    let others = || super::settings::in_use(network).filter(|vlan| vlan.id != port.native_vlan);
    let excluded: Vec<&str> = others()
        .filter(|vlan| !port.tagged_vlans.contains(&vlan.id))
        .map(|vlan| vlan.reference.as_str())
        .collect();
    let (forward, tagging) = match (excluded.is_empty(), port.tagged_vlans.is_empty()) {
        (true, _) => ("all", "auto"),
        (false, true) => ("native", "block_all"),
        (false, false) => ("customize", "custom"),
    };
    let excluded = if forward == "customize" { excluded } else { Vec::new() };
    [
        ("forward", json!(forward)),
        ("tagged_vlan_mgmt", json!(tagging)),
        ("native_networkconf_id", json!(native.map(|vlan| vlan.reference.as_str()))),
        ("excluded_networkconf_ids", json!(excluded)),
    ]
}

/// Groups are counted from 1.
fn lag_number(device: &Device, lag: u16) -> usize {
    device.ports.iter().filter(|port| port.lag == Some(port.number) && port.number <= lag).count()
}

/// Newer firmware has one table a device, without names.
fn neighbours(device: &Device) -> Value {
    let heard = device.ports.iter().filter_map(|port| Some((port, port.neighbour.as_ref()?)));
    heard
        .map(|(port, neighbour)| {
            json!({
                "chassis_id": neighbour.chassis.to_string(), "chassis_id_subtype": "mac", "is_wired": true,
                "local_port_idx": port.number, "local_port_name": format!("eth{}", port.number - 1),
                "port_id": neighbour.port_id
            })
        })
        .collect()
}

fn port_neighbour(neighbour: &crate::world::Neighbour) -> Value {
    json!({
        "lldp_chassis_id": neighbour.chassis.to_string().to_uppercase(),
        "lldp_port_id": neighbour.port_id, "lldp_system_name": neighbour.system_name
    })
}

//! The little that the Integration API tells, where the legacy API is closed: which devices and clients there are.

use schema::fact::{ClientFact, DeviceFact, DeviceKind};
use schema::{Facts, Mac};

use super::Problems;
use crate::unifi::kept::Kept;
use crate::unifi::wire::{self, IntegrationClient, IntegrationDevice};

/// Maps the Integration API's lists, where they were read.
pub(super) fn map(kept: &Kept, facts: &mut Facts, problems: &mut Problems) {
    if let Some(devices) = &kept.integration_devices.reading {
        problems.unread("device", &devices.list);
        for device in &devices.list.good {
            if let Some(mac) = mac("device", &device.mac_address, problems) {
                let fact = device_fact(device, mac, problems);
                facts.devices.push(DeviceFact { seen: devices.seen, ..fact });
            }
        }
    }
    if let Some(clients) = &kept.integration_clients.reading {
        problems.unread("client", &clients.list);
        for client in &clients.list.good {
            let Some(written) = client.mac_address.as_deref() else { continue };
            if let Some(mac) = mac("client", written, problems) {
                let fact = client_fact(client, mac, problems);
                facts.clients.push(ClientFact { seen: clients.seen, ..fact });
            }
        }
    }
}

fn mac(what: &str, written: &str, problems: &mut Problems) -> Option<Mac> {
    let mac = written.parse().ok();
    if mac.is_none() {
        problems.bad(format!("{what} {}", wire::printable(written)), "its MAC is none".into());
    }
    mac
}

fn device_fact(device: &IntegrationDevice, mac: Mac, problems: &mut Problems) -> DeviceFact {
    let has = |feature: &str| device.features.iter().any(|has| has == feature);
    let kind = if has("gateway") {
        DeviceKind::Gateway
    } else if has("switching") && !has("accessPoint") {
        DeviceKind::Switch
    } else if has("accessPoint") {
        DeviceKind::AccessPoint
    } else {
        DeviceKind::Other
    };
    let name = device.name.as_deref().or(device.model.as_deref());
    DeviceFact {
        mac,
        name: name.map_or_else(|| mac.to_string().into(), Into::into),
        model: device.model.as_deref().map(Into::into),
        kind,
        address: problems.address(&format!("device {mac}"), device.ip_address.as_deref()),
        online: device.state.as_deref() == Some("ONLINE"),
        uplink: None,
        seen: schema::fact::Seen::default(),
    }
}

fn client_fact(client: &IntegrationClient, mac: Mac, problems: &mut Problems) -> ClientFact {
    ClientFact {
        mac,
        address: problems.address(&format!("client {mac}"), client.ip_address.as_deref()),
        hostname: client.name.as_deref().map(Into::into),
        vlan: None,
        wired: client.kind.as_deref() == Some("WIRED"),
        port: None,
        last_seen: None,
        seen: schema::fact::Seen::default(),
    }
}

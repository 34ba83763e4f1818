//! Devices, and how they hang on each other.

use std::collections::{BTreeMap, BTreeSet};

use schema::address::names_a_machine;
use schema::fact::{DeviceFact, DeviceKind, Seen};
use schema::{Facts, Mac};

use super::vlan::Vlans;
use super::{Problems, Reading, lldp, port};
use crate::unifi::wire;

/// A device whose MAC could be read.
pub(super) struct Known<'a> {
    /// Its identity.
    pub(super) mac: Mac,
    /// What the controller says of it.
    pub(super) wire: &'a wire::Device,
    /// When it did.
    pub(super) seen: Seen,
}

/// Maps devices with their ports and what these hear. Devices that are not this controller's are left out.
pub(super) fn map(
    devices: &Reading<wire::Device>,
    vlans: &Vlans<'_>,
    facts: &mut Facts,
    problems: &mut Problems,
) {
    problems.unread("device", &devices.list);
    let known = known(devices, problems);
    let told_above = told_above(&known);
    let uplinks: BTreeMap<Mac, (Mac, Option<u16>)> =
        known.iter().filter_map(|device| Some((device.mac, uplink(device, &told_above)?))).collect();
    let downlinks = downlinks(&known, &uplinks);
    for device in &known {
        facts.devices.push(fact(device, uplinks.get(&device.mac).copied(), problems));
        port::map(device, &downlinks, vlans, facts, problems);
        lldp::map(device, facts, problems);
    }
}

fn known<'a>(devices: &'a Reading<wire::Device>, problems: &mut Problems) -> Vec<Known<'a>> {
    let mut macs = BTreeSet::new();
    let mut known = Vec::new();
    for device in devices.list.good.iter().filter(|device| device.adopted != Some(false)) {
        let subject = || format!("device {}", wire::printable(&device.mac));
        match device.mac.parse::<Mac>() {
            Err(_) => problems.bad(subject(), "its MAC is none".into()),
            Ok(mac) if !macs.insert(mac) => {
                problems.bad(subject(), "it is listed twice; the first counts".into());
            }
            Ok(mac) => known.push(Known { mac, wire: device, seen: devices.seen }),
        }
    }
    known
}

fn fact(device: &Known<'_>, uplink: Option<(Mac, Option<u16>)>, problems: &mut Problems) -> DeviceFact {
    let wire = device.wire;
    let subject = format!("device {}", device.mac);
    let kind = kind(wire.kind.as_deref());
    let on_the_lan = [wire.lan_ip.as_deref(), wire.connect_request_ip.as_deref()]
        .into_iter()
        .flatten()
        .filter(|_| kind == DeviceKind::Gateway)
        .filter_map(|text| text.parse().ok())
        .find(|address| names_a_machine(*address));
    let address = on_the_lan.or_else(|| problems.address(&subject, wire.ip.as_deref()));
    let mac = device.mac.to_string();
    let name = [&wire.name, &wire.hostname, &wire.model].into_iter().find_map(Option::as_deref);
    DeviceFact {
        mac: device.mac,
        name: name.unwrap_or(&mac).into(),
        model: wire.model.as_deref().map(Into::into),
        kind,
        address,
        online: wire.state == Some(1),
        uplink,
        seen: device.seen,
    }
}

fn kind(word: Option<&str>) -> DeviceKind {
    match word {
        Some("usw") => DeviceKind::Switch,
        Some("ugw" | "udm" | "uxg") => DeviceKind::Gateway,
        Some("uap") => DeviceKind::AccessPoint,
        _ => DeviceKind::Other,
    }
}

/// The device above and the port there: as the device tells it now, else as it last did, else as the one above tells it.
fn uplink(device: &Known<'_>, told_above: &BTreeMap<(Mac, Mac), u16>) -> Option<(Mac, Option<u16>)> {
    let told = [&device.wire.uplink, &device.wire.last_uplink];
    let (above, first) = told.into_iter().flatten().find_map(|uplink| Some((above(uplink)?, uplink)))?;
    if above == device.mac {
        return None;
    }
    if first.kind.as_deref() == Some("wireless") {
        return Some((above, None));
    }
    let port = told
        .into_iter()
        .flatten()
        .filter(|uplink| self::above(uplink) == Some(above))
        .find_map(|uplink| uplink.remote_port)
        .or_else(|| told_above.get(&(above, device.mac)).copied());
    Some((above, port))
}

fn above(uplink: &wire::Uplink) -> Option<Mac> {
    mac(uplink.above.as_deref())
}

fn mac(text: Option<&str>) -> Option<Mac> {
    text.and_then(|text| text.parse().ok())
}

/// The port by which each device says that another hangs on it.
fn told_above(known: &[Known<'_>]) -> BTreeMap<(Mac, Mac), u16> {
    let tables = known.iter().flat_map(|device| {
        let table = device.wire.downlink_table.good.iter();
        table.filter_map(|below| Some(((device.mac, mac(below.mac.as_deref())?), below.port_idx?)))
    });
    tables.collect()
}

/// The ports that lead to a device below. A device that is not connected no longer holds the port it once had.
fn downlinks(known: &[Known<'_>], uplinks: &BTreeMap<Mac, (Mac, Option<u16>)>) -> BTreeSet<(Mac, u16)> {
    let told_below = known
        .iter()
        .filter(|device| device.wire.state == Some(1))
        .filter_map(|device| uplinks.get(&device.mac))
        .filter_map(|(above, port)| Some((*above, (*port)?)));
    let told_above = known.iter().flat_map(|device| {
        let table = device.wire.downlink_table.good.iter();
        table.filter_map(|below| Some((device.mac, below.port_idx?)))
    });
    told_below.chain(told_above).collect()
}

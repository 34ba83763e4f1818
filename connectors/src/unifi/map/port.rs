//! The ports of a device.

use std::collections::BTreeSet;

use schema::fact::PortFact;
use schema::{Facts, Mac};

use super::Problems;
use super::device::Known;
use super::lag::Lags;
use super::vlan::Vlans;
use crate::unifi::wire::{Port, PortVlans};

/// Maps the ports of a device. A port without a number (a USG's `wan`) is none that anything is cabled to by name.
pub(super) fn map(
    device: &Known<'_>,
    downlinks: &BTreeSet<(Mac, u16)>,
    vlans: &Vlans<'_>,
    facts: &mut Facts,
    problems: &mut Problems,
) {
    problems.unread(&format!("device {} port", device.mac), &device.wire.port_table);
    problems.unread(&format!("device {} setting of a port", device.mac), &device.wire.port_overrides);
    let lags = Lags::new(device.wire);
    let uplinks = uplinks(device, &lags);
    let mut numbers = BTreeSet::new();
    for port in &device.wire.port_table.good {
        let Some(number) = port.number.filter(|number| *number > 0) else { continue };
        if !numbers.insert(number) {
            problems.bad(
                format!("device {} port {number}", device.mac),
                "it is listed twice; the first counts".into(),
            );
            continue;
        }
        let up = port.up == Some(true);
        let carried = vlans.carried(&said(device, lags.leader(number)));
        facts.ports.push(PortFact {
            switch: device.mac,
            number,
            name: port.name.as_deref().map(Into::into),
            up,
            speed_mbps: port.speed.filter(|speed| up && *speed > 0),
            poe: poe(port),
            is_uplink: uplinks.contains(&number),
            is_downlink: lags.members(number).iter().any(|member| downlinks.contains(&(device.mac, *member))),
            native_vlan: carried.native,
            tagged_vlans: carried.tagged,
            lag: lags.group(number),
            seen: device.seen,
        });
    }
}

/// The ports that lead to the device above or to the provider, with the others of their group.
fn uplinks(device: &Known<'_>, lags: &Lags) -> BTreeSet<u16> {
    let by_itself = device
        .wire
        .port_table
        .good
        .iter()
        .filter(|port| port.is_uplink == Some(true))
        .filter_map(|port| port.number);
    let by_device = device.wire.uplink.iter().filter_map(|uplink| uplink.port_idx);
    by_itself.chain(by_device).flat_map(|port| lags.members(port)).collect()
}

/// What is said of what a port carries, the strongest first: somebody's setting, then the port itself.
fn said<'a>(device: &Known<'a>, number: u16) -> Vec<&'a PortVlans> {
    let wire = device.wire;
    let setting = wire.port_overrides.good.iter().filter(|setting| setting.port_idx == Some(number));
    let port = wire.port_table.good.iter().filter(|port| port.number == Some(number));
    setting.map(|setting| &setting.vlans).chain(port.map(|port| &port.vlans)).collect()
}

fn poe(port: &Port) -> Option<bool> {
    (port.poe_able == Some(true)).then(|| port.poe_enable == Some(true) && port.poe_good != Some(false))
}

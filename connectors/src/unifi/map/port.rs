//! The ports of a device.

use std::collections::{BTreeMap, BTreeSet};

use schema::fact::PortFact;
use schema::{Facts, Mac};

use super::Problems;
use super::device::Known;
use super::lag::Lags;
use super::vlan::Vlans;
use crate::unifi::wire::{Port, PortVlans};

/// More ports than any site has; the rest is left out, and told.
const MOST_PORTS: usize = 100_000;

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
    let below = (device.mac, 0)..=(device.mac, u16::MAX);
    let downlinks: BTreeSet<u16> =
        downlinks.range(below).map(|(_, port)| lags.group_or_self(*port)).collect();
    let said = said(device);
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
        if facts.ports.len() >= MOST_PORTS {
            let message = format!("more than {MOST_PORTS} ports are listed; the rest is left out");
            problems.bad(format!("device {}", device.mac), message);
            return;
        }
        let up = port.up == Some(true);
        let carried = said.get(&lags.leader(number)).map(|said| vlans.carried(said)).unwrap_or_default();
        facts.ports.push(PortFact {
            switch: device.mac,
            number,
            name: port.name.as_deref().map(Into::into),
            up,
            speed_mbps: port.speed.filter(|speed| up && *speed > 0),
            poe: poe(port),
            is_uplink: uplinks.contains(&lags.group_or_self(number)),
            is_downlink: downlinks.contains(&lags.group_or_self(number)),
            native_vlan: carried.native,
            tagged_vlans: carried.tagged,
            lag: lags.group(number),
            seen: device.seen,
        });
    }
}

/// The groups of the ports that lead to the device above or to the provider.
fn uplinks(device: &Known<'_>, lags: &Lags) -> BTreeSet<u16> {
    let ports = &device.wire.port_table.good;
    let by_itself = ports.iter().filter(|port| port.is_uplink == Some(true)).filter_map(|port| port.number);
    let by_device = device.wire.uplink.iter().filter_map(|uplink| uplink.port_idx);
    by_itself.chain(by_device).map(|port| lags.group_or_self(port)).collect()
}

/// What is said of what each port carries, the strongest first: somebody's setting, then the port itself.
fn said<'a>(device: &Known<'a>) -> BTreeMap<u16, Vec<&'a PortVlans>> {
    let wire = device.wire;
    let settings = wire.port_overrides.good.iter().map(|setting| (setting.port_idx, &setting.vlans));
    let ports = wire.port_table.good.iter().map(|port| (port.number, &port.vlans));
    let mut said: BTreeMap<u16, Vec<&PortVlans>> = BTreeMap::new();
    for (number, vlans) in settings.chain(ports) {
        if let Some(number) = number {
            let said = said.entry(number).or_default();
            // One setting and the port: a list that repeats itself says nothing more.
            if said.len() < 2 {
                said.push(vlans);
            }
        }
    }
    said
}

fn poe(port: &Port) -> Option<bool> {
    (port.poe_able == Some(true)).then(|| port.poe_enable == Some(true) && port.poe_good != Some(false))
}

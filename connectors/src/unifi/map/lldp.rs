//! Neighbours heard by LLDP: in a table of the device (newer firmware) or of each port (older); some tell both.

use std::collections::BTreeMap;

use schema::fact::LldpFact;
use schema::{Facts, Mac};

use super::Problems;
use super::device::Known;

/// Maps what a device hears. What it hears over the air, or on an interface that is no port, is left out.
pub(super) fn map(device: &Known<'_>, facts: &mut Facts, problems: &mut Problems) {
    let wire = device.wire;
    problems.unread(&format!("device {} neighbour", device.mac), &wire.lldp_table);
    let mut heard: BTreeMap<(u16, Option<Mac>), Option<&str>> = BTreeMap::new();
    for port in &wire.port_table.good {
        let Some(number) = port.number else { continue };
        problems.unread(&format!("device {} port {number} neighbour", device.mac), &port.lldp_table);
        for neighbour in &port.lldp_table.good {
            let chassis = mac(neighbour.lldp_chassis_id.as_deref());
            let name = neighbour.lldp_system_name.as_deref();
            if chassis.is_some() || name.is_some() {
                heard.insert((number, chassis), name);
            }
        }
    }
    for neighbour in wire.lldp_table.good.iter().filter(|neighbour| neighbour.is_wired != Some(false)) {
        let by_name = || {
            let named = neighbour.local_port_name.as_deref()?;
            let mut ports = wire.port_table.good.iter();
            ports
                .find(|port| port.ifname.as_deref() == Some(named) || port.name.as_deref() == Some(named))?
                .number
        };
        let Some(number) = neighbour.local_port_idx.or_else(by_name) else { continue };
        let chassis = mac(neighbour.chassis_id.as_deref());
        let name = neighbour.system_name.as_deref();
        if chassis.is_some() || name.is_some() {
            let known = heard.entry((number, chassis)).or_insert(name);
            *known = known.or(name);
        }
    }
    facts.lldp.extend(heard.into_iter().map(|((port, chassis), name)| LldpFact {
        switch: device.mac,
        port,
        chassis,
        system_name: name.map(Into::into),
        seen: device.seen,
    }));
}

/// A chassis id is mostly a MAC, and may as well be a name or an address.
fn mac(text: Option<&str>) -> Option<Mac> {
    text.and_then(|text| text.parse().ok())
}

//! What cannot be read now, and could before, keeps the facts that it had, marked stale (docs/design.md, "A source is a
//! contract").

use std::collections::BTreeSet;

use schema::{Facts, Mac};

use super::Reading;
use crate::unifi::kept::Kept;
use crate::unifi::wire::{Device, Each};

/// Adds to the facts what they lack of those before, where a record was there and could not be read.
pub(super) fn over(kept: &Kept, before: &Facts, facts: &mut Facts) {
    let devices =
        Gap::new(kept.devices.reading.as_ref()).with(Gap::new(kept.integration_devices.reading.as_ref()));
    let clients =
        Gap::new(kept.clients.reading.as_ref()).with(Gap::new(kept.integration_clients.reading.as_ref()));
    let networks = Gap::new(kept.networks.reading.as_ref());
    let forwards = Gap::new(kept.forwards.reading.as_ref());
    let read = kept.devices.reading.iter().flat_map(|reading| &reading.list.good);
    let ports = partly(read.clone(), |device| !device.port_table.bad.is_empty());
    let neighbours = partly(read, |device| {
        let of_ports = device.port_table.good.iter().any(|port| !port.lldp_table.bad.is_empty());
        of_ports || !device.lldp_table.bad.is_empty() || !device.port_table.bad.is_empty()
    });
    let has = |gap: &Gap, mac: Mac| gap.holds(&mac.to_string());

    macro_rules! keep {
        ($list:ident, |$fact:ident| $key:expr, $lost:expr) => {
            let present: BTreeSet<_> = facts.$list.iter().map(|$fact| $key).collect();
            let lost = before.$list.iter().filter(|$fact| $lost && !present.contains(&$key)).cloned();
            let lost: Vec<_> = lost.collect();
            drop(present);
            facts.$list.extend(lost.into_iter().map(|mut fact| {
                fact.seen.stale = true;
                fact
            }));
        };
    }
    keep!(devices, |device| device.mac, has(&devices, device.mac));
    keep!(
        ports,
        |port| (port.switch, port.number),
        has(&devices, port.switch) || ports.contains(&port.switch)
    );
    keep!(
        lldp,
        |heard| (heard.switch, heard.port, heard.chassis),
        has(&devices, heard.switch) || neighbours.contains(&heard.switch)
    );
    keep!(clients, |client| client.mac, has(&clients, client.mac));
    keep!(vlans, |vlan| vlan.reference.clone(), networks.holds(&vlan.reference));
    keep!(subnets, |subnet| subnet.reference.clone(), networks.holds_beginning(&subnet.reference));
    keep!(port_forwards, |forward| forward.reference.clone(), forwards.holds(&forward.reference));
}

/// Devices of whose parts some could not be read.
fn partly<'a>(devices: impl Iterator<Item = &'a Device>, some: impl Fn(&Device) -> bool) -> BTreeSet<Mac> {
    devices.filter(|device| some(device)).filter_map(|device| device.mac.parse().ok()).collect()
}

/// Which records of a list could not be read.
#[derive(Default)]
struct Gap {
    /// By MAC, as we write it, or by id.
    keys: BTreeSet<String>,
    /// One of them could not even be named: it may be any.
    any: bool,
}

impl Gap {
    fn new<T>(reading: Option<&Reading<T>>) -> Self {
        let bad = |list: &Each<T>| {
            let keys = list.bad.iter().filter_map(|unread| unread.key.as_deref());
            let keys =
                keys.map(|key| key.parse::<Mac>().map_or_else(|_| key.to_owned(), |mac| mac.to_string()));
            Self { keys: keys.collect(), any: list.bad.iter().any(|unread| unread.key.is_none()) }
        };
        reading.map(|reading| bad(&reading.list)).unwrap_or_default()
    }

    fn with(mut self, other: Self) -> Self {
        self.keys.extend(other.keys);
        self.any |= other.any;
        self
    }

    fn holds(&self, key: &str) -> bool {
        self.any || self.keys.contains(key)
    }

    /// Whether it holds a key that this one begins with.
    fn holds_beginning(&self, key: &str) -> bool {
        self.any || self.keys.iter().any(|unread| key.starts_with(unread.as_str()))
    }
}

//! Which ports of a device are one link aggregation group, told in four ways by as many generations of firmware.

use std::collections::BTreeMap;

use crate::unifi::wire::Device;

/// The groups of one device.
#[derive(Debug, Default)]
pub(super) struct Lags {
    /// Each grouped port's group, named by its lowest port.
    lowest: BTreeMap<u16, u16>,
    /// Of each grouped port, the port whose settings are the group's.
    leader: BTreeMap<u16, u16>,
}

impl Lags {
    /// Those of a device: by `aggregated_by` and `lag_idx` of its ports, and by the members that a port or an override
    /// of `op_mode` aggregate names (or counts, from itself upwards). A group has at least two ports that exist.
    pub(super) fn new(device: &Device) -> Self {
        let mut group: BTreeMap<u16, u16> =
            device.port_table.good.iter().filter_map(|port| port.number).map(|port| (port, port)).collect();
        let mut leader = BTreeMap::new();
        let mut by_number: BTreeMap<u16, u16> = BTreeMap::new();
        for port in &device.port_table.good {
            let Some(number) = port.number else { continue };
            if let Some(first) = port.aggregated_by.filter(|first| join(&mut group, number, *first)) {
                leader.insert(number, first);
            }
            if let Some(lag) = port.lag_idx.filter(|lag| *lag > 0) {
                let first = *by_number.entry(lag).or_insert(number);
                join(&mut group, number, first);
            }
            if port.op_mode.as_deref() == Some("aggregate") {
                for member in members(number, &port.aggregate_members, port.aggregate_num_ports) {
                    join(&mut group, number, member);
                }
            }
        }
        for setting in &device.port_overrides.good {
            let Some(number) = setting.port_idx else { continue };
            if setting.op_mode.as_deref() == Some("aggregate") {
                for member in members(number, &setting.aggregate_members, setting.aggregate_num_ports) {
                    if join(&mut group, number, member) {
                        leader.insert(member, number);
                    }
                }
            }
        }
        Self::of_two_or_more(&group, leader)
    }

    fn of_two_or_more(group: &BTreeMap<u16, u16>, leader: BTreeMap<u16, u16>) -> Self {
        let mut size: BTreeMap<u16, usize> = BTreeMap::new();
        for lowest in group.values() {
            *size.entry(*lowest).or_default() += 1;
        }
        let lowest = group
            .iter()
            .filter(|(_, lowest)| size.get(lowest).is_some_and(|size| *size > 1))
            .map(|(port, lowest)| (*port, *lowest))
            .collect();
        Self { lowest, leader }
    }

    /// The group of a port, named by its lowest port.
    pub(super) fn group(&self, port: u16) -> Option<u16> {
        self.lowest.get(&port).copied()
    }

    /// The port whose settings hold for this one.
    pub(super) fn leader(&self, port: u16) -> u16 {
        self.leader.get(&port).copied().or_else(|| self.group(port)).unwrap_or(port)
    }

    /// All ports of a port's group, the port alone where it has none.
    pub(super) fn members(&self, port: u16) -> Vec<u16> {
        match self.group(port) {
            None => vec![port],
            Some(group) => {
                self.lowest.iter().filter(|(_, lowest)| **lowest == group).map(|(port, _)| *port).collect()
            }
        }
    }
}

/// The members that are listed, else that are counted.
fn members(first: u16, listed: &[u16], counted: Option<u16>) -> Vec<u16> {
    if listed.is_empty() {
        (first..first.saturating_add(counted.unwrap_or(1))).collect()
    } else {
        listed.to_vec()
    }
}

/// Makes one group of two ports' groups; false where one of them does not exist.
fn join(group: &mut BTreeMap<u16, u16>, one: u16, other: u16) -> bool {
    let (Some(one), Some(other)) = (group.get(&one).copied(), group.get(&other).copied()) else {
        return false;
    };
    let lowest = one.min(other);
    for of in group.values_mut().filter(|of| **of == one || **of == other) {
        *of = lowest;
    }
    true
}

//! Which ports of a device are one link aggregation group, told in four ways by as many generations of firmware.

use std::collections::BTreeMap;

use crate::unifi::wire::Device;

/// The most ports that a group is counted to have; larger groups are listed.
const MOST_COUNTED: u16 = 64;

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
        let ports = device.port_table.good.iter().filter_map(|port| port.number);
        let mut groups = Groups { above: ports.map(|port| (port, port)).collect() };
        let mut leader = BTreeMap::new();
        let mut by_number: BTreeMap<u16, u16> = BTreeMap::new();
        for port in &device.port_table.good {
            let Some(number) = port.number else { continue };
            if let Some(first) = port.aggregated_by.filter(|first| groups.join(number, *first)) {
                leader.insert(number, first);
            }
            if let Some(lag) = port.lag_idx.filter(|lag| *lag > 0) {
                let first = *by_number.entry(lag).or_insert(number);
                groups.join(number, first);
            }
            if port.op_mode.as_deref() == Some("aggregate") {
                for member in members(number, &port.aggregate_members, port.aggregate_num_ports) {
                    groups.join(number, member);
                }
            }
        }
        for setting in &device.port_overrides.good {
            let Some(number) = setting.port_idx else { continue };
            if setting.op_mode.as_deref() == Some("aggregate") {
                for member in members(number, &setting.aggregate_members, setting.aggregate_num_ports) {
                    if groups.join(number, member) {
                        leader.insert(member, number);
                    }
                }
            }
        }
        Self { lowest: groups.of_two_or_more(), leader }
    }

    /// The group of a port, named by its lowest port.
    pub(super) fn group(&self, port: u16) -> Option<u16> {
        self.lowest.get(&port).copied()
    }

    /// The same for a port that has no group: itself.
    pub(super) fn group_or_self(&self, port: u16) -> u16 {
        self.group(port).unwrap_or(port)
    }

    /// The port whose settings hold for this one.
    pub(super) fn leader(&self, port: u16) -> u16 {
        self.leader.get(&port).copied().unwrap_or_else(|| self.group_or_self(port))
    }
}

/// The members that are listed, else that are counted.
fn members(first: u16, listed: &[u16], counted: Option<u16>) -> Vec<u16> {
    if listed.is_empty() {
        (first..first.saturating_add(counted.unwrap_or(1).min(MOST_COUNTED))).collect()
    } else {
        listed.to_vec()
    }
}

/// Ports that are being joined: each points at a lower one of its group, the lowest at itself.
struct Groups {
    above: BTreeMap<u16, u16>,
}

impl Groups {
    /// The lowest port of a port's group; `None` for a port that does not exist.
    fn lowest(&mut self, port: u16) -> Option<u16> {
        let mut at = port;
        loop {
            let next = *self.above.get(&at)?;
            if next == at {
                return Some(at);
            }
            // Halves the way for whoever asks next, so that many joins stay cheap.
            let after = *self.above.get(&next)?;
            self.above.insert(at, after);
            at = next;
        }
    }

    /// Makes one group of two ports' groups; false where one of them does not exist.
    fn join(&mut self, one: u16, other: u16) -> bool {
        let (Some(one), Some(other)) = (self.lowest(one), self.lowest(other)) else { return false };
        self.above.insert(one.max(other), one.min(other));
        true
    }

    fn of_two_or_more(mut self) -> BTreeMap<u16, u16> {
        let ports: Vec<u16> = self.above.keys().copied().collect();
        let lowest: BTreeMap<u16, u16> =
            ports.into_iter().filter_map(|port| Some((port, self.lowest(port)?))).collect();
        let mut size: BTreeMap<u16, usize> = BTreeMap::new();
        for group in lowest.values() {
            *size.entry(*group).or_default() += 1;
        }
        lowest.into_iter().filter(|(_, group)| size.get(group).is_some_and(|size| *size > 1)).collect()
    }
}

//! One network's cables as its controllers see them: clients, ports, neighbours, and how deep each switch lies.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::addresses::{Bearer, Claim};
use super::layout::Layout;
use super::part::Part;
use super::refs::{ClientRef, PortMapRef, PortRef, SourceRef, SwitchRef};
use crate::address::{canonical, names_a_machine};
use crate::fact::{ClientFact, Seen};
use crate::{Mac, Timestamp};

/// A neighbour that was heard on a port.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Heard {
    pub(crate) port: PortRef,
    pub(crate) chassis: Option<Mac>,
    /// The system name up to its first dot, in lower case.
    pub(crate) name: Option<Box<str>>,
    pub(crate) source: SourceRef,
    pub(crate) seen: Seen,
}

/// A MAC that an agent reports, and who said so.
pub(crate) type ReportedMac = (Mac, SourceRef, Seen);

/// What the join needs of a network's controllers and of the declared cabling; nothing here comes from Proxmox.
#[derive(Debug, Default)]
pub(crate) struct Fabric {
    /// One client for each MAC: the one that was seen last.
    pub(crate) clients: Box<[(Mac, ClientRef)]>,
    /// The same by the port behind which they were seen, uplinks included.
    pub(crate) behind: Box<[((Mac, u16), ClientRef)]>,
    /// Every port that can be a node's: no uplink, no downlink.
    ports: BTreeMap<(Mac, u16), PortRef>,
    /// All ports of each link aggregation group.
    lags: BTreeMap<(Mac, u16), Vec<PortRef>>,
    /// MACs of devices.
    devices: BTreeMap<Mac, SwitchRef>,
    /// Devices by name, in lower case.
    by_name: BTreeMap<Box<str>, BTreeSet<Mac>>,
    /// How many devices lie above each.
    depths: BTreeMap<Mac, u32>,
    pub(crate) heard: Vec<Heard>,
    pub(crate) heard_by_chassis: BTreeMap<Mac, Vec<usize>>,
    pub(crate) heard_by_name: BTreeMap<Box<str>, Vec<usize>>,
    /// MACs that agents report, by cluster and node.
    pub(crate) agent_macs: BTreeMap<Box<str>, BTreeMap<Arc<str>, Vec<ReportedMac>>>,
    /// Declared cables by the number of their port.
    cables_by_port: BTreeMap<u16, Vec<PortMapRef>>,
    /// Declared cables by node, in lower case.
    pub(crate) cables: BTreeMap<Box<str>, Vec<PortMapRef>>,
}

impl Fabric {
    pub(crate) fn new(network: u32, layout: &Layout, parts: &[Arc<Part>]) -> Self {
        let mut fabric = Self::default();
        let own: Vec<(u32, &Part)> = (0u32..)
            .zip(parts)
            .filter(|(source, _)| layout.of(*source) == network)
            .map(|(s, p)| (s, &**p))
            .collect();
        fabric.clients = clients(&own);
        fabric.behind = behind(parts, &fabric.clients);
        for &(source, part) in &own {
            for (index, place) in part.devices.iter().enumerate() {
                let device = &part.facts().devices[*place as usize];
                fabric.devices.entry(device.mac).or_insert(SwitchRef::new(source, index));
                fabric.by_name.entry(device.name.to_lowercase().into()).or_default().insert(device.mac);
            }
        }
        fabric.depths = depths(&own);
        let below = below(&own);
        for &(source, part) in &own {
            fabric.take_ports(source, part, &below);
        }
        for &(source, part) in &own {
            fabric.take_neighbours(source, part);
            for (index, place) in part.port_map.iter().enumerate() {
                let cable = &part.facts().port_map[*place as usize];
                let handle = PortMapRef::new(source, index);
                fabric.cables.entry(cable.node.to_lowercase().into()).or_default().push(handle);
                fabric.cables_by_port.entry(cable.port).or_default().push(handle);
            }
        }
        for (source, part) in (0u32..).zip(parts) {
            for report in &part.facts().node_macs {
                let nodes = fabric.agent_macs.entry(report.cluster.clone()).or_default();
                let macs = nodes.entry(report.node.clone()).or_default();
                macs.push((report.mac, SourceRef(source), report.seen));
            }
        }
        fabric
    }

    fn take_ports(&mut self, source: u32, part: &Part, below: &BTreeSet<(Mac, u16)>) {
        for (index, place) in part.ports.iter().enumerate() {
            let fact = &part.facts().ports[*place as usize];
            let key = (fact.switch, fact.number);
            if fact.is_uplink || fact.is_downlink || below.contains(&key) || self.ports.contains_key(&key) {
                continue;
            }
            let handle = PortRef::new(source, index);
            self.ports.insert(key, handle);
            if let Some(lag) = fact.lag {
                self.lags.entry((fact.switch, lag)).or_default().push(handle);
            }
        }
    }

    fn take_neighbours(&mut self, source: u32, controller: &Part) {
        let mut heard: Vec<_> = controller.facts().lldp.iter().collect();
        heard.sort_by(|a, b| {
            let key = |h: &crate::fact::LldpFact| (h.switch, h.port, h.chassis, h.seen.at);
            key(a).cmp(&key(b)).then_with(|| a.system_name.cmp(&b.system_name))
        });
        for fact in heard {
            let chassis = fact.chassis.filter(|mac| !mac.is_anonymous());
            // A switch that hears a switch tells nothing of a node.
            if chassis.is_some_and(|mac| self.devices.contains_key(&mac)) {
                continue;
            }
            let Some(port) = self.port(fact.switch, fact.port) else { continue };
            let name = fact.system_name.as_deref().map(short_name).filter(|name| !name.is_empty());
            let place = self.heard.len();
            if let Some(mac) = chassis {
                self.heard_by_chassis.entry(mac).or_default().push(place);
            }
            if let Some(name) = &name {
                self.heard_by_name.entry(name.clone()).or_default().push(place);
            }
            self.heard.push(Heard { port, chassis, name, source: SourceRef(source), seen: fact.seen });
        }
    }

    /// The client of a MAC.
    pub(crate) fn client(&self, mac: Mac) -> Option<ClientRef> {
        self.clients.binary_search_by_key(&mac, |entry| entry.0).ok().map(|place| self.clients[place].1)
    }

    /// A port that can be a node's.
    pub(crate) fn port(&self, switch: Mac, number: u16) -> Option<PortRef> {
        self.ports.get(&(switch, number)).copied()
    }

    /// All ports of a link aggregation group.
    pub(crate) fn group(&self, switch: Mac, lag: u16) -> &[PortRef] {
        self.lags.get(&(switch, lag)).map_or(&[], Vec::as_slice)
    }

    /// How many devices lie above one.
    pub(crate) fn depth(&self, switch: Mac) -> u32 {
        self.depths.get(&switch).copied().unwrap_or(0)
    }

    pub(crate) fn is_device(&self, mac: Mac) -> bool {
        self.devices.contains_key(&mac)
    }

    /// Declared cables that end at a port of this number, of whatever switch.
    pub(crate) fn cables_at(&self, number: u16) -> &[PortMapRef] {
        self.cables_by_port.get(&number).map_or(&[], Vec::as_slice)
    }

    /// The devices that a declaration means: by MAC, or by name in any case.
    pub(crate) fn devices_called(&self, name: &str) -> Vec<Mac> {
        if let Ok(mac) = name.trim().parse::<Mac>() {
            return self.devices.contains_key(&mac).then_some(mac).into_iter().collect();
        }
        let called = self.by_name.get(&*name.trim().to_lowercase());
        called.into_iter().flatten().copied().collect()
    }

    /// The MACs that agents report of a node.
    pub(crate) fn agent_macs_of(&self, cluster: &str, node: &str) -> &[ReportedMac] {
        self.agent_macs.get(cluster).and_then(|nodes| nodes.get(node)).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn devices(&self) -> impl Iterator<Item = SwitchRef> + '_ {
        self.devices.values().copied()
    }

    /// The addresses of clients and devices.
    pub(crate) fn claims(&self, parts: &[Arc<Part>], into: &mut Vec<Claim>) {
        let usable =
            |address: Option<IpAddr>| address.map(canonical).filter(|address| names_a_machine(*address));
        for (_, client) in &self.clients {
            let part = &parts[client.source as usize];
            let fact = &part.facts().clients[part.clients[client.index()] as usize];
            if let Some(address) = usable(fact.address) {
                into.push(Claim::new(address, Bearer::Client, client.source, client.index()));
            }
        }
        for device in self.devices.values() {
            let part = &parts[device.source as usize];
            let fact = &part.facts().devices[part.devices[device.index()] as usize];
            if let Some(address) = usable(fact.address) {
                into.push(Claim::new(address, Bearer::Device, device.source, device.index()));
            }
        }
    }
}

/// A system name up to its first dot, in lower case.
pub(crate) fn short_name(name: &str) -> Box<str> {
    name.split('.').next().unwrap_or(name).trim().to_lowercase().into()
}

/// One client for each MAC: the one seen last, then of the first source.
fn clients(own: &[(u32, &Part)]) -> Box<[(Mac, ClientRef)]> {
    let key = |fact: &ClientFact| fact.last_seen.unwrap_or(Timestamp::from_millis(i64::MIN));
    let mut all: Vec<(Mac, std::cmp::Reverse<Timestamp>, ClientRef)> = Vec::new();
    for &(source, part) in own {
        for (index, place) in part.clients.iter().enumerate() {
            let fact = &part.facts().clients[*place as usize];
            if !fact.mac.is_anonymous() {
                all.push((fact.mac, std::cmp::Reverse(key(fact)), ClientRef::new(source, index)));
            }
        }
    }
    all.sort_unstable();
    all.dedup_by_key(|entry| entry.0);
    all.into_iter().map(|(mac, _, client)| (mac, client)).collect()
}

/// Clients by port.
fn behind(parts: &[Arc<Part>], clients: &[(Mac, ClientRef)]) -> Box<[((Mac, u16), ClientRef)]> {
    let port = |client: &ClientRef| {
        let part = &parts[client.source as usize];
        part.facts().clients[part.clients[client.index()] as usize].port
    };
    let mut behind: Vec<_> =
        clients.iter().filter_map(|(_, client)| Some((port(client)?, *client))).collect();
    behind.sort_unstable();
    behind.into()
}

/// The ports at which devices hang on devices, by the word of the device below.
fn below(own: &[(u32, &Part)]) -> BTreeSet<(Mac, u16)> {
    let devices = own.iter().flat_map(|(_, part)| &part.facts().devices);
    devices.filter_map(|device| device.uplink).filter_map(|(above, port)| Some((above, port?))).collect()
}

/// How many devices lie above each; devices that hang on each other in a ring count the ring once.
fn depths(own: &[(u32, &Part)]) -> BTreeMap<Mac, u32> {
    let mut above: BTreeMap<Mac, Option<Mac>> = BTreeMap::new();
    for (_, part) in own {
        for place in &part.devices {
            let device = &part.facts().devices[*place as usize];
            above.entry(device.mac).or_insert(device.uplink.map(|(mac, _)| mac));
        }
    }
    let mut depths: BTreeMap<Mac, u32> = BTreeMap::new();
    for start in above.keys() {
        let mut way = Vec::new();
        let mut on_way = BTreeSet::new();
        let mut at = Some(*start);
        let mut depth = 0;
        while let Some(mac) = at {
            if let Some(known) = depths.get(&mac) {
                depth = known + 1;
                break;
            }
            if !above.contains_key(&mac) || !on_way.insert(mac) {
                break;
            }
            way.push(mac);
            at = above[&mac];
        }
        for mac in way.into_iter().rev() {
            depths.insert(mac, depth);
            depth += 1;
        }
    }
    depths
}

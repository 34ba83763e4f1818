//! Networks before anything hangs on them: VLANs, controller, gateway, core switch and the access switches below it.

use schema::Mac;
use schema::fact::{DeviceKind, VlanState};

use super::draw::{Draw, Macs};
use super::plan;
use crate::world::spec::{EPOCH, Size};
use crate::world::{Controller, Device, Neighbour, Network, Port, PortAt, Uplink, Vlan};

/// The ports of an access switch: 1 to 40 for nodes, up to 48 for what else hangs on it, 49 to 52 for switches.
const ACCESS_PORTS: u16 = 52;
const FIRST_SWITCH_PORT: u16 = 49;
const CORE_PORTS: u16 = 32;

/// A network under construction.
pub(in crate::world) struct Site {
    pub(in crate::world) network: Network,
    /// How many VLANs of guests it has: 1, 2, ...
    pub(in crate::world) vlans: u16,
    /// Indexes of its access switches.
    pub(in crate::world) access: Vec<usize>,
    /// The next free port of each access switch.
    pub(in crate::world) free: Vec<u16>,
}

/// Builds the `number`-th network.
pub(in crate::world) fn build(number: usize, size: &Size, draw: &mut Draw, macs: &mut Macs) -> Site {
    let count = size.networks as usize;
    let vlans =
        u16::try_from(3.max(size.guests / size.networks / (plan::VLAN_CAPACITY - 500) + 2)).unwrap_or(200);
    let switches = share(size.switches, count, number);
    let mut devices =
        vec![device(draw, macs, DeviceKind::Gateway, 0), device(draw, macs, DeviceKind::Switch, 0)];
    link(&mut devices, 1, CORE_PORTS, 0, 11);
    let mut access = Vec::new();
    // Breadth first: the core takes the first of them, and where it is full the next hang below those.
    let mut offers: std::collections::VecDeque<(usize, u16)> =
        (1..CORE_PORTS - 1).map(|port| (1, port)).collect();
    for at in 1..=switches {
        let Some((above, port)) = offers.pop_front() else { break };
        let own = devices.len();
        devices.push(device(draw, macs, DeviceKind::Switch, at));
        link(&mut devices, own, ACCESS_PORTS, above, port);
        offers.extend((FIRST_SWITCH_PORT..ACCESS_PORTS).map(|port| (own, port)));
        access.push(own);
    }
    let point = devices.len();
    devices.push(device(draw, macs, DeviceKind::AccessPoint, 0));
    link(&mut devices, point, 1, access[0], 48);
    devices[access[0]].ports[47].poe = Some(true);
    for (at, device) in devices.iter_mut().enumerate() {
        device.older_firmware = at % 2 == 1;
        let tagged: Vec<u16> = (1..=vlans).map(plan::vlan_id).collect();
        for port in &mut device.ports {
            port.tagged_vlans.clone_from(&tagged);
        }
    }
    let network = Network {
        name: name(number),
        controller: controller(number, draw),
        vlans: vlans_of(vlans, draw),
        devices,
        clients: Vec::new(),
        port_forwards: Vec::new(),
        assignments: Vec::new(),
        cables: Vec::new(),
    };
    Site { network, vlans, free: vec![1; access.len()], access }
}

/// The `number`-th of `count` shares of a total; the first ones are larger by one where it does not divide.
pub(in crate::world) fn share(total: u32, count: usize, number: usize) -> u32 {
    let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    total / count + u32::from((number as u64) < u64::from(total % count))
}

impl Site {
    /// Takes the next free port of an access switch, counted round.
    pub(in crate::world) fn take_port(&mut self, switch: usize) -> (usize, u16) {
        let switch = switch % self.access.len();
        let port = self.free[switch];
        self.free[switch] += 1;
        (self.access[switch], port)
    }

    /// The switch and port, by name.
    pub(in crate::world) fn at(&self, device: usize, port: u16) -> PortAt {
        PortAt { switch: self.network.devices[device].mac, port }
    }

    /// A port of a device, to be changed.
    pub(in crate::world) fn port_mut(&mut self, device: usize, port: u16) -> &mut Port {
        &mut self.network.devices[device].ports[usize::from(port) - 1]
    }
}

fn name(number: usize) -> String {
    match number {
        0 => "default".into(),
        1 => "branch".into(),
        other => format!("site-{other}"),
    }
}

fn controller(number: usize, draw: &mut Draw) -> Controller {
    Controller {
        source: format!("unifi-{}", number + 1),
        site: "default".into(),
        site_id: draw.hex(24),
        site_uuid: draw.uuid(),
        version: "9.5.21".into(),
        api_key: draw.word(32),
        username: "fleetgraph".into(),
        password: draw.word(20),
    }
}

fn vlans_of(guests: u16, draw: &mut Draw) -> Vec<Vlan> {
    let mut vlans: Vec<Vlan> = (0..=guests)
        .map(|vlan| Vlan {
            reference: draw.hex(24),
            id: plan::vlan_id(vlan),
            name: match vlan {
                0 => "Management".into(),
                1 => "Servers".into(),
                2 => "Services".into(),
                3 => "Lab".into(),
                other => format!("Tenants {}", other - 3),
            },
            cidr: plan::subnet(vlan),
            state: VlanState::Current,
        })
        .collect();
    for (id, name, state) in [(390, "Cameras", VlanState::Planned), (391, "Old DMZ", VlanState::Retired)] {
        let cidr = plan::subnet(id - 140);
        vlans.push(Vlan { reference: draw.hex(24), id, name: name.into(), cidr, state });
    }
    vlans
}

fn device(draw: &mut Draw, macs: &mut Macs, kind: DeviceKind, number: u32) -> Device {
    let (name, model, ports, address) = match (kind, number) {
        (DeviceKind::Gateway, _) => ("gateway".into(), "UDMPRO", 11, plan::router(0)),
        (DeviceKind::Switch, 0) => ("core".into(), "USAGGPRO", CORE_PORTS, plan::device(0)),
        (DeviceKind::Switch, at) => (format!("access-{at}"), "USL48P", ACCESS_PORTS, plan::device(at)),
        (DeviceKind::AccessPoint | DeviceKind::Other, at) => {
            (format!("ap-{}", at + 1), "U7PRO", 1, plan::address(0, 8 * 256 + 1 + at))
        }
    };
    Device {
        reference: draw.hex(24),
        mac: macs.next(),
        name,
        model: model.into(),
        kind,
        address,
        online: true,
        started_at: super::before(EPOCH, draw.between(3_600, 300 * 86_400)),
        older_firmware: false,
        depth: 0,
        uplink: None,
        ports: (1..=ports).map(|number| port(number, model, kind)).collect(),
    }
}

fn port(number: u16, model: &str, kind: DeviceKind) -> Port {
    // The gateway's port 9 is its way to the Internet.
    let wan = kind == DeviceKind::Gateway && number == 9;
    let fast = model == "USAGGPRO" || number >= FIRST_SWITCH_PORT || (model == "UDMPRO" && number > 9);
    Port {
        number,
        name: if wan { "WAN".into() } else { format!("Port {number}") },
        up: wan,
        speed_mbps: if fast { 10_000 } else { 1_000 },
        poe: (model == "USL48P" && number < FIRST_SWITCH_PORT).then_some(false),
        is_uplink: wan,
        downlink: None,
        native_vlan: 1,
        tagged_vlans: Vec::new(),
        lag: None,
        neighbour: None,
    }
}

/// Hangs a device on the one above it, by cable; each hears the other by LLDP.
fn link(devices: &mut [Device], below: usize, own_port: u16, above: usize, port: u16) {
    let neighbour = |device: &Device, port: u16| Neighbour {
        chassis: device.mac,
        system_name: device.name.clone(),
        port_id: format!("Port {port}"),
    };
    let heard_below = neighbour(&devices[above], port);
    let heard_above = neighbour(&devices[below], own_port);
    let (mac, upper): (Mac, Mac) = (devices[below].mac, devices[above].mac);
    devices[below].depth = devices[above].depth + 1;
    devices[below].uplink = Some(Uplink { own_port, above: PortAt { switch: upper, port } });
    let uplink = &mut devices[below].ports[usize::from(own_port) - 1];
    (uplink.up, uplink.is_uplink, uplink.neighbour) = (true, true, Some(heard_below));
    let downlink = &mut devices[above].ports[usize::from(port) - 1];
    (downlink.up, downlink.downlink, downlink.neighbour) = (true, Some(mac), Some(heard_above));
}

//! A large fleet, the same every time: what 50 clusters, a controller, a proxy and an IPAM say of it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use schema::fact::{
    AddressClaim, AddressOrigin, AssignmentFact, ClientFact, ClusterFact, DeviceFact, DeviceKind, GuestFact,
    GuestKind, GuestStatus, IpRole, IpStatus, LldpFact, NicFact, NodeFact, NodeStatus, PortFact,
    ProxyHostFact, ProxyKind, Reading, Seen,
};
use schema::view::Inputs;
use schema::{Facts, Held, Mac, Snapshot, SourceInfo, Timestamp};

const CLUSTERS: u32 = 50;
const NODES: u32 = 20;
const GUESTS: u32 = 2_000;
const HOSTNAMES: u32 = 20_000;
const PORTS: u16 = 48;

const SEEN: Seen = Seen { at: Timestamp::from_seconds(1_000_000), stale: false };

/// The whole fleet.
pub(crate) fn inputs() -> Inputs {
    let mut sources: Vec<Held> = (0..CLUSTERS)
        .map(|number| held(&format!("pve-{number:02}"), "proxmox", cluster(number, 0)))
        .collect();
    sources.push(held("office", "unifi", controller()));
    sources.push(held("edge", "npm", proxy()));
    sources.push(held("ipam", "ipam", plan()));
    Inputs { sources, ..Inputs::default() }
}

/// The same fleet after one cluster was collected again: 1 % of its guests have another address, state or node.
pub(crate) fn collected_again(inputs: &Inputs) -> Inputs {
    let mut again = inputs.clone();
    for held in again.sources.iter_mut().filter(|held| &*held.info.name == "pve-07") {
        *held = self::held("pve-07", "proxmox", cluster(7, GUESTS / 100));
    }
    again
}

/// The same fleet after the controller was collected again.
pub(crate) fn controller_again(inputs: &Inputs) -> Inputs {
    let mut again = inputs.clone();
    for held in again.sources.iter_mut().filter(|held| &*held.info.kind == "unifi") {
        let facts = held.snapshot.as_ref().map(|snapshot| snapshot.facts.clone()).unwrap_or_default();
        *held = self::held("office", "unifi", facts);
    }
    again
}

fn held(name: &str, kind: &str, facts: Facts) -> Held {
    let info = SourceInfo {
        name: name.into(),
        kind: kind.into(),
        cloud: None,
        environment: None,
        groups: Vec::new(),
        network: "default".into(),
        interval: Duration::from_secs(10),
        addresses: Vec::new(),
    };
    let snapshot = Snapshot { collected_at: SEEN.at, facts, ..Snapshot::default() };
    Held { last_attempt: Some(SEEN.at), snapshot: Some(Arc::new(snapshot)), ..Held::pending(Arc::new(info)) }
}

fn guest_address(cluster: u32, guest: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(0x0a40_0000 + cluster * 8192 + guest))
}

fn node_address(cluster: u32, node: u32) -> IpAddr {
    IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + cluster * 256 + node))
}

fn mac(family: u8, number: u32) -> Mac {
    let [a, b, c, d] = number.to_be_bytes();
    Mac([2, family, a, b, c, d])
}

fn cluster(number: u32, changed: u32) -> Facts {
    let names: Vec<Arc<str>> = (0..NODES).map(|node| format!("pve-{number:02}-{node:02}").into()).collect();
    let nodes = (0..NODES).zip(&names).map(|(node, name)| NodeFact {
        name: name.clone(),
        status: NodeStatus::Online,
        address: Some(node_address(number, node)),
        cpus: Some(64),
        cpu_usage: Some(0.25),
        memory_bytes: Some(1 << 39),
        memory_used_bytes: Some(1 << 38),
        uptime_seconds: Some(1e6),
        version: Some("8.4.1".into()),
        bonded: node.is_multiple_of(4),
        seen: SEEN,
    });
    let guests = (0..GUESTS).map(|guest| {
        let moved = guest < changed;
        let claim = |origin| AddressClaim {
            origin,
            address: guest_address(number, if moved { guest + GUESTS } else { guest }),
            stale: false,
        };
        let claims: Box<[AddressClaim]> = match guest % 10 {
            0..7 => [claim(AddressOrigin::GuestAgent)].into(),
            7 => [claim(AddressOrigin::ContainerInterfaces), claim(AddressOrigin::StaticConfig)].into(),
            8 => [claim(AddressOrigin::CloudInit)].into(),
            _ => Box::default(),
        };
        GuestFact {
            vmid: 100 + guest,
            name: format!("app-{number:02}-{guest:04}").into(),
            kind: GuestKind::Qemu,
            node: Some(names[((guest + u32::from(moved)) % NODES) as usize].clone()),
            status: if guest % 20 == 19 { GuestStatus::Stopped } else { GuestStatus::Running },
            template: false,
            tags: ["prod".into(), "web".into()].into(),
            pool: Some("apps".into()),
            lock: None,
            cpus: Some(4.0),
            cpu_usage: Some(0.1),
            memory_bytes: Some(1 << 33),
            memory_used_bytes: Some(1 << 32),
            disk_bytes: Some(1 << 35),
            uptime_seconds: Some(1e5),
            nics: [NicFact {
                name: "net0".into(),
                mac: Some(mac(1, number * GUESTS + guest)),
                bridge: Some("vmbr0".into()),
                vlan_tag: Some(20),
                claims,
            }]
            .into(),
            ip_reason: None,
            reading: Reading::Done,
            seen: SEEN,
        }
    });
    Facts {
        cluster: Some(ClusterFact { quorate: Some(true), seen: SEEN, ..ClusterFact::default() }),
        nodes: nodes.collect(),
        guests: guests.collect(),
        ..Facts::default()
    }
}

/// The switch and port of a node.
fn port_of(cluster: u32, node: u32) -> (Mac, u16) {
    let place = cluster * NODES + node;
    (mac(0xff, 1 + place / 46), u16::try_from(place % 46 + 1).unwrap_or(1))
}

fn controller() -> Facts {
    let mut facts = Facts::default();
    let switches = 1 + (CLUSTERS * NODES).div_ceil(46);
    for switch in 0..switches {
        let mac_of = mac(0xff, switch);
        facts.devices.push(DeviceFact {
            mac: mac_of,
            name: format!("switch-{switch}").into(),
            model: Some("USW-48".into()),
            kind: DeviceKind::Switch,
            address: Some(IpAddr::V4(Ipv4Addr::from(0x0a01_0000 + switch))),
            online: true,
            uplink: (switch > 0).then(|| (mac(0xff, 0), u16::try_from(switch).ok())),
            seen: SEEN,
        });
        facts.ports.extend((1..=PORTS).map(|number| PortFact {
            switch: mac_of,
            number,
            name: None,
            up: true,
            speed_mbps: Some(10_000),
            poe: None,
            is_uplink: number == PORTS,
            is_downlink: switch == 0,
            native_vlan: Some(1),
            tagged_vlans: Box::default(),
            lag: None,
            seen: SEEN,
        }));
    }
    for cluster in 0..CLUSTERS {
        for node in 0..NODES {
            let (switch, port) = port_of(cluster, node);
            let name = Some(format!("pve-{cluster:02}-{node:02}.lan").into());
            facts.lldp.push(LldpFact { switch, port, chassis: None, system_name: name, seen: SEEN });
            facts.clients.push(client(
                mac(2, cluster * NODES + node),
                node_address(cluster, node),
                (switch, port),
            ));
        }
        for guest in 0..GUESTS {
            let bears = mac(1, cluster * GUESTS + guest);
            facts.clients.push(client(bears, guest_address(cluster, guest), port_of(cluster, guest % NODES)));
        }
    }
    facts
}

fn client(mac: Mac, address: IpAddr, port: (Mac, u16)) -> ClientFact {
    ClientFact {
        mac,
        address: Some(address),
        hostname: None,
        vlan: Some(20),
        wired: true,
        port: Some(port),
        last_seen: Some(SEEN.at),
        seen: SEEN,
    }
}

fn proxy() -> Facts {
    let host = |number: u32| {
        let (cluster, guest) = (number % CLUSTERS, number / CLUSTERS * 5 % GUESTS);
        // One in ten names its guest.
        let target = if number.is_multiple_of(10) {
            format!("app-{cluster:02}-{guest:04}")
        } else {
            guest_address(cluster, guest).to_string()
        };
        ProxyHostFact {
            reference: format!("p{number}").into(),
            kind: ProxyKind::Proxy,
            domain_names: [format!("app-{number}.example.org").into()].into(),
            enabled: true,
            forward_scheme: Some("http".into()),
            forward_host: Some(target.into()),
            forward_port: Some(8080),
            incoming_port: None,
            protocol: None,
            redirect_to: None,
            ssl_forced: true,
            certificate: Some("1".into()),
            access_list_name: None,
            locations: Box::default(),
            seen: SEEN,
        }
    };
    Facts { proxy_hosts: (0..HOSTNAMES).map(host).collect(), ..Facts::default() }
}

fn plan() -> Facts {
    let assignment = |number: u32| AssignmentFact {
        reference: number.to_string().into(),
        address: guest_address(number % CLUSTERS, number / CLUSTERS),
        network: "default".into(),
        hostname: Some(format!("app-{:02}-{:04}", number % CLUSTERS, number / CLUSTERS).into()),
        vmid: Some(100 + number / CLUSTERS),
        cluster: Some(format!("pve-{:02}", number % CLUSTERS).into()),
        mac: None,
        vlan: None,
        owner_team: None,
        service: None,
        role: IpRole::Host,
        status: IpStatus::Active,
        declared_in: "ip_assignment".into(),
        version: 1,
        not_a_guest: false,
        seen: SEEN,
    };
    Facts { assignments: (0..HOSTNAMES).map(assignment).collect(), ..Facts::default() }
}

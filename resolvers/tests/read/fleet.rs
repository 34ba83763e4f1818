//! A small fleet with one of everything: what the cases ask about.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use resolvers::{Access, RequestContext};
use schema::drift::{DriftKind, Finding, FindingKey, Severity, track};
use schema::fact::{
    AddressClaim, AddressOrigin, AssignmentFact, CertificateFact, ClientFact, ClusterFact, CustomerFact,
    DeviceFact, DeviceKind, EntitlementStatus, GuestFact, GuestKind, GuestStatus, InvoiceFact,
    InvoiceLineFact, IpReason, IpRole, IpStatus, LldpFact, LocationFact, MainList, NicFact, NodeFact,
    NodeStatus, PortFact, PortForwardFact, PortMapFact, Protocol, ProxyHostFact, ProxyKind, Reading, Seen,
    SubnetFact, SubscriptionItemFact, VlanFact, VlanState,
};
use schema::source::{Failure, ProblemCode};
use schema::view::{Inputs, Overrides, join};
use schema::{Facts, Held, Mac, Problem, Snapshot, SourceInfo, Timestamp};

/// When everything was read; 2026-01-01T00:00:00Z.
pub(crate) const READ: Timestamp = Timestamp::from_seconds(1_767_225_600);
pub(crate) const SEEN: Seen = Seen { at: READ, stale: false };

/// What is asked five seconds later.
pub(crate) fn context(sources: Vec<Held>) -> RequestContext {
    let view = join(&Inputs { sources, overrides: Overrides::default() });
    let now = READ.plus(Duration::from_secs(5));
    let findings = track(vec![], findings(), &|_| true, now).into();
    RequestContext::new(Arc::new(view), findings, now, Access::unlimited())
}

/// All sources, each having answered.
pub(crate) fn sources() -> Vec<Held> {
    vec![
        answered("pve-lab", "proxmox", lab()),
        answered("pve-edge", "proxmox", edge_cluster()),
        answered("edge", "npm", proxy()),
        answered("office", "unifi", network()),
        answered("ipam", "ipam", plan()),
        answered("billing", "stripe", billing()),
    ]
}

/// The same, but one proxy, one cluster and one controller have never answered, and the lab's last attempt failed.
pub(crate) fn troubled() -> Vec<Held> {
    let mut sources = sources();
    sources[0].failure = Some(Failure {
        code: ProblemCode::Unreachable,
        message: "no connection to 10.0.0.11:8006".into(),
        since: READ.plus(Duration::from_secs(2)),
        attempts: 2,
        next_attempt: Some(READ.plus(Duration::from_secs(22))),
    });
    let problem = Problem {
        code: ProblemCode::Partial,
        subject: "node pve9".into(),
        message: "does not answer".into(),
        since: READ,
    };
    let mut snapshot = Snapshot { collected_at: READ, facts: edge_cluster(), ..Snapshot::default() };
    snapshot.problems.push(problem);
    snapshot.held_back = true;
    sources[1].snapshot = Some(Arc::new(snapshot));
    sources.push(Held::pending(info("edge-far", "npm")));
    sources.push(Held::pending(info("pve-far", "proxmox")));
    sources.push(Held::pending(info("office-far", "unifi")));
    sources
}

/// Everything has answered, but some lists were never read, and one is served from memory.
pub(crate) fn unread() -> Vec<Held> {
    let mut sources = sources();
    for (name, list, never) in [
        ("edge", MainList::ProxyHosts, true),
        ("pve-lab", MainList::Guests, true),
        ("office", MainList::Devices, true),
        ("office", MainList::Clients, false),
    ] {
        let held = sources.iter_mut().find(|held| &*held.info.name == name).expect("one of ours");
        let mut snapshot = held.snapshot.as_deref().cloned().expect("it has answered");
        snapshot.not_read(list, ProblemCode::Timeout, "no answer in time", false);
        if let Some(unread) = snapshot.unread.iter_mut().find(|unread| unread.list == list) {
            unread.never = never;
        }
        held.snapshot = Some(Arc::new(snapshot));
    }
    sources
}

/// Everything has answered, and the guests of one cluster are still being read.
pub(crate) fn reading() -> Vec<Held> {
    let mut sources = sources();
    let held = sources.iter_mut().find(|held| &*held.info.name == "pve-lab").expect("one of ours");
    let mut snapshot = held.snapshot.as_deref().cloned().expect("it has answered");
    snapshot.facts.guests[0].reading = Reading::NotYet;
    held.snapshot = Some(Arc::new(snapshot));
    sources
}

fn info(name: &str, kind: &str) -> Arc<SourceInfo> {
    Arc::new(SourceInfo {
        name: name.into(),
        kind: kind.into(),
        cloud: Some("baremetal".into()),
        environment: Some("lab".into()),
        groups: vec![],
        network: "default".into(),
        interval: Duration::from_secs(10),
        addresses: if kind == "npm" { vec![address("10.0.0.20")] } else { vec![] },
    })
}

fn answered(name: &str, kind: &str, facts: Facts) -> Held {
    Held {
        info: info(name, kind),
        snapshot: Some(Arc::new(Snapshot { collected_at: READ, facts, ..Snapshot::default() })),
        last_attempt: Some(READ.plus(Duration::from_secs(1))),
        last_duration: Some(Duration::from_millis(250)),
        failure: None,
    }
}

pub(crate) fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn mac(last: u8) -> Mac {
    Mac([0xbc, 0x24, 0x11, 0, 0, last])
}

pub(crate) fn device(last: u8) -> Mac {
    Mac([0x74, 0xac, 0xb9, 0, 0, last])
}

pub(crate) fn guest(vmid: u32, name: &str, node: &str, status: GuestStatus, addresses: &[&str]) -> GuestFact {
    let last = u8::try_from(vmid % 100).expect("small");
    let claims = addresses.iter().map(|text| AddressClaim {
        origin: AddressOrigin::GuestAgent,
        address: address(text),
        stale: false,
    });
    GuestFact {
        vmid,
        name: name.into(),
        kind: GuestKind::Qemu,
        node: Some(node.into()),
        status,
        template: false,
        tags: ["prod".into()].into(),
        pool: Some("apps".into()),
        lock: None,
        cpus: Some(4.0),
        cpu_usage: Some(f64::from(vmid % 7) / 10.0),
        memory_bytes: Some(8 << 30),
        memory_used_bytes: Some(u64::from(vmid) << 20),
        disk_bytes: Some(64 << 30),
        uptime_seconds: Some(3600.0),
        nics: [NicFact {
            name: "net0".into(),
            mac: Some(mac(last)),
            bridge: Some("vmbr0".into()),
            vlan_tag: Some(10),
            claims: claims.collect(),
        }]
        .into(),
        ip_reason: None,
        reading: Reading::Done,
        seen: SEEN,
    }
}

pub(crate) fn node(name: &str, own: &str, bonded: bool) -> NodeFact {
    NodeFact {
        name: name.into(),
        status: NodeStatus::Online,
        address: Some(address(own)),
        cpus: Some(32),
        cpu_usage: Some(0.25),
        memory_bytes: Some(256 << 30),
        memory_used_bytes: Some(128 << 30),
        uptime_seconds: Some(86_400.5),
        version: Some("9.0.3".into()),
        bonded,
        seen: SEEN,
    }
}

fn lab() -> Facts {
    let silent = GuestFact {
        kind: GuestKind::Lxc,
        ip_reason: Some(IpReason::DhcpUnknown),
        reading: Reading::Done,
        cpu_usage: None,
        ..guest(104, "Lease", "pve2", GuestStatus::Running, &[])
    };
    Facts {
        cluster: Some(ClusterFact {
            proxmox_name: Some("lab".into()),
            quorate: Some(true),
            version: Some("9.0.3".into()),
            seen: SEEN,
        }),
        nodes: vec![node("pve1", "10.0.0.11", false), node("pve2", "10.0.0.12", true)],
        guests: vec![
            guest(100, "app", "pve1", GuestStatus::Running, &["10.0.1.10", "fd00::10"]),
            guest(101, "db", "pve1", GuestStatus::Stopped, &["10.0.1.11"]),
            guest(102, "web-a", "pve1", GuestStatus::Running, &["10.0.1.20"]),
            guest(103, "web-b", "pve2", GuestStatus::Running, &["10.0.1.20"]),
            silent,
            guest(105, "twin-a", "pve1", GuestStatus::Running, &["10.0.1.30"]),
            guest(106, "twin-b", "pve2", GuestStatus::Running, &["10.0.1.30"]),
        ],
        ..Facts::default()
    }
}

fn edge_cluster() -> Facts {
    let mut far = guest(100, "far \"app\"", "pve9", GuestStatus::Running, &["10.0.1.90"]);
    far.nics[0].mac = Some(mac(190));
    Facts { nodes: vec![node("pve9", "10.0.0.19", false)], guests: vec![far], ..Facts::default() }
}

pub(crate) fn host(
    reference: &str,
    kind: ProxyKind,
    names: &[&str],
    target: Option<(&str, u16)>,
) -> ProxyHostFact {
    ProxyHostFact {
        reference: reference.into(),
        kind,
        domain_names: names.iter().map(|name| (*name).into()).collect(),
        enabled: true,
        forward_scheme: (kind == ProxyKind::Proxy).then(|| "http".into()),
        forward_host: target.map(|(host, _)| host.into()),
        forward_port: target.map(|(_, port)| port),
        incoming_port: (kind == ProxyKind::Stream).then_some(2222),
        protocol: (kind == ProxyKind::Stream).then_some(Protocol::Tcp),
        redirect_to: (kind == ProxyKind::Redirection).then(|| "app.example.org".into()),
        ssl_forced: kind == ProxyKind::Proxy,
        certificate: (kind == ProxyKind::Proxy).then(|| "1".into()),
        access_list_name: None,
        locations: [].into(),
        seen: SEEN,
    }
}

fn proxy() -> Facts {
    let certificate = |reference: &str, days: Option<u64>| CertificateFact {
        reference: reference.into(),
        nice_name: "*.example.org".into(),
        provider: "letsencrypt".into(),
        domain_names: ["*.example.org".into()].into(),
        expires_on: days.map(|days| READ.plus(Duration::from_secs(days * 86_400))),
        seen: SEEN,
    };
    let mut app =
        host("p1", ProxyKind::Proxy, &["app.example.org", "alias.example.org"], Some(("10.0.1.10", 8080)));
    app.locations = [LocationFact {
        path: "/api".into(),
        forward_scheme: "http".into(),
        forward_host: "10.0.1.11".into(),
        forward_port: Some(9000),
    }]
    .into();
    let off = ProxyHostFact {
        enabled: false,
        ..host("p5", ProxyKind::Proxy, &["old.example.org"], Some(("app", 80)))
    };
    Facts {
        proxy_hosts: vec![
            app,
            host("p2", ProxyKind::Proxy, &["vip.example.org"], Some(("10.0.1.20", 443))),
            host("p3", ProxyKind::Proxy, &["twin.example.org"], Some(("10.0.1.30", 80))),
            host("p4", ProxyKind::Proxy, &["gone.example.org"], Some(("10.0.1.99", 80))),
            off,
            host("r1", ProxyKind::Redirection, &["www.example.org"], None),
            host("d1", ProxyKind::Dead, &["dead.example.org"], None),
            host("s1", ProxyKind::Stream, &[], Some(("10.0.1.10", 22))),
        ],
        certificates: vec![certificate("1", Some(20)), certificate("2", None), certificate("3", Some(3))],
        ..Facts::default()
    }
}

fn network() -> Facts {
    let switch = |last: u8, name: &str| DeviceFact {
        mac: device(last),
        name: name.into(),
        model: Some("USW-24".into()),
        kind: DeviceKind::Switch,
        address: Some(address("10.0.0.2")),
        online: true,
        uplink: None,
        seen: SEEN,
    };
    let port = |number: u16, lag: Option<u16>| PortFact {
        switch: device(1),
        number,
        name: Some(format!("Port {number}").into()),
        up: true,
        speed_mbps: Some(10_000),
        poe: None,
        is_uplink: number == 4,
        is_downlink: false,
        native_vlan: Some(1),
        tagged_vlans: [10, 20].into(),
        lag,
        seen: SEEN,
    };
    let client = |mac: Mac, own: &str, number: u16| ClientFact {
        mac,
        address: Some(address(own)),
        hostname: Some("seen".into()),
        vlan: Some(10),
        wired: number != 3,
        port: Some((device(1), number)),
        last_seen: Some(READ),
        seen: SEEN,
    };
    let forward = |reference: &str, protocol: Protocol, port: &str, to: &str| PortForwardFact {
        reference: reference.into(),
        name: Some(reference.into()),
        enabled: true,
        protocol,
        public_port: port.into(),
        forward_address: Some(address(to)),
        forward_port: port.into(),
        seen: SEEN,
    };
    Facts {
        devices: vec![switch(1, "core")],
        ports: vec![port(1, None), port(2, Some(2)), port(3, Some(2)), port(4, None)],
        clients: vec![client(mac(0), "10.0.1.10", 1), client(mac(70), "10.0.2.7", 3)],
        lldp: vec![LldpFact {
            switch: device(1),
            port: 1,
            chassis: None,
            system_name: Some("pve1.example.org".into()),
            seen: SEEN,
        }],
        port_forwards: vec![
            forward("https", Protocol::Tcp, "443", "10.0.0.20"),
            forward("vpn", Protocol::Udp, "51820", "10.0.1.10"),
        ],
        ..Facts::default()
    }
}

fn plan() -> Facts {
    let subnet = |reference: &str, cidr: &str| SubnetFact {
        reference: reference.into(),
        cidr: cidr.parse().expect("a range"),
        network: "default".into(),
        name: Some(reference.into()),
        vlan: Some("10".into()),
        environment: None,
        seen: SEEN,
    };
    let assignment = |reference: &str, own: &str, vmid: Option<u32>, role: IpRole| AssignmentFact {
        reference: reference.into(),
        address: address(own),
        network: "default".into(),
        hostname: Some("written".into()),
        vmid,
        cluster: None,
        mac: None,
        vlan: Some("10".into()),
        owner_team: Some("platform".into()),
        service: None,
        role,
        status: IpStatus::Active,
        declared_in: "assignments".into(),
        version: 3,
        not_a_guest: false,
        seen: SEEN,
    };
    Facts {
        subnets: vec![subnet("all", "10.0.0.0/16"), subnet("apps", "10.0.1.0/24")],
        vlans: vec![VlanFact {
            reference: "10".into(),
            vlan_id: 10,
            name: "apps".into(),
            state: VlanState::Current,
            seen: SEEN,
        }],
        assignments: vec![
            assignment("1", "10.0.1.10", Some(100), IpRole::Host),
            assignment("2", "10.0.1.20", None, IpRole::Vip),
            assignment("3", "127.0.0.1", None, IpRole::Infrastructure),
        ],
        port_map: vec![PortMapFact {
            reference: "1".into(),
            switch: "core".into(),
            port: 2,
            node: "pve2".into(),
            cluster: None,
            panel: Some("A-12".into()),
            nic: None,
            lag: None,
            vlan: None,
            speed_mbps: None,
            declared_in: "port_map".into(),
            seen: SEEN,
        }],
        ..Facts::default()
    }
}

fn billing() -> Facts {
    Facts {
        customers: vec![CustomerFact {
            reference: "cus_1".into(),
            organization: "Acme".into(),
            guests: [("pve-lab".into(), 100)].into(),
            seen: SEEN,
        }],
        subscription_items: vec![SubscriptionItemFact {
            reference: "si_1".into(),
            customer: "cus_1".into(),
            sku: "vm-large".into(),
            product: None,
            seats: Some(5),
            valid_from: Some(READ),
            valid_to: None,
            status: EntitlementStatus::Active,
            seen: SEEN,
        }],
        invoices: vec![InvoiceFact {
            reference: "in_1".into(),
            customer: "cus_1".into(),
            number: Some("A-1".into()),
            status: "paid".into(),
            currency: "eur".into(),
            total_minor: 129_900_000_000,
            period_start: Some(READ),
            period_end: None,
            lines: [InvoiceLineFact {
                description: "one guest".into(),
                quantity: Some(1.5),
                amount_minor: -100,
                sku: None,
                guest: Some(("pve-lab".into(), 100)),
            }]
            .into(),
            seen: SEEN,
        }],
        ..Facts::default()
    }
}

fn findings() -> Vec<Finding> {
    let finding = |kind: DriftKind, subject: &str, severity: Severity| Finding {
        key: FindingKey { kind, subject: subject.into() },
        severity,
        about: None,
        names: None,
        declared: None,
        observed: Some("105, 106".into()),
        message: "two running guests hold one address".into(),
        sources: vec!["pve-lab".into()],
        seen: READ,
    };
    vec![
        finding(DriftKind::DuplicateGuestIp, "10.0.1.30 (default)", Severity::Error),
        finding(DriftKind::GuestOnlyLive, "pve-lab/101", Severity::Info),
    ]
}

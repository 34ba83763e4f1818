//! A fleet of two tenants behind one proxy and one switch: the lab, and a vault whose every word is a canary.
//!
//! `canary` stands in everything that only the vault's people may see, `orgsecret` in what takes organization:read and
//! `billsecret` in what takes billing:read. An answer that holds a word of these is a leak, wherever it stands.

use std::sync::Arc;
use std::time::Duration;

use resolvers::{Access, RequestContext};
use schema::drift::track;
use schema::fact::{
    AssignmentFact, CertificateFact, ClientFact, ClusterFact, CustomerFact, DeviceFact, DeviceKind,
    EntitlementStatus, InvoiceFact, InvoiceLineFact, IpRole, IpStatus, LldpFact, LocationFact, PortFact,
    PortForwardFact, PortMapFact, Protocol, ProxyHostFact, ProxyKind, SubnetFact, SubscriptionItemFact,
    VlanFact, VlanState,
};
use schema::source::{Failure, ProblemCode};
use schema::view::{Inputs, Overrides, View, join};
use schema::{Facts, Held, Mac, Problem, Snapshot, SourceInfo};

use crate::fleet::{READ, SEEN, address, device, guest, host, node};

/// The View, as everybody's requests read it.
pub(super) fn view() -> Arc<View> {
    decided(Overrides::default())
}

/// The same, with hops that people decided.
pub(super) fn decided(overrides: Overrides) -> Arc<View> {
    let mut vault = held("canary-pve", "proxmox", "vault", vault());
    vault.failure = Some(Failure {
        code: ProblemCode::Unreachable,
        message: "no connection to canary-host".into(),
        since: READ,
        attempts: 2,
        next_attempt: None,
    });
    let sources = vec![
        held("pve-lab", "proxmox", "lab", lab()),
        vault,
        held("edge", "npm", "shared", proxy()),
        held("office", "unifi", "shared", network()),
        held("ipam", "ipam", "shared", plan()),
        held("billing", "stripe", "office", billing()),
        Held::pending(info("canary-npm", "npm", "vault")),
    ];
    Arc::new(join(&Inputs { sources, overrides }))
}

/// A thousand guests on ten nodes.
pub(super) fn crowd() -> Arc<View> {
    use schema::fact::GuestStatus::Running;
    let nodes: Vec<String> = (0..10).map(|number| format!("pve{number}")).collect();
    let guests = (0..1000u32).map(|vmid| {
        let node = &nodes[vmid as usize % nodes.len()];
        guest(vmid, "one of many", node, Running, &[])
    });
    let facts = Facts {
        guests: guests.collect(),
        nodes: nodes.iter().map(|name| node(name, "10.0.0.11", false)).collect(),
        ..Facts::default()
    };
    let sources = vec![held("pve-lab", "proxmox", "lab", facts)];
    Arc::new(join(&Inputs { sources, overrides: Overrides::default() }))
}

/// One caller's request over it.
pub(super) fn context(view: &Arc<View>, access: Access) -> RequestContext {
    let now = READ.plus(Duration::from_secs(5));
    let findings = track(vec![], schema::drift::find(view, now).findings, &|_| true, now);
    RequestContext::new(Arc::clone(view), findings.into(), now, access)
}

fn info(name: &str, kind: &str, environment: &str) -> Arc<SourceInfo> {
    Arc::new(SourceInfo {
        name: name.into(),
        kind: kind.into(),
        cloud: Some("baremetal".into()),
        environment: Some(environment.into()),
        groups: vec![environment.into()],
        network: "default".into(),
        interval: Duration::from_secs(10),
        addresses: if kind == "npm" { vec![address("10.0.0.20")] } else { vec![] },
    })
}

fn held(name: &str, kind: &str, environment: &str, facts: Facts) -> Held {
    // What went wrong at a source is told to who may see the source itself, not only something of it.
    let told = if environment == "lab" { "node pve9" } else { "canary-problem" };
    let problem =
        Problem { code: ProblemCode::Partial, subject: told.into(), message: told.into(), since: READ };
    let snapshot = Snapshot { collected_at: READ, facts, problems: vec![problem], ..Snapshot::default() };
    Held {
        info: info(name, kind, environment),
        snapshot: Some(Arc::new(snapshot)),
        last_attempt: Some(READ.plus(Duration::from_secs(1))),
        last_duration: Some(Duration::from_millis(250)),
        failure: None,
    }
}

fn lab() -> Facts {
    use schema::fact::GuestStatus::Running;
    Facts {
        nodes: vec![node("pve1", "10.0.0.11", false)],
        guests: vec![
            guest(100, "app", "pve1", Running, &["10.0.1.10"]),
            guest(101, "both", "pve1", Running, &["10.0.1.66"]),
        ],
        ..Facts::default()
    }
}

fn vault() -> Facts {
    use schema::fact::GuestStatus::{Running, Stopped};
    let mut secret = guest(6661, "canary-guest", "canary-node", Running, &["10.66.1.10"]);
    let mut twin = guest(6662, "canary-twin", "canary-node", Running, &["10.0.1.66"]);
    let mut off = guest(6663, "canary-off", "canary-node", Stopped, &["10.66.1.13"]);
    for (place, guest) in [&mut secret, &mut twin, &mut off].into_iter().enumerate() {
        guest.nics[0].mac = Some(secret_mac(u8::try_from(place).expect("few")));
        guest.tags = ["canary-tag".into()].into();
        guest.pool = Some("canary-pool".into());
        guest.lock = Some("canary-lock".into());
    }
    Facts {
        cluster: Some(ClusterFact {
            proxmox_name: Some("canary-cluster".into()),
            quorate: Some(true),
            version: Some("canary-version".into()),
            seen: SEEN,
        }),
        nodes: vec![node("canary-node", "10.66.0.11", false)],
        guests: vec![secret, twin, off],
        ..Facts::default()
    }
}

fn secret_mac(last: u8) -> Mac {
    Mac([0x66, 0x66, 0x66, 0, 0, last])
}

fn proxy() -> Facts {
    let certificate = |reference: &str, names: &[&str]| CertificateFact {
        reference: reference.into(),
        nice_name: names.join(", ").into(),
        provider: "letsencrypt".into(),
        domain_names: names.iter().map(|name| (*name).into()).collect(),
        expires_on: Some(READ.plus(Duration::from_hours(48))),
        seen: SEEN,
    };
    let api = LocationFact {
        path: "/canary-location".into(),
        forward_scheme: "http".into(),
        forward_host: "10.66.1.10".into(),
        forward_port: Some(6666),
    };
    let shared = ProxyHostFact {
        locations: [api.clone()].into(),
        ..host("p1", ProxyKind::Proxy, &["app.example.org"], Some(("10.0.1.10", 80)))
    };
    // Its own target is the vault's; only a location of it leads into the lab.
    let inside_out = ProxyHostFact {
        locations: [LocationFact {
            path: "/lab".into(),
            forward_host: "10.0.1.10".into(),
            forward_port: Some(81),
            ..api
        }]
        .into(),
        ..host("p2", ProxyKind::Proxy, &["mixed.example.org"], Some(("10.66.1.10", 6667)))
    };
    let secret = ProxyHostFact {
        certificate: Some("2".into()),
        access_list_name: Some("canary-list".into()),
        ..host("p3", ProxyKind::Proxy, &["canary.example.org"], Some(("canary-guest", 6668)))
    };
    Facts {
        proxy_hosts: vec![
            shared,
            inside_out,
            secret,
            host("p4", ProxyKind::Proxy, &["canary-off.example.org"], Some(("10.66.1.13", 80))),
            host("p5", ProxyKind::Proxy, &["both.example.org"], Some(("10.0.1.66", 80))),
            host("s1", ProxyKind::Stream, &[], Some(("10.66.1.10", 6669))),
        ],
        certificates: vec![
            certificate("1", &["app.example.org", "canary.example.org"]),
            certificate("2", &["canary.example.org"]),
        ],
        ..Facts::default()
    }
}

fn network() -> Facts {
    let port = |number: u16, name: &str| PortFact {
        switch: device(1),
        number,
        name: Some(name.into()),
        up: true,
        speed_mbps: Some(10_000),
        poe: None,
        is_uplink: false,
        is_downlink: false,
        native_vlan: Some(1),
        tagged_vlans: [10].into(),
        lag: None,
        seen: SEEN,
    };
    let lldp = |port: u16, name: &str| LldpFact {
        switch: device(1),
        port,
        chassis: None,
        system_name: Some(name.into()),
        seen: SEEN,
    };
    Facts {
        devices: vec![DeviceFact {
            mac: device(1),
            name: "core".into(),
            model: Some("USW-24".into()),
            kind: DeviceKind::Switch,
            address: Some(address("10.0.0.2")),
            online: true,
            uplink: None,
            seen: SEEN,
        }],
        ports: vec![port(1, "lab"), port(2, "canary-port")],
        clients: vec![ClientFact {
            mac: secret_mac(0),
            address: Some(address("10.66.1.10")),
            hostname: Some("canary-client".into()),
            vlan: Some(66),
            wired: true,
            port: Some((device(1), 2)),
            last_seen: Some(READ),
            seen: SEEN,
        }],
        lldp: vec![lldp(1, "pve1"), lldp(2, "canary-node")],
        port_forwards: vec![PortForwardFact {
            reference: "canary-forward".into(),
            name: Some("canary-forward".into()),
            enabled: true,
            protocol: Protocol::Udp,
            public_port: "6670".into(),
            forward_address: Some(address("10.66.1.10")),
            forward_port: "6670".into(),
            seen: SEEN,
        }],
        ..Facts::default()
    }
}

fn plan() -> Facts {
    let subnet = |reference: &str, cidr: &str, environment: &str| SubnetFact {
        reference: reference.into(),
        cidr: cidr.parse().expect("a range"),
        network: "default".into(),
        name: Some(reference.into()),
        vlan: Some(reference.into()),
        environment: Some(environment.into()),
        seen: SEEN,
    };
    let vlan = |reference: &str, vlan_id: u16| VlanFact {
        reference: reference.into(),
        vlan_id,
        name: reference.into(),
        state: VlanState::Current,
        seen: SEEN,
    };
    let assignment = |reference: &str, own: &str, vmid: u32, name: &str| AssignmentFact {
        reference: reference.into(),
        address: address(own),
        network: "default".into(),
        hostname: Some(name.into()),
        vmid: Some(vmid),
        cluster: None,
        mac: None,
        vlan: None,
        owner_team: Some(name.into()),
        service: None,
        role: IpRole::Host,
        status: IpStatus::Active,
        declared_in: name.into(),
        version: 1,
        not_a_guest: false,
        seen: SEEN,
    };
    Facts {
        subnets: vec![
            subnet("apps", "10.0.1.0/24", "lab"),
            subnet("canary-nested", "10.0.1.128/25", "vault"),
            subnet("canary-subnet", "10.66.1.0/24", "vault"),
        ],
        vlans: vec![vlan("apps", 10), vlan("canary-subnet", 66)],
        assignments: vec![
            assignment("1", "10.0.1.10", 100, "written"),
            assignment("2", "10.66.1.10", 6699, "canary-written"),
            assignment("3", "10.0.1.200", 6698, "canary-nested"),
        ],
        // What people wrote of the lab's cable stands at the plan's own place too, where the lab's people see nothing.
        port_map: vec![cable(1, "pve1"), cable(2, "canary-node")],
        ..Facts::default()
    }
}

fn cable(port: u16, node: &str) -> PortMapFact {
    PortMapFact {
        reference: format!("canary-cable-{port}").into(),
        switch: "core".into(),
        port,
        node: node.into(),
        cluster: None,
        panel: Some(format!("canary-panel-{port}").into()),
        nic: None,
        lag: None,
        vlan: None,
        speed_mbps: None,
        declared_in: "canary-map".into(),
        seen: SEEN,
    }
}

fn billing() -> Facts {
    let customer = |reference: &str, organization: &str, cluster: &str, vmid: u32| CustomerFact {
        reference: reference.into(),
        organization: organization.into(),
        guests: [(cluster.into(), vmid)].into(),
        seen: SEEN,
    };
    Facts {
        customers: vec![
            customer("cus_1", "orgsecret-acme", "pve-lab", 100),
            customer("cus_2", "orgsecret-other", "pve-lab", 101),
            customer("cus_3", "orgsecret-third", "pve-lab", 101),
        ],
        subscription_items: vec![SubscriptionItemFact {
            reference: "billsecret-item".into(),
            customer: "cus_1".into(),
            sku: "billsecret-sku".into(),
            product: None,
            seats: Some(5),
            valid_from: Some(READ),
            valid_to: None,
            status: EntitlementStatus::Active,
            seen: SEEN,
        }],
        invoices: vec![InvoiceFact {
            reference: "billsecret-invoice".into(),
            customer: "cus_1".into(),
            number: Some("billsecret-number".into()),
            status: "paid".into(),
            currency: "eur".into(),
            total_minor: 100,
            period_start: Some(READ),
            period_end: None,
            lines: [InvoiceLineFact {
                description: "billsecret-line".into(),
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

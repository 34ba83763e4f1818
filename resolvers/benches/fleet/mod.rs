//! The fleet of the benchmarks: as many names as guests, each forwarded to one.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use schema::fact::{
    AddressClaim, AddressOrigin, GuestFact, GuestKind, GuestStatus, NicFact, NodeFact, NodeStatus,
    ProxyHostFact, ProxyKind, Reading, Seen,
};
use schema::view::{Inputs, Overrides, View, join};
use schema::{Facts, Held, Snapshot, SourceInfo, Timestamp};

/// When everything was seen.
pub(crate) const SEEN: Seen = Seen { at: Timestamp::from_seconds(1_767_225_600), stale: false };

/// As many names as guests, each forwarded to one; the guests stand in two environments by turns, lab and vault.
pub(crate) fn fleet(count: u16) -> Arc<View> {
    let address = |number: u16| {
        let [high, low] = number.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(10, 1, high, low))
    };
    let node = NodeFact {
        name: "pve1".into(),
        status: NodeStatus::Online,
        address: None,
        cpus: None,
        cpu_usage: None,
        memory_bytes: None,
        memory_used_bytes: None,
        uptime_seconds: None,
        version: None,
        bonded: false,
        seen: SEEN,
    };
    let guest = |number: u16| GuestFact {
        vmid: u32::from(number),
        name: format!("app{number}").into(),
        kind: GuestKind::Lxc,
        node: Some("pve1".into()),
        status: GuestStatus::Running,
        template: false,
        tags: [].into(),
        pool: None,
        lock: None,
        cpus: None,
        cpu_usage: None,
        memory_bytes: None,
        memory_used_bytes: None,
        disk_bytes: None,
        uptime_seconds: None,
        nics: [NicFact {
            name: "net0".into(),
            claims: [AddressClaim {
                origin: AddressOrigin::StaticConfig,
                address: address(number),
                stale: false,
            }]
            .into(),
            ..NicFact::default()
        }]
        .into(),
        ip_reason: None,
        reading: Reading::Done,
        seen: SEEN,
    };
    let host = |number: u16| ProxyHostFact {
        reference: format!("p{number}").into(),
        kind: ProxyKind::Proxy,
        domain_names: [format!("app{number:05}.example.org").into()].into(),
        enabled: true,
        forward_scheme: Some("http".into()),
        forward_host: Some(address(number).to_string().into()),
        forward_port: Some(8080),
        incoming_port: None,
        protocol: None,
        redirect_to: None,
        ssl_forced: true,
        certificate: None,
        access_list_name: None,
        locations: [].into(),
        seen: SEEN,
    };
    let proxy = Facts { proxy_hosts: (1..=count).map(host).collect(), ..Facts::default() };
    let of = |remainder: u16| {
        let guests = (1..=count).filter(|number| number % 2 == remainder).map(guest).collect();
        Facts { nodes: vec![node.clone()], guests, ..Facts::default() }
    };
    let sources = vec![
        held("pve-lab", "proxmox", "lab", of(1)),
        held("pve-vault", "proxmox", "vault", of(0)),
        held("edge", "npm", "shared", proxy),
    ];
    Arc::new(join(&Inputs { sources, overrides: Overrides::default() }))
}

fn held(name: &str, kind: &str, environment: &str, facts: Facts) -> Held {
    let info = SourceInfo {
        name: name.into(),
        kind: kind.into(),
        cloud: Some("baremetal".into()),
        environment: Some(environment.into()),
        groups: vec![environment.into()],
        network: "default".into(),
        interval: Duration::from_secs(10),
        addresses: vec![],
    };
    Held {
        info: Arc::new(info),
        snapshot: Some(Arc::new(Snapshot { collected_at: SEEN.at, facts, ..Snapshot::default() })),
        last_attempt: Some(SEEN.at),
        last_duration: None,
        failure: None,
    }
}

//! The two readers of one definition, side by side: async-graphql's object and the direct writer, over pages of paths
//! with their hops and evidence. What counts is the ratio; docs/adr/0001-field-definition.md has the figures.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use async_graphql::parser::parse_query;
use async_graphql::{Request, Variables};
use criterion::{Criterion, criterion_group, criterion_main};
use resolvers::{Access, Plan, RequestContext};
use schema::fact::{
    AddressClaim, AddressOrigin, GuestFact, GuestKind, GuestStatus, NicFact, NodeFact, NodeStatus,
    ProxyHostFact, ProxyKind, Seen,
};
use schema::view::{Inputs, Overrides, join};
use schema::{Facts, Held, Snapshot, SourceInfo, Timestamp};

const SEEN: Seen = Seen { at: Timestamp::from_seconds(1_767_225_600), stale: false };

/// As many names as guests, each forwarded to one.
fn fleet(count: u16) -> RequestContext {
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
    let cluster = Facts { nodes: vec![node], guests: (1..=count).map(guest).collect(), ..Facts::default() };
    let proxy = Facts { proxy_hosts: (1..=count).map(host).collect(), ..Facts::default() };
    let sources = vec![held("pve", "proxmox", cluster), held("edge", "npm", proxy)];
    let view = join(&Inputs { sources, overrides: Overrides::default() });
    RequestContext::new(Arc::new(view), [].into(), SEEN.at, Access::unlimited())
}

fn held(name: &str, kind: &str, facts: Facts) -> Held {
    let info = SourceInfo {
        name: name.into(),
        kind: kind.into(),
        cloud: None,
        environment: None,
        groups: vec![],
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

fn readers(criterion: &mut Criterion) {
    let context = fleet(1000);
    let schema = resolvers::schema().finish();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let none = Variables::default();
    for first in [1, 100] {
        let query = format!(
            "{{ paths(first: {first}) {{ totalCount nodes {{ id entry location port state asOf stale guest {{ vmid name }} \
             hops {{ kind state stale candidateCount collectedAt evidence {{ rule detail }} }} }} }} }}"
        );
        let document = parse_query(&query).expect("a document");
        let plan = Plan::compile(&document, None, &none).expect("a plan");
        let resolve = || {
            let request = Request::new(&query).data(context.clone());
            serde_json::to_vec(&runtime.block_on(schema.execute(request)).data).expect("JSON")
        };
        let (written, errors) = plan.run(&context);
        assert!(errors.is_empty() && written == resolve(), "the two readers differ");
        let mut group = criterion.benchmark_group(format!("paths/{first}"));
        group.throughput(criterion::Throughput::Bytes(written.len() as u64));
        group.bench_function("async-graphql", |bencher| bencher.iter(resolve));
        group.bench_function("writer, compiled each time", |bencher| {
            bencher.iter(|| {
                let document = parse_query(&query).expect("a document");
                Plan::compile(&document, None, &none).expect("a plan").run(&context)
            });
        });
        group.bench_function("writer", |bencher| bencher.iter(|| plan.run(&context)));
        group.finish();
    }
}

criterion_group!(benches, readers);
criterion_main!(benches);

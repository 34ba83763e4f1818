//! Reads sources from text.

#[path = "declared.rs"]
mod declared;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use schema::fact::*;
use schema::source::{Failure, ProblemCode};
use schema::view::{HopKind, Inputs, Override};
use schema::{GlobalId, Held, Mac, Snapshot, SourceInfo, Timestamp, UnreadList};

/// The moment at which every case is asked. Sources were read ten seconds before, unless the case says otherwise.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_000_000);

/// One line: its words, and its options.
struct Line<'a> {
    words: Vec<&'a str>,
    text: &'a str,
}

impl<'a> Line<'a> {
    fn word(&self, place: usize) -> &'a str {
        self.words.get(place).copied().unwrap_or_else(|| panic!("word {place} is missing: {}", self.text))
    }

    fn flag(&self, name: &str) -> bool {
        self.words.contains(&name)
    }

    fn all(&self, key: &'a str) -> impl Iterator<Item = &'a str> + use<'_, 'a> {
        self.words.iter().filter_map(move |word| word.strip_prefix(key)?.strip_prefix('='))
    }

    fn option(&self, key: &'a str) -> Option<&'a str> {
        self.all(key).next()
    }

    fn number<T: std::str::FromStr>(&self, key: &'a str) -> Option<T> {
        self.option(key).map(|text| parse(text))
    }

    fn seen(&self, at: Timestamp) -> Seen {
        Seen { at: self.number("at").map_or(at, ago), stale: self.flag("stale") }
    }
}

fn parse<T: std::str::FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("cannot read {text:?}"))
}

/// So many seconds before the case is asked.
fn ago(seconds: i64) -> Timestamp {
    Timestamp::from_millis(NOW.millis() - seconds * 1000)
}

/// `m7`, `s1`, or a whole MAC.
pub(crate) fn mac(text: &str) -> Mac {
    let short = |family: u8, number: &str| Mac([2, 0, family, 0, 0, parse(number)]);
    match (text.contains(':'), text.split_at(1)) {
        (false, ("m", number)) => short(0, number),
        (false, ("s", number)) => short(0xff, number),
        _ => parse(text),
    }
}

fn at_port(text: &str) -> (Mac, u16) {
    let (switch, port) = text.split_once('/').unwrap_or_else(|| panic!("no port in {text:?}"));
    (mac(switch), parse(port))
}

/// A host and a port: the port stands behind the last colon.
fn target(text: &str) -> (Option<Box<str>>, Option<u16>) {
    if text == "-" {
        return (None, None);
    }
    match text.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => (Some(host.into()), Some(parse(port))),
        _ => (Some(text.into()), None),
    }
}

fn names(text: &str) -> Box<[Box<str>]> {
    text.split(',').map(Box::from).collect()
}

fn protocol(text: &str) -> (Protocol, &str) {
    let (protocol, port) = text.split_once(':').unwrap_or_else(|| panic!("no protocol in {text:?}"));
    match protocol {
        "tcp" => (Protocol::Tcp, port),
        "udp" => (Protocol::Udp, port),
        "tcp+udp" => (Protocol::TcpUdp, port),
        other => panic!("unknown protocol {other}"),
    }
}

/// The inputs of a case.
pub(crate) fn inputs(text: &str) -> Inputs {
    let mut inputs = Inputs::default();
    let mut open: Option<(Held, Facts, Timestamp)> = None;
    for text in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let line = Line { words: text.split_whitespace().collect(), text };
        match line.word(0) {
            "source" => {
                close(&mut inputs, open.take());
                open = Some(source(&line));
            }
            "override" => decide(&mut inputs, &line),
            "show" => {}
            _ => {
                let (_, facts, at) = open.as_mut().expect("a source comes first");
                fact(facts, &line, *at);
            }
        }
    }
    close(&mut inputs, open);
    inputs
}

fn close(inputs: &mut Inputs, open: Option<(Held, Facts, Timestamp)>) {
    if let Some((mut held, facts, at)) = open {
        if let Some(snapshot) = held.snapshot.take() {
            let snapshot = Snapshot { collected_at: at, facts, ..Snapshot::clone(&snapshot) };
            held.snapshot = Some(Arc::new(snapshot));
        }
        inputs.sources.push(held);
    }
}

/// `source NAME KIND [network=N] [addresses=IP,IP] [pending] [failed] [never] [unread=LIST,LIST] [kept=LIST,LIST] [at=SECONDS AGO]`
///
/// `failed`: the last attempt failed. `never`: all of them did. `unread`: main lists that were never read in full; `kept`:
/// those that were once, but not by the last collection.
fn source(line: &Line<'_>) -> (Held, Facts, Timestamp) {
    let info = SourceInfo {
        name: line.word(1).into(),
        kind: line.word(2).into(),
        cloud: None,
        environment: None,
        groups: Vec::new(),
        network: line.option("network").unwrap_or("default").into(),
        interval: Duration::from_secs(10),
        addresses: line.option("addresses").map_or_else(Vec::new, |all| all.split(',').map(parse).collect()),
    };
    let at = ago(line.number("at").unwrap_or(10));
    let mut held = Held::pending(Arc::new(info));
    if !line.flag("pending") {
        held.last_attempt = Some(at);
    }
    if !line.flag("pending") && !line.flag("never") {
        let unread = [("unread", true), ("kept", false)].into_iter().flat_map(|(option, never)| {
            let lists = line.option(option).map_or_else(Vec::new, |all| all.split(',').collect());
            lists.into_iter().map(move |name| UnreadList {
                list: main_list(name),
                code: ProblemCode::Forbidden,
                message: "it may not be read".into(),
                withheld: false,
                never,
            })
        });
        let snapshot = Snapshot { unread: unread.collect(), ..Snapshot::default() };
        held.snapshot = Some(Arc::new(snapshot));
    }
    if line.flag("failed") || line.flag("never") {
        held.failure = Some(Failure {
            code: ProblemCode::Unreachable,
            message: "no answer".into(),
            since: at,
            attempts: 1,
            next_attempt: None,
        });
    }
    (held, Facts::default(), at)
}

fn main_list(name: &str) -> MainList {
    match name {
        "nodes" => MainList::Nodes,
        "guests" => MainList::Guests,
        "hosts" => MainList::ProxyHosts,
        "redirections" => MainList::RedirectionHosts,
        "dead-hosts" => MainList::DeadHosts,
        "streams" => MainList::Streams,
        "devices" => MainList::Devices,
        "clients" => MainList::Clients,
        "declarations" => MainList::Declarations,
        other => panic!("no main list: {other}"),
    }
}

/// `override PATH-ID HOP TARGET-ID|none`
fn decide(inputs: &mut Inputs, line: &Line<'_>) {
    let id = |text: &str| GlobalId::parse(text).unwrap_or_else(|_| panic!("no id: {text}"));
    let hop = match line.word(2) {
        "PROXY_HOST" => HopKind::ProxyHost,
        "ADDRESS" => HopKind::Address,
        "GUEST" => HopKind::Guest,
        "NODE" => HopKind::Node,
        "SWITCH_PORT" => HopKind::SwitchPort,
        other => panic!("no hop: {other}"),
    };
    let target = (line.word(3) != "none").then(|| id(line.word(3)));
    inputs.overrides.set(id(line.word(1)), hop, Override { target, reason: "moved by hand".into() });
}

fn fact(facts: &mut Facts, line: &Line<'_>, at: Timestamp) {
    let seen = line.seen(at);
    match line.word(0) {
        "cluster" => {
            facts.cluster =
                Some(ClusterFact { proxmox_name: Some(line.word(1).into()), seen, ..Default::default() });
        }
        "node" => facts.nodes.push(node(line, seen)),
        "guest" => facts.guests.push(guest(line, seen)),
        "nodemac" => facts.node_macs.push(NodeMacFact {
            cluster: line.word(1).into(),
            node: line.word(2).into(),
            mac: mac(line.word(3)),
            seen,
        }),
        "host" | "redirect" | "dead" | "stream" => facts.proxy_hosts.push(proxy_host(line, seen)),
        "certificate" => facts.certificates.push(CertificateFact {
            reference: line.word(1).into(),
            nice_name: line.word(1).into(),
            provider: "letsencrypt".into(),
            domain_names: names(line.word(2)),
            expires_on: line
                .number("ends")
                .map(Timestamp::from_seconds)
                .or_else(|| line.number::<i64>("days").map(|days| ago(-days * 86_400))),
            seen,
        }),
        "switch" => facts.devices.push(device(line, seen)),
        "port" => facts.ports.extend(ports(line, seen)),
        "client" => facts.clients.push(ClientFact {
            mac: mac(line.word(1)),
            address: line.number("addr"),
            hostname: line.option("name").map(Box::from),
            vlan: None,
            wired: true,
            port: line.option("port").map(at_port),
            last_seen: line.number("last").map(ago),
            seen,
        }),
        "lldp" => {
            let (switch, port) = at_port(line.word(1));
            let (chassis, name) = (line.option("chassis").map(mac), line.option("name").map(Box::from));
            facts.lldp.push(LldpFact { switch, port, chassis, system_name: name, seen });
        }
        "forward" => facts.port_forwards.push(forward(line, seen)),
        "declared" => facts.assignments.push(declared::assignment(line, seen)),
        "subnet" => facts.subnets.push(declared::subnet(line, seen)),
        "vlan" => facts.vlans.push(declared::vlan(line, seen)),
        "written" => facts.declared_guests.push(declared::guest(line, seen)),
        "cable" => facts.port_map.push(declared::cable(line, seen)),
        "customer" => facts.customers.push(customer(line, seen)),
        "item" => facts.subscription_items.push(item(line, seen)),
        "invoice" => facts.invoices.push(invoice(line, seen)),
        other => panic!("unknown fact {other}"),
    }
}

/// `node NAME [addr=IP] [offline|unknown] [bonded] [stale]`
fn node(line: &Line<'_>, seen: Seen) -> NodeFact {
    let status = match (line.flag("offline"), line.flag("unknown")) {
        (true, _) => NodeStatus::Offline,
        (_, true) => NodeStatus::Unknown,
        _ => NodeStatus::Online,
    };
    NodeFact {
        name: line.word(1).into(),
        status,
        address: line.number("addr"),
        cpus: None,
        cpu_usage: None,
        memory_bytes: None,
        memory_used_bytes: None,
        uptime_seconds: None,
        version: None,
        bonded: line.flag("bonded"),
        seen,
    }
}

/// `guest VMID NAME [node=N] [STATUS] [template] [lock=L] [reading=not-yet|failed]
/// [nic=MAC|-[;agent|lxc|static|cloud|old:IP,IP]...[;vlan:TAG]]...`
fn guest(line: &Line<'_>, seen: Seen) -> GuestFact {
    let statuses = [
        ("running", GuestStatus::Running),
        ("unknown", GuestStatus::Unknown),
        ("paused", GuestStatus::Paused),
        ("suspended", GuestStatus::Suspended),
        ("stopped", GuestStatus::Stopped),
    ];
    let said = statuses.into_iter().find(|(word, _)| line.flag(word));
    GuestFact {
        vmid: parse(line.word(1)),
        name: line.word(2).into(),
        kind: GuestKind::Qemu,
        node: line.option("node").map(Arc::from),
        status: said.map_or(GuestStatus::Running, |(_, status)| status),
        template: line.flag("template"),
        tags: Box::default(),
        pool: None,
        lock: line.option("lock").map(Box::from),
        cpus: None,
        cpu_usage: None,
        memory_bytes: None,
        memory_used_bytes: None,
        disk_bytes: None,
        uptime_seconds: None,
        nics: line.all("nic").map(nic).collect(),
        ip_reason: None,
        reading: match line.option("reading") {
            None => Reading::Done,
            Some("not-yet") => Reading::NotYet,
            Some("failed") => Reading::Failed,
            Some(other) => panic!("no reading: {other}"),
        },
        seen,
    }
}

fn nic(text: &str) -> NicFact {
    let mut parts = text.split(';');
    let bears = parts.next().filter(|bears| *bears != "-").map(mac);
    let (tags, rules): (Vec<_>, Vec<_>) = parts.partition(|part| part.starts_with("vlan:"));
    let vlan_tag = tags.first().and_then(|tag| tag.strip_prefix("vlan:")).map(parse);
    let claims = rules.into_iter().flat_map(|part| {
        let (rule, addresses) = part.split_once(':').unwrap_or_else(|| panic!("no rule in {part:?}"));
        let (origin, stale) = match rule {
            "agent" => (AddressOrigin::GuestAgent, false),
            "old" => (AddressOrigin::GuestAgent, true),
            "lxc" => (AddressOrigin::ContainerInterfaces, false),
            "static" => (AddressOrigin::StaticConfig, false),
            "cloud" => (AddressOrigin::CloudInit, false),
            other => panic!("unknown rule {other}"),
        };
        addresses.split(',').map(move |address| AddressClaim { origin, address: parse(address), stale })
    });
    NicFact { name: "net0".into(), mac: bears, vlan_tag, claims: claims.collect(), ..NicFact::default() }
}

/// `host REF NAMES HOST:PORT [loc=/PATH@HOST:PORT]`, `redirect REF NAMES NAME`, `dead REF NAMES`,
/// `stream REF PROTOCOL:PORT HOST:PORT`; all with `[disabled]`, `[cert=REF]`.
fn proxy_host(line: &Line<'_>, seen: Seen) -> ProxyHostFact {
    let kind = match line.word(0) {
        "host" => ProxyKind::Proxy,
        "redirect" => ProxyKind::Redirection,
        "dead" => ProxyKind::Dead,
        _ => ProxyKind::Stream,
    };
    let stream = (kind == ProxyKind::Stream).then(|| protocol(line.word(2)));
    let (forward_host, forward_port) = match kind {
        ProxyKind::Proxy | ProxyKind::Stream => target(line.word(3)),
        _ => (None, None),
    };
    let location = |text: &str| {
        let (path, to) = text.split_once('@').unwrap_or_else(|| panic!("no target in {text:?}"));
        let (host, port) = target(to);
        LocationFact {
            path: path.into(),
            forward_scheme: "http".into(),
            forward_host: host.unwrap_or_default(),
            forward_port: port,
        }
    };
    ProxyHostFact {
        reference: line.word(1).into(),
        kind,
        domain_names: if stream.is_some() { Box::default() } else { names(line.word(2)) },
        enabled: !line.flag("disabled"),
        forward_scheme: (kind == ProxyKind::Proxy).then(|| "http".into()),
        forward_host,
        forward_port,
        incoming_port: stream.map(|(_, port)| parse(port)),
        protocol: stream.map(|(protocol, _)| protocol),
        redirect_to: (kind == ProxyKind::Redirection).then(|| line.word(3).into()),
        ssl_forced: false,
        certificate: line.option("cert").map(Box::from),
        access_list_name: None,
        locations: line.all("loc").map(location).collect(),
        seen,
    }
}

/// `switch MAC NAME [addr=IP] [uplink=MAC[/PORT]] [gateway|ap]`
fn device(line: &Line<'_>, seen: Seen) -> DeviceFact {
    let uplink = line.option("uplink").map(|text| match text.split_once('/') {
        Some((above, port)) => (mac(above), Some(parse(port))),
        None => (mac(text), None),
    });
    DeviceFact {
        mac: mac(line.word(1)),
        name: line.word(2).into(),
        model: None,
        kind: match (line.flag("gateway"), line.flag("ap")) {
            (true, _) => DeviceKind::Gateway,
            (_, true) => DeviceKind::AccessPoint,
            _ => DeviceKind::Switch,
        },
        address: line.number("addr"),
        online: !line.flag("offline"),
        uplink,
        seen,
    }
}

/// `port MAC/NUMBER[-NUMBER] [lag=N] [uplink] [downlink] [down]`
fn ports(line: &Line<'_>, seen: Seen) -> Vec<PortFact> {
    let (switch, numbers) = line.word(1).split_once('/').expect("a port's number");
    let (low, high) = numbers.split_once('-').unwrap_or((numbers, numbers));
    let port = |number: u16| PortFact {
        switch: mac(switch),
        number,
        name: None,
        up: !line.flag("down"),
        speed_mbps: None,
        poe: None,
        is_uplink: line.flag("uplink"),
        is_downlink: line.flag("downlink"),
        native_vlan: None,
        tagged_vlans: Box::default(),
        lag: line.number("lag"),
        seen,
    };
    (parse(low)..=parse(high)).map(port).collect()
}

/// `forward REF PROTOCOL:PORTS IP:PORTS [disabled]`
fn forward(line: &Line<'_>, seen: Seen) -> PortForwardFact {
    let (protocol, public_port) = protocol(line.word(2));
    let (address, port) = line.word(3).rsplit_once(':').expect("a target's port");
    PortForwardFact {
        reference: line.word(1).into(),
        name: None,
        enabled: !line.flag("disabled"),
        protocol,
        public_port: public_port.into(),
        forward_address: address.parse::<IpAddr>().ok(),
        forward_port: port.into(),
        seen,
    }
}

/// `customer REF ORGANIZATION [guests=CLUSTER/VMID,...]`
fn customer(line: &Line<'_>, seen: Seen) -> CustomerFact {
    let guest = |text: &str| {
        let (cluster, vmid) = text.split_once('/').expect("a cluster and a VMID");
        (cluster.into(), parse(vmid))
    };
    CustomerFact {
        reference: line.word(1).into(),
        organization: line.word(2).into(),
        guests: line.option("guests").map_or_else(Box::default, |all| all.split(',').map(guest).collect()),
        seen,
    }
}

/// `item REF CUSTOMER`
fn item(line: &Line<'_>, seen: Seen) -> SubscriptionItemFact {
    SubscriptionItemFact {
        reference: line.word(1).into(),
        customer: line.word(2).into(),
        sku: "vm".into(),
        product: None,
        seats: None,
        valid_from: None,
        valid_to: None,
        status: EntitlementStatus::Active,
        seen,
    }
}

/// `invoice REF CUSTOMER`
fn invoice(line: &Line<'_>, seen: Seen) -> InvoiceFact {
    InvoiceFact {
        reference: line.word(1).into(),
        customer: line.word(2).into(),
        number: None,
        status: "paid".into(),
        currency: "eur".into(),
        total_minor: 1,
        period_start: None,
        period_end: None,
        lines: Box::default(),
        seen,
    }
}

//! Small fleets by chance: few names, addresses and MACs, so that they collide.

#![expect(clippy::panic, reason = "an expression that cannot be read is a failed test")]

use std::sync::Arc;
use std::time::Duration;

use proptest::prelude::*;
use schema::fact::MainList;
use schema::source::ProblemCode;
use schema::view::Inputs;
use schema::{Facts, Held, Snapshot, SourceInfo};

use super::kit::read::{NOW, inputs as read};

/// What each source of a fleet says. The sources are always the same ones.
#[derive(Clone, Debug)]
pub(crate) struct Fleet {
    pub(crate) clusters: [Facts; 2],
    controller: Facts,
    proxies: [Facts; 2],
    plan: Facts,
    agents: Facts,
    payments: Facts,
}

impl Fleet {
    /// As the poller would hold it.
    pub(crate) fn inputs(&self) -> Inputs {
        let source = |name: &str, kind: &str, facts: &Facts| held(info(name, kind), facts.clone());
        Inputs {
            sources: vec![
                source("pve-a", "proxmox", &self.clusters[0]),
                source("pve-b", "proxmox", &self.clusters[1]),
                source("office", "unifi", &self.controller),
                source("edge-a", "npm", &self.proxies[0]),
                source("edge-b", "npm", &self.proxies[1]),
                source("plan", "ipam", &self.plan),
                source("agents", "agent", &self.agents),
                source("pay", "stripe", &self.payments),
            ],
            ..Inputs::default()
        }
    }

    /// The same facts, in other order.
    pub(crate) fn reversed(&self) -> Self {
        let turn = |facts: &Facts| {
            let mut facts = facts.clone();
            facts.nodes.reverse();
            facts.node_macs.reverse();
            facts.guests.reverse();
            facts.proxy_hosts.reverse();
            facts.devices.reverse();
            facts.ports.reverse();
            facts.clients.reverse();
            facts.lldp.reverse();
            facts.port_forwards.reverse();
            facts.assignments.reverse();
            facts.port_map.reverse();
            facts.customers.reverse();
            facts
        };
        self.each(turn)
    }

    /// The same sources, each of which knows half of what it knew.
    pub(crate) fn thinned(&self) -> Self {
        let thin = |facts: &Facts| {
            let mut facts = facts.clone();
            half(&mut facts.nodes);
            half(&mut facts.guests);
            half(&mut facts.proxy_hosts);
            half(&mut facts.devices);
            half(&mut facts.ports);
            half(&mut facts.clients);
            half(&mut facts.port_forwards);
            half(&mut facts.assignments);
            half(&mut facts.subnets);
            half(&mut facts.vlans);
            half(&mut facts.customers);
            half(&mut facts.subscription_items);
            half(&mut facts.invoices);
            facts
        };
        self.each(thin)
    }

    fn each(&self, change: impl Fn(&Facts) -> Facts) -> Self {
        Self {
            clusters: self.clusters.each_ref().map(&change),
            controller: change(&self.controller),
            proxies: self.proxies.each_ref().map(&change),
            plan: change(&self.plan),
            agents: change(&self.agents),
            payments: change(&self.payments),
        }
    }
}

/// Every second one.
fn half<T>(all: &mut Vec<T>) {
    let mut keep = false;
    all.retain(|_| {
        keep = !keep;
        keep
    });
}

fn info(name: &str, kind: &str) -> Arc<SourceInfo> {
    Arc::new(SourceInfo {
        name: name.into(),
        kind: kind.into(),
        cloud: None,
        environment: None,
        groups: Vec::new(),
        network: "default".into(),
        interval: Duration::from_secs(10),
        addresses: if name == "edge-a" { vec![[10, 0, 0, 1].into()] } else { Vec::new() },
    })
}

/// A source that has just answered.
pub(crate) fn held(info: Arc<SourceInfo>, facts: Facts) -> Held {
    let snapshot = Snapshot { collected_at: NOW, facts, ..Snapshot::default() };
    Held { last_attempt: Some(NOW), snapshot: Some(Arc::new(snapshot)), ..Held::pending(info) }
}

/// A source that did not read one of its main lists in full, and perhaps never has. Its facts stay what they are.
pub(crate) fn without_reading(held: &Held, list: usize, never: bool) -> Held {
    let all = [
        MainList::Nodes,
        MainList::Guests,
        MainList::ProxyHosts,
        MainList::RedirectionHosts,
        MainList::DeadHosts,
        MainList::Streams,
        MainList::Devices,
        MainList::Clients,
        MainList::Customers,
        MainList::Declarations,
    ];
    let mut snapshot = held.snapshot.as_deref().cloned().unwrap_or_default();
    snapshot.not_read(all[list % all.len()], ProblemCode::Timeout, "no answer", false);
    snapshot.unread.iter_mut().for_each(|unread| unread.never = never);
    Held { snapshot: Some(Arc::new(snapshot)), ..held.clone() }
}

/// A source that shares no name, address or MAC with any fleet.
pub(crate) fn stranger(name: &str) -> Held {
    let text = format!(
        "source {name} proxmox
         node stranger-node addr=192.168.7.1
         guest 100 stranger-guest node=stranger-node nic=m200;agent:192.168.7.7
         host p1 stranger.example.org 192.168.7.7:80
         client m201 addr=192.168.7.9"
    );
    read(&text).sources.remove(0)
}

/// Lines of the vocabulary, as a source's facts.
fn lines(line: impl Strategy<Value = String>, most: usize) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(line, 0..=most)
}

fn facts(lines: &[Vec<String>]) -> Facts {
    let text = format!("source x x\n{}", lines.concat().join("\n"));
    let held = read(&text).sources.remove(0);
    held.snapshot.map(|snapshot| snapshot.facts.clone()).unwrap_or_default()
}

fn cluster() -> impl Strategy<Value = Facts> {
    let node = "node n[1-3] addr=10\\.0\\.0\\.[1-4]( bonded| offline| stale|)";
    let nic = "nic=m[1-6](;agent:10\\.0\\.0\\.[1-6]|;static:10\\.0\\.0\\.[1-6]|;cloud:10\\.0\\.0\\.[1-6]|;agent:fe80::1|)";
    let guest = format!(
        "guest 10[0-5] (app|web|n1|APP) node=n[1-4] (running|running|stopped|paused|unknown|template|stale) {nic}( {nic}|) at=[1-9]"
    );
    (lines(node.prop_regex(), 4), lines(guest.prop_regex(), 7))
        .prop_map(|(nodes, guests)| facts(&[nodes, guests]))
}

fn controller() -> impl Strategy<Value = Facts> {
    let device = "switch s[1-3] core( addr=10\\.0\\.0\\.[1-9]|) uplink=s[1-3]/[1-4]";
    let port = "port s[1-3]/[1-4]( lag=1| uplink| down||||)";
    let client = "client m[1-9]( addr=10\\.0\\.0\\.[1-9]|) port=s[1-3]/[1-4] last=[1-9]";
    let lldp = "lldp s[1-3]/[1-4] (chassis=m[1-9]|name=n[1-3]\\.lan)";
    let forward =
        "forward f[1-3] (tcp|udp|tcp\\+udp):(443|22) 10\\.0\\.0\\.[1-6]:(443|80|22|80-90)( disabled|)";
    (
        lines(device.prop_regex(), 3),
        lines(port.prop_regex(), 9),
        lines(client.prop_regex(), 9),
        lines(lldp.prop_regex(), 4),
        lines(forward.prop_regex(), 3),
    )
        .prop_map(|(a, b, c, d, e)| facts(&[a, b, c, d, e]))
}

fn proxy() -> impl Strategy<Value = Facts> {
    let to = "(10\\.0\\.0\\.[1-9]|app|web|n1|plan|nosuch|localhost):80";
    let host = format!("host p[1-4] [a-c]\\.org {to}( disabled|)( loc=/api@{to}|)");
    let redirect = "redirect r[1-2] [a-d]\\.org [a-d]\\.org( disabled|)";
    let stream = "stream s[1-2] (tcp|udp):(22|443) 10\\.0\\.0\\.[1-9]:22";
    let dead = "dead d1 [a-d]\\.org";
    (
        lines(host.prop_regex(), 5),
        lines(redirect.prop_regex(), 2),
        lines(stream.prop_regex(), 2),
        lines(dead.prop_regex(), 1),
    )
        .prop_map(|(a, b, c, d)| facts(&[a, b, c, d]))
}

fn plan() -> impl Strategy<Value = Facts> {
    let entry =
        "declared [1-9] 10\\.0\\.0\\.[1-9]( name=plan| name=app|)( vmid=10[0-5]|)( cluster=pve-a|)( vip|)";
    let cable = "cable [1-9] (core|02:00:ff:00:00:01) [1-4] n[1-3]( cluster=pve-b|)";
    let subnet = "subnet 10\\.0\\.0\\.(0/24|0/29|0/30|8/29|4/30|4/31)( vlan=v[12]|)";
    let vlan = "vlan v[12] [1-9] lan";
    (
        lines(entry.prop_regex(), 6),
        lines(cable.prop_regex(), 3),
        lines(subnet.prop_regex(), 4),
        lines(vlan.prop_regex(), 2),
    )
        .prop_map(|(a, b, c, d)| facts(&[a, b, c, d]))
}

/// Any small fleet.
pub(crate) fn fleet() -> impl Strategy<Value = Fleet> {
    let agent = lines("nodemac pve-[ab] n[1-3] m[1-9]".prop_regex(), 3).prop_map(|all| facts(&[all]));
    let payments = (
        lines("customer c[1-4] (Acme|Globex) guests=pve-[ab]/10[0-5]".prop_regex(), 4),
        lines("item i[1-4] c[1-5]".prop_regex(), 4),
        lines("invoice n[1-4] c[1-5]".prop_regex(), 4),
    )
        .prop_map(|(a, b, c)| facts(&[a, b, c]));
    (cluster(), cluster(), controller(), proxy(), proxy(), plan(), agent, payments).prop_map(
        |(a, b, controller, c, d, plan, agents, payments)| Fleet {
            clusters: [a, b],
            controller,
            proxies: [c, d],
            plan,
            agents,
            payments,
        },
    )
}

/// A regular expression as what makes texts.
trait Regex {
    fn prop_regex(&self) -> proptest::string::RegexGeneratorStrategy<String>;
}

impl Regex for str {
    fn prop_regex(&self) -> proptest::string::RegexGeneratorStrategy<String> {
        proptest::string::string_regex(self).unwrap_or_else(|error| panic!("{self}: {error}"))
    }
}

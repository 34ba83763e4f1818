//! The world's own answer to the join: which paths there are, and where each leads as far as anybody can know.
//!
//! It is made from what is ([`LeadsTo`], a guest's node, a node's cables) and from what each thing lets an
//! observer know of it, never from what a source would answer. It expects a gateway that starts now and has asked every
//! source once; one that has watched a node die remembers more.

mod chain;
mod known;
mod names;
mod ports;

use schema::ObjectId;
use schema::fact::Protocol;

use self::chain::Chain;
use self::known::Known;
use self::names::Names;
use super::{LeadsTo, Proxy, World};

/// What is expected of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpectedPath {
    /// What the outside calls: `app.example.org/api`, `tcp:2222`.
    pub entry: String,
    /// The path itself: its source, the host or port forward it begins at, and the entry.
    pub id: ObjectId,
    /// The proxy's location, where it is one's.
    pub location: Option<String>,
    /// As a whole.
    pub state: ExpectedState,
    /// In the order PROXY_HOST, ADDRESS, GUEST, NODE, SWITCH_PORT.
    pub hops: [ExpectedHop; 5],
    /// All holders of a VIP, by cluster and VMID; else the guest alone, or nobody.
    pub guests: Vec<ObjectId>,
    /// All ports of a bond, the hop's own first; else that alone, or none.
    pub switch_ports: Vec<ObjectId>,
}

/// The states of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExpectedState {
    /// Known to the cable.
    Complete,
    /// Known in part.
    Partial,
    /// It leads nowhere that serves.
    Broken,
    /// Several things are equally good.
    Ambiguous,
}

/// What is expected of one hop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExpectedHop {
    /// Nothing.
    Missing,
    /// This.
    Resolved(ObjectId),
    /// One of these, in the order of their ids; of PROXY_HOST the path's own host is among them.
    Ambiguous(Vec<ObjectId>),
}

impl World {
    /// Every path that the join has to find, by id.
    pub fn expected(&self) -> Vec<ExpectedPath> {
        let known = Known::of(self);
        let names = Names::of(self);
        let mut paths = Vec::new();
        for at in 0..self.proxies.len() {
            named(self, at, &known, &names, &mut paths);
            streams(self, at, &known, &mut paths);
        }
        for network in &self.networks {
            for forward in network.port_forwards.iter().filter(|forward| forward.enabled) {
                if matches!(forward.leads_to, LeadsTo::Proxy(_)) {
                    continue;
                }
                let mut chain = Chain::bare();
                let address = forward.forward_address.to_string();
                chain.lead(&known, &network.name, &address, &forward.leads_to);
                let entry = format!("{}:{}", word(forward.protocol), forward.public_port);
                paths.push(chain.path(&network.controller.source, &forward.reference, entry, None));
            }
        }
        paths.sort_by(|one, other| one.id.cmp(&other.id));
        paths
    }
}

/// Paths that begin at a name.
fn named(world: &World, at: usize, known: &Known<'_>, names: &Names<'_>, paths: &mut Vec<ExpectedPath>) {
    let proxy = &world.proxies[at];
    for (name, host) in names.of_proxy(at) {
        let reference = host.reference();
        let begin = |chain: &mut Chain| {
            let claimants = names.claimants(at, name);
            if host.enabled() && claimants.len() > 1 {
                let claimants = claimants.iter().map(|claimant| host_id(proxy, &claimant.reference()));
                chain.several_hosts(claimants.collect());
            }
            if !host.enabled() {
                chain.broken();
            }
        };
        let mut chain = Chain::at(host_id(proxy, &reference));
        begin(&mut chain);
        names.follow(at, host, known, &mut chain);
        paths.push(chain.path(&proxy.source, &reference, name.to_owned(), None));
        for location in host.locations() {
            let mut chain = Chain::at(host_id(proxy, &reference));
            begin(&mut chain);
            chain.lead(known, &proxy.network, &location.forward.host, &location.forward.leads_to);
            let (entry, path) = (format!("{name}{}", location.path), location.path.clone());
            paths.push(chain.path(&proxy.source, &reference, entry, Some(path)));
        }
    }
}

/// Paths that begin at a port of the proxy.
fn streams(world: &World, at: usize, known: &Known<'_>, paths: &mut Vec<ExpectedPath>) {
    let proxy = &world.proxies[at];
    for stream in &proxy.streams {
        let reference = format!("s{}", stream.id);
        let mut chain = Chain::at(host_id(proxy, &reference));
        if !stream.enabled {
            chain.broken();
        }
        chain.lead(known, &proxy.network, &stream.forward.host, &stream.forward.leads_to);
        let entry = format!("{}:{}", word(stream.protocol), stream.incoming_port);
        paths.push(chain.path(&proxy.source, &reference, entry, None));
    }
}

fn host_id(proxy: &Proxy, reference: &str) -> ObjectId {
    ObjectId::ProxyHost { source: proxy.source.as_str().into(), reference: reference.into() }
}

fn word(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
        Protocol::TcpUdp => "tcp+udp",
    }
}

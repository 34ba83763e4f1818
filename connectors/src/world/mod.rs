//! The simulated world, from which every simulator answers and which is itself the expected answer of the join.
//!
//! World first: it holds what *is* (a name really is forwarded to the address that a guest really has, whose MAC really
//! sits behind that port), and beside that what an observer can know of it. docs/adr/0006-world-first.md has the reasons.
//! Nothing here reads a clock: what changes with time is computed from [`Ask::now`].

mod billing;
mod cases;
mod change;
mod compute;
mod expected;
mod generate;
mod network;
mod proxy;
mod show;
mod simulator;
mod spec;
#[cfg(test)]
mod tests;
mod written;

pub use billing::{Billing, Customer, Invoice, InvoiceLine, Product, Subscription, SubscriptionItem};
pub use change::{Change, ChangeError};
pub use compute::{
    Agent, ApiServer, ApiToken, Bond, Cluster, Configured, Guest, GuestAt, InnerInterface, Nic, Node, NodeAt,
    NodeNic,
};
pub use expected::{ExpectedHop, ExpectedPath, ExpectedState};
pub use network::{
    Assignment, Cable, Client, ClientIs, Controller, Device, Neighbour, Network, Port, PortAt, PortForward,
    Uplink, Vlan, Written,
};
pub use proxy::{
    AccessList, Certificate, DeadHost, Forward, LeadsTo, Location, Proxy, ProxyHost, Redirection, Stream,
};
use schema::Timestamp;
pub use simulator::{Ask, Reason, Sample, Simulator, Upstream};
pub use spec::{GUESTS, Spec, SpecError};
pub use written::{Ipam, IpamAssignment, IpamCable, IpamSubnet, IpamVlan};

/// Everything there is. Same seed and specification, same world.
#[derive(Clone, Debug, serde::Serialize)]
pub struct World {
    /// The seed it grew from.
    pub seed: u64,
    /// The moment at which it began; whatever has an age was made, started or seen relative to it.
    #[serde(serialize_with = "show::time")]
    pub epoch: Timestamp,
    /// Its networks (sites), each with a controller; never none.
    pub networks: Vec<Network>,
    /// Its clusters.
    pub clusters: Vec<Cluster>,
    /// Its proxies.
    pub proxies: Vec<Proxy>,
    /// Who pays.
    pub billing: Billing,
    /// The awkward cases in it, by name.
    pub cases: Vec<Case>,
}

/// An awkward case that is in every world by design: what a joiner gets wrong first.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Case {
    /// Its name, unique: `duplicate-address`.
    pub name: &'static str,
    /// What is awkward about it.
    pub says: &'static str,
    /// Where it shows: entries of paths (`shop.example.org`, `tcp:2222`), or whatever else names it.
    pub shows_at: Vec<String>,
}

impl World {
    /// The network of that name.
    pub fn network(&self, name: &str) -> Option<&Network> {
        self.networks.iter().find(|network| network.name == name)
    }

    /// The cluster of a source.
    pub fn cluster(&self, source: &str) -> Option<&Cluster> {
        self.clusters.iter().find(|cluster| cluster.source == source)
    }

    /// The network of a controller's source.
    pub fn network_of_controller(&self, source: &str) -> Option<&Network> {
        self.networks.iter().find(|network| network.controller.source == source)
    }

    /// The proxy of a source.
    pub fn proxy(&self, source: &str) -> Option<&Proxy> {
        self.proxies.iter().find(|proxy| proxy.source == source)
    }

    /// A guest by name.
    pub fn guest(&self, at: GuestAt) -> Option<&Guest> {
        self.clusters.get(at.cluster)?.guest(at.vmid)
    }

    /// All of it, secrets apart: what `GET /world` answers.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// The same servers and credentials, and no objects: what a source answers that has lost everything, or whose token
    /// has lost its rights.
    #[must_use]
    pub fn emptied(&self) -> Self {
        let mut empty = self.clone();
        for cluster in &mut empty.clusters {
            cluster.nodes.clear();
            cluster.guests.clear();
        }
        for network in &mut empty.networks {
            network.vlans.clear();
            network.devices.clear();
            network.clients.clear();
            network.port_forwards.clear();
        }
        for proxy in &mut empty.proxies {
            proxy.proxy_hosts.clear();
            proxy.redirections.clear();
            proxy.dead_hosts.clear();
            proxy.streams.clear();
            proxy.certificates.clear();
            proxy.access_lists.clear();
        }
        let billing = Billing {
            source: self.billing.source.clone(),
            secret: self.billing.secret.clone(),
            ..Billing::default()
        };
        Self { billing, cases: Vec::new(), ..empty }
    }
}

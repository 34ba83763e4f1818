//! Evidence in words: one sentence for each rule, naming what it found.

use super::evidence::{Detail, Evidence, JoinRule};
use super::refs::{AssignmentRef, ClientRef, GuestRef, NodeRef, ObjectRef, PortRef, ProxyHostRef, SourceRef};
use super::{HopKind, View};
use crate::fact::MainList;

impl View {
    /// A piece of evidence as a sentence.
    pub fn words(&self, evidence: &Evidence) -> String {
        let rule = evidence.rule;
        match &evidence.detail {
            Detail::Name { host, name } => {
                let fact = self.proxy_host(*host);
                let name = fact.domain_names.get(*name as usize).map_or("", |name| name);
                format!("{name} is a name of {}", self.host_words(*host))
            }
            Detail::Location { host, location } => {
                let path = self.proxy_host(*host).locations.get(*location as usize).map_or("", |at| &at.path);
                format!("location {path} of {} has a target of its own", self.host_words(*host))
            }
            Detail::Redirection { from, to } => {
                let name = self.proxy_host(*from).redirect_to.as_deref().unwrap_or("");
                format!("{} redirects to {name}, which is {}", self.host_words(*from), self.host_words(*to))
            }
            Detail::Stream { host } => format!("{} listens there", self.host_words(*host)),
            Detail::Forward { forward } => {
                let fact = self.forward(*forward);
                let name = fact.name.as_deref().unwrap_or(&fact.reference);
                let to =
                    fact.forward_address.map_or_else(|| "nowhere".to_owned(), |address| address.to_string());
                format!("port forward {name} of {} leads to {to}", self.name_of(forward.source))
            }
            Detail::Literal { host, address } => {
                format!("{} forwards to the address {}", self.host_words(*host), address.address())
            }
            Detail::BornBy { bearer } => format!("the name is borne by {}", self.object_words(*bearer)),
            Detail::Holds { guest, address } => {
                let how = match rule {
                    JoinRule::GuestAgent => "its guest agent reports",
                    JoinRule::ContainerInterfaces => "its interfaces show",
                    JoinRule::StaticConfig => "its configuration sets",
                    JoinRule::CloudInit => "cloud-init was told",
                    _ => "it is said to have",
                };
                format!("{}: {how} {}", self.guest_words(*guest), address.address())
            }
            Detail::HoldsAsClient { guest, client } => {
                format!("{}: its MAC is {}", self.guest_words(*guest), self.client_words(*client))
            }
            Detail::HoldsAsDeclared { guest, assignment } => {
                format!("{}: {}", self.guest_words(*guest), self.assignment_words(*assignment))
            }
            Detail::Shared { assignment } => {
                format!("may stand on several machines: {}", self.assignment_words(*assignment))
            }
            Detail::NodeAddress { node, address } => {
                format!("{} is the own address of {}", address.address(), self.node_words(*node))
            }
            Detail::Placed { guest, node } => {
                format!("Proxmox places {} on {}", self.guest_words(*guest), self.node_words(*node))
            }
            Detail::Chassis { node, port } => {
                format!("{} heard a chassis MAC of {}", self.port_words(*port), self.node_words(*node))
            }
            Detail::SystemName { node, port } => {
                format!("{} heard the system name of {}", self.port_words(*port), self.node_words(*node))
            }
            Detail::Behind { client, port } => {
                format!("{} is behind {}", self.client_words(*client), self.port_words(*port))
            }
            Detail::Guests { node, port, seen } => {
                let noun = if *seen == 1 { "MAC" } else { "MACs" };
                format!(
                    "{seen} {noun} of guests on {} behind {}",
                    self.node_words(*node),
                    self.port_words(*port)
                )
            }
            Detail::Cable { entry, port } => {
                let cable = self.cable(*entry);
                format!("{} says that {} is on {}", cable.declared_in, cable.node, self.port_words(*port))
            }
            Detail::Override { reason } => format!("decided by hand: {reason}"),
            missing => self.missing_words(missing),
        }
    }

    /// What a search left out: lists that could not be read this time, sources that have not answered yet. Which sources
    /// those are is not said, for not everyone may see them.
    fn but(&self, sources: &[SourceRef], lists: &[MainList]) -> String {
        let mut unread: Vec<&str> = self.unread(sources, lists).into_iter().map(MainList::words).collect();
        if lists == MainList::OF_ADDRESSES && self.is_blind_to_guests(sources) {
            unread.push("addresses of some guests");
        }
        let silent = sources.iter().any(|source| self.held(*source).snapshot.is_none());
        match (unread.is_empty(), silent) {
            (true, false) => String::new(),
            (true, true) => "; but not every source has answered".to_owned(),
            (false, false) => format!("; but {} could not be read", unread.join(", ")),
            (false, true) => {
                format!("; but {} could not be read, and not every source has answered", unread.join(", "))
            }
        }
    }

    /// What a missing hop looked for.
    fn missing_words(&self, detail: &Detail) -> String {
        match detail {
            Detail::DeadHost { host } => format!("{} answers 404 and leads nowhere", self.host_words(*host)),
            Detail::UnknownName { from } => {
                let name = self.proxy_host(*from).redirect_to.as_deref().unwrap_or("");
                let but = self.but(self.layout.fillers(0, HopKind::ProxyHost), MainList::OF_SERVED_NAMES);
                format!("no proxy serves {name}, to which {} redirects{but}", self.host_words(*from))
            }
            Detail::Loop { from } => format!("{} redirects in a circle", self.host_words(*from)),
            Detail::Loopback { host } => format!("{} forwards to its own machine", self.host_words(*host)),
            Detail::NameUnborne { network, name } => {
                let but = self.but(self.layout.name_bearers(network.0), MainList::OF_NAMES);
                format!("no guest, node or declared entry bears the name {name}{but}")
            }
            Detail::WithoutAddress { bearer } => {
                format!("{} has no known address", self.object_words(*bearer))
            }
            Detail::Unheld { address } => {
                let but = self.but(self.witnesses(address.network()), MainList::OF_ADDRESSES);
                format!("no guest, node, client, device or declared entry has {}{but}", address.address())
            }
            Detail::IsNode { node } => format!("the address is {}'s own", self.node_words(*node)),
            Detail::OnlyClient { client } => {
                let witnesses = &self.layout.witnesses[self.layout.of(client.source) as usize];
                let but = self.but(witnesses, MainList::OF_ADDRESSES);
                format!("no guest or node, only {}{but}", self.client_words(*client))
            }
            Detail::OnlyDevice { device } => {
                format!("no guest or node: {} has it", self.object_words(*device))
            }
            Detail::OnlyDeclared { assignment } => {
                let network = self.declared_address(*assignment).network();
                let but = self.but(self.witnesses(network), MainList::OF_ADDRESSES);
                format!("nothing was seen on it, only {}{but}", self.assignment_words(*assignment))
            }
            Detail::Unplaced { guest } => format!("{} is on no node that is known", self.guest_words(*guest)),
            Detail::Uncabled { node } => {
                let cablers = self.layout.fillers(self.layout.of(node.source), HopKind::SwitchPort);
                let but = self.but(cablers, MainList::OF_ADDRESSES);
                let node = self.node_words(*node);
                format!("no LLDP, client, guest's MAC or declared cable tells the port of {node}{but}")
            }
            Detail::ClientNowhere { client } => {
                format!("{} is behind no port that is known", self.client_words(*client))
            }
            Detail::After { hop } => {
                let name = match hop {
                    HopKind::ProxyHost => "PROXY_HOST",
                    HopKind::Address => "ADDRESS",
                    HopKind::Guest => "GUEST",
                    HopKind::Node => "NODE",
                    HopKind::SwitchPort => "SWITCH_PORT",
                };
                format!("the hop {name} before it leads to no single object")
            }
            Detail::NoTarget => "no target is configured".to_owned(),
            Detail::Gone => "what was decided by hand is not there".to_owned(),
            _ => "the forward goes past every proxy".to_owned(),
        }
    }

    fn object_words(&self, object: ObjectRef) -> String {
        match object {
            ObjectRef::Guest(guest) => self.guest_words(guest),
            ObjectRef::Node(node) => self.node_words(node),
            ObjectRef::Assignment(assignment) => self.assignment_words(assignment),
            ObjectRef::Switch(switch) => {
                format!("device {} ({})", self.switch(switch).name, self.switch(switch).mac)
            }
            other => self.id(other).to_string(),
        }
    }

    fn host_words(&self, host: ProxyHostRef) -> String {
        format!("host {} of {}", self.proxy_host(host).reference, self.name_of(host.source))
    }

    fn guest_words(&self, guest: GuestRef) -> String {
        let fact = self.guest(guest);
        format!("guest {}/{} ({})", self.name_of(guest.source), fact.vmid, fact.name)
    }

    fn node_words(&self, node: NodeRef) -> String {
        format!("node {}/{}", self.name_of(node.source), self.node(node).name)
    }

    fn port_words(&self, port: PortRef) -> String {
        let fact = self.port(port);
        match self.switch_of_port(port) {
            Some(switch) => format!("port {} of {} ({})", fact.number, self.switch(switch).name, fact.switch),
            None => format!("port {} of {}", fact.number, fact.switch),
        }
    }

    fn client_words(&self, client: ClientRef) -> String {
        let fact = self.client(client);
        match (fact.hostname.as_deref(), fact.address) {
            (Some(name), Some(address)) => format!("client {} ({name}, {address})", fact.mac),
            (Some(name), None) => format!("client {} ({name})", fact.mac),
            (None, Some(address)) => format!("client {} ({address})", fact.mac),
            (None, None) => format!("client {}", fact.mac),
        }
    }

    fn assignment_words(&self, assignment: AssignmentRef) -> String {
        let fact = self.assignment(assignment);
        let name = fact.hostname.as_deref().unwrap_or("an entry");
        format!("{} declares {name} at {}", fact.declared_in, fact.address)
    }
}

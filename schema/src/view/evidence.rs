//! Why a join holds: a rule and the objects it found, kept as values and put into words when somebody asks.

use super::HopKind;
use super::refs::{
    AddressRef, AssignmentRef, ClientRef, ForwardRef, GuestRef, NetworkRef, NodeRef, ObjectRef, PortMapRef,
    PortRef, ProxyHostRef, SourceRef,
};
use crate::fact::AddressOrigin;

/// The rules of the join, in the order of the schema's `JoinRule`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JoinRule {
    /// A domain name of a proxy host.
    DomainName,
    /// A location of a proxy host, with a target of its own.
    Location,
    /// A redirection to another name.
    Redirection,
    /// A stream's port.
    Stream,
    /// A port forward of a gateway.
    PortForward,
    /// The target is an address.
    LiteralAddress,
    /// The target is a guest's name.
    GuestName,
    /// The target is a node's name.
    NodeName,
    /// The target is a name that somebody wrote down.
    DeclaredName,
    /// QEMU's guest agent.
    GuestAgent,
    /// A container's own interfaces.
    ContainerInterfaces,
    /// A static address of the configuration.
    StaticConfig,
    /// The controller's client of that MAC.
    ClientTable,
    /// What cloud-init was told.
    CloudInit,
    /// Somebody wrote it down.
    Declared,
    /// A node's own address.
    NodeAddress,
    /// Declared to stand on several machines.
    Vip,
    /// Proxmox' word for where a guest runs.
    Placement,
    /// A switch heard the node by LLDP.
    Lldp,
    /// The client that has the node's address.
    NodeClient,
    /// The client that has a MAC which the node's agent reports.
    AgentMac,
    /// The clients that are the node's guests.
    GuestMacs,
    /// The declared cabling.
    PortMap,
    /// The client that has the address.
    ClientPort,
    /// A decision by hand.
    Override,
    /// What a missing hop looked for.
    NotFound,
}

impl From<AddressOrigin> for JoinRule {
    fn from(origin: AddressOrigin) -> Self {
        match origin {
            AddressOrigin::GuestAgent => Self::GuestAgent,
            AddressOrigin::ContainerInterfaces => Self::ContainerInterfaces,
            AddressOrigin::StaticConfig => Self::StaticConfig,
            AddressOrigin::ClientTable => Self::ClientTable,
            AddressOrigin::CloudInit => Self::CloudInit,
            AddressOrigin::Declared => Self::Declared,
        }
    }
}

/// One piece of evidence. Its words are made by [`View::words`](super::View::words).
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// The rule.
    pub rule: JoinRule,
    /// Whose word it is; `None` for a decision by hand and for what was not found.
    pub source: Option<SourceRef>,
    /// What the rule found.
    pub detail: Detail,
}

/// What a rule found.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the fields are what the variant's sentence names")]
pub enum Detail {
    /// The host serves the name at this place of its list.
    Name { host: ProxyHostRef, name: u32 },
    /// The host's location at this place of its list has a target of its own.
    Location { host: ProxyHostRef, location: u32 },
    /// A redirection goes on at a host.
    Redirection { from: ProxyHostRef, to: ProxyHostRef },
    /// A stream listens.
    Stream { host: ProxyHostRef },
    /// A port forward leads here.
    Forward { forward: ForwardRef },
    /// The host's target is this address.
    Literal { host: ProxyHostRef, address: AddressRef },
    /// The host's target is the name of this guest, node or declared entry.
    BornBy { bearer: ObjectRef },
    /// The guest bears the address, by a rule of Proxmox' own.
    Holds { guest: GuestRef, address: AddressRef },
    /// The guest bears the address as the client of its MAC.
    HoldsAsClient { guest: GuestRef, client: ClientRef },
    /// The guest bears the address because it was written down.
    HoldsAsDeclared { guest: GuestRef, assignment: AssignmentRef },
    /// The address is declared VIP or ANYCAST.
    Shared { assignment: AssignmentRef },
    /// The node's own address.
    NodeAddress { node: NodeRef, address: AddressRef },
    /// The guest runs on the node.
    Placed { guest: GuestRef, node: NodeRef },
    /// The port heard the node by its chassis MAC.
    Chassis { node: NodeRef, port: PortRef },
    /// The port heard the node by its system name.
    SystemName { node: NodeRef, port: PortRef },
    /// The client is seen behind the port.
    Behind { client: ClientRef, port: PortRef },
    /// So many MACs of the node's guests are seen behind the port.
    Guests { node: NodeRef, port: PortRef, seen: u32 },
    /// The cable was written down.
    Cable { entry: PortMapRef, port: PortRef },
    /// A person decided.
    Override { reason: Box<str> },
    /// A bare forward goes past every proxy.
    NoProxy { forward: ForwardRef },
    /// The host answers 404 and leads nowhere.
    DeadHost { host: ProxyHostRef },
    /// A redirection to a name that no proxy serves.
    UnknownName { from: ProxyHostRef },
    /// Redirections that lead back to themselves.
    Loop { from: ProxyHostRef },
    /// The host or forward names no target.
    NoTarget,
    /// The target is the proxy's own machine or container.
    Loopback { host: ProxyHostRef },
    /// No guest, node or declared entry bears the name of the host's target.
    NameUnborne { network: NetworkRef, name: Box<str> },
    /// The bearer of the name has no address.
    WithoutAddress { bearer: ObjectRef },
    /// Nobody holds the address.
    Unheld { address: AddressRef },
    /// The address is a node's own.
    IsNode { node: NodeRef },
    /// Only a client has the address.
    OnlyClient { client: ClientRef },
    /// A device of the controller has the address.
    OnlyDevice { device: ObjectRef },
    /// The address is declared, and nothing was seen on it.
    OnlyDeclared { assignment: AssignmentRef },
    /// The guest names no node that is known.
    Unplaced { guest: GuestRef },
    /// Neither LLDP nor a client nor a declaration tells the port.
    Uncabled { node: NodeRef },
    /// The client is behind no port that is known.
    ClientNowhere { client: ClientRef },
    /// An earlier hop leads to several objects, or nowhere.
    After { hop: HopKind },
    /// A decision by hand leads to an object that is not there.
    Gone,
}

impl Detail {
    /// The objects that the sentence names; where the caller may not see one of them, the evidence is left out.
    pub fn objects(&self) -> impl Iterator<Item = ObjectRef> + use<> {
        let two = |a: ObjectRef, b: ObjectRef| [Some(a), Some(b)];
        let one = |a: ObjectRef| [Some(a), None];
        let named = match *self {
            Self::Name { host, .. }
            | Self::Location { host, .. }
            | Self::Stream { host }
            | Self::DeadHost { host }
            | Self::UnknownName { from: host }
            | Self::Loop { from: host }
            | Self::Loopback { host } => one(host.into()),
            Self::Redirection { from, to } => two(from.into(), to.into()),
            Self::Forward { forward } | Self::NoProxy { forward } => one(forward.into()),
            Self::Literal { host, address } => two(host.into(), address.into()),
            Self::BornBy { bearer } | Self::WithoutAddress { bearer } => one(bearer),
            Self::Holds { guest, address } => two(guest.into(), address.into()),
            Self::HoldsAsClient { guest, client } => two(guest.into(), client.into()),
            Self::HoldsAsDeclared { guest, assignment } => two(guest.into(), assignment.into()),
            Self::Shared { assignment } | Self::OnlyDeclared { assignment } => one(assignment.into()),
            Self::NodeAddress { node, address } => two(node.into(), address.into()),
            Self::Placed { guest, node } => two(guest.into(), node.into()),
            Self::Chassis { node, port }
            | Self::SystemName { node, port }
            | Self::Guests { node, port, .. } => two(node.into(), port.into()),
            Self::Behind { client, port } => two(client.into(), port.into()),
            Self::Cable { entry, port } => two(entry.into(), port.into()),
            Self::Unheld { address } => one(address.into()),
            Self::IsNode { node } | Self::Uncabled { node } => one(node.into()),
            Self::OnlyClient { client } | Self::ClientNowhere { client } => one(client.into()),
            Self::OnlyDevice { device } => one(device),
            Self::Unplaced { guest } => one(guest.into()),
            Self::Override { .. }
            | Self::NoTarget
            | Self::After { .. }
            | Self::Gone
            | Self::NameUnborne { .. } => [None, None],
        };
        named.into_iter().flatten()
    }
}

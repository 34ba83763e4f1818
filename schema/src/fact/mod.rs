//! What a source can assert about the world. One `Vec` for each kind of fact; a source fills those that it knows of.
//!
//! Wire types speak each API's own words and stay in `connectors/`; here every address is canonical, every MAC parsed,
//! every name trimmed. A new kind of fact is a new field of [`Facts`], and the compiler lists the places that must know.

mod billing;
mod compute;
mod declared;
mod network;
mod proxy;

pub use billing::{
    CustomerFact, EntitlementStatus, InvoiceFact, InvoiceLineFact, ProductFact, SubscriptionItemFact,
};
pub use compute::{
    AddressClaim, AddressOrigin, ClusterFact, GuestFact, GuestKind, GuestStatus, IpReason, NicFact, NodeFact,
    NodeMacFact, NodeStatus, Reading,
};
pub use declared::{
    AssignmentFact, DeclaredGuestFact, IpRole, IpStatus, PortMapFact, SubnetFact, VlanFact, VlanState,
};
pub use network::{ClientFact, DeviceFact, DeviceKind, LldpFact, PortFact, PortForwardFact, Protocol};
pub use proxy::{CertificateFact, LocationFact, ProxyHostFact, ProxyKind};

use crate::Timestamp;

/// How well one object is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// When it was last read.
    pub at: Timestamp,
    /// Its last reading failed, or it is held back: the facts are from before.
    pub stale: bool,
}

/// The lists that others are looked up in: what one of them does not hold counts as not there, so that it has to be known
/// whether it was read. (The sudden emptiness of those of an API is not believed: docs/design.md, *empty is not none*.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MainList {
    /// Hypervisors.
    Nodes,
    /// Guests.
    Guests,
    /// Hosts of a proxy that forward names.
    ProxyHosts,
    /// Hosts of a proxy that send names elsewhere. An account may be shown each kind of host or not.
    RedirectionHosts,
    /// Hosts of a proxy that answer names with 404.
    DeadHosts,
    /// Streams of a proxy: hosts that serve ports.
    Streams,
    /// Devices of a controller.
    Devices,
    /// Clients of a controller.
    Clients,
    /// Customers.
    Customers,
    /// What was written down of addresses and guests.
    Declarations,
}

impl MainList {
    /// Those in which the bearer of an address may stand.
    pub const OF_ADDRESSES: &[Self] =
        &[Self::Nodes, Self::Guests, Self::Devices, Self::Clients, Self::Declarations];
    /// Those in which the bearer of a name that a proxy forwards to may stand.
    pub const OF_NAMES: &[Self] = &[Self::Nodes, Self::Guests, Self::Declarations];

    /// Those in which the host that serves a name may stand.
    pub const OF_SERVED_NAMES: &[Self] = &[Self::ProxyHosts, Self::RedirectionHosts, Self::DeadHosts];
    /// Those in which a host of a proxy may stand.
    pub const OF_PROXIES: &[Self] =
        &[Self::ProxyHosts, Self::RedirectionHosts, Self::DeadHosts, Self::Streams];

    /// As people call it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Nodes => "nodes",
            Self::Guests => "guests",
            Self::ProxyHosts => "proxy hosts",
            Self::RedirectionHosts => "redirection hosts",
            Self::DeadHosts => "404 hosts",
            Self::Streams => "streams",
            Self::Devices => "devices",
            Self::Clients => "clients",
            Self::Customers => "customers",
            Self::Declarations => "declared addresses",
        }
    }
}

/// Everything that one source asserts. The order within a list means nothing; the join sorts where order shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// The cluster that a Proxmox source is.
    pub cluster: Option<ClusterFact>,
    /// Hypervisors.
    pub nodes: Vec<NodeFact>,
    /// MACs that an agent reports of its node.
    pub node_macs: Vec<NodeMacFact>,
    /// Virtual machines and containers.
    pub guests: Vec<GuestFact>,
    /// Hosts of a proxy.
    pub proxy_hosts: Vec<ProxyHostFact>,
    /// Certificates of a proxy.
    pub certificates: Vec<CertificateFact>,
    /// Switches, gateways, access points.
    pub devices: Vec<DeviceFact>,
    /// Ports of those devices.
    pub ports: Vec<PortFact>,
    /// What hangs on the network.
    pub clients: Vec<ClientFact>,
    /// Neighbours heard by LLDP.
    pub lldp: Vec<LldpFact>,
    /// Port forwards of a gateway.
    pub port_forwards: Vec<PortForwardFact>,
    /// Subnets, declared or configured on a controller.
    pub subnets: Vec<SubnetFact>,
    /// VLANs, declared or configured on a controller.
    pub vlans: Vec<VlanFact>,
    /// Declared addresses.
    pub assignments: Vec<AssignmentFact>,
    /// Guests that were declared without an address.
    pub declared_guests: Vec<DeclaredGuestFact>,
    /// Declared cabling.
    pub port_map: Vec<PortMapFact>,
    /// Who pays.
    pub customers: Vec<CustomerFact>,
    /// What they pay for.
    pub subscription_items: Vec<SubscriptionItemFact>,
    /// Products, by which a subscription's item is named.
    pub products: Vec<ProductFact>,
    /// What they were asked to pay.
    pub invoices: Vec<InvoiceFact>,
}

impl Facts {
    /// How many objects there are in all.
    pub fn len(&self) -> usize {
        usize::from(self.cluster.is_some())
            + self.nodes.len()
            + self.node_macs.len()
            + self.guests.len()
            + self.proxy_hosts.len()
            + self.certificates.len()
            + self.devices.len()
            + self.ports.len()
            + self.clients.len()
            + self.lldp.len()
            + self.port_forwards.len()
            + self.subnets.len()
            + self.vlans.len()
            + self.assignments.len()
            + self.declared_guests.len()
            + self.port_map.len()
            + self.customers.len()
            + self.subscription_items.len()
            + self.products.len()
            + self.invoices.len()
    }

    /// Whether nothing is asserted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

//! Handles: how one object of a [`View`](super::View) is named while that View is read. Small, `Copy`, ordered as lists are.
//!
//! A handle is good for the View that gave it and no other; what outlives a request is an [`ObjectId`](crate::ObjectId).

use std::net::IpAddr;

/// Declares a handle: a source of the View, and the object's place in that source, in the order of its natural key.
macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident => $variant:ident),+ $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name {
                pub(crate) source: u32,
                pub(crate) index: u32,
            }

            impl $name {
                /// The source that asserts it.
                pub fn source(self) -> SourceRef {
                    SourceRef(self.source)
                }

                pub(crate) fn new(source: u32, index: usize) -> Self {
                    Self { source, index: narrow(index) }
                }

                pub(crate) fn index(self) -> usize {
                    self.index as usize
                }
            }

            impl From<$name> for ObjectRef {
                fn from(handle: $name) -> Self {
                    Self::$variant(handle)
                }
            }
        )+
    };
}

handles! {
    /// A guest; ordered by cluster, then VMID.
    GuestRef => Guest,
    /// A hypervisor; ordered by cluster, then name.
    NodeRef => Node,
    /// A host of a proxy; ordered by source, then reference.
    ProxyHostRef => ProxyHost,
    /// A certificate; ordered by source, then reference.
    CertificateRef => Certificate,
    /// A device of a controller; ordered by source, then MAC.
    SwitchRef => Switch,
    /// A port of a device; ordered by source, then MAC and number.
    PortRef => Port,
    /// A client of a controller; ordered by source, then MAC.
    ClientRef => Client,
    /// A port forward; ordered by source, then reference.
    ForwardRef => Forward,
    /// A subnet; ordered by source, then range.
    SubnetRef => Subnet,
    /// A VLAN; ordered by source, then reference.
    VlanRef => Vlan,
    /// A declared address; ordered by source, then reference.
    AssignmentRef => Assignment,
    /// A declared cable; ordered by source, then reference.
    PortMapRef => PortMap,
    /// An item of a subscription; ordered by source, then reference.
    EntitlementRef => Entitlement,
    /// An invoice; ordered by source, then reference.
    InvoiceRef => Invoice,
}

/// A source; ordered by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceRef(pub(crate) u32);

/// A Proxmox cluster, which is a source that has nodes; ordered by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClusterRef(pub(crate) u32);

/// A network: the realm within which equal addresses mean the same; ordered by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NetworkRef(pub(crate) u32);

/// An address of a network; ordered by network, then address, IPv4 first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AddressRef {
    pub(crate) network: u32,
    pub(crate) address: IpAddr,
}

impl AddressRef {
    /// The network it belongs to.
    pub fn network(self) -> NetworkRef {
        NetworkRef(self.network)
    }

    /// The address itself.
    pub fn address(self) -> IpAddr {
        self.address
    }
}

/// A public name; ordered by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostnameRef(pub(crate) u32);

/// A row of the joined view; ordered by name (none first), location, entry, source and reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathRef(pub(crate) u32);

/// An organization; ordered by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationRef(pub(crate) u32);

/// Any object of a View.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each variant is the handle that it holds")]
pub enum ObjectRef {
    Source(SourceRef),
    Hostname(HostnameRef),
    ProxyHost(ProxyHostRef),
    Certificate(CertificateRef),
    Address(AddressRef),
    Guest(GuestRef),
    Cluster(ClusterRef),
    Node(NodeRef),
    Switch(SwitchRef),
    Port(PortRef),
    Client(ClientRef),
    Forward(ForwardRef),
    Path(PathRef),
    Subnet(SubnetRef),
    Vlan(VlanRef),
    Assignment(AssignmentRef),
    PortMap(PortMapRef),
    Organization(OrganizationRef),
    Entitlement(EntitlementRef),
    Invoice(InvoiceRef),
}

impl ObjectRef {
    /// The address that it is.
    pub fn address(self) -> Option<AddressRef> {
        match self {
            Self::Address(address) => Some(address),
            _ => None,
        }
    }

    /// The guest that it is.
    pub fn guest(self) -> Option<GuestRef> {
        match self {
            Self::Guest(guest) => Some(guest),
            _ => None,
        }
    }

    /// The hypervisor that it is.
    pub fn node(self) -> Option<NodeRef> {
        match self {
            Self::Node(node) => Some(node),
            _ => None,
        }
    }
}

macro_rules! whole_handles {
    ($($name:ident => $variant:ident),+ $(,)?) => {
        $(impl From<$name> for ObjectRef {
            fn from(handle: $name) -> Self {
                Self::$variant(handle)
            }
        })+
    };
}

whole_handles! {
    SourceRef => Source,
    ClusterRef => Cluster,
    AddressRef => Address,
    HostnameRef => Hostname,
    PathRef => Path,
    OrganizationRef => Organization,
}

impl GuestRef {
    /// The cluster that it belongs to.
    pub fn cluster(self) -> ClusterRef {
        ClusterRef(self.source)
    }
}

impl NodeRef {
    /// The cluster that it belongs to.
    pub fn cluster(self) -> ClusterRef {
        ClusterRef(self.source)
    }
}

impl ClusterRef {
    /// The source that it is.
    pub fn source(self) -> SourceRef {
        SourceRef(self.0)
    }
}

/// An index as handles hold it. A snapshot of four thousand million objects does not fit a machine that could hold it.
pub(crate) fn narrow(index: usize) -> u32 {
    u32::try_from(index).expect("fewer than 2^32 objects of a kind in memory")
}

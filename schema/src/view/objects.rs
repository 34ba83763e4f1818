//! From a handle to the fact, from a handle to the id that clients hold, and back.

use super::listing::by_natural_key;
use super::refs::{
    AddressRef, AssignmentRef, CertificateRef, ClientRef, ClusterRef, EntitlementRef, ForwardRef, GuestRef,
    HostnameRef, InvoiceRef, NodeRef, ObjectRef, OrganizationRef, PathRef, PortMapRef, PortRef, ProxyHostRef,
    SubnetRef, SwitchRef, VlanRef, narrow,
};
use super::{Path, View};
use crate::fact::{
    AssignmentFact, CertificateFact, ClientFact, ClusterFact, DeviceFact, GuestFact, InvoiceFact, NodeFact,
    PortFact, PortForwardFact, PortMapFact, ProxyHostFact, SubnetFact, SubscriptionItemFact, VlanFact,
};
use crate::{Mac, ObjectId};

macro_rules! facts {
    ($($(#[$doc:meta])* $method:ident, $handle:ident => $fact:ident, $places:ident, $list:ident;)+) => {
        impl View {
            $(
                $(#[$doc])*
                pub fn $method(&self, handle: $handle) -> &$fact {
                    let part = &self.parts[handle.source as usize];
                    &part.facts().$list[part.$places[handle.index()] as usize]
                }
            )+
        }
    };
}

facts! {
    /// The guest.
    guest, GuestRef => GuestFact, guests, guests;
    /// The hypervisor.
    node, NodeRef => NodeFact, nodes, nodes;
    /// The host of a proxy.
    proxy_host, ProxyHostRef => ProxyHostFact, proxy_hosts, proxy_hosts;
    /// The certificate.
    certificate, CertificateRef => CertificateFact, certificates, certificates;
    /// The device.
    switch, SwitchRef => DeviceFact, devices, devices;
    /// The port.
    port, PortRef => PortFact, ports, ports;
    /// The client.
    client, ClientRef => ClientFact, clients, clients;
    /// The port forward.
    forward, ForwardRef => PortForwardFact, forwards, port_forwards;
    /// The subnet.
    subnet, SubnetRef => SubnetFact, subnets, subnets;
    /// The VLAN.
    vlan, VlanRef => VlanFact, vlans, vlans;
    /// The declared address.
    assignment, AssignmentRef => AssignmentFact, assignments, assignments;
    /// The declared cable.
    cable, PortMapRef => PortMapFact, port_map, port_map;
    /// The item of a subscription.
    entitlement, EntitlementRef => SubscriptionItemFact, items, subscription_items;
    /// The invoice.
    invoice, InvoiceRef => InvoiceFact, invoices, invoices;
}

impl View {
    /// What Proxmox says of a cluster as a whole, where it did.
    pub fn cluster(&self, handle: ClusterRef) -> Option<&ClusterFact> {
        self.parts[handle.0 as usize].facts().cluster.as_ref()
    }

    /// The public name.
    pub fn hostname(&self, handle: HostnameRef) -> &str {
        self.routes.name(handle)
    }

    /// The path.
    pub fn path(&self, handle: PathRef) -> Path<'_> {
        let route = &self.routes.all[handle.0 as usize];
        Path { view: self, handle, route, legs: self.legs(handle.0, route) }
    }

    /// The organization's name.
    pub fn organization(&self, handle: OrganizationRef) -> &str {
        self.catalog.organizations.name(handle)
    }

    /// The object of an id, if it is there.
    pub fn find(&self, id: &ObjectId) -> Option<ObjectRef> {
        let found = match id {
            ObjectId::Source(name) => self.source_named(name)?.into(),
            ObjectId::Cluster(name) => self.cluster_named(name)?.into(),
            ObjectId::Hostname(name) => self.find_hostname(name)?.into(),
            ObjectId::ProxyHost { source, reference } => self.find_proxy_host(source, reference)?.into(),
            ObjectId::Certificate { .. } => self.find_in_source::<CertificateRef>(id)?.into(),
            ObjectId::IpAddress { network, address } => self.find_address(network, *address)?.into(),
            ObjectId::Guest { cluster, vmid } => self.find_guest(cluster, *vmid)?.into(),
            ObjectId::ClusterNode { cluster, name } => self.find_node(cluster, name)?.into(),
            ObjectId::Switch(mac) => self.find_switch(*mac)?.into(),
            ObjectId::SwitchPort { switch, number } => self.find_port(*switch, *number)?.into(),
            ObjectId::NetworkClient { network, mac } => self.find_client(network, *mac)?.into(),
            ObjectId::PortForward { .. } => self.find_in_source::<ForwardRef>(id)?.into(),
            ObjectId::Path { .. } => self.find_path(id)?.into(),
            ObjectId::Subnet { network, cidr } => self.catalog.find_subnet(self, network, *cidr)?.into(),
            ObjectId::Vlan { .. } => self.find_in_source::<VlanRef>(id)?.into(),
            ObjectId::IpAssignment { .. } => self.find_in_source::<AssignmentRef>(id)?.into(),
            ObjectId::Organization(name) => self.catalog.organizations.find(name)?.into(),
            ObjectId::Entitlement { .. } => self.find_in_source::<EntitlementRef>(id)?.into(),
            ObjectId::Invoice { .. } => self.find_in_source::<InvoiceRef>(id)?.into(),
            ObjectId::DriftFinding { .. } => return None,
        };
        Some(found)
    }

    /// The id that clients hold. A declared cable has none of its own: its source's stands for it.
    pub fn id(&self, object: impl Into<ObjectRef>) -> ObjectId {
        let source_name = |source: u32| -> Box<str> { (*self.held[source as usize].info.name).into() };
        let source = |handle: u32| source_name(handle);
        match object.into() {
            ObjectRef::Source(handle) => ObjectId::Source(source(handle.0)),
            ObjectRef::Cluster(handle) => ObjectId::Cluster(source(handle.0)),
            ObjectRef::Hostname(handle) => ObjectId::Hostname(self.hostname(handle).into()),
            ObjectRef::ProxyHost(handle) => {
                let reference = self.proxy_host(handle).reference.clone();
                ObjectId::ProxyHost { source: source(handle.source), reference }
            }
            ObjectRef::Certificate(handle) => {
                let reference = self.certificate(handle).reference.clone();
                ObjectId::Certificate { source: source(handle.source), reference }
            }
            ObjectRef::Address(handle) => {
                let network = (**self.layout.network_name(handle.network())).into();
                ObjectId::IpAddress { network, address: handle.address }
            }
            ObjectRef::Guest(handle) => {
                ObjectId::Guest { cluster: source(handle.source), vmid: self.guest(handle).vmid }
            }
            ObjectRef::Node(handle) => ObjectId::ClusterNode {
                cluster: source(handle.source),
                name: (*self.node(handle).name).into(),
            },
            ObjectRef::Switch(handle) => ObjectId::Switch(self.switch(handle).mac),
            ObjectRef::Port(handle) => {
                let port = self.port(handle);
                ObjectId::SwitchPort { switch: port.switch, number: port.number }
            }
            ObjectRef::Client(handle) => {
                let network = (**self.layout.network_name(self.network_of(handle.source()))).into();
                ObjectId::NetworkClient { network, mac: self.client(handle).mac }
            }
            ObjectRef::Forward(handle) => {
                let reference = self.forward(handle).reference.clone();
                ObjectId::PortForward { source: source(handle.source), reference }
            }
            ObjectRef::Path(handle) => self.path_id(handle),
            ObjectRef::Subnet(handle) => {
                let subnet = self.subnet(handle);
                ObjectId::Subnet { network: (*subnet.network).into(), cidr: subnet.cidr }
            }
            ObjectRef::Vlan(handle) => {
                let reference = self.vlan(handle).reference.clone();
                ObjectId::Vlan { source: source(handle.source), reference }
            }
            ObjectRef::Assignment(handle) => {
                let reference = self.assignment(handle).reference.clone();
                ObjectId::IpAssignment { source: source(handle.source), reference }
            }
            ObjectRef::PortMap(handle) => ObjectId::Source(source(handle.source)),
            ObjectRef::Organization(handle) => ObjectId::Organization(self.organization(handle).into()),
            ObjectRef::Entitlement(handle) => {
                let reference = self.entitlement(handle).reference.clone();
                ObjectId::Entitlement { source: source(handle.source), reference }
            }
            ObjectRef::Invoice(handle) => {
                let reference = self.invoice(handle).reference.clone();
                ObjectId::Invoice { source: source(handle.source), reference }
            }
        }
    }

    /// A guest, by its cluster's source and its VMID.
    pub fn find_guest(&self, cluster: &str, vmid: u32) -> Option<GuestRef> {
        let source = self.source_named(cluster)?;
        let index = self.parts[source.0 as usize].find_guest(vmid)?;
        Some(GuestRef::new(source.0, index))
    }

    /// A hypervisor, by its cluster's source and its name.
    pub fn find_node(&self, cluster: &str, name: &str) -> Option<NodeRef> {
        let source = self.source_named(cluster)?;
        let index = self.parts[source.0 as usize].find_node(name)?;
        Some(NodeRef::new(source.0, index))
    }

    /// A public name, in lower case.
    pub fn find_hostname(&self, name: &str) -> Option<HostnameRef> {
        self.routes.find_name(name)
    }

    /// A host of a proxy.
    pub fn find_proxy_host(&self, source: &str, reference: &str) -> Option<ProxyHostRef> {
        self.find_in_source(&ObjectId::ProxyHost { source: source.into(), reference: reference.into() })
    }

    /// An address of a network, if anything is known of it.
    pub fn find_address(&self, network: &str, address: std::net::IpAddr) -> Option<AddressRef> {
        let network = self.layout.find(network)?;
        let address = crate::address::canonical(address);
        (!self.tables[network as usize].of(address).is_empty()).then_some(AddressRef { network, address })
    }

    /// A device, by its MAC.
    pub fn find_switch(&self, mac: Mac) -> Option<SwitchRef> {
        let switches = &self.catalog.switches;
        switches
            .binary_search_by_key(&mac, |handle| self.switch(*handle).mac)
            .ok()
            .map(|place| switches[place])
    }

    /// A port of a device.
    pub fn find_port(&self, switch: Mac, number: u16) -> Option<PortRef> {
        let handle = self.find_switch(switch)?;
        let ports = self.ports_of_switch(handle);
        ports.into_iter().find(|port| self.port(*port).number == number)
    }

    /// A client of a network, by its MAC.
    pub fn find_client(&self, network: &str, mac: Mac) -> Option<ClientRef> {
        self.fabrics[self.layout.find(network)? as usize].client(mac)
    }

    /// A path, by its id.
    pub fn find_path(&self, id: &ObjectId) -> Option<PathRef> {
        let place = by_natural_key::<PathRef>(self, id)?;
        Some(PathRef(narrow(place)))
    }

    pub(crate) fn path_id(&self, handle: PathRef) -> ObjectId {
        let route = &self.routes.all[handle.0 as usize];
        let (source, reference) = self.beginning(route);
        ObjectId::Path { source: source.into(), reference: reference.into(), entry: route.entry.clone() }
    }

    /// The name of the source and the reference that a route begins at.
    pub(crate) fn beginning(&self, route: &super::routes::Route) -> (&str, &str) {
        use super::routes::Origin;
        match route.origin {
            Origin::Host(host) => {
                (&self.held[host.source as usize].info.name, &self.proxy_host(host).reference)
            }
            Origin::Forward(forward) => {
                (&self.held[forward.source as usize].info.name, &self.forward(forward).reference)
            }
        }
    }
}

//! Clusters, their nodes, and what runs on them.

use resolvers_macros::object;
use schema::fact::{GuestFact, NicFact, NodeFact, Seen};
use schema::view::{ClusterRef, GuestRef, InterfaceAddresses, NodeRef};

use super::{Impact, IpAddress, Many as _, Organization, Path, Provenance, SwitchPort, handles, listed};
use crate::enums::{AddressOrigin, GuestKind, GuestStatus, IpReason, NodeStatus};
use crate::filter::{GuestFilter, GuestOrder};
use crate::page::{Connection, Cursor, Listed as _, Page};
use crate::scalar::{ByteSize, Id, MacAddr};
use crate::{Refusal, RequestContext};

handles! {
    /// A Proxmox cluster, or a node that is in none.
    Cluster(ClusterRef);
    /// A hypervisor.
    ClusterNode(NodeRef);
    /// A virtual machine or a container.
    Guest(GuestRef);
}
listed!(ClusterNode, Guest);

/// An interface of a guest.
#[derive(Clone, Debug)]
pub(crate) struct GuestInterface<'v> {
    context: &'v RequestContext,
    guest: GuestRef,
    nic: &'v NicFact,
    found: InterfaceAddresses,
}

impl<'v> Guest<'v> {
    pub(crate) fn fact(&self) -> &'v GuestFact {
        self.context.view.guest(self.at)
    }

    /// The name of its cluster.
    pub(crate) fn cluster_name(&self) -> &'v str {
        &self.context.view.held(self.at.source()).info.name
    }
}

/// A virtual machine or a container.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> Guest<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    /// Unique within its cluster only.
    pub(crate) fn vmid(&self) -> u32 {
        self.fact().vmid
    }

    fn cluster(&self) -> Cluster<'v> {
        Cluster::whole(self.context, self.at.cluster())
    }

    fn node(&self) -> Option<ClusterNode<'v>> {
        self.context.view.node_of(self.at).and_then(|at| ClusterNode::see(self.context, at))
    }

    pub(crate) fn kind(&self) -> GuestKind {
        self.fact().kind.into()
    }

    pub(crate) fn name(&self) -> &'v str {
        &self.fact().name
    }

    pub(crate) fn status(&self) -> GuestStatus {
        self.fact().status.into()
    }

    fn template(&self) -> bool {
        self.fact().template
    }

    pub(crate) fn tags(&self) -> Vec<&'v str> {
        self.fact().tags.iter().map(|tag| &**tag).collect()
    }

    fn pool(&self) -> Option<&'v str> {
        self.fact().pool.as_deref()
    }

    /// backup, migrate, snapshot, ...
    fn lock(&self) -> Option<&'v str> {
        self.fact().lock.as_deref()
    }

    /// Cores, or the fraction of one that a container may use.
    fn cpus(&self) -> Option<f64> {
        self.fact().cpus
    }

    /// 0..1 of cpus.
    fn cpu_usage(&self) -> Option<f64> {
        self.fact().cpu_usage
    }

    fn memory_bytes(&self) -> Option<ByteSize> {
        self.fact().memory_bytes.map(ByteSize)
    }

    fn memory_used_bytes(&self) -> Option<ByteSize> {
        self.fact().memory_used_bytes.map(ByteSize)
    }

    fn disk_bytes(&self) -> Option<ByteSize> {
        self.fact().disk_bytes.map(ByteSize)
    }

    fn uptime_seconds(&self) -> Option<f64> {
        self.fact().uptime_seconds
    }

    /// In the order of its configuration.
    fn interfaces(&self) -> Vec<GuestInterface<'v>> {
        let interface = |(place, nic)| GuestInterface {
            context: self.context,
            guest: self.at,
            nic,
            found: self.context.view.interface_addresses(self.at, place),
        };
        self.fact().nics.iter().enumerate().map(interface).collect()
    }

    fn ip_addresses(&self) -> Vec<IpAddress<'v>> {
        IpAddress::all(self.context, self.context.view.guest_addresses(self.at))
    }

    /// Why there is no address.
    fn ip_reason(&self) -> Option<IpReason> {
        let reason = self.fact().ip_reason?;
        self.context.view.guest_addresses(self.at).is_empty().then(|| reason.into())
    }

    fn switch_port(&self) -> Option<SwitchPort<'v>> {
        self.context.view.port_of_guest(self.at).and_then(|at| SwitchPort::see(self.context, at))
    }

    fn paths(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Path<'v>>, Refusal> {
        Page::new(first, after).among(&Path::all(self.context, self.context.view.paths_of_guest(self.at)))
    }

    /// The organization that claims it; null where none does, or several do.
    fn owner(&self) -> Option<Organization<'v>> {
        self.context.view.owner_of(self.at).and_then(|at| Organization::see(self.context, at))
    }

    fn impact(&self) -> Impact<'v> {
        Impact::of(self.context, self.at)
    }

    fn provenance(&self) -> Provenance<'v> {
        Provenance::new(self.context, self.at.source(), self.fact().seen)
    }
}

/// An interface of a guest, with its addresses by the best rule that gives it any.
#[object]
impl<'v> GuestInterface<'v> {
    /// net0, net1, ...
    fn name(&self) -> &'v str {
        &self.nic.name
    }

    fn mac(&self) -> Option<MacAddr> {
        self.nic.mac.map(MacAddr)
    }

    fn bridge(&self) -> Option<&'v str> {
        self.nic.bridge.as_deref()
    }

    fn vlan_tag(&self) -> Option<u16> {
        self.nic.vlan_tag
    }

    fn addresses(&self) -> Vec<IpAddress<'v>> {
        let network = self.context.view.network_name(self.context.view.network_of(self.guest.source()));
        let handles = self.found.addresses.iter();
        let handles = handles.filter_map(|address| self.context.view.find_address(network, *address));
        IpAddress::all(self.context, handles)
    }

    fn address_origin(&self) -> Option<AddressOrigin> {
        self.found.origin.map(Into::into)
    }

    /// The addresses are from an earlier reading, or the guest is stale.
    fn stale(&self) -> bool {
        let guest = self.context.view.guest(self.guest);
        self.found.stale || self.context.view.is_stale(self.guest.source(), guest.seen, self.context.now)
    }
}

impl Cluster<'_> {
    /// How well it is known; of a cluster that did not tell of itself, as its source is.
    fn seen(&self) -> Seen {
        let source = self.context.view.held(self.at.source());
        let read = Seen { at: source.collected_at().unwrap_or_default(), stale: false };
        self.context.view.cluster(self.at).map_or(read, |fact| fact.seen)
    }
}

/// A Proxmox cluster, or a node that is in none.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> Cluster<'v> {
    fn id(&self) -> Id {
        Id(self.context.view.id(self.at))
    }

    /// The source's name, unique; `cluster` in arguments, filters, places and metadata means this.
    pub(crate) fn name(&self) -> &'v str {
        &self.context.view.held(self.at.source()).info.name
    }

    /// What Proxmox calls it; null for a node that is in no cluster.
    fn proxmox_name(&self) -> Option<&'v str> {
        self.context.view.cluster(self.at)?.proxmox_name.as_deref()
    }

    fn environment(&self) -> Option<&'v str> {
        self.context.view.held(self.at.source()).info.environment.as_deref()
    }

    fn cloud(&self) -> Option<&'v str> {
        self.context.view.held(self.at.source()).info.cloud.as_deref()
    }

    fn quorate(&self) -> Option<bool> {
        self.context.view.cluster(self.at)?.quorate
    }

    fn version(&self) -> Option<&'v str> {
        self.context.view.cluster(self.at)?.version.as_deref()
    }

    fn nodes(&self) -> Vec<ClusterNode<'v>> {
        ClusterNode::all(self.context, self.context.view.nodes_of_cluster(self.at))
    }

    fn guests(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
        filter: Option<GuestFilter>,
        order_by: Option<GuestOrder>,
    ) -> Result<Connection<Guest<'v>>, Refusal> {
        let guests = Guest::all(self.context, self.context.view.guests_of_cluster(self.at));
        GuestFilter::page(filter, order_by, Page::new(first, after), guests)
    }

    fn provenance(&self) -> Provenance<'v> {
        Provenance::new(self.context, self.at.source(), self.seen())
    }
}

impl<'v> ClusterNode<'v> {
    pub(crate) fn fact(&self) -> &'v NodeFact {
        self.context.view.node(self.at)
    }
}

/// A hypervisor: one member of a Proxmox cluster.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> ClusterNode<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    pub(crate) fn name(&self) -> &'v str {
        &self.fact().name
    }

    pub(crate) fn cluster(&self) -> Cluster<'v> {
        Cluster::whole(self.context, self.at.cluster())
    }

    fn status(&self) -> NodeStatus {
        self.fact().status.into()
    }

    fn address(&self) -> Option<IpAddress<'v>> {
        self.context.view.node_address(self.at).and_then(|at| IpAddress::see(self.context, at))
    }

    fn cpus(&self) -> Option<u32> {
        self.fact().cpus
    }

    /// 0..1 of cpus.
    fn cpu_usage(&self) -> Option<f64> {
        self.fact().cpu_usage
    }

    fn memory_bytes(&self) -> Option<ByteSize> {
        self.fact().memory_bytes.map(ByteSize)
    }

    fn memory_used_bytes(&self) -> Option<ByteSize> {
        self.fact().memory_used_bytes.map(ByteSize)
    }

    fn uptime_seconds(&self) -> Option<f64> {
        self.fact().uptime_seconds
    }

    fn version(&self) -> Option<&'v str> {
        self.fact().version.as_deref()
    }

    fn switch_ports(&self) -> Vec<SwitchPort<'v>> {
        SwitchPort::all(self.context, self.context.view.ports_of_node(self.at).iter().copied())
    }

    fn guests(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
        filter: Option<GuestFilter>,
    ) -> Result<Connection<Guest<'v>>, Refusal> {
        let guests = Guest::all(self.context, self.context.view.guests_of_node(self.at));
        GuestFilter::page(filter, None, Page::new(first, after), guests)
    }

    fn impact(&self) -> Impact<'v> {
        Impact::of(self.context, self.at)
    }

    fn provenance(&self) -> Provenance<'v> {
        Provenance::new(self.context, self.at.source(), self.fact().seen)
    }
}

//! Links in both directions: what runs where, what hangs on what, which paths go through it.

use std::sync::Arc;

use super::View;
use super::addresses::Claim;
use super::cabling::Cabling;
use super::part::NOWHERE;
use super::refs::{
    AddressRef, CertificateRef, ClientRef, ClusterRef, ForwardRef, GuestRef, HostnameRef, NodeRef, ObjectRef,
    PathRef, PortMapRef, PortRef, ProxyHostRef, SwitchRef, narrow,
};
use super::routes::pairs_of;
use crate::address::{canonical, names_a_machine};

/// From objects back to what leads to them. Lists of pairs, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Links {
    pub(crate) address_targets: Arc<[(AddressRef, u32)]>,
    pub(crate) guest_targets: Arc<[(GuestRef, u32)]>,
    pub(crate) node_targets: Arc<[(NodeRef, u32)]>,
    pub(crate) port_targets: Arc<[(PortRef, u32)]>,
    /// Targets whose GUEST or NODE hop has several candidates, by each of them.
    pub(crate) doubtful: Arc<[(ObjectRef, u32)]>,
    pub(crate) port_nodes: Arc<[(PortRef, NodeRef)]>,
    /// Paths of which a person decided a hop.
    pub(crate) decided: Arc<[(ObjectRef, PathRef)]>,
}

impl View {
    /// The hypervisor that a guest is placed on.
    pub fn node_of(&self, guest: GuestRef) -> Option<NodeRef> {
        let home = self.parts[guest.source as usize].homes[guest.index()];
        (home != NOWHERE).then_some(NodeRef { source: guest.source, index: home })
    }

    /// The guests on a hypervisor, by VMID.
    pub fn guests_of_node(
        &self,
        node: NodeRef,
    ) -> impl ExactSizeIterator<Item = GuestRef> + DoubleEndedIterator + '_ {
        let residents = self.parts[node.source as usize].residents(node.index());
        residents.iter().map(move |index| GuestRef { source: node.source, index: *index })
    }

    /// The guests of a cluster, by VMID.
    pub fn guests_of_cluster(
        &self,
        cluster: ClusterRef,
    ) -> impl ExactSizeIterator<Item = GuestRef> + DoubleEndedIterator + use<> {
        (0..self.guest_count_of(cluster.0)).map(move |index| GuestRef { source: cluster.0, index })
    }

    /// The hypervisors of a cluster, by name.
    pub fn nodes_of_cluster(
        &self,
        cluster: ClusterRef,
    ) -> impl ExactSizeIterator<Item = NodeRef> + DoubleEndedIterator + use<> {
        let count = narrow(self.parts[cluster.0 as usize].nodes.len());
        (0..count).map(move |index| NodeRef { source: cluster.0, index })
    }

    /// A hypervisor's own address.
    pub fn node_address(&self, node: NodeRef) -> Option<AddressRef> {
        self.known(node.source, self.node(node).address)
    }

    /// A client's address.
    pub fn client_address(&self, client: ClientRef) -> Option<AddressRef> {
        self.known(client.source, self.client(client).address)
    }

    /// A device's own address.
    pub fn switch_address(&self, switch: SwitchRef) -> Option<AddressRef> {
        self.known(switch.source, self.switch(switch).address)
    }

    /// Where a port forward leads.
    pub fn forward_address(&self, forward: ForwardRef) -> Option<AddressRef> {
        self.known(forward.source, self.forward(forward).forward_address)
    }

    /// The address of a declaration.
    pub fn assignment_address(&self, assignment: super::AssignmentRef) -> Option<AddressRef> {
        let fact = self.assignment(assignment);
        let network = self.layout.find(&fact.network)?;
        let address = canonical(fact.address);
        names_a_machine(address).then_some(AddressRef { network, address })
    }

    /// The address of a declaration as it was written down, whether or not it can name a machine.
    pub fn declared_address(&self, assignment: super::AssignmentRef) -> AddressRef {
        let fact = self.assignment(assignment);
        // The networks are those of all sources and of all declarations: this one's is among them.
        let network = self.layout.find(&fact.network).unwrap_or_else(|| self.layout.of(assignment.source));
        AddressRef { network, address: canonical(fact.address) }
    }

    fn known(&self, source: u32, address: Option<std::net::IpAddr>) -> Option<AddressRef> {
        let address = address.map(canonical).filter(|address| names_a_machine(*address))?;
        Some(AddressRef { network: self.layout.of(source), address })
    }

    pub(crate) fn cabling_of(&self, node: NodeRef) -> &Arc<Cabling> {
        &self.cabling[node.source as usize][node.index()]
    }

    /// The switch ports of a hypervisor: several of a bond or a link aggregation group.
    pub fn ports_of_node(&self, node: NodeRef) -> &[PortRef] {
        &self.cabling_of(node).ports
    }

    /// Why a hypervisor is held to hang on its ports, and what else was found.
    pub fn cabling_evidence(&self, node: NodeRef) -> &[super::Evidence] {
        &self.cabling_of(node).hop.evidence
    }

    /// The lowest switch port of the hypervisor that a guest is placed on.
    pub fn port_of_guest(&self, guest: GuestRef) -> Option<PortRef> {
        self.ports_of_node(self.node_of(guest)?).first().copied()
    }

    /// The hypervisors on a port, by cluster and name.
    pub fn nodes_of_port(&self, port: PortRef) -> impl Iterator<Item = NodeRef> + '_ {
        pairs_of(&self.links.port_nodes, port).iter().map(|pair| pair.1)
    }

    /// The guests on a port's hypervisors, by cluster, node and VMID.
    pub fn guests_of_port(&self, port: PortRef) -> impl Iterator<Item = GuestRef> + '_ {
        self.nodes_of_port(port).flat_map(|node| self.guests_of_node(node))
    }

    /// The clients that were seen behind a port.
    pub fn clients_of_port(&self, port: PortRef) -> impl Iterator<Item = ClientRef> + '_ {
        let fact = self.port(port);
        let fabric = &self.fabrics[self.layout.of(port.source) as usize];
        pairs_of(&fabric.behind, (fact.switch, fact.number)).iter().map(|pair| pair.1)
    }

    /// The port behind which a client was seen.
    pub fn port_of_client(&self, client: ClientRef) -> Option<PortRef> {
        let (switch, number) = self.client(client).port?;
        self.find_port(switch, number)
    }

    /// The ports of a device, by number.
    pub fn ports_of_switch(
        &self,
        switch: SwitchRef,
    ) -> impl ExactSizeIterator<Item = PortRef> + DoubleEndedIterator + use<> {
        let part = &self.parts[switch.source as usize];
        let mac = self.switch(switch).mac;
        let fact = |place: &u32| part.facts().ports[*place as usize].switch;
        let start = part.ports.partition_point(|place| fact(place) < mac);
        let end = part.ports.partition_point(|place| fact(place) <= mac);
        let source = switch.source;
        (narrow(start)..narrow(end)).map(move |index| PortRef { source, index })
    }

    /// The device of a port.
    pub fn switch_of_port(&self, port: PortRef) -> Option<SwitchRef> {
        let owner = &self.parts[port.source as usize];
        let mac = self.port(port).switch;
        let own = super::part::find(&owner.devices, &owner.facts().devices, |device| device.mac.cmp(&mac));
        own.map(|index| SwitchRef::new(port.source, index)).or_else(|| self.find_switch(mac))
    }

    /// The declared cables that end at a port.
    pub fn cables_of_port(&self, port: PortRef) -> Vec<PortMapRef> {
        let fact = self.port(port);
        let fabric = &self.fabrics[self.layout.of(port.source) as usize];
        let here = |entry: &PortMapRef| {
            let cable = self.cable(*entry);
            cable.port == fact.number && fabric.devices_called(&cable.switch).contains(&fact.switch)
        };
        let mut found: Vec<PortMapRef> = fabric.cables_at(fact.number).iter().copied().filter(here).collect();
        found.sort_unstable();
        found
    }

    /// Whether a port forward goes to an address of a proxy.
    pub(crate) fn bears(&self, proxy: super::SourceRef, forward: ForwardRef) -> bool {
        self.layout.of(proxy.0) == self.layout.of(forward.source)
            && self.forward(forward).forward_address.is_some_and(|to| {
                self.held(proxy).info.addresses.iter().any(|own| canonical(*own) == canonical(to))
            })
    }

    /// The guests that an address was seen on or is declared for, by cluster and VMID.
    pub fn guests_of_address(&self, address: AddressRef) -> impl Iterator<Item = GuestRef> + '_ {
        self.claims(address).filter_map(Claim::guest)
    }

    /// By which rule each guest holds an address.
    pub fn guest_claims_of_address(
        &self,
        address: AddressRef,
    ) -> impl Iterator<Item = (GuestRef, crate::fact::AddressOrigin)> + '_ {
        self.claims(address).filter_map(|claim| Some((claim.guest()?, claim.origin)))
    }

    /// The hypervisors whose own address it is.
    pub fn nodes_of_address(&self, address: AddressRef) -> impl Iterator<Item = NodeRef> + '_ {
        self.claims(address).filter_map(Claim::node)
    }

    /// The clients that have an address.
    pub fn clients_of_address(&self, address: AddressRef) -> impl Iterator<Item = ClientRef> + '_ {
        self.claims(address).filter_map(Claim::client)
    }

    /// Of the clients that have an address the one seen last, then the one of the lowest MAC.
    pub fn client_of_address(&self, address: AddressRef) -> Option<ClientRef> {
        self.clients_of_address(address).min_by_key(|client| {
            let fact = self.client(*client);
            (std::cmp::Reverse(fact.last_seen), fact.mac, *client)
        })
    }

    /// The device whose own address it is.
    pub fn switch_of_address(&self, address: AddressRef) -> Option<SwitchRef> {
        self.claims(address).find_map(Claim::device)
    }

    fn claims(&self, address: AddressRef) -> std::slice::Iter<'_, Claim> {
        self.tables[address.network as usize].of(address.address).iter()
    }

    /// The hosts of proxies that forward to an address, by a location too.
    pub fn proxy_hosts_of_address(&self, address: AddressRef) -> Vec<ProxyHostRef> {
        let mut hosts = Vec::new();
        for (_, target) in pairs_of(&self.links.address_targets, address) {
            for (_, path) in pairs_of(&self.routes.target_paths, *target) {
                hosts.extend(self.routes.all[path.0 as usize].ends_at);
            }
        }
        hosts.sort_unstable();
        hosts.dedup();
        hosts
    }

    /// The paths that lead to an address.
    pub fn paths_of_address(&self, address: AddressRef) -> Vec<PathRef> {
        self.gather(address.into(), pairs_of(&self.links.address_targets, address))
    }

    /// The paths that end at a guest; of a VIP each holder's.
    pub fn paths_of_guest(&self, guest: GuestRef) -> Vec<PathRef> {
        self.gather(guest.into(), pairs_of(&self.links.guest_targets, guest))
    }

    /// The paths that end on a hypervisor.
    pub fn paths_of_node(&self, node: NodeRef) -> Vec<PathRef> {
        self.gather(node.into(), pairs_of(&self.links.node_targets, node))
    }

    /// The paths that end at a switch port.
    pub fn paths_of_port(&self, port: PortRef) -> Vec<PathRef> {
        self.gather(port.into(), pairs_of(&self.links.port_targets, port))
    }

    /// The paths that may end at an object, or at another that is as good.
    pub(crate) fn doubtful_paths(&self, object: ObjectRef) -> Vec<PathRef> {
        self.gather(object, pairs_of(&self.links.doubtful, object))
    }

    /// The paths of targets, but those of which a person decided a hop; and those where the decision leads here.
    fn gather<K>(&self, object: ObjectRef, targets: &[(K, u32)]) -> Vec<PathRef> {
        let mut paths: Vec<PathRef> = targets
            .iter()
            .flat_map(|(_, target)| pairs_of(&self.routes.target_paths, *target))
            .map(|pair| pair.1)
            .filter(|path| !self.decided.contains_key(&path.0))
            .collect();
        paths.extend(pairs_of(&self.links.decided, object).iter().map(|pair| pair.1));
        paths.sort_unstable();
        paths.dedup();
        paths
    }

    /// The paths of a public name.
    pub fn paths_of_hostname(
        &self,
        hostname: HostnameRef,
    ) -> impl ExactSizeIterator<Item = PathRef> + DoubleEndedIterator + '_ {
        pairs_of(&self.routes.names.paths, hostname).iter().map(|pair| pair.1)
    }

    /// The paths through a host of a proxy, by redirection too.
    pub fn paths_of_proxy_host(
        &self,
        host: ProxyHostRef,
    ) -> impl ExactSizeIterator<Item = PathRef> + DoubleEndedIterator + '_ {
        pairs_of(&self.routes.host_paths, host).iter().map(|pair| pair.1)
    }

    /// The paths that a port forward carries: its own, or those of the proxy that it leads to.
    pub fn paths_of_forward(
        &self,
        forward: ForwardRef,
    ) -> impl ExactSizeIterator<Item = PathRef> + DoubleEndedIterator + '_ {
        pairs_of(&self.routes.forward_paths, forward).iter().map(|pair| pair.1)
    }

    /// The hosts that bear a public name, by source and reference.
    pub fn proxy_hosts_of_hostname(
        &self,
        hostname: HostnameRef,
    ) -> impl ExactSizeIterator<Item = ProxyHostRef> + DoubleEndedIterator + '_ {
        pairs_of(&self.routes.names.hosts, hostname).iter().map(|pair| pair.1)
    }

    /// The public names of a host of a proxy, in the order in which it lists them.
    pub fn hostnames_of_proxy_host(&self, host: ProxyHostRef) -> impl Iterator<Item = HostnameRef> + '_ {
        self.proxy_host(host).domain_names.iter().filter_map(|name| self.routes.find_name(name))
    }

    /// The certificate that a host of a proxy presents.
    pub fn certificate_of_proxy_host(&self, host: ProxyHostRef) -> Option<CertificateRef> {
        let reference = self.proxy_host(host).certificate.as_deref()?;
        let part = &self.parts[host.source as usize];
        let facts = &part.facts().certificates;
        let index = super::part::find(&part.certificates, facts, |fact| (*fact.reference).cmp(reference))?;
        Some(CertificateRef::new(host.source, index))
    }

    /// The certificates that a public name's hosts present.
    pub fn certificates_of_hostname(&self, hostname: HostnameRef) -> Vec<CertificateRef> {
        let hosts = self.proxy_hosts_of_hostname(hostname);
        let mut certificates: Vec<_> =
            hosts.filter_map(|host| self.certificate_of_proxy_host(host)).collect();
        certificates.sort_unstable();
        certificates.dedup();
        certificates
    }

    /// Where a host of a proxy forwards to; `None` where that is a name that nothing here resolves.
    pub fn upstream_of_proxy_host(&self, host: ProxyHostRef) -> Option<AddressRef> {
        self.upstream(host, self.proxy_host(host).forward_host.as_deref()?)
    }

    /// Where a location of a host forwards to.
    pub fn upstream_of_location(&self, host: ProxyHostRef, location: usize) -> Option<AddressRef> {
        self.upstream(host, &self.proxy_host(host).locations.get(location)?.forward_host)
    }

    fn upstream(&self, host: ProxyHostRef, name: &str) -> Option<AddressRef> {
        use super::target::{Target, TargetHost, read_host};
        let network = self.layout.of(host.source);
        match read_host(name)? {
            TargetHost::Address(address) => Some(AddressRef { network, address }),
            named @ TargetHost::Name(_) => {
                let target = self.routes.targets.binary_search(&Target { network, host: named }).ok()?;
                match self.chains[target].address.as_ref()?.target {
                    Some(ObjectRef::Address(address)) => Some(address),
                    _ => None,
                }
            }
        }
    }
}

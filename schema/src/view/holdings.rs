//! Which addresses a guest has: of each interface the best rule counts alone (DESIGN, The join, address -> guest).

use std::net::IpAddr;

use super::View;
use super::addresses::{Bearer, Claim};
use super::part::Part;
use super::refs::{AddressRef, AssignmentRef, GuestRef, narrow};
use crate::address::{canonical, names_a_machine};
use crate::fact::{AddressOrigin, GuestFact, NicFact};

/// The addresses of one interface, by the rule that counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceAddresses {
    /// The rule; `None` where no rule gives an address.
    pub origin: Option<AddressOrigin>,
    /// Canonical, ascending.
    pub addresses: Vec<IpAddr>,
    /// They are from an earlier reading.
    pub stale: bool,
}

/// How good a rule is; the guest agent and a container's own interfaces are equally good.
pub(crate) fn rank(origin: AddressOrigin) -> u8 {
    match origin {
        AddressOrigin::GuestAgent | AddressOrigin::ContainerInterfaces => 0,
        AddressOrigin::StaticConfig => 1,
        AddressOrigin::ClientTable => 2,
        AddressOrigin::CloudInit => 3,
        AddressOrigin::Declared => 4,
    }
}

impl View {
    /// The addresses of one of a guest's interfaces.
    pub fn interface_addresses(&self, guest: GuestRef, interface: usize) -> InterfaceAddresses {
        let fact = self.guest(guest);
        let mut found = InterfaceAddresses::default();
        if let (false, Some(nic)) = (fact.template, fact.nics.get(interface)) {
            self.each_of_interface(guest.source, nic, |address, origin, stale| {
                found.addresses.push(address);
                found.origin = Some(found.origin.map_or(origin, |known| known.min(origin)));
                found.stale |= stale;
            });
        }
        found.addresses.sort_unstable();
        found.addresses.dedup();
        found
    }

    /// All addresses of a guest, ascending: those of its interfaces, else those that are declared for it.
    pub fn guest_addresses(&self, guest: GuestRef) -> Vec<AddressRef> {
        let network = self.layout.of(guest.source);
        let mut found = Vec::new();
        self.each_of_guest(guest.source, self.guest(guest), |address, _, _| {
            found.push(AddressRef { network, address });
        });
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The declarations that name a guest by its VMID.
    pub fn assignments_of_guest(&self, guest: GuestRef) -> impl Iterator<Item = AssignmentRef> + '_ {
        let network = self.layout.of(guest.source) as usize;
        self.declared[network].of_vmid(self.guest(guest).vmid).filter(move |assignment| {
            self.assignment(*assignment)
                .cluster
                .as_deref()
                .is_none_or(|cluster| self.is_cluster(guest.source, cluster))
        })
    }

    /// Whether a source is meant by a cluster's name: ours, or the one that Proxmox gives it.
    pub(crate) fn is_cluster(&self, source: u32, name: &str) -> bool {
        let proxmox = self.parts[source as usize].facts().cluster.as_ref();
        self.held[source as usize].info.name.eq_ignore_ascii_case(name)
            || proxmox
                .and_then(|cluster| cluster.proxmox_name.as_deref())
                .is_some_and(|own| own.eq_ignore_ascii_case(name))
    }

    /// What the guests and nodes of a source claim, in order.
    pub(crate) fn claims_of_source(&self, source: u32) -> Vec<Claim> {
        let part: &Part = &self.parts[source as usize];
        let mut claims = Vec::with_capacity(part.guests.len() + part.nodes.len());
        for index in 0..part.guests.len() {
            self.each_of_guest(source, part.guest(index), |address, origin, stale| {
                claims.push(Claim { origin, stale, ..Claim::new(address, Bearer::Guest, source, index) });
            });
        }
        for (index, place) in part.nodes.iter().enumerate() {
            let address = part.facts().nodes[*place as usize].address.map(canonical);
            if let Some(address) = address.filter(|address| names_a_machine(*address)) {
                claims.push(Claim::new(address, Bearer::Node, source, index));
            }
        }
        claims.sort_unstable();
        // Of one guest's several words for one address the best stands; claims are in order of the rule.
        claims.dedup_by_key(|claim| (claim.address, claim.bearer, claim.index));
        claims
    }

    fn each_of_guest(
        &self,
        source: u32,
        guest: &GuestFact,
        mut take: impl FnMut(IpAddr, AddressOrigin, bool),
    ) {
        if guest.template {
            return;
        }
        let mut any = false;
        for nic in &guest.nics {
            self.each_of_interface(source, nic, |address, origin, stale| {
                any = true;
                take(address, origin, stale);
            });
        }
        if any {
            return;
        }
        let declared = &self.declared[self.layout.of(source) as usize];
        for assignment in declared.of_vmid(guest.vmid) {
            let fact = self.assignment(assignment);
            let address = canonical(fact.address);
            if fact.cluster.as_deref().is_none_or(|cluster| self.is_cluster(source, cluster))
                && names_a_machine(address)
            {
                take(address, AddressOrigin::Declared, false);
            }
        }
    }

    fn each_of_interface(
        &self,
        source: u32,
        nic: &NicFact,
        mut take: impl FnMut(IpAddr, AddressOrigin, bool),
    ) {
        let usable = |address: IpAddr| Some(canonical(address)).filter(|address| names_a_machine(*address));
        let best = nic
            .claims
            .iter()
            .filter(|claim| usable(claim.address).is_some())
            .map(|claim| rank(claim.origin))
            .min();
        if best.is_none_or(|best| best > rank(AddressOrigin::ClientTable))
            && let Some(mac) = nic.mac.filter(|mac| !mac.is_anonymous())
            && let Some(client) = self.fabrics[self.layout.of(source) as usize].client(mac)
            && let Some(address) = self.client(client).address.and_then(usable)
        {
            return take(address, AddressOrigin::ClientTable, false);
        }
        for claim in nic.claims.iter().filter(|claim| Some(rank(claim.origin)) == best) {
            if let Some(address) = usable(claim.address) {
                take(address, claim.origin, claim.stale);
            }
        }
    }

    /// The guests that have an interface with this MAC, in every source of a network: guest and place among its interfaces.
    pub fn interfaces_with_mac(&self, network: super::NetworkRef, mac: crate::Mac) -> Vec<(GuestRef, usize)> {
        let mut found = Vec::new();
        for (source, part) in (0u32..).zip(&self.parts) {
            if self.layout.of(source) == network.0 {
                found.extend(
                    part.interfaces_of(mac)
                        .map(|(guest, nic)| (GuestRef { source, index: guest }, usize::from(nic))),
                );
            }
        }
        found
    }

    /// The guests of a network that bear a name, in any case.
    pub fn guests_named(&self, network: super::NetworkRef, name: &str) -> Vec<GuestRef> {
        let hash = super::part::hash_name(name);
        let mut found = Vec::new();
        for (source, part) in (0u32..).zip(&self.parts) {
            if self.layout.of(source) == network.0 {
                found.extend(part.guests_named(name, hash).map(|index| GuestRef { source, index }));
            }
        }
        found.sort_unstable();
        found
    }

    /// The declarations of a network that bear a name, in any case.
    pub fn assignments_named(&self, network: super::NetworkRef, name: &str) -> Vec<AssignmentRef> {
        let declared = &self.declared[network.0 as usize];
        let matches = |assignment: &AssignmentRef| {
            self.assignment(*assignment).hostname.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name))
        };
        declared.of_hash(super::part::hash_name(name)).filter(matches).collect()
    }

    pub(crate) fn guest_count_of(&self, source: u32) -> u32 {
        narrow(self.parts[source as usize].guests.len())
    }
}

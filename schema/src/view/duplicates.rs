//! What should be one and is several: addresses that two guests hold, MACs that two interfaces bear.

use std::collections::BTreeMap;

use super::View;
use super::refs::{AddressRef, GuestRef, NetworkRef, NodeRef, SourceRef};
use crate::Mac;
use crate::fact::{AddressOrigin, IpRole};

/// An address with several holders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SharedAddress {
    /// The address.
    pub address: AddressRef,
    /// Who holds it, and by which rule; by cluster and VMID.
    pub guests: Vec<(GuestRef, AddressOrigin)>,
    /// Hypervisors whose own it is.
    pub nodes: Vec<NodeRef>,
    /// It is declared VIP or ANYCAST, and may stand on several machines.
    pub declared_shared: bool,
}

impl View {
    /// The addresses that several guests or hypervisors hold, by network and address; stopped guests among them.
    pub fn shared_addresses(&self) -> Vec<SharedAddress> {
        let mut shared = Vec::new();
        for (network, table) in (0u32..).zip(&self.tables) {
            for claims in table.claims.chunk_by(|a, b| a.address == b.address) {
                let guests: Vec<_> =
                    claims.iter().filter_map(|claim| Some((claim.guest()?, claim.origin))).collect();
                let nodes: Vec<NodeRef> = claims.iter().filter_map(super::addresses::Claim::node).collect();
                if guests.len() + nodes.len() > 1 {
                    let address = AddressRef { network, address: claims[0].address };
                    let declared_shared = self.may_be_shared(address);
                    shared.push(SharedAddress { address, guests, nodes, declared_shared });
                }
            }
        }
        shared
    }

    /// Whether an address is declared VIP or ANYCAST.
    pub fn may_be_shared(&self, address: AddressRef) -> bool {
        let role = |assignment| self.assignment(assignment).role;
        self.assignments_of(address)
            .any(|assignment| matches!(role(assignment), IpRole::Vip | IpRole::Anycast))
    }

    /// The MACs that several interfaces of a network's guests bear, with those interfaces: guest and place among its own.
    pub fn duplicate_macs(&self, network: NetworkRef) -> Vec<(Mac, Vec<(GuestRef, usize)>)> {
        let mut bearers: BTreeMap<Mac, Vec<(GuestRef, usize)>> = BTreeMap::new();
        for (source, part) in (0u32..).zip(&self.parts) {
            if self.layout.of(source) == network.0 {
                for (mac, nic, guest) in &part.guest_macs {
                    let bearer = (GuestRef { source, index: *guest }, usize::from(*nic));
                    bearers.entry(*mac).or_default().push(bearer);
                }
            }
        }
        bearers.into_iter().filter(|(_, all)| all.len() > 1).collect()
    }

    /// The sources of a network that could know who has an address. While one of them has never answered, or is not
    /// CURRENT, that nobody was seen proves nothing.
    pub fn witnesses(&self, network: NetworkRef) -> &[SourceRef] {
        &self.layout.witnesses[network.0 as usize]
    }
}

//! The table of one network's addresses: every word that somebody or something has one, in order of the address.
//!
//! It is one flat list, so that looking an address up is a binary search and taking in a source that was collected again is
//! one merge.

use std::net::IpAddr;

use super::refs::{AssignmentRef, ClientRef, GuestRef, NodeRef, SwitchRef, narrow};
use crate::fact::AddressOrigin;

/// Who is said to have an address. Declarations stand before targets: an address that only a proxy names has no bearer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Bearer {
    Guest,
    Node,
    Client,
    Device,
    Assignment,
    /// Nobody: a proxy or a port forward leads here.
    Target,
}

/// One word that an address is somebody's. 28 bytes: a fleet has several for each guest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Claim {
    pub(crate) address: IpAddr,
    pub(crate) bearer: Bearer,
    pub(crate) source: u32,
    pub(crate) index: u32,
    /// Of a guest: by which rule.
    pub(crate) origin: AddressOrigin,
    /// Of a guest: the interface's addresses are from an earlier reading.
    pub(crate) stale: bool,
}

/// All claims of a network, in order.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Table {
    pub(crate) claims: Box<[Claim]>,
    /// Where each address begins.
    pub(crate) starts: Box<[u32]>,
}

impl Table {
    /// Takes claims that are in order.
    pub(crate) fn new(claims: Vec<Claim>) -> Self {
        debug_assert!(claims.is_sorted());
        let mut starts = Vec::with_capacity(claims.len());
        let mut last = None;
        for (place, claim) in (0u32..).zip(&claims) {
            if last != Some(claim.address) {
                starts.push(place);
                last = Some(claim.address);
            }
        }
        Self { claims: claims.into(), starts: starts.into() }
    }

    /// The claims of one address.
    pub(crate) fn of(&self, address: IpAddr) -> &[Claim] {
        claims_of(&self.claims, address)
    }

    /// How many addresses there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(crate) fn address(&self, place: usize) -> IpAddr {
        self.claims[self.starts[place] as usize].address
    }
}

/// The claims of one address in a list that is in order.
pub(crate) fn claims_of(claims: &[Claim], address: IpAddr) -> &[Claim] {
    let start = claims.partition_point(|claim| claim.address < address);
    let end = claims[start..].iter().take_while(|claim| claim.address == address).count();
    &claims[start..start + end]
}

/// Two lists in order become one.
pub(crate) fn merge(left: impl Iterator<Item = Claim>, right: &[Claim], capacity: usize) -> Vec<Claim> {
    let mut merged = Vec::with_capacity(capacity);
    let mut right = right.iter().copied().peekable();
    for claim in left {
        while let Some(next) = right.next_if(|next| *next < claim) {
            merged.push(next);
        }
        merged.push(claim);
    }
    merged.extend(right);
    merged
}

impl Claim {
    pub(crate) fn new(address: IpAddr, bearer: Bearer, source: u32, index: usize) -> Self {
        Self { address, bearer, source, index: narrow(index), origin: AddressOrigin::Declared, stale: false }
    }

    pub(crate) fn guest(&self) -> Option<GuestRef> {
        (self.bearer == Bearer::Guest).then_some(GuestRef { source: self.source, index: self.index })
    }

    pub(crate) fn node(&self) -> Option<NodeRef> {
        (self.bearer == Bearer::Node).then_some(NodeRef { source: self.source, index: self.index })
    }

    pub(crate) fn client(&self) -> Option<ClientRef> {
        (self.bearer == Bearer::Client).then_some(ClientRef { source: self.source, index: self.index })
    }

    pub(crate) fn device(&self) -> Option<SwitchRef> {
        (self.bearer == Bearer::Device).then_some(SwitchRef { source: self.source, index: self.index })
    }

    pub(crate) fn assignment(&self) -> Option<AssignmentRef> {
        (self.bearer == Bearer::Assignment)
            .then_some(AssignmentRef { source: self.source, index: self.index })
    }
}

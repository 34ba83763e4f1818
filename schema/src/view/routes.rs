//! Where paths begin: one for each (name, proxy host, location), each stream, each bare port forward.
//!
//! What is here depends on proxies and gateways alone. Where a route's target leads is in its [`Chain`], so that a cluster
//! which is collected again leaves the routes as they are.

use std::sync::Arc;

use super::addresses::Claim;
use super::hop::HopData;
use super::ports::{Ports, protocols_meet};
use super::refs::{AddressRef, ForwardRef, HostnameRef, PathRef, ProxyHostRef, narrow};
use super::target::{Chain, Target};
use crate::fact::{Protocol, Seen};

/// What a path begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Host(ProxyHostRef),
    Forward(ForwardRef),
}

/// One path, up to its target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Route {
    pub(crate) origin: Origin,
    pub(crate) entry: Box<str>,
    pub(crate) hostname: Option<HostnameRef>,
    /// The place of the location in its host's list.
    pub(crate) location: Option<u32>,
    pub(crate) protocol: Protocol,
    /// Port forwards by which the outside reaches the proxy.
    pub(crate) forwards: Arc<[ForwardRef]>,
    pub(crate) proxy: HopData,
    /// The host whose target is the path's: the last of a chain of redirections.
    pub(crate) ends_at: Option<ProxyHostRef>,
    pub(crate) address: Address,
    pub(crate) port: Option<u16>,
    pub(crate) serves: bool,
    pub(crate) network: u32,
    pub(crate) begun: Seen,
}

/// A route's target.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Address {
    /// The ADDRESS hop is the route's own (a literal, or none at all), and the target leads on where there is one.
    Own(HopData, Option<u32>),
    /// The target is a name: the chain has the ADDRESS hop.
    Named(u32),
}

/// A path of which a person decided a hop: all its hops, as they are then.
#[derive(Debug, PartialEq)]
pub(crate) struct Decided {
    pub(crate) proxy: HopData,
    pub(crate) address: HopData,
    pub(crate) chain: Chain,
    pub(crate) serves: bool,
    pub(crate) network: u32,
    pub(crate) port: Option<u16>,
}

/// A bare forward, and where it leads.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bare {
    pub(crate) to: AddressRef,
    pub(crate) forward: ForwardRef,
    pub(crate) ports: Ports,
    pub(crate) protocol: Protocol,
}

/// All routes.
#[derive(Debug)]
pub(crate) struct Routes {
    /// By entry, source and reference.
    pub(crate) all: Box<[Route]>,
    pub(crate) names: Names,
    /// In order.
    pub(crate) targets: Box<[Target]>,
    /// Paths by target, in order.
    pub(crate) target_paths: Box<[(u32, PathRef)]>,
    /// Paths by every host that they go through, in order.
    pub(crate) host_paths: Box<[(ProxyHostRef, PathRef)]>,
    /// Paths by every forward that they begin at or are reached by, in order.
    pub(crate) forward_paths: Box<[(ForwardRef, PathRef)]>,
    /// By address.
    pub(crate) bare: Box<[Bare]>,
    /// Addresses that a proxy or a gateway names, by network.
    pub(crate) claims: Box<[(u32, Claim)]>,
    /// The hops after an address that is none.
    pub(crate) after: Chain,
}

/// Public names, their hosts and their paths.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) all: Box<[Box<str>]>,
    pub(crate) hosts: Box<[(HostnameRef, ProxyHostRef)]>,
    pub(crate) paths: Box<[(HostnameRef, PathRef)]>,
}

/// The part of an ordered list of pairs that has a key.
pub(crate) fn pairs_of<K: Ord + Copy, T>(pairs: &[(K, T)], key: K) -> &[(K, T)] {
    let start = pairs.partition_point(|pair| pair.0 < key);
    let end = start + pairs[start..].partition_point(|pair| pair.0 <= key);
    &pairs[start..end]
}

impl Routes {
    /// The bare forwards that lead to a target.
    pub(crate) fn past(
        &self,
        to: AddressRef,
        ports: &Ports,
        protocol: Protocol,
    ) -> impl Iterator<Item = ForwardRef> {
        let start = self.bare.partition_point(|bare| bare.to < to);
        self.bare[start..]
            .iter()
            .take_while(move |bare| bare.to == to)
            .filter(move |bare| protocols_meet(bare.protocol, protocol) && bare.ports.meets(ports))
            .map(|bare| bare.forward)
    }

    pub(crate) fn name(&self, handle: HostnameRef) -> &str {
        &self.names.all[handle.0 as usize]
    }

    pub(crate) fn name_count(&self) -> usize {
        self.names.all.len()
    }

    pub(crate) fn find_name(&self, name: &str) -> Option<HostnameRef> {
        self.names.all.binary_search_by(|own| (**own).cmp(name)).ok().map(|place| HostnameRef(narrow(place)))
    }
}

//! The joined view: what all sources say, as one graph that is read from both ends.
//!
//! [`join()`] makes a [`View`] from the last good snapshot of every source; [`rejoin()`] makes the next one from it when a
//! source was collected again, and shares what did not change. Both are pure. A View holds times, never ages: whether a
//! source is CURRENT, and so whether a hop is stale, is asked with the request's `now`.
//!
//! Objects are named by handles ([`GuestRef`], [`PathRef`], ...), which are small, ordered, and good for this View alone.
//! Facts stay in their snapshots: `view.guest(handle)` borrows the fact.

mod addresses;
mod cables;
mod cabling;
mod catalog;
mod deciding;
mod declared;
mod duplicates;
mod evidence;
mod fabric;
mod forwarding;
mod freshness;
mod holdings;
mod hop;
mod hypervisors;
mod impact;
mod inputs;
mod join;
mod layout;
mod linking;
mod links;
mod listing;
mod naming;
mod objects;
mod organizations;
mod outage;
mod part;
mod path;
#[cfg(feature = "policy")]
mod places;
mod ports;
mod redirects;
mod refs;
mod rejoin;
mod routes;
mod routing;
mod subnets;
mod target;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use duplicates::SharedAddress;
pub use evidence::{Detail, Evidence, JoinRule};
pub use holdings::InterfaceAddresses;
pub use hop::{Hop, HopKind, HopState};
pub use impact::Impact;
pub use inputs::{Inputs, Override, Overrides};
pub use join::join;
pub use listing::{Listed, Listing};
pub use organizations::OwnerConflict;
pub use path::{Path, PathState};
#[cfg(feature = "policy")]
pub use places::{PlaceRef, Places};
pub use refs::{
    AddressRef, AssignmentRef, CertificateRef, ClientRef, ClusterRef, EntitlementRef, ForwardRef, GuestRef,
    HostnameRef, InvoiceRef, NetworkRef, NodeRef, ObjectRef, OrganizationRef, PathRef, PortMapRef, PortRef,
    ProxyHostRef, SourceRef, SubnetRef, SwitchRef, VlanRef,
};
pub use rejoin::rejoin;

use crate::Held;

/// Everything that is known, joined; immutable, and cheap to clone.
#[derive(Clone, Debug)]
pub struct View {
    /// By name.
    pub(crate) held: Arc<[Held]>,
    /// Of each source.
    pub(crate) parts: Box<[Arc<part::Part>]>,
    pub(crate) layout: Arc<layout::Layout>,
    /// What stands in the lists that go over all sources, as far as Proxmox has no part in it.
    pub(crate) catalog: Arc<catalog::Catalog>,
    /// Of each network.
    pub(crate) fabrics: Box<[Arc<fabric::Fabric>]>,
    /// Of each network.
    pub(crate) declared: Box<[Arc<declared::Declared>]>,
    /// Of each network.
    pub(crate) hypervisors: Box<[Arc<hypervisors::Hypervisors>]>,
    /// Of each network.
    pub(crate) tables: Box<[Arc<addresses::Table>]>,
    /// Of each source: of each of its nodes.
    pub(crate) cabling: Box<[Arc<[Arc<cabling::Cabling>]>]>,
    pub(crate) routes: Arc<routes::Routes>,
    /// Of each of the routes' targets.
    pub(crate) chains: Arc<[Arc<target::Chain>]>,
    pub(crate) links: links::Links,
    /// Paths of which a person decided a hop.
    pub(crate) decided: BTreeMap<u32, Arc<routes::Decided>>,
    pub(crate) overrides: Arc<Overrides>,
}

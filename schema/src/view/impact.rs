//! What stops working if something goes away.

use super::View;
use super::refs::{GuestRef, HostnameRef, NodeRef, ObjectRef, OrganizationRef, PathRef};

/// What stops working if an object goes away. All lists are in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    /// Paths that work now and would not.
    pub paths: Vec<PathRef>,
    /// Public names of which one location at least would not work any more.
    pub hostnames: Vec<HostnameRef>,
    /// Guests that run now and would not be reached.
    pub guests: Vec<GuestRef>,
    /// Hypervisors that would not be reached.
    pub nodes: Vec<NodeRef>,
    /// Hypervisors that would only lose redundancy.
    pub degraded: Vec<NodeRef>,
    /// Whose guests would be lost.
    pub organizations: Vec<OrganizationRef>,
}

impl View {
    /// What stops working if a guest, a hypervisor, a switch or a switch port goes away; nothing for other objects.
    pub fn impact(&self, object: ObjectRef) -> Impact {
        let _ = object;
        Impact::default()
    }
}

//! Which objects a caller may see: each by its own place, and what carries others by theirs
//! (docs/reference.md, Permissions).

use schema::policy::Permission;
use schema::view::{
    AddressRef, AssignmentRef, CertificateRef, ClientRef, ClusterRef, EntitlementRef, ForwardRef, GuestRef,
    HostnameRef, InvoiceRef, NodeRef, ObjectRef, OrganizationRef, Path, PathRef, PortMapRef, PortRef,
    ProxyHostRef, SourceRef, SubnetRef, SwitchRef, VlanRef,
};

use crate::RequestContext;

/// A handle whose object is there for some callers and not for others.
pub(crate) trait Visible: Copy {
    /// What it takes to see an object of this kind; the type's `@auth` says the same.
    const REQUIRES: Permission = Permission::InventoryRead;

    /// Whether it is there for the caller of a request.
    fn visible(self, context: &RequestContext) -> bool;
}

impl Visible for GuestRef {
    fn visible(self, context: &RequestContext) -> bool {
        context.may_on_guest(Self::REQUIRES, self)
    }
}

impl Visible for NodeRef {
    fn visible(self, context: &RequestContext) -> bool {
        context.may(Self::REQUIRES, context.sight().places().of_node(self))
    }
}

impl Visible for ClusterRef {
    fn visible(self, context: &RequestContext) -> bool {
        context.may_at(Self::REQUIRES, self.source())
    }
}

/// At its own place, or something of it is visible.
impl Visible for SourceRef {
    fn visible(self, context: &RequestContext) -> bool {
        context.may_at(Self::REQUIRES, self)
            || context.sight().sources.get_or_init(|| told_of(context)).contains(&self)
    }
}

/// A path has two places: its guest's, else its node's; and its proxy's, or the gateway's whose forward it is. A decision by
/// hand adds a place and takes none away: whoever made it must be able to see it and to take it back.
impl Visible for PathRef {
    fn visible(self, context: &RequestContext) -> bool {
        let path = context.view.path(self);
        context.may_at(Self::REQUIRES, path.begins_at_source())
            || leads_to_visible(context, path)
            || path.as_told().is_some_and(|told| leads_to_visible(context, told))
    }
}

/// Whether a path shows where it leads: not to who sees it only for where it led before somebody decided otherwise.
pub(crate) fn shows_its_end(context: &RequestContext, at: PathRef) -> bool {
    let path = context.view.path(at);
    at.visible(context)
        && (path.as_told().is_none()
            || leads_to_visible(context, path)
            || context.may_at(PathRef::REQUIRES, path.begins_at_source()))
}

/// Whether the caller sees what a path leads to.
pub(crate) fn leads_to_visible(context: &RequestContext, path: Path<'_>) -> bool {
    match path.guest() {
        Some(_) => path.guests().any(|guest| guest.visible(context)),
        None => path.node().is_some_and(|node| node.visible(context)),
    }
}

impl Visible for HostnameRef {
    fn visible(self, context: &RequestContext) -> bool {
        let view = &context.view;
        view.proxy_hosts_of_hostname(self)
            .into_iter()
            .any(|host| context.may_at(Self::REQUIRES, host.source()))
            || view.paths_of_hostname(self).any(|path| path.visible(context))
    }
}

impl Visible for ProxyHostRef {
    fn visible(self, context: &RequestContext) -> bool {
        context.may_at(Self::REQUIRES, self.source())
            || context.view.paths_of_proxy_host(self).any(|path| path.visible(context))
    }
}

impl Visible for CertificateRef {
    fn visible(self, context: &RequestContext) -> bool {
        context.may_at(Self::REQUIRES, self.source())
            || context.sight().certificates.get_or_init(|| certificates(context)).contains(&self)
    }
}

impl Visible for ForwardRef {
    fn visible(self, context: &RequestContext) -> bool {
        context.may_at(Self::REQUIRES, self.source())
            || context.view.paths_of_forward(self).any(|path| path.visible(context))
    }
}

/// An address exists for whoever may see one thing on it.
impl Visible for AddressRef {
    fn visible(self, context: &RequestContext) -> bool {
        let view = &context.view;
        let leads_here = |forward: &ForwardRef| view.forward_address(*forward) == Some(self);
        context.may_everywhere(Self::REQUIRES)
            || view.guests_of_address(self).any(|guest| guest.visible(context))
            || view.nodes_of_address(self).any(|node| node.visible(context))
            || view.clients_of_address(self).any(|client| client.visible(context))
            || view.switch_of_address(self).is_some_and(|switch| switch.visible(context))
            || view.assignments_of(self).any(|assignment| assignment.visible(context))
            || view.paths_of_address(self).into_iter().any(|path| shows_its_end(context, path))
            || view
                .proxy_hosts_of_address(self)
                .into_iter()
                .any(|host| context.may_at(Self::REQUIRES, host.source()))
            || view.forwards().iter().filter(leads_here).any(|forward| forward.visible(context))
    }
}

impl Visible for SwitchRef {
    fn visible(self, context: &RequestContext) -> bool {
        context.may_at(Self::REQUIRES, self.source())
            || context.view.ports_of_switch(self).into_iter().any(|port| port.visible(context))
    }
}

impl Visible for PortRef {
    fn visible(self, context: &RequestContext) -> bool {
        let view = &context.view;
        context.may_at(Self::REQUIRES, self.source())
            || view.nodes_of_port(self).any(|node| node.visible(context))
            || view.guests_of_port(self).any(|guest| guest.visible(context))
    }
}

impl Visible for SubnetRef {
    fn visible(self, context: &RequestContext) -> bool {
        context.may_at_subnet(Self::REQUIRES, self)
    }
}

impl Visible for VlanRef {
    fn visible(self, context: &RequestContext) -> bool {
        context.may_at(Self::REQUIRES, self.source())
            || context.view.subnets_of_vlan(self).any(|subnet| subnet.visible(context))
    }
}

/// A row of the address plan stands in its subnet's environment; one of no subnet at its source's place.
impl Visible for AssignmentRef {
    fn visible(self, context: &RequestContext) -> bool {
        let subnet = context.view.subnet_of(context.view.declared_address(self));
        subnet.map_or_else(
            || context.may_at(Self::REQUIRES, self.source()),
            |subnet| context.may_at_subnet(Self::REQUIRES, subnet),
        )
    }
}

impl Visible for OrganizationRef {
    const REQUIRES: Permission = Permission::OrganizationRead;

    fn visible(self, context: &RequestContext) -> bool {
        context.may_on_organization(Self::REQUIRES, self)
    }
}

/// What only its own source's place decides.
macro_rules! at_their_source {
    ($($handle:ident requires $permission:ident),+) => {$(
        impl Visible for $handle {
            const REQUIRES: Permission = Permission::$permission;

            fn visible(self, context: &RequestContext) -> bool {
                context.may_at(Self::REQUIRES, self.source())
            }
        }
    )+};
}

at_their_source! {
    ClientRef requires InventoryRead,
    PortMapRef requires InventoryRead
}

/// What an organization pays stands where the organization does.
macro_rules! at_their_organization {
    ($($handle:ident by $organization:ident),+) => {$(
        impl Visible for $handle {
            const REQUIRES: Permission = Permission::BillingRead;

            fn visible(self, context: &RequestContext) -> bool {
                let organization = context.view.$organization(self);
                organization.map_or_else(
                    || context.may_at(Self::REQUIRES, self.source()),
                    |organization| context.may_on_organization(Self::REQUIRES, organization),
                )
            }
        }
    )+};
}

at_their_organization! {
    EntitlementRef by organization_of_entitlement,
    InvoiceRef by organization_of_invoice
}

/// Whether an object, whatever it is, is there for the caller.
pub(crate) fn sees(context: &RequestContext, object: ObjectRef) -> bool {
    match object {
        ObjectRef::Source(at) => at.visible(context),
        ObjectRef::Hostname(at) => at.visible(context),
        ObjectRef::ProxyHost(at) => at.visible(context),
        ObjectRef::Certificate(at) => at.visible(context),
        ObjectRef::Address(at) => at.visible(context),
        ObjectRef::Guest(at) => at.visible(context),
        ObjectRef::Cluster(at) => at.visible(context),
        ObjectRef::Node(at) => at.visible(context),
        ObjectRef::Switch(at) => at.visible(context),
        ObjectRef::Port(at) => at.visible(context),
        ObjectRef::Client(at) => at.visible(context),
        ObjectRef::Forward(at) => at.visible(context),
        ObjectRef::Path(at) => at.visible(context),
        ObjectRef::Subnet(at) => at.visible(context),
        ObjectRef::Vlan(at) => at.visible(context),
        ObjectRef::Assignment(at) => at.visible(context),
        ObjectRef::PortMap(at) => at.visible(context),
        ObjectRef::Organization(at) => at.visible(context),
        ObjectRef::Entitlement(at) => at.visible(context),
        ObjectRef::Invoice(at) => at.visible(context),
    }
}

/// The certificates of hosts that carry a visible path. A certificate does not know its hosts, so they are asked once.
fn certificates(context: &RequestContext) -> std::collections::BTreeSet<CertificateRef> {
    let hosts = context.view.proxy_hosts().iter().filter(|host| host.visible(context));
    hosts.filter_map(|host| context.view.certificate_of_proxy_host(host)).collect()
}

/// The sources that told of something that the caller may see.
fn told_of(context: &RequestContext) -> std::collections::BTreeSet<SourceRef> {
    let view = &context.view;
    let places = context.sight().places();
    let clusters = view
        .sources()
        .filter(|source| places.within(*source).any(|at| context.may(Permission::InventoryRead, at)));
    let mut seen: std::collections::BTreeSet<SourceRef> = clusters.collect();
    /// Of each list, whose objects the caller may see; a source that is known already is not asked again.
    macro_rules! add {
        ($($list:ident),+) => {$(
            for object in view.$list().iter() {
                if !seen.contains(&object.source()) && object.visible(context) {
                    seen.insert(object.source());
                }
            }
        )+};
    }
    add!(guests, proxy_hosts, forwards, switches, subnets, vlans, assignments);
    for organization in view.organizations().iter().filter(|organization| organization.visible(context)) {
        seen.extend(view.sources_of_organization(organization));
    }
    seen
}

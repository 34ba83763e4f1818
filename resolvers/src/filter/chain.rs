//! Filters and orders of the joined chain: names, paths, hosts of proxies.

use async_graphql::InputObject;
use schema::view::{AddressRef, GuestRef, NodeRef, PortRef, View};

use super::{contains, is, within};
use crate::Refusal;
use crate::access::Visible as _;
use crate::enums::{Direction, PathOrderField, PathState, ProxyKind};
use crate::objects::{Hostname, Path, ProxyHost};
use crate::page::{Connection, Order, Page, SortKey};
use crate::scalar::{IpAddr, MacAddr};

/// Narrows hostnames.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct HostnameFilter {
    /// In any case.
    pub(crate) name_contains: Option<String>,
    /// Some path of the name is in this state.
    pub(crate) path_state: Option<PathState>,
}

impl HostnameFilter {
    pub(crate) fn holds(&self, hostname: &Hostname<'_>) -> bool {
        let view = &hostname.context.view;
        within(self.name_contains.as_ref(), || Some(hostname.name()))
            && self.path_state.is_none_or(|wanted| {
                view.paths_of_hostname(hostname.at)
                    .filter(|path| path.visible(hostname.context))
                    .any(|path| PathState::from(view.path(path).state()) == wanted)
            })
    }
}

/// Narrows paths.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct PathFilter {
    /// In any case.
    pub(crate) hostname_contains: Option<String>,
    pub(crate) state: Option<PathState>,
    pub(crate) stale: Option<bool>,
    /// The address that the path leads to.
    pub(crate) address: Option<IpAddr>,
    /// The network of that address.
    pub(crate) network: Option<String>,
    /// The cluster of a guest or node of the path.
    pub(crate) cluster: Option<String>,
    /// The name of the path's node.
    pub(crate) node: Option<String>,
    /// The VMID of a guest of the path.
    pub(crate) vmid: Option<i32>,
    /// The switch of one of the path's ports.
    pub(crate) switch: Option<MacAddr>,
    /// The number of one of the path's ports.
    pub(crate) switch_port_number: Option<i32>,
}

impl PathFilter {
    pub(crate) fn holds(&self, path: &Path<'_>) -> bool {
        let view = &*path.context.view;
        let row = path.row();
        let seen = Seen { path };
        within(self.hostname_contains.as_ref(), || row.hostname().map(|name| view.hostname(name)))
            && is(self.state.as_ref(), || path.state())
            && is(self.stale.as_ref(), || path.stale())
            && is(self.address.map(Some).as_ref(), || seen.address().map(|at| IpAddr(at.address())))
            && self.network.as_ref().is_none_or(|wanted| {
                seen.address().is_some_and(|at| **view.network_name(at.network()) == **wanted)
            })
            && self.cluster.as_ref().is_none_or(|wanted| seen.is_in_cluster(wanted))
            && self
                .node
                .as_ref()
                .is_none_or(|wanted| seen.node().is_some_and(|node| *view.node(node).name == **wanted))
            && self.vmid.is_none_or(|wanted| {
                seen.guests().any(|guest| i64::from(view.guest(guest).vmid) == i64::from(wanted))
            })
            && self.is_on_port(view, &seen)
    }

    /// One and the same port is on the switch and has the number.
    fn is_on_port(&self, view: &View, seen: &Seen<'_, '_>) -> bool {
        (self.switch.is_none() && self.switch_port_number.is_none())
            || seen.ports().any(|port| {
                let port = view.port(port);
                is(self.switch.as_ref(), || MacAddr(port.switch))
                    && is(self.switch_port_number.as_ref(), || i32::from(port.number))
            })
    }
}

/// What the caller sees of a path's row: a filter or an order must tell nothing of the rest.
struct Seen<'p, 'v> {
    path: &'p Path<'v>,
}

impl<'v> Seen<'_, 'v> {
    fn guests(&self) -> impl Iterator<Item = GuestRef> + use<'v> {
        let context = self.path.context;
        self.path.row().guests().filter(|guest| guest.visible(context))
    }

    fn guest(&self) -> Option<GuestRef> {
        self.path.row().guest().filter(|guest| guest.visible(self.path.context))
    }

    fn address(&self) -> Option<AddressRef> {
        self.path.row().address().filter(|address| address.visible(self.path.context))
    }

    fn node(&self) -> Option<NodeRef> {
        self.path.row().node().filter(|node| node.visible(self.path.context))
    }

    fn ports(&self) -> impl Iterator<Item = PortRef> + use<'v> {
        let context = self.path.context;
        self.path.row().switch_ports().iter().copied().filter(|port| port.visible(context))
    }

    fn is_in_cluster(&self, wanted: &str) -> bool {
        let view = &self.path.context.view;
        let mut sources = self.guests().map(GuestRef::source).chain(self.node().map(NodeRef::source));
        sources.any(|source| *view.held(source).info.name == *wanted)
    }
}

/// Orders paths.
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct PathOrder {
    pub(crate) field: PathOrderField,
    #[graphql(default_with = "Some(Direction::Asc)")]
    pub(crate) direction: Option<Direction>,
}

impl PathOrder {
    pub(crate) fn page<'v>(
        self,
        page: Page,
        paths: impl Iterator<Item = Path<'v>>,
    ) -> Result<Connection<Path<'v>>, Refusal> {
        let by = match self.field {
            PathOrderField::Hostname => "HOSTNAME",
            PathOrderField::Address => "ADDRESS",
            PathOrderField::Vmid => "VMID",
            PathOrderField::Node => "NODE",
            PathOrderField::State => "STATE",
        };
        let order = Order { by, descending: self.direction == Some(Direction::Desc) };
        page.sorted(paths, order, |path| {
            let row = path.row();
            let view = &*path.context.view;
            let seen = Seen { path };
            match self.field {
                PathOrderField::Hostname => SortKey::text(row.hostname().map(|name| view.hostname(name))),
                PathOrderField::Address => SortKey::address(seen.address().map(AddressRef::address)),
                PathOrderField::Vmid => {
                    seen.guest().map_or(SortKey::Absent, |guest| SortKey::count(view.guest(guest).vmid))
                }
                PathOrderField::Node => SortKey::text(seen.node().map(|node| &*view.node(node).name)),
                PathOrderField::State => SortKey::count(match path.state() {
                    PathState::Complete => 0u32,
                    PathState::Partial => 1,
                    PathState::Broken => 2,
                    PathState::Ambiguous => 3,
                }),
            }
        })
    }
}

/// Narrows the hosts of proxies.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct ProxyHostFilter {
    /// One of its domain names holds this, in any case.
    pub(crate) domain_contains: Option<String>,
    pub(crate) kind: Option<ProxyKind>,
    pub(crate) enabled: Option<bool>,
    /// The name of the proxy's source.
    pub(crate) source: Option<String>,
}

impl ProxyHostFilter {
    pub(crate) fn holds(&self, host: &ProxyHost<'_>) -> bool {
        self.domain_contains
            .as_ref()
            .is_none_or(|wanted| host.domain_names().iter().any(|name| contains(name, wanted)))
            && is(self.kind.as_ref(), || host.kind())
            && is(self.enabled.as_ref(), || host.enabled())
            && self.source.as_ref().is_none_or(|wanted| host.source_name() == *wanted)
    }
}

//! Filters and orders of guests.

use async_graphql::InputObject;

use super::{is, within};
use crate::Refusal;
use crate::access::Visible as _;
use crate::enums::{Direction, GuestKind, GuestOrderField, GuestStatus};
use crate::objects::Guest;
use crate::page::{Connection, Order, Page, SortKey};
use crate::scalar::{IpAddr, MacAddr};

/// Narrows guests.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct GuestFilter {
    /// In any case.
    pub(crate) name_contains: Option<String>,
    /// The name of its cluster.
    pub(crate) cluster: Option<String>,
    /// The name of its node.
    pub(crate) node: Option<String>,
    pub(crate) kind: Option<GuestKind>,
    pub(crate) status: Option<GuestStatus>,
    /// It bears this tag.
    pub(crate) tag: Option<String>,
    /// It has this address.
    pub(crate) address: Option<IpAddr>,
    /// The network that it is in.
    pub(crate) network: Option<String>,
    /// One of its interfaces has this MAC.
    pub(crate) mac: Option<MacAddr>,
}

impl GuestFilter {
    pub(crate) fn holds(&self, guest: &Guest<'_>) -> bool {
        let view = &*guest.context.view;
        let fact = guest.fact();
        within(self.name_contains.as_ref(), || Some(&fact.name))
            && self.cluster.as_ref().is_none_or(|wanted| guest.cluster_name() == *wanted)
            && self.node.as_ref().is_none_or(|wanted| node_name(guest) == Some(&**wanted))
            && is(self.kind.as_ref(), || guest.kind())
            && is(self.status.as_ref(), || guest.status())
            && self.tag.as_ref().is_none_or(|wanted| fact.tags.iter().any(|tag| **tag == **wanted))
            && self
                .network
                .as_ref()
                .is_none_or(|wanted| **view.network_name(view.network_of(guest.at.source())) == **wanted)
            && self.mac.is_none_or(|wanted| fact.nics.iter().any(|nic| nic.mac == Some(wanted.0)))
            && self
                .address
                .is_none_or(|wanted| view.guest_addresses(guest.at).iter().any(|at| at.address() == wanted.0))
    }

    /// A page of a list of guests, narrowed and ordered.
    pub(crate) fn page(
        filter: Option<Self>,
        order: Option<GuestOrder>,
        page: Page,
        mut guests: Vec<Guest<'_>>,
    ) -> Result<Connection<Guest<'_>>, Refusal> {
        if let Some(filter) = filter {
            guests.retain(|guest| filter.holds(guest));
        }
        match order {
            Some(order) => order.page(page, guests.into_iter()),
            None => page.among(&guests),
        }
    }
}

/// The name of a guest's node, where the caller may see it: whose guest it is may be a reason to see it, and is none to see
/// the node.
fn node_name<'v>(guest: &Guest<'v>) -> Option<&'v str> {
    let node = guest.context.view.node_of(guest.at).filter(|node| node.visible(guest.context));
    node.map(|node| &*guest.context.view.node(node).name)
}

/// Orders guests.
#[derive(Clone, Copy, Debug, InputObject)]
pub(crate) struct GuestOrder {
    pub(crate) field: GuestOrderField,
    #[graphql(default_with = "Some(Direction::Asc)")]
    pub(crate) direction: Option<Direction>,
}

impl GuestOrder {
    fn page<'v>(
        self,
        page: Page,
        guests: impl Iterator<Item = Guest<'v>>,
    ) -> Result<Connection<Guest<'v>>, Refusal> {
        let by = match self.field {
            GuestOrderField::Vmid => "VMID",
            GuestOrderField::Name => "NAME",
            GuestOrderField::Node => "NODE",
            GuestOrderField::Status => "STATUS",
            GuestOrderField::CpuUsage => "CPU_USAGE",
            GuestOrderField::MemoryUsed => "MEMORY_USED",
        };
        let order = Order { by, descending: self.direction == Some(Direction::Desc) };
        page.sorted(guests, order, |guest| {
            let fact = guest.fact();
            match self.field {
                GuestOrderField::Vmid => SortKey::count(fact.vmid),
                GuestOrderField::Name => SortKey::text(Some(&fact.name)),
                GuestOrderField::Node => SortKey::text(node_name(guest)),
                GuestOrderField::Status => SortKey::count(match guest.status() {
                    GuestStatus::Running => 0u32,
                    GuestStatus::Stopped => 1,
                    GuestStatus::Paused => 2,
                    GuestStatus::Suspended => 3,
                    GuestStatus::Unknown => 4,
                }),
                GuestOrderField::CpuUsage => SortKey::measure(fact.cpu_usage),
                GuestOrderField::MemoryUsed => fact.memory_used_bytes.map_or(SortKey::Absent, SortKey::count),
            }
        })
    }
}

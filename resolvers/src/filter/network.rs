//! Filters of addresses, of what hangs on switches, and of drift.

use async_graphql::InputObject;
use schema::policy::Permission;

use super::{is, within};
use crate::access::Visible as _;
use crate::enums::{DriftKind, FindingState, Severity};
use crate::objects::{DriftFinding, IpAddress, NetworkClient};
use crate::scalar::{Cidr, IpAddr, MacAddr};

/// Narrows addresses.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct IpAddressFilter {
    pub(crate) network: Option<String>,
    /// Within this range.
    pub(crate) within: Option<Cidr>,
    /// Somebody wrote it down, or nobody did.
    pub(crate) declared: Option<bool>,
    /// Something was seen on it, or nothing was: a guest that only IPAM puts there does not count.
    pub(crate) observed: Option<bool>,
}

impl IpAddressFilter {
    pub(crate) fn holds(&self, address: &IpAddress<'_>) -> bool {
        let view = &address.context.view;
        self.network.as_ref().is_none_or(|wanted| address.network() == *wanted)
            && self.within.is_none_or(|range| range.0.contains(&address.at.address()))
            && is(self.declared.as_ref(), || {
                view.assignments_of(address.at).any(|said| said.visible(address.context))
            })
            && is(self.observed.as_ref(), || Self::is_observed(address))
    }
}

impl IpAddressFilter {
    /// Something bears it that the caller may see.
    fn is_observed(address: &IpAddress<'_>) -> bool {
        let (context, view, at) = (address.context, &address.context.view, address.at);
        view.is_observed(at)
            && (context.may_everywhere(Permission::InventoryRead)
                || view.guests_of_address(at).any(|guest| guest.visible(context))
                || view.nodes_of_address(at).any(|node| node.visible(context))
                || view.clients_of_address(at).any(|client| client.visible(context))
                || view.switch_of_address(at).is_some_and(|switch| switch.visible(context)))
    }
}

/// Narrows the clients of the network.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct NetworkClientFilter {
    pub(crate) mac: Option<MacAddr>,
    pub(crate) address: Option<IpAddr>,
    /// The network of its controller.
    pub(crate) network: Option<String>,
    /// The switch that it is behind.
    pub(crate) switch: Option<MacAddr>,
    /// The number of the port that it is behind.
    pub(crate) switch_port_number: Option<i32>,
    /// By cable.
    pub(crate) wired: Option<bool>,
}

impl NetworkClientFilter {
    pub(crate) fn holds(&self, client: &NetworkClient<'_>) -> bool {
        let view = &client.context.view;
        let fact = client.fact();
        is(self.mac.as_ref(), || MacAddr(fact.mac))
            && is(self.address.map(Some).as_ref(), || {
                fact.address.map(|it| IpAddr(schema::address::canonical(it)))
            })
            && self
                .network
                .as_ref()
                .is_none_or(|wanted| **view.network_name(view.network_of(client.at.source())) == **wanted)
            && is(self.switch.map(Some).as_ref(), || fact.port.map(|(switch, _)| MacAddr(switch)))
            && is(self.switch_port_number.map(Some).as_ref(), || {
                fact.port.map(|(_, number)| i32::from(number))
            })
            && is(self.wired.as_ref(), || fact.wired)
    }
}

/// Narrows drift findings.
#[derive(Clone, Debug, Default, InputObject)]
pub(crate) struct DriftFilter {
    pub(crate) kind: Option<DriftKind>,
    pub(crate) severity: Option<Severity>,
    pub(crate) state: Option<FindingState>,
    /// In any case.
    pub(crate) subject_contains: Option<String>,
}

impl DriftFilter {
    pub(crate) fn holds(&self, finding: &DriftFinding<'_>) -> bool {
        is(self.kind.as_ref(), || finding.kind())
            && is(self.severity.as_ref(), || finding.severity())
            && is(self.state.as_ref(), || finding.state())
            && within(self.subject_contains.as_ref(), || Some(finding.subject()))
    }
}

//! Switches, their ports, what hangs on them, and what dies with them.

use resolvers_macros::object;
use schema::fact::{ClientFact, DeviceFact, PortFact, PortForwardFact, Protocol};
use schema::view::{self, ClientRef, ForwardRef, ObjectRef, PortRef, SwitchRef};

use super::{
    ClusterNode, Guest, Hostname, IpAddress, Many as _, Organization, Path, Provenance, handles, listed,
};
use crate::access::Visible as _;
use crate::page::{Connection, Cursor, Listed as _, Page};
use crate::scalar::{DateTime, Id, MacAddr};
use crate::{Refusal, RequestContext};

handles! {
    /// A device of a controller.
    Switch(SwitchRef);
    /// A port of a device.
    SwitchPort(PortRef);
    /// A client as its controller sees it.
    NetworkClient(ClientRef);
    /// A port forward of a gateway.
    PortForward(ForwardRef);
}
listed!(Switch, NetworkClient, PortForward);

/// What stops working if an object goes away.
#[derive(Clone, Debug)]
pub(crate) struct Impact<'v> {
    context: &'v RequestContext,
    impact: view::Impact,
}

impl<'v> Impact<'v> {
    pub(crate) fn of(context: &'v RequestContext, object: impl Into<ObjectRef>) -> Self {
        Self { context, impact: context.view.impact(object.into()) }
    }
}

impl<'v> Switch<'v> {
    pub(crate) fn fact(&self) -> &'v DeviceFact {
        self.context.view.switch(self.at)
    }
}

/// A switch or gateway of a controller.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> Switch<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    pub(crate) fn name(&self) -> &'v str {
        &self.fact().name
    }

    fn model(&self) -> Option<&'v str> {
        self.fact().model.as_deref()
    }

    fn mac(&self) -> MacAddr {
        MacAddr(self.fact().mac)
    }

    fn address(&self) -> Option<IpAddress<'v>> {
        self.context.view.switch_address(self.at).and_then(|at| IpAddress::see(self.context, at))
    }

    fn online(&self) -> bool {
        self.fact().online
    }

    /// By number.
    fn ports(&self) -> Vec<SwitchPort<'v>> {
        SwitchPort::all(self.context, self.context.view.ports_of_switch(self.at))
    }

    fn impact(&self) -> Impact<'v> {
        Impact::of(self.context, self.at)
    }

    fn provenance(&self) -> Provenance<'v> {
        Provenance::new(self.context, self.at.source(), self.fact().seen)
    }
}

impl<'v> SwitchPort<'v> {
    pub(crate) fn fact(&self) -> &'v PortFact {
        self.context.view.port(self.at)
    }
}

/// A port of a switch.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> SwitchPort<'v> {
    fn id(&self) -> Id {
        Id(self.context.view.id(self.at))
    }

    fn switch(&self) -> Result<Switch<'v>, Refusal> {
        let at = self.context.view.switch_of_port(self.at).ok_or(Refusal::Internal)?;
        Ok(Switch::whole(self.context, at))
    }

    fn number(&self) -> u16 {
        self.fact().number
    }

    fn name(&self) -> Option<&'v str> {
        self.fact().name.as_deref()
    }

    fn up(&self) -> bool {
        self.fact().up
    }

    fn speed_mbps(&self) -> Option<u32> {
        self.fact().speed_mbps
    }

    /// Whether it feeds what hangs on it; null where it cannot.
    fn poe(&self) -> Option<bool> {
        self.fact().poe
    }

    fn is_uplink(&self) -> bool {
        self.fact().is_uplink
    }

    fn native_vlan(&self) -> Option<u16> {
        self.fact().native_vlan
    }

    fn tagged_vlans(&self) -> Vec<u16> {
        self.fact().tagged_vlans.to_vec()
    }

    /// Declared in the port map, of which each row stands at its own source's place.
    fn panel_ref(&self) -> Option<&'v str> {
        let view = &self.context.view;
        let mut cables = view.cables_of_port(self.at).into_iter().filter(|cable| cable.visible(self.context));
        cables.find_map(|cable| view.cable(cable).panel.as_deref())
    }

    fn nodes(&self) -> Vec<ClusterNode<'v>> {
        ClusterNode::all(self.context, self.context.view.nodes_of_port(self.at))
    }

    fn guests(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Guest<'v>>, Refusal> {
        let mut handles: Vec<_> = self.context.view.guests_of_port(self.at).collect();
        handles.sort_unstable();
        Page::new(first, after).among(&Guest::all(self.context, handles))
    }

    fn clients(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<NetworkClient<'v>>, Refusal> {
        let clients = NetworkClient::all(self.context, self.context.view.clients_of_port(self.at));
        Page::new(first, after).among(&clients)
    }

    /// The group that this port belongs to.
    fn lag(&self) -> Option<u16> {
        self.fact().lag
    }

    fn impact(&self) -> Impact<'v> {
        Impact::of(self.context, self.at)
    }

    fn provenance(&self) -> Provenance<'v> {
        Provenance::new(self.context, self.at.source(), self.fact().seen)
    }
}

impl<'v> NetworkClient<'v> {
    pub(crate) fn fact(&self) -> &'v ClientFact {
        self.context.view.client(self.at)
    }
}

/// A client as its controller sees it.
#[object(requires = "inventory:read")]
impl<'v> NetworkClient<'v> {
    fn mac(&self) -> MacAddr {
        MacAddr(self.fact().mac)
    }

    fn address(&self) -> Option<IpAddress<'v>> {
        self.context.view.client_address(self.at).and_then(|at| IpAddress::see(self.context, at))
    }

    fn hostname(&self) -> Option<&'v str> {
        self.fact().hostname.as_deref()
    }

    fn vlan(&self) -> Option<u16> {
        self.fact().vlan
    }

    /// By cable.
    fn wired(&self) -> bool {
        self.fact().wired
    }

    /// Behind which it was last seen.
    fn switch_port(&self) -> Option<SwitchPort<'v>> {
        self.context.view.port_of_client(self.at).and_then(|at| SwitchPort::see(self.context, at))
    }

    fn last_seen(&self) -> Option<DateTime> {
        self.fact().last_seen.map(DateTime)
    }

    fn provenance(&self) -> Provenance<'v> {
        Provenance::new(self.context, self.at.source(), self.fact().seen)
    }
}

/// What stops working if this goes away: what loses its last live port, host or route. Only what works now can be lost:
/// ports that are up, guests that run. An uplink takes with it what is reached through it alone; a guest or node that
/// carries the proxy takes the proxy's names; a name is lost when all working paths of one of its locations are; a VIP's
/// when its last holder is.
#[object]
impl<'v> Impact<'v> {
    /// Streams and bare forwards included.
    fn paths(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Path<'v>>, Refusal> {
        Page::new(first, after).among(&Path::all(self.context, self.impact.paths.iter().copied()))
    }

    fn hostnames(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Hostname<'v>>, Refusal> {
        Page::new(first, after).among(&Hostname::all(self.context, self.impact.hostnames.iter().copied()))
    }

    fn guests(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Guest<'v>>, Refusal> {
        Page::new(first, after).among(&Guest::all(self.context, self.impact.guests.iter().copied()))
    }

    fn nodes(&self) -> Vec<ClusterNode<'v>> {
        ClusterNode::all(self.context, self.impact.nodes.iter().copied())
    }

    /// Only loses redundancy.
    fn degraded(&self) -> Vec<ClusterNode<'v>> {
        ClusterNode::all(self.context, self.impact.degraded.iter().copied())
    }

    fn organizations(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Organization<'v>>, Refusal> {
        let organizations = Organization::all(self.context, self.impact.organizations.iter().copied());
        Page::new(first, after).among(&organizations)
    }
}

impl<'v> PortForward<'v> {
    pub(crate) fn fact(&self) -> &'v PortForwardFact {
        self.context.view.forward(self.at)
    }
}

/// A port forward of a gateway: how the outside reaches a proxy, or goes past it.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> PortForward<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    fn name(&self) -> Option<&'v str> {
        self.fact().name.as_deref()
    }

    fn enabled(&self) -> bool {
        self.fact().enabled
    }

    /// tcp, udp or tcp+udp.
    fn protocol(&self) -> &'static str {
        match self.fact().protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
            Protocol::TcpUdp => "tcp+udp",
        }
    }

    /// A port, a list or a range.
    fn public_port(&self) -> &'v str {
        &self.fact().public_port
    }

    fn forward_address(&self) -> Option<IpAddress<'v>> {
        self.context.view.forward_address(self.at).and_then(|at| IpAddress::see(self.context, at))
    }

    fn forward_port(&self) -> &'v str {
        &self.fact().forward_port
    }

    fn provenance(&self) -> Provenance<'v> {
        Provenance::new(self.context, self.at.source(), self.fact().seen)
    }
}

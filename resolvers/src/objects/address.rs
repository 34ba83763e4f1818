//! An address of a network, and all that is known to stand on it.

use resolvers_macros::object;
use schema::view::AddressRef;

use super::{
    ClusterNode, Guest, IpAssignment, Many as _, NetworkClient, Path, ProxyHost, Subnet, Switch, handles,
    listed,
};
use crate::Refusal;
use crate::page::{Connection, Cursor, Listed as _, Page};
use crate::scalar::{Id, IpAddr};

handles! {
    /// An address within one network.
    IpAddress(AddressRef);
}
listed!(IpAddress);

/// An address of a network, and all that is known to stand on it.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> IpAddress<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    pub(crate) fn address(&self) -> IpAddr {
        IpAddr(self.at.address())
    }

    /// Equal addresses mean the same only within one network.
    pub(crate) fn network(&self) -> &'v str {
        self.context.view.network_name(self.at.network())
    }

    /// The smallest subnet that holds it.
    fn subnet(&self) -> Option<Subnet<'v>> {
        self.context.view.subnet_of(self.at).and_then(|at| Subnet::see(self.context, at))
    }

    /// Declared (IPAM, files).
    fn assignments(&self) -> Vec<IpAssignment<'v>> {
        IpAssignment::all(self.context, self.context.view.assignments_of(self.at))
    }

    /// Who bears it (few): seen there or, of a guest that nobody could look into, written down.
    fn guests(&self) -> Vec<Guest<'v>> {
        Guest::all(self.context, self.context.view.guests_of_address(self.at))
    }

    fn nodes(&self) -> Vec<ClusterNode<'v>> {
        ClusterNode::all(self.context, self.context.view.nodes_of_address(self.at))
    }

    /// As the switch or controller sees it.
    fn client(&self) -> Option<NetworkClient<'v>> {
        self.context
            .view
            .clients_of_address(self.at)
            .next()
            .and_then(|at| NetworkClient::see(self.context, at))
    }

    /// Whose own address it is.
    fn switch(&self) -> Option<Switch<'v>> {
        self.context.view.switch_of_address(self.at).and_then(|at| Switch::see(self.context, at))
    }

    /// Who forwards here.
    fn proxy_hosts(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<ProxyHost<'v>>, Refusal> {
        Page::new(first, after)
            .among(&ProxyHost::all(self.context, self.context.view.proxy_hosts_of_address(self.at)))
    }

    fn paths(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Path<'v>>, Refusal> {
        Page::new(first, after).among(&Path::all(self.context, self.context.view.paths_of_address(self.at)))
    }
}

//! The root of all reading.

mod lookup;
mod search;
mod viewer;

pub(crate) use viewer::Viewer;

use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ID, ObjectType, OutputType, Positioned, ServerResult, Value,
};
use resolvers_macros::object;
use schema::policy::{Permission, Place};

use crate::access::Guarded;
use crate::field::resolve_container;
use crate::filter::{
    DriftFilter, GuestFilter, GuestOrder, HostnameFilter, IpAddressFilter, NetworkClientFilter, PathFilter,
    PathOrder, ProxyHostFilter,
};
use crate::objects::{
    Certificate, Cluster, ClusterNode, DriftFinding, Guest, Hostname, IpAddress, Many as _, NetworkClient,
    Node, Organization, Path, PortForward, ProxyHost, SearchHit, Source, Subnet, Switch, SwitchPort, Vlan,
};
use crate::page::{Connection, Cursor, Order, Page, SortKey, first_of};
use crate::scalar::{DateTime, IpAddr, MacAddr};
use crate::{Refusal, RequestContext};

/// The root as async-graphql holds it: without a request. Each field is read through `QueryRoot`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Query;

/// The root of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryRoot<'v> {
    context: &'v RequestContext,
}

impl<'v> QueryRoot<'v> {
    /// The root over one request's View.
    pub(crate) fn new(context: &'v RequestContext) -> Self {
        Self { context }
    }
}

/// The handle at a place of the View's listing of its type.
fn handle<T: schema::view::Listed>(context: &RequestContext, place: usize) -> T {
    T::at(&context.view, place)
}

/// A page of a listing of the View, narrowed where a filter is given. Where the caller may see everything, only the page
/// itself is looked at.
macro_rules! page {
    ($context:expr, $listing:ident, $object:ident, $page:expr) => {{
        let listing = $context.view.$listing();
        if $context.may_everywhere(Permission::InventoryRead) {
            $page.of(listing.len(), |place| $object::whole($context, handle($context, place)))
        } else {
            $page.among(&$object::all($context, listing.iter()))
        }
    }};
    ($context:expr, $listing:ident, $object:ident, $page:expr, $filter:expr) => {{
        let listing = $context.view.$listing();
        match $filter {
            None if $context.may_everywhere(Permission::InventoryRead) => {
                $page.of(listing.len(), |place| $object::whole($context, handle($context, place)))
            }
            None => $page.among(&$object::all($context, listing.iter())),
            Some(filter) => {
                let mut all = $object::all($context, listing.iter());
                all.retain(|object| filter.holds(object));
                $page.among(&all)
            }
        }
    }};
}

/// A root field takes its permission at some place; each object then at its own.
impl Guarded for QueryRoot<'_> {
    fn context(&self) -> &RequestContext {
        self.context
    }

    fn permits(&self, what: Permission) -> bool {
        self.context.may_somewhere(what)
    }

    fn stands_at(&self) -> Place {
        Place::default()
    }

    fn forbidden(&self, what: Permission) -> Refusal {
        self.context.forbidden_everywhere(what)
    }
}

/// The root of all reading.
#[object(name = "Query")]
impl<'v> QueryRoot<'v> {
    /// The object of an id; null where there is none.
    fn node(&self, id: ID) -> Result<Option<Node<'v>>, Refusal> {
        lookup::node(self.context, &id)
    }

    /// Who asks.
    fn viewer(&self) -> Viewer<'v> {
        Viewer::new(self.context)
    }

    /// All configured upstreams, by name.
    fn sources(&self) -> Vec<Source<'v>> {
        Source::all(self.context, self.context.view.sources())
    }

    fn source(&self, name: String) -> Option<Source<'v>> {
        self.context.view.source_named(&name).and_then(|at| Source::see(self.context, at))
    }

    fn hostname(&self, name: String) -> Result<Option<Hostname<'v>>, Refusal> {
        // A name may be written with the dot of the root zone at its end.
        let name = name.strip_suffix('.').unwrap_or(&name).to_lowercase();
        let found = self.context.view.find_hostname(&name);
        match found.and_then(|at| Hostname::see(self.context, at)) {
            Some(object) => Ok(Some(object)),
            None => self
                .context
                .nothing(lookup::lists("Hostname"), |source| lookup::could_hold("Hostname", source)),
        }
    }

    /// By name.
    fn hostnames(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
        filter: Option<HostnameFilter>,
    ) -> Result<Connection<Hostname<'v>>, Refusal> {
        page!(self.context, hostnames, Hostname, Page::new(first, after), filter)
    }

    /// The joined view; by entry where no order is given.
    fn paths(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
        filter: Option<PathFilter>,
        order_by: Option<PathOrder>,
    ) -> Result<Connection<Path<'v>>, Refusal> {
        let page = Page::new(first, after);
        let Some(order) = order_by else { return page!(self.context, paths, Path, page, filter) };
        let paths = self.context.view.paths().iter().filter_map(|at| Path::see(self.context, at));
        order.page(page, paths.filter(|path| filter.as_ref().is_none_or(|filter| filter.holds(path))))
    }

    /// By source and reference.
    fn proxy_hosts(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
        filter: Option<ProxyHostFilter>,
    ) -> Result<Connection<ProxyHost<'v>>, Refusal> {
        page!(self.context, proxy_hosts, ProxyHost, Page::new(first, after), filter)
    }

    /// Soonest first; those without an end last.
    fn certificates(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
        expires_before: Option<DateTime>,
    ) -> Result<Connection<Certificate<'v>>, Refusal> {
        let all = self.context.view.certificates().iter().filter_map(|at| Certificate::see(self.context, at));
        let wanted = all.filter(|certificate| {
            let ends = certificate.fact().expires_on;
            expires_before.is_none_or(|before| ends.is_some_and(|ends| ends < before.0))
        });
        let order = Order { by: "EXPIRES_ON", descending: false };
        Page::new(first, after)
            .sorted(wanted, order, |certificate| SortKey::moment(certificate.fact().expires_on))
    }

    /// Of which anything is known; by network and address.
    fn ip_addresses(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
        filter: Option<IpAddressFilter>,
    ) -> Result<Connection<IpAddress<'v>>, Refusal> {
        page!(self.context, addresses, IpAddress, Page::new(first, after), filter)
    }

    fn ip_address(
        &self,
        address: IpAddr,
        #[default("default".to_owned())] network: String,
    ) -> Result<Option<IpAddress<'v>>, Refusal> {
        let found = self.context.view.find_address(&network, address.0);
        match found.and_then(|at| IpAddress::see(self.context, at)) {
            Some(object) => Ok(Some(object)),
            None => self.context.nothing(lookup::lists("IpAddress"), |source| {
                lookup::knows_network(&network, source) && lookup::could_hold("IpAddress", source)
            }),
        }
    }

    fn guest(&self, cluster: String, vmid: i32) -> Result<Option<Guest<'v>>, Refusal> {
        let found = u32::try_from(vmid).ok().and_then(|vmid| self.context.view.find_guest(&cluster, vmid));
        match found.and_then(|at| Guest::see(self.context, at)) {
            Some(object) => Ok(Some(object)),
            None => self.context.nothing(lookup::lists("Guest"), |source| {
                *source.name == *cluster && lookup::could_hold("Guest", source)
            }),
        }
    }

    /// By cluster and VMID where no order is given.
    fn guests(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
        filter: Option<GuestFilter>,
        order_by: Option<GuestOrder>,
    ) -> Result<Connection<Guest<'v>>, Refusal> {
        let page = Page::new(first, after);
        if order_by.is_none() {
            return page!(self.context, guests, Guest, page, filter);
        }
        GuestFilter::page(filter, order_by, page, Guest::all(self.context, self.context.view.guests().iter()))
    }

    /// By name.
    fn clusters(&self) -> Vec<Cluster<'v>> {
        Cluster::all(self.context, self.context.view.clusters())
    }

    /// By cluster and name.
    fn cluster_nodes(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
        cluster: Option<String>,
    ) -> Result<Connection<ClusterNode<'v>>, Refusal> {
        let mut nodes = ClusterNode::all(self.context, self.context.view.nodes().iter());
        nodes.retain(|node| cluster.as_ref().is_none_or(|wanted| node.cluster().name() == *wanted));
        Page::new(first, after).among(&nodes)
    }

    fn cluster_node(&self, cluster: String, name: String) -> Result<Option<ClusterNode<'v>>, Refusal> {
        let found = self.context.view.find_node(&cluster, &name);
        match found.and_then(|at| ClusterNode::see(self.context, at)) {
            Some(object) => Ok(Some(object)),
            None => self.context.nothing(lookup::lists("ClusterNode"), |source| {
                *source.name == *cluster && lookup::could_hold("ClusterNode", source)
            }),
        }
    }

    /// By MAC.
    fn switches(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Switch<'v>>, Refusal> {
        page!(self.context, switches, Switch, Page::new(first, after))
    }

    fn switch_port(&self, switch: MacAddr, number: i32) -> Result<Option<SwitchPort<'v>>, Refusal> {
        let found =
            u16::try_from(number).ok().and_then(|number| self.context.view.find_port(switch.0, number));
        match found.and_then(|at| SwitchPort::see(self.context, at)) {
            Some(object) => Ok(Some(object)),
            None => self
                .context
                .nothing(lookup::lists("SwitchPort"), |source| lookup::could_hold("SwitchPort", source)),
        }
    }

    /// What hangs on the network, as its controllers see it; by network and MAC.
    fn clients(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
        filter: Option<NetworkClientFilter>,
    ) -> Result<Connection<NetworkClient<'v>>, Refusal> {
        page!(self.context, clients, NetworkClient, Page::new(first, after), filter)
    }

    /// By source and reference.
    fn port_forwards(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<PortForward<'v>>, Refusal> {
        page!(self.context, forwards, PortForward, Page::new(first, after))
    }

    /// Names, VMIDs, addresses and MACs that hold the text, in any case: what is the text first, then what begins with it.
    fn search(&self, text: String, #[default(20)] first: i32) -> Result<Vec<SearchHit<'v>>, Refusal> {
        Ok(search::search(self.context, text.trim(), first_of("search", first)?))
    }

    /// By network and range.
    fn subnets(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Subnet<'v>>, Refusal> {
        page!(self.context, subnets, Subnet, Page::new(first, after))
    }

    /// By source and reference.
    fn vlans(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Connection<Vlan<'v>>, Refusal> {
        page!(self.context, vlans, Vlan, Page::new(first, after))
    }

    /// Where what was written down and what is differ; by kind and subject.
    fn drift(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
        filter: Option<DriftFilter>,
    ) -> Result<Connection<DriftFinding<'v>>, Refusal> {
        let all = self.context.findings.iter().filter_map(|tracked| DriftFinding::see(self.context, tracked));
        let wanted = all.filter(|finding| filter.as_ref().is_none_or(|filter| filter.holds(finding)));
        Page::new(first, after).among(&wanted.collect::<Vec<_>>())
    }

    /// By name.
    #[requires("organization:read")]
    fn organizations(
        &self,
        #[default(50)] first: i32,
        after: Option<Cursor>,
    ) -> Result<Option<Connection<Organization<'v>>>, Refusal> {
        let all = Organization::all(self.context, self.context.view.organizations().iter());
        Page::new(first, after).among(&all).map(Some)
    }
}

impl OutputType for Query {
    fn type_name() -> std::borrow::Cow<'static, str> {
        QueryRoot::type_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        crate::auth::register(registry);
        QueryRoot::create_type_info(registry)
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ContainerType for Query {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let missing = |_| Refusal::Internal.into_server_error(Some(ctx.item.pos));
        let context = ctx.data::<RequestContext>().map_err(missing)?;
        QueryRoot::new(context).resolve_field(ctx).await
    }
}

impl ObjectType for Query {}

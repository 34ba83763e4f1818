//! The rows of the joined view: paths, their hops, and why each join holds.

use resolvers_macros::object;
use schema::view::{self, PathRef};

use super::{
    ClusterNode, Guest, Hostname, IpAddress, Many as _, Node, PortForward, ProxyHost, Source, SwitchPort,
    handles, listed,
};
use crate::RequestContext;
use crate::access::{sees, shows_its_end};
use crate::enums::{HopKind, HopState, JoinRule, PathState};
use crate::page::Listed as _;
use crate::scalar::{DateTime, Id};

handles! {
    /// One row of the joined view.
    Path(PathRef);
}

/// One hop of a path.
#[derive(Clone, Copy)]
pub(crate) struct Hop<'v> {
    context: &'v RequestContext,
    at: PathRef,
    row: view::Hop<'v>,
}

/// One piece of evidence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Evidence<'v> {
    context: &'v RequestContext,
    evidence: &'v view::Evidence,
}

impl<'v> Path<'v> {
    /// As the View has it.
    pub(crate) fn row(&self) -> view::Path<'v> {
        self.context.view.path(self.at)
    }
}

listed!(Path);

/// One row of the joined view: hostname -> proxy host -> LAN address:port -> guest -> node -> switch port, as far as
/// the data goes.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> Path<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    /// Null for a stream or a bare port forward.
    pub(crate) fn hostname(&self) -> Option<Hostname<'v>> {
        self.row().hostname().and_then(|at| Hostname::see(self.context, at))
    }

    /// What the outside calls: app.example.org, app.example.org/api, tcp:2222, udp:51820, tcp+udp:53, tcp:8000-8100.
    pub(crate) fn entry(&self) -> &'v str {
        self.row().entry()
    }

    /// A proxy location with a target of its own.
    fn location(&self) -> Option<&'v str> {
        self.row().location()
    }

    /// By which the outside reaches the proxy, or goes past it.
    fn port_forwards(&self) -> Vec<PortForward<'v>> {
        PortForward::all(self.context, self.row().port_forwards().iter().copied())
    }

    fn proxy_host(&self) -> Option<ProxyHost<'v>> {
        self.row().proxy_host().and_then(|at| ProxyHost::see(self.context, at))
    }

    fn address(&self) -> Option<IpAddress<'v>> {
        self.row().address().and_then(|at| IpAddress::see(self.context, at))
    }

    /// Null for a forward of several ports.
    fn port(&self) -> Option<u16> {
        self.row().port().filter(|_| shows_its_end(self.context, self.at))
    }

    fn guest(&self) -> Option<Guest<'v>> {
        self.row().guest().and_then(|at| Guest::see(self.context, at))
    }

    /// Of a VIP or ANYCAST address all holders of the best status, `guest` the first; else `guest` alone.
    fn guests(&self) -> Vec<Guest<'v>> {
        Guest::all(self.context, self.row().guests())
    }

    fn node(&self) -> Option<ClusterNode<'v>> {
        self.row().node().and_then(|at| ClusterNode::see(self.context, at))
    }

    fn switch_port(&self) -> Option<SwitchPort<'v>> {
        self.row().switch_port().and_then(|at| SwitchPort::see(self.context, at))
    }

    /// All ports of the bond.
    fn switch_ports(&self) -> Vec<SwitchPort<'v>> {
        SwitchPort::all(self.context, self.row().switch_ports().iter().copied())
    }

    pub(crate) fn state(&self) -> PathState {
        self.row().state().into()
    }

    /// Always five, in order: PROXY_HOST, ADDRESS, GUEST, NODE, SWITCH_PORT.
    fn hops(&self) -> Vec<Hop<'v>> {
        self.row()
            .hops()
            .into_iter()
            .map(|hop| Hop { context: self.context, at: self.at, row: hop })
            .collect()
    }

    /// The age of its OLDEST hop.
    fn as_of(&self) -> DateTime {
        DateTime(self.row().as_of())
    }

    /// Some hop rests on a stale object.
    pub(crate) fn stale(&self) -> bool {
        self.row().stale(self.context.now)
    }
}

/// One hop of a path: what it leads to, how sure that is, and what it rests on.
#[object]
impl<'v> Hop<'v> {
    fn kind(&self) -> HopKind {
        self.row.kind().into()
    }

    fn state(&self) -> HopState {
        self.row.state().into()
    }

    fn stale(&self) -> bool {
        self.row.stale(self.context.now)
    }

    /// What it resolved to, where the caller may see it.
    fn target(&self) -> Option<Node<'v>> {
        self.row.target().and_then(|target| Node::see(self.context, target))
    }

    /// How many are equally good: 0 MISSING, more than 1 AMBIGUOUS (a VIP apart).
    fn candidate_count(&self) -> usize {
        self.row.candidate_count()
    }

    /// The first 10 of them that the caller may see.
    fn candidates(&self) -> Vec<Node<'v>> {
        self.row.candidates().iter().filter_map(|object| Node::see(self.context, *object)).take(10).collect()
    }

    /// Why this join holds, in words and values; what names an object that the caller may not see is left out.
    fn evidence(&self) -> Vec<Evidence<'v>> {
        let evidence = self.row.evidence().iter();
        // A name that nobody bears is a host's, whose end only some see.
        let names_target = |one: &&view::Evidence| matches!(one.detail, view::Detail::NameUnborne { .. });
        let evidence = evidence.filter(|one| !names_target(one) || shows_its_end(self.context, self.at));
        let evidence = evidence.filter(|one| one.detail.objects().all(|named| sees(self.context, named)));
        evidence.map(|evidence| Evidence { context: self.context, evidence }).collect()
    }

    fn source(&self) -> Option<Source<'v>> {
        self.row.source().and_then(|at| Source::see(self.context, at))
    }

    fn collected_at(&self) -> Option<DateTime> {
        self.row.collected_at().map(DateTime)
    }
}

/// Why a join holds: a rule, and what it found.
#[object]
impl<'v> Evidence<'v> {
    fn rule(&self) -> JoinRule {
        self.evidence.rule.into()
    }

    fn detail(&self) -> String {
        self.context.view.words(self.evidence)
    }

    fn source(&self) -> Option<Source<'v>> {
        self.evidence.source.and_then(|at| Source::see(self.context, at))
    }
}

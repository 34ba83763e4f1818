//! The objects of the schema: one file a family. Each is a handle into the request's View, two words and `Copy`.

mod address;
mod billing;
mod compute;
mod drift;
mod ipam;
mod network;
mod node;
mod path;
mod proxy;
mod source;

pub(crate) use address::IpAddress;
pub(crate) use billing::{Entitlement, Invoice, Organization};
pub(crate) use compute::{Cluster, ClusterNode, Guest};
pub(crate) use drift::DriftFinding;
pub(crate) use ipam::{IpAssignment, Subnet, Vlan};
pub(crate) use network::{Impact, NetworkClient, PortForward, Switch, SwitchPort};
pub(crate) use node::{Node, SearchHit};
pub(crate) use path::Path;
pub(crate) use proxy::{Certificate, Hostname, ProxyHost};
pub(crate) use source::{Provenance, Source};

use crate::RequestContext;

/// Objects by their handles.
pub(crate) trait Many<'v>: Sized {
    /// What the View names it by.
    type Handle: crate::access::Visible;

    /// The object of a handle, where the caller may see it.
    fn see(context: &'v RequestContext, at: Self::Handle) -> Option<Self>;

    /// The whole that a visible part belongs to, or an object of a list of which nothing is left out.
    fn whole(context: &'v RequestContext, at: Self::Handle) -> Self;

    /// Those objects of handles that the caller may see, in their order.
    fn all(context: &'v RequestContext, handles: impl IntoIterator<Item = Self::Handle>) -> Vec<Self> {
        handles.into_iter().filter_map(|at| Self::see(context, at)).collect()
    }
}

/// Declares an object: a handle, and the request in which it is read.
macro_rules! handles {
    ($($(#[doc = $doc:literal])+ $name:ident($handle:ty);)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug)]
        pub(crate) struct $name<'v> {
            pub(crate) context: &'v $crate::RequestContext,
            pub(crate) at: $handle,
            _seen: $crate::access::Seen,
        }

        impl<'v> $crate::objects::Many<'v> for $name<'v> {
            type Handle = $handle;

            fn see(context: &'v $crate::RequestContext, at: $handle) -> Option<Self> {
                $crate::access::see(context, at).map(|_seen| Self { context, at, _seen })
            }

            fn whole(context: &'v $crate::RequestContext, at: $handle) -> Self {
                Self { context, at, _seen: $crate::access::whole() }
            }
        }
    )+};
}
pub(crate) use handles;

/// Objects that stand in connections, in the order in which the View lists them.
macro_rules! listed {
    ($($name:ident),+) => {$(
        impl $crate::page::Listed for $name<'_> {
            const CONNECTION: &'static str = concat!(stringify!($name), "Connection");
            const EDGE: &'static str = concat!(stringify!($name), "Edge");

            fn key(&self) -> schema::ObjectId {
                self.context.view.id(self.at)
            }

            fn place(&self, other: &schema::ObjectId) -> std::cmp::Ordering {
                schema::view::Listed::compare(self.at, &self.context.view, other)
            }
        }
    )+};
}
pub(crate) use listed;

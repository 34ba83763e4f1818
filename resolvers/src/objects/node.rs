//! What may be one of several types: the interface `Node`, and what a search finds.

use std::borrow::Cow;

use async_graphql::indexmap::{IndexMap, IndexSet};
use async_graphql::parser::types::Field;
use async_graphql::registry::{CacheControl, Deprecation, MetaField, MetaType, MetaTypeId, Registry};
use async_graphql::resolver_utils::Fields;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, OutputType, Positioned, ServerResult, Value,
};
use schema::view::ObjectRef;

use super::{
    Certificate, Cluster, ClusterNode, DriftFinding, Entitlement, Guest, Hostname, Invoice, IpAddress,
    IpAssignment, Many as _, Organization, Path, PortForward, ProxyHost, Source, Subnet, Switch, SwitchPort,
    Vlan,
};
use crate::RequestContext;
use crate::definitions::{Abstraction, Definitions};
use crate::field::{Output, resolve_container};
use crate::plan::Selection;
use crate::write::{Nulled, Writer};

/// Declares an interface or a union of objects; both readers hand on to the object that it is.
macro_rules! abstraction {
    ($(#[doc = $doc:literal])+ $name:ident as $kind:ident { $($variant:ident),+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug)]
        pub(crate) enum $name<'v> { $($variant($variant<'v>)),+ }

        impl OutputType for $name<'_> {
            fn type_name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($name))
            }

            fn introspection_type_name(&self) -> Cow<'static, str> {
                match self { $(Self::$variant(_) => $variant::type_name()),+ }
            }

            fn create_type_info(registry: &mut Registry) -> String {
                registry.create_output_type::<Self, _>(MetaTypeId::$kind, |registry| {
                    let possible = [$($variant::create_type_info(registry)),+];
                    let possible = possible.iter().map(|name| name.trim_end_matches('!').to_owned()).collect();
                    $kind(stringify!($name), concat!($($doc),+).trim(), possible, std::any::type_name::<Self>())
                })
            }

            async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _: &Positioned<Field>) -> ServerResult<Value> {
                resolve_container(ctx, self).await
            }
        }

        impl ContainerType for $name<'_> {
            async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
                match self { $(Self::$variant(object) => object.resolve_field(ctx).await),+ }
            }

            fn collect_all_fields<'a>(
                &'a self,
                ctx: &ContextSelectionSet<'a>,
                fields: &mut Fields<'a>,
            ) -> ServerResult<()> {
                match self { $(Self::$variant(object) => fields.add_set(ctx, object)),+ }
            }
        }

        impl Output for $name<'_> {
            fn write(&self, selection: &Selection, out: &mut Writer) -> Result<(), Nulled> {
                match self { $(Self::$variant(object) => object.write(selection.of(stringify!($variant)), out)),+ }
            }

            fn define(definitions: &mut Definitions) {
                let possible = &[$(stringify!($variant)),+];
                let union = stringify!($kind) == "Union";
                if definitions.add_abstraction(Abstraction { name: stringify!($name), union, possible }) {
                    $($variant::define(definitions);)+
                }
            }
        }
    };
}

abstraction! {
    /// An object with an id of its own, by which `node` finds it again.
    Node as Interface {
        Source, Hostname, ProxyHost, Certificate, IpAddress, Guest, Cluster, ClusterNode, Switch, SwitchPort,
        PortForward, Path, Subnet, Vlan, IpAssignment, DriftFinding, Organization, Entitlement, Invoice
    }
}

abstraction! {
    /// What a search finds.
    SearchHit as Union { Hostname, ProxyHost, IpAddress, Guest, ClusterNode, Switch, Organization }
}

impl<'v> Node<'v> {
    /// The object of a handle, where the caller may see it; `None` also for what has no id of its own.
    pub(crate) fn see(context: &'v RequestContext, object: ObjectRef) -> Option<Self> {
        Some(match object {
            ObjectRef::Source(at) => Self::Source(Source::see(context, at)?),
            ObjectRef::Hostname(at) => Self::Hostname(Hostname::see(context, at)?),
            ObjectRef::ProxyHost(at) => Self::ProxyHost(ProxyHost::see(context, at)?),
            ObjectRef::Certificate(at) => Self::Certificate(Certificate::see(context, at)?),
            ObjectRef::Address(at) => Self::IpAddress(IpAddress::see(context, at)?),
            ObjectRef::Guest(at) => Self::Guest(Guest::see(context, at)?),
            ObjectRef::Cluster(at) => Self::Cluster(Cluster::see(context, at)?),
            ObjectRef::Node(at) => Self::ClusterNode(ClusterNode::see(context, at)?),
            ObjectRef::Switch(at) => Self::Switch(Switch::see(context, at)?),
            ObjectRef::Port(at) => Self::SwitchPort(SwitchPort::see(context, at)?),
            ObjectRef::Forward(at) => Self::PortForward(PortForward::see(context, at)?),
            ObjectRef::Path(at) => Self::Path(Path::see(context, at)?),
            ObjectRef::Subnet(at) => Self::Subnet(Subnet::see(context, at)?),
            ObjectRef::Vlan(at) => Self::Vlan(Vlan::see(context, at)?),
            ObjectRef::Assignment(at) => Self::IpAssignment(IpAssignment::see(context, at)?),
            ObjectRef::Organization(at) => Self::Organization(Organization::see(context, at)?),
            ObjectRef::Entitlement(at) => Self::Entitlement(Entitlement::see(context, at)?),
            ObjectRef::Invoice(at) => Self::Invoice(Invoice::see(context, at)?),
            ObjectRef::Client(_) | ObjectRef::PortMap(_) => return None,
        })
    }
}

#[expect(non_snake_case, reason = "named as the kind of type that it makes")]
fn Interface(
    name: &str,
    description: &str,
    possible_types: IndexSet<String>,
    rust: &'static str,
) -> MetaType {
    let id = MetaField {
        name: "id".to_owned(),
        description: None,
        args: IndexMap::new(),
        ty: "ID!".to_owned(),
        deprecation: Deprecation::NoDeprecated,
        cache_control: CacheControl::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    };
    MetaType::Interface {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        fields: IndexMap::from([("id".to_owned(), id)]),
        possible_types,
        extends: false,
        keys: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(rust),
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

#[expect(non_snake_case, reason = "named as the kind of type that it makes")]
fn Union(name: &str, description: &str, possible_types: IndexSet<String>, rust: &'static str) -> MetaType {
    MetaType::Union {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        possible_types,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: Some(rust),
        directive_invocations: Vec::new(),
    }
}

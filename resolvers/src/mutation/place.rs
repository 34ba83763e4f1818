//! Where the targets of mutations stand, and whose they are: the permission to change one is held at one of these places,
//! or not at all.

use schema::drift::Finding;
use schema::policy::Place;
use schema::view::{GuestRef, NodeRef, ObjectRef, Path, PathRef, PlaceRef, SourceRef};

use crate::RequestContext;

/// A place, and the organization that owns what stands there.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    pub(super) place: Place,
    pub(super) owner: Option<String>,
}

/// The places of an object: its own, or those of what it is made of (docs/reference.md, Permissions). None for what
/// findings are not about and mutations do not change.
pub(super) fn places(context: &RequestContext, object: ObjectRef) -> Vec<Standing> {
    let view = &context.view;
    let of_source = |at| of_source(context, at);
    match object {
        ObjectRef::Source(at) => vec![of_source(at)],
        ObjectRef::Cluster(at) => vec![of_source(at.source())],
        ObjectRef::Guest(at) => vec![of_guest(context, at)],
        ObjectRef::Node(at) => vec![of_node(context, at)],
        ObjectRef::Path(at) => of_path(context, at),
        ObjectRef::Hostname(at) => {
            view.paths_of_hostname(at).flat_map(|path| of_path(context, path)).collect()
        }
        ObjectRef::ProxyHost(at) => vec![of_source(at.source())],
        ObjectRef::Certificate(at) => vec![of_source(at.source())],
        ObjectRef::Forward(at) => vec![of_source(at.source())],
        ObjectRef::Switch(at) => vec![of_source(at.source())],
        ObjectRef::Port(at) => vec![of_source(at.source())],
        ObjectRef::Address(at) => {
            let guests = view.guests_of_address(at).map(|guest| of_guest(context, guest));
            let nodes = view.nodes_of_address(at).map(|node| of_node(context, node));
            let declared = view.assignments_of(at).map(|one| {
                let subnet = view.subnet_of(view.declared_address(one));
                subnet.map_or_else(
                    || of_source(one.source()),
                    |subnet| nobodys(context.sight().places().place_of_subnet(view, subnet)),
                )
            });
            guests.chain(nodes).chain(declared).collect()
        }
        _ => Vec::new(),
    }
}

/// The places of a finding: its subject's; of one about nothing that is there any more, those of the sources that it rests
/// on.
pub(super) fn of_finding(context: &RequestContext, finding: &Finding) -> Vec<Standing> {
    let view = &context.view;
    let subject = finding.about.as_ref().and_then(|id| view.find(id)).map(|object| places(context, object));
    subject.filter(|places| !places.is_empty()).unwrap_or_else(|| {
        let sources = finding.sources.iter().filter_map(|name| view.source_named(name));
        sources.map(|source| of_source(context, source)).collect()
    })
}

fn place(context: &RequestContext, at: PlaceRef) -> Place {
    context.sight().places().place(&context.view, at)
}

fn nobodys(place: Place) -> Standing {
    Standing { place, owner: None }
}

fn of_source(context: &RequestContext, at: SourceRef) -> Standing {
    nobodys(place(context, context.sight().places().of_source(at)))
}

fn of_node(context: &RequestContext, at: NodeRef) -> Standing {
    nobodys(place(context, context.sight().places().of_node(at)))
}

fn of_guest(context: &RequestContext, at: GuestRef) -> Standing {
    let view = &context.view;
    Standing {
        place: place(context, context.sight().places().of_guest(view, at)),
        owner: view.owner_of(at).map(|owner| view.organization(owner).to_owned()),
    }
}

/// Its guest's, else its node's; and its proxy's, or the gateway's whose forward it is. Of a path with a hop that was decided
/// by hand also those that it has without that: whoever decided a hop away keeps the place at which they may take it back.
fn of_path(context: &RequestContext, at: PathRef) -> Vec<Standing> {
    let path = context.view.path(at);
    let begins = match path.begins_at() {
        ObjectRef::ProxyHost(host) => Some(of_source(context, host.source())),
        ObjectRef::Forward(forward) => Some(of_source(context, forward.source())),
        _ => None,
    };
    let ends = |path: Path<'_>| -> Vec<Standing> {
        match path.guest() {
            Some(_) => path.guests().map(|guest| of_guest(context, guest)).collect(),
            None => path.node().map(|node| of_node(context, node)).into_iter().collect(),
        }
    };
    let told = path.as_told().map(ends).unwrap_or_default();
    ends(path).into_iter().chain(told).chain(begins).collect()
}

//! One object by its id, and which sources could have held one that is not there.

use schema::{GlobalId, ObjectId, SourceInfo};

use crate::document::kinds;
use crate::objects::{DriftFinding, Node};
use crate::{Refusal, RequestContext};

/// The object of an id. What is no id of ours names nothing.
pub(super) fn node<'v>(context: &'v RequestContext, id: &str) -> Result<Option<Node<'v>>, Refusal> {
    let Ok(id) = GlobalId::parse(id) else { return Ok(None) };
    if let ObjectId::DriftFinding { kind, subject } = &id {
        return Ok(DriftFinding::find(context, kind, subject).map(Node::DriftFinding));
    }
    match context.view.find(&id).and_then(|object| Node::new(context, object)) {
        Some(node) => Ok(Some(node)),
        None => context.nothing(|source| {
            holder(&id).is_none_or(|name| *source.name == *name) && could_hold(id.kind(), source)
        }),
    }
}

/// Whether a type is made from a source's kind.
pub(super) fn could_hold(type_name: &str, source: &SourceInfo) -> bool {
    kinds(type_name).hold(&source.kind)
}

/// The only source that can hold an object, where its id names it.
fn holder(id: &ObjectId) -> Option<&str> {
    match id {
        ObjectId::Source(name) | ObjectId::Cluster(name) => Some(name),
        ObjectId::Guest { cluster, .. } | ObjectId::ClusterNode { cluster, .. } => Some(cluster),
        ObjectId::ProxyHost { source, .. }
        | ObjectId::Certificate { source, .. }
        | ObjectId::PortForward { source, .. }
        | ObjectId::Path { source, .. }
        | ObjectId::Vlan { source, .. }
        | ObjectId::IpAssignment { source, .. }
        | ObjectId::Entitlement { source, .. }
        | ObjectId::Invoice { source, .. } => Some(source),
        ObjectId::Hostname(_)
        | ObjectId::IpAddress { .. }
        | ObjectId::Switch(_)
        | ObjectId::SwitchPort { .. }
        | ObjectId::NetworkClient { .. }
        | ObjectId::Subnet { .. }
        | ObjectId::DriftFinding { .. }
        | ObjectId::Organization(_) => None,
    }
}

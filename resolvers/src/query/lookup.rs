//! One object by its id, and which sources could have held one that is not there.

use schema::fact::MainList;
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
    match context.view.find(&id).and_then(|object| Node::see(context, object)) {
        Some(node) => Ok(Some(node)),
        None => context.nothing(lists(id.kind()), |source| {
            holder(&id).is_none_or(|name| *source.name == *name)
                && network(&id).is_none_or(|network| knows_network(network, source))
                && could_hold(id.kind(), source)
        }),
    }
}

/// Whether a type is made from a source's kind.
pub(super) fn could_hold(type_name: &str, source: &SourceInfo) -> bool {
    kinds(type_name).hold(&source.kind)
}

/// The main lists that objects of a type stand in; none of one that stands in no main list.
pub(super) fn lists(type_name: &str) -> &'static [MainList] {
    match type_name {
        "Hostname" => MainList::OF_SERVED_NAMES,
        "ProxyHost" | "Path" => MainList::OF_PROXIES,
        "Guest" => &[MainList::Guests],
        "ClusterNode" => &[MainList::Nodes],
        "IpAddress" => MainList::OF_ADDRESSES,
        "Switch" | "SwitchPort" => &[MainList::Devices],
        "NetworkClient" => &[MainList::Clients],
        "IpAssignment" => &[MainList::Declarations],
        "Organization" => &[MainList::Customers],
        _ => &[],
    }
}

/// Whether a source tells of a network: of its own, but an IPAM's rows each name theirs.
pub(super) fn knows_network(network: &str, source: &SourceInfo) -> bool {
    *source.network == *network || *source.kind == *"ipam"
}

/// The network that an object is of, where its id names it.
fn network(id: &ObjectId) -> Option<&str> {
    match id {
        ObjectId::IpAddress { network, .. } | ObjectId::Subnet { network, .. } => Some(network),
        _ => None,
    }
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_source_knows_its_own_network_and_an_ipam_all() {
        for (kind, own, asked, expected) in [
            ("proxmox", "default", "default", true),
            ("proxmox", "default", "lab", false),
            ("declared", "lab", "default", false),
            ("ipam", "default", "lab", true),
        ] {
            let source = SourceInfo {
                name: "source".into(),
                kind: kind.into(),
                cloud: None,
                environment: None,
                groups: Vec::new(),
                network: own.into(),
                interval: Duration::from_secs(10),
                addresses: Vec::new(),
            };
            assert_eq!(knows_network(asked, &source), expected, "{kind} of {own}, asked for {asked}");
        }
    }
}

//! The places of a View, numbered: one for each source, and one for each node of a cluster.
//!
//! A thousand guests stand at a few places. Whoever decides by place decides once for each number.

use std::sync::Arc;

use super::refs::{GuestRef, NodeRef, SourceRef, narrow};
use super::{SubnetRef, View};
use crate::policy::Place;

/// The number of a place; good for the View that gave it and no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlaceRef(u32);

impl PlaceRef {
    /// From 0, without gaps.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// The numbering of one View's places.
#[derive(Clone, Debug)]
pub struct Places {
    /// Where each source's numbers begin; one more than there are sources.
    starts: Box<[u32]>,
}

impl Places {
    /// Of a View.
    pub fn of(view: &View) -> Self {
        let mut starts = Vec::with_capacity(view.parts.len() + 1);
        let mut next = 0;
        for part in &view.parts {
            starts.push(next);
            next += 1 + narrow(part.nodes.len());
        }
        starts.push(next);
        Self { starts: starts.into() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.last().map_or(0, |end| *end as usize)
    }

    /// There is none where nothing is configured.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = PlaceRef> + use<> {
        (0..narrow(self.len())).map(PlaceRef)
    }

    /// Of a source, and of what it tells that stands on no node.
    pub fn of_source(&self, source: SourceRef) -> PlaceRef {
        PlaceRef(self.starts[source.0 as usize])
    }

    /// Of a source, and of each of its nodes.
    pub fn within(&self, source: SourceRef) -> impl Iterator<Item = PlaceRef> + use<> {
        let place = source.0 as usize;
        (self.starts[place]..self.starts[place + 1]).map(PlaceRef)
    }

    /// Of a node.
    pub fn of_node(&self, node: NodeRef) -> PlaceRef {
        PlaceRef(self.starts[node.source as usize] + 1 + node.index)
    }

    /// Of a guest: its node's; where that is not known, its cluster's.
    pub fn of_guest(&self, view: &View, guest: GuestRef) -> PlaceRef {
        view.node_of(guest).map_or_else(|| self.of_source(guest.source()), |node| self.of_node(node))
    }

    /// What a number stands for.
    pub fn place(&self, view: &View, number: PlaceRef) -> Place {
        let source = self.starts.partition_point(|start| *start <= number.0) - 1;
        let within = number.0 - self.starts[source];
        let source = SourceRef(narrow(source));
        let node = within.checked_sub(1).map(|index| {
            let node = NodeRef { source: source.0, index };
            Arc::from(&*view.node(node).name)
        });
        let info = &view.held(source).info;
        let is_cluster = node.is_some() || view.clusters().any(|cluster| cluster.source() == source);
        Place {
            cloud: info.cloud.clone(),
            environment: info.environment.clone(),
            cluster: is_cluster.then(|| info.name.clone()),
            node,
            groups: info.groups.iter().cloned().collect(),
        }
    }

    /// Of a row of the address plan: its source's, in the environment that its subnet names.
    pub fn place_of_subnet(&self, view: &View, subnet: SubnetRef) -> Place {
        let own = self.place(view, self.of_source(subnet.source()));
        let environment = view.subnet(subnet).environment.as_deref().map(Arc::from);
        Place { environment: environment.or(own.environment), ..own }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::fact::{NodeFact, NodeStatus, Seen, SubnetFact};
    use crate::view::{Inputs, join};
    use crate::{Facts, Held, Snapshot, SourceInfo, Timestamp};

    const SEEN: Seen = Seen { at: Timestamp::from_seconds(1), stale: false };

    fn held(name: &str, environment: Option<&str>, facts: Facts) -> Held {
        let info = SourceInfo {
            name: name.into(),
            kind: "proxmox".into(),
            cloud: Some("baremetal".into()),
            environment: environment.map(Into::into),
            groups: vec!["r630".into()],
            network: "default".into(),
            interval: Duration::from_secs(10),
            addresses: Vec::new(),
        };
        let snapshot = Snapshot { facts, ..Snapshot::default() };
        Held { snapshot: Some(Arc::new(snapshot)), ..Held::pending(Arc::new(info)) }
    }

    fn node(name: &str) -> NodeFact {
        NodeFact {
            name: name.into(),
            status: NodeStatus::Online,
            address: None,
            cpus: None,
            cpu_usage: None,
            memory_bytes: None,
            memory_used_bytes: None,
            uptime_seconds: None,
            version: None,
            bonded: false,
            seen: SEEN,
        }
    }

    fn subnet(cidr: &str, environment: Option<&str>) -> SubnetFact {
        SubnetFact {
            reference: cidr.into(),
            cidr: cidr.parse().expect("a range"),
            network: "default".into(),
            name: None,
            vlan: None,
            environment: environment.map(Into::into),
            seen: SEEN,
        }
    }

    #[test]
    fn each_source_and_each_node_is_a_place_and_a_subnet_may_name_its_environment() {
        let nodes = Facts { nodes: vec![node("n1"), node("n2")], ..Facts::default() };
        let subnets = vec![subnet("10.0.0.0/24", Some("vault")), subnet("10.0.1.0/24", None)];
        let subnets = Facts { subnets, ..Facts::default() };
        let sources = vec![
            held("a-plan", Some("shared"), subnets),
            held("b-pve", None, nodes),
            held("c-edge", Some("lab"), Facts::default()),
        ];
        let view = join(&Inputs { sources, ..Inputs::default() });
        let places = Places::of(&view);
        let shown: Vec<String> =
            places.iter().map(|number| places.place(&view, number).to_string()).collect();
        let expected = [
            "baremetal:shared:*:*",
            "baremetal:*:b-pve:*",
            "baremetal:*:b-pve:n1",
            "baremetal:*:b-pve:n2",
            "baremetal:lab:*:*",
        ];
        assert_eq!(
            (shown.as_slice(), places.len(), places.is_empty()),
            (&expected.map(String::from)[..], 5, false)
        );
        let numbers = |source: SourceRef| places.within(source).map(PlaceRef::index).collect::<Vec<_>>();
        assert_eq!(view.sources().map(numbers).collect::<Vec<_>>(), [vec![0], vec![1, 2, 3], vec![4]]);
        for (source, number) in view.sources().zip([0, 1, 4]) {
            assert_eq!(places.of_source(source).index(), number);
        }
        for (node, number) in view.nodes().iter().zip([2, 3]) {
            assert_eq!(places.of_node(node).index(), number);
        }
        let of_subnets: Vec<Place> =
            view.subnets().iter().map(|subnet| places.place_of_subnet(&view, subnet)).collect();
        let named: Vec<String> = of_subnets.iter().map(ToString::to_string).collect();
        assert_eq!(named, ["baremetal:vault:*:*", "baremetal:shared:*:*"]);
        assert!(
            of_subnets.iter().all(|place| place.groups.iter().any(|group| &**group == "r630")),
            "{of_subnets:?}"
        );
        assert!(Places::of(&join(&Inputs::default())).is_empty());
    }
}

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

//! Makes a View, whole or from the one before it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::addresses::{Claim, Table};
use super::cables::Votes;
use super::cabling::Cabling;
use super::catalog::Catalog;
use super::declared::Declared;
use super::fabric::Fabric;
use super::hypervisors::Hypervisors;
use super::inputs::Inputs;
use super::layout::Layout;
use super::links::Links;
use super::part::Part;
use super::refs::{NodeRef, narrow};
use super::routes::Routes;
use super::target::Chain;
use super::{Overrides, View};
use crate::{Held, Snapshot};

/// Joins what all sources say. Pure, and independent of the order of the sources.
pub fn join(inputs: &Inputs) -> View {
    let held = in_order(inputs);
    let parts = held.iter().map(|held| part_of(held, None)).collect();
    View::assemble(held, parts, Arc::new(inputs.overrides.clone()))
}

/// The sources by name; of two with one name the first stands.
pub(crate) fn in_order(inputs: &Inputs) -> Arc<[Held]> {
    let mut held = inputs.sources.clone();
    held.sort_by(|a, b| a.info.name.cmp(&b.info.name));
    held.dedup_by(|a, b| a.info.name == b.info.name);
    held.into()
}

/// A source's part: the earlier one, where it is of the same snapshot.
pub(crate) fn part_of(held: &Held, earlier: Option<&Arc<Part>>) -> Arc<Part> {
    match (&held.snapshot, earlier) {
        (Some(snapshot), Some(part)) if Arc::ptr_eq(snapshot, &part.snapshot) => part.clone(),
        (Some(snapshot), _) => Arc::new(Part::new(snapshot.clone())),
        (None, _) => Arc::new(Part::new(Arc::new(Snapshot::default()))),
    }
}

impl View {
    pub(crate) fn assemble(held: Arc<[Held]>, parts: Box<[Arc<Part>]>, overrides: Arc<Overrides>) -> Self {
        let layout = Arc::new(Layout::new(&held, &parts));
        let networks = narrow(layout.networks.len());
        let mut view = Self {
            catalog: Arc::new(Catalog::new(&held, &layout, &parts)),
            fabrics: (0..networks).map(|network| Arc::new(Fabric::new(network, &layout, &parts))).collect(),
            declared: (0..networks)
                .map(|network| Arc::new(Declared::new(network, &layout, &parts)))
                .collect(),
            hypervisors: Box::default(),
            tables: Box::default(),
            cabling: Box::default(),
            routes: Arc::new(Routes::new(&held, &layout, &parts)),
            chains: Arc::from([]),
            links: Links::default(),
            decided: BTreeMap::new(),
            overrides,
            held,
            parts,
            layout,
        };
        view.tables = (0..networks).map(|network| Arc::new(view.table(network))).collect();
        view.hypervisors = (0..networks).map(|network| Arc::new(Hypervisors::new(&view, network))).collect();
        view.cabling = (0..narrow(view.parts.len())).map(|source| view.cable_source(source)).collect();
        view.chains = view.routes.targets.iter().map(|target| Arc::new(Chain::of(&view, target))).collect();
        view.links = Links::new(&view);
        view.decide();
        view
    }

    /// All claims of a network.
    fn table(&self, network: u32) -> Table {
        let mut claims: Vec<Claim> = self.declared[network as usize].claims().to_vec();
        self.fabrics[network as usize].claims(&self.parts, &mut claims);
        claims.extend(self.routes.claims.iter().filter(|claim| claim.0 == network).map(|claim| claim.1));
        for source in (0..narrow(self.parts.len())).filter(|source| self.layout.of(*source) == network) {
            claims.extend(self.claims_of_source(source));
        }
        claims.sort_unstable();
        Table::new(claims)
    }

    /// The ports of a source's nodes.
    pub(crate) fn cable_source(&self, source: u32) -> Arc<[Arc<Cabling>]> {
        let network = self.layout.of(source);
        let votes = Votes::new(self, source);
        (0..votes.nodes())
            .map(|index| Arc::new(Cabling::of_node(self, network, NodeRef { source, index }, &votes)))
            .collect()
    }
}

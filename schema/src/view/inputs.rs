//! What the join reads: every source as it is held, and what people decided by hand.

use std::collections::BTreeMap;

use super::HopKind;
use crate::{Held, ObjectId};

/// Everything that a [`View`](super::View) is made from. The order of the sources means nothing.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Each configured source with its last good snapshot. Of two with one name the first stands.
    pub sources: Vec<Held>,
    /// What people decided by hand.
    pub overrides: Overrides,
}

/// Decisions by hand, keyed by the path and the hop that they replace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides {
    by_hop: BTreeMap<ObjectId, BTreeMap<HopKind, Override>>,
}

/// One decision: where a hop leads, whatever the sources say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The object that it leads to; `None`: nowhere. One that is not there, or of another type than the hop's, is kept and leads nowhere.
    pub target: Option<ObjectId>,
    /// A sentence by whoever decided.
    pub reason: Box<str>,
}

impl Overrides {
    /// Decides a hop of a path; answers what was decided before.
    pub fn set(&mut self, path: ObjectId, hop: HopKind, decided: Override) -> Option<Override> {
        self.by_hop.entry(path).or_default().insert(hop, decided)
    }

    /// Forgets a decision: the hop is what the sources say again.
    pub fn clear(&mut self, path: &ObjectId, hop: HopKind) -> Option<Override> {
        let hops = self.by_hop.get_mut(path)?;
        let cleared = hops.remove(&hop);
        if hops.is_empty() {
            self.by_hop.remove(path);
        }
        cleared
    }

    /// What was decided of one path, hop by hop.
    pub fn of(&self, path: &ObjectId) -> Option<&BTreeMap<HopKind, Override>> {
        self.by_hop.get(path)
    }

    /// All decisions, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectId, &BTreeMap<HopKind, Override>)> {
        self.by_hop.iter()
    }

    /// Whether nobody decided anything.
    pub fn is_empty(&self) -> bool {
        self.by_hop.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_stands_until_it_is_cleared() {
        let path = |entry: &str| ObjectId::Path {
            source: "edge".into(),
            reference: "1".into(),
            entry: entry.into(),
        };
        let decided = |reason: &str| Override { target: None, reason: reason.into() };
        let (one, other) = (path("one.example.org"), path("other.example.org"));
        let mut overrides = Overrides::default();
        assert!(overrides.is_empty());
        assert_eq!(overrides.set(one.clone(), HopKind::Guest, decided("first")), None);
        assert_eq!(overrides.set(one.clone(), HopKind::Guest, decided("second")), Some(decided("first")));
        assert_eq!(overrides.set(one.clone(), HopKind::Node, decided("third")), None);
        assert!(!overrides.is_empty() && overrides.iter().count() == 1);
        assert_eq!(overrides.of(&one).map(BTreeMap::len), Some(2));
        assert_eq!(overrides.of(&other), None);

        assert_eq!(overrides.clear(&other, HopKind::Guest), None);
        assert_eq!(overrides.clear(&one, HopKind::Address), None);
        assert_eq!(overrides.clear(&one, HopKind::Guest), Some(decided("second")));
        assert_eq!(overrides.of(&one).map(BTreeMap::len), Some(1));
        assert_eq!(overrides.clear(&one, HopKind::Node), Some(decided("third")));
        assert!(overrides.is_empty() && overrides.of(&one).is_none());
    }
}

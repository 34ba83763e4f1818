//! One hop of a path: what it leads to, how sure that is, and what it rests on.

use std::sync::Arc;

use super::View;
use super::evidence::{Detail, Evidence, JoinRule};
use super::path::Legs;
use super::refs::{ObjectRef, SourceRef};
use crate::fact::{MainList, Seen};
use crate::{SourceState, Timestamp};

/// The five hops, in the order in which a request takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HopKind {
    /// From the public name to the host of a proxy.
    ProxyHost,
    /// From there to an address on the LAN.
    Address,
    /// From there to the guest that bears it.
    Guest,
    /// From there to the hypervisor that it runs on.
    Node,
    /// From there to the port that it is cabled to.
    SwitchPort,
}

impl HopKind {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::ProxyHost, Self::Address, Self::Guest, Self::Node, Self::SwitchPort];
}

/// What became of a hop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HopState {
    /// One object.
    Resolved,
    /// None.
    Missing,
    /// Several, equally good.
    Ambiguous,
    /// A person said.
    Overridden,
}

/// One hop, borrowed from its View.
#[derive(Clone, Copy)]
pub struct Hop<'v> {
    pub(crate) view: &'v View,
    pub(crate) kind: HopKind,
    pub(crate) data: &'v HopData,
    /// The path's hops, this one among them.
    pub(crate) legs: Legs<'v>,
}

/// A hop as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HopData {
    pub(crate) state: HopState,
    pub(crate) target: Option<ObjectRef>,
    /// Where there are several: all of them, in order.
    pub(crate) several: Option<Arc<[ObjectRef]>>,
    pub(crate) evidence: Box<[Evidence]>,
    pub(crate) rests: Rests,
}

/// What a hop rests on: times, never ages.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Rests {
    /// The oldest reading among its objects.
    pub(crate) at: Option<Timestamp>,
    /// One of its objects is marked stale.
    pub(crate) stale: bool,
    /// The sources of its objects, the most telling first, each once.
    pub(crate) sources: Vec<SourceRef>,
}

impl Rests {
    pub(crate) fn on(source: SourceRef, seen: Seen) -> Self {
        Self { at: Some(seen.at), stale: seen.stale, sources: vec![source] }
    }

    pub(crate) fn and(mut self, source: SourceRef, seen: Seen) -> Self {
        self.add(source, seen);
        self
    }

    pub(crate) fn add(&mut self, source: SourceRef, seen: Seen) {
        self.at = Some(self.at.map_or(seen.at, |at| at.min(seen.at)));
        self.stale |= seen.stale;
        if !self.sources.contains(&source) {
            self.sources.push(source);
        }
    }
}

impl HopData {
    pub(crate) fn resolved(target: impl Into<ObjectRef>, evidence: Vec<Evidence>, rests: Rests) -> Self {
        Self {
            state: HopState::Resolved,
            target: Some(target.into()),
            several: None,
            evidence: evidence.into(),
            rests,
        }
    }

    pub(crate) fn ambiguous(several: Vec<ObjectRef>, evidence: Vec<Evidence>, rests: Rests) -> Self {
        Self {
            state: HopState::Ambiguous,
            target: None,
            several: Some(several.into()),
            evidence: evidence.into(),
            rests,
        }
    }

    /// Nothing was found; `detail` says what was looked for.
    pub(crate) fn missing(detail: Detail) -> Self {
        Self {
            state: HopState::Missing,
            target: None,
            several: None,
            evidence: Box::new([Evidence { rule: JoinRule::NotFound, source: None, detail }]),
            rests: Rests::default(),
        }
    }

    /// All that are equally good, in order.
    pub(crate) fn candidates(&self) -> &[ObjectRef] {
        self.several.as_deref().unwrap_or(self.target.as_slice())
    }

    /// Whether it leads to an object.
    pub(crate) fn leads_on(&self) -> bool {
        self.target.is_some()
    }
}

impl<'v> Hop<'v> {
    /// Which of the five it is.
    pub fn kind(self) -> HopKind {
        self.kind
    }

    /// What became of it.
    pub fn state(self) -> HopState {
        self.data.state
    }

    /// What it leads to. An ambiguous hop names none, but the PROXY_HOST hop of a name that two hosts claim: its own.
    pub fn target(self) -> Option<ObjectRef> {
        self.data.target
    }

    /// How many objects are equally good: 0 missing, more than 1 ambiguous (a VIP apart).
    pub fn candidate_count(self) -> usize {
        self.candidates().len()
    }

    /// All of them, in order; clients are shown the first ten that they may see.
    pub fn candidates(self) -> &'v [ObjectRef] {
        self.data.candidates()
    }

    /// Why this join holds, best first; of a missing hop, what was looked for.
    pub fn evidence(self) -> &'v [Evidence] {
        &self.data.evidence
    }

    /// The source that its target's place in the chain is known from.
    pub fn source(self) -> Option<SourceRef> {
        self.data.rests.sources.first().copied()
    }

    /// All sources that it rests on.
    pub fn sources(self) -> &'v [SourceRef] {
        &self.data.rests.sources
    }

    /// The oldest reading that it rests on; `None` for one that rests on none (missing, or decided by hand).
    pub fn collected_at(self) -> Option<Timestamp> {
        self.data.rests.at
    }

    /// Whether it rests on a stale object; of a missing hop, whether a source that could fill it is not CURRENT, or has a
    /// list unread in which it could be.
    pub fn stale(self, now: Timestamp) -> bool {
        match self.data.state {
            HopState::Missing => self.fillable(now),
            _ => {
                self.data.rests.stale
                    || self.data.rests.sources.iter().any(|source| self.not_current(*source, now))
            }
        }
    }

    fn not_current(self, source: SourceRef, now: Timestamp) -> bool {
        self.view.source_state(source, now) != SourceState::Current
    }

    /// Whether a source is not CURRENT, did not read all of these lists in its last collection, or, where addresses are looked
    /// for, does not know those of all its guests.
    fn is_blind(self, source: SourceRef, lists: &[MainList], now: Timestamp) -> bool {
        self.not_current(source, now)
            || !self.view.unread(&[source], lists).is_empty()
            || (lists == MainList::OF_ADDRESSES && self.view.is_blind_to_guests(&[source]))
    }

    /// Whether a missing hop could be filled by a source that is blind. One that is missing because an earlier hop leads
    /// nowhere is as stale as that one.
    fn fillable(self, now: Timestamp) -> bool {
        let layout = &self.view.layout;
        let any = |sources: &[SourceRef], lists: &[MainList]| {
            sources.iter().any(|source| self.is_blind(*source, lists, now))
        };
        match self.data.evidence.first().map(|evidence| &evidence.detail) {
            Some(Detail::After { hop }) if *hop < self.kind => self.legs.hop(self.view, *hop).stale(now),
            Some(Detail::UnknownName { .. } | Detail::Loop { .. }) => {
                any(layout.fillers(0, HopKind::ProxyHost), MainList::OF_SERVED_NAMES)
            }
            Some(Detail::NoProxy { forward }) => {
                let proxies = layout.fillers(0, HopKind::ProxyHost).iter().copied();
                let mut bearing = proxies.filter(|proxy| self.view.bears(*proxy, *forward));
                bearing.any(|proxy| self.is_blind(proxy, MainList::OF_PROXIES, now))
            }
            // Guests, nodes and declared entries bear names; a controller's clients and devices do not.
            Some(Detail::NameUnborne { .. }) => {
                any(layout.name_bearers(self.legs.network), MainList::OF_NAMES)
            }
            // Nobody but its own cluster says where a guest runs.
            Some(Detail::Unplaced { guest }) => self.not_current(guest.source(), now),
            // Nobody but the host's own source says where it leads, and the hop before rests on that.
            Some(Detail::NoTarget | Detail::DeadHost { .. } | Detail::Loopback { .. }) => false,
            _ => any(layout.fillers(self.legs.network, self.kind), MainList::OF_ADDRESSES),
        }
    }
}

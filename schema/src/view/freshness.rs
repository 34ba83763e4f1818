//! Sources: which there are, how good each is at a moment, and when that turns by time alone.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::View;
use super::refs::{ClusterRef, NetworkRef, SourceRef, narrow};
use crate::fact::MainList;
use crate::{Held, SourceState, Timestamp};

impl View {
    /// All sources, by name.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = SourceRef> + DoubleEndedIterator + use<> {
        (0..narrow(self.held.len())).map(SourceRef)
    }

    /// A source with its last good snapshot and how the attempts since went.
    pub fn held(&self, source: SourceRef) -> &Held {
        &self.held[source.0 as usize]
    }

    /// The source of that name.
    pub fn source_named(&self, name: &str) -> Option<SourceRef> {
        self.held
            .binary_search_by(|held| (*held.info.name).cmp(name))
            .ok()
            .map(|place| SourceRef(narrow(place)))
    }

    /// How good a source is.
    pub fn source_state(&self, source: SourceRef, now: Timestamp) -> SourceState {
        self.held(source).state(now)
    }

    /// Whether an object of a source is stale: marked so, or its source is not CURRENT.
    pub fn is_stale(&self, source: SourceRef, seen: crate::fact::Seen, now: Timestamp) -> bool {
        seen.stale || self.source_state(source, now) != SourceState::Current
    }

    /// When the next state of a source turns by time alone, if one will: a View of its own is published then.
    pub fn next_turn(&self, now: Timestamp) -> Option<Timestamp> {
        self.held.iter().filter_map(Held::turns_stale_at).filter(|turn| *turn > now).min()
    }

    /// All networks, by name.
    pub fn networks(&self) -> impl ExactSizeIterator<Item = NetworkRef> + use<> {
        (0..narrow(self.layout.networks.len())).map(NetworkRef)
    }

    /// A network's name.
    pub fn network_name(&self, network: NetworkRef) -> &Arc<str> {
        self.layout.network_name(network)
    }

    /// The network of that name.
    pub fn network_named(&self, name: &str) -> Option<NetworkRef> {
        self.layout.find(name).map(NetworkRef)
    }

    /// The network of a source.
    pub fn network_of(&self, source: SourceRef) -> NetworkRef {
        NetworkRef(self.layout.of(source.0))
    }

    /// Whether every source that could know an address of the network has answered for the lists that could hold it, and
    /// knows what each of its guests bears.
    pub(crate) fn all_answered(&self, network: u32) -> bool {
        let mut witnesses = self.layout.witnesses[network as usize].iter();
        witnesses.all(|source| {
            self.held(*source).has_answered_for(MainList::OF_ADDRESSES)
                && !self.is_blind_to_guests(&[*source])
        })
    }

    /// Whether some of these sources lists guests of which nobody knows what they bear, though they may bear it now.
    pub(crate) fn is_blind_to_guests(&self, sources: &[SourceRef]) -> bool {
        sources
            .iter()
            .map(|source| self.parts[source.0 as usize].unknown)
            .any(|one| one.not_yet || one.failed)
    }

    /// Whether the source lists guests of which it has not read yet what they bear: soon it knows more. One that cannot be
    /// read is not waited for.
    pub fn is_reading_guests(&self, source: SourceRef) -> bool {
        self.parts[source.0 as usize].unknown.not_yet
    }

    /// The lists among these that some source of those has not read in full, each once.
    pub(crate) fn unread(&self, sources: &[SourceRef], lists: &[MainList]) -> BTreeSet<MainList> {
        let snapshots = sources.iter().filter_map(|source| self.held(*source).snapshot.as_ref());
        let unread = snapshots.flat_map(|snapshot| &snapshot.unread).map(|unread| unread.list);
        unread.filter(|list| lists.contains(list)).collect()
    }

    /// The sources that are clusters: those that have told of one, of a node or of a guest.
    pub fn clusters(&self) -> impl Iterator<Item = ClusterRef> + '_ {
        (0u32..)
            .zip(&self.parts)
            .filter(|(_, part)| {
                part.facts().cluster.is_some() || !part.nodes.is_empty() || !part.guests.is_empty()
            })
            .map(|(source, _)| ClusterRef(source))
    }

    /// The cluster of that name (its source's).
    pub fn cluster_named(&self, name: &str) -> Option<ClusterRef> {
        let source = self.source_named(name)?;
        self.clusters().find(|cluster| cluster.0 == source.0)
    }
}

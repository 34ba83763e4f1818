//! Today's findings of a View: every rule in one list, in the order of the findings' keys.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{DriftKind, Finding, FindingKey, Severity};
use super::{addresses, cabling, certificates, declared, owners, upstreams, vlans};
use crate::view::{AssignmentRef, NetworkRef, ObjectRef, SourceRef, View};
use crate::{ObjectId, Timestamp};

/// Every finding there is now. `now` matters to certificates alone; everything else follows from the View.
pub fn find(view: &View, now: Timestamp) -> Vec<Finding> {
    let mut found = Findings { view, found: BTreeMap::new() };
    for network in view.networks() {
        let site = Site::new(view, network);
        addresses::find(&site, &mut found);
        declared::find(&site, &mut found);
        vlans::find(&site, &mut found);
        cabling::find(&site, &mut found);
    }
    upstreams::find(view, &mut found);
    certificates::find(view, now, &mut found);
    owners::find(view, &mut found);
    found.found.into_values().collect()
}

/// Findings as the rules report them. Where two reports have one key, the first one stands.
pub(super) struct Findings<'v> {
    pub(super) view: &'v View,
    found: BTreeMap<FindingKey, Finding>,
}

/// What a rule has to say; the rest follows.
pub(super) struct Report {
    pub(super) kind: DriftKind,
    pub(super) severity: Severity,
    pub(super) subject: String,
    pub(super) about: Option<ObjectRef>,
    pub(super) declared: Option<String>,
    pub(super) observed: Option<String>,
    pub(super) message: String,
    pub(super) sources: Vec<SourceRef>,
}

impl Findings<'_> {
    pub(super) fn report(&mut self, report: Report) {
        let held = report.sources.iter().map(|source| self.view.held(*source));
        let mut sources: Vec<Arc<str>> = held.clone().map(|held| Arc::clone(&held.info.name)).collect();
        sources.sort();
        sources.dedup();
        let key = FindingKey { kind: report.kind, subject: report.subject.into() };
        let about: Option<ObjectId> = report.about.map(|object| self.view.id(object));
        let finding = Finding {
            key: key.clone(),
            severity: report.severity,
            about,
            declared: report.declared.map(Into::into),
            observed: report.observed.map(Into::into),
            message: report.message.into(),
            sources,
            seen: held.filter_map(crate::Held::collected_at).min().unwrap_or_default(),
        };
        self.found.entry(key).or_insert(finding);
    }
}

/// One network, and who speaks of it.
pub(super) struct Site<'v> {
    pub(super) view: &'v View,
    pub(super) network: NetworkRef,
    /// Its Proxmox sources and controllers: those that see what is.
    pub(super) observers: Vec<SourceRef>,
    /// All of them have answered: what they do not show is not there.
    pub(super) seen_whole: bool,
    /// The sources whose word about addresses is written down, as far as they have answered.
    pub(super) declarers: Vec<SourceRef>,
}

impl<'v> Site<'v> {
    fn new(view: &'v View, network: NetworkRef) -> Self {
        let of_kinds = |kinds: &[&str]| -> Vec<SourceRef> {
            let here = view.sources().filter(|source| view.network_of(*source) == network);
            here.filter(|source| kinds.contains(&&*view.held(*source).info.kind)).collect()
        };
        let observers = of_kinds(&["proxmox", "unifi"]);
        let answered = |source: &SourceRef| view.held(*source).snapshot.is_some();
        let seen_whole = !observers.is_empty() && observers.iter().all(answered);
        let mut declarers: Vec<SourceRef> = view
            .assignments()
            .iter()
            .filter(|assignment| {
                view.assignment_address(*assignment).is_some_and(|address| address.network() == network)
            })
            .map(AssignmentRef::source)
            .collect();
        declarers.sort_unstable();
        declarers.dedup();
        Self { view, network, observers, seen_whole, declarers }
    }

    /// The network as subjects name it: nothing where it is the default one.
    pub(super) fn suffix(&self) -> String {
        suffix(self.view, self.network)
    }
}

/// How a subject names a network: nothing where it is the default one.
pub(super) fn suffix(view: &View, network: NetworkRef) -> String {
    let name = view.network_name(network);
    if &**name == "default" { String::new() } else { format!(" ({name})") }
}

//! Today's findings of a View: every rule in one list, in the order of the findings' keys.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::clusters::Clusters;
use super::look::Look;
use super::site::Site;
use super::written::Written;
use super::{DriftKind, Finding, FindingKey, Severity};
use super::{addresses, cabling, certificates, declared, guests, owners, upstreams, vlans};
use crate::view::{NetworkRef, ObjectRef, SourceRef, View};
use crate::{ObjectId, Timestamp};

/// Every finding there is now. `now` matters to certificates alone; everything else follows from the View.
///
/// Each list is walked once: 100,000 guests are looked at several times a minute.
pub fn find(view: &View, now: Timestamp) -> Look {
    let mut found = Findings { view, found: BTreeMap::new(), undecided: BTreeSet::new() };
    let sites = Site::all(view);
    let clusters = Clusters::new(view);
    let written = Written::new(view, &clusters);
    addresses::find(&sites, &mut found);
    for site in &sites {
        declared::find(site, &clusters, &written, &mut found);
        vlans::find(site, &mut found);
        cabling::find(site, &clusters, &mut found);
    }
    guests::find(&sites, &clusters, &written, &mut found);
    upstreams::find(&sites, &mut found);
    certificates::find(view, now, &mut found);
    owners::find(view, &mut found);
    Look { findings: found.found.into_values().collect(), undecided: found.undecided }
}

/// Findings as the rules report them.
pub(super) struct Findings<'v> {
    pub(super) view: &'v View,
    found: BTreeMap<FindingKey, Finding>,
    undecided: BTreeSet<FindingKey>,
}

/// What a rule has to say; the rest follows.
pub(super) struct Report {
    pub(super) kind: DriftKind,
    pub(super) severity: Severity,
    pub(super) subject: String,
    pub(super) about: Option<ObjectRef>,
    /// What else the texts name.
    pub(super) names: Vec<ObjectRef>,
    pub(super) declared: Option<String>,
    pub(super) observed: Option<String>,
    pub(super) message: String,
    /// Everybody whose word could make it or unmake it, so that nobody's silence resolves it.
    pub(super) sources: Vec<SourceRef>,
}

impl Findings<'_> {
    /// Takes a report where it is certain. Where it is not, nothing new is said, and nothing that was said before is unsaid.
    pub(super) fn report_if(&mut self, certain: bool, report: Report) {
        if certain {
            self.report(report);
        } else {
            self.leave_undecided(report.kind, report.subject);
        }
    }

    /// Notes that nobody can tell whether there is such a finding.
    pub(super) fn leave_undecided(&mut self, kind: DriftKind, subject: String) {
        self.undecided.insert(FindingKey { kind, subject: subject.into() });
    }

    /// Takes a report. Where two have one key the first one's words stand, and it rests on the sources of both.
    pub(super) fn report(&mut self, mut report: Report) {
        report.sources.sort_unstable();
        report.sources.dedup();
        let held = || report.sources.iter().map(|source| self.view.held(*source));
        let sources = held().map(|held| held.info.name.clone()).collect();
        let seen = held().filter_map(crate::Held::collected_at).min().unwrap_or_default();
        let key = FindingKey { kind: report.kind, subject: report.subject.into() };
        let about: Option<ObjectId> = report.about.map(|object| self.view.id(object));
        let finding = Finding {
            key: key.clone(),
            severity: report.severity,
            about,
            names: Some(report.names.iter().map(|object| self.view.id(*object)).collect()),
            declared: report.declared.map(Into::into),
            observed: report.observed.map(Into::into),
            message: report.message.into(),
            sources,
            seen,
        };
        match self.found.entry(key) {
            Entry::Vacant(place) => {
                place.insert(finding);
            }
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.names = known.names.take().zip(finding.names).map(|(own, more)| [own, more].concat());
                known.sources.extend(finding.sources);
                known.sources.sort();
                known.sources.dedup();
                known.seen = known.seen.min(finding.seen);
                known.severity = known.severity.max(finding.severity);
            }
        }
    }
}

/// How a subject names a network: nothing where it is the default one.
pub(super) fn suffix(view: &View, network: NetworkRef) -> String {
    let name = view.network_name(network);
    if &**name == "default" { String::new() } else { format!(" ({name})") }
}

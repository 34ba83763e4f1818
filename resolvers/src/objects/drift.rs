//! Drift findings, with their memory.

use std::cmp::Ordering;

use resolvers_macros::object;
use schema::ObjectId;
use schema::drift::{DriftKind as Kind, Tracked};

use super::{Many as _, Source};
use crate::RequestContext;
use crate::enums::{DriftKind, FindingState, Severity};
use crate::page::Listed;
use crate::scalar::{DateTime, Id};

/// A finding and its history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DriftFinding<'v> {
    context: &'v RequestContext,
    tracked: &'v Tracked,
}

impl<'v> DriftFinding<'v> {
    pub(crate) fn new(context: &'v RequestContext, tracked: &'v Tracked) -> Self {
        Self { context, tracked }
    }

    /// The finding of this identity.
    pub(crate) fn find(context: &'v RequestContext, kind: &str, subject: &str) -> Option<Self> {
        let kind: Kind = kind.parse().ok()?;
        let order = |tracked: &Tracked| {
            (tracked.finding.key.kind, &*tracked.finding.key.subject).cmp(&(kind, subject))
        };
        let place = context.findings.binary_search_by(order).ok()?;
        Some(Self::new(context, &context.findings[place]))
    }
}

impl Listed for DriftFinding<'_> {
    const CONNECTION: &'static str = "DriftFindingConnection";
    const EDGE: &'static str = "DriftFindingEdge";

    fn key(&self) -> ObjectId {
        self.tracked.finding.key.id()
    }

    /// By kind in the schema's order, then by subject.
    fn place(&self, other: &ObjectId) -> Ordering {
        let own = &self.tracked.finding.key;
        match other {
            ObjectId::DriftFinding { kind, subject } => {
                let kind: Result<Kind, ()> = kind.parse();
                kind.map_or(Ordering::Greater, |kind| own.kind.cmp(&kind))
                    .then_with(|| own.subject.cmp(subject))
            }
            _ => self.key().cmp(other),
        }
    }
}

/// One disagreement between what people wrote down and what is, or between two things that are.
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> DriftFinding<'v> {
    fn id(&self) -> Id {
        Id(self.key())
    }

    pub(crate) fn kind(&self) -> DriftKind {
        self.tracked.finding.key.kind.into()
    }

    pub(crate) fn severity(&self) -> Severity {
        self.tracked.finding.severity.into()
    }

    /// What it is about, in words that name it for good.
    pub(crate) fn subject(&self) -> &'v str {
        &self.tracked.finding.key.subject
    }

    /// What was written down.
    fn declared(&self) -> Option<&'v str> {
        self.tracked.finding.declared.as_deref()
    }

    /// What was found.
    fn observed(&self) -> Option<&'v str> {
        self.tracked.finding.observed.as_deref()
    }

    fn message(&self) -> &'v str {
        &self.tracked.finding.message
    }

    fn first_seen(&self) -> DateTime {
        DateTime(self.tracked.first_seen)
    }

    fn last_seen(&self) -> DateTime {
        DateTime(self.tracked.last_seen)
    }

    /// Missing data never resolves a finding: it becomes UNKNOWN.
    pub(crate) fn state(&self) -> FindingState {
        self.tracked.state.into()
    }

    /// The sources that it rests on.
    fn sources(&self) -> Vec<Source<'v>> {
        let named =
            self.tracked.finding.sources.iter().filter_map(|name| self.context.view.source_named(name));
        Source::all(self.context, named)
    }
}

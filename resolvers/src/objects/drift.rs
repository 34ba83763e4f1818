//! Drift findings, with their memory.

use std::cmp::Ordering;

use resolvers_macros::object;
use schema::ObjectId;
use schema::drift::{DriftKind as Kind, Tracked};
use schema::policy::Permission;
use schema::view::ObjectRef;

use super::{Many as _, Source};
use crate::RequestContext;
use crate::access::{Seen, sees, whole};
use crate::enums::{DriftKind, FindingState, Severity};
use crate::page::Listed;
use crate::scalar::{DateTime, Id};

/// A finding and its history.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DriftFinding<'v> {
    context: &'v RequestContext,
    tracked: &'v Tracked,
    _seen: Seen,
}

impl<'v> DriftFinding<'v> {
    /// The finding, where the caller may see what it is about. What is about nothing that is there any more shows to
    /// whoever may see each source that it rests on.
    pub(crate) fn see(context: &'v RequestContext, tracked: &'v Tracked) -> Option<Self> {
        let finding = Self { context, tracked, _seen: whole() };
        let about = tracked.finding.about.as_ref().and_then(|id| context.view.find(id));
        let visible = match about {
            // Its subject is the certificate's name, which may list names that the caller may not see.
            Some(ObjectRef::Certificate(at)) => context.may_at(Permission::InventoryRead, at.source()),
            Some(object) => sees(context, object),
            None => finding.sees_its_sources(),
        };
        visible.then_some(finding)
    }

    /// As it is kept.
    pub(crate) fn tracked(&self) -> &'v Tracked {
        self.tracked
    }

    /// The caller may see every source that it rests on, at the source's own place.
    fn sees_its_sources(&self) -> bool {
        let view = &self.context.view;
        let mut sources = self.tracked.finding.sources.iter();
        sources.all(|name| {
            let source = view.source_named(name);
            source.is_some_and(|source| self.context.may_at(Permission::InventoryRead, source))
        })
    }

    /// The caller may see all that the texts name. Of a finding from before that was kept nobody knows what they name.
    pub(crate) fn tells(&self) -> bool {
        let view = &self.context.view;
        // Nobody knows any more where stood what is gone: it is told to who sees the sources that told of it.
        let gone = std::cell::OnceCell::new();
        let seen = |id: &ObjectId| match view.find(id) {
            Some(object) => sees(self.context, object),
            None => *gone.get_or_init(|| self.sees_its_sources()),
        };
        match &self.tracked.finding.names {
            Some(names) => names.iter().all(seen),
            None => self.sees_its_sources(),
        }
    }

    /// The finding of this identity.
    pub(crate) fn find(context: &'v RequestContext, kind: &str, subject: &str) -> Option<Self> {
        let kind: Kind = kind.parse().ok()?;
        let order = |tracked: &Tracked| {
            (tracked.finding.key.kind, &*tracked.finding.key.subject).cmp(&(kind, subject))
        };
        let place = context.findings.binary_search_by(order).ok()?;
        Self::see(context, &context.findings[place])
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

    /// What was written down; null for who may not see all that it names.
    fn declared(&self) -> Option<&'v str> {
        self.tracked.finding.declared.as_deref().filter(|_| self.tells())
    }

    /// What was found; null for who may not see all that it names.
    fn observed(&self) -> Option<&'v str> {
        self.tracked.finding.observed.as_deref().filter(|_| self.tells())
    }

    /// Says no more than that to who may not see all that it names.
    fn message(&self) -> &'v str {
        if self.tells() {
            &self.tracked.finding.message
        } else {
            "it concerns something that you may not see"
        }
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

//! Freshness: the sources, what is wrong with them, and where each value comes from.

use resolvers_macros::object;
use schema::fact::Seen;
use schema::policy::Permission;
use schema::source::Failure;
use schema::view::SourceRef;
use schema::{Held, Problem};

use super::{Many as _, handles};
use crate::RequestContext;
use crate::enums::{SourceErrorCode, SourceState};
use crate::page::first_of;
use crate::scalar::{DateTime, Id};

handles! {
    /// A configured upstream.
    Source(SourceRef);
}

/// Something that could not be read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SourceProblem<'v>(&'v Problem);

/// Why an attempt failed as a whole.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SourceError<'v>(&'v Failure);

/// Where a value comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Provenance<'v> {
    context: &'v RequestContext,
    source: SourceRef,
    seen: Seen,
}

impl<'v> Provenance<'v> {
    pub(crate) fn new(context: &'v RequestContext, source: SourceRef, seen: Seen) -> Self {
        Self { context, source, seen }
    }
}

impl<'v> Source<'v> {
    fn held(&self) -> &'v Held {
        self.context.view.held(self.at)
    }

    /// The caller may see it at its own place, and not only through something that it told of.
    fn is_own(&self) -> bool {
        self.context.may_at(Permission::InventoryRead, self.at)
    }

    /// The caller may see all that it told of.
    fn is_seen_whole(&self) -> bool {
        let view = &self.context.view;
        let of_it = |subnet: &schema::view::SubnetRef| subnet.source() == self.at;
        let mut places = self.context.sight().places().within(self.at);
        places.all(|at| self.context.may(Permission::InventoryRead, at))
            && view
                .subnets()
                .iter()
                .filter(of_it)
                .all(|subnet| self.context.may_at_subnet(Permission::InventoryRead, subnet))
            && (&*self.held().info.kind != "stripe"
                || self.context.may_at(Permission::BillingRead, self.at)
                    && self.context.may_at(Permission::OrganizationRead, self.at))
    }
}

/// One configured upstream (a Proxmox cluster, a UniFi controller, an NPM instance, the IPAM database, ...).
#[object(requires = "inventory:read", implements = "Node")]
impl<'v> Source<'v> {
    fn id(&self) -> Id {
        Id(self.context.view.id(self.at))
    }

    /// The name given in the configuration.
    fn name(&self) -> &'v str {
        &self.held().info.name
    }

    /// proxmox, unifi, npm, ipam, stripe, declared, agent, ...
    fn kind(&self) -> &'v str {
        &self.held().info.kind
    }

    fn state(&self) -> SourceState {
        self.context.view.source_state(self.at, self.context.now).into()
    }

    /// When the data now served was read; null: never.
    fn collected_at(&self) -> Option<DateTime> {
        self.held().collected_at().map(DateTime)
    }

    fn age_seconds(&self) -> Option<f64> {
        self.held().collected_at().map(|at| self.context.now.since(at).as_secs_f64())
    }

    fn interval_seconds(&self) -> f64 {
        self.held().info.interval.as_secs_f64()
    }

    fn last_attempt_at(&self) -> Option<DateTime> {
        self.held().last_attempt.map(DateTime)
    }

    /// Why the last attempt failed; the data served is then older than collectedAt suggests it should be. Null for who
    /// sees the source only through something of it.
    fn error(&self) -> Option<SourceError<'v>> {
        if !self.is_own() {
            return None;
        }
        self.held().failure.as_ref().map(SourceError)
    }

    /// How many objects it told of; null before its first answer, and for who may not see all of it.
    fn object_count(&self) -> Option<usize> {
        if !self.is_seen_whole() {
            return None;
        }
        self.held().snapshot.as_ref().map(|snapshot| snapshot.facts.len())
    }

    fn last_duration_ms(&self) -> Option<f64> {
        self.held().last_duration.map(|took| took.as_secs_f64() * 1000.0)
    }

    /// Objects that could not be read this time; none for who sees the source only through something of it.
    fn problems(&self, #[default(20)] first: i32) -> Result<Vec<SourceProblem<'v>>, crate::Refusal> {
        let snapshot = self.held().snapshot.as_ref().filter(|_| self.is_own());
        let problems = snapshot.map_or(&[][..], |snapshot| &snapshot.problems);
        Ok(problems.iter().take(first_of("problems", first)?).map(SourceProblem).collect())
    }
}

/// An object that could not be read, or was not believed.
#[object]
impl<'v> SourceProblem<'v> {
    fn code(&self) -> SourceErrorCode {
        self.0.code.into()
    }

    /// What it is about, in the source's own words.
    fn subject(&self) -> &'v str {
        &self.0.subject
    }

    fn message(&self) -> &'v str {
        &self.0.message
    }

    /// When it was first met, if it has lasted.
    fn since(&self) -> DateTime {
        DateTime(self.0.since)
    }
}

/// Why a source does not answer, and since when.
#[object]
impl<'v> SourceError<'v> {
    fn code(&self) -> SourceErrorCode {
        self.0.code.into()
    }

    fn message(&self) -> &'v str {
        &self.0.message
    }

    /// When the first attempt of this row of failures ended.
    fn since(&self) -> DateTime {
        DateTime(self.0.since)
    }

    /// How many attempts in a row have failed.
    fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// When it will be tried again.
    fn next_attempt_at(&self) -> Option<DateTime> {
        self.0.next_attempt.map(DateTime)
    }
}

/// Where a value comes from. On every object that a source reported.
#[object]
impl<'v> Provenance<'v> {
    fn source(&self) -> Source<'v> {
        Source::whole(self.context, self.source)
    }

    fn collected_at(&self) -> DateTime {
        DateTime(self.seen.at)
    }

    /// Its last reading failed or is held back, or its source is not CURRENT.
    fn stale(&self) -> bool {
        self.context.view.is_stale(self.source, self.seen, self.context.now)
    }
}

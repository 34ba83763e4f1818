//! One request's hold on the world: what it reads, and how it changes something.
//!
//! A change is written into the audit log, then made, then its outcome is written; in a task of its own, because a client
//! that goes away must not leave a change half made (docs/adr/0015-audit-before-effect.md).

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use resolvers::{Access, Act, Attempt, Because, Change, Denials, Done, NotDone, RequestContext, Unconfirmed};
use schema::drift::Acknowledgement;
use schema::policy::{Decisions, Principal};
use store::audit::{self, Actor, Decision, Entry};
use store::overrides::{self, DecideError};
use store::{Database, QueryError};

use super::Fleet;
use crate::audit::{DeniedReads, actor};
use crate::auth::{self, Authenticate};
use crate::clock::Clock;
use crate::http::Asked;
use crate::policy::Current;

/// Everything that requests read and change.
pub(super) struct World {
    pub(super) fleet: Arc<Fleet>,
    pub(super) auth: Arc<dyn Authenticate>,
    pub(super) policies: Current,
    pub(super) decisions: Arc<Decisions>,
    pub(super) database: Database,
    pub(super) denied: DeniedReads,
    pub(super) clock: Clock,
}

impl World {
    /// What one request reads, and its way to change something.
    pub(super) fn context(self: &Arc<Self>, asked: &Asked) -> RequestContext {
        let actor = actor(&asked.caller, &asked.request_id);
        let denials = {
            let (world, actor) = (Arc::clone(self), actor.clone());
            Denials::telling(move |what| world.denied.take(&actor, what, (world.clock)()))
        };
        let acting =
            Acting { world: Arc::clone(self), asked: asked.clone(), actor, denials: denials.clone() };
        let access = self.access(&asked.caller.principal, denials).acting(Arc::new(acting));
        self.fleet.context(access)
    }

    fn access(&self, principal: &Arc<Principal>, denials: Denials) -> Access {
        Access::of(self.decisions.asking(self.policies.now(), Arc::clone(principal))).noting(denials)
    }

    /// Writes an attempt down.
    async fn write(&self, actor: Actor, attempt: Attempt, decision: Decision) -> Result<Entry, QueryError> {
        let row = audit::Attempt {
            at: (self.clock)(),
            actor,
            action: attempt.action,
            permission: attempt.permission.name(),
            target: attempt.target.into(),
            place: attempt.place.map(|place| place.to_string().into()),
            decision,
            reason: attempt.reason.map(Into::into),
            before: attempt.before,
            after: attempt.after,
        };
        audit::attempt(&self.database, &row).await.inspect_err(|error| {
            let (request_id, action) = (&*row.actor.request_id, row.action);
            tracing::error!(%error, request_id, action, "an attempt could not be written into the audit log");
        })
    }

    /// Makes a change that is written down, and writes down what came of it. Whether a source was collected for it.
    async fn make(&self, entry: Entry, by: &str, change: Change) -> Result<bool, NotDone> {
        let at = (self.clock)();
        let stored = match change {
            Change::Refresh(source) => return self.refresh(entry, &source).await,
            Change::Override { path, hop, decided: Some(decided) } => {
                let decision = overrides::Decision { path, hop, decided, by: by.into(), at };
                overrides::decide(&self.database, &decision, Some(entry)).await
            }
            Change::Override { path, hop, decided: None } => {
                overrides::clear(&self.database, &path, hop, Some((entry, at))).await.map(|_| ())
            }
            Change::Acknowledge(key, word) => {
                let given = Acknowledgement { key, word, at };
                store::drift::acknowledge(&self.database, &given, Some(entry)).await.map_err(Into::into)
            }
        };
        let not_done = match stored {
            Ok(()) if self.fleet.reread().await => return Ok(false),
            Ok(()) => {
                let words = "it was stored, but this gateway could not read it back yet: ask again";
                return Err(NotDone::Unavailable(words.to_owned()));
            }
            Err(DecideError::Invalid(words)) => NotDone::Invalid(words.to_owned()),
            Err(error @ DecideError::Database(_)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a change could not be stored");
                NotDone::Unavailable("the database did not take it: ask again later".to_owned())
            }
        };
        let (NotDone::Invalid(words) | NotDone::Unavailable(words)) = &not_done else { return Err(not_done) };
        self.not_made(entry, words).await;
        Err(not_done)
    }

    async fn refresh(&self, entry: Entry, source: &str) -> Result<bool, NotDone> {
        let Some(refreshed) = self.fleet.refresh(source).await else {
            let words = "the gateway is stopping, or the source is gone";
            self.not_made(entry, words).await;
            return Err(NotDone::Unavailable(words.to_owned()));
        };
        if let Some(failure) = &refreshed.held.failure {
            self.not_made(entry, &failure.message).await;
            return Ok(refreshed.collected);
        }
        let collected_at = refreshed.held.collected_at().map(|at| resolvers::date_time(at).to_string());
        let after = serde_json::json!({ "collectedAt": collected_at, "collected": refreshed.collected });
        if let Err(error) = audit::done(&self.database, entry, (self.clock)(), Some(&after)).await {
            tracing::error!(%error, "the outcome of an attempt could not be written into the audit log");
        }
        Ok(refreshed.collected)
    }

    async fn not_made(&self, entry: Entry, words: &str) {
        if let Err(error) = audit::not_done(&self.database, entry, (self.clock)(), words).await {
            tracing::error!(%error, "the outcome of an attempt could not be written into the audit log");
        }
    }
}

/// One request's way to change something.
struct Acting {
    world: Arc<World>,
    asked: Asked,
    actor: Actor,
    denials: Denials,
}

impl Acting {
    /// What is known now, with the rights of a confirmed principal.
    async fn confirmed(&self) -> Result<Access, Unconfirmed> {
        let principal = self.world.auth.confirm(&self.asked.caller).await.map_err(|error| match error {
            auth::Unconfirmed::Inactive => Unconfirmed::Inactive,
            auth::Unconfirmed::Unreachable => Unconfirmed::Unreachable,
        })?;
        Ok(self.world.access(&principal, self.denials.clone()))
    }
}

#[async_trait]
impl Act for Acting {
    async fn begin(&self) -> Result<RequestContext, Unconfirmed> {
        Ok(self.world.fleet.context(self.confirmed().await?))
    }

    async fn refused(&self, attempt: Attempt, because: Because) {
        let decision = match because {
            Because::Denied(words) => Decision::Denied(words.into()),
            Because::Failed(words) => Decision::Failed(words.into()),
        };
        // Logged where it failed; the caller is refused either way.
        let _ = self.world.write(self.actor.clone(), attempt, decision).await;
    }

    async fn carry_out(
        &self,
        confirmed: &RequestContext,
        attempt: Attempt,
        change: Change,
    ) -> Result<Done, NotDone> {
        let (world, actor) = (Arc::clone(&self.world), self.actor.clone());
        let making = tokio::spawn(async move {
            let by = actor.subject.clone();
            let entry = world.write(actor, attempt, Decision::Allowed).await;
            let entry = entry.map_err(|_| NotDone::NotWrittenDown)?;
            world.make(entry, &by, change).await
        });
        let made = making.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a change ended before its time");
            Err(NotDone::Unavailable(
                "something went wrong here; whether it was done, its target shows".to_owned(),
            ))
        });
        let collected = made?;
        Ok(Done { context: self.world.fleet.context(confirmed.access.clone()), collected })
    }
}

impl fmt::Debug for Acting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acting").field("actor", &self.actor).finish_non_exhaustive()
    }
}

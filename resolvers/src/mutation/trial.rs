//! What every mutation goes through: confirmed, permitted at its target's place, written down, and only then done.

use std::sync::Arc;

use schema::policy::Permission;
use serde_json::Value;

use super::act::{Act, Attempt, Because, Change, Done, NotDone, Unconfirmed};
use super::place::Standing;
use super::user_error::{UserError, UserErrorCode};
use crate::{Refusal, RequestContext};

/// Longest reason, in characters: what the tables take.
const LONGEST_REASON: usize = 2000;
/// Longest id of a target that is written down, in characters.
const LONGEST_TARGET: usize = 2000;

/// One attempt, of a caller who is confirmed and holds the permission somewhere.
pub(super) struct Trial {
    act: Arc<dyn Act>,
    /// What is known, with the rights that were confirmed.
    pub(super) context: RequestContext,
    /// As it will be written down.
    pub(super) attempt: Attempt,
}

impl Trial {
    /// Begins an attempt: asks the issuer, and refuses whoever holds the permission nowhere before anything is said of the
    /// target.
    pub(super) async fn begin(
        request: &RequestContext,
        action: &'static str,
        permission: Permission,
        target: &str,
        reason: Option<&str>,
    ) -> Result<Self, Refusal> {
        let cut = |text: &str, most| text.chars().take(most).collect::<String>();
        let attempt = Attempt {
            action,
            permission,
            target: cut(target, LONGEST_TARGET),
            place: None,
            reason: reason.map(|reason| cut(reason, LONGEST_REASON)),
            before: None,
            after: None,
        };
        // The program's own reading changes nothing.
        let act = request.access.act().cloned().ok_or(Refusal::Internal)?;
        let context = match act.begin().await {
            Ok(context) => context,
            Err(unconfirmed) => {
                let (words, refusal) = match unconfirmed {
                    Unconfirmed::Inactive => ("the token is no longer active", Refusal::Unauthenticated),
                    Unconfirmed::Unreachable => {
                        let words = "the issuer cannot be asked whether the token is still active";
                        (words, Refusal::Unconfirmed { permission })
                    }
                };
                act.refused(attempt, Because::Denied(words.to_owned())).await;
                return Err(refusal);
            }
        };
        let trial = Self { act, context, attempt };
        if trial.context.may_somewhere(permission) {
            Ok(trial)
        } else {
            Err(trial.denied(&Standing::default()).await)
        }
    }

    /// Goes on if the permission is held at one of the places where the target stands; each of them will do.
    pub(super) async fn at(mut self, stands: &[Standing]) -> Result<Self, Refusal> {
        let permission = self.attempt.permission;
        let permits =
            |at: &&Standing| self.context.access.permits(permission, &at.place, at.owner.as_deref());
        let held = stands.iter().find(permits);
        self.attempt.place = held.or(stands.first()).map(|at| at.place.clone());
        if held.is_some() {
            return Ok(self);
        }
        let first = stands.first().cloned().unwrap_or_default();
        Err(self.denied(&first).await)
    }

    /// Writes down what stands there, and what is to.
    pub(super) fn weighing(mut self, before: Value, after: Value) -> Self {
        self.attempt.before = Some(before);
        self.attempt.after = Some(after);
        self
    }

    /// Ends the attempt: the caller might, but it cannot be done.
    pub(super) async fn fails(self, error: UserError) -> (RequestContext, UserError) {
        self.act.refused(self.attempt, Because::Failed(error.words())).await;
        (self.context, error)
    }

    /// Does it.
    pub(super) async fn carry_out(self, change: Change) -> Result<Done, (RequestContext, UserError)> {
        let unavailable = |words: String| UserError::new(UserErrorCode::Unavailable, None, words);
        let done = self.act.carry_out(&self.context, self.attempt, change).await;
        done.map_err(|not_done| {
            let error = match not_done {
                NotDone::NotWrittenDown => unavailable(
                    "the audit log cannot be written, so nothing was done: ask again later".to_owned(),
                ),
                NotDone::Invalid(words) => UserError::new(UserErrorCode::Invalid, None, words),
                NotDone::Unavailable(words) => unavailable(words),
            };
            (self.context, error)
        })
    }

    async fn denied(self, at: &Standing) -> Refusal {
        let permission = self.attempt.permission;
        let refusal = self.context.access.forbidden(permission, &at.place, at.owner.as_deref());
        self.act.refused(self.attempt, Because::Denied(refusal.to_string())).await;
        refusal
    }
}

/// A reason as it is kept, or why it is none.
pub(super) fn reason(text: &str) -> Result<Box<str>, UserError> {
    let text = text.trim();
    match text.chars().count() {
        1..=LONGEST_REASON => Ok(text.into()),
        _ => Err(UserError::invalid(
            &["input", "reason"],
            format!("a reason of 1 to {LONGEST_REASON} characters is needed"),
        )),
    }
}

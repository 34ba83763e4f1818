//! What every mutation goes through: confirmed, permitted at its target's place, written down, and only then done.

use std::sync::Arc;

use schema::policy::Permission;
use serde_json::{Value, json};

use super::act::{Act, Attempt, Because, Change, Done, NotDone, Unconfirmed};
use super::place::Standing;
use super::user_error::{UserError, UserErrorCode};
use crate::{Access, Refusal, RequestContext};

/// Longest reason, in characters: what the tables take.
const LONGEST_REASON: usize = 2000;
/// Longest id of a target that is written down, in characters.
pub(super) const LONGEST_TARGET: usize = 2000;

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
    /// target. `asked` is the rest of the input, for the log of an attempt that comes to nothing; texts in it are [`cut`].
    pub(super) async fn begin(
        request: &RequestContext,
        action: &'static str,
        permission: Permission,
        target: &str,
        reason: Option<&str>,
        asked: Value,
    ) -> Result<Self, Refusal> {
        let attempt = Attempt {
            action,
            permission,
            target: cut(target, LONGEST_TARGET),
            place: None,
            reason: reason.map(|reason| cut(reason, LONGEST_REASON)),
            before: None,
            after: (!asked.is_null()).then(|| json!({ "asked": asked })),
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
            let refusal = trial.context.forbidden_everywhere(permission);
            Err(trial.denied(refusal).await)
        }
    }

    /// Goes on if the permission is held at one of the places where the target stands, and no policy forbids it at any other
    /// of them: a deny wins, also over what is permitted next to it.
    pub(super) async fn at(mut self, stands: &[Standing]) -> Result<Self, Refusal> {
        let (permission, access) = (self.attempt.permission, &self.context.access);
        let decided = decide(access, permission, stands);
        let (Ok(at) | Err(at)) = decided;
        self.attempt.place = at.map(|at| at.place.clone());
        if decided.is_ok() {
            return Ok(self);
        }
        let proven = access.proven(permission);
        let second_factor = proven.is_some_and(|proven| decide(&proven, permission, stands).is_ok());
        Err(self.denied(Refusal::Forbidden { permission, second_factor }).await)
    }

    /// Ends the attempt of somebody who may change what stands there, but not without seeing all of it.
    pub(super) async fn unseen(self, second_factor: bool) -> Refusal {
        self.denied(Refusal::Unseen { second_factor }).await
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

    async fn denied(self, refusal: Refusal) -> Refusal {
        self.act.refused(self.attempt, Because::Denied(refusal.to_string())).await;
        refusal
    }
}

/// Whether something may be done to what stands at these places, and which of them decides.
fn decide<'s>(
    access: &Access,
    what: Permission,
    stands: &'s [Standing],
) -> Result<Option<&'s Standing>, Option<&'s Standing>> {
    let forbids = |at: &&Standing| access.forbids(what, &at.place, at.owner.as_deref());
    let permits = |at: &&Standing| access.permits(what, &at.place, at.owner.as_deref());
    match (stands.iter().find(forbids), stands.iter().find(permits)) {
        (None, Some(held)) => Ok(Some(held)),
        (barred, _) => Err(barred.or(stands.first())),
    }
}

/// So much of a text as is written down.
pub(super) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
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

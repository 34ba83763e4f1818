//! `acknowledgeDrift`: somebody says that a finding is known, and for how long it may stand.

use async_graphql::{ID, InputObject};
use resolvers_macros::object;
use schema::drift::{Acknowledged, FindingKey, FindingState, Tracked};
use schema::policy::Permission;
use schema::{GlobalId, ObjectId};
use serde_json::{Value, json};

use super::act::Change;
use super::place::of_finding;
use super::trial::{Trial, reason};
use super::user_error::{UserError, UserErrorCode};
use crate::objects::DriftFinding;
use crate::scalar::{DateTime, date_time};
use crate::{Refusal, RequestContext};

/// Which finding, and why it may stand.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct AcknowledgeDriftInput {
    id: ID,
    reason: String,
    /// Left out: until it is resolved.
    until: Option<DateTime>,
}

/// What an acknowledgement came to.
#[derive(Clone, Debug)]
pub(crate) struct DriftPayload {
    context: RequestContext,
    key: Option<FindingKey>,
    user_errors: Vec<UserError>,
}

/// What an acknowledgement came to.
#[object]
impl DriftPayload {
    /// As it is now.
    fn finding(&self) -> Option<DriftFinding<'_>> {
        let key = self.key.as_ref()?;
        DriftFinding::find(&self.context, key.kind.name(), &key.subject)
    }

    fn user_errors(&self) -> Vec<UserError> {
        self.user_errors.clone()
    }
}

pub(super) async fn acknowledge_drift(
    request: &RequestContext,
    input: AcknowledgeDriftInput,
) -> Result<DriftPayload, Refusal> {
    let said = Some(input.reason.as_str());
    let asked = json!({ "until": input.until.map(|until| date_time(until.0).to_string()) });
    let trial =
        Trial::begin(request, "acknowledgeDrift", Permission::IpamWrite, &input.id, said, asked).await?;
    let found = match GlobalId::parse(&input.id) {
        Ok(ObjectId::DriftFinding { kind, subject }) => DriftFinding::find(&trial.context, &kind, &subject),
        _ => None,
    };
    let Some((tracked, tells)) = found.map(|finding| (finding.tracked().clone(), finding.tells())) else {
        let (context, error) = trial.fails(UserError::not_found(&["input", "id"])).await;
        return Ok(DriftPayload { context, key: None, user_errors: vec![error] });
    };
    let key = tracked.finding.key.clone();
    let places = of_finding(&trial.context, &tracked.finding);
    let trial = trial.at(&places).await?;
    // Whoever says that it may stand says so for everybody whom it concerns.
    if !tells {
        let proven = trial.context.proven(Permission::InventoryRead);
        let second_factor = proven.is_some_and(|proven| {
            DriftFinding::find(&proven, key.kind.name(), &key.subject).is_some_and(|finding| finding.tells())
        });
        return Err(trial.unseen(second_factor).await);
    }
    let word = match word(&trial, &tracked, &input) {
        Ok(word) => word,
        Err(error) => {
            let (context, error) = trial.fails(error).await;
            return Ok(DriftPayload { context, key: Some(key), user_errors: vec![error] });
        }
    };
    let trial = trial.weighing(shown(tracked.acknowledged.as_ref()), shown(Some(&word)));
    let (context, user_errors) = match trial.carry_out(Change::Acknowledge(key.clone(), word)).await {
        Ok(done) => (done.context, Vec::new()),
        Err((context, error)) => (context, vec![error]),
    };
    Ok(DriftPayload { context, key: Some(key), user_errors })
}

/// What is said of a finding, or why it cannot be.
fn word(trial: &Trial, tracked: &Tracked, input: &AcknowledgeDriftInput) -> Result<Acknowledged, UserError> {
    let reason = reason(&input.reason)?;
    let until = input.until.map(|until| until.0);
    if until.is_some_and(|until| until <= trial.context.now) {
        return Err(UserError::invalid(&["input", "until"], "`until` has passed"));
    }
    if tracked.state == FindingState::Resolved {
        let words = "the finding is resolved: there is nothing left to acknowledge";
        return Err(UserError::new(UserErrorCode::NotAllowedNow, Some(&["input", "id"]), words));
    }
    let by = trial.context.access.principal().map_or("-", |principal| &*principal.subject);
    Ok(Acknowledged { by: by.into(), reason, until })
}

fn shown(word: Option<&Acknowledged>) -> Value {
    json!({ "acknowledged": word.map(|word| {
        let until = word.until.map(|until| date_time(until).to_string());
        json!({ "by": word.by, "reason": word.reason, "until": until })
    }) })
}

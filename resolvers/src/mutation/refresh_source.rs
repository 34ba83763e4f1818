//! `refreshSource`: a source is collected now.

use async_graphql::{ID, InputObject};
use resolvers_macros::object;
use schema::policy::Permission;
use schema::{GlobalId, ObjectId};
use serde_json::{Value, json};

use super::act::Change;
use super::place::places;
use super::trial::Trial;
use super::user_error::{UserError, UserErrorCode};
use crate::access::sees;
use crate::objects::{Many as _, Source};
use crate::scalar::date_time;
use crate::{Refusal, RequestContext};

/// Which source.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct RefreshSourceInput {
    id: ID,
}

/// What a refresh came to.
#[derive(Clone, Debug)]
pub(crate) struct RefreshSourcePayload {
    context: RequestContext,
    name: Option<Box<str>>,
    collected: bool,
    user_errors: Vec<UserError>,
}

/// What a refresh came to.
#[object]
impl RefreshSourcePayload {
    /// As it is now.
    fn source(&self) -> Option<Source<'_>> {
        let at = self.context.view.source_named(self.name.as_deref()?)?;
        Source::see(&self.context, at)
    }

    /// False where its data were at most 3 s old, or it must be left alone for now.
    fn collected(&self) -> bool {
        self.collected
    }

    fn user_errors(&self) -> Vec<UserError> {
        self.user_errors.clone()
    }
}

pub(super) async fn refresh_source(
    request: &RequestContext,
    input: RefreshSourceInput,
) -> Result<RefreshSourcePayload, Refusal> {
    let trial =
        Trial::begin(request, "refreshSource", Permission::SourceRefresh, &input.id, None, Value::Null)
            .await?;
    let view = trial.context.view.clone();
    let name = match GlobalId::parse(&input.id) {
        Ok(ObjectId::Source(name)) => Some(name),
        _ => None,
    };
    let found = name.as_deref().and_then(|name| view.source_named(name));
    let seen = found.filter(|at| sees(&trial.context, (*at).into()));
    let (Some(at), Some(name)) = (seen, name) else {
        let (context, error) = trial.fails(UserError::not_found(&["input", "id"])).await;
        return Ok(RefreshSourcePayload { context, name: None, collected: false, user_errors: vec![error] });
    };
    let collected_at = view.held(at).collected_at().map(|at| date_time(at).to_string());
    let places = places(&trial.context, at.into());
    let trial = trial.at(&places).await?;
    let trial = trial.weighing(json!({ "collectedAt": collected_at }), Value::Null);
    Ok(match trial.carry_out(Change::Refresh(name.clone())).await {
        Ok(done) => {
            let failure = done.context.view.source_named(&name);
            let failure = failure.and_then(|at| done.context.view.held(at).failure.clone());
            let user_errors = failure.map(|failure| {
                let words = if done.collected { "" } else { "not asked again yet: " };
                UserError::new(UserErrorCode::Unavailable, None, format!("{words}{}", failure.message))
            });
            RefreshSourcePayload {
                context: done.context,
                name: Some(name),
                collected: done.collected,
                user_errors: user_errors.into_iter().collect(),
            }
        }
        Err((context, error)) => {
            RefreshSourcePayload { context, name: Some(name), collected: false, user_errors: vec![error] }
        }
    })
}

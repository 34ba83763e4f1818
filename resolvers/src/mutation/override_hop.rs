//! `overrideHop`: a hop of a path leads where a person says.

use async_graphql::{ID, InputObject};
use resolvers_macros::object;
use schema::policy::Permission;
use schema::view::{HopKind as Kind, HopState, ObjectRef, Override, PathRef, View};
use schema::{GlobalId, ObjectId};
use serde_json::{Value, json};

use super::act::Change;
use super::place::places;
use super::trial::{LONGEST_TARGET, Trial, cut, reason};
use super::user_error::UserError;
use crate::access::sees;
use crate::enums::HopKind;
use crate::objects::{Many as _, Path};
use crate::{Refusal, RequestContext};

/// Which hop, and where it leads. Without a target it leads nowhere.
#[derive(Clone, Debug, InputObject)]
pub(crate) struct OverrideHopInput {
    path: ID,
    hop: HopKind,
    /// A ProxyHost, IpAddress, Guest, ClusterNode or SwitchPort, as the hop is; left out: it leads nowhere.
    target: Option<ID>,
    /// Back to what the sources say.
    #[graphql(default_with = "Some(false)")]
    clear: Option<bool>,
    reason: String,
}

/// What an override came to.
#[derive(Clone, Debug)]
pub(crate) struct OverrideHopPayload {
    context: RequestContext,
    path: Option<ObjectId>,
    user_errors: Vec<UserError>,
}

/// What an override came to.
#[object]
impl OverrideHopPayload {
    /// As it is now.
    fn path(&self) -> Option<Path<'_>> {
        let at = self.context.view.find_path(self.path.as_ref()?)?;
        Path::see(&self.context, at)
    }

    fn user_errors(&self) -> Vec<UserError> {
        self.user_errors.clone()
    }
}

pub(super) async fn override_hop(
    request: &RequestContext,
    input: OverrideHopInput,
) -> Result<OverrideHopPayload, Refusal> {
    let said = Some(input.reason.as_str());
    let asked = json!({
        "hop": name(input.hop.into()),
        "target": input.target.as_ref().map(|target| cut(target, LONGEST_TARGET)),
        "clear": input.clear == Some(true),
    });
    let trial = Trial::begin(request, "overrideHop", Permission::IpamWrite, &input.path, said, asked).await?;
    let view = trial.context.view.clone();
    let found = GlobalId::parse(&input.path).ok().and_then(|id| Some((view.find_path(&id)?, id)));
    let seen = found.filter(|(at, _)| sees(&trial.context, (*at).into()));
    let Some((at, path)) = seen else {
        let (context, error) = trial.fails(UserError::not_found(&["input", "path"])).await;
        return Ok(OverrideHopPayload { context, path: None, user_errors: vec![error] });
    };
    let places = places(&trial.context, at.into());
    let trial = trial.at(&places).await?;
    let hop = Kind::from(input.hop);
    let decided = match decision(&trial.context, hop, &input) {
        Ok(decided) => decided,
        Err(error) => {
            let (context, error) = trial.fails(error).await;
            return Ok(OverrideHopPayload { context, path: Some(path), user_errors: vec![error] });
        }
    };
    let trial = trial.weighing(as_it_stands(&view, at, hop), as_it_will(hop, decided.as_ref()));
    let done = trial.carry_out(Change::Override { path: path.clone(), hop, decided }).await;
    let (context, user_errors) = match done {
        Ok(done) => (done.context, Vec::new()),
        Err((context, error)) => (context, vec![error]),
    };
    Ok(OverrideHopPayload { context, path: Some(path), user_errors })
}

/// What the input decides; `None`: nothing any more.
fn decision(
    context: &RequestContext,
    hop: Kind,
    input: &OverrideHopInput,
) -> Result<Option<Override>, UserError> {
    let reason = reason(&input.reason)?;
    let target = match (&input.target, input.clear == Some(true)) {
        (Some(_), true) => {
            let words = "`clear` goes back to what the sources say, and takes no target";
            return Err(UserError::invalid(&["input", "target"], words));
        }
        (None, true) => return Ok(None),
        (None, false) => None,
        (Some(id), false) => Some(target(context, hop, id)?),
    };
    Ok(Some(Override { target, reason }))
}

/// The object that a hop is to lead to: of the hop's type, there, and seen by the caller.
fn target(context: &RequestContext, hop: Kind, id: &str) -> Result<ObjectId, UserError> {
    const AT: &[&str] = &["input", "target"];
    let Ok(id) = GlobalId::parse(id) else { return Err(UserError::not_found(AT)) };
    let wanted = match hop {
        Kind::ProxyHost => "ProxyHost",
        Kind::Address => "IpAddress",
        Kind::Guest => "Guest",
        Kind::Node => "ClusterNode",
        Kind::SwitchPort => "SwitchPort",
    };
    if id.kind() != wanted {
        return Err(UserError::invalid(AT, format!("this hop leads to a {wanted}, not to a {}", id.kind())));
    }
    let seen = context.view.find(&id).filter(|object| sees(context, *object));
    // As the View names it, so that one object has one name in the table.
    seen.map(|object: ObjectRef| context.view.id(object)).ok_or(UserError::not_found(AT))
}

fn as_it_stands(view: &View, at: PathRef, kind: Kind) -> Value {
    let hop = view.path(at).hop(kind);
    let target = hop.target().map(|object| GlobalId::format(&view.id(object)));
    let decided = (hop.state() == HopState::Overridden).then(|| view.decision(&view.id(at), kind)).flatten();
    json!({
        "hop": name(kind),
        "overridden": decided.is_some(),
        "target": target,
        "reason": decided.map(|decided| &*decided.reason),
    })
}

fn as_it_will(kind: Kind, decided: Option<&Override>) -> Value {
    let target = decided.and_then(|decided| decided.target.as_ref()).map(GlobalId::format);
    let reason = decided.map(|decided| &*decided.reason);
    json!({ "hop": name(kind), "overridden": decided.is_some(), "target": target, "reason": reason })
}

fn name(kind: Kind) -> Value {
    async_graphql::InputType::to_value(&HopKind::from(kind)).into_json().unwrap_or(Value::Null)
}

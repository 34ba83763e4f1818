//! From parameters to answers, whichever way they came: gate, parser, variables, complexity, engine.

use std::sync::Arc;

use async_graphql::parser::types::OperationType;
use async_graphql::{Response as Outcome, ServerError, Value, Variables};
use futures_util::stream::{self, BoxStream};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::watch;

use super::params::Params;
use crate::auth::Caller;
use crate::gate;
use crate::http::answer::{Noted, Payload};
use crate::http::engine::{Asked, Run};
use crate::http::error::{Code, RequestError, code_of, set_code};
use crate::http::front::Front;
use crate::http::nulls::{self, Plan};
use crate::http::operation::Operation;
use crate::http::places::Place;
use crate::http::rates::{Rates, TooMuch};

/// Entries of `errors` for a document that did not run: it may be wrong in thousands of places, and the first few tell.
const MOST_ERRORS: usize = 50;

/// Why an operation does not begin.
pub(in crate::http) enum NotBegun {
    /// Something is wrong with it.
    Refused(RequestError),
    /// Its caller has asked for too much in this minute.
    TooMuch(TooMuch),
}

/// One answer, or the only one.
pub(in crate::http) struct Answered {
    /// As a client reads it.
    pub(in crate::http) payload: Payload,
    /// Something of the operation ran; else it was found invalid.
    pub(in crate::http) ran: bool,
}

/// An operation that was admitted, weighed and counted.
pub(in crate::http) struct Begun {
    front: Front,
    asked: Asked,
    run: Box<dyn Run>,
    operation: Operation,
    cost: u64,
    /// Of a subscription, held while it runs.
    watching: Option<Place>,
}

/// Everything that is decided from the text alone.
pub(in crate::http) fn prepare(front: &Front, params: Params) -> Result<Operation, RequestError> {
    let limits = &front.limits.gate;
    let admitted = gate::admit(&params.query, limits)?;
    let variables = match params.variables {
        Some(text) => gate::admit_variables(&text, &admitted, limits)?,
        None => Variables::default(),
    };
    Operation::new(&admitted, params.operation_name, variables)
}

/// Pins what the operation reads, and counts what it costs.
pub(in crate::http) fn begin(front: &Front, asked: Asked, operation: Operation) -> Result<Begun, NotBegun> {
    let run = front.engine.begin(&asked);
    let cost = run.check(&operation).map_err(NotBegun::Refused)?;
    let subject = &asked.caller.principal.subject;
    let watching = match operation.kind() {
        OperationType::Subscription => Some(front.places.watching(subject).map_err(NotBegun::TooMuch)?),
        OperationType::Query | OperationType::Mutation => None,
    };
    front.rates.complexity(subject, cost).map_err(NotBegun::TooMuch)?;
    Ok(Begun { front: front.clone(), asked, run, operation, cost, watching })
}

impl Begun {
    /// Runs a query or a mutation.
    pub(in crate::http) async fn answer(self) -> Answered {
        let Self { front, asked, run, operation, .. } = self;
        let mut freshness = run.freshness(&operation);
        // An answer to a change shows what is known after it.
        let changing = (operation.kind() == OperationType::Mutation).then(|| operation.clone());
        let plan = front.output_types.plan(&operation);
        let outcome = run.execute(operation).await;
        if let Some(operation) = changing {
            freshness = front.engine.begin(&asked).freshness(&operation);
        }
        finish(&front, &plan, outcome, freshness)
    }

    /// Runs a subscription; `callers` holds whoever it speaks for, as of each renewal of the token. Each event costs what the
    /// operation does.
    pub(in crate::http) fn answers(
        self,
        callers: watch::Receiver<Arc<Caller>>,
    ) -> BoxStream<'static, Answered> {
        let Self { front, asked, run, operation, cost, watching } = self;
        let plan = front.output_types.plan(&operation);
        let subject = Arc::clone(&asked.caller.principal.subject);
        paced(run.subscribe(operation, callers), Arc::clone(&front.rates), subject, cost)
            .map(move |(outcome, freshness)| {
                let _held_while_it_runs = &watching;
                finish(&front, &plan, outcome, freshness)
            })
            .fuse()
            .boxed()
    }
}

/// Events, each paid for before the next is waited for; the first was when the operation began. Whoever has used up its
/// minute hears of events later, and of several as of one.
fn paced<T: 'static>(
    events: BoxStream<'static, T>,
    rates: Arc<Rates>,
    subject: Arc<str>,
    cost: u64,
) -> impl Stream<Item = T> + Send + 'static {
    stream::unfold((events, 0, 0), move |(mut events, owed, of_next)| {
        let (rates, subject) = (Arc::clone(&rates), Arc::clone(&subject));
        async move {
            while let Err(too_much) = rates.complexity(&subject, owed) {
                tokio::time::sleep(too_much.wait).await;
            }
            Some((events.next().await?, (events, of_next, cost)))
        }
    })
}

/// An answer from what the engine made of the operation. An error without a path was found before anything ran.
fn finish(front: &Front, plan: &Plan, outcome: Outcome, freshness: Value) -> Answered {
    let Outcome { mut data, mut errors, .. } = outcome;
    let failed = errors.iter().map(|error| error.path.as_slice()).filter(|path| !path.is_empty());
    front.output_types.settle(plan, &mut data, failed);
    if errors.is_empty() {
        nulls::keep_root(&mut data);
    }
    let ran = data != Value::Null || errors.iter().all(|error| !error.path.is_empty());
    if !ran {
        errors.truncate(MOST_ERRORS);
    }
    for error in &mut errors {
        complete(error);
    }
    Answered { payload: Payload::of(ran.then_some(data), errors, freshness), ran }
}

/// Gives an error its code where the resolvers gave none. What has a path and no code was not meant for the client.
fn complete(error: &mut ServerError) {
    if code_of(error).is_some() {
        return;
    }
    if error.path.is_empty() {
        if let Some(hint) = literal_hint(&error.message) {
            error.message += &hint;
        }
        set_code(error, Code::GraphqlValidationFailed);
    } else if error.message.starts_with("Failed to parse") {
        // async-graphql's words for a value that an input type refused while a field was resolved.
        set_code(error, Code::BadUserInput);
    } else {
        tracing::error!(message = %error.message, "a resolver failed with an error that bears no code");
        "Internal error".clone_into(&mut error.message);
        set_code(error, Code::Internal);
    }
}

/// What the literal should look like that async-graphql's validation refused: it names the type alone.
fn literal_hint(message: &str) -> Option<String> {
    let (_, expected) =
        message.strip_prefix("Invalid value for argument")?.rsplit_once("expected type \"")?;
    let hint = resolvers::looks_like(expected.strip_suffix('"')?.trim_end_matches('!'))?;
    Some(format!(": {hint}"))
}

/// What the request log says of an operation.
pub(in crate::http) fn noted(operation: &Operation) -> Noted {
    Noted {
        operation: operation.name().map(|name| name.chars().take(64).collect()),
        kind: Some(match operation.kind() {
            OperationType::Query => "query",
            OperationType::Mutation => "mutation",
            OperationType::Subscription => "subscription",
        }),
        codes: Vec::new(),
    }
}

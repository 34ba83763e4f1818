//! From parameters to an answer: gate, parse, variables, complexity, execution in a task of its own.

use async_graphql::parser::types::OperationType;
use async_graphql::{Response as Outcome, ServerError, Value, Variables};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use tokio::task::JoinSet;

use super::Refused;
use super::params::Params;
use crate::gate;
use crate::http::answer::{self, Media, Noted};
use crate::http::engine::Asked;
use crate::http::error::{Code, RequestError, code_of, set_code};
use crate::http::front::Front;
use crate::http::operation::Operation;

/// Entries of `errors` for a document that did not run: it may be wrong in thousands of places, and the first few tell.
const MOST_ERRORS: usize = 50;

/// What a task hands back.
type Ran = Result<Response, Refused>;

/// Runs in a task of its own: what blocks there does not hold up the time limit, and what panics ends that task alone.
/// Dropping the set ends the task, so a client that goes away takes its work along.
pub(super) async fn run(front: &Front, media: Media, asked: Asked, params: Params, by_get: bool) -> Ran {
    let front = front.clone();
    let mut task = JoinSet::new();
    task.spawn(async move { prepare_and_execute(&front, media, &asked, params, by_get).await });
    match task.join_next().await {
        Some(Ok(ran)) => ran,
        Some(Err(error)) => {
            // The panic hook has written where; the client learns nothing of it.
            tracing::error!(panicked = error.is_panic(), "a request's task ended before its time");
            Err(internal())
        }
        None => Err(internal()),
    }
}

fn internal() -> Refused {
    Refused {
        status: StatusCode::INTERNAL_SERVER_ERROR,
        error: RequestError::new(Code::Internal, "Internal error"),
    }
}

async fn prepare_and_execute(
    front: &Front,
    media: Media,
    asked: &Asked,
    params: Params,
    by_get: bool,
) -> Ran {
    let not_runnable = |error: RequestError| {
        let status = match error.code {
            Code::LimitExceeded => StatusCode::BAD_REQUEST,
            _ => media.request_error_status(),
        };
        Refused { status, error }
    };
    let operation = prepare(front, params).map_err(not_runnable)?;
    let noted = Noted {
        operation: operation.name().map(|name| name.chars().take(64).collect()),
        kind: Some(kind_name(operation.kind())),
        codes: Vec::new(),
    };
    let mut response = match execute(front, media, asked, operation, by_get, not_runnable).await {
        Ok(response) => response,
        Err(Refused { status, error }) => {
            let by_mutation = status == StatusCode::METHOD_NOT_ALLOWED;
            let mut response = answer::refused(media, status, error);
            if by_mutation {
                response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
            }
            response
        }
    };
    let codes = response.extensions_mut().remove::<Noted>().map(|noted| noted.codes).unwrap_or_default();
    response.extensions_mut().insert(Noted { codes, ..noted });
    Ok(response)
}

/// Everything that is decided from the text alone.
fn prepare(front: &Front, params: Params) -> Result<Operation, RequestError> {
    let limits = &front.limits.gate;
    let admitted = gate::admit(&params.query, limits)?;
    let variables = match params.variables {
        Some(text) => gate::admit_variables(&text, &admitted, limits)?,
        None => Variables::default(),
    };
    Operation::new(&admitted, params.operation_name, variables)
}

async fn execute(
    front: &Front,
    media: Media,
    asked: &Asked,
    operation: Operation,
    by_get: bool,
    not_runnable: impl Fn(RequestError) -> Refused,
) -> Ran {
    match operation.kind() {
        OperationType::Mutation if by_get => {
            return Err(Refused {
                status: StatusCode::METHOD_NOT_ALLOWED,
                error: RequestError::new(Code::OperationNotAllowed, "A mutation must be sent by POST"),
            });
        }
        OperationType::Subscription => {
            return Err(Refused {
                status: StatusCode::BAD_REQUEST,
                error: RequestError::new(
                    Code::BadUserInput,
                    "A subscription cannot be answered by a single response",
                ),
            });
        }
        OperationType::Query | OperationType::Mutation => {}
    }
    let run = front.engine.begin(asked);
    let cost = run.check(&operation).map_err(not_runnable)?;
    if let Err(too_much) = front.rates.complexity(&asked.caller.principal.subject, cost) {
        return Ok(answer::too_much(media, &too_much));
    }
    let mut freshness = run.freshness(&operation);
    // An answer to a change shows what is known after it.
    let changing = (operation.kind() == OperationType::Mutation).then(|| operation.clone());
    let plan = front.output_types.plan(&operation);
    let mut outcome = run.execute(operation).await;
    if let Some(operation) = changing {
        freshness = front.engine.begin(asked).freshness(&operation);
    }
    let failed = outcome.errors.iter().map(|error| error.path.as_slice()).filter(|path| !path.is_empty());
    front.output_types.settle(&plan, &mut outcome.data, failed);
    Ok(answer(media, outcome, &freshness))
}

/// An answer from what the engine made of the operation. An error without a path was found before anything ran.
fn answer(media: Media, outcome: Outcome, freshness: &Value) -> Response {
    let ran = outcome.data != Value::Null || outcome.errors.iter().all(|error| !error.path.is_empty());
    let mut errors = outcome.errors;
    if !ran {
        errors.truncate(MOST_ERRORS);
    }
    for error in &mut errors {
        complete(error);
    }
    let (status, data) = match ran {
        true => (StatusCode::OK, Some(&outcome.data)),
        false if errors.iter().any(|error| code_of(error) == Some(Code::LimitExceeded.as_str())) => {
            (StatusCode::BAD_REQUEST, None)
        }
        false => (media.request_error_status(), None),
    };
    answer::graphql(media, status, data, &errors, freshness)
}

/// Gives an error its code where the resolvers gave none. What has a path and no code was not meant for the client.
fn complete(error: &mut ServerError) {
    if code_of(error).is_some() {
        return;
    }
    if error.path.is_empty() {
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

fn kind_name(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

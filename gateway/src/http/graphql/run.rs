//! One request, one operation: its status, and the answer in the media type or the stream that was asked for.

use async_graphql::parser::types::OperationType;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use tokio::task::JoinSet;

use super::Refused;
use super::negotiate::Wanted;
use super::operate::{self, Answered, NotBegun};
use super::params::Params;
use super::stream;
use crate::http::answer::{self, Media, Noted};
use crate::http::engine::Asked;
use crate::http::error::{Code, RequestError};
use crate::http::front::Front;
use crate::http::operation::Operation;

/// What a task hands back.
type Ran = Result<Response, Refused>;

/// Runs in a task of its own: what blocks there does not hold up the time limit, and what panics ends that task alone.
/// Dropping the set ends the task, so a client that goes away takes its work along.
pub(super) async fn run(front: &Front, wanted: Wanted, asked: Asked, params: Params, by_get: bool) -> Ran {
    let front = front.clone();
    let mut task = JoinSet::new();
    task.spawn(async move { prepare_and_execute(&front, wanted, asked, params, by_get).await });
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
    Refused { status: StatusCode::INTERNAL_SERVER_ERROR, error: RequestError::internal() }
}

async fn prepare_and_execute(
    front: &Front,
    wanted: Wanted,
    asked: Asked,
    params: Params,
    by_get: bool,
) -> Ran {
    let media = wanted.refusals();
    let operation = operate::prepare(front, params).map_err(|error| not_runnable(media, error))?;
    let noted = operate::noted(&operation);
    let mut response = match execute(front, wanted, asked, operation, by_get).await {
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

async fn execute(front: &Front, wanted: Wanted, asked: Asked, operation: Operation, by_get: bool) -> Ran {
    let media = wanted.refusals();
    let kind = operation.kind();
    if kind == OperationType::Mutation && by_get {
        return Err(Refused {
            status: StatusCode::METHOD_NOT_ALLOWED,
            error: RequestError::new(Code::OperationNotAllowed, "A mutation must be sent by POST"),
        });
    }
    if kind == OperationType::Subscription && !wanted.takes_stream() {
        return Err(Refused::bad_request(RequestError::new(
            Code::BadUserInput,
            "A subscription cannot be answered by a single response: ask with `Accept: text/event-stream`, or over a \
             WebSocket",
        )));
    }
    let begun = match operate::begin(front, asked.clone(), operation) {
        Ok(begun) => begun,
        Err(NotBegun::Refused(error)) => return Err(not_runnable(media, error)),
        Err(NotBegun::TooMuch(too_much)) => return Ok(answer::too_much(media, &too_much)),
    };
    if kind == OperationType::Subscription {
        return match stream::lasting(front, &asked, begun) {
            Ok(response) => Ok(response),
            Err(stream::NotOpened::Invalid(answered)) => Ok(single(media, &answered)),
            Err(stream::NotOpened::TooMuch(too_much)) => Ok(answer::too_much(media, &too_much)),
        };
    }
    let answered = begun.answer().await;
    Ok(match wanted.single() {
        None if answered.ran => stream::of_one(&answered.payload),
        media => single(media.unwrap_or(Media::NoStream), &answered),
    })
}

/// The only answer to an operation, with its status.
fn single(media: Media, answered: &Answered) -> Response {
    let Answered { payload, ran } = answered;
    let status = match ran {
        true => StatusCode::OK,
        false if payload.holds(Code::LimitExceeded) => StatusCode::BAD_REQUEST,
        false => media.request_error_status(),
    };
    answer::graphql(media, status, payload)
}

fn not_runnable(media: Media, error: RequestError) -> Refused {
    let status = match error.code {
        Code::LimitExceeded => StatusCode::BAD_REQUEST,
        _ => media.request_error_status(),
    };
    Refused { status, error }
}

//! One operation of a socket, in a task of its own: what it tells goes through the session, which writes it.

use std::sync::Arc;

use async_graphql::ServerError;
use async_graphql::parser::types::OperationType;
use futures_util::StreamExt as _;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::auth::Caller;
use crate::http::answer::{Noted, Payload};
use crate::http::engine::Asked;
use crate::http::error::{Code, RequestError, code_of};
use crate::http::front::Front;
use crate::http::graphql::{self, Answered, NotBegun, Params};
use crate::http::request_id::RequestId;

/// Counts the operations of a socket, so that what a late one tells is not taken for what its id now means.
pub(super) type Serial = u64;

/// What an operation tells.
#[derive(Debug)]
pub(super) enum Told {
    /// An answer.
    Next(Payload),
    /// Nothing of it ran; it is over.
    Refused(Vec<ServerError>),
    /// It is over.
    Complete,
}

/// How an operation was over.
enum Over {
    Complete,
    /// The client is to ask again elsewhere.
    Stopping,
}

/// Everything that an operation needs.
pub(super) struct Operation {
    pub(super) front: Front,
    pub(super) asked: Asked,
    pub(super) callers: watch::Receiver<Arc<Caller>>,
    pub(super) params: Params,
    pub(super) serial: Serial,
    pub(super) tell: mpsc::Sender<(Serial, Told)>,
}

impl Operation {
    /// Runs it to its end; a subscription until `stopping`, which then is not told to be complete.
    pub(super) async fn run(self, stopping: impl Future<Output = ()>) {
        let id = self.asked.request_id.clone();
        let mut line = Line { id, noted: Noted::default(), started: Instant::now() };
        let last = match self.operate(stopping, &mut line.noted).await {
            Ok(Over::Complete) => Some(Told::Complete),
            Ok(Over::Stopping) => None,
            Err(errors) => {
                line.noted.note(&errors);
                Some(Told::Refused(errors))
            }
        };
        drop(line);
        if let Some(last) = last {
            self.tell(last).await;
        }
    }

    async fn operate(
        &self,
        stopping: impl Future<Output = ()>,
        noted: &mut Noted,
    ) -> Result<Over, Vec<ServerError>> {
        let refused = |error: RequestError| vec![error.into_server_error()];
        let params = self.params.clone();
        let operation = graphql::prepare(&self.front, params).map_err(refused)?;
        *noted = graphql::noted(&operation);
        let kind = operation.kind();
        let begun =
            graphql::begin(&self.front, self.asked.clone(), operation).map_err(|error| match error {
                NotBegun::Refused(error) => refused(error),
                NotBegun::TooMuch(too_much) => {
                    refused(RequestError::new(Code::LimitExceeded, &*too_much.message))
                }
            })?;
        if kind == OperationType::Subscription {
            let mut answers = begun.answers(self.callers.clone());
            let telling = async {
                while let Some(answered) = answers.next().await {
                    self.answer(answered, noted).await?;
                }
                Ok(Over::Complete)
            };
            return tokio::select! {
                told = telling => told,
                () = stopping => Ok(Over::Stopping),
            };
        }
        let limit = self.front.limits.timeout;
        match tokio::time::timeout(limit, begun.answer()).await {
            Ok(answered) => self.answer(answered, noted).await?,
            Err(_) => return Err(refused(RequestError::timeout(limit))),
        }
        Ok(Over::Complete)
    }

    async fn answer(&self, answered: Answered, noted: &mut Noted) -> Result<(), Vec<ServerError>> {
        let Answered { payload, ran } = answered;
        if !ran {
            return Err(payload.into_errors());
        }
        noted.note(payload.errors());
        self.tell(Told::Next(payload)).await;
        Ok(())
    }

    /// Waits for the session to have room; nothing where it has ended.
    async fn tell(&self, told: Told) {
        let _ = self.tell.send((self.serial, told)).await;
    }
}

/// The same line as of a request by HTTP, written once the operation is over, however that came: by its end, by the client's
/// `complete`, or with its socket (docs/logging.md).
struct Line {
    id: RequestId,
    noted: Noted,
    started: Instant,
}

impl Drop for Line {
    fn drop(&mut self) {
        let Self { id, noted, started } = self;
        tracing::info!(
            target: "fleetgraph::request",
            request_id = id.as_str(),
            method = "WS",
            path = "/graphql",
            status = 101,
            duration_ms = started.elapsed().as_secs_f64() * 1000.0,
            kind = noted.kind.unwrap_or("-"),
            operation = noted.operation.as_deref().unwrap_or("-"),
            codes = noted.codes.join(","),
            "WS /graphql"
        );
        for code in &noted.codes {
            metrics::counter!("fleetgraph_graphql_errors_total", "code" => code.clone()).increment(1);
        }
    }
}

impl Noted {
    /// Adds the codes of errors.
    fn note(&mut self, errors: &[ServerError]) {
        for code in errors.iter().filter_map(code_of) {
            if let Err(at) = self.codes.binary_search_by(|known| known.as_str().cmp(code)) {
                self.codes.insert(at, code.to_owned());
            }
        }
    }
}

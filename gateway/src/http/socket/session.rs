//! A greeted socket: its caller, its operations, and what ends them.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, Id, JoinError, JoinSet};
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use super::message::{Authorization, Heard, Said};
use super::operation::{Operation, Serial, Told};
use super::serve::{CLOSED_WITHIN, End, Wire};
use crate::auth::{Authenticate, Caller};
use crate::http::answer::Payload;
use crate::http::engine::Asked;
use crate::http::error::{Code, RequestError};
use crate::http::front::{Front, NotHeard};
use crate::http::graphql::Params;
use crate::http::places::Place;
use crate::http::request_id::RequestId;

/// Operations that one socket runs at once.
const MOST_OPERATIONS: usize = 100;
/// The client is knocked at so often: proxies cut what is silent for a minute.
const KNOCK_EVERY: Duration = Duration::from_secs(20);
/// A client that answers no knock for so long is gone.
const SILENT_FOR: Duration = Duration::from_mins(1);
/// Tokens are renewed by a socket at most so often: each costs a verification, and no request of the minute's.
const RENEWED_EVERY: Duration = Duration::from_secs(1);
/// When the program ends, operations that have begun, and a client that takes their answers, are waited for so long.
const DRAINED_WITHIN: Duration = Duration::from_secs(5);

/// One client's operations.
pub(super) struct Session<'p> {
    front: Front,
    request_id: RequestId,
    from: IpAddr,
    open: &'p Place,
    caller: watch::Sender<Arc<Caller>>,
    /// When another token is looked at.
    renewable: Instant,
    running: BTreeMap<String, Running>,
    tasks: JoinSet<()>,
    serial: Serial,
    tell: mpsc::Sender<(Serial, Told)>,
}

struct Running {
    serial: Serial,
    task: AbortHandle,
}

impl<'p> Session<'p> {
    pub(super) fn new(
        front: Front,
        request_id: RequestId,
        from: IpAddr,
        open: &'p Place,
        caller: Arc<Caller>,
    ) -> Self {
        Self {
            front,
            request_id,
            from,
            open,
            caller: watch::Sender::new(caller),
            renewable: Instant::now(),
            running: BTreeMap::new(),
            tasks: JoinSet::new(),
            serial: 0,
            // Replaced when it runs.
            tell: mpsc::channel(1).0,
        }
    }

    /// Greets, and runs until the client, its token or the program ends. Operations that are open then end with it.
    pub(super) async fn run(mut self, wire: &mut Wire) -> End {
        // One waits to be written while another is being written; more would only grow old.
        let (tell, mut told) = mpsc::channel(1);
        self.tell = tell;
        let token_ended = token_ended(Arc::clone(&self.front.auth), self.caller.subscribe());
        let stopping = self.open.stopping();
        // Outside of everything else: whatever the session waits for, and be it a client that takes nothing, it waits no longer
        // than its token is good. What is cut short is no half message; the rest of it is written before what comes next.
        let end = tokio::select! {
            biased;
            () = token_ended => End::UNAUTHORIZED,
            () = async { stopping.await; tokio::time::sleep(DRAINED_WITHIN).await } => End::COME_AGAIN,
            Err(end) = self.converse(wire, &mut told) => end,
        };
        if end == End::UNAUTHORIZED { self.unauthenticated(wire).await } else { end }
    }

    async fn converse(
        &mut self,
        wire: &mut Wire,
        told: &mut mpsc::Receiver<(Serial, Told)>,
    ) -> Result<std::convert::Infallible, End> {
        wire.say(&Said::ConnectionAck).await?;
        let mut knock = interval_at(Instant::now() + KNOCK_EVERY, KNOCK_EVERY);
        knock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut stopping = Box::pin(self.open.stopping());
        let mut last_heard = Instant::now();
        let mut draining = false;
        loop {
            if draining && self.tasks.is_empty() && told.is_empty() {
                return Err(End::COME_AGAIN);
            }
            // Not in order: none of these, however busy, may keep the others waiting.
            tokio::select! {
                () = &mut stopping, if !draining => draining = true,
                Some((serial, told)) = told.recv() => self.told(wire, serial, told).await?,
                Some(ended) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                    // What it told before comes before: the channel holds no more than one.
                    if let Ok((serial, told)) = told.try_recv() {
                        self.told(wire, serial, told).await?;
                    }
                    self.ended(wire, ended).await?;
                }
                heard = wire.hear() => {
                    last_heard = Instant::now();
                    if let Some(text) = heard? {
                        self.hear(wire, &text, draining).await?;
                    }
                }
                _ = knock.tick() => {
                    if last_heard.elapsed() > SILENT_FOR {
                        return Err(End::Gone);
                    }
                    wire.knock().await?;
                }
            }
        }
    }

    async fn hear(&mut self, wire: &mut Wire, text: &str, draining: bool) -> Result<(), End> {
        match Heard::read(text, &self.front.limits.gate)? {
            Heard::Init { .. } => Err(End::Close(4429, "Too many initialisation requests")),
            Heard::Ping { authorization, payload } => {
                if let Some(authorization) = authorization {
                    self.renew(&authorization).await?;
                }
                wire.pong(payload.as_deref()).await
            }
            Heard::Pong => Ok(()),
            Heard::Subscribe { id, params } => {
                if self.running.contains_key(&id) {
                    return Err(End::Close(4409, "Subscriber for this id already exists"));
                }
                // What is asked now is asked again elsewhere.
                if draining { Ok(()) } else { self.subscribe(wire, id, params).await }
            }
            Heard::Complete { id } => {
                if let Some(running) = self.running.remove(&id) {
                    running.task.abort();
                }
                Ok(())
            }
        }
    }

    /// Takes another token of the same subject. Whoever has used up its minute may still stay signed in.
    async fn renew(&mut self, authorization: &Authorization) -> Result<(), End> {
        // Who sends more of them waits, and with it all that it asks here.
        tokio::time::sleep_until(self.renewable).await;
        self.renewable = Instant::now() + RENEWED_EVERY;
        let token = authorization.bearer().map(Some);
        let caller = self.front.known(token, self.from).await?;
        if caller.principal.subject != self.caller.borrow().principal.subject {
            return Err(End::UNAUTHORIZED);
        }
        self.caller.send_replace(caller);
        Ok(())
    }

    async fn subscribe(
        &mut self,
        wire: &mut Wire,
        id: String,
        params: Result<Params, RequestError>,
    ) -> Result<(), End> {
        // What was sent before the token ended may be read after it.
        let caller = self.front.as_of_now(&self.caller.borrow());
        let Ok(caller) = caller else {
            wire.say(&Said::Error { id: &id, payload: &[RequestError::ended().into_server_error()] }).await?;
            return Err(End::UNAUTHORIZED);
        };
        let refused = match self.front.counted(&caller) {
            Err(NotHeard::Unauthenticated) => return Err(End::UNAUTHORIZED),
            Err(NotHeard::TooMuch(too_much)) => Err(RequestError::new(Code::LimitExceeded, too_much.message)),
            Ok(()) if self.running.len() >= MOST_OPERATIONS => {
                let message = format!("{MOST_OPERATIONS} operations run on this socket; that is the limit");
                Err(RequestError::new(Code::LimitExceeded, message))
            }
            Ok(()) => params,
        };
        let params = match refused {
            Ok(params) => params,
            Err(error) => {
                return wire.say(&Said::Error { id: &id, payload: &[error.into_server_error()] }).await;
            }
        };
        self.serial += 1;
        let operation = Operation {
            front: self.front.clone(),
            asked: Asked { caller, request_id: self.request_id.of_operation(self.serial) },
            callers: self.caller.subscribe(),
            params,
            serial: self.serial,
            tell: self.tell.clone(),
        };
        let task = self.tasks.spawn(operation.run(self.open.stopping()));
        self.running.insert(id, Running { serial: self.serial, task });
        Ok(())
    }

    async fn told(&mut self, wire: &mut Wire, serial: Serial, told: Told) -> Result<(), End> {
        // One that the client has completed meanwhile tells nothing more.
        let Some(id) = self.running.iter().find(|(_, one)| one.serial == serial).map(|(id, _)| id.clone())
        else {
            return Ok(());
        };
        let said = match &told {
            Told::Next(payload) => Said::Next { id: &id, payload },
            Told::Refused(errors) => Said::Error { id: &id, payload: errors },
            Told::Complete => Said::Complete { id: &id },
        };
        if !matches!(told, Told::Next(_)) {
            self.running.remove(&id);
        }
        wire.say(&said).await
    }

    /// A task that ended before its time takes its own operation along and nothing else.
    async fn ended(&mut self, wire: &mut Wire, ended: Result<(Id, ()), JoinError>) -> Result<(), End> {
        let Err(error) = ended else { return Ok(()) };
        if error.is_cancelled() {
            return Ok(());
        }
        tracing::error!(request_id = self.request_id.as_str(), "an operation's task ended before its time");
        let Some(id) =
            self.running.iter().find(|(_, one)| one.task.id() == error.id()).map(|(id, _)| id.clone())
        else {
            return Ok(());
        };
        self.running.remove(&id);
        let errors = [RequestError::internal().into_server_error()];
        wire.say(&Said::Error { id: &id, payload: &errors }).await
    }

    /// The token is no good any more: each operation hears it, and the socket ends.
    async fn unauthenticated(&mut self, wire: &mut Wire) -> End {
        self.tasks.abort_all();
        let refusal = Payload::refused(RequestError::ended());
        let words = async {
            for (id, _) in std::mem::take(&mut self.running) {
                wire.say(&Said::Error { id: &id, payload: refusal.errors() }).await?;
            }
            Ok(())
        };
        match tokio::time::timeout(CLOSED_WITHIN, words).await {
            Ok(Err(end)) => end,
            // Whoever does not even take that is cut all the same.
            Ok(Ok(())) | Err(_) => End::UNAUTHORIZED,
        }
    }
}

/// Returns once the token that was renewed last is no good any more.
async fn token_ended(auth: Arc<dyn Authenticate>, mut callers: watch::Receiver<Arc<Caller>>) {
    loop {
        let caller = Arc::clone(&callers.borrow_and_update());
        tokio::select! {
            biased;
            renewed = callers.changed() => if renewed.is_err() { return },
            () = auth.ended(&caller) => return,
        }
    }
}

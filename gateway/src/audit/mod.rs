//! Denied reads on their way into the audit log: off the request's path, in batches, bounded.
//!
//! A request hands over what it was denied and goes on. What does not fit is counted, and the count is written as a row of
//! its own, so that a flood can neither fill the memory nor go unseen. Changes do not come this way: each is written down
//! before it is made (docs/adr/0015-audit-before-effect.md).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use resolvers::Denied;
use schema::Timestamp;
use store::Database;
use store::audit::{Actor, DeniedRead, Shed};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::auth::Caller;
use crate::clock::Clock;
use crate::http::RequestId;

/// Reads that wait to be written.
const WAITING: usize = 2000;
/// Rows of one statement.
const BATCH: usize = 200;
/// From one statement to the next: with [`BATCH`] it bounds what a flood can write.
const PAUSE: Duration = Duration::from_secs(1);
/// After a statement that failed; the batch is kept.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// At the end what waits is written, for no longer than this.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Takes denied reads. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DeniedReads {
    sender: mpsc::Sender<DeniedRead>,
    shed: Arc<Mutex<Option<Shed>>>,
}

/// Writes them.
#[derive(Debug)]
pub struct Writer {
    task: JoinHandle<()>,
    stop: mpsc::Sender<()>,
}

/// Begins to write what is denied into the database.
pub fn denied_reads(database: Database, clock: Clock) -> (DeniedReads, Writer) {
    let (sender, reads) = mpsc::channel(WAITING);
    let (stop, stopping) = mpsc::channel(1);
    let denied = DeniedReads { sender, shed: Arc::default() };
    let shed = Arc::clone(&denied.shed);
    let task = tokio::spawn(Writing { database, clock, reads, shed, stopping }.run());
    (denied, Writer { task, stop })
}

/// Who asked, as the audit log names them.
pub fn actor(caller: &Caller, request_id: &RequestId) -> Actor {
    let principal = &caller.principal;
    Actor {
        request_id: request_id.as_str().into(),
        subject: (&*principal.subject).into(),
        name: principal.name.as_deref().map(Into::into),
    }
}

impl DeniedReads {
    /// Takes what one request was denied. Never waits.
    pub fn take(&self, actor: &Actor, denied: Vec<Denied>, at: Timestamp) {
        for one in denied {
            let read = DeniedRead {
                at,
                actor: actor.clone(),
                permission: one.permission.name(),
                target: format!("{}.{}", one.on, one.field).into(),
                place: one.place.to_string().into(),
            };
            metrics::counter!("fleetgraph_denied_reads_total", "permission" => read.permission).increment(1);
            if self.sender.try_send(read).is_err() {
                let mut shed = self.shed.lock().unwrap_or_else(PoisonError::into_inner);
                shed.get_or_insert(Shed { count: 0, since: at }).count += 1;
                metrics::counter!("fleetgraph_denied_reads_shed_total").increment(1);
            }
        }
    }
}

impl Writer {
    /// Writes what waits, if the database takes it soon, and ends.
    pub async fn stop(self) {
        let _ = self.stop.send(()).await;
        let mut task = self.task;
        if tokio::time::timeout(LAST_WORDS, &mut task).await.is_err() {
            tracing::error!(
                "denied reads were left unwritten: the database did not take them before the end"
            );
            task.abort();
        }
    }
}

struct Writing {
    database: Database,
    clock: Clock,
    reads: mpsc::Receiver<DeniedRead>,
    shed: Arc<Mutex<Option<Shed>>>,
    stopping: mpsc::Receiver<()>,
}

impl Writing {
    async fn run(mut self) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut last = false;
        loop {
            tokio::select! {
                biased;
                taken = self.reads.recv_many(&mut batch, BATCH) => if taken == 0 {
                    self.write(&[]).await;
                    return;
                },
                _ = self.stopping.recv(), if !last => last = true,
            }
            if last {
                self.reads.close();
            }
            while !self.write(&batch).await {
                self.pause(AFTER_FAILURE, &mut last).await;
            }
            batch.clear();
            if !last {
                self.pause(PAUSE, &mut last).await;
            }
        }
    }

    /// Waits, for no longer than the end.
    async fn pause(&mut self, pause: Duration, last: &mut bool) {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = self.stopping.recv(), if !*last => {
                *last = true;
                self.reads.close();
            }
        }
    }

    /// Whether the database took them.
    async fn write(&self, batch: &[DeniedRead]) -> bool {
        let shed = self.shed.lock().unwrap_or_else(PoisonError::into_inner).take();
        if batch.is_empty() && shed.is_none() {
            return true;
        }
        let with_time = shed.map(|shed| (shed, (self.clock)()));
        let Err(error) = store::audit::denied_reads(&self.database, batch, with_time).await else {
            return true;
        };
        tracing::warn!(%error, "denied reads could not be written down; they are kept and tried again");
        if let Some(before) = shed {
            let mut shed = self.shed.lock().unwrap_or_else(PoisonError::into_inner);
            let more = shed.map_or(0, |later| later.count);
            *shed = Some(Shed { count: before.count + more, since: before.since });
        }
        false
    }
}

#[cfg(test)]
mod tests;

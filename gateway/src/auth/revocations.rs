//! Revocations at work: kept in the database, heard of from other replicas, forgotten when no token can live that long.

use std::sync::Arc;
use std::time::Duration;

use store::revocations::{Kind, Revocation};
use store::{Changes, Database, Topic};
use tokio::sync::watch;

use super::issuer::Issuer;
use super::standing::Standing;
use super::{Ended, Revoked, Verified};
use crate::clock::Clock;

/// How often the realm's not-before is read, and what other replicas wrote even if nobody said so.
const EVERY: Duration = Duration::from_secs(3);

pub(super) struct Revocations {
    revoked: watch::Sender<Arc<Revoked>>,
    database: Option<Database>,
    issuer: Arc<Issuer>,
    issuer_name: String,
    /// No token lives longer.
    kept: Duration,
    standing: Standing,
    clock: Clock,
}

impl Revocations {
    pub(super) fn new(
        issuer: Arc<Issuer>,
        issuer_name: String,
        kept: Duration,
        database: Option<Database>,
        clock: Clock,
    ) -> Self {
        let standing = Standing::unread("not-before", clock());
        let revoked = watch::Sender::new(Arc::default());
        Self { revoked, database, issuer, issuer_name, kept, standing, clock }
    }

    pub(super) fn standing(&self) -> &Standing {
        &self.standing
    }

    pub(super) fn covers(&self, verified: &Verified) -> bool {
        self.revoked.borrow().covers(verified)
    }

    pub(super) fn watch(&self) -> watch::Receiver<Arc<Revoked>> {
        self.revoked.subscribe()
    }

    fn change(&self, change: impl FnOnce(&mut Revoked) -> bool) -> bool {
        self.revoked.send_if_modified(|revoked| {
            let mut next = Revoked::clone(revoked);
            let changed = change(&mut next);
            if changed {
                *revoked = Arc::new(next);
            }
            changed
        })
    }

    /// Ends something here, from now on.
    pub(super) fn note(&self, ended: Ended) {
        let until = (self.clock)().plus(self.kept);
        self.change(|revoked| revoked.add(ended, until));
    }

    /// Keeps it for every replica and the next start. Nobody would say it again, so this does not give up before it has
    /// lost its meaning.
    pub(super) async fn keep(&self, ended: Ended) {
        let Some(database) = &self.database else { return };
        let until = (self.clock)().plus(self.kept);
        let (kind, name, issued_until) = match ended {
            Ended::Session(session) => (Kind::Session, session, 0),
            Ended::Subject { subject, issued_until } => (Kind::Subject, subject, issued_until),
        };
        let row = Revocation { kind, name, issued_until, until };
        while let Err(error) = store::revocations::add(database, &row).await {
            tracing::error!(%error, "a logout could not be kept; it holds in this process, and is tried again");
            if (self.clock)() >= until {
                return;
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    pub(super) fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Takes over what is kept.
    pub(super) async fn load(&self) -> Result<(), store::revocations::Failed> {
        let Some(database) = &self.database else { return Ok(()) };
        let now = (self.clock)();
        let rows = store::revocations::load(database, now).await?;
        let not_before = store::revocations::not_before(database, &self.issuer_name).await?;
        self.change(|revoked| {
            let before = revoked.clone();
            for row in rows {
                let ended = match row.kind {
                    Kind::Session => Ended::Session(row.name),
                    Kind::Subject => Ended::Subject { subject: row.name, issued_until: row.issued_until },
                };
                revoked.add(ended, row.until);
            }
            // Before the issuer was asked, what it said last time holds; afterwards it is asked often enough itself.
            if let Some(not_before) = not_before.filter(|_| self.standing.failing_since().is_some()) {
                revoked.set_not_before(not_before);
            }
            revoked.forget(now);
            *revoked != before
        });
        Ok(())
    }

    /// Reads the realm's not-before once.
    pub(super) async fn read_not_before(&self) {
        let read = self.issuer.not_before().await;
        self.standing.note(read.as_ref().map(|_| ()), (self.clock)());
        let Ok(not_before) = read else { return };
        if !self.change(|revoked| revoked.set_not_before(not_before)) {
            return;
        }
        tracing::info!(not_before, "the issuer's tokens are good from here on");
        if let Some(database) = &self.database
            && let Err(error) =
                store::revocations::set_not_before(database, &self.issuer_name, not_before).await
        {
            tracing::warn!(%error, "the realm's not-before could not be kept; it is read again after a start");
        }
    }

    /// Asks the issuer for good.
    pub(super) async fn follow_issuer(self: Arc<Self>) {
        loop {
            self.read_not_before().await;
            tokio::time::sleep(EVERY).await;
        }
    }

    /// Hears what other replicas write, for good: told so, and by looking where nobody tells.
    pub(super) async fn follow_database(self: Arc<Self>) {
        let Some(database) = self.database.clone() else { return };
        let mut changes = None;
        loop {
            if changes.is_none() {
                changes = Changes::listen(&database, [Topic::Revocations]).await.ok();
            }
            if let Err(error) = self.load().await {
                tracing::warn!(%error, "revocations of other replicas cannot be read");
            }
            match &mut changes {
                Some(listening) => {
                    if let Ok(Err(_)) = tokio::time::timeout(EVERY, listening.changed()).await {
                        changes = None;
                    }
                }
                None => tokio::time::sleep(EVERY).await,
            }
        }
    }
}

//! Wakes readers when tables change, whoever changed them: PostgreSQL's NOTIFY, raised by triggers at commit.

use sqlx::postgres::PgListener;

use crate::Database;

/// What can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// The address plan.
    Ipam,
    /// Decisions by hand.
    Overrides,
    /// People's word that a finding is known.
    Acknowledgements,
    /// Tokens that were ended before their time.
    Revocations,
}

impl Topic {
    fn channel(self) -> &'static str {
        match self {
            Self::Ipam => "fleetgraph_ipam",
            Self::Overrides => "fleetgraph_override",
            Self::Acknowledgements => "fleetgraph_acknowledgement",
            Self::Revocations => "fleetgraph_revocation",
        }
    }
}

/// Listens on a connection of its own.
pub struct Changes {
    listener: PgListener,
}

impl Changes {
    /// From now on no change is missed.
    pub async fn listen(
        database: &Database,
        topics: impl IntoIterator<Item = Topic>,
    ) -> Result<Self, sqlx::Error> {
        let mut listener = PgListener::connect_with(database.pool()).await?;
        listener.listen_all(topics.into_iter().map(Topic::channel)).await?;
        Ok(Self { listener })
    }

    /// Waits for the next change. Several that have come since the last call count as one; a connection that was lost and
    /// made anew counts as a change, because what happened in between nobody said.
    pub async fn changed(&mut self) -> Result<(), sqlx::Error> {
        self.listener.try_recv().await?;
        while self.listener.next_buffered().is_some() {}
        Ok(())
    }
}

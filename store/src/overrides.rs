//! Decisions by hand: where a hop of a path leads, whatever the sources say.

use schema::view::{HopKind, Override, Overrides};
use schema::{GlobalId, ObjectId, Timestamp};

use crate::Database;
use crate::audit::{self, Entry};
use crate::text::{moment, storable};

/// A decision, and who made it when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The path; never another kind of object.
    pub path: ObjectId,
    /// Which of its hops.
    pub hop: HopKind,
    /// Where it leads, and why.
    pub decided: Override,
    /// The subject of whoever decided.
    pub by: Box<str>,
    /// When.
    pub at: Timestamp,
}

/// Why a decision was not taken.
#[derive(Debug, thiserror::Error)]
pub enum DecideError {
    /// It cannot be kept.
    #[error("{0}")]
    Invalid(&'static str),
    /// The database did not take it.
    #[error("the decision could not be stored")]
    Database(#[from] sqlx::Error),
}

/// Longest id, in bytes: the table's key could hold no longer one.
const LONGEST_ID: usize = 2000;
/// Longest reason, in characters.
const LONGEST_REASON: usize = 2000;

/// All decisions, as the join takes them. One statement.
pub async fn load(database: &Database) -> Result<Overrides, sqlx::Error> {
    let mut overrides = Overrides::default();
    for decision in list(database).await? {
        overrides.set(decision.path, decision.hop, decision.decided);
    }
    Ok(overrides)
}

/// All decisions, with who made them, by path and hop. One statement.
pub async fn list(database: &Database) -> Result<Vec<Decision>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select path, hop::text as "hop!", target, reason, decided_by, decided_at
           from hop_override order by path, hop"#
    )
    .fetch_all(database.pool())
    .await?;
    let decisions = rows.into_iter().filter_map(|row| {
        // What this program cannot read is a newer one's, or was written by hand: it decides nothing, and stays.
        let path = GlobalId::parse(&row.path).ok()?;
        let hop = HopKind::ALL.into_iter().find(|hop| name(*hop) == row.hop)?;
        let target = row.target.map(|target| GlobalId::parse(&target)).transpose().ok()?;
        let decided = Override { target, reason: row.reason.into() };
        Some(Decision { path, hop, decided, by: row.decided_by.into(), at: row.decided_at.into() })
    });
    Ok(decisions.collect())
}

/// Takes a decision in the place of the earlier one for this hop, and writes down that the attempt was carried out: both
/// or neither.
pub async fn decide(
    database: &Database,
    decision: &Decision,
    entry: Option<Entry>,
) -> Result<(), DecideError> {
    let path = path_id(&decision.path)?;
    let target = decision.decided.target.as_ref().map(GlobalId::format);
    if target.as_ref().is_some_and(|target| target.len() > LONGEST_ID) {
        return Err(DecideError::Invalid("the target's id is too long to be kept"));
    }
    let reason = storable(&decision.decided.reason);
    if !(1..=LONGEST_REASON).contains(&reason.chars().count()) {
        return Err(DecideError::Invalid("a reason of 1 to 2000 characters is needed"));
    }
    let by: String = storable(&decision.by).chars().take(253).collect();
    let mut transaction = database.pool().begin().await?;
    sqlx::query!(
        "insert into hop_override (path, hop, target, reason, decided_by, decided_at)
         values ($1, ($2::text)::hop_kind, $3, $4, $5, $6)
         on conflict (path, hop) do update set
             (target, reason, decided_by, decided_at)
             = (excluded.target, excluded.reason, excluded.decided_by, excluded.decided_at)",
        path,
        name(decision.hop),
        target,
        reason,
        by,
        moment(decision.at)
    )
    .execute(&mut *transaction)
    .await?;
    if let Some(entry) = entry {
        audit::done_within(&mut transaction, entry, decision.at, None).await?;
    }
    transaction.commit().await?;
    Ok(())
}

/// Goes back to what the sources say; answers whether anything had been decided. As [`decide`], under an attempt and its
/// time.
pub async fn clear(
    database: &Database,
    path: &ObjectId,
    hop: HopKind,
    entry: Option<(Entry, Timestamp)>,
) -> Result<bool, DecideError> {
    let mut transaction = database.pool().begin().await?;
    let cleared = sqlx::query!(
        "delete from hop_override where path = $1 and hop = ($2::text)::hop_kind",
        path_id(path)?,
        name(hop)
    )
    .execute(&mut *transaction)
    .await?;
    if let Some((entry, at)) = entry {
        audit::done_within(&mut transaction, entry, at, None).await?;
    }
    transaction.commit().await?;
    Ok(cleared.rows_affected() > 0)
}

fn path_id(path: &ObjectId) -> Result<String, DecideError> {
    if !matches!(path, ObjectId::Path { .. }) {
        return Err(DecideError::Invalid("the id is not a path's"));
    }
    let id = GlobalId::format(path);
    if id.len() > LONGEST_ID {
        return Err(DecideError::Invalid("the path's id is too long to be kept"));
    }
    Ok(id)
}

/// As the schema and the table call it.
fn name(hop: HopKind) -> &'static str {
    match hop {
        HopKind::ProxyHost => "PROXY_HOST",
        HopKind::Address => "ADDRESS",
        HopKind::Guest => "GUEST",
        HopKind::Node => "NODE",
        HopKind::SwitchPort => "SWITCH_PORT",
    }
}

//! The audit log: rows are added and never changed, by two statements for a change and one for a batch of denied reads.
//!
//! An attempt is written before its effect and committed; what came of it is written in the effect's own transaction
//! where that is one of this database (docs/adr/0015-audit-before-effect.md).

use schema::Timestamp;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;

use crate::Database;
use crate::text::{moment, storable};

/// Who asked, and by which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// As the answer's header and the log name the request.
    pub request_id: Box<str>,
    /// `sub`.
    pub subject: Box<str>,
    /// For people to read.
    pub name: Option<Box<str>>,
}

/// An attempt to change something.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The mutation's name.
    pub action: &'static str,
    /// What it takes.
    pub permission: &'static str,
    /// The id of what is to be changed, as the caller wrote it.
    pub target: Box<str>,
    /// Where that stands, if it is there.
    pub place: Option<Box<str>>,
    /// Whether it may go on.
    pub decision: Decision,
    /// As given by the caller.
    pub reason: Option<Box<str>>,
    /// What stands there.
    pub before: Option<Value>,
    /// What is to stand there.
    pub after: Option<Value>,
}

/// Whether an attempt may go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// It may.
    Allowed,
    /// The caller may not, and why.
    Denied(Box<str>),
    /// The caller might, but it cannot be done, and why.
    Failed(Box<str>),
}

/// The row of an attempt that may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry(i64);

/// A read that was denied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeniedRead {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What it takes.
    pub permission: &'static str,
    /// `Type.field`.
    pub target: Box<str>,
    /// Where it was denied first.
    pub place: Box<str>,
}

/// Denied reads that nobody had room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shed {
    /// How many.
    pub count: u64,
    /// When the first of them was met.
    pub since: Timestamp,
}

const LONGEST_WORDS: usize = 2000;
const LONGEST_NAME: usize = 253;

/// Writes an attempt down. Where this fails, nothing may be done.
pub async fn attempt(database: &Database, attempt: &Attempt) -> Result<Entry, sqlx::Error> {
    let (decision, why) = match &attempt.decision {
        Decision::Allowed => ("allowed", None),
        Decision::Denied(why) => ("denied", Some(words(why))),
        Decision::Failed(why) => ("failed", Some(words(why))),
    };
    let id = sqlx::query_scalar!(
        "insert into audit_entry
             (kind, at, request_id, subject, name, action, permission, target, place, decision, decision_reason,
              reason, before, after)
         values ('change', $1, $2, $3, $4, $5, $6, $7, $8, ($9::text)::audit_decision, $10, $11, $12, $13)
         returning id",
        moment(attempt.at),
        &attempt.actor.request_id,
        name(&attempt.actor.subject),
        attempt.actor.name.as_deref().map(name),
        attempt.action,
        attempt.permission,
        words(&attempt.target),
        attempt.place.as_deref().map(place),
        decision,
        why,
        attempt.reason.as_deref().filter(|reason| !reason.is_empty()).map(words),
        attempt.before.as_ref().map(clean),
        attempt.after.as_ref().map(clean),
    )
    .fetch_one(database.pool())
    .await?;
    Ok(Entry(id))
}

/// Writes down that an attempt was done; `after` where only the doing showed it.
pub async fn done(
    database: &Database,
    entry: Entry,
    at: Timestamp,
    after: Option<&Value>,
) -> Result<(), sqlx::Error> {
    let mut connection = database.pool().acquire().await?;
    done_within(&mut connection, entry, at, after).await
}

/// The same within the transaction that does it: both or neither.
pub(crate) async fn done_within(
    connection: &mut PgConnection,
    entry: Entry,
    at: Timestamp,
    after: Option<&Value>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into audit_outcome (entry, at, done, after) values ($1, $2, true, $3)",
        entry.0,
        moment(at),
        after.map(clean)
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down that an attempt was allowed and yet not done.
pub async fn not_done(
    database: &Database,
    entry: Entry,
    at: Timestamp,
    why: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "insert into audit_outcome (entry, at, done, failure) values ($1, $2, false, $3)",
        entry.0,
        moment(at),
        words(why)
    )
    .execute(database.pool())
    .await?;
    Ok(())
}

/// Writes denied reads down, and how many there was no room for. One statement, however many they are.
pub async fn denied_reads(
    database: &Database,
    reads: &[DeniedRead],
    shed: Option<(Shed, Timestamp)>,
) -> Result<(), sqlx::Error> {
    let mut rows: Vec<Value> = reads
        .iter()
        .map(|read| {
            json!({
                "kind": "read",
                "at": moment(read.at).to_rfc3339(),
                "request_id": read.actor.request_id,
                "subject": name(&read.actor.subject),
                "name": read.actor.name.as_deref().map(name),
                "action": "read",
                "permission": read.permission,
                "target": words(&read.target),
                "place": place(&read.place),
                "decision_reason": format!("{} is not permitted there", read.permission),
            })
        })
        .collect();
    rows.extend(shed.map(|(shed, now)| {
        let (since, until) = (moment(shed.since).to_rfc3339(), moment(now).to_rfc3339());
        json!({
            "kind": "shed",
            "at": until,
            "request_id": "-",
            "subject": "-",
            "action": "shed",
            "target": "-",
            "decision_reason": format!("more reads were denied since {since} than could be written down"),
            "shed": i64::try_from(shed.count).unwrap_or(i64::MAX),
        })
    }));
    sqlx::query!(
        "insert into audit_entry
             (kind, at, request_id, subject, name, action, permission, target, place, decision, decision_reason, shed)
         select r.kind, r.at, r.request_id, r.subject, r.name, r.action, r.permission, r.target, r.place, 'denied',
                r.decision_reason, r.shed
         from jsonb_to_recordset($1) as r
             (kind audit_kind, at timestamptz, request_id text, subject text, name text, action text,
              permission text, target text, place text, decision_reason text, shed bigint)",
        Value::Array(rows)
    )
    .execute(database.pool())
    .await?;
    Ok(())
}

/// What the table takes of words that somebody else chose: nothing is refused for being odd, or the refusal would not be
/// written down.
fn bounded(text: &str, most: usize) -> String {
    let text: String = storable(text).chars().take(most).collect();
    if text.is_empty() { "-".to_owned() } else { text }
}

fn words(text: &str) -> String {
    bounded(text, LONGEST_WORDS)
}

fn name(text: &str) -> String {
    bounded(text, LONGEST_NAME)
}

fn place(text: &str) -> String {
    bounded(text, 1000)
}

/// JSON that jsonb holds: its texts know no NUL either.
fn clean(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(storable(text)),
        Value::Array(items) => Value::Array(items.iter().map(clean).collect()),
        Value::Object(members) => {
            Value::Object(members.iter().map(|(key, value)| (storable(key), clean(value))).collect())
        }
        other => other.clone(),
    }
}

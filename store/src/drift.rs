//! The memory of drift: what `schema::drift::track` is given and gives back.

use std::str::FromStr;

use schema::drift::{
    Acknowledged, Acknowledgement, DriftKind, Finding, FindingKey, FindingState, Severity, Tracked,
};
use schema::{GlobalId, Timestamp};
use serde_json::{Value, json};

use crate::Database;
use crate::audit::{self, Entry};
use crate::text::{moment, storable};

/// A subject longer than this, in bytes, is not remembered: the table's key could not hold it.
const LONGEST_SUBJECT: usize = 1000;

/// Every finding that is remembered, in the order of their keys. One statement.
pub async fn load(database: &Database) -> Result<Vec<Tracked>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"select kind, subject, severity::text as "severity!", about, names, declared, observed, message, sources, seen,
                  first_seen, last_seen, state::text as "state!", acknowledged_by, acknowledged_reason,
                  acknowledged_until, resolved_at
           from drift_finding"#
    )
    .fetch_all(database.pool())
    .await?;
    let mut remembered: Vec<_> = rows
        .into_iter()
        .filter_map(|row| {
            // A kind, severity or state that this program does not know is a newer one's; it stays in the table.
            let kind = DriftKind::from_str(&row.kind).ok()?;
            let severity = severity(&row.severity)?;
            let state = state(&row.state)?;
            let acknowledged = row.acknowledged_by.zip(row.acknowledged_reason).map(|(by, reason)| {
                let until = row.acknowledged_until.map(Timestamp::from);
                Acknowledged { by: by.into(), reason: reason.into(), until }
            });
            let finding = Finding {
                key: FindingKey { kind, subject: row.subject.into() },
                severity,
                about: row.about.and_then(|id| GlobalId::parse(&id).ok()),
                // Of names of which one is not understood nobody knows all.
                names: row.names.and_then(|names| names.iter().map(|id| GlobalId::parse(id).ok()).collect()),
                declared: row.declared.map(Into::into),
                observed: row.observed.map(Into::into),
                message: row.message.into(),
                sources: row.sources.into_iter().map(Into::into).collect(),
                seen: row.seen.into(),
            };
            Some(Tracked {
                finding,
                first_seen: row.first_seen.into(),
                last_seen: row.last_seen.into(),
                state,
                acknowledged,
                resolved_at: row.resolved_at.map(Timestamp::from),
            })
        })
        .collect();
    remembered.sort_by(|one, other| one.finding.key.cmp(&other.finding.key));
    Ok(remembered)
}

/// Every word that a finding is known, in the order of the findings' keys. One statement.
pub async fn acknowledgements(database: &Database) -> Result<Vec<Acknowledgement>, sqlx::Error> {
    let rows = sqlx::query!(
        "select kind, subject, acknowledged_by, reason, until, at from drift_acknowledgement order by kind, subject"
    )
    .fetch_all(database.pool())
    .await?;
    let mut words: Vec<_> = rows
        .into_iter()
        .filter_map(|row| {
            let kind = DriftKind::from_str(&row.kind).ok()?;
            let until = row.until.map(Timestamp::from);
            Some(Acknowledgement {
                key: FindingKey { kind, subject: row.subject.into() },
                word: Acknowledged { by: row.acknowledged_by.into(), reason: row.reason.into(), until },
                at: row.at.into(),
            })
        })
        .collect();
    words.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(words)
}

/// Takes a word in the place of the earlier one for this finding, and writes down that the attempt was carried out: both
/// or neither.
pub async fn acknowledge(
    database: &Database,
    given: &Acknowledgement,
    entry: Option<Entry>,
) -> Result<(), sqlx::Error> {
    let by: String = storable(&given.word.by).chars().take(253).collect();
    let mut transaction = database.pool().begin().await?;
    sqlx::query!(
        "insert into drift_acknowledgement (kind, subject, acknowledged_by, reason, until, at)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (kind, subject) do update set
             (acknowledged_by, reason, until, at)
             = (excluded.acknowledged_by, excluded.reason, excluded.until, excluded.at)",
        given.key.kind.name(),
        storable(&given.key.subject),
        by,
        storable(&given.word.reason),
        given.word.until.map(moment),
        moment(given.at)
    )
    .execute(&mut *transaction)
    .await?;
    if let Some(entry) = entry {
        audit::done_within(&mut transaction, entry, given.at, None).await?;
    }
    transaction.commit().await
}

/// Remembers exactly these findings: three statements, however many there are. What is unchanged is not written. The
/// word that a finding is known ends when it is resolved.
pub async fn save(database: &Database, tracked: &[Tracked]) -> Result<(), sqlx::Error> {
    let rows: Vec<Value> = tracked.iter().filter(|one| fits(one)).map(row).collect();
    let rows = Value::Array(rows);
    let kinds: Vec<_> = DriftKind::ALL.iter().map(|kind| kind.name().to_owned()).collect();
    let mut transaction = database.pool().begin().await?;
    sqlx::query!(
        "delete from drift_finding f
         where f.kind = any ($2) and not exists (
             select from jsonb_to_recordset($1) as r (kind text, subject text)
             where r.kind = f.kind and r.subject = f.subject)",
        rows,
        &kinds
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "insert into drift_finding as f
             (kind, subject, severity, about, names, declared, observed, message, sources, seen, first_seen, last_seen,
              state, acknowledged_by, acknowledged_reason, acknowledged_until, resolved_at)
         select * from jsonb_to_recordset($1) as r
             (kind text, subject text, severity drift_severity, about text, names text[], declared text, observed text,
              message text, sources text[], seen timestamptz, first_seen timestamptz, last_seen timestamptz,
              state drift_state, acknowledged_by text, acknowledged_reason text,
              acknowledged_until timestamptz, resolved_at timestamptz)
         on conflict (kind, subject) do update set
             (severity, about, names, declared, observed, message, sources, seen, first_seen, last_seen, state,
              acknowledged_by, acknowledged_reason, acknowledged_until, resolved_at)
             = (excluded.severity, excluded.about, excluded.names, excluded.declared, excluded.observed, excluded.message,
                excluded.sources, excluded.seen, excluded.first_seen, excluded.last_seen, excluded.state,
                excluded.acknowledged_by, excluded.acknowledged_reason, excluded.acknowledged_until,
                excluded.resolved_at)
         where f.* is distinct from excluded.*",
        rows
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "delete from drift_acknowledgement a
         using jsonb_to_recordset($1) as r (kind text, subject text, state drift_state, resolved_at timestamptz)
         where a.kind = r.kind and a.subject = r.subject and r.state = 'resolved' and a.at <= r.resolved_at",
        rows
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

fn fits(tracked: &Tracked) -> bool {
    let length = tracked.finding.key.subject.len();
    // NUL becomes a character of three bytes.
    let fits = length > 0 && length <= LONGEST_SUBJECT / 3;
    if !fits {
        tracing::warn!(
            kind = tracked.finding.key.kind.name(),
            length,
            "a finding's subject is too long to remember"
        );
    }
    fits
}

fn row(tracked: &Tracked) -> Value {
    let Tracked { finding, first_seen, last_seen, state, acknowledged, resolved_at } = tracked;
    let text = |text: &Option<Box<str>>| text.as_deref().map(storable);
    let sources: Vec<_> = finding.sources.iter().map(|source| storable(source)).collect();
    json!({
        "kind": finding.key.kind.name(),
        "subject": storable(&finding.key.subject),
        "severity": severity_name(finding.severity),
        "about": finding.about.as_ref().map(GlobalId::format),
        "names": finding.names.as_ref().map(|names| names.iter().map(GlobalId::format).collect::<Vec<_>>()),
        "declared": text(&finding.declared),
        "observed": text(&finding.observed),
        "message": storable(&finding.message),
        "sources": sources,
        "seen": moment(finding.seen).to_rfc3339(),
        "first_seen": moment(*first_seen).to_rfc3339(),
        "last_seen": moment(*last_seen).to_rfc3339(),
        "state": state_name(*state),
        "acknowledged_by": acknowledged.as_ref().map(|word| storable(&word.by)),
        "acknowledged_reason": acknowledged.as_ref().map(|word| storable(&word.reason)),
        "acknowledged_until": acknowledged.as_ref().and_then(|word| word.until).map(|at| moment(at).to_rfc3339()),
        "resolved_at": resolved_at.map(|at| moment(at).to_rfc3339()),
    })
}

fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn severity(name: &str) -> Option<Severity> {
    [Severity::Info, Severity::Warning, Severity::Error]
        .into_iter()
        .find(|severity| severity_name(*severity) == name)
}

fn state_name(state: FindingState) -> &'static str {
    match state {
        FindingState::Open => "open",
        FindingState::Acknowledged => "acknowledged",
        FindingState::Resolved => "resolved",
        FindingState::Unknown => "unknown",
    }
}

fn state(name: &str) -> Option<FindingState> {
    [FindingState::Open, FindingState::Acknowledged, FindingState::Resolved, FindingState::Unknown]
        .into_iter()
        .find(|state| state_name(*state) == name)
}

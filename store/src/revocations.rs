//! Sessions and subjects whose tokens were ended before their time, and the realm's not-before.

use schema::Timestamp;
use sqlx::Row as _;

use crate::Database;
use crate::text::moment;

/// The database did not take it, or did not answer.
pub type Failed = sqlx::Error;

/// What a revocation names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A session, by `sid`.
    Session,
    /// A subject, by `sub`.
    Subject,
}

/// One revocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// What `name` is.
    pub kind: Kind,
    /// `sid` or `sub`.
    pub name: String,
    /// Of a subject: what was issued up to this second.
    pub issued_until: i64,
    /// From then on no token that it covers can be alive.
    pub until: Timestamp,
}

/// Keeps one, and forgets those whose time is over. What is known already only grows.
pub async fn add(database: &Database, one: &Revocation) -> Result<(), Failed> {
    let mut transaction = database.pool().begin().await?;
    sqlx::query("delete from revocation where until < now() - interval '1 day'")
        .execute(&mut *transaction)
        .await?;
    sqlx::query(
        "insert into revocation (kind, name, issued_until, until) values (($1::text)::revocation_kind, $2, $3, $4)
         on conflict (kind, name) do update set
             issued_until = greatest(revocation.issued_until, excluded.issued_until),
             until = greatest(revocation.until, excluded.until)",
    )
    .bind(match one.kind {
        Kind::Session => "SESSION",
        Kind::Subject => "SUBJECT",
    })
    .bind(&one.name)
    .bind(one.issued_until)
    .bind(moment(one.until))
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// Those that matter at a moment.
pub async fn load(database: &Database, now: Timestamp) -> Result<Vec<Revocation>, Failed> {
    let rows = sqlx::query("select kind::text, name, issued_until, until from revocation where until > $1")
        .bind(moment(now))
        .fetch_all(database.pool())
        .await?;
    let revocation = |row: sqlx::postgres::PgRow| {
        let kind: String = row.try_get(0)?;
        let until: chrono::DateTime<chrono::Utc> = row.try_get(3)?;
        Ok(Revocation {
            kind: if kind == "SESSION" { Kind::Session } else { Kind::Subject },
            name: row.try_get(1)?,
            issued_until: row.try_get(2)?,
            until: until.into(),
        })
    };
    rows.into_iter().map(revocation).collect()
}

/// The realm's not-before, as it was last kept.
pub async fn not_before(database: &Database, issuer: &str) -> Result<Option<i64>, Failed> {
    sqlx::query_scalar("select not_before from token_not_before where issuer = $1")
        .bind(issuer)
        .fetch_optional(database.pool())
        .await
}

/// Keeps the realm's not-before.
pub async fn set_not_before(database: &Database, issuer: &str, not_before: i64) -> Result<(), Failed> {
    sqlx::query(
        "insert into token_not_before (issuer, not_before) values ($1, $2)
         on conflict (issuer) do update set not_before = excluded.not_before",
    )
    .bind(issuer)
    .bind(not_before)
    .execute(database.pool())
    .await?;
    Ok(())
}

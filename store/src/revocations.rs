//! Sessions and subjects whose tokens were ended before their time, and the realm's not-before.

use schema::Timestamp;

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
    sqlx::query!("delete from revocation where until < now() - interval '1 day'")
        .execute(&mut *transaction)
        .await?;
    sqlx::query!(
        r#"insert into revocation (kind, name, issued_until, until)
           values (($1::text)::revocation_kind, $2, $3, $4)
           on conflict (kind, name) do update set
               issued_until = greatest(revocation.issued_until, excluded.issued_until),
               until = greatest(revocation.until, excluded.until)"#,
        match one.kind {
            Kind::Session => "SESSION",
            Kind::Subject => "SUBJECT",
        },
        one.name,
        one.issued_until,
        moment(one.until),
    )
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}

/// Those that matter at a moment.
pub async fn load(database: &Database, now: Timestamp) -> Result<Vec<Revocation>, Failed> {
    let rows = sqlx::query!(
        r#"select kind = 'SESSION' as "of_session!", name, issued_until, until from revocation where until > $1"#,
        moment(now),
    )
    .fetch_all(database.pool())
    .await?;
    let revocations = rows.into_iter().map(|row| Revocation {
        kind: if row.of_session { Kind::Session } else { Kind::Subject },
        name: row.name,
        issued_until: row.issued_until,
        until: row.until.into(),
    });
    Ok(revocations.collect())
}

/// The realm's not-before, as it was last kept.
pub async fn not_before(database: &Database, issuer: &str) -> Result<Option<i64>, Failed> {
    sqlx::query_scalar!("select not_before from token_not_before where issuer = $1", issuer)
        .fetch_optional(database.pool())
        .await
}

/// Keeps the realm's not-before.
pub async fn set_not_before(database: &Database, issuer: &str, not_before: i64) -> Result<(), Failed> {
    sqlx::query!(
        r#"insert into token_not_before (issuer, not_before) values ($1, $2)
           on conflict (issuer) do update set not_before = excluded.not_before"#,
        issuer,
        not_before,
    )
    .execute(database.pool())
    .await?;
    Ok(())
}

//! Values on their way into the tables: what PostgreSQL's types cannot hold is bent, never refused, because one odd value
//! of an upstream must not keep its neighbours from being stored.

use chrono::{DateTime, Utc};
use schema::Timestamp;

/// PostgreSQL's text holds every character but NUL.
pub(crate) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// A moment within the years that every client of the database can show.
pub(crate) fn moment(at: Timestamp) -> DateTime<Utc> {
    /// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z, in milliseconds.
    const YEARS: (i64, i64) = (-62_135_596_800_000, 253_402_300_799_000);
    Timestamp::from_millis(at.millis().clamp(YEARS.0, YEARS.1)).to_chrono()
}

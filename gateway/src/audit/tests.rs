//! The batch writer against real PostgreSQL: what is denied is written; a flood is bounded and counted.

use std::sync::Arc;

use schema::policy::{Permission, Place};
use sqlx::Row as _;
use store::testing::TestDatabase;

use super::*;

fn denied(field: &'static str) -> Denied {
    Denied { permission: Permission::BillingRead, on: "Organization", field, place: Place::default() }
}

fn by(request_id: &str) -> Actor {
    Actor { request_id: request_id.into(), subject: "ada".into(), name: None }
}

async fn rows(test: &TestDatabase) -> Vec<(String, String, Option<i64>)> {
    let sql = "select request_id, target, shed from audit_entry order by id";
    let rows = sqlx::query(sql).fetch_all(test.database().pool()).await.expect("the table");
    rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect()
}

fn clock() -> Clock {
    Arc::new(|| Timestamp::from_seconds(1_700_000_000))
}

#[tokio::test]
async fn what_a_request_was_denied_is_written_one_row_a_field() {
    let test = TestDatabase::create().await;
    let (reads, writer) = denied_reads(test.database().clone(), clock());
    reads.take(&by("r1"), vec![denied("invoices"), denied("entitlements")], Timestamp::from_seconds(1));
    writer.stop().await;
    let expected = ["Organization.invoices", "Organization.entitlements"];
    assert_eq!(rows(&test).await, expected.map(|target| ("r1".to_owned(), target.to_owned(), None)));
}

#[tokio::test]
async fn a_flood_is_bounded_and_what_was_shed_is_counted_in_a_row() {
    let test = TestDatabase::create().await;
    let (reads, writer) = denied_reads(test.database().clone(), clock());
    // The writer gets no turn in between: this test has one thread and does not await.
    let asked = WAITING as u64 + 777;
    for number in 0..asked {
        reads.take(&by(&format!("r{number}")), vec![denied("invoices")], Timestamp::from_seconds(1));
    }
    writer.stop().await;
    let rows = rows(&test).await;
    assert_eq!(rows.iter().filter(|row| row.2.is_none()).count(), WAITING);
    assert_eq!(rows.iter().filter_map(|row| row.2).sum::<i64>(), 777);
    assert_eq!(rows.iter().filter(|row| row.2.is_some()).count(), 1);
}

#[tokio::test]
async fn what_a_database_that_is_down_does_not_take_is_written_later() {
    let test = TestDatabase::create().await;
    test.run("alter table audit_entry rename to audit_entry_away").await;
    let (reads, writer) = denied_reads(test.database().clone(), clock());
    reads.take(&by("r1"), vec![denied("invoices")], Timestamp::from_seconds(1));
    let mut connection = test.connect().await;
    // Once the first attempt has failed, the writer waits; then the table is there again.
    let failed = async {
        let tried = "select xact_rollback from pg_stat_database where datname = current_database()";
        loop {
            let row = sqlx::query(tried).fetch_one(&mut connection).await.expect("the catalog");
            if row.get::<i64, _>(0) > 0 {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), failed).await.expect("it was tried");
    test.run("alter table audit_entry_away rename to audit_entry").await;
    writer.stop().await;
    assert_eq!(rows(&test).await, [("r1".to_owned(), "Organization.invoices".to_owned(), None)]);
}

//! The audit log: what is written stays as it was written, odd values included.

use schema::Timestamp;
use serde_json::{Value, json};
use sqlx::Row as _;
use store::audit::{self, Actor, Attempt, Decision, DeniedRead, Entry, Shed};
use store::testing::TestDatabase;

fn attempt(decision: Decision) -> Attempt {
    Attempt {
        at: Timestamp::from_seconds(1_700_000_000),
        actor: Actor { request_id: "r-1".into(), subject: "ada".into(), name: Some("Ada".into()) },
        action: "overrideHop",
        permission: "ipam:write",
        target: "Path:edge:p1:app.example.org".into(),
        place: Some("baremetal:lab:*:*".into()),
        decision,
        reason: Some("the cable was moved".into()),
        before: Some(json!({ "hop": "GUEST" })),
        after: Some(Value::Null),
    }
}

async fn write(test: &TestDatabase, attempt: &Attempt) -> Entry {
    audit::attempt(test.database(), attempt).await.expect("it is written")
}

/// Rows as text, one a line, without the order of a JSON object's members to think of.
async fn shown(test: &TestDatabase, sql: &str) -> Vec<String> {
    let rows = sqlx::query(sqlx::AssertSqlSafe(sql.to_owned())).fetch_all(test.database().pool()).await;
    rows.expect(sql).iter().map(|row| row.get(0)).collect()
}

#[tokio::test]
async fn an_attempt_and_its_outcome_are_two_rows() {
    let test = TestDatabase::create().await;
    let done = write(&test, &attempt(Decision::Allowed)).await;
    let after = json!({ "collectedAt": "now" });
    audit::done(test.database(), done, Timestamp::from_seconds(1_700_000_001), Some(&after))
        .await
        .expect("written");
    let undone = write(&test, &attempt(Decision::Allowed)).await;
    audit::not_done(test.database(), undone, Timestamp::from_seconds(1_700_000_002), "no answer")
        .await
        .expect("written");
    write(&test, &attempt(Decision::Denied("ipam:write is not permitted there".into()))).await;
    write(&test, &attempt(Decision::Failed("NOT_FOUND".into()))).await;

    let sql = "select concat_ws('|', e.kind, e.request_id, e.subject, e.name, e.action, e.permission, e.target,
                   e.place, e.decision, e.decision_reason, e.reason, e.before, e.after, o.done, o.failure, o.after)
               from audit_entry e left join audit_outcome o on o.entry = e.id order by e.id";
    let begins = "change|r-1|ada|Ada|overrideHop|ipam:write|Path:edge:p1:app.example.org|baremetal:lab:*:*";
    let ends = "the cable was moved|{\"hop\": \"GUEST\"}|null";
    assert_eq!(
        shown(&test, sql).await,
        [
            format!("{begins}|allowed|{ends}|t|{{\"collectedAt\": \"now\"}}"),
            format!("{begins}|allowed|{ends}|f|no answer"),
            format!("{begins}|denied|ipam:write is not permitted there|{ends}"),
            format!("{begins}|failed|NOT_FOUND|{ends}"),
        ]
    );
}

#[tokio::test]
async fn nothing_that_was_written_is_changed_or_removed() {
    let test = TestDatabase::create().await;
    let entry = write(&test, &attempt(Decision::Allowed)).await;
    let at = Timestamp::from_seconds(1_700_000_001);
    audit::not_done(test.database(), entry, at, "no answer").await.expect("written");
    for statement in [
        "update audit_entry set subject = 'eve'",
        "update audit_entry set hash = null where false",
        "delete from audit_entry where subject = 'ada'",
        "truncate audit_entry cascade",
        "update audit_outcome set done = true, failure = null",
        "delete from audit_outcome",
        "truncate audit_outcome",
        "insert into audit_entry (kind, at, request_id, subject, action, target, decision, decision_reason, id)
             overriding system value select kind, at, request_id, 'eve', action, target, 'denied', 'x', id from audit_entry
             on conflict (id) do update set subject = 'eve'",
    ] {
        let refused = sqlx::query(statement).execute(test.database().pool()).await;
        let refused = refused.expect_err(statement).to_string();
        assert!(refused.contains("the audit log is append-only"), "{statement}: {refused}");
    }
    // And one outcome is all that an attempt has.
    audit::not_done(test.database(), entry, at, "another").await.expect_err("it has one already");
    assert_eq!(shown(&test, "select subject from audit_entry").await, ["ada"]);
    assert_eq!(shown(&test, "select failure from audit_outcome").await, ["no answer"]);
}

#[tokio::test]
async fn words_that_no_table_would_take_are_written_as_far_as_it_does() {
    let test = TestDatabase::create().await;
    let odd = "\0".repeat(5000);
    let actor = Actor { request_id: "r".into(), subject: odd.as_str().into(), name: Some("".into()) };
    let odd = Attempt {
        actor,
        target: odd.as_str().into(),
        place: Some(odd.as_str().into()),
        decision: Decision::Failed("".into()),
        reason: Some("".into()),
        before: Some(json!({ "a\0": ["b\0"] })),
        ..attempt(Decision::Allowed)
    };
    write(&test, &odd).await;
    let sql =
        "select concat_ws('|', length(subject), name, length(target), length(place), decision_reason, reason,
                   before) from audit_entry";
    let before = "{\"a\u{fffd}\": [\"b\u{fffd}\"]}";
    assert_eq!(shown(&test, sql).await, [format!("253|-|2000|1000|-|{before}")]);
}

#[tokio::test]
async fn denied_reads_are_one_statement_and_what_was_shed_is_a_row_with_its_count() {
    let test = TestDatabase::create().await;
    let read = |number: i64, target: &str| DeniedRead {
        at: Timestamp::from_seconds(number),
        actor: attempt(Decision::Allowed).actor,
        permission: "billing:read",
        target: target.into(),
        place: "*:*:*:*".into(),
    };
    let reads: Vec<_> = (0..500).map(|number| read(number, "Organization.invoices")).collect();
    let shed = Shed { count: 41, since: Timestamp::from_seconds(7) };
    audit::denied_reads(test.database(), &reads, Some((shed, Timestamp::from_seconds(9))))
        .await
        .expect("written");
    audit::denied_reads(test.database(), &[], None).await.expect("nothing to write");
    let sql = "select concat_ws('|', kind, count(*), min(target), min(permission), min(decision), sum(shed))
               from audit_entry group by kind order by kind";
    assert_eq!(
        shown(&test, sql).await,
        ["read|500|Organization.invoices|billing:read|denied", "shed|1|-|denied|41"]
    );
}

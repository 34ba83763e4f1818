//! Decisions by hand: taken, replaced, cleared, refused.

use std::time::Duration;

use schema::view::{HopKind, Override};
use schema::{ObjectId, Timestamp};
use store::overrides::{self, Decision};
use store::testing::TestDatabase;
use store::{Changes, Topic};

fn path(entry: &str) -> ObjectId {
    ObjectId::Path { source: "edge".into(), reference: "p12".into(), entry: entry.into() }
}

fn decision(entry: &str, hop: HopKind, target: Option<ObjectId>) -> Decision {
    let decided = Override { target, reason: "the \u{fc}bliche reason".into() };
    Decision { path: path(entry), hop, decided, by: "ada".into(), at: Timestamp::from_seconds(1_700_000_000) }
}

fn guest() -> ObjectId {
    ObjectId::Guest { cluster: "pve-lab".into(), vmid: 117 }
}

#[tokio::test]
async fn a_decision_is_taken_replaced_and_cleared() {
    let test = TestDatabase::create().await;
    let database = test.database();
    let (a, b) = ("app.example.org/api", "tcp:2222");
    for hop in HopKind::ALL {
        overrides::decide(database, &decision(a, hop, Some(guest())), None).await.expect("it is taken");
    }
    let nowhere = decision(b, HopKind::Guest, None);
    overrides::decide(database, &nowhere, None).await.expect("it is taken");
    let replaced = decision(a, HopKind::Node, None);
    overrides::decide(database, &replaced, None).await.expect("it is taken");

    let listed = overrides::list(database).await.expect("they are there");
    let expected: Vec<_> = HopKind::ALL
        .into_iter()
        .map(|hop| decision(a, hop, if hop == HopKind::Node { None } else { Some(guest()) }))
        .chain([nowhere.clone()])
        .collect();
    assert_eq!(listed, expected);

    let loaded = overrides::load(database).await.expect("they are there");
    assert_eq!(loaded.of(&path(a)).expect("decided").len(), 5);
    assert_eq!(loaded.of(&path(b)).expect("decided").get(&HopKind::Guest), Some(&nowhere.decided));

    assert!(overrides::clear(database, &path(b), HopKind::Guest, None).await.expect("it is cleared"));
    assert!(!overrides::clear(database, &path(b), HopKind::Guest, None).await.expect("nothing to clear"));
    assert_eq!(overrides::load(database).await.expect("they are there").of(&path(b)), None);
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_and_what_cannot_be_read_decides_nothing() {
    let test = TestDatabase::create().await;
    let check = async |decision: Decision, words: &str| {
        let refused = overrides::decide(test.database(), &decision, None).await.expect_err(words).to_string();
        assert!(refused.contains(words), "{refused}");
    };
    let good = decision("a", HopKind::Guest, Some(guest()));
    let without_reason = Override { reason: "".into(), ..good.decided.clone() };
    check(Decision { decided: without_reason, ..good.clone() }, "a reason of").await;
    let endless = Override { reason: "x".repeat(2001).into(), ..good.decided.clone() };
    check(Decision { decided: endless, ..good.clone() }, "a reason of").await;
    check(Decision { path: path(&"x".repeat(3000)), ..good.clone() }, "too long").await;
    check(Decision { path: ObjectId::Hostname("a".into()), ..good.clone() }, "not a path's").await;
    check(decision("a", HopKind::Guest, Some(ObjectId::Hostname("x".repeat(3000).into()))), "too long").await;
    assert_eq!(overrides::list(test.database()).await.expect("none"), []);

    test.run(
        "insert into hop_override (path, hop, target, reason, decided_by, decided_at)
         values ('Path:nonsense', 'GUEST', null, 'r', 'b', now()), ('Path:edge:p1:a', 'GUEST', 'nonsense', 'r', 'b', now())",
    )
    .await;
    assert_eq!(overrides::list(test.database()).await.expect("none that can be read"), []);
}

#[tokio::test]
async fn a_decision_wakes_who_listens() {
    let test = TestDatabase::create().await;
    let mut changes = Changes::listen(test.database(), [Topic::Overrides]).await.expect("it listens");
    overrides::decide(test.database(), &decision("a", HopKind::Guest, None), None)
        .await
        .expect("it is taken");
    let woken = tokio::time::timeout(Duration::from_secs(30), changes.changed()).await;
    woken.expect("somebody tells").expect("the server answers");
}

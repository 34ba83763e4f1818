//! The memory of drift: what is saved is loaded, whatever the texts hold.

use schema::drift::{
    Acknowledged, Acknowledgement, DriftKind, Finding, FindingKey, FindingState, Severity, Tracked,
};
use schema::{ObjectId, Timestamp};
use store::drift;
use store::testing::TestDatabase;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_700_000_000 + seconds)
}

fn tracked(kind: DriftKind, subject: &str) -> Tracked {
    let finding = Finding {
        key: FindingKey { kind, subject: subject.into() },
        severity: Severity::Warning,
        about: Some(ObjectId::Guest { cluster: "pve-lab".into(), vmid: 117 }),
        names: Some(vec![
            ObjectId::Organization("b\u{fc}ro".into()),
            ObjectId::Guest { cluster: "pve-lab".into(), vmid: 3 },
        ]),
        declared: Some("10.0.0.5".into()),
        observed: None,
        message: "the address is written down for another".into(),
        sources: vec!["ipam".into(), "pve-lab".into()],
        seen: at(5),
    };
    let (first_seen, last_seen) = (at(0), at(5));
    Tracked {
        finding,
        first_seen,
        last_seen,
        state: FindingState::Open,
        acknowledged: None,
        resolved_at: None,
    }
}

async fn check(test: &TestDatabase, saved: &[Tracked]) {
    drift::save(test.database(), saved).await.expect("it is taken");
    assert_eq!(drift::load(test.database()).await.expect("it is there"), saved);
}

#[tokio::test]
async fn what_is_saved_is_loaded() {
    let test = TestDatabase::create().await;
    check(&test, &[]).await;
    let open = tracked(DriftKind::DuplicateGuestIp, "10.0.0.5 (default)");
    let word = Acknowledged { by: "ada".into(), reason: "moving".into(), until: Some(at(100)) };
    let known = Tracked {
        state: FindingState::Acknowledged,
        acknowledged: Some(word.clone()),
        ..tracked(DriftKind::VmidIpMismatch, "a 'quoted' subject")
    };
    let blind = Tracked {
        state: FindingState::Unknown,
        acknowledged: Some(Acknowledged { until: None, ..word }),
        ..tracked(DriftKind::OwnerConflict, "b\u{fc}ro")
    };
    let mut gone = Tracked {
        state: FindingState::Resolved,
        resolved_at: Some(at(50)),
        ..tracked(DriftKind::OwnerConflict, "pve-lab/117")
    };
    gone.finding.names = None;
    check(&test, &[open.clone(), known.clone(), blind.clone(), gone.clone()]).await;
    // Later: one is forgotten, one changed, one new.
    let later = Tracked { last_seen: at(60), ..open };
    let new = tracked(DriftKind::DuplicateMac, "bc:24:11:00:00:05");
    check(&test, &[later, new, blind, gone]).await;
    check(&test, &[]).await;
}

#[tokio::test]
async fn an_odd_text_keeps_no_neighbour_from_being_remembered() {
    let test = TestDatabase::create().await;
    let good = tracked(DriftKind::DuplicateGuestIp, "good");
    let mut odd = tracked(DriftKind::DuplicateGuestIp, "odd\0");
    odd.finding.message = "nul \0 here".into();
    odd.first_seen = Timestamp::from_millis(i64::MIN);
    let endless = tracked(DriftKind::DuplicateMac, &"x".repeat(5000));
    drift::save(test.database(), &[good.clone(), odd, endless]).await.expect("it is taken");
    let loaded = drift::load(test.database()).await.expect("it is there");
    assert_eq!(loaded.len(), 2);
    assert_eq!(loaded[0], good);
    assert_eq!(&*loaded[1].finding.message, "nul \u{fffd} here");
}

#[tokio::test]
async fn what_another_version_wrote_is_left_alone() {
    let test = TestDatabase::create().await;
    test.run(
        "insert into drift_finding (kind, subject, severity, message, sources, seen, first_seen, last_seen, state)
         values ('FROM_THE_FUTURE', 'a', 'info', 'm', '{}', now(), now(), now(), 'open')",
    )
    .await;
    check(&test, &[tracked(DriftKind::DuplicateMac, "a")]).await;
    let left = "do $$ begin assert (select count(*) from drift_finding) = 2; end $$";
    test.run(left).await;
}

#[tokio::test]
async fn a_word_that_a_finding_is_known_outlives_every_save_until_it_is_resolved() {
    let test = TestDatabase::create().await;
    let open = tracked(DriftKind::DuplicateGuestIp, "a");
    let key = open.finding.key.clone();
    let given = |reason: &str| Acknowledgement {
        key: key.clone(),
        word: Acknowledged { by: "ada".into(), reason: reason.into(), until: Some(at(99)) },
        at: at(50),
    };
    drift::acknowledge(test.database(), &given("first"), None).await.expect("it is taken");
    drift::acknowledge(test.database(), &given("second"), None).await.expect("in the place of the first");
    // Whoever saves has not heard of it yet.
    drift::save(test.database(), std::slice::from_ref(&open)).await.expect("it is taken");
    drift::save(test.database(), &[]).await.expect("it is taken");
    assert_eq!(drift::acknowledgements(test.database()).await.expect("it is there"), [given("second")]);

    let resolved = Tracked { state: FindingState::Resolved, resolved_at: Some(at(49)), ..open };
    drift::save(test.database(), std::slice::from_ref(&resolved)).await.expect("it is taken");
    let words = drift::acknowledgements(test.database()).await.expect("it is there");
    assert_eq!(words, [given("second")], "what was resolved before it was given is another finding");
    let resolved = Tracked { resolved_at: Some(at(51)), ..resolved };
    drift::save(test.database(), &[resolved]).await.expect("it is taken");
    assert_eq!(drift::acknowledgements(test.database()).await.expect("none is left"), []);
}

//! Revocations: kept, grown, heard of, forgotten when no token can live that long.

use std::time::Duration;

use schema::Timestamp;
use store::revocations::{self, Kind, Revocation};
use store::testing::TestDatabase;
use store::{Changes, Topic};

fn revocation(kind: Kind, issued_until: i64, until: i64) -> Revocation {
    Revocation { kind, name: "4f1c".into(), issued_until, until: Timestamp::from_seconds(until) }
}

/// Far in the future of any machine that runs this: the table is swept by the database's own clock.
const LATER: i64 = 4_000_000_000;

#[tokio::test]
async fn what_is_known_only_grows() {
    let test = TestDatabase::create().await;
    let database = test.database();
    let check = async |given: &[Revocation], at: i64, expected: &[Revocation]| {
        for one in given {
            revocations::add(database, one).await.expect("it is kept");
        }
        let mut loaded =
            revocations::load(database, Timestamp::from_seconds(at)).await.expect("they are there");
        loaded.sort_by_key(|one| one.kind == Kind::Subject);
        assert_eq!(loaded, expected, "{given:?}");
    };
    let session = revocation(Kind::Session, 0, LATER + 10);
    check(std::slice::from_ref(&session), LATER, std::slice::from_ref(&session)).await;
    // A session and a subject of one name are two; what comes late and says less takes nothing back.
    let subject = revocation(Kind::Subject, 700, LATER + 20);
    let less = revocation(Kind::Subject, 600, LATER + 30);
    let both = [session.clone(), revocation(Kind::Subject, 700, LATER + 30)];
    check(&[subject, less], LATER, &both).await;
    check(&[], LATER + 10, &both[1..]).await;
    check(&[], LATER + 30, &[]).await;
}

#[tokio::test]
async fn what_no_token_can_outlive_is_swept() {
    let test = TestDatabase::create().await;
    let kept = async || {
        let all = revocations::load(test.database(), Timestamp::from_seconds(0)).await;
        all.expect("they are there").len()
    };
    revocations::add(test.database(), &revocation(Kind::Session, 0, 1_000_000_000))
        .await
        .expect("it is kept");
    assert_eq!(kept().await, 1, "the one that was added is not swept before it was told to others");
    revocations::add(test.database(), &revocation(Kind::Subject, 0, LATER)).await.expect("it is kept");
    assert_eq!(kept().await, 1);
}

#[tokio::test]
async fn a_revocation_wakes_who_listens() {
    let test = TestDatabase::create().await;
    let mut changes = Changes::listen(test.database(), [Topic::Revocations]).await.expect("it listens");
    revocations::add(test.database(), &revocation(Kind::Session, 0, LATER)).await.expect("it is kept");
    let woken = tokio::time::timeout(Duration::from_secs(30), changes.changed()).await;
    woken.expect("somebody tells").expect("the server answers");
}

#[tokio::test]
async fn the_not_before_is_of_its_issuer_and_the_last_word_counts() {
    let test = TestDatabase::create().await;
    let (a, b) = ("https://id.example.org/realms/a", "https://id.example.org/realms/b");
    let check = async |issuer: &str, expected: Option<i64>| {
        assert_eq!(revocations::not_before(test.database(), issuer).await.expect("it answers"), expected);
    };
    check(a, None).await;
    for said in [1_700_000_000, 1_600_000_000] {
        revocations::set_not_before(test.database(), a, said).await.expect("it is kept");
        check(a, Some(said)).await;
    }
    check(b, None).await;
    assert!(revocations::set_not_before(test.database(), a, -1).await.is_err(), "no moment");
    check(a, Some(1_600_000_000)).await;
}

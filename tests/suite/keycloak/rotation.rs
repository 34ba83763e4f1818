//! The realm's keys are turned while everybody asks: no good token is refused, and what a removed key signed soon is.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;

use super::house::House;
use crate::kit::gateway::PATIENCE;
use crate::kit::keycloak::Realm;

/// How many ask at a time.
const ASKING: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn keys_turn_under_load_without_a_restart() {
    let realm = Realm::own().await;
    let house = House::of(&realm).await;
    let old = realm.service_account().await.access;
    let token = Arc::new(Mutex::new(old.clone()));
    let (stop, asked, refused) =
        (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let load: Vec<_> = (0..ASKING)
        .map(|_| {
            let (token, stop, asked, refused) =
                (Arc::clone(&token), Arc::clone(&stop), Arc::clone(&asked), Arc::clone(&refused));
            let client = house.bearing("");
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let bearing = token.lock().expect("no panic").clone();
                    let answer = client.clone().bearing(bearing).graphql("{ __typename }", Value::Null).await;
                    asked.fetch_add(1, Ordering::Relaxed);
                    if answer.status != 200 {
                        refused.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    let status = async |token: &str| house.bearing(token).graphql("{ __typename }", Value::Null).await.status;
    let until = async |what: &str, token: &str, wanted: u16| {
        let began = Instant::now();
        let asking = async {
            while status(token).await != wanted {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        assert!(tokio::time::timeout(PATIENCE, asking).await.is_ok(), "{what}: never {wanted}");
        began.elapsed()
    };

    realm.add_key().await;
    let new = realm.service_account().await.access;
    assert_ne!(old.split('.').next(), new.split('.').next(), "the new key signs");
    let after = until("a new key", &new, 200).await;
    eprintln!("a key is new: a token that it signed was taken after {after:?}");
    assert_eq!(status(&old).await, 200, "the older one still signs");
    token.lock().expect("no panic").clone_from(&new);
    realm.drop_old_keys().await;
    // This account's tokens live for ten minutes, so nothing but its key can be why one is refused.
    let after = until("a key that has left", &old, 401).await;
    eprintln!("a key has left: a token that it signed was refused after {after:?}");
    stop.store(true, Ordering::Relaxed);
    for one in load {
        one.await.expect("no panic");
    }
    let (asked, refused) = (asked.load(Ordering::Relaxed), refused.load(Ordering::Relaxed));
    assert_eq!(refused, 0, "of {asked} requests with a good token");
    eprintln!("{asked} requests meanwhile, none refused");
    house.stop().await;
}

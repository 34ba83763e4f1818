//! A realm's keys are turned: the new one signs at once, and what the removed one signed Keycloak itself refuses.

use crate::kit::keycloak::Realm;

#[tokio::test(flavor = "multi_thread")]
async fn a_new_key_signs_at_once_and_a_removed_one_is_gone_at_once() {
    let realm = Realm::own().await;
    let old = realm.service_account().await.access;
    let before = realm.key_ids().await;
    realm.add_key().await;
    let new = realm.service_account().await.access;
    assert_eq!(realm.key_ids().await.len(), before.len() + 1, "both are published");
    assert_ne!(header(&old), header(&new), "the new key signs");
    for token in [&old, &new] {
        assert_eq!(realm.introspect(token).await["active"], true, "both are good");
    }
    realm.drop_old_keys().await;
    assert_eq!(realm.introspect(&old).await["active"], false);
    assert_eq!(realm.introspect(&new).await["active"], true);
}

fn header(token: &str) -> &str {
    token.split('.').next().expect("a header")
}

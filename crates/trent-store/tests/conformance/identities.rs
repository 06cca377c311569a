//! Users and access keys.

use crate::support::samples::*;
use trent_store::{Committed, RegistryStore};
use trent_types::{Change, ChangeRefused};

on_both_stores! {
    users_are_found_without_regard_to_case
    a_user_has_two_access_keys_at_most
    roots_seeded_key_is_replaced
    evaluators_that_start_together_seed_one_root_key
}

async fn users_are_found_without_regard_to_case(store: &impl RegistryStore) {
    make(store, &Change::CreateUser(user("Alice"))).await;
    let again = commit(store, &Change::CreateUser(user("ALICE"))).await;
    assert_eq!(again, Committed::Refused(ChangeRefused::AlreadyExists));
    let found = store.user(account(), "aLICE").await.unwrap();
    assert_eq!(found, Some((user("Alice"), 0)));
    assert_eq!(store.user("444455556666".parse().unwrap(), "Alice").await.unwrap(), None);
}

async fn a_user_has_two_access_keys_at_most(store: &impl RegistryStore) {
    let create = |id: &str, user_name| Change::CreateAccessKey {
        access_key: access_key(id, user_name),
        sealed_secret: b"sealed".to_vec(),
    };
    let missing = commit(store, &create("AKIA1", Some("alice"))).await;
    assert_eq!(missing, Committed::Refused(ChangeRefused::NotFound));
    make(store, &Change::CreateUser(user("alice"))).await;
    let keys = ["AKIA1", "AKIA2", "AKIA3", "AKIA4"].map(|id| create(id, Some("ALICE")));
    let outcomes = tokio::join!(
        commit(store, &keys[0]),
        commit(store, &keys[1]),
        commit(store, &keys[2]),
        commit(store, &keys[3]),
    );
    let outcomes = [outcomes.0, outcomes.1, outcomes.2, outcomes.3];
    let what = "AccessKeysPerUser".to_owned();
    let limit = ChangeRefused::LimitExceeded { what, limit: 2, current: 2 };
    let made = outcomes.iter().filter(|outcome| **outcome == Committed::Now).count();
    let refused = Committed::Refused(limit);
    assert_eq!(made, 2);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == refused).count(), 2);
    assert_eq!(store.user(account(), "alice").await.unwrap(), Some((user("alice"), 2)));
    assert!(!store.has_root_key(account()).await.unwrap());
    make(store, &create("AKIAROOT", None)).await;
    assert!(store.has_root_key(account()).await.unwrap());
    let stored = store.access_key("AKIAROOT").await.unwrap().unwrap();
    assert_eq!((stored.access_key, stored.user), (access_key("AKIAROOT", None), None));
    let again = commit(store, &create("AKIAROOT", None)).await;
    assert_eq!(again, Committed::Refused(ChangeRefused::AlreadyExists));
}

async fn roots_seeded_key_is_replaced(store: &impl RegistryStore) {
    let (first, second) = (access_key("AKIAFIRST", None), access_key("AKIASECOND", None));
    store.put_root_key(&first, b"one").await.unwrap();
    store.put_root_key(&first, b"two").await.unwrap();
    let stored = store.access_key("AKIAFIRST").await.unwrap().unwrap();
    assert_eq!((stored.access_key, stored.sealed_secret), (first, b"two".to_vec()));
    store.put_root_key(&second, b"three").await.unwrap();
    assert_eq!(store.access_key("AKIAFIRST").await.unwrap(), None);
    assert!(store.access_key("AKIASECOND").await.unwrap().is_some());
    // A key that root made by a request stays.
    let made = access_key("AKIAMADE", None);
    make(store, &Change::CreateAccessKey { access_key: made, sealed_secret: vec![1] }).await;
    store.put_root_key(&access_key("AKIATHIRD", None), b"four").await.unwrap();
    assert!(store.access_key("AKIAMADE").await.unwrap().is_some());
    // A user's key never becomes root's.
    make(store, &Change::CreateUser(user("bob"))).await;
    let bobs = access_key("AKIABOB", Some("bob"));
    make(store, &Change::CreateAccessKey { access_key: bobs, sealed_secret: vec![2] }).await;
    assert!(store.put_root_key(&access_key("AKIABOB", None), b"five").await.is_err());
    let stored = store.access_key("AKIABOB").await.unwrap().unwrap();
    assert_eq!(stored.user, Some(user("bob")));
    assert!(store.access_key("AKIATHIRD").await.unwrap().is_some(), "rolled back");
}

async fn evaluators_that_start_together_seed_one_root_key(store: &impl RegistryStore) {
    let (one, other) = (access_key("AKIAONE", None), access_key("AKIAOTHER", None));
    for _ in 0..10 {
        let seeded = tokio::join!(
            store.put_root_key(&one, b"one"),
            store.put_root_key(&one, b"one"),
            store.put_root_key(&other, b"other"),
            store.put_root_key(&other, b"other"),
        );
        assert!(matches!(seeded, (Ok(()), Ok(()), Ok(()), Ok(()))), "{seeded:?}");
        let kept = (
            store.access_key("AKIAONE").await.unwrap().is_some(),
            store.access_key("AKIAOTHER").await.unwrap().is_some(),
        );
        assert!(kept.0 != kept.1, "{kept:?}");
    }
}

//! Access keys, whose owner is a user or root.

use crate::support::identities::*;
use crate::support::samples::*;
use trent_store::{AccessKeyOwner, Committed, RegistryStore};
use trent_types::{AccessKeyStatus, AccessKeyUsed, Account, ChangeRefused, IdentityChange};

on_both_stores! {
    a_user_has_two_access_keys_at_most
    an_access_key_is_changed_by_its_owner_only
    the_last_use_of_an_access_key_is_the_newest
    the_root_user_is_the_user_without_a_name
    roots_seeded_key_is_replaced
    evaluators_that_start_together_seed_one_root_key
}

async fn a_user_has_two_access_keys_at_most(store: &impl RegistryStore) {
    make_all(store, [create_user("alice")]).await;
    let create = |id| attempt(store, create_access_key(id, Some("ALICE")));
    let outcomes = tokio::join!(create("AKIA1"), create("AKIA2"), create("AKIA3"), create("AKIA4"));
    let outcomes = [outcomes.0, outcomes.1, outcomes.2, outcomes.3];
    let refused = too_many("Cannot exceed quota for AccessKeysPerUser: 2");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Committed::Now).count(), 2);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == refused).count(), 2);
    let kept = view(store, USER, "alice").await.access_keys;
    assert_eq!(kept.len(), 2);
    assert!(!store.has_root_key(account()).await.unwrap());
    make_all(store, [create_access_key("AKIAROOT", None)]).await;
    assert!(store.has_root_key(account()).await.unwrap());
    let stored = store.access_key("AKIAROOT").await.unwrap().unwrap();
    assert_eq!(stored.access_key, access_key("AKIAROOT", None));
    assert_eq!(stored.owner, AccessKeyOwner::Root);
    let again = attempt(store, create_access_key("AKIAROOT", None)).await;
    assert_eq!(again, Committed::Refused(ChangeRefused::AlreadyExists));
    // A key that goes gives its place back.
    let goes = IdentityChange::DeleteAccessKey {
        account: account(),
        user_name: Some("alice".to_owned()),
        access_key_id: kept[0].access_key_id.clone(),
    };
    make_all(store, [goes, create_access_key("AKIA5", Some("alice"))]).await;
    assert_eq!(store.access_key(&kept[0].access_key_id).await.unwrap(), None);
}

async fn an_access_key_is_changed_by_its_owner_only(store: &impl RegistryStore) {
    make_all(store, [create_user("ann"), create_user("bob")]).await;
    make_all(store, [create_access_key("AKIAANN", Some("ann"))]).await;
    let update = |user: Option<&str>| IdentityChange::UpdateAccessKey {
        account: account(),
        user_name: user.map(str::to_owned),
        access_key_id: "AKIAANN".to_owned(),
        status: AccessKeyStatus::Inactive,
    };
    let delete = |user: Option<&str>| IdentityChange::DeleteAccessKey {
        account: account(),
        user_name: user.map(str::to_owned),
        access_key_id: "AKIAANN".to_owned(),
    };
    let unknown = missing("The Access Key with id AKIAANN cannot be found");
    for other in [Some("bob"), None] {
        assert_eq!(attempt(store, update(other)).await, unknown);
        assert_eq!(attempt(store, delete(other)).await, unknown);
    }
    make_all(store, [update(Some("ANN"))]).await;
    let stored = store.access_key("AKIAANN").await.unwrap().unwrap();
    assert_eq!(stored.access_key.status, AccessKeyStatus::Inactive);
    assert_eq!(stored.owner, AccessKeyOwner::User(user("ann")));
    make_all(store, [delete(Some("ann"))]).await;
    assert_eq!(store.access_key("AKIAANN").await.unwrap(), None);
}

async fn the_last_use_of_an_access_key_is_the_newest(store: &impl RegistryStore) {
    make_all(store, [create_user("ann"), create_access_key("AKIAANN", Some("ann"))]).await;
    let never = store.access_key_use("AKIAANN").await.unwrap();
    assert_eq!(never, Some((access_key("AKIAANN", Some("ann")), None)));
    assert_eq!(store.access_key_use("AKIANONE").await.unwrap(), None);
    let used = |seconds: i64, service: &str| AccessKeyUsed {
        at: NOW.plus_millis(seconds * 1_000),
        service: service.to_owned(),
        region: "eu-west-1".to_owned(),
    };
    let id = || "AKIAANN".to_owned();
    let uses = [(id(), used(2, "kms")), ("AKIANONE".to_owned(), used(3, "kms"))];
    store.note_access_key_uses(&uses).await.unwrap();
    store.note_access_key_uses(&[(id(), used(1, "iam"))]).await.unwrap();
    let last = store.access_key_use("AKIAANN").await.unwrap().unwrap().1;
    assert_eq!(last, Some(used(2, "kms")));
    store.note_access_key_uses(&[(id(), used(9, "sts"))]).await.unwrap();
    let last = store.access_key_use("AKIAANN").await.unwrap().unwrap().1;
    assert_eq!(last, Some(used(9, "sts")));
}

async fn the_root_user_is_the_user_without_a_name(store: &impl RegistryStore) {
    assert_eq!(store.identity(&entity(USER, "")).await.unwrap(), None);
    let known = Account { id: account(), name: "first".to_owned(), created_at: NOW };
    store.ensure_account(&known).await.unwrap();
    make_all(store, [create_user("ann"), create_access_key("AKIAANN", Some("ann"))]).await;
    assert_eq!(view(store, USER, "").await.access_keys, []);
    make_all(store, [create_access_key("AKIAROOT", None)]).await;
    let root = view(store, USER, "").await;
    assert_eq!(root.access_keys, [access_key("AKIAROOT", None)]);
    assert_eq!((root.record.id(), root.record.path()), (account().as_str(), "/"));
    // It is nobody's principal and cannot be changed like a user.
    assert_eq!(store.principal(&entity(USER, "")).await.unwrap(), None);
    let text = "The user with name  cannot be found.";
    assert_eq!(attempt(store, delete(USER, "")).await, missing(text));
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
    make_all(store, [create_access_key("AKIAMADE", None)]).await;
    store.put_root_key(&access_key("AKIATHIRD", None), b"four").await.unwrap();
    assert!(store.access_key("AKIAMADE").await.unwrap().is_some());
    // A user's key never becomes root's.
    make_all(store, [create_user("bob"), create_access_key("AKIABOB", Some("bob"))]).await;
    assert!(store.put_root_key(&access_key("AKIABOB", None), b"five").await.is_err());
    let stored = store.access_key("AKIABOB").await.unwrap().unwrap();
    assert_eq!(stored.owner, AccessKeyOwner::User(user("bob")));
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

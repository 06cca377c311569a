//! Accounts and service principals, which an operator makes.

use crate::support::identities::*;
use crate::support::samples::*;
use trent_store::{
    AccessKeyOwner, Committed, Invalidation, InvalidationCursor, RegistryStore, SealedKind,
    SealedPlace,
};
use trent_types::{AccessKey, Account, AccountId, AdminChange, ChangeRefused, Service};
use uuid::Uuid;

on_both_stores! {
    an_account_is_made_with_its_root_key
    the_first_account_is_noted_once
    a_service_has_access_keys_of_its_own
    a_users_name_is_never_a_services
    the_secrets_of_every_owner_are_sealed_anew
}

fn other() -> AccountId {
    "444455556666".parse().unwrap()
}

fn account_of(id: AccountId, name: &str) -> Account {
    Account { id, name: name.to_owned(), created_at: NOW }
}

fn create_account(id: AccountId, key: &str) -> AdminChange {
    AdminChange::CreateAccount {
        account: account_of(id, "Prod"),
        root_key: AccessKey { account: id, ..access_key(key, None) },
        sealed_secret: vec![1, 1, 7],
    }
}

fn create_service(name: &str, key: &str) -> AdminChange {
    AdminChange::CreateService {
        service: Service { name: name.to_owned(), created_at: NOW },
        access_key: access_key(key, None),
        sealed_secret: vec![1, 1, 8],
    }
}

async fn an_account_is_made_with_its_root_key(store: &impl RegistryStore) {
    assert_eq!(store.accounts().await.unwrap(), []);
    assert_eq!(administer(store, create_account(other(), "AKIAOTHER")).await, Committed::Now);
    let (stale, _, _) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    assert_eq!(stale, [Invalidation::Everything]);
    assert_eq!(store.accounts().await.unwrap(), [account_of(other(), "Prod")]);
    assert!(store.has_root_key(other()).await.unwrap());
    assert!(!store.has_root_key(account()).await.unwrap());
    let stored = store.access_key("AKIAOTHER").await.unwrap().unwrap();
    assert_eq!((stored.access_key.account, stored.owner), (other(), AccessKeyOwner::Root));
    let taken = Committed::Refused(ChangeRefused::AlreadyExists);
    assert_eq!(administer(store, create_account(other(), "AKIAMORE")).await, taken);
    // Nothing is made of an account whose key cannot be.
    assert_eq!(administer(store, create_account(account(), "AKIAOTHER")).await, taken);
    assert_eq!(store.accounts().await.unwrap().len(), 1);
    assert_eq!(administer(store, create_account(account(), "AKIAFIRST")).await, Committed::Now);
    let ids: Vec<_> = store.accounts().await.unwrap().iter().map(|account| account.id).collect();
    assert_eq!(ids, [account(), other()]);
}

async fn the_first_account_is_noted_once(store: &impl RegistryStore) {
    let first = account_of(account(), "first");
    let (one, two) = tokio::join!(store.ensure_account(&first), store.ensure_account(&first));
    one.unwrap();
    two.unwrap();
    store.ensure_account(&account_of(account(), "again")).await.unwrap();
    assert_eq!(store.accounts().await.unwrap(), [first]);
}

async fn a_service_has_access_keys_of_its_own(store: &impl RegistryStore) {
    for (name, key) in [
        ("sqs.amazonaws.com", "AKIASQS"),
        ("s3.amazonaws.com", "AKIAS3B"),
        ("s3.amazonaws.com", "AKIAS3A"),
    ] {
        assert_eq!(administer(store, create_service(name, key)).await, Committed::Now);
    }
    let service = |name: &str| Service { name: name.to_owned(), created_at: NOW };
    let keys = |ids: &[&str]| ids.iter().map(|id| access_key(id, None)).collect::<Vec<_>>();
    let s3 = (service("s3.amazonaws.com"), keys(&["AKIAS3A", "AKIAS3B"]));
    let sqs = (service("sqs.amazonaws.com"), keys(&["AKIASQS"]));
    assert_eq!(store.services().await.unwrap(), [s3, sqs.clone()]);
    let stored = store.access_key("AKIAS3A").await.unwrap().unwrap();
    assert_eq!(stored.owner, AccessKeyOwner::Service("s3.amazonaws.com".to_owned()));
    assert_eq!(stored.access_key, access_key("AKIAS3A", None));
    // It is not the root user's.
    assert!(!store.has_root_key(account()).await.unwrap());
    let again = administer(store, create_service("s3.amazonaws.com", "AKIASQS")).await;
    assert_eq!(again, Committed::Refused(ChangeRefused::AlreadyExists));
    let delete = || AdminChange::DeleteService { name: "s3.amazonaws.com".to_owned() };
    assert_eq!(administer(store, delete()).await, Committed::Now);
    let missing = Committed::Refused(ChangeRefused::NotFound);
    assert_eq!(administer(store, delete()).await, missing);
    assert_eq!(store.services().await.unwrap(), [sqs]);
    assert_eq!(store.access_key("AKIAS3A").await.unwrap(), None);
    assert!(store.access_key("AKIASQS").await.unwrap().is_some());
}

async fn a_users_name_is_never_a_services(store: &impl RegistryStore) {
    administer(store, create_service("s3.amazonaws.com", "AKIAS3")).await;
    make_all(store, [create_user("s3.amazonaws.com")]).await;
    let mut ids = Vec::new();
    for n in 0..2 {
        let id = format!("AKIAUSER{n}");
        make_all(store, [create_access_key(&id, Some("s3.amazonaws.com"))]).await;
        ids.push(id);
    }
    let owner = store.access_key("AKIAS3").await.unwrap().unwrap().owner;
    assert_eq!(owner, AccessKeyOwner::Service("s3.amazonaws.com".to_owned()));
    let owner = store.access_key(&ids[0]).await.unwrap().unwrap().owner;
    assert_eq!(owner, AccessKeyOwner::User(user("s3.amazonaws.com")));
    let keys = view(store, USER, "s3.amazonaws.com").await.access_keys;
    assert_eq!(keys.len(), 2);
    assert_eq!(store.services().await.unwrap()[0].1.len(), 1);
}

async fn the_secrets_of_every_owner_are_sealed_anew(store: &impl RegistryStore) {
    administer(store, create_account(other(), "AKIAROOT")).await;
    administer(store, create_service("s3.amazonaws.com", "AKIAS3")).await;
    let users = access_key("AKIAUSER", Some("ann"));
    let sealed_secret = vec![1, 1, 9];
    let create = trent_types::IdentityChange::CreateAccessKey { access_key: users, sealed_secret };
    make_all(store, [create_user("ann"), create, rename(USER, "ann", "anna")]).await;
    assert_eq!(store.count_sealed_below(2).await.unwrap(), 3);
    let old = store.sealed_below(SealedKind::Secret, 2, 0, 9).await.unwrap();
    let anew: Vec<_> = old
        .into_iter()
        .map(|row| {
            let sealed = vec![1, 2, row.sealed[2]];
            (row, sealed)
        })
        .collect();
    assert_eq!(anew.len(), 3);
    assert_eq!(store.re_seal(&anew, NOW).await.unwrap().len(), 3);
    assert_eq!(store.count_sealed_below(2).await.unwrap(), 0);
    for (id, account, last) in
        [("AKIAROOT", other(), 7), ("AKIAS3", account(), 8), ("AKIAUSER", account(), 9)]
    {
        let place = SealedPlace::Secret { account, access_key_id: id.to_owned() };
        assert!(anew.iter().any(|(row, _)| row.place == place), "{id}");
        let kept = store.access_key(id).await.unwrap().unwrap().sealed_secret;
        assert_eq!(kept, [1, 2, last], "{id}");
    }
}

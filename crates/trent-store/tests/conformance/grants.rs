//! Grants: made, found, listed, removed, counted, and gone with their key.

use crate::support::identities::{self, ROLE, USER, attempt, create_role, create_user};
use crate::support::samples::*;
use trent_store::{Committed, Invalidation, InvalidationCursor, RegistryStore};
use trent_types::{
    Change, ChangeRefused, Grant, GrantConstraints, GrantId, GrantOperation, GrantPrincipal,
    GrantTerms, KeyArn, KeyId, KeyUpdate,
};
use uuid::Uuid;

on_both_stores! {
    a_grant_comes_back_as_it_was_made
    the_same_grant_again_is_no_other_and_a_different_one_is_a_conflict
    a_grant_needs_a_key_that_is_enabled
    grants_are_made_side_by_side_without_counting_the_record_up
    grants_are_found_by_their_grantees
    grants_are_listed_in_pages
    retirable_grants_are_listed_over_the_keys_of_a_region
    a_grant_is_removed_once
    grants_are_gone_with_their_key
    grants_follow_users_to_another_name_and_keep_the_ids_of_those_that_are_gone
}

const BOB: &str = "arn:aws:iam::111122223333:user/bob";
const S3: &str = "s3.amazonaws.com";

fn grant_id(n: u8) -> GrantId {
    GrantId::from_bytes([n; 32])
}

fn retirable_by(grant: Grant, arn: &str) -> Grant {
    let retiring = Some(GrantPrincipal::Arn(arn.into()));
    Grant { terms: GrantTerms { retiring, ..grant.terms.clone() }, ..grant }
}

fn create(grant: &Grant) -> Change {
    Change::CreateGrant(grant.clone())
}

fn remove(key: KeyArn, grant_id: GrantId) -> Change {
    Change::RemoveGrant { key, grant_id, retired: false }
}

async fn stored(store: &impl RegistryStore, grant: &Grant) -> Grant {
    make(store, &create(grant)).await;
    grant.clone()
}

fn ids(page: &(Vec<Grant>, bool)) -> (Vec<u8>, bool) {
    (page.0.iter().map(|grant| grant.grant_id.as_bytes()[0]).collect(), page.1)
}

async fn a_grant_comes_back_as_it_was_made(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    let plain = grant(key, 1);
    let everything = Grant {
        name: Some("reader".into()),
        terms: GrantTerms {
            grantee: GrantPrincipal::Service("dynamodb.amazonaws.com".into()),
            retiring: Some(GrantPrincipal::Service("dynamodb.amazonaws.com".into())),
            operations: GrantOperation::ALL.to_vec(),
            constraints: GrantConstraints {
                context_equals: Some(std::collections::BTreeMap::new()),
                context_subset: Some([("ä\0".to_owned(), "b".to_owned())].into()),
                source_arn: Some("arn:aws:dynamodb:eu-west-1:111122223333:table/a".into()),
            },
        },
        ..grant(key, 2)
    };
    for given in [plain, everything] {
        make(store, &create(&given)).await;
        let found = store.grant(&key, given.grant_id).await.unwrap();
        assert_eq!(found, Some(given));
    }
    assert_eq!(store.grant(&key, grant_id(3)).await.unwrap(), None);
    let other = KeyArn { account: "444455556666".parse().unwrap(), ..key };
    assert_eq!(store.grant(&other, grant_id(1)).await.unwrap(), None);
    let (stale, _, _) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    assert!(stale.contains(&Invalidation::Grants(key)));
}

async fn the_same_grant_again_is_no_other_and_a_different_one_is_a_conflict(
    store: &impl RegistryStore,
) {
    let key = stored_key(store).await.arn();
    let first = stored(store, &grant(key, 1)).await;
    let later = Grant { created_at: NOW.plus_millis(1), ..first.clone() };
    make(store, &create(&later)).await;
    assert_eq!(store.grant(&key, grant_id(1)).await.unwrap(), Some(first.clone()));
    let renamed = Grant { name: Some("x".into()), ..first.clone() };
    let wider = retirable_by(first, BOB);
    for other in [renamed, wider] {
        let refused = commit(store, &create(&other)).await;
        assert_eq!(refused, Committed::Refused(ChangeRefused::Conflict));
    }
}

async fn a_grant_needs_a_key_that_is_enabled(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    make(store, &update(key, 1, KeyUpdate::Disable)).await;
    let refused = commit(store, &create(&grant(key, 1))).await;
    assert_eq!(refused, Committed::Refused(ChangeRefused::Conflict));
    let refused = commit(store, &create(&grant(new_key().arn(), 1))).await;
    assert_eq!(refused, Committed::Refused(ChangeRefused::NotFound));
}

async fn grants_are_made_side_by_side_without_counting_the_record_up(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    let (one, other) = (create(&grant(key, 1)), create(&grant(key, 2)));
    let (one, other) = tokio::join!(commit(store, &one), commit(store, &other));
    assert_eq!([one, other], [Committed::Now, Committed::Now]);
    assert_eq!(store.key(region(), key.key_id).await.unwrap().unwrap().record.version, 1);
    make(store, &update(key, 1, KeyUpdate::Disable)).await;
    assert_eq!(ids(&store.grants(&key, None, None, 10).await.unwrap()), (vec![1, 2], false));
}

async fn grants_are_found_by_their_grantees(store: &impl RegistryStore) {
    let (key, other) = (stored_key(store).await.arn(), stored_key(store).await.arn());
    let to = |grantee: GrantPrincipal, grant: Grant| Grant {
        terms: GrantTerms { grantee, ..grant.terms.clone() },
        ..grant
    };
    let arn = |arn: &str| GrantPrincipal::Arn(arn.into());
    stored(store, &grant(key, 1)).await;
    stored(store, &to(arn(BOB), grant(key, 2))).await;
    stored(store, &to(GrantPrincipal::Service(S3.into()), grant(key, 3))).await;
    stored(store, &grant(key, 4)).await;
    stored(store, &grant(other, 5)).await;
    let found = store.grants_to(&key, &[ANN.to_owned()]).await.unwrap();
    assert_eq!(ids(&(found, false)).0, [1, 4]);
    let found = store.grants_to(&key, &[BOB.to_owned(), ANN.to_owned()]).await.unwrap();
    assert_eq!(ids(&(found, false)).0, [2, 1, 4]);
    let found = store.grants_to(&key, &[S3.to_owned()]).await.unwrap();
    assert_eq!(ids(&(found, false)).0, [3]);
    assert_eq!(store.grants_to(&key, &[]).await.unwrap(), []);
    assert_eq!(store.grants_to(&other, &[BOB.to_owned()]).await.unwrap(), []);
    let service = GrantPrincipal::Service(S3.into());
    for (grantee, expected) in [(arn(ANN), vec![1, 4]), (service, vec![3])] {
        let page = store.grants(&key, Some(&grantee), None, 10).await.unwrap();
        assert_eq!(ids(&page), (expected, false));
    }
}

async fn grants_are_listed_in_pages(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    for n in [5, 1, 4, 2, 3] {
        stored(store, &grant(key, n)).await;
    }
    let page = |after: Option<u8>, limit| store.grants(&key, None, after.map(grant_id), limit);
    assert_eq!(ids(&page(None, 2).await.unwrap()), (vec![1, 2], true));
    assert_eq!(ids(&page(Some(2), 2).await.unwrap()), (vec![3, 4], true));
    assert_eq!(ids(&page(Some(4), 2).await.unwrap()), (vec![5], false));
    assert_eq!(ids(&page(Some(5), 2).await.unwrap()), (vec![], false));
    let ann = GrantPrincipal::Arn(ANN.into());
    let to_ann = store.grants(&key, Some(&ann), Some(grant_id(3)), 1).await.unwrap();
    assert_eq!(ids(&to_ann), (vec![4], true));
}

async fn retirable_grants_are_listed_over_the_keys_of_a_region(store: &impl RegistryStore) {
    let mut keys = [stored_key(store).await.arn(), stored_key(store).await.arn()];
    keys.sort_by_key(|key| key.key_id);
    let foreign = {
        let record = trent_types::KeyRecord { region: "us-east-1".parse().unwrap(), ..new_key() };
        make(store, &create_key(&record, Vec::new())).await;
        record.arn()
    };
    for (key, n) in [(keys[1], 1), (keys[0], 2), (keys[0], 3), (foreign, 4)] {
        stored(store, &retirable_by(grant(key, n), BOB)).await;
    }
    stored(store, &retirable_by(grant(keys[0], 6), ANN)).await;
    stored(store, &grant(keys[0], 7)).await;
    let page = |after: Option<(KeyId, u8)>, limit| {
        let after = after.map(|(key, n)| (key, grant_id(n)));
        store.retirable_grants(region(), BOB, after, limit)
    };
    assert_eq!(ids(&page(None, 10).await.unwrap()), (vec![2, 3, 1], false));
    assert_eq!(ids(&page(None, 1).await.unwrap()), (vec![2], true));
    assert_eq!(ids(&page(Some((keys[0].key_id, 2)), 1).await.unwrap()), (vec![3], true));
    assert_eq!(ids(&page(Some((keys[0].key_id, 3)), 5).await.unwrap()), (vec![1], false));
}

async fn a_grant_is_removed_once(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    stored(store, &grant(key, 1)).await;
    stored(store, &grant(key, 2)).await;
    make(store, &remove(key, grant_id(1))).await;
    let again = commit(store, &remove(key, grant_id(1))).await;
    assert_eq!(again, Committed::Refused(ChangeRefused::NotFound));
    assert_eq!(ids(&store.grants(&key, None, None, 10).await.unwrap()), (vec![2], false));
    // What is gone can come again.
    stored(store, &grant(key, 1)).await;
}

async fn grants_are_gone_with_their_key(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    stored(store, &retirable_by(grant(key, 1), BOB)).await;
    make(store, &schedule(key, 1, NOW)).await;
    make(store, &Change::DestroyKey { key, version: 2 }).await;
    assert_eq!(store.grant(&key, grant_id(1)).await.unwrap(), None);
    assert_eq!(store.retirable_grants(region(), BOB, None, 10).await.unwrap(), (vec![], false));
}

/// Grantee and retiring principal of each grant of a key.
async fn principals(store: &impl RegistryStore, key: &KeyArn) -> Vec<[String; 2]> {
    let name = |principal: &GrantPrincipal| match principal {
        GrantPrincipal::Arn(name) | GrantPrincipal::Service(name) => name.clone(),
    };
    let (grants, _) = store.grants(key, None, None, 10).await.unwrap();
    let terms = grants.iter().map(|grant| &grant.terms);
    terms.map(|terms| [name(&terms.grantee), name(terms.retiring.as_ref().unwrap())]).collect()
}

async fn grants_follow_users_to_another_name_and_keep_the_ids_of_those_that_are_gone(
    store: &impl RegistryStore,
) {
    let key = stored_key(store).await.arn();
    for change in [create_user("ann"), create_role("r_1"), create_role("rx1")] {
        assert_eq!(attempt(store, change).await, Committed::Now);
    }
    let ann = "arn:aws:iam::111122223333:user/team/ann";
    let role = "arn:aws-cn:iam::111122223333:role/service/r_1";
    let session = |role: &str| format!("arn:aws:sts::111122223333:assumed-role/{role}/s_1");
    let named = [ann.to_owned(), role.to_owned(), session("r_1"), session("rx1"), S3.to_owned()];
    for (n, arn) in (1..).zip(&named) {
        let principal = GrantPrincipal::Arn(arn.clone());
        let one = retirable_by(grant(key, n), arn);
        let terms = GrantTerms { grantee: principal, ..one.terms.clone() };
        stored(store, &Grant { terms, ..one }).await;
    }
    let renamed = "arn:aws:iam::111122223333:user/team/anna";
    attempt(store, identities::rename(USER, "ann", "anna")).await;
    attempt(store, identities::delete(ROLE, "r_1")).await;
    let now = [renamed, "AROAr_1", "AROAr_1:s_1", &session("rx1"), S3];
    assert_eq!(principals(store, &key).await, now.map(|name| [name.to_owned(), name.to_owned()]));
    assert_eq!(store.grants_to(&key, &[renamed.to_owned()]).await.unwrap().len(), 1);
    attempt(store, identities::delete(USER, "anna")).await;
    assert_eq!(principals(store, &key).await[0], ["AIDAann", "AIDAann"]);
}

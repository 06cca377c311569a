//! What an operator changes: quotas and the key clock, each with its record.

use crate::support::samples::*;
use trent_store::{Committed, Invalidation, InvalidationCursor, RegistryStore};
use trent_types::{
    AccountId, AdminChange, Change, ChangeRefused, Grant, GrantPrincipal, GrantTerms, Quota,
    QuotaOverride, QuotaScope, Region, RequestClass, ResourceQuota,
};
use uuid::Uuid;

on_both_stores! {
    a_lowered_quota_of_keys_refuses_the_next_key
    the_narrowest_value_of_a_quota_is_in_force
    a_lowered_quota_of_aliases_refuses_the_next_alias
    lowered_quotas_of_grants_refuse_the_next_grant
    values_are_listed_replaced_and_taken_away
    an_operators_change_is_made_once_with_its_record_and_makes_everything_stale
    the_key_clock_moves_from_where_it_is
}

const KEYS: Quota = Quota::Resource(ResourceQuota::KeysPerRegion);

fn set(
    quota: Quota,
    account: Option<AccountId>,
    region: Option<Region>,
    value: u64,
) -> AdminChange {
    AdminChange::SetQuota(QuotaOverride { quota, scope: QuotaScope { account, region }, value })
}

fn exceeded(what: &str, limit: u64, current: u64) -> Committed {
    let what = what.to_owned();
    Committed::Refused(ChangeRefused::LimitExceeded { what, limit, current })
}

async fn a_lowered_quota_of_keys_refuses_the_next_key(store: &impl RegistryStore) {
    stored_key(store).await;
    assert_eq!(administer(store, set(KEYS, None, None, 1)).await, Committed::Now);
    let one_more = commit(store, &create_key(&new_key(), Vec::new())).await;
    assert_eq!(one_more, exceeded("KMS keys", 1, 1));
    assert_eq!(store.keys_used(account(), region()).await.unwrap(), 1);
    let reset = AdminChange::ResetQuota { quota: KEYS, scope: QuotaScope::default() };
    assert_eq!(administer(store, reset).await, Committed::Now);
    stored_key(store).await;
    assert_eq!(store.keys_used(account(), region()).await.unwrap(), 2);
    let elsewhere = "us-east-1".parse().unwrap();
    assert_eq!(store.keys_used(account(), elsewhere).await.unwrap(), 0);
}

async fn the_narrowest_value_of_a_quota_is_in_force(store: &impl RegistryStore) {
    let (own, here) = (Some(account()), Some(region()));
    let other = Some("444455556666".parse().unwrap());
    administer(store, set(KEYS, None, None, 0)).await;
    administer(store, set(KEYS, None, here, 1)).await;
    administer(store, set(KEYS, other, here, 9)).await;
    stored_key(store).await;
    let next = || async { commit(store, &create_key(&new_key(), Vec::new())).await };
    assert_eq!(next().await, exceeded("KMS keys", 1, 1));
    administer(store, set(KEYS, own, None, 2)).await;
    assert_eq!(next().await, Committed::Now);
    assert_eq!(next().await, exceeded("KMS keys", 2, 2));
    administer(store, set(KEYS, own, here, 3)).await;
    assert_eq!(next().await, Committed::Now);
    assert_eq!(next().await, exceeded("KMS keys", 3, 3));
}

async fn a_lowered_quota_of_aliases_refuses_the_next_alias(store: &impl RegistryStore) {
    let key = stored_key(store).await;
    let quota = Quota::Resource(ResourceQuota::AliasesPerKey);
    administer(store, set(quota, None, None, 1)).await;
    make(store, &Change::CreateAlias(alias("alias/one", key.key_id))).await;
    let two = commit(store, &Change::CreateAlias(alias("alias/two", key.key_id))).await;
    assert_eq!(two, exceeded("Aliases per key", 1, 1));
}

async fn lowered_quotas_of_grants_refuse_the_next_grant(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    let next = |n: u8, name: &str| {
        let grant = grant(key, n);
        let grantee = GrantPrincipal::Arn(format!("arn:aws:iam::111122223333:user/{name}"));
        Change::CreateGrant(Grant { terms: GrantTerms { grantee, ..grant.terms.clone() }, ..grant })
    };
    let to_one = Quota::Resource(ResourceQuota::GrantsPerPrincipalPerKey);
    let in_all = Quota::Resource(ResourceQuota::GrantsPerKey);
    make(store, &next(1, "ann")).await;
    administer(store, set(to_one, None, None, 1)).await;
    let what = "Grants for a given principal per key";
    assert_eq!(commit(store, &next(2, "ann")).await, exceeded(what, 1, 1));
    make(store, &next(3, "bob")).await;
    administer(store, set(in_all, None, None, 2)).await;
    assert_eq!(commit(store, &next(4, "eve")).await, exceeded("Grants per key", 2, 2));
}

async fn values_are_listed_replaced_and_taken_away(store: &impl RegistryStore) {
    let requests = Quota::Request(RequestClass::CreateKey);
    let scope = QuotaScope { account: Some(account()), region: None };
    administer(store, set(requests, scope.account, None, 7)).await;
    administer(store, set(requests, scope.account, None, 8)).await;
    administer(store, set(KEYS, None, Some(region()), 5)).await;
    let mut listed = store.quota_overrides().await.unwrap();
    listed.sort_by_key(|each| each.value);
    let here = QuotaScope { account: None, region: Some(region()) };
    let expected = [
        QuotaOverride { quota: KEYS, scope: here, value: 5 },
        QuotaOverride { quota: requests, scope, value: 8 },
    ];
    assert_eq!(listed, expected);
    let reset = |scope| AdminChange::ResetQuota { quota: requests, scope };
    assert_eq!(administer(store, reset(scope)).await, Committed::Now);
    assert_eq!(store.quota_overrides().await.unwrap(), expected[..1]);
    // Exactly this scope: nothing is there to be taken away any more.
    let refused = Committed::Refused(ChangeRefused::NotFound);
    assert_eq!(administer(store, reset(scope)).await, refused);
    assert_eq!(administer(store, reset(QuotaScope::default())).await, refused);
}

async fn an_operators_change_is_made_once_with_its_record_and_makes_everything_stale(
    store: &impl RegistryStore,
) {
    let (request, record) = (new_request(), record_at(NOW));
    let change = AdminChange::MoveKeyClock { by_millis: 1_000 };
    for expected in [Committed::Now, Committed::Before] {
        assert_eq!(store.administer(request, &change, &record).await.unwrap(), expected);
    }
    assert_eq!(store.key_clock_offset().await.unwrap(), 1_000);
    assert_eq!(store.outbox(10).await.unwrap(), [record]);
    let (stale, _, offset) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    assert_eq!((stale, offset), (vec![Invalidation::Everything], 1_000));
    // A refused one leaves nothing behind.
    let reset = AdminChange::ResetQuota { quota: KEYS, scope: QuotaScope::default() };
    administer(store, reset).await;
    assert_eq!(store.outbox_len().await.unwrap(), 1);
}

async fn the_key_clock_moves_from_where_it_is(store: &impl RegistryStore) {
    let by = |by_millis| AdminChange::MoveKeyClock { by_millis };
    let (one, other) = tokio::join!(administer(store, by(5_000)), administer(store, by(70_000)));
    assert_eq!((one, other), (Committed::Now, Committed::Now));
    assert_eq!(store.key_clock_offset().await.unwrap(), 75_000);
    administer(store, by(-80_000)).await;
    assert_eq!(store.key_clock_offset().await.unwrap(), -5_000);
    administer(store, AdminChange::ResetKeyClock).await;
    assert_eq!(store.key_clock_offset().await.unwrap(), 0);
}

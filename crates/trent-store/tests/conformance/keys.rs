//! Keys, their tags and aliases, and their end.

use crate::support::samples::*;
use trent_store::{Claimant, Committed, DueKind, Invalidation, InvalidationCursor, RegistryStore};
use trent_types::{Change, ChangeRefused, KeyId, KeyState, KeyUpdate, Tag, Timestamp};
use uuid::Uuid;

on_both_stores! {
    a_key_comes_back_as_it_was_created
    a_key_that_exists_is_not_created_again
    each_update_counts_the_version_up
    an_update_of_another_version_or_no_key_is_refused
    tags_are_put_overwritten_and_removed
    a_key_has_fifty_tags_at_most
    keys_are_listed_in_pages_in_the_order_of_ids
    aliases_are_listed_in_the_order_of_bytes
    an_alias_stands_for_a_key_of_its_account_that_stays
    an_alias_moves_only_from_where_it_was_seen
    a_key_has_fifty_aliases_at_most
    a_key_knows_the_names_of_its_aliases
    a_key_is_destroyed_with_all_it_has_when_its_date_has_come
    due_keys_are_claimed_once_until_the_claim_runs_out
    two_claimants_never_get_the_same_key
}

async fn a_key_comes_back_as_it_was_created(store: &impl RegistryStore) {
    for multi_region in [false, true] {
        let record = key_with_id(KeyId::from_bytes([9; 16], multi_region));
        let mut unsorted = tags(3);
        unsorted.reverse();
        make(store, &create_key(&record, unsorted)).await;
        let stored = store.key(region(), record.key_id).await.unwrap().unwrap();
        assert_eq!(stored.record, record);
        assert_eq!(stored.policy, "{\"Version\":\"2012-10-17\"}");
        assert_eq!(stored.tags, tags(3));
        assert_eq!(stored.materials, [material()]);
    }
    let elsewhere = "us-east-1".parse().unwrap();
    let absent = store.key(elsewhere, KeyId::from_bytes([9; 16], false)).await.unwrap();
    assert_eq!(absent, None);
}

async fn a_key_that_exists_is_not_created_again(store: &impl RegistryStore) {
    let record = stored_key(store).await;
    let again = commit(store, &create_key(&record, tags(1))).await;
    assert_eq!(again, Committed::Refused(ChangeRefused::AlreadyExists));
    assert_eq!(store.key(region(), record.key_id).await.unwrap().unwrap().tags, []);
}

async fn each_update_counts_the_version_up(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    let date = NOW.plus_millis(7 * 86_400_000);
    let steps = [
        (KeyUpdate::Disable, KeyState::Disabled, None),
        (KeyUpdate::Enable, KeyState::Enabled, None),
        (
            KeyUpdate::ScheduleDeletion { deletion_date: date },
            KeyState::PendingDeletion,
            Some(date),
        ),
        (KeyUpdate::CancelDeletion, KeyState::Disabled, None),
    ];
    for (version, (step, state, deletion_date)) in (1..).zip(steps) {
        make(store, &update(key, version, step)).await;
        let record = store.key(region(), key.key_id).await.unwrap().unwrap().record;
        assert_eq!(
            (record.version, record.state, record.deletion_date),
            (version + 1, state, deletion_date)
        );
    }
    make(store, &update(key, 5, KeyUpdate::Describe("new".to_owned()))).await;
    let policy = "{}".to_owned();
    let put = Change::PutKeyPolicy { key, version: 6, policy, bypass_lockout_check: false };
    make(store, &put).await;
    let stored = store.key(region(), key.key_id).await.unwrap().unwrap();
    assert_eq!(
        (stored.record.version, stored.record.description.as_str(), stored.policy.as_str()),
        (7, "new", "{}")
    );
}

async fn an_update_of_another_version_or_no_key_is_refused(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    let absent = new_key().arn();
    let changes = |key, version| {
        let policy = String::new();
        [
            update(key, version, KeyUpdate::Disable),
            update(key, version, KeyUpdate::Describe(String::new())),
            Change::PutKeyPolicy { key, version, policy, bypass_lockout_check: true },
            Change::TagKey { key, version, tags: tags(1) },
            Change::UntagKey { key, version, tag_keys: Vec::new() },
            Change::DestroyKey { key, version },
        ]
    };
    let elsewhere = trent_types::KeyArn { account: "444455556666".parse().unwrap(), ..key };
    for change in changes(key, 2) {
        let refused = Committed::Refused(ChangeRefused::Conflict);
        assert_eq!(commit(store, &change).await, refused, "{change:?}");
    }
    for change in changes(absent, 1).into_iter().chain(changes(elsewhere, 1)) {
        let refused = Committed::Refused(ChangeRefused::NotFound);
        assert_eq!(commit(store, &change).await, refused, "{change:?}");
    }
    assert_eq!(store.key(region(), key.key_id).await.unwrap().unwrap().record.version, 1);
}

async fn tags_are_put_overwritten_and_removed(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    make(store, &Change::TagKey { key, version: 1, tags: tags(3) }).await;
    let new_value = Tag { key: "tag-001".to_owned(), value: "new".to_owned() };
    make(store, &Change::TagKey { key, version: 2, tags: vec![new_value.clone()] }).await;
    let tag_keys = vec!["tag-000".to_owned(), "never there".to_owned()];
    make(store, &Change::UntagKey { key, version: 3, tag_keys }).await;
    let stored = store.key(region(), key.key_id).await.unwrap().unwrap();
    assert_eq!(stored.tags, [new_value, tags(3).remove(2)]);
    assert_eq!(stored.record.version, 4);
}

async fn a_key_has_fifty_tags_at_most(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    make(store, &Change::TagKey { key, version: 1, tags: tags(49) }).await;
    let refused = commit(store, &Change::TagKey { key, version: 2, tags: tags(51) }).await;
    let what = "Tags per key".to_owned();
    let limit = ChangeRefused::LimitExceeded { what, limit: 50, current: 49 };
    assert_eq!(refused, Committed::Refused(limit));
    make(store, &Change::TagKey { key, version: 2, tags: tags(50) }).await;
    assert_eq!(store.key(region(), key.key_id).await.unwrap().unwrap().tags, tags(50));
}

async fn keys_are_listed_in_pages_in_the_order_of_ids(store: &impl RegistryStore) {
    let mut ids = Vec::new();
    for first in [200, 3, 90, 1] {
        for multi_region in [true, false] {
            let id = KeyId::from_bytes([first; 16], multi_region);
            make(store, &create_key(&key_with_id(id), Vec::new())).await;
            ids.push(id);
        }
    }
    ids.sort_unstable();
    let (mut seen, mut after, mut more) = (Vec::new(), None, true);
    while more {
        let page;
        (page, more) = store.keys(account(), region(), after, 3).await.unwrap();
        after = page.last().copied();
        seen.extend(page);
    }
    assert_eq!(seen, ids);
    let (all, more) = store.keys(account(), region(), None, 8).await.unwrap();
    assert_eq!((all, more), (ids, false));
}

async fn aliases_are_listed_in_the_order_of_bytes(store: &impl RegistryStore) {
    let (one, other) = (stored_key(store).await, stored_key(store).await);
    let sorted = ["alias/-a", "alias/A", "alias/B", "alias/_a", "alias/a", "alias/a-b", "alias/ab"];
    for (index, name) in sorted.iter().enumerate().rev() {
        let target = if index % 2 == 0 { one.key_id } else { other.key_id };
        make(store, &Change::CreateAlias(alias(name, target))).await;
    }
    let (page, more) = store.aliases(account(), region(), None, None, 7).await.unwrap();
    let names: Vec<_> = page.iter().map(|alias| alias.name.as_str()).collect();
    assert_eq!((names.as_slice(), more), (sorted.as_slice(), false));
    let after = Some("alias/B");
    let (page, more) = store.aliases(account(), region(), None, after, 2).await.unwrap();
    assert_eq!(page.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["alias/_a", "alias/a"]);
    assert!(more);
    let of_one = store.aliases(account(), region(), Some(one.key_id), after, 9).await.unwrap();
    assert_eq!(of_one, (vec![alias("alias/a", one.key_id), alias("alias/ab", one.key_id)], false));
}

async fn an_alias_stands_for_a_key_of_its_account_that_stays(store: &impl RegistryStore) {
    let key = stored_key(store).await;
    let made = alias("alias/one", key.key_id);
    make(store, &Change::CreateAlias(made.clone())).await;
    assert_eq!(store.alias(&made.arn()).await.unwrap(), Some(made.clone()));
    let refused = |reason| Committed::Refused(reason);
    let again = commit(store, &Change::CreateAlias(made)).await;
    assert_eq!(again, refused(ChangeRefused::AlreadyExists));
    let nowhere = Change::CreateAlias(alias("alias/two", new_key().key_id));
    assert_eq!(commit(store, &nowhere).await, refused(ChangeRefused::NotFound));
    let mut foreign = alias("alias/two", key.key_id);
    foreign.account = "444455556666".parse().unwrap();
    let foreign = commit(store, &Change::CreateAlias(foreign)).await;
    assert_eq!(foreign, refused(ChangeRefused::NotFound));
    make(store, &schedule(key.arn(), 1, NOW)).await;
    let leaving = Change::CreateAlias(alias("alias/two", key.key_id));
    assert_eq!(commit(store, &leaving).await, refused(ChangeRefused::Conflict));
}

async fn an_alias_moves_only_from_where_it_was_seen(store: &impl RegistryStore) {
    let (old, new) = (stored_key(store).await.key_id, stored_key(store).await.key_id);
    make(store, &Change::CreateAlias(alias("alias/one", old))).await;
    let updated_at = NOW.plus_millis(5);
    let to = |name, from, to| Change::UpdateAlias { alias: alias_arn(name), from, to, updated_at };
    let refused = |reason| Committed::Refused(reason);
    let (conflict, missing) = (refused(ChangeRefused::Conflict), refused(ChangeRefused::NotFound));
    assert_eq!(commit(store, &to("alias/one", new, old)).await, conflict);
    assert_eq!(commit(store, &to("alias/none", old, new)).await, missing);
    assert_eq!(commit(store, &to("alias/one", old, new_key().key_id)).await, missing);
    make(store, &to("alias/one", old, new)).await;
    let moved = store.alias(&alias_arn("alias/one")).await.unwrap().unwrap();
    assert_eq!((moved.target, moved.created_at, moved.updated_at), (new, NOW, updated_at));
    let delete = |from| Change::DeleteAlias { alias: alias_arn("alias/one"), from };
    assert_eq!(commit(store, &delete(old)).await, conflict);
    make(store, &delete(new)).await;
    assert_eq!(commit(store, &delete(new)).await, missing);
    assert_eq!(store.alias(&alias_arn("alias/one")).await.unwrap(), None);
}

async fn a_key_knows_the_names_of_its_aliases(store: &impl RegistryStore) {
    let (key, other) = (stored_key(store).await.key_id, stored_key(store).await.key_id);
    let names = async |key| {
        let stored = store.key(region(), key).await.unwrap().unwrap();
        stored.aliases.iter().map(|name| name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert!(names(key).await.is_empty());
    for name in ["alias/b", "alias/B", "alias/_a"] {
        make(store, &Change::CreateAlias(alias(name, key))).await;
    }
    make(store, &Change::CreateAlias(alias("alias/other", other))).await;
    // The same name in another Region is another alias.
    let elsewhere = "us-east-1".parse().unwrap();
    let mut replica = new_key();
    replica.region = elsewhere;
    make(store, &create_key(&replica, Vec::new())).await;
    let mut there = alias("alias/there", replica.key_id);
    there.region = elsewhere;
    make(store, &Change::CreateAlias(there)).await;
    assert_eq!(names(key).await, ["alias/B", "alias/_a", "alias/b"]);
    assert_eq!(names(other).await, ["alias/other"]);
    let moves =
        Change::UpdateAlias { alias: alias_arn("alias/b"), from: key, to: other, updated_at: NOW };
    make(store, &moves).await;
    make(store, &Change::DeleteAlias { alias: alias_arn("alias/B"), from: key }).await;
    assert_eq!(names(key).await, ["alias/_a"]);
    assert_eq!(names(other).await, ["alias/b", "alias/other"]);
    // No more are told than it takes to see that there are more than fifty.
    let quota = trent_types::Quota::Resource(trent_types::ResourceQuota::AliasesPerKey);
    let scope = trent_types::QuotaScope::default();
    let more = trent_types::QuotaOverride { quota, scope, value: 60 };
    administer(store, trent_types::AdminChange::SetQuota(more)).await;
    for number in 0..55 {
        make(store, &Change::CreateAlias(alias(&format!("alias/{number:02}"), key))).await;
    }
    let all = names(key).await;
    assert_eq!((all.len(), all[0].as_str(), all[50].as_str()), (51, "alias/00", "alias/50"));
}

async fn a_key_has_fifty_aliases_at_most(store: &impl RegistryStore) {
    let (full, other) = (stored_key(store).await.key_id, stored_key(store).await.key_id);
    for number in 0..50 {
        make(store, &Change::CreateAlias(alias(&format!("alias/{number}"), full))).await;
    }
    let what = "Aliases per key".to_owned();
    let limit = ChangeRefused::LimitExceeded { what, limit: 50, current: 50 };
    let refused = Committed::Refused(limit);
    assert_eq!(commit(store, &Change::CreateAlias(alias("alias/more", full))).await, refused);
    make(store, &Change::CreateAlias(alias("alias/more", other))).await;
    let moves = Change::UpdateAlias {
        alias: alias_arn("alias/more"),
        from: other,
        to: full,
        updated_at: NOW,
    };
    assert_eq!(commit(store, &moves).await, refused);
    let stays =
        Change::UpdateAlias { alias: alias_arn("alias/7"), from: full, to: full, updated_at: NOW };
    make(store, &stays).await;
}

async fn a_key_is_destroyed_with_all_it_has_when_its_date_has_come(store: &impl RegistryStore) {
    let record = new_key();
    let key = record.arn();
    make(store, &create_key(&record, tags(2))).await;
    make(store, &Change::CreateAlias(alias("alias/gone", record.key_id))).await;
    let destroy = Change::DestroyKey { key, version: 2 };
    make(store, &update(key, 1, KeyUpdate::Disable)).await;
    let conflict = Committed::Refused(ChangeRefused::Conflict);
    assert_eq!(commit(store, &destroy).await, conflict, "not pending");
    make(store, &schedule(key, 2, NOW.plus_millis(1))).await;
    let destroy = Change::DestroyKey { key, version: 3 };
    assert_eq!(commit(store, &destroy).await, conflict, "too early");
    let (_, before, _) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    let later = NOW.plus_millis(1);
    let done = store.commit(new_request(), &destroy, &[record_at(NOW)], later).await.unwrap();
    assert_eq!(done, Committed::Now);
    assert_eq!(store.key(region(), record.key_id).await.unwrap(), None);
    assert_eq!(store.alias(&alias_arn("alias/gone")).await.unwrap(), None);
    let (stale, _, _) = store.renew_lease(Uuid::nil(), before).await.unwrap();
    assert!(stale.contains(&Invalidation::Key(key)));
    assert!(stale.contains(&Invalidation::Alias(alias_arn("alias/gone"))));
    // Made anew, it has nothing of what it had.
    make(store, &create_key(&record, Vec::new())).await;
    let stored = store.key(region(), record.key_id).await.unwrap().unwrap();
    assert_eq!((stored.tags.len(), stored.materials.len()), (0, 1));
}

async fn due_keys_are_claimed_once_until_the_claim_runs_out(store: &impl RegistryStore) {
    let (due, later) = (stored_key(store).await, stored_key(store).await);
    stored_key(store).await;
    make(store, &schedule(due.arn(), 1, NOW)).await;
    make(store, &schedule(later.arn(), 1, NOW.plus_millis(1))).await;
    let claim = async |who: &str, now: Timestamp| -> Vec<KeyId> {
        let claimant = Claimant { name: who, now, until: now.plus_millis(1000), limit: 10 };
        let claimed = store.claim_due(DueKind::Deletion, NOW, claimant).await;
        claimed.unwrap().into_iter().map(|due| due.key.key_id).collect()
    };
    let one = Claimant { name: "one", now: NOW, until: NOW.plus_millis(1000), limit: 10 };
    let claimed = store.claim_due(DueKind::Deletion, NOW, one).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].material), (1, None));
    assert_eq!(claimed[0].key, store.key(region(), due.key_id).await.unwrap().unwrap().record);
    assert_eq!(claim("other", NOW).await, []);
    assert_eq!(claim("other", NOW.plus_millis(999)).await, []);
    assert_eq!(claim("other", NOW.plus_millis(1000)).await, [due.key_id]);
    // A key that is scheduled anew is not held by an old claim.
    make(store, &update(due.arn(), 2, KeyUpdate::CancelDeletion)).await;
    make(store, &schedule(due.arn(), 3, NOW)).await;
    assert_eq!(claim("one", NOW.plus_millis(1001)).await, [due.key_id]);
}

async fn two_claimants_never_get_the_same_key(store: &impl RegistryStore) {
    for _ in 0..24 {
        let record = stored_key(store).await;
        make(store, &schedule(record.arn(), 1, NOW)).await;
    }
    let claim_all = async |who: &'static str| {
        let (mut claimed, until) = (Vec::new(), NOW.plus_millis(60_000));
        loop {
            let claimant = Claimant { name: who, now: NOW, until, limit: 3 };
            let some = store.claim_due(DueKind::Deletion, NOW, claimant).await.unwrap();
            if some.is_empty() {
                return claimed;
            }
            claimed.extend(some.into_iter().map(|due| due.key.key_id));
        }
    };
    let (mut claimed, two, three, four) =
        tokio::join!(claim_all("a"), claim_all("b"), claim_all("c"), claim_all("d"));
    claimed.extend(two.into_iter().chain(three).chain(four));
    claimed.extend(claim_all("last").await);
    let handed_out = claimed.len();
    claimed.sort_unstable();
    claimed.dedup();
    assert_eq!((handed_out, claimed.len()), (24, 24));
}

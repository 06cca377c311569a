//! Both stores keep the same promises: each test here runs against a fresh SQLite file and a fresh
//! Postgres database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests")]

mod support;

use support::samples::*;
use trent_store::{Committed, Invalidation, InvalidationCursor, LeaseHolder, RegistryStore};
use trent_types::{Change, ChangeRefused, KeyId, KeyState, KeyUpdate, Tag, Timestamp};
use uuid::Uuid;

/// Makes of each promise a test per store.
macro_rules! on_both_stores {
    ($($promise:ident)+) => {
        mod on_sqlite {
            $(#[tokio::test]
            async fn $promise() {
                let fresh = super::support::fresh_sqlite();
                super::$promise(&fresh.store).await;
            })+
        }
        mod on_postgres {
            $(#[tokio::test]
            async fn $promise() {
                super::$promise(&super::support::fresh_postgres().await).await;
            })+
        }
    };
}

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
    a_key_is_destroyed_with_all_it_has_when_its_date_has_come
    due_keys_are_claimed_once_until_the_claim_runs_out
    two_claimants_never_get_the_same_key
    users_are_found_without_regard_to_case
    a_user_has_two_access_keys_at_most
    roots_seeded_key_is_replaced
    evaluators_that_start_together_seed_one_root_key
    a_change_and_its_record_are_committed_together
    a_refused_change_leaves_nothing_behind
    a_change_that_is_given_up_is_never_made
    a_change_is_made_or_given_up_and_never_both
    a_request_changes_once_however_often_it_is_sent
    two_committers_of_one_request_change_once
    concurrent_changes_of_one_version_have_one_winner
    every_change_invalidates_what_it_touched
    invalidations_that_were_pruned_make_everything_stale
    no_invalidation_is_left_out_while_many_commit
    a_lease_holder_is_forgotten_only_as_it_was_listed
    settings_and_the_key_clock_are_kept
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
    let done = store.commit(new_request(), &destroy, &record_at(NOW), later).await.unwrap();
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
    let until = NOW.plus_millis(1000);
    let claim = async |who: &str, now: Timestamp| -> Vec<KeyId> {
        let claimed = store.claim_due_deletions(who, NOW, now, now.plus_millis(1000), 10).await;
        claimed.unwrap().into_iter().map(|record| record.key_id).collect()
    };
    let claimed = store.claim_due_deletions("one", NOW, NOW, until, 10).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0], store.key(region(), due.key_id).await.unwrap().unwrap().record);
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
            let some = store.claim_due_deletions(who, NOW, NOW, until, 3).await.unwrap();
            if some.is_empty() {
                return claimed;
            }
            claimed.extend(some.into_iter().map(|record| record.key_id));
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

async fn a_change_and_its_record_are_committed_together(store: &impl RegistryStore) {
    let mut records: Vec<_> = (0..3).map(|n| record_at(NOW.plus_millis(n))).collect();
    records[1].account = None;
    for record in &records {
        let change = create_key(&new_key(), Vec::new());
        store.commit(new_request(), &change, record, NOW).await.unwrap();
    }
    assert_eq!(store.outbox_len().await.unwrap(), 3);
    assert_eq!(store.outbox(2).await.unwrap(), records[..2]);
    let accepted = [records[0].event_id, records[2].event_id];
    store.outbox_remove(&accepted).await.unwrap();
    store.outbox_remove(&[]).await.unwrap();
    assert_eq!(store.outbox(10).await.unwrap(), records[1..2]);
    // An event id that is used twice would lose a record: the change is not made.
    let key = new_key();
    let twice = store.commit(new_request(), &create_key(&key, Vec::new()), &records[1], NOW).await;
    assert!(twice.is_err());
    assert_eq!(store.key(region(), key.key_id).await.unwrap(), None);
}

async fn a_refused_change_leaves_nothing_behind(store: &impl RegistryStore) {
    let absent = new_key();
    let (request, record) = (new_request(), record_at(NOW));
    let change = update(absent.arn(), 1, KeyUpdate::Disable);
    let refused = store.commit(request, &change, &record, NOW).await.unwrap();
    assert_eq!(refused, Committed::Refused(ChangeRefused::NotFound));
    assert_eq!(store.outbox_len().await.unwrap(), 0);
    let (stale, _, _) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    assert_eq!(stale, []);
    // The request was not made, so it can still be.
    make(store, &create_key(&absent, Vec::new())).await;
    let done = store.commit(request, &change, &record, NOW).await.unwrap();
    assert_eq!(done, Committed::Now);
}

async fn a_request_changes_once_however_often_it_is_sent(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    let (request, record) = (new_request(), record_at(NOW));
    let change = update(key, 1, KeyUpdate::Disable);
    for expected in [Committed::Now, Committed::Before, Committed::Before] {
        let done = store.commit(request, &change, &record, NOW).await.unwrap();
        assert_eq!(done, expected);
    }
    assert_eq!(store.outbox_len().await.unwrap(), 2);
    assert_eq!(store.key(region(), key.key_id).await.unwrap().unwrap().record.version, 2);
}

async fn two_committers_of_one_request_change_once(store: &impl RegistryStore) {
    for _ in 0..20 {
        let change = create_key(&new_key(), tags(5));
        let (request, record) = (new_request(), record_at(NOW));
        let (one, other) = tokio::join!(
            store.commit(request, &change, &record, NOW),
            store.commit(request, &change, &record, NOW),
        );
        let mut outcomes = [one.unwrap(), other.unwrap()];
        outcomes.sort_by_key(|outcome| *outcome == Committed::Before);
        assert_eq!(outcomes, [Committed::Now, Committed::Before]);
    }
    assert_eq!(store.outbox_len().await.unwrap(), 20);
}

async fn a_change_that_is_given_up_is_never_made(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    let (request, change) = (new_request(), update(key, 1, KeyUpdate::Disable));
    let record = record_at(NOW);
    assert!(!store.give_up(request, NOW).await.unwrap());
    assert!(!store.give_up(request, NOW).await.unwrap());
    let late = store.commit(request, &change, &record, NOW).await.unwrap();
    assert_eq!(late, Committed::Refused(ChangeRefused::Conflict));
    let anew = new_request();
    assert_eq!(store.commit(anew, &change, &record, NOW).await.unwrap(), Committed::Now);
    assert!(store.give_up(anew, NOW).await.unwrap());
    assert_eq!(store.commit(anew, &change, &record, NOW).await.unwrap(), Committed::Before);
}

async fn a_change_is_made_or_given_up_and_never_both(store: &impl RegistryStore) {
    for _ in 0..20 {
        let change = create_key(&new_key(), Vec::new());
        let (request, record) = (new_request(), record_at(NOW));
        let (committed, made) = tokio::join!(
            store.commit(request, &change, &record, NOW),
            store.give_up(request, NOW),
        );
        assert_eq!(committed.unwrap() == Committed::Now, made.unwrap());
    }
}

async fn concurrent_changes_of_one_version_have_one_winner(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    let (disable, tag, describe) = (
        update(key, 1, KeyUpdate::Disable),
        Change::TagKey { key, version: 1, tags: tags(2) },
        update(key, 1, KeyUpdate::Describe("raced".to_owned())),
    );
    let outcomes =
        tokio::join!(commit(store, &disable), commit(store, &tag), commit(store, &describe));
    let outcomes = [outcomes.0, outcomes.1, outcomes.2];
    let conflict = Committed::Refused(ChangeRefused::Conflict);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Committed::Now).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == conflict).count(), 2);
    assert_eq!(store.key(region(), key.key_id).await.unwrap().unwrap().record.version, 2);
}

async fn every_change_invalidates_what_it_touched(store: &impl RegistryStore) {
    let record = new_key();
    let key = record.arn();
    let other = stored_key(store).await.key_id;
    let named = Invalidation::Alias(alias_arn("alias/a"));
    let alias_key = Change::UpdateAlias {
        alias: alias_arn("alias/a"),
        from: record.key_id,
        to: other,
        updated_at: NOW,
    };
    let delete = Change::DeleteAlias { alias: alias_arn("alias/a"), from: other };
    let bobs = access_key("AKIABOB", Some("bob"));
    let steps = [
        (create_key(&record, Vec::new()), Invalidation::Key(key)),
        (update(key, 1, KeyUpdate::Disable), Invalidation::Key(key)),
        (Change::TagKey { key, version: 2, tags: tags(1) }, Invalidation::Key(key)),
        (Change::CreateAlias(alias("alias/a", record.key_id)), named.clone()),
        (alias_key, named.clone()),
        (delete, named),
        (Change::CreateUser(user("bob")), Invalidation::User(account(), "bob".to_owned())),
        (
            Change::CreateAccessKey { access_key: bobs, sealed_secret: vec![] },
            Invalidation::AccessKey("AKIABOB".to_owned()),
        ),
    ];
    let (_, mut cursor, _) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    for (change, expected) in steps {
        make(store, &change).await;
        let stale;
        (stale, cursor, _) = store.renew_lease(Uuid::nil(), cursor).await.unwrap();
        // Some may come twice; the newest is last.
        assert_eq!(stale.last(), Some(&expected), "{change:?}");
    }
    store.put_root_key(&access_key("AKIAROOT", None), b"x").await.unwrap();
    let (stale, _, _) = store.renew_lease(Uuid::nil(), cursor).await.unwrap();
    assert_eq!(stale.last(), Some(&Invalidation::AccessKey("AKIAROOT".to_owned())));
}

async fn invalidations_that_were_pruned_make_everything_stale(store: &impl RegistryStore) {
    let record = stored_key(store).await;
    let (_, old, _) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    make(store, &update(record.arn(), 1, KeyUpdate::Disable)).await;
    // Far more commits than lie between two prunings, all much later.
    let later = NOW.plus_millis(3_600_000);
    for version in 2..132 {
        let change = update(record.arn(), version, KeyUpdate::Enable);
        store.commit(new_request(), &change, &record_at(later), later).await.unwrap();
    }
    let (stale, new, _) = store.renew_lease(Uuid::nil(), old).await.unwrap();
    assert_eq!(stale, [Invalidation::Everything]);
    let (stale, _, _) = store.renew_lease(Uuid::nil(), new).await.unwrap();
    assert!(!stale.contains(&Invalidation::Everything));
}

async fn no_invalidation_is_left_out_while_many_commit(store: &impl RegistryStore) {
    let create_many = async || {
        let mut made = Vec::new();
        for _ in 0..25 {
            made.push(stored_key(store).await.arn());
        }
        made
    };
    let finished = std::sync::atomic::AtomicBool::new(false);
    let writers = async {
        let made = tokio::join!(create_many(), create_many(), create_many(), create_many());
        finished.store(true, std::sync::atomic::Ordering::SeqCst);
        [made.0, made.1, made.2, made.3].concat()
    };
    let reader = async {
        let (mut seen, mut cursor) = (Vec::new(), InvalidationCursor(0));
        loop {
            let last = finished.load(std::sync::atomic::Ordering::SeqCst);
            let stale;
            (stale, cursor, _) = store.renew_lease(Uuid::nil(), cursor).await.unwrap();
            seen.extend(stale);
            if last {
                return seen;
            }
        }
    };
    let (made, seen) = tokio::join!(writers, reader);
    assert_eq!(made.len(), 100);
    for key in made {
        assert!(seen.contains(&Invalidation::Key(key)), "{key} was left out");
    }
}

async fn a_lease_holder_is_forgotten_only_as_it_was_listed(store: &impl RegistryStore) {
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    for evaluator in [one, other, one] {
        store.renew_lease(evaluator, InvalidationCursor(0)).await.unwrap();
    }
    let mut holders = store.lease_holders().await.unwrap();
    holders.sort_by_key(|holder| holder.evaluator);
    let (first, second) = (
        LeaseHolder { evaluator: one, renewals: 2 },
        LeaseHolder { evaluator: other, renewals: 1 },
    );
    assert_eq!(holders, [first, second]);
    store.renew_lease(one, InvalidationCursor(0)).await.unwrap();
    store.forget_lease_holder(first).await.unwrap();
    store.forget_lease_holder(second).await.unwrap();
    let renewed = LeaseHolder { evaluator: one, renewals: 3 };
    assert_eq!(store.lease_holders().await.unwrap(), [renewed]);
    let whatever = LeaseHolder { evaluator: one, renewals: -1 };
    store.forget_lease_holder(whatever).await.unwrap();
    assert_eq!(store.lease_holders().await.unwrap(), []);
}

async fn settings_and_the_key_clock_are_kept(store: &impl RegistryStore) {
    assert_eq!(store.setting("a").await.unwrap(), None);
    let (one, other) =
        tokio::join!(store.setting_or_insert("a", b"one"), store.setting_or_insert("a", b"two"));
    let kept = one.unwrap();
    assert_eq!(kept, other.unwrap());
    assert_eq!(store.setting_or_insert("a", b"three").await.unwrap(), kept);
    assert_eq!(store.setting("a").await.unwrap(), Some(kept));
    assert_eq!(store.key_clock_offset().await.unwrap(), 0);
    for offset in [86_400_000, -5] {
        store.set_key_clock_offset(offset).await.unwrap();
        assert_eq!(store.key_clock_offset().await.unwrap(), offset);
        let (_, _, told) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
        assert_eq!(told, offset);
    }
}

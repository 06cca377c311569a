//! Changes with their records, what they make stale, leases and settings.

use crate::support::identities::{self, USER, access_key, create_access_key, create_user, rename};
use crate::support::samples::*;
use trent_store::{Committed, Invalidation, InvalidationCursor, LeaseHolder, RegistryStore};
use trent_types::{Change, ChangeRefused, IdentityChange, KeyArn, KeyUpdate};
use uuid::Uuid;

on_both_stores! {
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
    settings_are_kept
}

async fn a_change_and_its_record_are_committed_together(store: &impl RegistryStore) {
    let mut records: Vec<_> = (0..3).map(|n| record_at(NOW.plus_millis(n))).collect();
    records[1].account = None;
    for record in &records {
        let change = create_key(&new_key(), Vec::new());
        store.commit(new_request(), &change, std::slice::from_ref(record), NOW).await.unwrap();
    }
    assert_eq!(store.outbox_len().await.unwrap(), 3);
    assert_eq!(store.outbox(2).await.unwrap(), records[..2]);
    let accepted = [records[0].event_id, records[2].event_id];
    store.outbox_remove(&accepted).await.unwrap();
    store.outbox_remove(&[]).await.unwrap();
    assert_eq!(store.outbox(10).await.unwrap(), records[1..2]);
    // An event id that is used twice would lose a record: the change is not made.
    let key = new_key();
    let twice =
        store.commit(new_request(), &create_key(&key, Vec::new()), &records[1..2], NOW).await;
    assert!(twice.is_err());
    assert_eq!(store.key(region(), key.key_id).await.unwrap(), None);
}

async fn a_refused_change_leaves_nothing_behind(store: &impl RegistryStore) {
    let absent = new_key();
    let (request, record) = (new_request(), record_at(NOW));
    let change = update(absent.arn(), 1, KeyUpdate::Disable);
    let refused = store.commit(request, &change, std::slice::from_ref(&record), NOW).await.unwrap();
    assert_eq!(refused, Committed::Refused(ChangeRefused::NotFound));
    assert_eq!(store.outbox_len().await.unwrap(), 0);
    let (stale, _, _) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    assert_eq!(stale, []);
    // The request was not made, so it can still be.
    make(store, &create_key(&absent, Vec::new())).await;
    let done = store.commit(request, &change, std::slice::from_ref(&record), NOW).await.unwrap();
    assert_eq!(done, Committed::Now);
}

async fn a_request_changes_once_however_often_it_is_sent(store: &impl RegistryStore) {
    let key = stored_key(store).await.arn();
    let (request, record) = (new_request(), record_at(NOW));
    let change = update(key, 1, KeyUpdate::Disable);
    for expected in [Committed::Now, Committed::Before, Committed::Before] {
        let done =
            store.commit(request, &change, std::slice::from_ref(&record), NOW).await.unwrap();
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
            store.commit(request, &change, std::slice::from_ref(&record), NOW),
            store.commit(request, &change, std::slice::from_ref(&record), NOW),
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
    let late = store.commit(request, &change, std::slice::from_ref(&record), NOW).await.unwrap();
    assert_eq!(late, Committed::Refused(ChangeRefused::Conflict));
    let anew = new_request();
    assert_eq!(
        store.commit(anew, &change, std::slice::from_ref(&record), NOW).await.unwrap(),
        Committed::Now
    );
    assert!(store.give_up(anew, NOW).await.unwrap());
    assert_eq!(
        store.commit(anew, &change, std::slice::from_ref(&record), NOW).await.unwrap(),
        Committed::Before
    );
}

async fn a_change_is_made_or_given_up_and_never_both(store: &impl RegistryStore) {
    for _ in 0..20 {
        let change = create_key(&new_key(), Vec::new());
        let (request, record) = (new_request(), record_at(NOW));
        let (committed, made) = tokio::join!(
            store.commit(request, &change, std::slice::from_ref(&record), NOW),
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
    let to_other = Invalidation::Key(KeyArn { key_id: other, ..key });
    let named = Invalidation::Alias(alias_arn("alias/a"));
    let alias_key = Change::UpdateAlias {
        alias: alias_arn("alias/a"),
        from: record.key_id,
        to: other,
        updated_at: NOW,
    };
    let delete = Change::DeleteAlias { alias: alias_arn("alias/a"), from: other };
    let all_of_it = Invalidation::Identities(account());
    let bobs = Invalidation::AccessKey("AKIABOB".to_owned());
    let steps = [
        (create_key(&record, Vec::new()), vec![Invalidation::Key(key)]),
        (update(key, 1, KeyUpdate::Disable), vec![Invalidation::Key(key)]),
        (Change::TagKey { key, version: 2, tags: tags(1) }, vec![Invalidation::Key(key)]),
        // What is decided about a key may rest on the names of its aliases.
        (
            Change::CreateAlias(alias("alias/a", record.key_id)),
            vec![Invalidation::Key(key), named.clone()],
        ),
        (alias_key, vec![Invalidation::Key(key), to_other.clone(), named.clone()]),
        (delete, vec![to_other, named]),
        (Change::Identity(create_user("bob")), vec![all_of_it.clone()]),
        (
            Change::Identity(create_access_key("AKIABOB", Some("bob"))),
            vec![bobs.clone(), all_of_it.clone()],
        ),
        (Change::Identity(rename(USER, "bob", "robert")), vec![bobs.clone(), all_of_it.clone()]),
        (
            Change::Identity(IdentityChange::DeleteAccessKey {
                account: account(),
                user_name: Some("robert".to_owned()),
                access_key_id: "AKIABOB".to_owned(),
            }),
            vec![bobs, all_of_it.clone()],
        ),
        (Change::Identity(identities::delete(USER, "robert")), vec![all_of_it]),
    ];
    let (_, mut cursor, _) = store.renew_lease(Uuid::nil(), InvalidationCursor(0)).await.unwrap();
    for (change, expected) in steps {
        make(store, &change).await;
        let stale;
        (stale, cursor, _) = store.renew_lease(Uuid::nil(), cursor).await.unwrap();
        // Some may come twice; the newest is last.
        assert!(stale.ends_with(&expected), "{change:?}: {stale:?}");
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
        store.commit(new_request(), &change, &[record_at(later)], later).await.unwrap();
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

async fn settings_are_kept(store: &impl RegistryStore) {
    assert_eq!(store.setting("a").await.unwrap(), None);
    let (one, other) =
        tokio::join!(store.setting_or_insert("a", b"one"), store.setting_or_insert("a", b"two"));
    let kept = one.unwrap();
    assert_eq!(kept, other.unwrap());
    assert_eq!(store.setting_or_insert("a", b"three").await.unwrap(), kept);
    assert_eq!(store.setting("a").await.unwrap(), Some(kept));
}

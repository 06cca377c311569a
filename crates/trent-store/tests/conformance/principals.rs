//! Users and roles with everything that they act under.

use crate::support::identities::*;
use trent_store::{RegistryStore, StoredPolicy, StoredPrincipal};
use trent_types::{EntityRecord, IdentityChange};

on_both_stores! {
    a_user_acts_under_its_own_policies_and_its_groups
    a_role_acts_under_its_own_policies
    the_version_in_force_counts
    what_is_no_principal_is_none
    a_principal_is_read_as_it_is_at_one_moment
    principals_are_found_by_their_unique_ids
}

fn stored(source: &str, document: Option<&str>) -> StoredPolicy {
    StoredPolicy { source: source.to_owned(), document: document.map(str::to_owned) }
}

async fn principal(store: &impl RegistryStore, kind: trent_types::EntityKind) -> StoredPrincipal {
    let name = if kind == USER { "ann" } else { "ops" };
    store.principal(&entity(kind, name)).await.unwrap().unwrap()
}

async fn a_user_acts_under_its_own_policies_and_its_groups(store: &impl RegistryStore) {
    let tags = vec![tag("team", "blue")];
    make_all(store, ["own", "shared", "limit", "of-others"].map(create_policy)).await;
    let ann = IdentityChange::CreateUser {
        user: user("ann"),
        tags: tags.clone(),
        boundary: Some(policy_arn("limit")),
    };
    let changes = [
        ann,
        create_user("bob"),
        create_role("ann"),
        create_group("Staff"),
        create_group("others"),
        add_to_group("staff", "ann"),
        add_to_group("others", "bob"),
        put_inline(USER, "ann", "Mine", "{\"mine\":1}"),
        put_inline(GROUP, "staff", "All", "{\"all\":1}"),
        put_inline(GROUP, "others", "All", "{\"not\":1}"),
        put_inline(ROLE, "ann", "role", "{\"not\":2}"),
        put_inline(USER, "bob", "bobs", "{\"not\":3}"),
        attach(USER, "ann", &policy_arn("own")),
        attach(USER, "ann", &policy_arn("shared")),
        attach(GROUP, "staff", &policy_arn("shared")),
        attach(GROUP, "staff", OF_AWS),
        attach(GROUP, "others", &policy_arn("of-others")),
        attach(ROLE, "ann", &policy_arn("of-others")),
    ];
    make_all(store, changes).await;
    let found = principal(store, USER).await;
    assert_eq!(found.record, EntityRecord::User(user("ann")));
    assert_eq!(found.tags, tags);
    assert_eq!(found.boundary, Some(stored(&policy_arn("limit"), Some("{\"of\":\"limit\"}"))));
    let expected = [
        stored("Mine", Some("{\"mine\":1}")),
        stored("Staff/All", Some("{\"all\":1}")),
        stored(&policy_arn("own"), Some("{\"of\":\"own\"}")),
        stored(&policy_arn("shared"), Some("{\"of\":\"shared\"}")),
        stored(OF_AWS, None),
    ];
    assert_eq!(found.policies, expected);
}

async fn a_role_acts_under_its_own_policies(store: &impl RegistryStore) {
    let changes = [
        create_role("ops"),
        create_user("ops"),
        create_group("staff"),
        add_to_group("staff", "ops"),
        put_inline(GROUP, "staff", "not", "{}"),
        put_inline(ROLE, "ops", "yes", "{\"yes\":1}"),
        attach(ROLE, "ops", OF_AWS),
        bound(ROLE, "ops", Some(OF_AWS)),
    ];
    make_all(store, changes).await;
    let found = principal(store, ROLE).await;
    assert_eq!(found.record, EntityRecord::Role(role("ops")));
    assert_eq!(found.boundary, Some(stored(OF_AWS, None)));
    let expected = [stored(OF_AWS, None), stored("yes", Some("{\"yes\":1}"))];
    assert_eq!(found.policies, expected);
}

async fn the_version_in_force_counts(store: &impl RegistryStore) {
    let arn = policy_arn("own");
    make_all(store, [create_user("ann"), create_policy("own")]).await;
    make_all(store, [attach(USER, "ann", &arn), bound(USER, "ann", Some(&arn))]).await;
    make_all(store, [create_version("own", 2, false)]).await;
    let first = stored(&arn, Some("{\"of\":\"own\"}"));
    let found = principal(store, USER).await;
    assert_eq!((found.policies, found.boundary), (vec![first.clone()], Some(first)));
    make_all(store, [create_version("own", 3, true)]).await;
    let third = stored(&arn, Some("{\"v\":3}"));
    let found = principal(store, USER).await;
    assert_eq!((found.policies, found.boundary), (vec![third.clone()], Some(third)));
    let policy = entity(POLICY, "own");
    make_all(store, [IdentityChange::SetDefaultPolicyVersion { policy, number: 2 }]).await;
    assert_eq!(principal(store, USER).await.policies, [stored(&arn, Some("{\"v\":2}"))]);
}

async fn what_is_no_principal_is_none(store: &impl RegistryStore) {
    make_all(store, [create_group("g"), create_policy("p"), create_user("u")]).await;
    for (kind, name) in [(GROUP, "g"), (POLICY, "p"), (USER, "none"), (ROLE, "u")] {
        assert_eq!(store.principal(&entity(kind, name)).await.unwrap(), None);
    }
}

/// Two changes take turns so that exactly one of two policies is always there, or both in between
/// the steps of one change.
async fn a_principal_is_read_as_it_is_at_one_moment(store: &impl RegistryStore) {
    make_all(store, [create_user("ann"), put_inline(USER, "ann", "p", "{}")]).await;
    let writer = async {
        for round in 0..15 {
            let name = if round % 2 == 0 { "anna" } else { "ann" };
            let old = if round % 2 == 0 { "ann" } else { "anna" };
            make_all(store, [rename(USER, old, name)]).await;
        }
    };
    let reader = async {
        let mut found = 0;
        for _ in 0..60 {
            for name in ["ann", "anna"] {
                if let Some(read) = store.principal(&entity(USER, name)).await.unwrap() {
                    // Never without what came along.
                    assert_eq!(read.policies, [stored("p", Some("{}"))]);
                    found += 1;
                }
                if let Some(read) = store.identity(&entity(USER, name)).await.unwrap() {
                    assert_eq!(read.inline.len(), 1);
                }
            }
        }
        found
    };
    let ((), found) = tokio::join!(writer, reader);
    assert!(found > 0);
}

async fn principals_are_found_by_their_unique_ids(store: &impl RegistryStore) {
    make_all(store, [create_user("ann"), create_role("ops"), create_group("staff")]).await;
    let ids = ["AIDAann", "AROAops", "AGPAstaff", "AIDAnone", "AIDAANN"].map(str::to_owned);
    let found = store.by_unique_ids(&ids).await.unwrap();
    assert_eq!(found, [EntityRecord::User(user("ann")), EntityRecord::Role(role("ops"))]);
    make_all(store, [rename(USER, "ann", "anna")]).await;
    let found = store.by_unique_ids(&ids[..1]).await.unwrap();
    assert_eq!(found[0].entity(), entity(USER, "anna"));
}

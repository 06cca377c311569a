//! Pages of users, groups, roles and policies.

use crate::support::identities::*;
use crate::support::samples::*;
use trent_store::RegistryStore;
use trent_types::{EntityKind, EntityRecord, IdentityChange};

on_both_stores! {
    every_kind_is_listed_in_the_order_of_folded_names
    a_path_prefix_is_no_pattern
    the_members_of_a_group_are_listed
    those_who_have_a_policy_are_listed
}

async fn names(
    store: &impl RegistryStore,
    kind: EntityKind,
    prefix: &str,
    after: Option<&str>,
    limit: u32,
) -> (Vec<String>, bool) {
    let page = store.entities(account(), kind, prefix, after, limit).await.unwrap();
    (page.0.iter().map(|record| record.entity().name).collect(), page.1)
}

async fn every_kind_is_listed_in_the_order_of_folded_names(store: &impl RegistryStore) {
    let sorted = ["+a", "-a", "_a", "A", "a-b", "AB", "b"];
    let sorted_as_stored = ["+a", "-a", "_a", "A", "a-b", "AB", "b"];
    for name in sorted.iter().rev() {
        let made = [create_user(name), create_group(name), create_role(name), create_policy(name)];
        make_all(store, made).await;
    }
    for kind in [USER, GROUP, ROLE, POLICY] {
        let all = names(store, kind, "/", None, 7).await;
        assert_eq!(all, (sorted_as_stored.map(str::to_owned).to_vec(), false), "{kind:?}");
        let page = names(store, kind, "/", Some("a"), 2).await;
        assert_eq!(page, (vec!["a-b".to_owned(), "AB".to_owned()], true), "{kind:?}");
        let last = names(store, kind, "/", Some("Ab"), 2).await;
        assert_eq!(last, (vec!["b".to_owned()], false), "{kind:?}");
        let elsewhere = "444455556666".parse().unwrap();
        let none = store.entities(elsewhere, kind, "/", None, 9).await.unwrap();
        assert_eq!(none, (Vec::new(), false));
    }
}

async fn a_path_prefix_is_no_pattern(store: &impl RegistryStore) {
    for (name, path) in [("a", "/"), ("b", "/te_m/"), ("c", "/team/"), ("d", "/team/x/")] {
        let user = trent_types::User { path: path.to_owned(), ..user(name) };
        let create = IdentityChange::CreateUser { user, tags: Vec::new(), boundary: None };
        make_all(store, [create]).await;
    }
    for (prefix, expected) in [
        ("/", vec!["a", "b", "c", "d"]),
        ("/team/", vec!["c", "d"]),
        ("/team/x", vec!["d"]),
        ("/te_m", vec!["b"]),
        ("/TEAM/", vec![]),
        ("/%", vec![]),
    ] {
        assert_eq!(names(store, USER, prefix, None, 9).await.0, expected, "{prefix}");
    }
    assert_eq!(names(store, USER, "/team/", Some("c"), 9).await.0, ["d"]);
}

async fn the_members_of_a_group_are_listed(store: &impl RegistryStore) {
    make_all(store, ["Ann", "bob", "Carl", "dan"].map(create_user)).await;
    make_all(store, [create_group("staff"), create_group("others")]).await;
    make_all(store, ["dan", "Carl", "Ann"].map(|name| add_to_group("staff", name))).await;
    make_all(store, [add_to_group("others", "bob")]).await;
    let page = store.group_members(account(), "STAFF", None, 2).await.unwrap();
    assert_eq!(page, (vec![user("Ann"), user("Carl")], true));
    let page = store.group_members(account(), "staff", Some("CARL"), 2).await.unwrap();
    assert_eq!(page, (vec![user("dan")], false));
    make_all(store, [remove_from_group("staff", "ANN")]).await;
    let page = store.group_members(account(), "staff", None, 9).await.unwrap();
    assert_eq!(page, (vec![user("Carl"), user("dan")], false));
}

async fn those_who_have_a_policy_are_listed(store: &impl RegistryStore) {
    make_all(store, [create_policy("P"), create_policy("q")]).await;
    make_all(store, ["ann", "Bob"].map(create_user)).await;
    make_all(store, [create_group("ann"), create_role("ann"), create_role("Ops")]).await;
    for arn in [policy_arn("P"), OF_AWS.to_owned()] {
        let changes = [
            attach(ROLE, "ops", &arn),
            attach(ROLE, "ann", &arn),
            attach(GROUP, "ann", &arn),
            attach(USER, "bob", &arn),
            attach(USER, "ann", &arn),
            bound(USER, "bob", Some(&arn)),
            bound(ROLE, "ann", Some(&arn)),
            attach(USER, "ann", &policy_arn("q")),
        ];
        make_all(store, changes).await;
        let expected = [
            (EntityRecord::User(user("ann")), false),
            (EntityRecord::User(user("Bob")), false),
            (EntityRecord::Group(group("ann")), false),
            (EntityRecord::Role(role("ann")), false),
            (EntityRecord::Role(role("Ops")), false),
            (EntityRecord::User(user("Bob")), true),
            (EntityRecord::Role(role("ann")), true),
        ];
        for size in [1, 2, 3, 7, 9] {
            let (mut found, mut more) = (Vec::new(), true);
            while more {
                let last: Option<(trent_types::Entity, bool)> =
                    found.last().map(|(record, is): &(EntityRecord, bool)| (record.entity(), *is));
                let after = last.as_ref().map(|(entity, boundary)| (entity, *boundary));
                let page = store.policy_entities(account(), &arn, after, size).await.unwrap();
                assert!(page.0.len() <= size as usize);
                found.extend(page.0);
                more = page.1;
            }
            assert_eq!(found, expected, "{arn} by {size}");
        }
    }
    let q = store.policy_entities(account(), &policy_arn("q"), None, 9).await.unwrap();
    assert_eq!(q, (vec![(EntityRecord::User(user("ann")), false)], false));
}

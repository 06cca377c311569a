//! Users, groups and roles, and access keys.

use crate::support::identities::*;
use crate::support::samples::*;
use trent_store::{AccessKeyOwner, Committed, RegistryStore};
use trent_types::{EntityRecord, IdentityChange, IdentityRefused, InlinePolicy};

on_both_stores! {
    names_are_found_and_unique_without_regard_to_case
    what_is_not_there_is_named
    a_renamed_user_keeps_everything
    a_renamed_group_keeps_everything
    two_take_one_name_and_one_gets_it
    nothing_goes_while_something_belongs_to_it
    a_policy_is_not_put_into_a_user_who_is_just_deleted
    tags_are_overwritten_removed_and_limited
    a_role_changes_and_its_id_stays
}

async fn names_are_found_and_unique_without_regard_to_case(store: &impl RegistryStore) {
    let made =
        [create_user("Alice"), create_group("Alice"), create_role("Alice"), create_policy("Alice")];
    make_all(store, made).await;
    let (user, group) = (EntityRecord::User(user("Alice")), EntityRecord::Group(group("Alice")));
    let (role, policy) = (EntityRecord::Role(role("Alice")), EntityRecord::Policy(policy("Alice")));
    for (kind, record) in [(USER, user), (GROUP, group), (ROLE, role), (POLICY, policy)] {
        assert_eq!(view(store, kind, "aLICE").await.record, record);
        let mut elsewhere = entity(kind, "Alice");
        elsewhere.account = "444455556666".parse().unwrap();
        assert_eq!(store.identity(&elsewhere).await.unwrap(), None);
    }
    for (again, text) in [
        (create_user("ALICE"), "User with name ALICE already exists."),
        (create_group("ALICE"), "Group with name ALICE already exists."),
        (create_role("ALICE"), "Role with name ALICE already exists."),
        (
            create_policy("ALICE"),
            "A policy called ALICE already exists. Duplicate names are not allowed.",
        ),
    ] {
        assert_eq!(attempt(store, again).await, exists(text));
    }
}

async fn what_is_not_there_is_named(store: &impl RegistryStore) {
    make_all(store, [create_user("ann"), create_group("staff")]).await;
    let no_user = "The user with name Bob cannot be found.";
    let no_group = "The group with name Crew cannot be found.";
    let no_role = "The role with name Ops cannot be found.";
    let nowhere = policy_arn("none");
    let not_attached = format!("Policy {OF_AWS} was not found.");
    let not_there = format!("Policy {nowhere} does not exist or is not attachable.");
    let no_boundary = format!("Scope ARN: {nowhere} does not exist or is not attachable.");
    for (change, text) in [
        (delete(USER, "Bob"), no_user),
        (delete(GROUP, "Crew"), no_group),
        (delete(ROLE, "Ops"), no_role),
        (delete(POLICY, "none"), "Policy arn:aws:iam::111122223333:policy/none was not found."),
        (rename(USER, "Bob", "Carl"), no_user),
        (create_access_key("AKIA1", Some("Bob")), no_user),
        (add_to_group("Crew", "ann"), no_group),
        (add_to_group("staff", "Bob"), no_user),
        (remove_from_group("staff", "ann"), "The user with name ann cannot be found."),
        (attach(ROLE, "Ops", OF_AWS), no_role),
        (attach(USER, "ann", &nowhere), &not_there),
        (detach(USER, "ann", OF_AWS), &not_attached),
        (bound(USER, "ann", Some(&nowhere)), &no_boundary),
        (put_inline(GROUP, "Crew", "p", "{}"), no_group),
        (delete_inline(USER, "ann", "p"), "The user policy with name p cannot be found."),
        (delete_inline(GROUP, "staff", "p"), "The group policy with name p cannot be found."),
    ] {
        assert_eq!(attempt(store, change.clone()).await, missing(text), "{change:?}");
    }
    make_all(store, [create_role("ops")]).await;
    let role_policy = attempt(store, delete_inline(ROLE, "Ops", "p")).await;
    assert_eq!(role_policy, missing("The role policy with name p cannot be found."));
}

async fn a_renamed_user_keeps_everything(store: &impl RegistryStore) {
    let mut made = user("ann");
    made.path = "/".to_owned();
    let tags = vec![tag("team", "blue")];
    make_all(store, [create_policy("limit"), create_group("staff")]).await;
    let boundary = Some(policy_arn("limit"));
    let changes = [
        IdentityChange::CreateUser { user: made.clone(), tags: tags.clone(), boundary },
        create_access_key("AKIA1", Some("ann")),
        create_access_key("AKIA2", Some("ann")),
        put_inline(USER, "ann", "own", "{}"),
        attach(USER, "ann", OF_AWS),
        add_to_group("staff", "ann"),
        IdentityChange::Rename {
            entity: entity(USER, "ANN"),
            name: Some("Anna".to_owned()),
            path: Some("/team/".to_owned()),
        },
    ];
    make_all(store, changes).await;
    assert_eq!(store.identity(&entity(USER, "ann")).await.unwrap(), None);
    let kept = view(store, USER, "anna").await;
    (made.name, made.path) = ("Anna".to_owned(), "/team/".to_owned());
    assert_eq!(kept.record, EntityRecord::User(made.clone()));
    assert_eq!((kept.tags, kept.boundary), (tags, Some(policy_arn("limit"))));
    let own = InlinePolicy { name: "own".to_owned(), document: "{}".to_owned() };
    assert_eq!((kept.inline, kept.attached), (vec![own], vec![OF_AWS.to_owned()]));
    assert_eq!(kept.groups, [group("staff")]);
    let keys = [access_key("AKIA1", Some("Anna")), access_key("AKIA2", Some("Anna"))];
    assert_eq!(kept.access_keys, keys);
    let stored = store.access_key("AKIA1").await.unwrap().unwrap();
    assert_eq!(stored.owner, AccessKeyOwner::User(made));
    // What is counted comes along, and the old name starts at nothing.
    let third = attempt(store, create_access_key("AKIA3", Some("anna"))).await;
    assert_eq!(third, too_many("Cannot exceed quota for AccessKeysPerUser: 2"));
    let another = IdentityChange::CreateUser {
        user: trent_types::User { user_id: "AIDAanother".to_owned(), ..user("ann") },
        tags: Vec::new(),
        boundary: None,
    };
    let keys = ["AKIA4", "AKIA5"].map(|id| create_access_key(id, Some("ann")));
    make_all(store, [another].into_iter().chain(keys)).await;
    assert_eq!(view(store, USER, "ann").await.tags, []);
    // Another spelling of the same name is no other name.
    make_all(store, [rename(USER, "anna", "ANNA")]).await;
    assert_eq!(view(store, USER, "anna").await.access_keys.len(), 2);
    let EntityRecord::User(spelt) = view(store, USER, "anna").await.record else { panic!() };
    assert_eq!((spelt.name, spelt.user_id), ("ANNA".to_owned(), "AIDAann".to_owned()));
}

async fn a_renamed_group_keeps_everything(store: &impl RegistryStore) {
    let changes = [
        create_user("ann"),
        create_group("staff"),
        create_group("crew"),
        add_to_group("STAFF", "ANN"),
        put_inline(GROUP, "staff", "own", "{}"),
        attach(GROUP, "staff", OF_AWS),
    ];
    make_all(store, changes).await;
    let taken = attempt(store, rename(GROUP, "staff", "Crew")).await;
    assert_eq!(taken, exists("Group with name Crew already exists."));
    make_all(store, [rename(GROUP, "staff", "Team")]).await;
    let kept = view(store, GROUP, "team").await;
    assert_eq!((kept.inline.len(), kept.attached), (1, vec![OF_AWS.to_owned()]));
    let (members, more) = store.group_members(account(), "TEAM", None, 9).await.unwrap();
    assert_eq!((members, more), (vec![user("ann")], false));
    let renamed = view(store, USER, "ann").await.groups;
    assert_eq!((&*renamed[0].name, &*renamed[0].group_id), ("Team", "AGPAstaff"));
    // Roles and policies have their names for good.
    make_all(store, [create_role("ops")]).await;
    let role = attempt(store, rename(ROLE, "ops", "dev")).await;
    let text = "The name of a role cannot be changed.".to_owned();
    assert_eq!(role, refused(IdentityRefused::InvalidInput(text)));
}

async fn two_take_one_name_and_one_gets_it(store: &impl RegistryStore) {
    for round in 0..8 {
        let (one, other) = (format!("one{round}"), format!("other{round}"));
        make_all(store, [create_user(&one), create_user(&other)]).await;
        let wanted = format!("wanted{round}");
        let create = IdentityChange::CreateUser {
            user: trent_types::User { user_id: format!("AIDAnew{round}"), ..user(&wanted) },
            tags: Vec::new(),
            boundary: None,
        };
        let outcomes = tokio::join!(
            attempt(store, rename(USER, &one, &wanted)),
            attempt(store, rename(USER, &other, &wanted)),
            attempt(store, create),
        );
        let outcomes = [outcomes.0, outcomes.1, outcomes.2];
        let taken = exists(&format!("User with name {wanted} already exists."));
        let made = outcomes.iter().filter(|outcome| **outcome == Committed::Now).count();
        let refused = outcomes.iter().filter(|outcome| **outcome == taken).count();
        assert_eq!((made, refused), (1, 2), "{outcomes:?}");
    }
}

async fn nothing_goes_while_something_belongs_to_it(store: &impl RegistryStore) {
    let changes = [
        create_user("ann"),
        create_group("staff"),
        create_role("ops"),
        attach(USER, "ann", OF_AWS),
        put_inline(USER, "ann", "own", "{}"),
        create_access_key("AKIA1", Some("ann")),
        add_to_group("staff", "ann"),
        attach(GROUP, "staff", OF_AWS),
        put_inline(GROUP, "staff", "own", "{}"),
        attach(ROLE, "ops", OF_AWS),
        put_inline(ROLE, "ops", "own", "{}"),
    ];
    make_all(store, changes).await;
    let detach_first = in_use("Cannot delete entity, must detach all policies first.");
    let policies_first = in_use("Cannot delete entity, must delete policies first.");
    let keys_first = in_use("Cannot delete entity, must delete access keys first.");
    let group_first = in_use("Cannot delete entity, must remove user from group first.");
    let users_first = in_use("Cannot delete entity, must remove users from group first.");
    assert_eq!(attempt(store, delete(GROUP, "staff")).await, users_first);
    let key = IdentityChange::DeleteAccessKey {
        account: account(),
        user_name: Some("ann".to_owned()),
        access_key_id: "AKIA1".to_owned(),
    };
    for (kind, name, mut steps) in [
        (USER, "ann", vec![(keys_first, key), (group_first, remove_from_group("staff", "ann"))]),
        (GROUP, "staff", Vec::new()),
        (ROLE, "ops", Vec::new()),
    ] {
        steps.insert(0, (detach_first.clone(), detach(kind, name, OF_AWS)));
        steps.insert(1, (policies_first.clone(), delete_inline(kind, name, "OWN")));
        for (refusal, step) in steps {
            assert_eq!(attempt(store, delete(kind, name)).await, refusal);
            make_all(store, [step]).await;
        }
        make_all(store, [delete(kind, name)]).await;
        assert_eq!(store.identity(&entity(kind, name)).await.unwrap(), None);
    }
    // Whoever gets the name next gets nothing else.
    make_all(store, [create_user("ann"), create_access_key("AKIA2", Some("ann"))]).await;
    make_all(store, [create_access_key("AKIA3", Some("ann"))]).await;
}

async fn a_policy_is_not_put_into_a_user_who_is_just_deleted(store: &impl RegistryStore) {
    for round in 0..10 {
        let name = format!("ann{round}");
        make_all(store, [create_user(&name)]).await;
        let (put, attached, gone) = tokio::join!(
            attempt(store, put_inline(USER, &name, "own", "{}")),
            attempt(store, attach(USER, &name, OF_AWS)),
            attempt(store, delete(USER, &name)),
        );
        let no_user = missing(&format!("The user with name {name} cannot be found."));
        if gone == Committed::Now {
            assert_eq!((put, attached), (no_user.clone(), no_user));
        } else {
            assert!(put == Committed::Now || attached == Committed::Now, "{put:?} {attached:?}");
        }
    }
}

async fn tags_are_overwritten_removed_and_limited(store: &impl RegistryStore) {
    make_all(store, [create_user("ann"), create_policy("readers")]).await;
    let put = |kind, name, tags| IdentityChange::Tag { entity: entity(kind, name), tags };
    make_all(store, [put(USER, "ANN", vec![tag("Team", "blue"), tag("b", "1")])]).await;
    make_all(store, [put(USER, "ann", vec![tag("team", "red")])]).await;
    assert_eq!(view(store, USER, "ann").await.tags, [tag("b", "1"), tag("team", "red")]);
    let tag_keys = vec!["TEAM".to_owned(), "none".to_owned()];
    make_all(store, [IdentityChange::Untag { entity: entity(USER, "ann"), tag_keys }]).await;
    assert_eq!(view(store, USER, "ann").await.tags, [tag("b", "1")]);
    // The keys of a policy's tags are told apart by case.
    make_all(store, [put(POLICY, "readers", vec![tag("Team", "1"), tag("team", "2")])]).await;
    let kept = view(store, POLICY, "readers").await.tags;
    assert_eq!(kept, [tag("Team", "1"), tag("team", "2")]);
    let full = attempt(store, put(USER, "ann", tags(50))).await;
    assert_eq!(full, too_many("Cannot exceed quota for TagsPerUser: 50"));
    make_all(store, [put(USER, "ann", tags(49))]).await;
    let (one, other) = tokio::join!(
        attempt(store, put(POLICY, "readers", tags(48))),
        attempt(store, put(POLICY, "readers", vec![tag("x", "")])),
    );
    assert!((one == Committed::Now) != (other == Committed::Now), "{one:?} {other:?}");
}

async fn a_role_changes_and_its_id_stays(store: &impl RegistryStore) {
    make_all(store, [create_role("ops")]).await;
    let entity = || entity(ROLE, "OPS");
    let update = |description: Option<&str>, max_session_seconds| IdentityChange::UpdateRole {
        role: entity(),
        description: description.map(str::to_owned),
        max_session_seconds,
    };
    let trust = IdentityChange::SetTrustPolicy { role: entity(), document: "{}".to_owned() };
    make_all(store, [update(Some("new"), None), update(None, Some(7_200)), trust]).await;
    let mut changed = role("ops");
    (changed.description, changed.max_session_seconds) = ("new".to_owned(), 7_200);
    changed.trust_policy = "{}".to_owned();
    assert_eq!(view(store, ROLE, "ops").await.record, EntityRecord::Role(changed));
}

//! Managed policies, what they are attached to, and policies inside; IAM's quotas.

use crate::support::identities::*;
use crate::support::samples::*;
use trent_store::{Committed, RegistryStore};
use trent_types::{ChangeRefused, EntityRecord, IdentityChange};

on_both_stores! {
    a_policy_is_attached_once_and_counted
    a_policy_goes_when_nothing_holds_it
    versions_are_numbered_and_five_at_most
    a_policy_is_not_attached_while_it_goes
    attached_policies_are_ten_at_most
    groups_of_a_user_are_ten_at_most
    policies_inside_have_room_for_so_much
    a_permissions_boundary_is_set_and_taken_away
}

async fn a_policy_is_attached_once_and_counted(store: &impl RegistryStore) {
    make_all(store, [create_policy("Readers"), create_user("ann"), create_role("ops")]).await;
    let arn = policy_arn("Readers");
    make_all(store, [attach(USER, "ann", &arn), attach(USER, "ANN", &arn)]).await;
    make_all(store, [attach(ROLE, "ops", &policy_arn("readers"))]).await;
    make_all(store, [bound(ROLE, "ops", Some(&arn)), bound(USER, "ann", Some(&arn))]).await;
    let mut counted = policy("Readers");
    (counted.attachments, counted.boundary_of) = (2, 2);
    assert_eq!(view(store, POLICY, "readers").await.record, EntityRecord::Policy(counted));
    // The ARN is kept as the policy writes its name.
    assert_eq!(view(store, ROLE, "ops").await.attached, std::slice::from_ref(&arn));
    // Of another path there is no such policy.
    let elsewhere = "arn:aws:iam::111122223333:policy/team/Readers";
    let text = format!("Policy {elsewhere} does not exist or is not attachable.");
    assert_eq!(attempt(store, attach(USER, "ann", elsewhere)).await, missing(&text));
    let foreign = "arn:aws:iam::444455556666:policy/Readers";
    let text = format!("Policy {foreign} does not exist or is not attachable.");
    assert_eq!(attempt(store, attach(USER, "ann", foreign)).await, missing(&text));
    make_all(store, [detach(USER, "ann", &arn)]).await;
    let text = format!("Policy {arn} was not found.");
    assert_eq!(attempt(store, detach(USER, "ann", &arn)).await, missing(&text));
}

async fn a_policy_goes_when_nothing_holds_it(store: &impl RegistryStore) {
    let arn = policy_arn("readers");
    let changes = [
        create_policy("readers"),
        create_user("ann"),
        create_group("staff"),
        attach(GROUP, "staff", &arn),
        bound(USER, "ann", Some(&arn)),
        create_version("readers", 2, false),
    ];
    make_all(store, changes).await;
    let held = in_use("Cannot delete a policy attached to entities.");
    assert_eq!(attempt(store, delete(POLICY, "readers")).await, held);
    make_all(store, [detach(GROUP, "staff", &arn)]).await;
    assert_eq!(attempt(store, delete(POLICY, "readers")).await, held);
    make_all(store, [bound(USER, "ann", None)]).await;
    let versions = in_use(
        "This policy has more than one version. Before you delete a policy, you must delete the \
         policy's versions. The default version is deleted with the policy.",
    );
    assert_eq!(attempt(store, delete(POLICY, "readers")).await, versions);
    let two = IdentityChange::DeletePolicyVersion { policy: entity(POLICY, "readers"), number: 2 };
    make_all(store, [two, delete(POLICY, "readers")]).await;
    assert_eq!(store.identity(&entity(POLICY, "readers")).await.unwrap(), None);
    make_all(store, [create_policy("readers")]).await;
}

async fn versions_are_numbered_and_five_at_most(store: &impl RegistryStore) {
    make_all(store, [create_policy("readers")]).await;
    let conflict = Committed::Refused(ChangeRefused::Conflict);
    assert_eq!(attempt(store, create_version("readers", 3, false)).await, conflict);
    let (one, other) = tokio::join!(
        attempt(store, create_version("readers", 2, true)),
        attempt(store, create_version("READERS", 2, true)),
    );
    let outcomes = [one, other];
    assert!(outcomes.contains(&Committed::Now) && outcomes.contains(&conflict), "{outcomes:?}");
    for number in 3..=5 {
        make_all(store, [create_version("readers", number, false)]).await;
    }
    let full = too_many(
        "A managed policy can have up to 5 versions. Before you create a new version, you must \
         delete an existing version.",
    );
    assert_eq!(attempt(store, create_version("readers", 6, false)).await, full);
    let delete =
        |number| IdentityChange::DeletePolicyVersion { policy: entity(POLICY, "readers"), number };
    let default = in_use("Cannot delete the default version of a policy.");
    assert_eq!(attempt(store, delete(2)).await, default);
    make_all(store, [delete(5)]).await;
    let gone = missing(
        "Policy arn:aws:iam::111122223333:policy/readers version v5 does not exist or is not \
         attachable.",
    );
    assert_eq!(attempt(store, delete(5)).await, gone);
    let default = |number| IdentityChange::SetDefaultPolicyVersion {
        policy: entity(POLICY, "readers"),
        number,
    };
    assert_eq!(attempt(store, default(5)).await, gone);
    // A number is not given twice.
    assert_eq!(attempt(store, create_version("readers", 5, false)).await, conflict);
    make_all(store, [create_version("readers", 6, false), default(4), delete(2)]).await;
    let kept = view(store, POLICY, "readers").await;
    let mut expected = policy("readers");
    (expected.default_version, expected.latest_version) = (4, 6);
    assert_eq!(kept.record, EntityRecord::Policy(expected));
    let numbers: Vec<_> = kept.versions.iter().map(|version| version.number).collect();
    assert_eq!(numbers, [1, 3, 4, 6]);
    assert_eq!(kept.versions[1], version(3));
    assert_eq!(kept.versions[0].document, "{\"of\":\"readers\"}");
}

async fn a_policy_is_not_attached_while_it_goes(store: &impl RegistryStore) {
    make_all(store, [create_user("ann"), create_role("ops")]).await;
    for round in 0..10 {
        let name = format!("p{round}");
        make_all(store, [create_policy(&name)]).await;
        let arn = policy_arn(&name);
        let (attached, bounded, gone) = tokio::join!(
            attempt(store, attach(USER, "ann", &arn)),
            attempt(store, bound(ROLE, "ops", Some(&arn))),
            attempt(store, delete(POLICY, &name)),
        );
        if gone == Committed::Now {
            assert_ne!(attached, Committed::Now);
            assert_ne!(bounded, Committed::Now);
        } else {
            assert_eq!(gone, in_use("Cannot delete a policy attached to entities."));
            let held = [attached, bounded];
            assert!(held.contains(&Committed::Now), "{held:?}");
        }
        if view(store, USER, "ann").await.attached.contains(&arn) {
            make_all(store, [detach(USER, "ann", &arn)]).await;
        }
        make_all(store, [bound(ROLE, "ops", None)]).await;
    }
}

async fn attached_policies_are_ten_at_most(store: &impl RegistryStore) {
    make_all(store, [create_user("ann"), create_group("staff"), create_role("ops")]).await;
    let of_aws = |n| format!("arn:aws:iam::aws:policy/Of{n}");
    for (kind, name, what) in [
        (USER, "ann", "PoliciesPerUser"),
        (GROUP, "staff", "PoliciesPerGroup"),
        (ROLE, "ops", "PoliciesPerRole"),
    ] {
        for n in 0..9 {
            make_all(store, [attach(kind, name, &of_aws(n))]).await;
        }
        let (nine, ten) = (attach(kind, name, &of_aws(9)), attach(kind, name, &of_aws(10)));
        let (one, other) = tokio::join!(attempt(store, nine), attempt(store, ten));
        let (outcomes, full) = ([one, other], format!("Cannot exceed quota for {what}: 10"));
        assert!(outcomes.contains(&Committed::Now), "{outcomes:?}");
        assert!(outcomes.contains(&too_many(&full)), "{outcomes:?}");
        // One that is attached already takes no place.
        make_all(store, [attach(kind, name, &of_aws(3))]).await;
        assert_eq!(view(store, kind, name).await.attached.len(), 10);
    }
}

async fn groups_of_a_user_are_ten_at_most(store: &impl RegistryStore) {
    make_all(store, [create_user("ann")]).await;
    make_all(store, (0..11).map(|n| create_group(&format!("g{n}")))).await;
    make_all(store, (0..9).map(|n| add_to_group(&format!("g{n}"), "ann"))).await;
    make_all(store, [add_to_group("G0", "ANN")]).await;
    let (one, other) = tokio::join!(
        attempt(store, add_to_group("g9", "ann")),
        attempt(store, add_to_group("g10", "ann")),
    );
    let outcomes = [one, other];
    let full = too_many("Cannot exceed quota for GroupsPerUser: 10");
    assert!(outcomes.contains(&Committed::Now) && outcomes.contains(&full), "{outcomes:?}");
}

async fn policies_inside_have_room_for_so_much(store: &impl RegistryStore) {
    make_all(store, [create_user("Ann"), create_group("Staff"), create_role("Ops")]).await;
    for (kind, name, limit, text) in [
        (USER, "Ann", 2_048, "Maximum policy size of 2048 bytes exceeded for user Ann"),
        (GROUP, "Staff", 5_120, "Maximum policy size of 5120 bytes exceeded for group Staff"),
        (ROLE, "Ops", 10_240, "Maximum policy size of 10240 bytes exceeded for role Ops"),
    ] {
        // White space is not counted.
        let document = |size: usize| ["x".repeat(size).as_str(), " \t\r\n"].concat();
        let put = |policy: &str, size| put_inline(kind, name, policy, &document(size));
        make_all(store, [put("one", limit - 10), put("two", 10)]).await;
        assert_eq!(attempt(store, put("three", 1)).await, too_many(text));
        assert_eq!(attempt(store, put("TWO", 11)).await, too_many(text));
        make_all(store, [put("two", 8)]).await;
        let (one, other) =
            tokio::join!(attempt(store, put("three", 2)), attempt(store, put("four", 2)));
        let outcomes = [one, other];
        assert!(outcomes.contains(&Committed::Now), "{outcomes:?}");
        assert!(outcomes.contains(&too_many(text)), "{outcomes:?}");
        let kept = view(store, kind, name).await.inline;
        assert_eq!(kept.len(), 3);
        assert!(kept.is_sorted_by(|one, other| one.name < other.name));
    }
}

async fn a_permissions_boundary_is_set_and_taken_away(store: &impl RegistryStore) {
    make_all(store, [create_policy("limit"), create_user("ann")]).await;
    let arn = policy_arn("limit");
    let boundary = Some(policy_arn("LIMIT"));
    make_all(store, [IdentityChange::CreateRole { role: role("ops"), tags: tags(2), boundary }])
        .await;
    let made = view(store, ROLE, "ops").await;
    assert_eq!((made.boundary, made.tags), (Some(arn.clone()), tags(2)));
    make_all(store, [bound(USER, "ann", Some(&arn)), bound(ROLE, "ops", Some(OF_AWS))]).await;
    assert_eq!(view(store, USER, "ann").await.boundary, Some(arn));
    assert_eq!(view(store, ROLE, "ops").await.boundary, Some(OF_AWS.to_owned()));
    make_all(store, [bound(USER, "ann", None), bound(USER, "ann", None)]).await;
    assert_eq!(view(store, USER, "ann").await.boundary, None);
    // A user goes with the boundary.
    make_all(store, [bound(USER, "ann", Some(OF_AWS)), delete(USER, "ann")]).await;
}

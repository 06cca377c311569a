//! Users and roles stand in policies by their unique ids.

use trent_bus::messages::change_refused::Reason;
use trent_bus::messages::read_answer::Outcome as ReadOutcome;
use trent_bus::messages::read_request::Read;
use trent_bus::messages::{Entity as WireEntity, ReadKeyPolicy};

use super::*;
use crate::tests::people::{role, role_arn, trusting};

const READER_ID: &str = "AROAREADERREADERREADE";

fn naming(principal: &str) -> String {
    key_policy(&format!(
        r#"{{"Effect": "Allow", "Principal": {{"AWS": "111122223333"}}, "Action": "kms:*",
        "Resource": "*"}}, {{"Effect": "Allow", "Principal": {{"AWS": ["{principal}"]}},
        "Action": "kms:Encrypt", "Resource": "*"}}"#
    ))
}

async fn put_policy(rig: &Rig, policy: String) -> Changed {
    rig.next_request();
    let asked = about_key("kms:PutKeyPolicy", &arn(1).to_string());
    let (claims, granted) = rig.granted(ROOT, asked).await;
    let version = claims.record_version;
    let bypass_lockout_check = false;
    let change = Change::PutKeyPolicy { key: arn(1), version, policy, bypass_lockout_check };
    rig.change(vec![granted.permit], change).await
}

async fn shown_policy(rig: &Rig) -> String {
    rig.next_request();
    let asked = about_key("kms:GetKeyPolicy", &arn(1).to_string());
    let permit = rig.granted(ROOT, asked).await.1.permit;
    match rig.read(permit, Read::KeyPolicy(ReadKeyPolicy {})).await {
        ReadOutcome::Policy(policy) => policy,
        other => panic!("{other:?}"),
    }
}

fn stored_policy(rig: &Rig) -> String {
    let state = rig.store.state.lock().unwrap();
    state.keys[&(crate::tests::rig::region(), arn(1).key_id)].policy.clone()
}

#[tokio::test]
async fn a_user_made_again_under_the_same_name_has_nothing_of_the_one_before() {
    let rig = with_bob(None).await;
    let policy = naming(&user_arn("bob"));
    let made = put_policy(&rig, policy.clone()).await;
    assert!(matches!(made, Changed::Committed(_)), "{made:?}");
    assert_eq!(stored_policy(&rig), naming(BOB_ID), "every other byte is as it was");
    assert_eq!(shown_policy(&rig).await, policy);
    rig.granted(BOB, encrypt()).await;

    let delete = IdentityChange::Delete(entity(EntityKind::User, "bob"));
    rig.change_identity("DeleteUser", named(WireKind::User, "bob"), delete).await;
    assert_eq!(shown_policy(&rig).await, naming(BOB_ID), "who is gone stays an id");
    rig.add_user(BOB, user(account(), "bob", "AIDASECONDBOBSECONDBO"), None);
    let denied = rig.denied(BOB, encrypt()).await;
    assert!(denied.message.contains("user/bob"), "{}", denied.message);
    assert_eq!(shown_policy(&rig).await, naming(BOB_ID));
}

#[tokio::test]
async fn a_grant_to_a_user_is_not_one_to_its_successor() {
    let rig = with_bob(None).await;
    let terms = trent_types::GrantTerms {
        grantee: trent_types::GrantPrincipal::Arn(user_arn("bob")),
        retiring: None,
        operations: std::iter::once(trent_types::GrantOperation::Encrypt).collect(),
        constraints: trent_types::GrantConstraints::default(),
    };
    let grant = trent_types::Grant {
        key: arn(1),
        grant_id: trent_types::GrantId::from_bytes([7; 32]),
        name: None,
        created_at: Timestamp::from_millis(1_000),
        issuing_account: format!("arn:aws:iam::{}:root", account()),
        terms,
    };
    rig.store.state.lock().unwrap().grants.push(grant);
    rig.granted(BOB, encrypt()).await;
    {
        let mut state = rig.store.state.lock().unwrap();
        let bob = state.thing(&entity(EntityKind::User, "bob")).unwrap();
        let EntityRecord::User(user) = &mut bob.record else { panic!() };
        user.created_at = Timestamp::from_millis(2_000);
    }
    rig.forget_everything();
    rig.denied(BOB, encrypt()).await;
}

#[tokio::test]
async fn principals_of_key_policies_must_exist() {
    let rig = with_bob(None).await;
    rig.add_thing(FakeThing::new(EntityRecord::Role(role("reader", READER_ID, "*"))));
    let session = "arn:aws:sts::111122223333:assumed-role/reader/s";
    for good in [&user_arn("bob"), &role_arn("reader"), session, "999900001111", BOB_ID, "*"] {
        let made = put_policy(&rig, naming(good)).await;
        assert!(matches!(made, Changed::Committed(_)), "{good}: {made:?}");
    }
    assert!(shown_policy(&rig).await.contains(r#"["*"]"#));
    let text = "Policy contains a statement with one or more invalid principals.".to_owned();
    for wrong in [
        &user_arn("nobody"),
        &user_arn("Bob"),
        &user_arn("team/bob"),
        &role_arn("bob"),
        "arn:aws:sts::111122223333:assumed-role/writer/s",
        "444455556666",
        "AIDANOBODYNOBODYNOBOD",
    ] {
        match put_policy(&rig, naming(wrong)).await {
            Changed::Refused(refused) => {
                assert_eq!(refused.reason, Some(Reason::MalformedPolicy(text.clone())), "{wrong}");
            }
            other => panic!("{wrong}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn trust_policies_are_stored_by_ids_and_shown_by_arns() {
    let rig = with_bob(None).await;
    let made = |trust: String| {
        let mut role = role("reader", READER_ID, "*");
        role.trust_policy = trust;
        IdentityChange::CreateRole { role, tags: Vec::new(), boundary: None }
    };
    let new = || {
        let (kind, name) = (WireKind::Role.into(), "reader".to_owned());
        let new_path = Some("/".to_owned());
        Resource::Entity(trent_bus::messages::NamedEntity { kind, name, new_path })
    };
    let wrong = made(trusting(&user_arn("nobody")));
    match rig.change_identity("CreateRole", new(), wrong).await {
        Changed::Refused(refused) => {
            let text = format!(r#"Invalid principal in policy: "AWS":"{}""#, user_arn("nobody"));
            assert_eq!(refused.reason, Some(Reason::MalformedPolicy(text)));
        }
        other => panic!("{other:?}"),
    }
    let trust = trusting(&user_arn("bob"));
    rig.change_identity("CreateRole", new(), made(trust.clone())).await;
    {
        let mut state = rig.store.state.lock().unwrap();
        let stored = &state.thing(&entity(EntityKind::Role, "reader")).unwrap().record;
        let EntityRecord::Role(role) = stored else { panic!() };
        assert_eq!(role.trust_policy, trusting(BOB_ID));
    }
    rig.next_request();
    let asked = question("iam:GetRole", named(WireKind::Role, "reader"));
    let form = "Action=GetRole";
    let (_, permit) = rig.decide(sign_form("iam", form, rig.now()), asked, form).await.unwrap();
    let wanted = WireEntity::from(entity(EntityKind::Role, "reader"));
    let ReadOutcome::Identity(view) = rig.read(permit.clone(), Read::Identity(wanted)).await else {
        panic!()
    };
    let record = EntityRecord::try_from(view.record.unwrap()).unwrap();
    let EntityRecord::Role(shown) = record else { panic!() };
    assert_eq!(shown.trust_policy, trust);
    let other = WireEntity::from(entity(EntityKind::User, "bob"));
    let refused = rig.read(permit, Read::Identity(other)).await;
    assert!(matches!(refused, ReadOutcome::NotPermitted(_)), "{refused:?}");
}

#[tokio::test]
async fn the_lockout_check_counts_the_callers_own_policies() {
    let rig = with_bob(Some(&allow("kms:PutKeyPolicy"))).await;
    rig.next_request();
    let asked = about_key("kms:PutKeyPolicy", &arn(1).to_string());
    let (claims, granted) = rig.granted(BOB, asked.clone()).await;
    let put = |policy: String, version| Change::PutKeyPolicy {
        key: arn(1),
        version,
        policy,
        bypass_lockout_check: false,
    };
    let policy = naming("*");
    let version = claims.record_version;
    let made = rig.change(vec![granted.permit], put(policy, version)).await;
    assert!(matches!(made, Changed::Committed(_)), "{made:?}");
    let others = key_policy(
        r#"{"Effect": "Allow", "Principal": {"AWS": "999900001111"}, "Action": "kms:*",
        "Resource": "*"}"#,
    );
    rig.next_request();
    let (claims, granted) = rig.granted(BOB, asked).await;
    let refused = rig.change(vec![granted.permit], put(others, claims.record_version)).await;
    assert!(matches!(refused, Changed::Refused(_)), "{refused:?}");
}

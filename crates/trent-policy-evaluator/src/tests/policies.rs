//! Decisions by the caller's own policies, and policies that name users and roles.

mod conditions;
mod ids;

use trent_bus::messages::change_answer::Outcome as Changed;
use trent_bus::messages::question::Resource;
use trent_bus::messages::{DenialKind, EntityKind as WireKind, NewKey, Question};
use trent_types::{
    Change, EntityKind, EntityRecord, Group, IdentityChange, ManagedPolicy, PolicyVersion, Tag,
    Timestamp,
};

use super::fake_store::FakeThing;
use super::people::{ALLOW_ALL, allow, entity, named, new_user, user, user_arn};
use super::rig::{ANN, ROOT, Rig, about_key, account, arn, other_account, question};
use super::signing::{sign_form, sign_form_by};

const BOB: &str = "AKIABOBBOBBOBBOBBOBB";
const BOB_ID: &str = "AIDABOBBOBBOBBOBBOBBO";
/// Of the other account.
const EVE: &str = "AKIAEVEEVEEVEEVEEVEE";
const EVE_ID: &str = "AIDAEVEEVEEVEEVEEVEEV";

/// A rig with `bob`, whose one policy this is.
async fn with_bob(document: Option<&str>) -> Rig {
    let rig = Rig::embedded().await;
    rig.add_user(BOB, user(account(), "bob", BOB_ID), document);
    rig
}

fn encrypt() -> Question {
    about_key("kms:Encrypt", &arn(1).to_string())
}

fn key_policy(statements: &str) -> String {
    format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
}

#[tokio::test]
async fn a_users_own_policy_decides_where_the_key_policy_leaves_it_to_the_account() {
    let rig = with_bob(Some(&allow("kms:Encrypt"))).await;
    rig.granted(BOB, encrypt()).await;
    rig.granted(BOB, encrypt()).await;
    rig.denied(BOB, about_key("kms:Decrypt", &arn(1).to_string())).await;
    rig.denied(ANN, encrypt()).await;
    assert_eq!(rig.store.state.lock().unwrap().principal_reads, 2, "each is remembered");
}

#[tokio::test]
async fn what_has_no_policy_is_decided_by_the_callers_own() {
    let rig = with_bob(Some(&allow("kms:CreateKey"))).await;
    let new = || Resource::NewKey(NewKey { multi_region: false });
    rig.granted(BOB, question("kms:CreateKey", new())).await;
    rig.denied(ANN, question("kms:CreateKey", new())).await;
    rig.denied(BOB, question("kms:ListKeys", Resource::Arn("*".into()))).await;
    let form = "Action=GetUser&UserName=ann";
    let asked = question("iam:GetUser", named(WireKind::User, "ann"));
    let signed = sign_form_by((BOB, super::rig::SECRET), "iam", form, rig.now());
    let denied = rig.decide(signed, asked, form).await.unwrap_err();
    assert!(denied.message.contains("user/team/ann because no identity-based policy"));
}

#[tokio::test]
async fn a_change_of_policies_counts_for_the_next_request() {
    let rig = with_bob(None).await;
    rig.denied(BOB, encrypt()).await;
    let bob = entity(EntityKind::User, "bob");
    let put = IdentityChange::PutInlinePolicy {
        entity: bob.clone(),
        name: "p".into(),
        document: allow("kms:Encrypt"),
    };
    let made = rig.change_identity("PutUserPolicy", named(WireKind::User, "bob"), put).await;
    assert!(matches!(made, Changed::Committed(_)), "{made:?}");
    rig.granted(BOB, encrypt()).await;
    let delete = IdentityChange::DeleteInlinePolicy { entity: bob, name: "p".into() };
    rig.change_identity("DeleteUserPolicy", named(WireKind::User, "BOB"), delete).await;
    rig.denied(BOB, encrypt()).await;
}

#[tokio::test]
async fn policies_of_groups_and_managed_policies_count() {
    let rig = with_bob(None).await;
    let group = EntityRecord::Group(Group {
        account: account(),
        path: "/".into(),
        name: "staff".into(),
        group_id: "AGPASTAFF".into(),
        created_at: Timestamp::from_millis(1),
    });
    rig.add_thing(FakeThing::new(group).with("encrypt", &allow("kms:Encrypt")));
    let staff = "staff".to_owned();
    rig.store.state.lock().unwrap().thing(&entity(EntityKind::User, "bob")).unwrap().groups =
        vec![staff];
    rig.forget_everything();
    rig.granted(BOB, encrypt()).await;
    rig.denied(BOB, about_key("kms:Decrypt", &arn(1).to_string())).await;

    let attach = |arn: &str| IdentityChange::Attach {
        entity: entity(EntityKind::User, "bob"),
        policy_arn: arn.into(),
    };
    let resource = || named(WireKind::User, "bob");
    let unknown = attach("arn:aws:iam::aws:policy/NoSuch");
    let refused = rig.change_identity("AttachUserPolicy", resource(), unknown).await;
    assert!(matches!(refused, Changed::Refused(_)), "{refused:?}");
    let all = attach("arn:aws:iam::aws:policy/AdministratorAccess");
    rig.change_identity("AttachUserPolicy", resource(), all).await;
    rig.granted(BOB, about_key("kms:Decrypt", &arn(1).to_string())).await;
}

#[tokio::test]
async fn a_boundary_limits_and_allows_nothing_by_itself() {
    let rig = with_bob(Some(ALLOW_ALL)).await;
    let policy = ManagedPolicy {
        account: account(),
        path: "/".into(),
        name: "limit".into(),
        policy_id: "ANPALIMIT".into(),
        created_at: Timestamp::from_millis(1),
        updated_at: Timestamp::from_millis(1),
        description: String::new(),
        default_version: 1,
        latest_version: 1,
        attachments: 0,
        boundary_of: 1,
    };
    let mut limit = FakeThing::new(EntityRecord::Policy(policy));
    let document = allow("kms:Encrypt");
    let created_at = Timestamp::from_millis(1);
    limit.versions = vec![PolicyVersion { number: 1, document, created_at }];
    rig.add_thing(limit);
    let arn_of_limit = format!("arn:aws:iam::{}:policy/limit", account());
    for name in ["bob", "ann"] {
        let thing = entity(EntityKind::User, name);
        let mut state = rig.store.state.lock().unwrap();
        state.thing(&thing).unwrap().boundary = Some(arn_of_limit.clone());
    }
    rig.forget_everything();
    rig.granted(BOB, encrypt()).await;
    let denied = rig.denied(BOB, about_key("kms:Decrypt", &arn(1).to_string())).await;
    assert!(denied.message.contains("permissions boundary"), "{}", denied.message);
    rig.denied(ANN, encrypt()).await;
}

#[tokio::test]
async fn a_stored_policy_that_cannot_be_read_denies_everything() {
    let rig = with_bob(Some(ALLOW_ALL)).await;
    rig.set_key_policy(
        1,
        &key_policy(
            r#"{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}"#,
        ),
    );
    rig.granted(BOB, encrypt()).await;
    {
        let mut state = rig.store.state.lock().unwrap();
        let bob = state.thing(&entity(EntityKind::User, "bob")).unwrap();
        bob.attached.push("arn:aws:iam::aws:policy/Vanished".into());
    }
    rig.forget_everything();
    let denied = rig.denied(BOB, encrypt()).await;
    assert_eq!(denied.kind(), DenialKind::AccessDenied);
    assert!(denied.reason.contains("Vanished"), "{}", denied.reason);
    rig.granted(ANN, encrypt()).await;
}

#[tokio::test]
async fn across_accounts_both_sides_must_allow() {
    let rig = Rig::embedded().await;
    rig.add_user(EVE, user(other_account(), "eve", EVE_ID), None);
    let own = r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "kms:*",
        "Resource": "*"}"#;
    let other = r#"{"Effect": "Allow", "Principal": {"AWS": "999900001111"},
        "Action": "kms:*", "Resource": "*"}"#;
    rig.set_key_policy(1, &key_policy(&format!("{own}, {other}")));
    let denied = rig.denied(EVE, encrypt()).await;
    assert!(denied.message.contains("no identity-based policy"), "{}", denied.message);
    let eve = trent_types::Entity { account: other_account(), ..entity(EntityKind::User, "eve") };
    {
        let mut state = rig.store.state.lock().unwrap();
        let thing = state.thing(&eve).unwrap().clone().with("all", ALLOW_ALL);
        *state.thing(&eve).unwrap() = thing;
    }
    rig.forget_everything();
    rig.granted(EVE, encrypt()).await;
    rig.set_key_policy(1, &key_policy(own));
    let denied = rig.denied(EVE, encrypt()).await;
    assert!(denied.message.contains("does not exist in this Region"), "{}", denied.message);
}

#[tokio::test]
async fn a_permit_is_for_one_thing_and_one_action() {
    let rig = with_bob(None).await;
    let permit = async |operation: &str, resource: Resource| {
        let form = format!("Action={operation}");
        let asked = question(&format!("iam:{operation}"), resource);
        rig.decide(sign_form("iam", &form, rig.now()), asked, &form).await.unwrap()
    };
    let (claims, of_ann) = permit("DeleteUser", named(WireKind::User, "ann")).await;
    let expected = "arn:aws:iam::111122223333:user/team/ann".to_owned();
    assert_eq!(claims.resource, trent_bus::ClaimedResource::Other(expected));
    let delete =
        |name: &str| Change::Identity(IdentityChange::Delete(entity(EntityKind::User, name)));
    let refused = |outcome: Changed| match outcome {
        Changed::Refused(refused) => matches!(
            refused.reason,
            Some(trent_bus::messages::change_refused::Reason::NotPermitted(_))
        ),
        Changed::Committed(_) | Changed::Unavailable(_) => false,
    };
    assert!(refused(rig.change(vec![of_ann.clone()], delete("bob")).await));
    let role = Change::Identity(IdentityChange::Delete(entity(EntityKind::Role, "ann")));
    assert!(refused(rig.change(vec![of_ann.clone()], role).await));
    let (_, other) = permit("UpdateUser", named(WireKind::User, "ann")).await;
    assert!(refused(rig.change(vec![other], delete("ann")).await));
    let made = rig.change(vec![of_ann], delete("ANN")).await;
    assert!(matches!(made, Changed::Committed(_)), "{made:?}");

    rig.next_request();
    let (_, new) = permit("CreateUser", new_user("carl")).await;
    let carl = |path: &str| {
        let user = trent_types::User { path: path.into(), ..user(account(), "carl", "AIDACARL") };
        let (tags, boundary) = (Vec::new(), None);
        Change::Identity(IdentityChange::CreateUser { user, tags, boundary })
    };
    assert!(refused(rig.change(vec![new.clone()], carl("/")).await), "under another path");
    let tagged = {
        let user =
            trent_types::User { path: "/team/".into(), ..user(account(), "carl", "AIDACARL") };
        let tags = vec![Tag { key: "a".into(), value: "b".into() }];
        Change::Identity(IdentityChange::CreateUser { user, tags, boundary: None })
    };
    assert!(refused(rig.change(vec![new.clone()], tagged).await), "without TagUser");
    let made = rig.change(vec![new], carl("/team/")).await;
    assert!(matches!(made, Changed::Committed(_)), "{made:?}");
}

#[tokio::test]
async fn a_user_who_is_renamed_or_deleted_is_so_at_once() {
    let by_name = format!(
        r#"{{"Statement": {{"Effect": "Allow", "Action": "kms:*", "Resource": "*",
        "Condition": {{"ArnEquals": {{"aws:PrincipalArn": "{}"}}}}}}}}"#,
        user_arn("bob")
    );
    let rig = with_bob(Some(&by_name)).await;
    rig.granted(BOB, encrypt()).await;
    let rename = IdentityChange::Rename {
        entity: entity(EntityKind::User, "bob"),
        name: Some("robert".into()),
        path: None,
    };
    rig.change_identity("UpdateUser", named(WireKind::User, "bob"), rename).await;
    let denied = rig.denied(BOB, encrypt()).await;
    assert!(denied.message.contains("user/robert"), "{}", denied.message);
    let delete = IdentityChange::Delete(entity(EntityKind::User, "robert"));
    rig.change_identity("DeleteUser", named(WireKind::User, "robert"), delete).await;
    rig.store.state.lock().unwrap().access_keys.remove(BOB);
    let outcome = rig.authorize(rig.sign(BOB, "Encrypt"), vec![encrypt()]).await;
    let refused = trent_bus::messages::authorize_answer::Outcome::SignatureRefused;
    assert_eq!(
        std::mem::discriminant(&outcome),
        std::mem::discriminant(&refused(trent_bus::messages::SignatureRefused::default()))
    );
    rig.granted(ROOT, encrypt()).await;
}

#[tokio::test]
async fn documents_are_checked_before_they_are_stored() {
    let rig = with_bob(None).await;
    let put = |document: String| IdentityChange::PutInlinePolicy {
        entity: entity(EntityKind::User, "bob"),
        name: "p".into(),
        document,
    };
    let reason = async |document: String| {
        let resource = named(WireKind::User, "bob");
        match rig.change_identity("PutUserPolicy", resource, put(document)).await {
            Changed::Refused(refused) => refused.reason.unwrap(),
            other => panic!("{other:?}"),
        }
    };
    use trent_bus::messages::change_refused::Reason;
    assert_eq!(
        reason("{".into()).await,
        Reason::MalformedPolicy("Syntax errors in policy.".into())
    );
    let long = allow(&format!("kms:{}", "x".repeat(2_048)));
    let text = "Maximum policy size of 2048 bytes exceeded for user bob".to_owned();
    assert_eq!(reason(long).await, Reason::IdentityLimitExceeded(text));
    let with_principal = allow("kms:*").replace(r#""Effect""#, r#""Principal": "*", "Effect""#);
    assert!(matches!(reason(with_principal).await, Reason::MalformedPolicy(_)));
}

//! Grants: whom they allow what, what may be done with them, and when they are forgotten.

mod changes;
mod reads;

use bytes::Bytes;
use trent_bus::Subject;
use trent_bus::messages::change_answer::Outcome as ChangeOutcome;
use trent_bus::messages::change_refused::Reason;
use trent_bus::messages::question::Resource;
use trent_bus::messages::{
    self, ConditionValue, ContextPair, DenialKind, GrantReference, Invalidate, NewGrant, Question,
    Unit, invalidation,
};
use trent_store::AccessKeyOwner;
use trent_types::{
    AccessKey, AccessKeyStatus, Account, AccountId, Change, EntityRecord, Grant, GrantConstraints,
    GrantId, GrantOperation, GrantPrincipal, GrantTerms, Primitive, Primitives, User,
};

use super::fake_store::FakeThing;
use super::fake_worker::sealed;
use super::rig::{
    ANN, MARK, ROOT, Rig, SECRET, about_key, account, ann, arn, audit_record, call, question,
    region,
};

/// A user of another account.
const BOB: &str = "AKIABOBBOBBOBBOBBOBB";
const ANN_ARN: &str = "arn:aws:iam::111122223333:user/team/ann";
const BOB_ARN: &str = "arn:aws:iam::444455556666:user/bob";
const OWN_ROOT: &str = "arn:aws:iam::111122223333:root";

fn foreign_account() -> AccountId {
    "444455556666".parse().unwrap()
}

/// A rig with `bob` and an access key for him.
async fn rig() -> Rig {
    let rig = Rig::embedded().await;
    let bob = User { account: foreign_account(), path: "/".into(), name: "bob".into(), ..ann() };
    let access_key = AccessKey {
        access_key_id: BOB.into(),
        account: foreign_account(),
        user_name: Some(bob.name.clone()),
        status: AccessKeyStatus::Active,
        created_at: bob.created_at,
    };
    {
        let mut state = rig.store.state.lock().unwrap();
        state.things.push(FakeThing::new(EntityRecord::User(bob.clone())));
        state.accounts.push(Account {
            id: foreign_account(),
            name: "bob's".into(),
            created_at: bob.created_at,
        });
        let sealed_secret = sealed(MARK, SECRET);
        let owner = AccessKeyOwner::User(bob);
        let stored = trent_store::StoredAccessKey { access_key, owner, sealed_secret };
        state.access_keys.insert(BOB.into(), stored);
    }
    rig
}

fn set_policy(rig: &Rig, statements: &str) {
    let mut state = rig.store.state.lock().unwrap();
    let stored = state.keys.get_mut(&(region(), arn(1).key_id)).unwrap();
    stored.policy = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
}

fn terms(grantee: &str, operations: &[GrantOperation]) -> GrantTerms {
    GrantTerms {
        grantee: GrantPrincipal::Arn(grantee.into()),
        retiring: None,
        operations: operations.to_vec(),
        constraints: GrantConstraints::default(),
    }
}

fn grant(n: u8, terms: GrantTerms) -> Grant {
    Grant {
        key: arn(1),
        grant_id: GrantId::from_bytes([n; 32]),
        name: None,
        created_at: trent_types::Timestamp::from_millis(1),
        issuing_account: OWN_ROOT.into(),
        terms,
    }
}

/// Puts a grant where the evaluator has not looked yet.
fn given(rig: &Rig, grant: Grant) {
    rig.store.state.lock().unwrap().grants.push(grant);
}

fn about_new(terms: &GrantTerms) -> Question {
    let key_reference = arn(1).to_string();
    let new = NewGrant { key_reference, terms: Some(terms.into()) };
    question("kms:CreateGrant", Resource::NewGrant(new))
}

fn about_grant(action: &str, n: u8) -> Question {
    let (key_reference, grant_id) = (arn(1).to_string(), vec![n; 32].into());
    question(action, Resource::Grant(GrantReference { key_reference, grant_id }))
}

fn encrypt(context: &[(&str, &str)]) -> Question {
    let pair = |(key, value): &(&str, &str)| ContextPair {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
    };
    Question {
        primitives: Primitive::Encrypt as u32,
        encryption_context: context.iter().map(pair).collect(),
        ..about_key("kms:Encrypt", &arn(1).to_string())
    }
}

/// Makes a grant as the root user of the key's account.
async fn create(rig: &Rig, grant: &Grant) -> ChangeOutcome {
    rig.next_request();
    let permit = rig.granted(ROOT, about_new(&grant.terms)).await.1.permit;
    rig.change(vec![permit], Change::CreateGrant(grant.clone())).await
}

async fn revoke(rig: &Rig, n: u8) -> ChangeOutcome {
    rig.next_request();
    let permit = rig.granted(ROOT, about_grant("kms:RevokeGrant", n)).await.1.permit;
    rig.change(vec![permit], removal(n, false)).await
}

fn removal(n: u8, retired: bool) -> Change {
    Change::RemoveGrant { key: arn(1), grant_id: GrantId::from_bytes([n; 32]), retired }
}

fn reads(rig: &Rig) -> usize {
    rig.store.state.lock().unwrap().grant_reads
}

#[tokio::test]
async fn a_grant_works_as_soon_as_it_is_made_and_not_once_it_is_revoked() {
    let rig = rig().await;
    for access_key in [ANN, BOB] {
        let grantee = if access_key == ANN { ANN_ARN } else { BOB_ARN };
        assert_eq!(rig.denied(access_key, encrypt(&[])).await.kind(), DenialKind::AccessDenied);
        let grant = grant(1, terms(grantee, &[GrantOperation::Encrypt]));
        assert_eq!(create(&rig, &grant).await, ChangeOutcome::Committed(Unit {}));
        let (claims, _) = rig.granted(access_key, encrypt(&[])).await;
        assert_eq!(claims.primitives, Primitives::only(Primitive::Encrypt));
        let decrypt = about_key("kms:Decrypt", &arn(1).to_string());
        rig.denied(access_key, decrypt).await;
        assert_eq!(revoke(&rig, 1).await, ChangeOutcome::Committed(Unit {}));
        rig.denied(access_key, encrypt(&[])).await;
    }
}

#[tokio::test]
async fn grants_are_searched_for_once_and_only_when_it_comes_to_them() {
    let rig = rig().await;
    rig.granted(ROOT, encrypt(&[])).await;
    rig.denied(ANN, about_key("kms:DisableKey", &arn(1).to_string())).await;
    assert_eq!(reads(&rig), 0, "policies allow, or no grant could");
    rig.denied(ANN, encrypt(&[])).await;
    rig.denied(ANN, encrypt(&[])).await;
    rig.denied(ANN, about_key("kms:Decrypt", &arn(1).to_string())).await;
    assert_eq!(reads(&rig), 1, "that there are none is remembered");
    // Somebody else has made one meanwhile.
    given(&rig, grant(1, terms(ANN_ARN, &[GrantOperation::Encrypt])));
    rig.denied(ANN, encrypt(&[])).await;
    let tell = async |subject| {
        let told =
            Invalidate { invalidations: vec![messages::Invalidation { subject: Some(subject) }] };
        call(&rig.bus(), Subject::Invalidate(super::rig::OWN), &told).await;
    };
    tell(invalidation::Subject::Grants(arn(2).into())).await;
    rig.denied(ANN, encrypt(&[])).await;
    tell(invalidation::Subject::Grants(arn(1).into())).await;
    rig.granted(ANN, encrypt(&[])).await;
    rig.granted(ANN, encrypt(&[])).await;
    assert_eq!(reads(&rig), 2);
    tell(invalidation::Subject::Key(arn(1).into())).await;
    rig.granted(ANN, encrypt(&[])).await;
    assert_eq!(reads(&rig), 3);
}

#[tokio::test]
async fn a_deny_in_the_key_policy_beats_a_grant() {
    let rig = rig().await;
    let delegate = r#"{"Effect": "Allow", "Principal": {"AWS": "111122223333"},
        "Action": "kms:*", "Resource": "*"}"#;
    let deny = r#"{"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*",
        "Condition": {"StringNotEquals": {"kms:EncryptionContext:team": "blue"}}}"#;
    set_policy(&rig, &format!("{delegate}, {deny}"));
    given(&rig, grant(1, terms(ANN_ARN, &[GrantOperation::Encrypt])));
    let denied = rig.denied(ANN, encrypt(&[("team", "red")])).await;
    assert!(denied.message.ends_with("with an explicit deny in a resource-based policy"));
    rig.granted(ANN, encrypt(&[("team", "blue")])).await;
    // What was allowed by a grant is not remembered as allowed whatever the conditions.
    rig.denied(ANN, encrypt(&[("team", "red")])).await;
}

#[tokio::test]
async fn constraints_are_about_the_context_that_the_permit_is_bound_to() {
    let rig = rig().await;
    let wanted = Some([("team".to_owned(), "blue".to_owned())].into());
    let mut of_subset = terms(ANN_ARN, &[GrantOperation::Encrypt, GrantOperation::DescribeKey]);
    of_subset.constraints.context_subset = wanted;
    given(&rig, grant(1, of_subset));
    let context = [("team", "blue"), ("x", "y")];
    let (claims, _) = rig.granted(ANN, encrypt(&context)).await;
    let bound: trent_types::EncryptionContext =
        context.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    assert_eq!(claims.context_digest, bound.digest());
    rig.granted(ANN, about_key("kms:DescribeKey", &arn(1).to_string())).await;
    for context in [&[][..], &[("team", "red")], &[("x", "y")]] {
        rig.denied(ANN, encrypt(context)).await;
    }
    // Of two pairs with one name a condition could see one and the Permit be bound to the other.
    let twice = rig.denied(ANN, encrypt(&[("team", "blue"), ("team", "red")])).await;
    assert_eq!(twice.kind(), DenialKind::NotAskedByCaller);
}

#[tokio::test]
async fn a_grant_can_allow_to_make_grants_within_it() {
    let rig = rig().await;
    let mut parent = terms(ANN_ARN, &[GrantOperation::CreateGrant, GrantOperation::Encrypt]);
    parent.constraints.context_subset = Some([("team".to_owned(), "blue".to_owned())].into());
    given(&rig, grant(1, parent.clone()));
    let mut child = terms(BOB_ARN, &[GrantOperation::Encrypt]);
    rig.denied(ANN, about_new(&child)).await;
    child.constraints = parent.constraints;
    rig.next_request();
    let permit = rig.granted(ANN, about_new(&child)).await.1.permit;
    let made = rig.change(vec![permit], Change::CreateGrant(grant(2, child.clone()))).await;
    assert_eq!(made, ChangeOutcome::Committed(Unit {}));
    rig.granted(BOB, encrypt(&[("team", "blue")])).await;
    rig.denied(BOB, encrypt(&[("team", "red")])).await;
    child.operations.push(GrantOperation::Decrypt);
    rig.denied(ANN, about_new(&child)).await;
}

#[tokio::test]
async fn the_principals_of_a_grant_must_exist() {
    let rig = rig().await;
    let principal = |grantee: &str, retiring: Option<&str>| {
        let mut terms = terms(grantee, &[GrantOperation::Encrypt]);
        terms.retiring = retiring.map(|arn| GrantPrincipal::Arn(arn.into()));
        about_new(&terms)
    };
    for good in [ANN_ARN, BOB_ARN, OWN_ROOT, "arn:aws:iam::999900001111:root"] {
        rig.granted(ROOT, principal(good, None)).await;
        rig.granted(ROOT, principal(ANN_ARN, Some(good))).await;
    }
    for bad in [
        "arn:aws:iam::111122223333:user/ann",
        "arn:aws:iam::111122223333:user/team/Ann",
        "arn:aws:iam::111122223333:group/team",
        "arn:aws:iam::111122223333:role/nobody",
        "arn:aws-cn:iam::111122223333:root",
        "111122223333",
        "*",
        "ann",
    ] {
        for asked in [principal(bad, None), principal(ANN_ARN, Some(bad))] {
            let denied = rig.denied(ROOT, asked).await;
            assert_eq!(denied.kind(), DenialKind::InvalidArn, "{bad}");
            assert_eq!(denied.message, format!("ARN does not refer to a valid principal: {bad}"));
        }
    }
    // Who may not make grants learns nothing of who exists.
    let denied = rig.denied(ANN, principal("arn:aws:iam::111122223333:user/eve", None)).await;
    assert_eq!(denied.kind(), DenialKind::AccessDenied);
}

#[tokio::test]
async fn conditions_on_a_grant_are_about_the_grant_and_not_what_is_said_of_it() {
    let rig = rig().await;
    let only = |condition: &str| {
        set_policy(
            &rig,
            &format!(
                r#"{{"Effect": "Allow", "Principal": {{"AWS": "{ANN_ARN}"}}, "Resource": "*",
                "Action": "kms:CreateGrant", "Condition": {{{condition}}}}}"#
            ),
        );
        let told = Invalidate {
            invalidations: vec![messages::Invalidation {
                subject: Some(invalidation::Subject::Key(arn(1).into())),
            }],
        };
        let bus = rig.bus();
        async move { call(&bus, Subject::Invalidate(super::rig::OWN), &told).await }
    };
    let plain = || terms(BOB_ARN, &[GrantOperation::Encrypt, GrantOperation::Decrypt]);
    let mut bound = plain();
    bound.retiring = Some(GrantPrincipal::Arn(ANN_ARN.into()));
    bound.constraints.context_equals = Some([("team".to_owned(), "blue".to_owned())].into());
    for (condition, of_plain, of_bound) in [
        (
            r#""ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]}"#,
            true,
            true,
        ),
        (r#""ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt"]}"#, false, false),
        (
            r#""StringEquals": {"kms:GranteePrincipal": "arn:aws:iam::444455556666:user/bob"}"#,
            true,
            true,
        ),
        (
            r#""StringEquals": {"kms:GranteePrincipal": "arn:aws:iam::444455556666:root"}"#,
            false,
            false,
        ),
        (r#""StringLike": {"kms:RetiringPrincipal": "*"}"#, false, true),
        (r#""StringEquals": {"kms:GrantConstraintType": "EncryptionContextEquals"}"#, false, true),
        (r#""StringEquals": {"kms:GrantConstraintType": "EncryptionContextSubset"}"#, false, false),
        (r#""StringEquals": {"kms:EncryptionContext:team": "blue"}"#, false, true),
        (r#""Null": {"kms:EncryptionContextKeys": "false"}"#, false, true),
        (r#""Null": {"kms:GranteeServicePrincipal": "false"}"#, false, false),
        (r#""Null": {"kms:GrantConstraintSourceArn": "false"}"#, false, false),
        (r#""Bool": {"kms:GrantIsForAWSResource": "true"}"#, false, false),
    ] {
        only(condition).await;
        for (terms, expected) in [(plain(), of_plain), (bound.clone(), of_bound)] {
            let said = |key: &str, value: &str| ConditionValue {
                key: key.into(),
                values: vec![value.into()],
            };
            let asked = Question {
                conditions: vec![
                    said("kms:GrantOperations", "Encrypt"),
                    said("kms:GrantConstraintType", "EncryptionContextSubset"),
                    said("kms:GrantIsForAWSResource", "true"),
                    said("kms:GranteeServicePrincipal", "x"),
                ],
                ..about_new(&terms)
            };
            if expected {
                rig.granted(ANN, asked).await;
            } else {
                rig.denied(ANN, asked).await;
            }
        }
    }
}

//! Service principals, and whom they call for.

use trent_bus::messages::{DenialKind, Question, SignedRequest};
use trent_store::{AccessKeyOwner, StoredAccessKey};
use trent_types::{AccessKey, AccessKeyStatus, CallerKind, EntityRecord, Timestamp};

use super::fake_store::FakeThing;
use super::fake_worker::sealed;
use super::people::{allow, role, user, user_arn};
use super::rig::{ANN, MARK, Rig, SECRET, about_key, account, arn};
use super::signing::sign_with_headers;

pub(super) const S3: &str = "AKIASSSSSSSSSSSSSSSS";
const BOB: &str = "AKIABOBBOBBOBBOBBOBB";
const ON_BEHALF_OF: &str = "x-trent-on-behalf-of";
const SOURCE_ARN: &str = "x-trent-source-arn";
const BUCKET: &str = "arn:aws:s3:::bucket";

/// Gives the service `s3.amazonaws.com` an access key.
pub(super) fn add_s3(rig: &Rig) {
    let access_key = AccessKey {
        access_key_id: S3.into(),
        account: account(),
        user_name: None,
        status: AccessKeyStatus::Active,
        created_at: Timestamp::from_millis(1),
    };
    let owner = AccessKeyOwner::Service("s3.amazonaws.com".into());
    let stored = StoredAccessKey { access_key, owner, sealed_secret: sealed(MARK, SECRET) };
    rig.store.state.lock().unwrap().access_keys.insert(S3.into(), stored);
}

async fn rig() -> Rig {
    let rig = Rig::embedded().await;
    add_s3(&rig);
    rig.add_user(BOB, user(account(), "bob", "AIDABOBBOBBOBBOBBOBBO"), Some(&allow("kms:Encrypt")));
    rig
}

pub(super) fn signed(rig: &Rig, by: &str, operation: &str, for_whom: &str) -> SignedRequest {
    let headers = [(ON_BEHALF_OF, for_whom), (SOURCE_ARN, BUCKET)];
    sign_with_headers((by, SECRET), operation, &headers, rig.now())
}

fn encrypt() -> Question {
    about_key("kms:Encrypt", &arn(1).to_string())
}

#[tokio::test]
async fn a_service_that_calls_for_a_user_may_what_the_user_may() {
    let rig = rig().await;
    for _ in 0..2 {
        let bob = signed(&rig, S3, "Encrypt", &user_arn("bob"));
        let (claims, _) = rig.decide(bob, encrypt(), "").await.unwrap();
        assert!(matches!(&claims.caller.kind, CallerKind::User { name, .. } if name == "bob"));
        let via = claims.caller.via.as_ref().unwrap();
        assert_eq!(via.service, "s3.amazonaws.com");
        assert_eq!(via.source_arn.as_deref(), Some(BUCKET));
        let ann = signed(&rig, S3, "Encrypt", "arn:aws:iam::111122223333:user/team/ann");
        assert!(rig.decide(ann, encrypt(), "").await.is_err());
    }
    let root = signed(&rig, S3, "Encrypt", "arn:aws:iam::111122223333:root");
    assert!(rig.decide(root, encrypt(), "").await.is_ok());
}

#[tokio::test]
async fn a_service_that_calls_for_a_session_may_what_the_role_may() {
    let rig = rig().await;
    let reader = role("reader", "AROAREADERREADERREADE", "*");
    let reader = FakeThing::new(EntityRecord::Role(reader));
    rig.add_thing(reader.with("encrypt", &allow("kms:Encrypt")));
    let session = "arn:aws:sts::111122223333:assumed-role/reader/me";
    let (claims, _) =
        rig.decide(signed(&rig, S3, "Encrypt", session), encrypt(), "").await.unwrap();
    assert_eq!(claims.caller.arn(trent_types::Partition::Aws), session);
}

#[tokio::test]
async fn nobody_else_calls_for_others_and_nobody_calls_for_who_is_not_there() {
    let rig = rig().await;
    for (by, header) in [(ANN, ON_BEHALF_OF), (BOB, SOURCE_ARN), (BOB, "x-trent-source-account")] {
        let headers = [(header, "arn:aws:iam::111122223333:root")];
        let signed = sign_with_headers((by, SECRET), "Encrypt", &headers, rig.now());
        let denied = rig.decide(signed, encrypt(), "").await.unwrap_err();
        assert_eq!(denied.kind(), DenialKind::AccessDenied);
        assert_eq!(denied.message, "Only service principals may call on behalf of others.");
    }
    for nobody in [
        "arn:aws:iam::111122223333:user/nobody",
        "arn:aws:iam::111122223333:user/Bob",
        "arn:aws:iam::444455556666:root",
        "arn:aws:sts::111122223333:assumed-role/none/me",
        "arn:aws-cn:iam::111122223333:user/bob",
        "111122223333",
        "*",
    ] {
        let denied = rig.decide(signed(&rig, S3, "Encrypt", nobody), encrypt(), "").await;
        assert_eq!(denied.unwrap_err().kind(), DenialKind::AccessDenied, "{nobody}");
    }
}

#[tokio::test]
async fn conditions_know_through_which_service_a_call_comes() {
    let rig = rig().await;
    rig.set_key_policy(
        1,
        r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*",
        "Resource": "*", "Condition": {"StringEquals":
        {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": "111122223333",
        "aws:CalledViaFirst": "s3.amazonaws.com", "aws:CalledViaLast": "s3.amazonaws.com"},
        "ForAnyValue:StringEquals": {"aws:CalledVia": "s3.amazonaws.com"},
        "Bool": {"aws:ViaAWSService": "true"},
        "ArnEquals": {"aws:SourceArn": "arn:aws:s3:::bucket"}}}}"#,
    );
    rig.denied(BOB, encrypt()).await;
    let bob = signed(&rig, S3, "Encrypt", &user_arn("bob"));
    rig.decide(bob, encrypt(), "").await.unwrap();
}

#[tokio::test]
async fn a_service_that_calls_for_itself_needs_the_key_policy() {
    let rig = rig().await;
    let headers = [("x-trent-source-account", "111122223333"), (SOURCE_ARN, BUCKET)];
    let sorted = [headers[0], headers[1]];
    let own = || sign_with_headers((S3, SECRET), "Encrypt", &sorted, rig.now());
    assert!(rig.decide(own(), encrypt(), "").await.is_err());
    rig.set_key_policy(
        1,
        r#"{"Statement": {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals":
        {"aws:SourceAccount": "111122223333", "aws:PrincipalServiceName": "s3.amazonaws.com"},
        "Bool": {"aws:PrincipalIsAWSService": "true"}, "Null": {"aws:PrincipalArn": "true"}}}}"#,
    );
    let (claims, _) = rig.decide(own(), encrypt(), "").await.unwrap();
    assert!(matches!(claims.caller.kind, CallerKind::Service { .. }));
    let without = || rig.sign(S3, "Encrypt");
    assert!(rig.decide(without(), encrypt(), "").await.is_err());
}

#[tokio::test]
async fn a_grant_to_a_service_is_for_the_resource_that_it_names() {
    let rig = rig().await;
    let terms = trent_types::GrantTerms {
        grantee: trent_types::GrantPrincipal::Service("s3.amazonaws.com".into()),
        retiring: None,
        operations: std::iter::once(trent_types::GrantOperation::Encrypt).collect(),
        constraints: trent_types::GrantConstraints {
            source_arn: Some(BUCKET.into()),
            ..trent_types::GrantConstraints::default()
        },
    };
    rig.store.state.lock().unwrap().grants.push(trent_types::Grant {
        key: arn(1),
        grant_id: trent_types::GrantId::from_bytes([7; 32]),
        name: None,
        created_at: Timestamp::from_millis(1),
        issuing_account: "arn:aws:iam::111122223333:root".into(),
        terms,
    });
    let own = |source: &str| {
        let headers = [(SOURCE_ARN, source)];
        sign_with_headers((S3, SECRET), "Encrypt", &headers, rig.now())
    };
    assert!(rig.decide(own(BUCKET), encrypt(), "").await.is_ok());
    assert!(rig.decide(own("arn:aws:s3:::other"), encrypt(), "").await.is_err());
    assert!(rig.decide(rig.sign(S3, "Encrypt"), encrypt(), "").await.is_err());
}

#[tokio::test]
async fn grants_that_are_for_services_only_are_made_through_services() {
    let rig = rig().await;
    let list = || about_key("kms:ListGrants", &arn(1).to_string());
    rig.set_key_policy(
        1,
        r#"{"Statement": {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*",
        "Resource": "*", "Condition": {"Bool": {"kms:GrantIsForAWSResource": true}}}}"#,
    );
    assert!(rig.decide(rig.sign(BOB, "ListGrants"), list(), "").await.is_err());
    let bob = signed(&rig, S3, "ListGrants", &user_arn("bob"));
    assert!(rig.decide(bob, list(), "").await.is_ok());
    let bob = signed(&rig, S3, "Encrypt", &user_arn("bob"));
    assert!(rig.decide(bob, encrypt(), "").await.is_err(), "it is for grants only");
}

//! Making and ending grants: whose Permits are good for what.

use super::*;

fn assert_not_permitted(outcome: ChangeOutcome) {
    let ChangeOutcome::Refused(refused) = outcome else { panic!("not refused: {outcome:?}") };
    let reason = refused.reason.unwrap();
    assert!(matches!(reason, Reason::NotPermitted(_)), "{reason:?}");
}

async fn permit(rig: &Rig, access_key: &str, asked: Question) -> Bytes {
    rig.granted(access_key, asked).await.1.permit
}

#[tokio::test]
async fn a_permit_makes_no_other_grant_than_was_decided_on() {
    let rig = rig().await;
    let decided = grant(1, terms(ANN_ARN, &[GrantOperation::Encrypt]));
    let good = permit(&rig, ROOT, about_new(&decided.terms)).await;
    let mut wider = decided.clone();
    wider.terms.operations.push(GrantOperation::Decrypt);
    let mut another = decided.clone();
    another.terms.grantee = GrantPrincipal::Arn(BOB_ARN.into());
    let mut retirable = decided.clone();
    retirable.terms.retiring = Some(GrantPrincipal::Arn(BOB_ARN.into()));
    let elsewhere = Grant { key: arn(2), ..decided.clone() };
    let foreign =
        Grant { issuing_account: "arn:aws:iam::444455556666:root".into(), ..decided.clone() };
    let named = Grant { name: Some("reader".into()), ..decided.clone() };
    for other in [wider, another, retirable, elsewhere, foreign, named.clone()] {
        let change = Change::CreateGrant(other);
        assert_not_permitted(rig.change(vec![good.clone()], change).await);
    }
    for other in [
        about_key("kms:DescribeKey", &arn(1).to_string()),
        about_key("kms:ListGrants", &arn(1).to_string()),
    ] {
        let other = permit(&rig, ROOT, other).await;
        let change = Change::CreateGrant(decided.clone());
        assert_not_permitted(rig.change(vec![other], change).await);
    }
    assert!(rig.store.state.lock().unwrap().grants.is_empty());
    let grant_id = decided.terms.named_id(&arn(1), OWN_ROOT, "reader");
    let named = Change::CreateGrant(Grant { grant_id, ..named });
    assert_eq!(rig.change(vec![good], named).await, ChangeOutcome::Committed(Unit {}));
}

#[tokio::test]
async fn a_permit_ends_no_other_grant_and_in_no_other_way() {
    let rig = rig().await;
    for n in [1, 2] {
        given(&rig, grant(n, terms(ANN_ARN, &[GrantOperation::Encrypt])));
    }
    let revoking = permit(&rig, ROOT, about_grant("kms:RevokeGrant", 1)).await;
    let retiring = permit(&rig, ROOT, about_grant("kms:RetireGrant", 1)).await;
    for (permit, change) in [
        (&revoking, removal(2, false)),
        (&revoking, removal(1, true)),
        (&retiring, removal(2, true)),
        (&retiring, removal(1, false)),
    ] {
        assert_not_permitted(rig.change(vec![permit.clone()], change).await);
    }
    let done = rig.change(vec![retiring], removal(1, true)).await;
    assert_eq!(done, ChangeOutcome::Committed(Unit {}));
    assert_eq!(rig.store.state.lock().unwrap().grants.len(), 1);
}

#[tokio::test]
async fn a_grant_is_retired_by_whom_it_names_and_revoked_by_whom_policies_allow() {
    let rig = rig().await;
    let mut by_bob = terms(ANN_ARN, &[GrantOperation::Encrypt]);
    by_bob.retiring = Some(GrantPrincipal::Arn(BOB_ARN.into()));
    given(&rig, grant(1, by_bob));
    given(&rig, grant(2, terms(ANN_ARN, &[GrantOperation::Encrypt, GrantOperation::RetireGrant])));
    for (access_key, n, action, allowed) in [
        (ANN, 1, "kms:RetireGrant", false),
        (BOB, 1, "kms:RetireGrant", true),
        (ROOT, 1, "kms:RetireGrant", true),
        (ANN, 2, "kms:RetireGrant", true),
        (BOB, 2, "kms:RetireGrant", false),
        (ROOT, 2, "kms:RevokeGrant", true),
        (ANN, 2, "kms:RevokeGrant", false),
        (BOB, 1, "kms:RevokeGrant", false),
    ] {
        if allowed {
            let (claims, granted) = rig.granted(access_key, about_grant(action, n)).await;
            assert_eq!(claims.context_digest, [n; 32]);
            assert_eq!(granted.grant.unwrap().grant_id, [n; 32].as_slice());
        } else {
            let denied = rig.denied(access_key, about_grant(action, n)).await;
            assert_eq!(denied.kind(), DenialKind::AccessDenied, "{access_key} {n} {action}");
        }
    }
}

#[tokio::test]
async fn a_grant_that_is_not_there_is_not_found_in_its_own_account_only() {
    let rig = rig().await;
    for action in ["kms:RetireGrant", "kms:RevokeGrant"] {
        let denied = rig.denied(ROOT, about_grant(action, 9)).await;
        assert_eq!(denied.kind(), DenialKind::NotFound);
        assert_eq!(denied.message, format!("Grant ID {} not found", "09".repeat(32)));
        let denied = rig.denied(BOB, about_grant(action, 9)).await;
        assert_eq!(denied.kind(), DenialKind::AccessDenied);
        let no_key = question(
            action,
            Resource::Grant(GrantReference {
                key_reference: arn(9).to_string(),
                grant_id: vec![9; 32].into(),
            }),
        );
        let of_no_key = rig.denied(BOB, no_key).await;
        assert_eq!(of_no_key.message, denied.message, "a key that is there looks like none");
    }
}

/// The change of another account's key is recorded in both accounts, or not made.
#[tokio::test]
async fn a_change_across_accounts_brings_a_record_for_each() {
    let rig = rig().await;
    let mut retirable = terms(ANN_ARN, &[GrantOperation::Encrypt]);
    retirable.retiring = Some(GrantPrincipal::Arn(BOB_ARN.into()));
    given(&rig, grant(1, retirable));
    let permit = permit(&rig, BOB, about_grant("kms:RetireGrant", 1)).await;
    let of = |event: u8, account| trent_types::AuditRecord {
        account: Some(account),
        ..audit_record(event)
    };
    let send = async |records: Vec<trent_types::AuditRecord>| {
        let mut records = records.into_iter().map(Into::into);
        let request = messages::ChangeRequest {
            attempt: Bytes::new(),
            request_id: trent_bus::convert::bytes(super::super::rig::request_id(9).as_bytes()),
            permits: vec![permit.clone()],
            change: Some(removal(1, true).into()),
            record: records.next(),
            events: records.collect(),
        };
        let answer = call(&rig.bus(), Subject::RegistryChange, &request).await;
        let answer: messages::ChangeAnswer = prost::Message::decode(answer).unwrap();
        answer.outcome.unwrap()
    };
    let stranger = "999900001111".parse().unwrap();
    assert_not_permitted(send(vec![of(1, account())]).await);
    assert_not_permitted(send(vec![of(1, foreign_account())]).await);
    let three = vec![of(1, foreign_account()), of(2, account()), of(3, stranger)];
    assert_not_permitted(send(three).await);
    let both = send(vec![of(1, foreign_account()), of(2, account())]).await;
    assert_eq!(both, ChangeOutcome::Committed(Unit {}));
}

//! CreateGrant, RetireGrant, RevokeGrant, and grant tokens.

mod lists;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use trent_types::{
    CallerKind, Change, ChangeRefused, Grant, GrantConstraints, GrantId, GrantOperation,
    GrantPrincipal, GrantTerms, GrantToken, KeySpec, KeyState, KeyUsage, Timestamp,
};

use crate::testing::*;

const ANN: &str = "arn:aws:iam::111122223333:user/ann";
const BOB: &str = "arn:aws:iam::111122223333:user/bob";
const SOURCE: &str = "arn:aws:dynamodb:us-east-1:111122223333:table/a";
const SERVICE: &str = "dynamodb.amazonaws.com";

/// A request for a grant to `ann`, with these members besides or instead.
fn wanted(more: &Value) -> String {
    let mut body =
        json!({"KeyId": KEY, "GranteePrincipal": ANN, "Operations": ["Encrypt", "Decrypt"]});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body.to_string()
}

fn grant(n: u8) -> Grant {
    Grant {
        key: arn_of(KEY).parse().unwrap(),
        grant_id: GrantId::from_bytes([n; 32]),
        name: None,
        created_at: Timestamp::from_millis(NOW),
        issuing_account: format!("arn:aws:iam::{ACCOUNT}:root"),
        terms: GrantTerms {
            grantee: GrantPrincipal::Arn(ANN.into()),
            retiring: Some(GrantPrincipal::Arn(BOB.into())),
            operations: vec![GrantOperation::Encrypt, GrantOperation::RetireGrant],
            constraints: GrantConstraints::default(),
        },
    }
}

fn world_with(grants: Vec<Grant>) -> World {
    let world = World::new();
    *world.grants.borrow_mut() = grants;
    world
}

fn made(world: &World) -> Grant {
    match world.changes.borrow().last() {
        Some(Change::CreateGrant(grant)) => grant.clone(),
        other => panic!("no grant was made: {other:?}"),
    }
}

fn token(n: u8) -> String {
    let grant = grant(n);
    let token = GrantToken { key: grant.key, grant_id: grant.grant_id };
    STANDARD.encode(token.to_bytes([3; 16]))
}

#[test]
fn create_grant_makes_what_was_asked_about() {
    let world = World::new();
    let more = json!({
        "RetiringPrincipal": BOB,
        "Constraints": {"EncryptionContextSubset": {"a": "b"}},
        "Name": "reader",
        "Operations": ["Decrypt", "Encrypt", "Decrypt"],
    });
    let answer = world.ok("CreateGrant", &wanted(&more));
    let grant = made(&world);
    let id = answer["GrantId"].as_str().unwrap();
    assert_eq!(grant.grant_id.to_string(), id);
    assert_eq!(grant.name.as_deref(), Some("reader"));
    assert_eq!(grant.issuing_account, format!("arn:aws:iam::{ACCOUNT}:root"));
    assert_eq!(grant.terms.operations, [GrantOperation::Decrypt, GrantOperation::Encrypt]);
    assert_eq!(*world.asked_terms.borrow(), std::slice::from_ref(&grant.terms));
    let token = STANDARD.decode(answer["GrantToken"].as_str().unwrap()).unwrap();
    let expected = GrantToken { key: grant.key, grant_id: grant.grant_id };
    assert_eq!(GrantToken::from_bytes(&token).unwrap(), expected);

    let record = world.only_record();
    let parameters = json!({
        "keyId": KEY, "granteePrincipal": ANN, "retiringPrincipal": BOB,
        "operations": ["Decrypt", "Encrypt"],
        "constraints": {"encryptionContextSubset": {"a": "b"}}, "name": "reader",
    });
    assert_eq!(record["requestParameters"], parameters);
    assert_eq!(record["responseElements"], json!({"grantId": id, "keyId": arn_of(KEY)}));
    assert_eq!(record["resources"][0]["ARN"], arn_of(KEY));
    assert_eq!(record["readOnly"], false);
}

#[test]
fn a_name_makes_the_id_and_no_name_makes_a_new_one() {
    let world = World::new();
    let id = |more: Value| {
        world.ok("CreateGrant", &wanted(&more))["GrantId"].as_str().unwrap().to_owned()
    };
    let named = id(json!({"Name": "a"}));
    assert_eq!(id(json!({"Name": "a"})), named);
    assert_eq!(id(json!({"Name": "a", "Operations": ["Decrypt", "Encrypt"]})), named);
    assert_ne!(id(json!({"Name": "a", "Operations": ["Decrypt"]})), named);
    assert_ne!(id(json!({"Name": "b"})), named);
    assert_eq!(id(json!({})), "05".repeat(32), "sixteen bytes of the fake's, twice");
}

#[test]
fn a_service_is_granted_for_a_source_and_with_somebody_to_retire() {
    let constraints = json!({"SourceArn": SOURCE});
    let of_service = |more: Value| {
        let mut body = json!({
            "KeyId": KEY, "GranteeServicePrincipal": SERVICE, "Operations": ["Encrypt"],
            "RetiringServicePrincipal": SERVICE, "Constraints": constraints,
        });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body.to_string()
    };
    let world = World::new();
    world.ok("CreateGrant", &of_service(json!({})));
    let terms = made(&world).terms;
    assert_eq!(terms.grantee, GrantPrincipal::Service(SERVICE.into()));
    assert_eq!(terms.constraints.source_arn.as_deref(), Some(SOURCE));
    let parameters = &world.only_record()["requestParameters"];
    assert_eq!(parameters["granteeServicePrincipal"], SERVICE);
    assert_eq!(parameters["retiringServicePrincipal"], SERVICE);
    assert_eq!(parameters["constraints"], json!({"sourceArn": SOURCE}));
    for wrong in [
        json!({"Constraints": null}),
        json!({"RetiringServicePrincipal": null}),
        json!({"RetiringPrincipal": ANN}),
        json!({"GranteePrincipal": ANN}),
        json!({"GranteeServicePrincipal": "dynamodb"}),
        json!({"GranteeServicePrincipal": "a..b"}),
    ] {
        let world = World::new();
        let refused = world.error("CreateGrant", &of_service(wrong.clone()));
        assert_eq!(refused.0, "ValidationException", "{wrong}");
        assert!(world.changes.borrow().is_empty());
    }
}

#[test]
fn create_grant_refuses_what_is_wrong() {
    let nine: Value = (0..9).map(|n| (n.to_string(), json!(""))).collect();
    let long = json!({"a": "x".repeat(385)});
    let validation = "ValidationException";
    for (more, code) in [
        (json!({"KeyId": null}), validation),
        (json!({"GranteePrincipal": null}), validation),
        (json!({"GranteePrincipal": "ann smith"}), validation),
        (json!({"GranteePrincipal": "x".repeat(257)}), validation),
        (json!({"RetiringPrincipal": ""}), validation),
        (json!({"Operations": null}), validation),
        (json!({"Operations": []}), validation),
        (json!({"Operations": ["DisableKey"]}), validation),
        (json!({"Operations": ["Encrypt", null]}), validation),
        (json!({"Operations": ["Encrypt", "Sign"]}), validation),
        (json!({"Operations": ["GetPublicKey"]}), validation),
        (json!({"Name": "with space"}), validation),
        (json!({"Name": "x".repeat(257)}), validation),
        (json!({"Constraints": {"SourceArn": "arn:aws:s3:::bucket-of-mine"}}), validation),
        (json!({"Constraints": {"EncryptionContextEquals": nine}}), validation),
        (json!({"Constraints": {"EncryptionContextSubset": long}}), validation),
        (
            json!({"Constraints": {"EncryptionContextSubset": {"a": null}}}),
            "SerializationException",
        ),
        (json!({"GrantTokens": ["x"]}), "InvalidGrantTokenException"),
        (json!({"KeyId": "alias/a"}), "NotFoundException"),
        (json!({"DryRun": true}), "DryRunOperationException"),
    ] {
        let world = World::new();
        assert_eq!(world.error("CreateGrant", &wanted(&more)).0, code, "{more}");
        assert!(world.changes.borrow().is_empty());
    }
    let world = World::new();
    let (_, message) = world.error("CreateGrant", &wanted(&json!({"Operations": ["x"]})));
    let text = message.unwrap();
    assert!(text.starts_with("1 validation error detected: Value '[x]' at 'operations'"), "{text}");
    let world = World::new();
    world.ok("CreateGrant", &wanted(&json!({"GrantTokens": [token(1)], "Constraints": {}})));
    assert_eq!(made(&world).terms.constraints, GrantConstraints::default());
}

#[test]
fn operations_and_constraints_must_fit_the_key() {
    let of = |spec, usage| {
        let world = World::new();
        let mut keys = world.keys.borrow_mut();
        let key = keys.get_mut(&KEY.parse().unwrap()).unwrap();
        (key.spec, key.usage) = (spec, usage);
        drop(keys);
        world
    };
    let rsa = || of(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt);
    let hmac = || of(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac);
    for (world, operations, fits) in [
        (rsa(), &["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"][..], true),
        (rsa(), &["DescribeKey", "CreateGrant", "RetireGrant"], true),
        (rsa(), &["GenerateDataKey"], false),
        (rsa(), &["Sign"], false),
        (of(KeySpec::EccNistP256, KeyUsage::SignVerify), &["Sign", "Verify"], true),
        (of(KeySpec::EccNistP256, KeyUsage::SignVerify), &["DeriveSharedSecret"], false),
        (of(KeySpec::EccNistP256, KeyUsage::KeyAgreement), &["DeriveSharedSecret"], true),
        (hmac(), &["GenerateMac", "VerifyMac"], true),
        (hmac(), &["GetPublicKey"], false),
        (hmac(), &["Encrypt"], false),
    ] {
        let response = world.kms("CreateGrant", &wanted(&json!({"Operations": operations})));
        assert_eq!(response.status == 200, fits, "{operations:?}");
    }
    let constrained = |world: &World, constraints: Value| {
        let more = json!({"Operations": ["DescribeKey"], "Constraints": constraints});
        world.kms("CreateGrant", &wanted(&more)).status
    };
    assert_eq!(constrained(&hmac(), json!({"EncryptionContextSubset": {}})), 400);
    assert_eq!(constrained(&rsa(), json!({"EncryptionContextEquals": {"a": "b"}})), 400);
    assert_eq!(constrained(&hmac(), json!({"SourceArn": SOURCE})), 200);
}

#[test]
fn grants_are_made_in_some_states_and_ended_in_all() {
    let id = GrantId::from_bytes([1; 32]).to_string();
    let body = json!({"KeyId": KEY, "GrantId": id}).to_string();
    for (state, code) in [
        (KeyState::Enabled, None),
        (KeyState::Unavailable, None),
        (KeyState::Updating, None),
        (KeyState::Disabled, Some("DisabledException")),
        (KeyState::PendingDeletion, Some("KMSInvalidStateException")),
        (KeyState::PendingReplicaDeletion, Some("KMSInvalidStateException")),
        (KeyState::PendingImport, Some("KMSInvalidStateException")),
        (KeyState::Creating, Some("KMSInvalidStateException")),
    ] {
        let world = World::in_state(state);
        match code {
            None => drop(world.ok("CreateGrant", &wanted(&json!({})))),
            Some(code) => assert_eq!(world.error("CreateGrant", &wanted(&json!({}))).0, code),
        }
        *world.grants.borrow_mut() = vec![grant(1)];
        for operation in ["ListGrants", "RetireGrant", "RevokeGrant"] {
            let body = if operation == "ListGrants" {
                json!({"KeyId": KEY}).to_string()
            } else {
                body.clone()
            };
            assert_eq!(world.kms(operation, &body).status, 200, "{operation} {state}");
        }
    }
}

#[test]
fn the_quota_is_answered_in_aws_words() {
    let world = World::new();
    let limit = ChangeRefused::LimitExceeded {
        what: "Grants per key".into(),
        limit: 50_000,
        current: 50_000,
    };
    world.refusals.borrow_mut().push(refused(limit));
    let (code, message) = world.error("CreateGrant", &wanted(&json!({})));
    assert_eq!(code, "LimitExceededException");
    assert!(message.unwrap().starts_with("Grants per key quota"));
}

#[test]
fn a_grant_is_retired_by_token_or_by_key_and_id() {
    let id = GrantId::from_bytes([1; 32]);
    for (body, parameters) in [
        (json!({"GrantToken": token(1)}), Value::Null),
        (
            json!({"KeyId": arn_of(KEY), "GrantId": id.to_string()}),
            json!({"keyId": arn_of(KEY), "grantId": id.to_string()}),
        ),
    ] {
        let world = world_with(vec![grant(1)]);
        assert_eq!(world.ok("RetireGrant", &body.to_string()), Value::Null);
        let key = arn_of(KEY).parse().unwrap();
        let expected = Change::RemoveGrant { key, grant_id: id, retired: true };
        assert_eq!(*world.changes.borrow(), [expected]);
        let record = world.only_record();
        assert_eq!(record["requestParameters"], parameters);
        assert_eq!(record["responseElements"], json!({"keyId": arn_of(KEY)}));
        assert_eq!(record["additionalEventData"], json!({"grantId": id.to_string()}));
        assert_eq!(record["resources"][0]["ARN"], arn_of(KEY));
    }
}

#[test]
fn retire_and_revoke_refuse_what_is_wrong() {
    let id = "01".repeat(32);
    let far = {
        let key = arn_of(KEY).replace("us-east-1", "eu-west-1").parse().unwrap();
        let token = GrantToken { key, grant_id: GrantId::from_bytes([1; 32]) };
        STANDARD.encode(token.to_bytes([0; 16]))
    };
    for (operation, body, code) in [
        ("RetireGrant", json!({}), "ValidationException"),
        ("RetireGrant", json!({"KeyId": KEY}), "ValidationException"),
        ("RetireGrant", json!({"GrantId": id}), "ValidationException"),
        ("RetireGrant", json!({"GrantToken": token(1), "KeyId": KEY}), "ValidationException"),
        ("RetireGrant", json!({"GrantToken": "x"}), "InvalidGrantTokenException"),
        ("RetireGrant", json!({"GrantToken": far}), "InvalidGrantTokenException"),
        ("RetireGrant", json!({"KeyId": KEY, "GrantId": "x"}), "InvalidGrantIdException"),
        (
            "RetireGrant",
            json!({"GrantToken": token(1), "DryRun": true}),
            "DryRunOperationException",
        ),
        ("RevokeGrant", json!({"KeyId": KEY}), "ValidationException"),
        ("RevokeGrant", json!({"GrantId": id}), "ValidationException"),
        (
            "RevokeGrant",
            json!({"KeyId": KEY, "GrantId": id.replace('0', "A")}),
            "InvalidGrantIdException",
        ),
        ("RevokeGrant", json!({"KeyId": "alias/a", "GrantId": id}), "NotFoundException"),
        (
            "RevokeGrant",
            json!({"KeyId": KEY, "GrantId": id, "DryRun": true}),
            "DryRunOperationException",
        ),
    ] {
        let world = world_with(vec![grant(1)]);
        assert_eq!(world.error(operation, &body.to_string()).0, code, "{operation} {body}");
        assert!(world.changes.borrow().is_empty());
    }
    let world = world_with(vec![grant(1)]);
    world.refusals.borrow_mut().push(refused(ChangeRefused::NotFound));
    let body = json!({"KeyId": KEY, "GrantId": id}).to_string();
    let expected = ("NotFoundException".to_owned(), Some(format!("Grant ID {id} not found")));
    assert_eq!(world.error("RevokeGrant", &body), expected);
}

#[test]
fn a_revoked_grants_record_names_key_and_grant() {
    let world = world_with(vec![grant(1)]);
    let id = "01".repeat(32);
    world.ok("RevokeGrant", &json!({"KeyId": KEY, "GrantId": id}).to_string());
    let record = world.only_record();
    assert_eq!(record["requestParameters"], json!({"keyId": KEY, "grantId": id}));
    assert_eq!(record["responseElements"], json!({"keyId": arn_of(KEY)}));
}

/// Both accounts get their record, and each knows of the other by the shared id.
#[test]
fn a_grant_of_another_accounts_key_is_recorded_in_both_accounts() {
    let world = World::new();
    {
        let mut caller = world.caller.borrow_mut();
        caller.account = "444455556666".parse().unwrap();
        caller.kind = CallerKind::Root;
    }
    world.ok("CreateGrant", &wanted(&json!({})));
    assert_eq!(made(&world).issuing_account, "arn:aws:iam::444455556666:root");
    let records = world.records.borrow();
    let read =
        |at: usize| -> Value { serde_json::from_slice(&records[at].cloudtrail_json).unwrap() };
    assert_eq!(records.len(), 2);
    let (own, owners) = (read(0), read(1));
    assert_eq!(own["recipientAccountId"], "444455556666");
    assert_eq!(owners["recipientAccountId"], ACCOUNT);
    assert_eq!(own["userIdentity"]["type"], "Root");
    assert_eq!(owners["userIdentity"]["type"], "AWSAccount");
    assert_eq!(own["sharedEventID"], owners["sharedEventID"]);
    assert_eq!(own["responseElements"], owners["responseElements"]);
}

#[test]
fn any_token_of_a_grant_is_good_wherever_tokens_are_taken() {
    let good = json!({"KeyId": KEY, "Plaintext": "eA==", "GrantTokens": [token(1), token(9)]});
    World::new().ok("Encrypt", &good.to_string());
    for bad in ["x", "", "AAAA"] {
        for (operation, mut body) in [
            ("Encrypt", json!({"KeyId": KEY, "Plaintext": "eA=="})),
            ("GenerateDataKey", json!({"KeyId": KEY, "KeySpec": "AES_256"})),
            ("DescribeKey", json!({"KeyId": KEY})),
        ] {
            body["GrantTokens"] = json!([token(1), bad]);
            let code = World::new().error(operation, &body.to_string()).0;
            let expected =
                if bad.is_empty() { "ValidationException" } else { "InvalidGrantTokenException" };
            assert_eq!(code, expected, "{operation} {bad}");
        }
    }
}

//! The common steps: signature before body, denial before state, record before answer, retry on
//! conflict.

use proptest::prelude::*;
use serde_json::json;
use trent_types::{ChangeRefused, KeyState};

use crate::ports::{AuthorizeError, ChangeError, SignatureFault, Unavailable, WorkerError};
use crate::testing::*;
use crate::{AwsError, ErrorCode, ServiceName, refuse};

fn encrypt(key: &str) -> String {
    format!(r#"{{"KeyId":"{key}","Plaintext":"aGVsbG8=","EncryptionContext":{{"a":"b\"c"}}}}"#)
}

#[test]
fn a_signature_error_wins_over_a_body_error() {
    let world = World::new();
    *world.authorize_error.borrow_mut() = Some(signature(SignatureFault::Mismatch));
    let (code, message) = world.error("Encrypt", "{");
    assert_eq!(
        (code.as_str(), message.as_deref()),
        ("InvalidSignatureException", Some("bad signature"))
    );
    let record = world.only_record();
    let identity = json!({"type": "Unknown", "accessKeyId": "AKIAIOSFODNN7EXAMPLE"});
    assert_eq!(record["userIdentity"], identity);
    assert_eq!(record["errorCode"], "InvalidSignatureException");
    assert!(record.get("recipientAccountId").is_none());
    assert_eq!(world.records.borrow()[0].account, None);
}

#[test]
fn a_body_error_is_answered_and_recorded_once_the_caller_is_known() {
    let world = World::new();
    assert_eq!(world.error("Encrypt", "{"), ("SerializationException".to_owned(), None));
    let record = world.only_record();
    assert_eq!(record["errorCode"], "SerializationException");
    assert_eq!(record["userIdentity"]["type"], "Root");
    assert_eq!(record["requestParameters"], json!(null));
    assert!(world.asked.borrow().is_empty());
}

#[test]
fn encrypt_is_recorded_as_cloudtrail_records_it() {
    let world = World::new();
    world.ok("Encrypt", &encrypt("1234abcd-12ab-34cd-56ef-1234567890ab"));
    let expected = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "Root",
            "principalId": ACCOUNT,
            "arn": "arn:aws:iam::111122223333:root",
            "accountId": ACCOUNT,
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
        },
        "eventTime": "2023-01-02T03:04:05Z",
        "eventSource": "kms.amazonaws.com",
        "eventName": "Encrypt",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "aws-cli/2 \"quoted\"",
        "requestParameters": {
            "keyId": KEY,
            "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "encryptionContext": {"a": "b\"c"},
        },
        "responseElements": null,
        "additionalEventData": {"keyMaterialId": material_hex()},
        "requestID": REQUEST_ID,
        "eventID": "0185706f-af2e-7505-8505-050505050505",
        "readOnly": true,
        "resources": [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": arn_of(KEY)}],
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": ACCOUNT,
        "eventCategory": "Management",
        "tlsDetails": {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_256_GCM_SHA384",
            "clientProvidedHostHeader": "kms.us-east-1.amazonaws.com",
            "keyExchange": "X25519MLKEM768",
        },
    });
    assert_eq!(world.only_record(), expected);
}

#[test]
fn encrypt_by_a_stranger_is_denied_and_recorded() {
    let world = World::in_state(KeyState::Disabled);
    world.denied.set("kms:Encrypt");
    let (code, message) = world.error("Encrypt", &encrypt(KEY));
    assert_eq!(code, "AccessDeniedException");
    let record = world.only_record();
    assert_eq!(record["errorCode"], "AccessDenied");
    assert_eq!(record["errorMessage"], message.unwrap());
    assert_eq!(record["resources"][0]["ARN"], arn_of(KEY));
}

#[test]
fn no_answer_without_its_record() {
    let world = World::new();
    world.audit_away.set(true);
    let internal = ("KMSInternalException".to_owned(), None);
    assert_eq!(world.error("Encrypt", &encrypt(KEY)), internal);
    assert_eq!(world.error("Encrypt", "{"), internal);
    let (status, xml) = world.query(ServiceName::Sts, "Action=GetCallerIdentity");
    assert_eq!(status, 500);
    assert!(xml.contains("<Code>InternalFailure</Code>") && !xml.contains(ACCOUNT));
}

#[test]
fn a_conflict_is_tried_again_and_recorded_once() {
    let world = World::new();
    let conflict = || refused(ChangeRefused::Conflict);
    *world.refusals.borrow_mut() =
        vec![conflict(), refused(ChangeRefused::NotPermitted("expired".to_owned()))];
    world.ok("DisableKey", &format!(r#"{{"KeyId":"{KEY}"}}"#));
    assert_eq!(world.asked.borrow().len(), 3);
    assert_eq!(world.only_record()["eventName"], "DisableKey");
    *world.refusals.borrow_mut() = (0..9).map(|_| conflict()).collect();
    let (code, _) = world.error("EnableKey", &format!(r#"{{"KeyId":"{KEY}"}}"#));
    assert_eq!((code.as_str(), world.refusals.borrow().len()), ("ThrottlingException", 4));
    assert_eq!(world.records.borrow().len(), 2);
    assert!(world.records.borrow()[1].account.is_some());
}

#[test]
fn a_permit_that_expired_on_its_way_is_asked_for_again() {
    for expired in
        [WorkerError::PermitExpired, WorkerError::Unavailable(Unavailable::PermitExpired)]
    {
        let world = World::new();
        *world.worker_error.borrow_mut() = Some(expired);
        world.ok("Encrypt", &encrypt(KEY));
        assert_eq!(world.asked.borrow().len(), 2);
        assert_eq!(world.records.borrow().len(), 1);
    }
}

#[test]
fn a_change_whose_fate_is_unknown_has_no_second_record() {
    let world = World::new();
    let away = Unavailable::Away("no answer".to_owned());
    world.refusals.borrow_mut().push(ChangeError::Unavailable(away));
    let (code, _) = world.error("DisableKey", &format!(r#"{{"KeyId":"{KEY}"}}"#));
    assert_eq!(code, "KMSInternalException");
    assert!(world.records.borrow().is_empty());
}

#[test]
fn an_overloaded_role_makes_the_caller_slow_down() {
    let busy = || Unavailable::Overloaded("orders_max".to_owned());
    let world = World::new();
    world.refusals.borrow_mut().push(ChangeError::Unavailable(busy()));
    let (code, text) = world.error("DisableKey", &format!(r#"{{"KeyId":"{KEY}"}}"#));
    assert_eq!(code, "ThrottlingException");
    assert!(text.unwrap().starts_with("You have exceeded the rate"));
    // Nothing was done, so the refusal is the one record.
    assert_eq!(world.records.borrow().len(), 1);
    *world.worker_error.borrow_mut() = Some(WorkerError::Unavailable(busy()));
    assert_eq!(world.error("Encrypt", &encrypt(KEY)).0, "ThrottlingException");
    *world.authorize_error.borrow_mut() = Some(AuthorizeError::Unavailable(busy()));
    assert_eq!(world.error("Encrypt", &encrypt(KEY)).0, "ThrottlingException");
}

#[test]
fn use_of_another_accounts_key_is_recorded_for_both() {
    let world = World::new();
    world.caller.borrow_mut().account = "999988887777".parse().unwrap();
    world.ok("Encrypt", &encrypt(&arn_of(KEY)));
    let records: Vec<serde_json::Value> = world
        .records
        .borrow()
        .iter()
        .map(|record| serde_json::from_slice(&record.cloudtrail_json).unwrap())
        .collect();
    assert_eq!(records[0]["recipientAccountId"], ACCOUNT);
    assert_eq!(records[0]["userIdentity"]["type"], "AWSAccount");
    assert_eq!(records[1]["recipientAccountId"], "999988887777");
    assert_eq!(records[0]["sharedEventID"], records[1]["sharedEventID"]);
}

#[test]
fn an_operation_that_is_not_served_yet_is_authenticated_and_refused() {
    let world = World::new();
    let operation = "CreateCustomKeyStore";
    let body = r#"{"CustomKeyStoreName":"hsm","CloudHsmClusterId":"c","KeyStorePassword":"pass"}"#;
    assert_eq!(world.error(operation, body), ("UnsupportedOperationException".to_owned(), None));
    let record = world.only_record();
    assert_eq!(record["eventName"], operation);
    let shown = json!({"customKeyStoreName": "hsm", "clusterId": "c"});
    assert_eq!((&record["requestParameters"], record.get("resources")), (&shown, None));
    *world.authorize_error.borrow_mut() = Some(signature(SignatureFault::UnknownAccessKey));
    assert_eq!(world.error(operation, "{}").0, "UnrecognizedClientException");
}

#[test]
fn what_never_reached_an_operation_is_recorded_too() {
    let world = World::new();
    let request = request(ServiceName::Kms, b"");
    let error = AwsError::bare(ErrorCode::UnknownOperation);
    let response = run(refuse(&request, None, error, &world.ports()));
    assert_eq!(response.status, 400);
    assert_eq!(response.body, br#"{"__type":"UnknownOperationException"}"#);
    assert_eq!(world.only_record()["errorCode"], "UnknownOperationException");
}

#[test]
fn an_encryption_context_too_large_for_a_record_is_left_out_of_it() {
    let world = World::new();
    let context = "x".repeat(200_000);
    let body = format!(
        r#"{{"KeyId":"{KEY}","Plaintext":"aGVsbG8=","EncryptionContext":{{"a":"{context}"}}}}"#
    );
    world.ok("Encrypt", &body);
    assert_eq!(world.only_record()["requestParameters"]["omitted"], true);
}

const OPERATIONS: [&str; 24] = [
    "CancelKeyDeletion",
    "CreateAlias",
    "CreateKey",
    "Decrypt",
    "DeleteAlias",
    "DescribeKey",
    "DisableKey",
    "EnableKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateRandom",
    "GetKeyPolicy",
    "ListAliases",
    "ListKeyPolicies",
    "ListKeys",
    "ListResourceTags",
    "PutKeyPolicy",
    "ReEncrypt",
    "ScheduleKeyDeletion",
    "TagResource",
    "UntagResource",
    "UpdateAlias",
    "UpdateKeyDescription",
];

fn any_json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_map(|n| serde_json::json!(n).to_string()),
        any::<String>().prop_map(|s| serde_json::json!(s).to_string()),
        Just(format!("\"{KEY}\"")),
        Just("\"alias/x\"".to_owned()),
        Just("\"aGVsbG8=\"".to_owned()),
    ];
    let member = prop::sample::select(vec![
        "KeyId",
        "Plaintext",
        "CiphertextBlob",
        "EncryptionContext",
        "GrantTokens",
        "Tags",
        "TagKeys",
        "TagKey",
        "TagValue",
        "AliasName",
        "TargetKeyId",
        "Limit",
        "Marker",
        "Policy",
        "PolicyName",
        "Description",
        "NumberOfBytes",
        "KeySpec",
        "PendingWindowInDays",
        "DryRun",
        "Recipient",
        "Origin",
        "MultiRegion",
        "DestinationKeyId",
        "ResourceOwners",
    ]);
    leaf.prop_recursive(3, 24, 6, move |inner| {
        let pairs = prop::collection::vec((member.clone(), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(|v| format!("[{}]", v.join(","))),
            pairs.prop_map(|pairs| {
                let members: Vec<String> =
                    pairs.into_iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_body_gets_an_answer_that_is_recorded_once(
        name in prop::sample::select(OPERATIONS.to_vec()),
        body in prop_oneof![any_json(), any::<String>()],
    ) {
        let world = World::new();
        let response = world.kms(name, &body);
        prop_assert!(matches!(response.status, 200 | 400));
        if response.status == 400 {
            let error: serde_json::Value = serde_json::from_slice(&response.body).unwrap();
            prop_assert!(error["__type"].as_str().unwrap().ends_with("Exception"));
        }
        let record = world.only_record();
        prop_assert_eq!(record.get("errorCode").is_some(), response.status == 400);
        prop_assert_eq!(&record["eventName"], name);
    }
}

//! Making, describing and changing keys, their policies and their tags.

use serde_json::json;
use trent_types::{Change, ChangeRefused, EventId, KeyId, KeyState, MultiRegion, Tag, Timestamp};

use crate::ServiceEvent;
use crate::testing::*;

fn key() -> String {
    format!(r#"{{"KeyId":"{KEY}"}}"#)
}

#[test]
fn create_key_without_parameters_makes_a_symmetric_key() {
    let world = World::new();
    let answer = world.ok("CreateKey", "");
    let metadata = json!({
        "AWSAccountId": ACCOUNT,
        "KeyId": KEY,
        "Arn": arn_of(KEY),
        "CreationDate": 1_672_628_645.678,
        "Enabled": true,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": false,
        "CurrentKeyMaterialId": material_hex(),
    });
    assert_eq!(answer["KeyMetadata"], metadata);
    let record = world.only_record();
    let shown = &record["responseElements"]["keyMetadata"];
    assert_eq!(shown["aWSAccountId"], ACCOUNT);
    assert_eq!(shown["creationDate"], "Jan 2, 2023, 3:04:05 AM");
    assert_eq!(record["resources"][0]["ARN"], arn_of(KEY));
    let parameters = json!({
        "description": "", "origin": "AWS_KMS", "bypassPolicyLockoutSafetyCheck": false,
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT", "keySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT", "multiRegion": false,
    });
    assert_eq!(record["requestParameters"], parameters);
}

#[test]
fn the_default_policy_is_the_one_that_aws_writes() {
    let world = World::new();
    world.ok("CreateKey", "{}");
    let changes = world.changes.borrow();
    let Change::CreateKey { policy, .. } = &changes[0] else { panic!("no key was made") };
    assert!(
        policy.starts_with("{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",")
    );
    let parsed: serde_json::Value = serde_json::from_str(policy).unwrap();
    let principal = json!({"AWS": "arn:aws:iam::111122223333:root"});
    assert_eq!(parsed["Statement"][0]["Principal"], principal);
}

#[test]
fn create_key_with_tags_needs_a_second_permission() {
    let world = World::new();
    let body = r#"{"Tags":[{"TagKey":"a","TagValue":"b"}],"Policy":"{}"}"#;
    world.ok("CreateKey", body);
    assert_eq!(*world.asked.borrow(), ["kms:CreateKey", "kms:TagResource"]);
    let parameters = &world.only_record()["requestParameters"];
    assert_eq!(parameters["tags"], json!([{"tagKey": "a", "tagValue": "b"}]));
    assert_eq!(parameters["policy"], "{}");
    let world = World::new();
    world.denied.set("kms:TagResource");
    assert_eq!(world.error("CreateKey", body).0, "AccessDeniedException");
    assert!(world.changes.borrow().is_empty());
}

#[test]
fn create_key_refuses_what_is_not_served_and_what_is_wrong() {
    let cases = [
        (r#"{"Origin":"AWS_CLOUDHSM"}"#, "UnsupportedOperationException"),
        (
            r#"{"Origin":"EXTERNAL","KeySpec":"ML_DSA_44","KeyUsage":"SIGN_VERIFY"}"#,
            "UnsupportedOperationException",
        ),
        (r#"{"KeySpec":"RSA_2048"}"#, "ValidationException"),
        (r#"{"KeySpec":"RSA_2048","KeyUsage":"KEY_AGREEMENT"}"#, "ValidationException"),
        (r#"{"CustomKeyStoreId":"cks-1"}"#, "UnsupportedOperationException"),
        (r#"{"XksKeyId":"x"}"#, "UnsupportedOperationException"),
        (r#"{"KeySpec":"AES"}"#, "ValidationException"),
        (r#"{"CustomerMasterKeySpec":"ML_DSA_44"}"#, "ValidationException"),
        (r#"{"KeyUsage":"SIGN_VERIFY"}"#, "ValidationException"),
        (
            r#"{"KeySpec":"SYMMETRIC_DEFAULT","CustomerMasterKeySpec":"SYMMETRIC_DEFAULT"}"#,
            "ValidationException",
        ),
        (r#"{"Policy":""}"#, "ValidationException"),
        (r#"{"Tags":[{"TagKey":"AWS:x","TagValue":""}]}"#, "TagException"),
        (
            r#"{"Tags":[{"TagKey":"x","TagValue":""},{"TagKey":"x","TagValue":"y"}]}"#,
            "TagException",
        ),
        (r#"{"Tags":[null]}"#, "ValidationException"),
    ];
    for (body, code) in cases {
        let world = World::new();
        assert_eq!(world.error("CreateKey", body).0, code, "{body}");
        assert!(world.changes.borrow().is_empty());
    }
    let large = format!(r#"{{"Policy":"{}"}}"#, "x".repeat(32_769));
    assert_eq!(World::new().error("CreateKey", &large).0, "LimitExceededException");
    let tags: Vec<_> = (0..51).map(|n| json!({"TagKey": n.to_string(), "TagValue": ""})).collect();
    let many = json!({"Tags": tags}).to_string();
    assert_eq!(World::new().error("CreateKey", &many).0, "LimitExceededException");
}

#[test]
fn a_refused_policy_is_answered_in_the_registrys_words() {
    let world = World::new();
    let text = "The new key policy will not allow you to update the key policy in the future.";
    world.refusals.borrow_mut().push(refused(ChangeRefused::MalformedPolicy(text.to_owned())));
    let body = format!(r#"{{"KeyId":"{KEY}","Policy":"{{}}"}}"#);
    let expected = ("MalformedPolicyDocumentException".to_owned(), Some(text.to_owned()));
    assert_eq!(world.error("PutKeyPolicy", &body), expected);
    let record = world.only_record();
    assert_eq!(record["errorMessage"], text);
    assert_eq!(record["responseElements"], json!(null));
}

#[test]
fn describe_key_works_in_every_state() {
    let world = World::in_state(KeyState::Disabled);
    let metadata = &world.ok("DescribeKey", &key())["KeyMetadata"];
    assert_eq!((&metadata["Enabled"], &metadata["KeyState"]), (&json!(false), &json!("Disabled")));
    let record = world.only_record();
    assert_eq!(record["responseElements"], json!(null));
    assert_eq!(record["requestParameters"], json!({"keyId": KEY}));
    let missing = r#"{"KeyId":"00000000-0000-0000-0000-000000000000"}"#;
    assert_eq!(World::new().error("DescribeKey", missing).0, "NotFoundException");
    let long = format!(r#"{{"KeyId":"{}"}}"#, "x".repeat(2049));
    assert_eq!(World::new().error("DescribeKey", &long).0, "ValidationException");
}

/// A key that is disabled already may be so by a change that not every evaluator knows of yet: the
/// answer must wait for them all the same.
#[test]
fn enable_and_disable_are_the_registrys_to_promise_even_when_nothing_changes() {
    let world = World::new();
    assert_eq!(world.ok("DisableKey", &key()), json!(null));
    assert_eq!(world.ok("DisableKey", &key()), json!(null));
    assert_eq!(world.ok("EnableKey", &key()), json!(null));
    assert_eq!((world.changes.borrow().len(), world.records.borrow().len()), (3, 3));
    let record: serde_json::Value =
        serde_json::from_slice(&world.records.borrow()[1].cloudtrail_json).unwrap();
    assert_eq!(record["responseElements"], json!({"keyId": arn_of(KEY)}));
    for operation in ["EnableKey", "DisableKey", "UpdateKeyDescription", "ScheduleKeyDeletion"] {
        let body = format!(r#"{{"KeyId":"{KEY}","Description":"x"}}"#);
        let pending = World::in_state(KeyState::PendingDeletion).error(operation, &body);
        assert_eq!(pending.0, "KMSInvalidStateException", "{operation}");
    }
}

#[test]
fn key_operations_do_not_take_aliases() {
    let world = World::new().with_alias("alias/a");
    assert_eq!(world.error("EnableKey", r#"{"KeyId":"alias/a"}"#).0, "NotFoundException");
    let arn = r#"{"KeyId":"arn:aws:kms:us-east-1:111122223333:alias/a"}"#;
    assert_eq!(world.error("EnableKey", arn).0, "InvalidArnException");
    world.ok("DescribeKey", r#"{"KeyId":"alias/a"}"#);
}

#[test]
fn deletion_is_scheduled_and_cancelled() {
    let world = World::new();
    let body = format!(r#"{{"KeyId":"{KEY}","PendingWindowInDays":7}}"#);
    let answer = world.ok("ScheduleKeyDeletion", &body);
    let expected = json!({
        "KeyId": arn_of(KEY), "DeletionDate": 1_673_233_445.678, "KeyState": "PendingDeletion",
        "PendingWindowInDays": 7,
    });
    assert_eq!(answer, expected);
    let elements = &world.only_record()["responseElements"];
    assert_eq!(elements["deletionDate"], "Jan 9, 2023, 3:04:05 AM");
    let metadata = &world.ok("DescribeKey", &key())["KeyMetadata"];
    assert_eq!(metadata["DeletionDate"], json!(1_673_233_445.678));
    assert_eq!(world.ok("CancelKeyDeletion", &key()), json!({"KeyId": arn_of(KEY)}));
    let (code, message) = world.error("CancelKeyDeletion", &key());
    assert_eq!(code, "KMSInvalidStateException");
    assert_eq!(message.unwrap(), format!("{} is not pending deletion.", arn_of(KEY)));
    for days in [0, 6, 31, 366] {
        let body = format!(r#"{{"KeyId":"{KEY}","PendingWindowInDays":{days}}}"#);
        assert_eq!(World::new().error("ScheduleKeyDeletion", &body).0, "ValidationException");
    }
    assert_eq!(World::new().ok("ScheduleKeyDeletion", &key())["PendingWindowInDays"], 30);
}

#[test]
fn a_description_is_replaced() {
    let world = World::new();
    world.ok("UpdateKeyDescription", &format!(r#"{{"KeyId":"{KEY}","Description":"new"}}"#));
    assert_eq!(world.ok("DescribeKey", &key())["KeyMetadata"]["Description"], "new");
    assert_eq!(World::new().error("UpdateKeyDescription", &key()).0, "ValidationException");
}

#[test]
fn key_policies_are_read_and_listed_and_have_one_name() {
    let world = World::new();
    let answer = world.ok("GetKeyPolicy", &key());
    assert_eq!(answer["PolicyName"], "default");
    assert_eq!(answer["Policy"], "{\n  \"Version\" : \"2012-10-17\"\n}");
    let listed = world.ok("ListKeyPolicies", &key());
    assert_eq!(listed, json!({"PolicyNames": ["default"], "Truncated": false}));
    let named = format!(r#"{{"KeyId":"{KEY}","PolicyName":"other"}}"#);
    assert_eq!(world.error("GetKeyPolicy", &named).0, "NotFoundException");
    let marker = format!(r#"{{"KeyId":"{KEY}","Marker":"x"}}"#);
    assert_eq!(world.error("ListKeyPolicies", &marker).0, "InvalidMarkerException");
    let ram = format!(r#"{{"KeyId":"{KEY}","Policy":"x","PolicyName":"AWS_RAM"}}"#);
    assert_eq!(
        world.error("PutKeyPolicy", &ram).1.unwrap(),
        "The AWS_RAM policy can only be managed by the RAM service."
    );
    world.ok("PutKeyPolicy", &format!(r#"{{"KeyId":"{KEY}","Policy":"{{}}"}}"#));
}

#[test]
fn tags_are_added_listed_in_pages_and_removed() {
    let world = World::new();
    let tag = format!(r#"{{"KeyId":"{KEY}","Tags":[{{"TagKey":"a","TagValue":"b"}}]}}"#);
    world.ok("TagResource", &tag);
    world.ok("UntagResource", &format!(r#"{{"KeyId":"{KEY}","TagKeys":["a","a"]}}"#));
    assert_eq!(world.changes.borrow().len(), 2);
    for name in ["a", "b", "c"] {
        world.tags.borrow_mut().push(Tag { key: name.to_owned(), value: "v".to_owned() });
    }
    let page = |marker: &str| {
        world.ok("ListResourceTags", &format!(r#"{{"KeyId":"{KEY}","Limit":2{marker}}}"#))
    };
    let first = page("");
    assert_eq!((first["Tags"].as_array().unwrap().len(), &first["Truncated"]), (2, &json!(true)));
    let next = first["NextMarker"].as_str().unwrap();
    let rest = page(&format!(r#","Marker":"{next}""#));
    let expected = json!({"Tags": [{"TagKey": "c", "TagValue": "v"}], "Truncated": false});
    assert_eq!(rest, expected);
    let elsewhere = format!(r#"{{"Marker":"{next}"}}"#);
    assert_eq!(world.error("ListKeys", &elsewhere).0, "InvalidMarkerException");
    let reserved = format!(r#"{{"KeyId":"{KEY}","TagKeys":["aws:x"]}}"#);
    assert_eq!(world.error("UntagResource", &reserved).0, "TagException");
    let many = format!(r#"{{"KeyId":"{KEY}","Limit":51}}"#);
    assert_eq!(world.error("ListResourceTags", &many).0, "ValidationException");
    let pending = World::in_state(KeyState::PendingDeletion);
    assert_eq!(pending.error("TagResource", &tag).0, "KMSInvalidStateException");
}

#[test]
fn keys_are_listed_in_pages() {
    let world = World::new();
    let first = world.ok("ListKeys", r#"{"Limit":1}"#);
    let entry = json!([{"KeyId": OTHER_KEY, "KeyArn": arn_of(OTHER_KEY)}]);
    assert_eq!(first["Keys"], entry);
    let next = first["NextMarker"].as_str().unwrap();
    let rest = world.ok("ListKeys", &format!(r#"{{"Limit":1,"Marker":"{next}"}}"#));
    assert_eq!((&rest["Keys"][0]["KeyId"], &rest["Truncated"]), (&json!(KEY), &json!(false)));
    assert!(rest.get("NextMarker").is_none());
    world.caller.borrow_mut().account = "999988887777".parse().unwrap();
    let stolen = format!(r#"{{"Marker":"{next}"}}"#);
    assert_eq!(world.error("ListKeys", &stolen).0, "InvalidMarkerException");
    assert_eq!(world.error("ListKeys", r#"{"Marker":"AAAA"}"#).0, "InvalidMarkerException");
    let shared = r#"{"ResourceOwners":["OTHER_ACCOUNTS_VIA_RAM"]}"#;
    assert_eq!(world.error("ListKeys", shared).0, "UnsupportedOperationException");
    assert_eq!(World::new().ok("ListKeys", "{}")["Truncated"], false);
}

#[test]
fn the_end_of_a_key_is_a_service_event() {
    let at = Timestamp::from_millis(NOW);
    let id = EventId::new(at, [5; 16]);
    let record = ServiceEvent::DeleteKey.record(&arn_of(KEY).parse().unwrap(), id, at);
    let json: serde_json::Value = serde_json::from_slice(&record.cloudtrail_json).unwrap();
    assert_eq!(json["userIdentity"], json!({"accountId": ACCOUNT, "invokedBy": "AWS Internal"}));
    assert_eq!(json["eventType"], "AwsServiceEvent");
    assert_eq!(json["responseElements"], json!({"keyId": arn_of(KEY)}));
    assert_eq!(json["resources"][0]["ARN"], arn_of(KEY));
    assert!(json.get("requestID").is_none());
    assert_eq!(record.account.unwrap().as_str(), ACCOUNT);
}

#[test]
fn another_primary_region_is_recorded_in_both() {
    let world = World::new();
    let key: KeyId = format!("mrk-{}", "1".repeat(32)).parse().unwrap();
    let (here, there) = ("us-east-1".parse().unwrap(), "eu-west-1".parse().unwrap());
    let mut primary = world.keys.borrow()[&KEY.parse().unwrap()].clone();
    primary.key_id = key;
    primary.multi_region = Some(MultiRegion { primary: here, replicas: vec![there] });
    world.keys.borrow_mut().insert(key, primary);
    world.ok("UpdatePrimaryRegion", &format!(r#"{{"KeyId":"{key}","PrimaryRegion":"eu-west-1"}}"#));
    let records: Vec<serde_json::Value> = world
        .records
        .borrow()
        .iter()
        .map(|record| serde_json::from_slice(&record.cloudtrail_json).unwrap())
        .collect();
    let told: Vec<_> = records.iter().filter(|r| r["eventName"] == "UpdatePrimaryRegion").collect();
    let [own, other] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!(
        (&own["awsRegion"], &other["awsRegion"]),
        (&json!("us-east-1"), &json!("eu-west-1"))
    );
    assert_eq!(own["requestID"], other["requestID"]);
    assert_eq!(other["userIdentity"]["invokedBy"], "kms.amazonaws.com");
    let arn = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:key/{key}");
    assert_eq!(other["requestParameters"], json!({"keyId": arn, "primaryRegion": "eu-west-1"}));
    assert_eq!(other["responseElements"], json!({"keyId": arn}));
    assert_eq!(other["resources"][0]["ARN"], arn);
    assert!(other.get("tlsDetails").is_none() && own.get("tlsDetails").is_some());
}

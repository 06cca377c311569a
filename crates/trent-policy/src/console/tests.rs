//! The console's policy for every kind of key.

use super::*;
use crate::{Policy, PolicyKind, Principal};

fn choices(spec: KeySpec, usage: KeyUsage) -> ConsolePolicy {
    ConsolePolicy {
        account: "111122223333".parse().unwrap(),
        partition: Partition::Aws,
        administrators: vec!["arn:aws:iam::111122223333:role/admins".into()],
        administrators_may_delete: true,
        users: vec!["arn:aws:iam::111122223333:user/ann".into()],
        other_accounts: vec!["444455556666".parse().unwrap()],
        spec,
        usage,
        origin: Origin::AwsKms,
        multi_region: false,
    }
}

/// The actions of the statement with this Sid.
fn actions(choices: &ConsolePolicy, sid: &str) -> Vec<String> {
    let text = console_key_policy(choices);
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let statements = document["Statement"].as_array().unwrap();
    let statement = statements.iter().find(|s| s["Sid"] == sid).expect("the statement");
    let actions = statement["Action"].as_array().unwrap();
    actions.iter().map(|action| action.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_text_is_in_the_consoles_layout() {
    let minimal = ConsolePolicy {
        administrators: vec![],
        users: vec![],
        other_accounts: vec![],
        ..choices(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt)
    };
    let expected = r#"{
    "Id": "key-consolepolicy-3",
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {
                "AWS": "arn:aws:iam::111122223333:root"
            },
            "Action": "kms:*",
            "Resource": "*"
        }
    ]
}"#;
    assert_eq!(console_key_policy(&minimal), expected);
}

#[test]
fn every_kind_of_key_gets_a_key_policy_with_four_statements() {
    for spec in KeySpec::ALL {
        for usage in spec.usages() {
            let text = console_key_policy(&choices(*spec, *usage));
            let policy = Policy::parse(&text, PolicyKind::KeyPolicy).unwrap();
            assert_eq!(crate::statement_spans(&text).unwrap().len(), 4, "{spec}");
            let keys: Vec<_> = policy.condition_keys().collect();
            assert_eq!(keys, ["kms:GrantIsForAWSResource"]);
            let others = "444455556666".parse().unwrap();
            let other = Principal::Account { account: others, partition: Some(Partition::Aws) };
            assert_eq!(policy.principals().filter(|p| **p == other).count(), 2);
        }
    }
}

#[test]
fn use_of_the_key_follows_its_kind() {
    use KeyUsage::{
        EncapsulateDecapsulate, EncryptDecrypt, GenerateVerifyMac, KeyAgreement, SignVerify,
    };
    for (spec, usage, expected) in [
        (
            KeySpec::SymmetricDefault,
            EncryptDecrypt,
            "Encrypt Decrypt ReEncrypt* GenerateDataKey* DescribeKey",
        ),
        (KeySpec::Rsa2048, EncryptDecrypt, "Encrypt Decrypt ReEncrypt* DescribeKey GetPublicKey"),
        (KeySpec::Rsa2048, SignVerify, "DescribeKey GetPublicKey Sign Verify"),
        (KeySpec::Hmac256, GenerateVerifyMac, "DescribeKey GenerateMac VerifyMac"),
        (KeySpec::EccNistP256, KeyAgreement, "DescribeKey GetPublicKey DeriveSharedSecret"),
        (
            KeySpec::MlKem768,
            EncapsulateDecapsulate,
            "DescribeKey GetPublicKey Encapsulate Decapsulate",
        ),
    ] {
        let found = actions(&choices(spec, usage), "Allow use of the key").join(" ");
        assert_eq!(found.replace("kms:", ""), expected, "{spec} {usage}");
    }
}

#[test]
fn administrators_may_what_was_chosen() {
    let administrators = "Allow access for Key Administrators";
    let plain = choices(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt);
    let has = |choices: &ConsolePolicy, action: &str| {
        actions(choices, administrators).iter().any(|found| found == action)
    };
    for action in ["kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"] {
        assert!(has(&plain, action));
        let kept = ConsolePolicy { administrators_may_delete: false, ..plain.clone() };
        assert!(!has(&kept, action));
    }
    let external = ConsolePolicy { origin: Origin::External, ..plain.clone() };
    assert!(has(&external, "kms:ImportKeyMaterial") && !has(&plain, "kms:ImportKeyMaterial"));
    let multi = ConsolePolicy { multi_region: true, ..plain.clone() };
    for action in ["kms:ReplicateKey", "kms:UpdatePrimaryRegion"] {
        assert!(has(&multi, action) && !has(&plain, action));
    }
}

#[test]
fn accounts_alone_are_users_too() {
    let only_account = ConsolePolicy {
        administrators: vec![],
        users: vec![],
        ..choices(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt)
    };
    let text = console_key_policy(&only_account);
    assert!(text.contains("\"AWS\": \"arn:aws:iam::444455556666:root\""));
    assert!(!text.contains("Key Administrators"));
}

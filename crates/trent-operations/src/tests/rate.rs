//! Request quotas: what a request counts as, and when it is one too many.

use proptest::prelude::*;
use serde_json::json;
use trent_types::{
    ChangeRefused, Counted, KeySpec, KeyState, Quota, QuotaOverride, QuotaScope, RequestClass,
};

use crate::testing::*;
use crate::{cloudtrail_operations, kms_operations, query_operations};

const THROTTLED: &str =
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";

fn describe() -> String {
    format!(r#"{{"KeyId":"{KEY}"}}"#)
}

fn encrypt() -> String {
    format!(r#"{{"KeyId":"{KEY}","Plaintext":"aGVsbG8="}}"#)
}

fn counted(world: &World) -> Vec<(RequestClass, u32, u64)> {
    let counted = world.counted.borrow();
    counted.iter().map(|(class, _, count, limit)| (*class, *count, *limit)).collect()
}

#[test]
fn every_operation_of_kms_has_its_quota_and_of_others_lookup_events() {
    for operation in kms_operations() {
        assert_ne!(Counted::of(operation.name()), Counted::Not, "{}", operation.name());
    }
    for (_, operation) in query_operations() {
        assert_eq!(Counted::of(operation.name()), Counted::Not, "{}", operation.name());
    }
    let counted: Vec<_> = cloudtrail_operations()
        .map(|operation| operation.name())
        .filter(|name| Counted::of(name) != Counted::Not)
        .collect();
    assert_eq!(counted, ["LookupEvents"]);
}

#[test]
fn a_request_too_many_is_throttled_in_awss_words_and_recorded() {
    let world = World::new();
    world.requests_left.set(0);
    let refused = world.error("DescribeKey", &describe());
    assert_eq!(refused, ("ThrottlingException".to_owned(), Some(THROTTLED.to_owned())));
    let record = world.only_record();
    assert_eq!(record["errorCode"], "ThrottlingException");
    assert_eq!(record["errorMessage"], THROTTLED);
    assert_eq!(record["userIdentity"]["type"], "Root");
    assert_eq!(record["requestParameters"], json!({"keyId": KEY}));
    assert_eq!(counted(&world), [(RequestClass::DescribeKey, 1, 2_000)]);
}

#[test]
fn each_operation_counts_as_its_own_class_at_the_regions_rate() {
    let world = World::new();
    world.ok("Encrypt", &encrypt());
    world.ok("GenerateRandom", r#"{"NumberOfBytes":8}"#);
    world.ok("CreateKey", "{}");
    let expected = [
        (RequestClass::Symmetric, 1, 100_000),
        (RequestClass::Symmetric, 1, 100_000),
        (RequestClass::CreateKey, 1, 5),
    ];
    assert_eq!(counted(&world), expected);
}

#[test]
fn cryptography_counts_by_the_kind_of_the_key() {
    let world = World::new();
    world.keys.borrow_mut().get_mut(&KEY.parse().unwrap()).unwrap().spec = KeySpec::Rsa2048;
    // Whether the operation fits the key is looked at later.
    world.kms("Encrypt", &encrypt());
    assert_eq!(counted(&world), [(RequestClass::Rsa, 1, 1_000)]);
}

#[test]
fn data_key_pairs_count_by_their_own_spec_and_dry_runs_count_too() {
    let world = World::new();
    let body = format!(r#"{{"KeyId":"{KEY}","KeyPairSpec":"RSA_3072","DryRun":true}}"#);
    assert_eq!(world.error("GenerateDataKeyPair", &body).0, "DryRunOperationException");
    world.error("GenerateDataKeyPairWithoutPlaintext", &body);
    assert_eq!(counted(&world), [(RequestClass::PairRsa3072, 1, 4); 2]);
}

#[test]
fn what_reaches_another_region_counts_there_too() {
    let world = World::new();
    let key = format!("mrk-{}", "1".repeat(32)).parse().unwrap();
    let mut record = world.keys.borrow().values().next().unwrap().clone();
    record.key_id = key;
    world.keys.borrow_mut().insert(key, record);
    world.kms("ReplicateKey", &format!(r#"{{"KeyId":"{key}","ReplicaRegion":"eu-west-1"}}"#));
    world
        .kms("UpdatePrimaryRegion", &format!(r#"{{"KeyId":"{key}","PrimaryRegion":"eu-west-1"}}"#));
    let (here, there) = ("us-east-1".parse().unwrap(), "eu-west-1".parse().unwrap());
    let expected = [
        (RequestClass::ReplicateKey, here, 1, 5),
        (RequestClass::CreateKey, there, 2, 5),
        (RequestClass::UpdatePrimaryRegion, here, 1, 5),
        (RequestClass::UpdatePrimaryRegion, there, 1, 5),
    ];
    assert_eq!(*world.counted.borrow(), expected);
}

#[test]
fn a_throttled_request_is_not_told_the_keys_state_and_a_denied_one_does_not_count() {
    let world = World::in_state(KeyState::Disabled);
    world.requests_left.set(0);
    assert_eq!(world.error("Encrypt", &encrypt()).0, "ThrottlingException");
    let world = World::new();
    world.denied.set("kms:Encrypt");
    assert_eq!(world.error("Encrypt", &encrypt()).0, "AccessDeniedException");
    assert_eq!(counted(&world), []);
}

#[test]
fn a_request_counts_once_however_often_it_is_tried() {
    let world = World::new();
    *world.refusals.borrow_mut() =
        vec![refused(ChangeRefused::Conflict), refused(ChangeRefused::Conflict)];
    world.ok("DisableKey", &describe());
    assert_eq!(counted(&world), [(RequestClass::DisableKey, 1, 5)]);
}

#[test]
fn the_value_that_an_operator_has_set_takes_the_defaults_place() {
    let world = World::new();
    let set = |class, account, value| QuotaOverride {
        quota: Quota::Request(class),
        scope: QuotaScope { account, region: None },
        value,
    };
    *world.quota_overrides.borrow_mut() = vec![
        set(RequestClass::DescribeKey, None, 3),
        set(RequestClass::DescribeKey, Some(ACCOUNT.parse().unwrap()), 4),
        set(RequestClass::EnableKey, None, 5),
    ];
    world.ok("DescribeKey", &describe());
    world.ok("Encrypt", &encrypt());
    let expected = [(RequestClass::DescribeKey, 1, 4), (RequestClass::Symmetric, 1, 100_000)];
    assert_eq!(counted(&world), expected);
}

proptest! {
    /// Exactly as many requests are served as there are left, whatever else is asked.
    #[test]
    fn as_many_are_served_as_there_are(left in 0_usize..8, asked in 1_usize..12) {
        let world = World::new();
        world.requests_left.set(left);
        let served =
            (0..asked).filter(|_| world.kms("DescribeKey", &describe()).status == 200).count();
        prop_assert_eq!(served, left.min(asked));
        prop_assert_eq!(world.records.borrow().len(), asked);
    }
}

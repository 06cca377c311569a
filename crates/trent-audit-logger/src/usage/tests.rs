//! Golden records and what they tell.

use std::collections::HashMap;

use proptest::prelude::*;
use trent_types::{AuditRecord, EventId, KeyArn, KeyUsed, RequestId, Timestamp, TrackedOperation};

use super::Rollup;
use crate::facts::Facts;

pub(crate) const OWN: &str = "111122223333";
const OTHER: &str = "444455556666";
pub(crate) const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const REQUEST: &str = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736";

pub(crate) fn arn(account: &str, key: &str) -> String {
    format!("arn:aws:kms:us-east-1:{account}:key/{key}")
}

/// A record as the gateway writes it.
pub(crate) struct Golden<'a> {
    pub(crate) account: &'a str,
    pub(crate) source: &'a str,
    pub(crate) name: &'a str,
    pub(crate) failure: &'a str,
    pub(crate) parameters: &'a str,
    pub(crate) keys: Vec<String>,
}

impl Default for Golden<'_> {
    fn default() -> Self {
        Self {
            account: OWN,
            source: "kms.amazonaws.com",
            name: "Encrypt",
            failure: "",
            parameters: "null",
            keys: vec![arn(OWN, KEY)],
        }
    }
}

impl Golden<'_> {
    pub(crate) fn record(&self, event: u8, seconds: i64) -> AuditRecord {
        let Self { account, source, name, failure, parameters, keys } = self;
        let event_time = Timestamp::from_millis(seconds * 1_000 + 17);
        let resource =
            |arn: &String| format!(r#"{{"accountId":"x","type":"AWS::KMS::Key","ARN":"{arn}"}}"#);
        let resources: Vec<_> = keys.iter().map(resource).collect();
        let event_id = EventId::from_bytes([event; 16]);
        let json = format!(
            r#"{{"eventVersion":"1.11","userIdentity":{{"type":"Root"}},"eventTime":"{}","#,
            event_time.iso8601()
        ) + &format!(
            r#""eventSource":"{source}","eventName":"{name}","awsRegion":"us-east-1","#
        ) + &format!(
            r#""userAgent":"a \"quoted\" one",{failure}"requestParameters":{parameters},"#
        ) + &format!(
            r#""responseElements":null,"requestID":"{REQUEST}","eventID":"{event_id}","#
        ) + &format!(r#""readOnly":true,"resources":[{}],"#, resources.join(","))
            + &format!(r#""eventType":"AwsApiCall","recipientAccountId":"{account}","#)
            + r#""tlsDetails":{"clientProvidedHostHeader":"]\"resources\":["}}"#;
        let cloudtrail_json = json.into_bytes();
        let account = Some(account.parse().unwrap());
        AuditRecord { event_id, account, event_time, cloudtrail_json, trace: None }
    }

    /// The keys that the record alone tells of, with the operation.
    fn told(&self) -> Vec<(String, TrackedOperation)> {
        let record = self.record(1, 5);
        let uses = Rollup::of([&record].into_iter());
        let facts = Facts::of(&record.cloudtrail_json).unwrap();
        let mut taken_apart = Rollup::default();
        let account = record.account.unwrap();
        taken_apart.add_facts(account, record.event_id, record.event_time, &facts);
        let sorted = |mut uses: Vec<(KeyArn, KeyUsed)>| {
            uses.sort_by_key(|(key, _)| key.to_string());
            uses
        };
        assert_eq!(sorted(taken_apart.finish()), sorted(uses.clone()));
        let mut told: Vec<_> =
            uses.iter().map(|(key, used)| (key.to_string(), used.operation)).collect();
        told.sort();
        told
    }
}

#[test]
fn every_tracked_operation_is_a_use_and_all_of_it_is_known() {
    for operation in TrackedOperation::ALL {
        let record = Golden { name: operation.as_str(), ..Golden::default() }.record(9, 5);
        let used = KeyUsed {
            operation: *operation,
            at: Timestamp::from_millis(5_017),
            event_id: EventId::from_bytes([9; 16]),
            request_id: REQUEST.parse::<RequestId>().unwrap(),
        };
        assert_eq!(Rollup::of([record].iter()), [(arn(OWN, KEY).parse().unwrap(), used)]);
    }
}

#[test]
fn what_is_no_successful_use_of_a_key_tells_of_none() {
    let dry = r#""errorCode":"DryRunOperationException","errorMessage":"…","#;
    let denied = r#""errorCode":"AccessDenied","#;
    let null = r#""errorCode":"","#;
    let forged = r#"{"x":[{"eventName":"Encrypt"}]}"#;
    for nothing in [
        Golden { failure: dry, ..Golden::default() },
        Golden { failure: denied, ..Golden::default() },
        Golden { failure: null, ..Golden::default() },
        Golden { name: "DescribeKey", ..Golden::default() },
        Golden { name: "DescribeKey", parameters: forged, ..Golden::default() },
        Golden { name: "GenerateRandom", keys: Vec::new(), ..Golden::default() },
        Golden { name: "Sign", source: "iam.amazonaws.com", ..Golden::default() },
        Golden { keys: vec!["arn:aws:kms:us-east-1:1:alias/a".into()], ..Golden::default() },
        Golden { keys: Vec::new(), ..Golden::default() },
    ] {
        assert_eq!(nothing.told(), [], "{}", nothing.name);
    }
    let unauthenticated = AuditRecord { account: None, ..Golden::default().record(1, 1) };
    assert_eq!(Rollup::of([unauthenticated].iter()), []);
}

#[test]
fn an_encryption_context_cannot_hide_a_use() {
    for parameters in [
        r#"{"encryptionContext":{"errorCode":"x","eventName":"DescribeKey","requestID":"y"}}"#,
        r#"{"encryptionContext":{"a":"\"resources\":[{\"ARN\":\"z\"}]","eventSource":"iam"}}"#,
    ] {
        let golden = Golden { parameters, ..Golden::default() };
        assert_eq!(golden.told(), [(arn(OWN, KEY), TrackedOperation::Encrypt)]);
    }
}

#[test]
fn re_encrypt_is_a_use_of_both_keys_and_multi_region_keys_are_used_alone() {
    let other = "0987dcba-09fe-87dc-65ba-ab0987654321";
    let keys = vec![arn(OWN, KEY), arn(OWN, other)];
    let golden = Golden { name: "ReEncrypt", keys, ..Golden::default() };
    let both = [
        (arn(OWN, other), TrackedOperation::ReEncrypt),
        (arn(OWN, KEY), TrackedOperation::ReEncrypt),
    ];
    assert_eq!(golden.told(), both);
    let id = "mrk-1234abcd12ab34cd56ef1234567890ab";
    let replica = format!("arn:aws:kms:eu-west-1:{OWN}:key/{id}");
    let golden = Golden { keys: vec![replica.clone()], ..Golden::default() };
    assert_eq!(golden.told(), [(replica, TrackedOperation::Encrypt)]);
}

#[test]
fn of_the_copies_for_two_accounts_each_counts_for_its_own_keys() {
    let mine = arn(OWN, "0987dcba-09fe-87dc-65ba-ab0987654321");
    let callers = Golden {
        name: "ReEncrypt",
        keys: vec![arn(OTHER, KEY), mine.clone()],
        ..Golden::default()
    };
    let owners = Golden {
        account: OTHER,
        name: "ReEncrypt",
        keys: vec![arn(OTHER, KEY)],
        ..Golden::default()
    };
    let uses = Rollup::of([owners.record(1, 5), callers.record(2, 5)].iter());
    let events: HashMap<_, _> =
        uses.iter().map(|(key, used)| (key.to_string(), used.event_id)).collect();
    let expected = [(mine, 2), (arn(OTHER, KEY), 1)];
    assert_eq!(events, expected.map(|(key, n)| (key, EventId::from_bytes([n; 16]))).into());
}

proptest! {
    #[test]
    fn whatever_the_order_and_the_batches_the_newest_use_is_left(
        records in prop::collection::vec((0u8..3, 0i64..4, any::<u8>(), any::<bool>()), 1..30),
        cut in any::<prop::sample::Index>(),
    ) {
        let keys = [1, 2, 3].map(|n| arn(OWN, &format!("{n}234abcd-12ab-34cd-56ef-1234567890ab")));
        let made: Vec<_> = records.iter().map(|(key, seconds, event, fails)| {
            let failure = if *fails { r#""errorCode":"X","# } else { "" };
            let keys = vec![keys[usize::from(*key)].clone()];
            Golden { keys, failure, ..Golden::default() }.record(*event, *seconds)
        }).collect();
        let mut expected: HashMap<KeyArn, (i64, u8)> = HashMap::new();
        for (key, seconds, event, _) in records.iter().filter(|record| !record.3) {
            let newest = expected.entry(keys[usize::from(*key)].parse().unwrap()).or_default();
            *newest = (*newest).max((*seconds * 1_000 + 17, *event));
        }
        let (one, other) = made.split_at(cut.index(made.len()));
        let mut found: HashMap<KeyArn, KeyUsed> = HashMap::new();
        for (key, used) in Rollup::of(one.iter()).into_iter().chain(Rollup::of(other.iter())) {
            let newest = found.entry(key).or_insert(used);
            if used.is_newer_than(newest) { *newest = used; }
        }
        let found: HashMap<_, _> = found.into_iter()
            .map(|(key, used)| (key, (used.at.as_millis(), used.event_id.as_bytes()[0]))).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn no_bytes_make_the_rollup_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let json = [br#"{"eventName":"Encrypt""#, bytes.as_slice(), br#""resources":["#].concat();
        let record = AuditRecord { cloudtrail_json: json, ..Golden::default().record(1, 1) };
        prop_assert_eq!(Rollup::of([record].iter()), []);
    }
}

//! Golden records and what they tell; the follower over crashes, damage and a store that is away.

use std::collections::HashMap;
use std::fs;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use proptest::prelude::*;
use trent_store::{JournalPlace, RegistryStore, Sqlite, StoreError, UsageStore};
use trent_types::{
    AuditRecord, EventId, KeyArn, KeyUsed, ManualClock, RequestId, Timestamp, TrackedOperation,
};

use super::{Follower, Rollup, tracking_start};
use crate::facts::Facts;
use crate::journal::{Journal, JournalConfig};

const OWN: &str = "111122223333";
const OTHER: &str = "444455556666";
const KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const REQUEST: &str = "4bf92f35-77b3-4da6-a3ce-929d0e0e4736";

fn arn(account: &str, key: &str) -> String {
    format!("arn:aws:kms:us-east-1:{account}:key/{key}")
}

/// A record as the gateway writes it.
struct Golden<'a> {
    account: &'a str,
    source: &'a str,
    name: &'a str,
    failure: &'a str,
    parameters: &'a str,
    keys: Vec<String>,
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
    fn record(&self, event: u8, seconds: i64) -> AuditRecord {
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

/// A journal and a store under one folder, as the embedded form has them.
struct Embedded {
    folder: tempfile::TempDir,
    segment_bytes: u64,
}

impl Embedded {
    fn new(segment_bytes: u64) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), segment_bytes }
    }

    fn journal(&self) -> Journal {
        let config = JournalConfig::new(self.folder.path().join("journal"));
        Journal::open(&JournalConfig { segment_bytes: self.segment_bytes, ..config }).unwrap()
    }

    fn store(&self) -> Arc<Sqlite> {
        Arc::new(Sqlite::open(self.folder.path().join("registry.sqlite")).unwrap())
    }
}

fn follower(journal: &Journal, store: Arc<dyn UsageStore>) -> Follower {
    let clock = ManualClock::at(Timestamp::from_millis(0));
    Follower::new(journal.clone(), store, Arc::new(clock))
}

/// Steps until everything that is there has been read.
async fn catch_up(follower: &Follower, read: &mut Option<JournalPlace>) {
    while follower.step(read).await.unwrap() {}
}

async fn event_of(store: &Sqlite) -> Option<u8> {
    let key: KeyArn = arn(OWN, KEY).parse().unwrap();
    let used = store.last_usage(key.region, key.key_id).await.unwrap();
    used.map(|used| used.event_id.as_bytes()[0])
}

#[tokio::test]
async fn a_follower_goes_on_where_it_stood_over_segments_and_restarts() {
    let embedded = Embedded::new(2_000);
    let store = embedded.store();
    let mut place = None;
    for round in 0..4u8 {
        let journal = embedded.journal();
        let follower = follower(&journal, store.clone());
        // Another process each time: nothing is remembered but what the store keeps.
        let mut read = None;
        catch_up(&follower, &mut read).await;
        for number in 1..=5 {
            let record = Golden::default().record(round * 5 + number, i64::from(round));
            journal.relay(&[record]).await.unwrap();
        }
        if round == 2 {
            // It ends before it has read this round: the next one does.
            assert_eq!(event_of(&store).await, Some(10));
            continue;
        }
        catch_up(&follower, &mut read).await;
        assert_eq!(event_of(&store).await, Some(round * 5 + 5));
        assert_eq!(store.usage_place().await.unwrap(), Some(journal.end()));
        assert!(place < read, "{place:?} {read:?}");
        place = read;
    }
    let (journal, clock) = (embedded.journal(), ManualClock::at(Timestamp::from_millis(9)));
    let first = tracking_start(&journal, &clock).await.unwrap();
    assert_eq!(first, Timestamp::from_millis(17));
}

#[tokio::test]
async fn only_what_is_durable_is_read_and_a_foreign_place_begins_again() {
    let embedded = Embedded::new(64 << 20);
    let (journal, store) = (embedded.journal(), embedded.store());
    assert_eq!(
        tracking_start(&journal, &ManualClock::at(Timestamp::from_millis(9))).await.unwrap(),
        Timestamp::from_millis(9)
    );
    journal.relay(&[Golden::default().record(1, 1)]).await.unwrap();
    // A line that was written and not synced, as the writer leaves one for a moment.
    let segment = embedded.folder.path().join("journal/00000000000000000001.jsonl");
    let whole = fs::read(&segment).unwrap();
    let line = whole.split_inclusive(|byte| *byte == b'\n').nth(1).unwrap();
    let unsynced = [whole.as_slice(), line].concat();
    fs::write(&segment, &unsynced).unwrap();
    let follower = follower(&journal, store.clone());
    let mut read = None;
    catch_up(&follower, &mut read).await;
    assert_eq!(read, Some(JournalPlace { segment: 1, offset: whole.len() as u64 }));
    let beyond = JournalPlace { segment: 7, offset: 0 };
    store.note_uses(&[], beyond).await.unwrap();
    let mut read = None;
    catch_up(&follower, &mut read).await;
    assert_eq!((read, event_of(&store).await), (Some(journal.end()), Some(1)));
}

#[tokio::test]
async fn a_damaged_line_is_passed_over_and_a_lost_segment_too() {
    let embedded = Embedded::new(1);
    let store = embedded.store();
    {
        let journal = embedded.journal();
        for number in 1..=4 {
            journal.relay(&[Golden::default().record(number, i64::from(number))]).await.unwrap();
        }
    }
    let segment = |n: u8| embedded.folder.path().join(format!("journal/{n:020}.jsonl"));
    fs::remove_file(segment(1)).unwrap();
    let mut damaged = fs::read(segment(3)).unwrap();
    let place = damaged.len() - 20;
    damaged[place] ^= 1;
    fs::write(segment(3), damaged).unwrap();
    let journal = embedded.journal();
    catch_up(&follower(&journal, store.clone()), &mut None).await;
    assert_eq!(event_of(&store).await, Some(4));
    assert_eq!(store.usage_place().await.unwrap(), Some(journal.end()));
}

/// A store that is away as often as it is told to be.
struct Away(Arc<Sqlite>, Mutex<u32>);

impl Away {
    fn fail(&self) -> Result<(), StoreError> {
        let mut left = self.1.lock().unwrap();
        *left = left.saturating_sub(1);
        if *left > 0 { Err(StoreError::Unavailable("away".into())) } else { Ok(()) }
    }
}

#[async_trait]
impl UsageStore for Away {
    async fn usage_place(&self) -> Result<Option<JournalPlace>, StoreError> {
        self.fail()?;
        self.0.usage_place().await
    }

    async fn note_uses(
        &self,
        uses: &[(KeyArn, KeyUsed)],
        read: JournalPlace,
    ) -> Result<(), StoreError> {
        self.fail()?;
        self.0.note_uses(uses, read).await
    }
}

#[tokio::test]
async fn a_store_that_comes_back_hears_of_everything_and_the_follower_ends_when_told() {
    let embedded = Embedded::new(64 << 20);
    let (journal, store) = (embedded.journal(), embedded.store());
    journal.relay(&[Golden::default().record(1, 1)]).await.unwrap();
    let away = Arc::new(Away(store.clone(), Mutex::new(4)));
    let (trigger, shutdown) = trent_runtime::Shutdown::new();
    let running = tokio::spawn(follower(&journal, away).run(shutdown));
    while event_of(&store).await.is_none() {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    trigger.trigger();
    running.await.unwrap();
}

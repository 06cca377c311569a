//! Log files and digests: written, broken off anywhere, tampered with, validated.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tempfile::TempDir;
use trent_runtime::Shutdown;
use trent_store::{LogFileStore, StoreError};
use trent_types::{AccountId, AuditRecord, EventId, LookupQuery, ManualClock, Region, Timestamp};
use uuid::Uuid;

use super::*;
use crate::chain::{Chain, Head};
use crate::checkpoints::{ChainHeads, HeadsUnknown};
use crate::queries::{TrailReader, TrailUnreadable};
use crate::signing::{PublicKeys, SigningKeys, TrailKeyFile};

mod tampered;

const MINUTE: i64 = 60_000;

fn account(number: u8) -> AccountId {
    format!("{number:012}").parse().unwrap()
}

fn noon() -> Timestamp {
    Timestamp::from_civil(2026, 11, 30, 12, 0, 0).unwrap()
}

/// The chains, in memory.
#[derive(Default)]
struct Trail(Mutex<HashMap<Chain, Vec<AuditRecord>>>);

impl Trail {
    fn add(&self, chain: Chain, region: &str, at: Timestamp) {
        let mut chains = self.0.lock().unwrap();
        let number: usize = chains.values().map(Vec::len).sum();
        let mut id = [0; 16];
        id[8..].copy_from_slice(&number.to_be_bytes());
        let json = format!(
            r#"{{"eventSource":"kms.amazonaws.com","eventName":"Encrypt",{}}}"#,
            format_args!(r#""awsRegion":"{region}","eventType":"AwsApiCall","n":{number}"#)
        );
        chains.entry(chain).or_default().push(AuditRecord {
            event_id: EventId::from_bytes(id),
            account: chain,
            event_time: at,
            cloudtrail_json: json.into_bytes(),
            trace: None,
        });
    }
}

#[async_trait]
impl ChainHeads for Trail {
    async fn chain_heads(&self) -> Result<Vec<(Chain, Head)>, HeadsUnknown> {
        let chains = self.0.lock().unwrap();
        let head = |(chain, records): (&Chain, &Vec<AuditRecord>)| {
            (*chain, Head { sequence: records.len() as u64, hash: [0; 32] })
        };
        Ok(chains.iter().map(head).collect())
    }
}

#[async_trait]
impl TrailReader for Trail {
    async fn lookup(
        &self,
        _: AccountId,
        _: Region,
        _: &LookupQuery,
    ) -> Result<Vec<AuditRecord>, TrailUnreadable> {
        unreachable!("log files look nothing up")
    }

    async fn head(&self, account: AccountId) -> Result<u64, TrailUnreadable> {
        let chains = self.0.lock().unwrap();
        Ok(chains.get(&Some(account)).map_or(0, |records| records.len() as u64))
    }

    async fn place_of(&self, _: AccountId, _: EventId) -> Result<Option<u64>, TrailUnreadable> {
        unreachable!("log files know their place")
    }

    async fn after(
        &self,
        account: AccountId,
        sequence: u64,
        _: u32,
    ) -> Result<Vec<(u64, AuditRecord)>, TrailUnreadable> {
        let chains = self.0.lock().unwrap();
        let records = chains.get(&Some(account)).cloned().unwrap_or_default();
        let placed = (1..).zip(records).filter(|(place, _)| *place > sequence);
        Ok(placed.take(3).collect())
    }
}

/// States in memory; the process ends when so many more have been kept.
#[derive(Default)]
struct States {
    kept: Mutex<HashMap<AccountId, (u64, String)>>,
    until_end: AtomicU32,
}

#[async_trait]
impl LogFileStore for States {
    async fn take_log_lease(&self, _: Uuid, _: Duration) -> Result<bool, StoreError> {
        Ok(true)
    }

    async fn log_state(&self, account: AccountId) -> Result<Option<(u64, String)>, StoreError> {
        Ok(self.kept.lock().unwrap().get(&account).cloned())
    }

    async fn set_log_state(
        &self,
        account: AccountId,
        version: u64,
        state: &str,
    ) -> Result<bool, StoreError> {
        if self.until_end.fetch_sub(1, Ordering::Relaxed) == 0 {
            return Err(StoreError::Unavailable("the process ends here".into()));
        }
        let mut kept = self.kept.lock().unwrap();
        let known = kept.get(&account).map_or(0, |(version, _)| *version);
        if known == version {
            kept.insert(account, (version + 1, state.to_owned()));
        }
        Ok(known == version)
    }
}

struct Rig {
    folder: TempDir,
    trail: Arc<Trail>,
    states: Arc<States>,
    clock: Arc<ManualClock>,
    keys: PublicKeys,
}

impl Rig {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = TrailKeyFile::generate(Timestamp::default()).unwrap();
        fs::write(folder.path().join("key"), file.to_text().expose()).unwrap();
        let states = States { until_end: AtomicU32::new(u32::MAX), ..States::default() };
        Self {
            folder,
            trail: Arc::default(),
            states: Arc::new(states),
            clock: Arc::new(ManualClock::at(noon())),
            keys: file.public_keys(),
        }
    }

    fn directory(&self) -> PathBuf {
        self.folder.path().join("logs")
    }

    /// A process that has just started.
    fn process(&self) -> LogFiles {
        let keys = SigningKeys::open(&self.folder.path().join("key")).unwrap();
        let config = LogFilesConfig {
            directory: self.directory(),
            interval: Duration::from_secs(300),
            digest_interval: Duration::from_secs(3_600),
        };
        let (heads, reader) = (Arc::clone(&self.trail), Arc::clone(&self.trail));
        LogFiles::new(
            heads,
            reader,
            self.states.clone(),
            Arc::new(keys),
            self.clock.clone(),
            config,
        )
    }

    async fn write(&self) -> Result<(), LogFilesError> {
        self.process().write(&Shutdown::new().1).await
    }

    /// Two and a half hours of two accounts in two Regions; every five minutes files.
    async fn filled() -> Self {
        let rig = Self::new();
        for step in 0..30_i64 {
            let now = noon().plus_millis(step * 5 * MINUTE);
            if step % 7 != 6 {
                rig.trail.add(Some(account(1)), "eu-west-1", now);
                rig.trail.add(Some(account(1)), "us-east-1", now.plus_millis(1));
                rig.trail.add(None, "eu-west-1", now);
                rig.trail.add(Some(account(2)), "eu-west-1", now.plus_millis(-2));
            }
            rig.clock.advance_millis(5 * MINUTE);
            rig.write().await.unwrap();
        }
        rig
    }

    fn validate(&self, number: u8) -> LogsReport {
        validated(&self.directory(), number, &self.keys)
    }

    /// How often each record's number is in a log file, by account.
    fn delivered(&self, number: u8) -> BTreeMap<u64, u32> {
        let mut found = BTreeMap::new();
        for (object, packed) in contents(&self.directory()) {
            if object.contains(&format!("{}_CloudTrail_", account(number))) {
                let content = layout::unpack(&packed).unwrap();
                let json: serde_json::Value = serde_json::from_slice(&content).unwrap();
                for record in json["Records"].as_array().unwrap() {
                    let region = record["awsRegion"].as_str().unwrap();
                    assert!(object.contains(&format!("/CloudTrail/{region}/")), "{object}");
                    *found.entry(record["n"].as_u64().unwrap()).or_default() += 1;
                }
            }
        }
        found
    }
}

fn validated(directory: &Path, number: u8, keys: &PublicKeys) -> LogsReport {
    let end = Timestamp::from_civil(2100, 1, 1, 0, 0, 0).unwrap();
    let wanted = Validation { account: account(number), start: Timestamp::default(), end };
    validate_logs(directory, &wanted, keys).unwrap()
}

fn contents(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![directory.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let object = path.strip_prefix(directory).unwrap().to_string_lossy().into_owned();
                found.insert(object, fs::read(path).unwrap());
            }
        }
    }
    found
}

#[tokio::test]
async fn every_record_is_in_one_file_and_the_digests_confirm_all_of_them() {
    let rig = Rig::filled().await;
    let (one, two) = (rig.delivered(1), rig.delivered(2));
    assert_eq!((one.len(), two.len()), (52, 26));
    assert!(one.values().chain(two.values()).all(|times| *times == 1));
    let report = rig.validate(1);
    assert_eq!(report.problems, Vec::<String>::new());
    // An hour and a half is in no digest yet; of the second hour one pause had no file.
    assert_eq!((report.digests, report.logs + report.pending), (4, 52));
    assert!(report.pending > 0 && report.pending < 20, "{report:?}");
    let names: Vec<_> = contents(&rig.directory()).into_keys().collect();
    let digest = "AWSLogs/000000000001/CloudTrail-Digest/eu-west-1/2026/11/30/\
        000000000001_CloudTrail-Digest_eu-west-1_trent_eu-west-1_20261130T130500Z.json.gz";
    assert!(names.iter().any(|name| name == digest), "{names:?}");
    let log = "AWSLogs/000000000002/CloudTrail/eu-west-1/2026/11/30/\
        000000000002_CloudTrail_eu-west-1_20261130T1205Z_";
    assert_eq!(names.iter().filter(|name| name.starts_with(log)).count(), 1);
    assert!(!names.iter().any(|name| name.ends_with(".new")));
}

/// The signed text is put together here as AWS describes it, from the files alone.
#[tokio::test]
async fn digests_are_signed_as_aws_documents() {
    let rig = Rig::filled().await;
    let files = contents(&rig.directory());
    let digests = files.iter().filter(|(object, _)| object.contains("_CloudTrail-Digest_"));
    let mut previous = BTreeMap::<String, (String, String, String)>::new();
    let mut seen = 0;
    for (object, packed) in digests.filter(|(object, _)| object.ends_with(".json.gz")) {
        let content = layout::unpack(packed).unwrap();
        let digest: serde_json::Value = serde_json::from_slice(&content).unwrap();
        let metadata: serde_json::Value =
            serde_json::from_slice(&files[&format!("{object}.sig")]).unwrap();
        let chain = object.rsplit_once('/').unwrap().0.to_owned();
        let before = previous.get(&chain);
        let text = format!(
            "{}\ntrent/{object}\n{}\n{}",
            digest["digestEndTime"].as_str().unwrap(),
            layout::sha256(&content),
            before.map_or("null", |(_, _, signature)| signature.as_str()),
        );
        let signature = metadata["signature"].as_str().unwrap();
        assert_eq!(metadata["signature-algorithm"], "SHA256withRSA");
        let fingerprint = digest["digestPublicKeyFingerprint"].as_str().unwrap();
        rig.keys.verify(fingerprint, text.as_bytes(), &hex::decode(signature).unwrap()).unwrap();
        assert_eq!(
            before.map(|(object, hash, _)| (object.as_str(), hash.as_str())),
            digest["previousDigestS3Object"]
                .as_str()
                .zip(digest["previousDigestHashValue"].as_str())
        );
        let this = (object.clone(), layout::sha256(&content), signature.to_owned());
        previous.insert(chain, this);
        seen += 1;
    }
    assert_eq!(seen, 6);
}

#[tokio::test]
async fn a_process_that_ends_at_any_step_leaves_no_gap_and_no_double() {
    for end in 0..14 {
        let rig = Rig::new();
        for number in 0..7 {
            let region = if number % 2 == 0 { "eu-west-1" } else { "us-east-1" };
            rig.trail.add(Some(account(1)), region, noon());
        }
        rig.states.until_end.store(end, Ordering::Relaxed);
        let mut ended = false;
        for step in 0..4 {
            rig.clock.advance_millis(40 * MINUTE);
            if rig.write().await.is_err() {
                ended = true;
                rig.states.until_end.store(u32::MAX, Ordering::Relaxed);
                rig.trail.add(Some(account(1)), "eu-west-1", noon().plus_millis(step));
                // The next process comes later; what was planned stays what it was.
                rig.clock.advance_millis(7 * MINUTE);
                rig.write().await.unwrap();
            }
        }
        let delivered = rig.delivered(1);
        assert!(delivered.values().all(|times| *times == 1), "{end}: {delivered:?}");
        assert_eq!(delivered.len(), if ended { 8 } else { 7 }, "{end}");
        assert_eq!(rig.validate(1).problems, Vec::<String>::new(), "{end}");
    }
}

#[tokio::test]
async fn of_two_processes_one_notes_nothing() {
    let rig = Rig::new();
    rig.trail.add(Some(account(1)), "eu-west-1", noon());
    rig.states.kept.lock().unwrap().insert(account(1), (3, "{}".into()));
    assert!(matches!(rig.write().await, Err(LogFilesError::State(_))));
    let state = r#"{"delivered":0,"plan":null,"regions":{}}"#;
    rig.states.kept.lock().unwrap().insert(account(1), (3, state.into()));
    let slow = rig.states.set_log_state(account(1), 2, "late").await.unwrap();
    assert!(!slow);
    rig.write().await.unwrap();
    assert_eq!(rig.delivered(1).len(), 1);
}

#[tokio::test]
async fn another_key_a_missing_digest_and_a_later_start_are_told_apart() {
    let rig = Rig::filled().await;
    let (_, stranger) = crate::checkpoints::tests::key();
    let report = validated(&rig.directory(), 1, &stranger);
    assert_eq!(report.digests, 0);
    assert!(report.problems[0].contains("no public key with the fingerprint"), "{report:?}");
    let first = "AWSLogs/000000000001/CloudTrail-Digest/eu-west-1/2026/11/30/\
        000000000001_CloudTrail-Digest_eu-west-1_trent_eu-west-1_20261130T130500Z.json.gz";
    fs::remove_file(rig.directory().join(first)).unwrap();
    let report = rig.validate(1);
    assert!(report.problems[0].starts_with(first), "{report:?}");
    assert!(report.problems[0].ends_with("missing, and a later digest names it"), "{report:?}");
    let wanted = Validation {
        account: account(1),
        start: noon().plus_millis(90 * MINUTE),
        end: noon().plus_millis(200 * MINUTE),
    };
    let report = validate_logs(&rig.directory(), &wanted, &rig.keys).unwrap();
    assert_eq!((report.digests, report.problems), (2, Vec::new()));
    assert_eq!(rig.validate(9).problems.len(), 1);
}

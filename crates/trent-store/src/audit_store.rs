//! What the audit trail needs of a store: its records, and what they tell of the use of keys.

use std::time::Duration;

use async_trait::async_trait;
use trent_types::{AccountId, AuditRecord, EventId, KeyArn, KeyUsed, Timestamp, TrailAttribute};

use crate::StoreError;

/// What follows from records that are new; kept in the transaction that keeps them, so that each
/// record counts once.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Derived {
    /// The newest use of each key; to note one twice changes nothing.
    pub uses: Vec<(KeyArn, KeyUsed)>,
    /// What the records can be found by.
    pub postings: Vec<Posting>,
    /// Requests to be added to those that were counted before. No two are of the same group.
    pub usage: Vec<UsageCount>,
    /// What happened to keys and their tags.
    pub key_events: Vec<KeyEvent>,
}

/// Derives, from records at their places in their chains.
pub trait Derive: Send + Sync {
    /// What follows from these records, all of them new.
    fn derive(&self, records: &[(u64, &AuditRecord)]) -> Derived;
}

/// Derives nothing.
impl Derive for () {
    fn derive(&self, _: &[(u64, &AuditRecord)]) -> Derived {
        Derived::default()
    }
}

/// The records of one posting lie no further apart than this, so that whoever looks before a moment
/// need not look much after it.
pub const POSTING_SPAN_MAX: Duration = Duration::from_secs(60);

/// Which records of a batch have a value: a row of an inverted index. Of one value there can be
/// several in a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// The chain.
    pub chain: Option<AccountId>,
    /// `awsRegion`.
    pub region: String,
    /// Which attribute; `None`: any record at all, the value being empty.
    pub attribute: Option<TrailAttribute>,
    /// The value, cut at 512 bytes: who reads compares the records.
    pub value: String,
    /// The time of the earliest of the records.
    pub earliest: Timestamp,
    /// The time of the latest of the records, no more than [`POSTING_SPAN_MAX`] after the earliest.
    pub latest: Timestamp,
    /// Their places in the chain, ascending.
    pub sequences: Vec<u64>,
}

/// A kind of requests, in an hour.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct UsageGroup {
    /// Hours since the epoch.
    pub hour: i64,
    /// `awsRegion`.
    pub region: String,
    /// The ARN of the key; empty where there was none. Of two keys it is the first of the record's
    /// resources.
    pub key: String,
    /// `eventName`.
    pub operation: String,
    /// `keyPairSpec` of a request for a data key pair, on which its price depends; empty for all
    /// others.
    pub pair_spec: String,
    /// `eventSource` without `.amazonaws.com`, as in `kms`.
    pub service: String,
    /// `errorCode`; empty for success.
    pub error: String,
    /// Whether the account pays for them: another account's caller pays himself.
    pub billed: bool,
    /// The ARN of the user or role, or the name of the service; of another account's caller the
    /// account.
    pub principal: String,
}

/// How many requests of one kind there were in an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageCount {
    /// The account whose trail tells of them.
    pub account: AccountId,
    /// Of which kind, and when.
    pub group: UsageGroup,
    /// How many.
    pub requests: u64,
}

/// Something that happened to a key, as far as cost and tags depend on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEvent {
    /// The key.
    pub key: KeyArn,
    /// When, by the wall clock.
    pub at: Timestamp,
    /// Its record.
    pub event_id: EventId,
    /// `eventName` of the record.
    pub name: String,
    /// What the deriver needs to know of the record, as JSON; only it reads this.
    pub detail: String,
}

/// A record in its place in the chain of its account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedRecord {
    /// The record.
    pub record: AuditRecord,
    /// From 1, without gaps, per chain.
    pub sequence: u64,
    /// The hash of the record before, or 32 zero bytes.
    pub previous_hash: [u8; 32],
    /// SHA-256 over the previous hash, the sequence and the record; defined in
    /// `trent-audit-logger`, module `chain`.
    pub hash: [u8; 32],
}

/// The hash function of a chain: previous hash, sequence, record.
pub type ChainHash = fn(&[u8; 32], u64, &AuditRecord) -> [u8; 32];

/// Audit records in Postgres, each exactly once, in a hash chain per account.
#[async_trait]
pub trait AuditStore: Send + Sync {
    /// Appends those records that are not there yet, in one transaction that locks the heads of
    /// their chains. Returns how many were new. What follows from those is kept in the same
    /// transaction.
    async fn append(
        &self,
        records: &[AuditRecord],
        hash: ChainHash,
        derive: &dyn Derive,
    ) -> Result<u64, StoreError>;

    /// The chains, by account; `None` is the system's own chain for requests that were not
    /// authenticated.
    async fn chains(&self) -> Result<Vec<Option<AccountId>>, StoreError>;

    /// The sequence and hash of a chain's last record, as the head row says; `(0, zeros)` for an
    /// empty chain.
    async fn head(&self, chain: Option<AccountId>) -> Result<(u64, [u8; 32]), StoreError>;

    /// All chains with the sequence and hash of their last record, as the head rows say.
    async fn heads(&self) -> Result<Vec<(Option<AccountId>, u64, [u8; 32])>, StoreError> {
        let mut heads = Vec::new();
        for chain in self.chains().await? {
            let (sequence, hash) = self.head(chain).await?;
            heads.push((chain, sequence, hash));
        }
        Ok(heads)
    }

    /// Up to `limit` records of a chain after this sequence, in order.
    async fn records(
        &self,
        chain: Option<AccountId>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ChainedRecord>, StoreError>;

    /// The signed manifests of the months that were archived, in order.
    async fn manifests(&self) -> Result<Vec<String>, StoreError> {
        Ok(Vec::new())
    }

    /// Makes the partitions that records between these moments need.
    async fn ensure_partitions(&self, from: Timestamp, to: Timestamp) -> Result<(), StoreError>;
}

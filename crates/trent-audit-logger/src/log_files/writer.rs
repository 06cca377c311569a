//! Writes log files and digests.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use trent_runtime::Shutdown;
use trent_store::{LogFileStore, StoreError};
use trent_types::{AccountId, AuditRecord, Clock, Timestamp};
use uuid::Uuid;

use super::digest::{DigestFile, HASH_ALGORITHM, Metadata};
use super::layout::{self, BUCKET, SIGNATURE};
use super::plan::{LogFile, Plan, Region, State};
use crate::checkpoints::{ChainHeads, HeadsUnknown};
use crate::facts::Facts;
use crate::queries::{TrailReader, TrailUnreadable};
use crate::signing::{SignatureError, SigningKeys};

/// Records of one plan: its files are in memory while they are written.
const PLAN_MAX: u64 = 5_000;

/// Records that are read at a time.
const PAGE: u32 = 1_000;

/// How long one process has the files for itself, at least, when it says nothing more. That two
/// never write on from the same state their versions see to.
const LEASE: Duration = Duration::from_secs(15);

/// Where files go, and how often.
#[derive(Debug, Clone)]
pub struct LogFilesConfig {
    /// The directory that stands for the bucket.
    pub directory: PathBuf,
    /// How often log files are written.
    pub interval: Duration,
    /// How much time a digest covers; whole seconds.
    pub digest_interval: Duration,
}

/// Files were not written; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum LogFilesError {
    /// Where the chains stand is not known.
    #[error(transparent)]
    Heads(#[from] HeadsUnknown),
    /// Records cannot be read.
    #[error(transparent)]
    Trail(#[from] TrailUnreadable),
    /// The state cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The state is none.
    #[error("the state of log files is damaged: {0}")]
    State(#[from] serde_json::Error),
    /// A digest cannot be signed.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// A file cannot be written.
    #[error("a log file cannot be written: {0}")]
    Io(#[from] io::Error),
    /// Another process works on the chain.
    #[error("another process writes log files")]
    Overtaken,
}

/// Writes the log files and digests of all accounts.
pub struct LogFiles {
    heads: Arc<dyn ChainHeads>,
    reader: Arc<dyn TrailReader>,
    store: Arc<dyn LogFileStore>,
    keys: Arc<SigningKeys>,
    clock: Arc<dyn Clock>,
    config: LogFilesConfig,
    holder: Uuid,
}

/// Records of a Region that go into one file.
#[derive(Default)]
struct Gathered {
    content: Vec<u8>,
    first_sequence: u64,
    oldest: Timestamp,
    newest: Timestamp,
}

impl LogFiles {
    /// Files of what is read here.
    #[must_use]
    pub fn new(
        heads: Arc<dyn ChainHeads>,
        reader: Arc<dyn TrailReader>,
        store: Arc<dyn LogFileStore>,
        keys: Arc<SigningKeys>,
        clock: Arc<dyn Clock>,
        config: LogFilesConfig,
    ) -> Self {
        Self { heads, reader, store, keys, clock, config, holder: Uuid::new_v4() }
    }

    /// Writes until the shutdown. What fails is tried again at the next interval.
    pub async fn run(&self, mut shutdown: Shutdown) {
        loop {
            tokio::select! {
                () = shutdown.requested() => return,
                () = tokio::time::sleep(self.config.interval) => {}
            }
            if let Err(error) = self.write(&shutdown).await {
                tracing::error!(%error, "log files of the trail were not written");
            }
        }
    }

    /// Writes everything that is due, unless another process does so.
    ///
    /// # Errors
    /// [`LogFilesError`]; nothing is lost, and nothing is written twice.
    pub async fn write(&self, shutdown: &Shutdown) -> Result<(), LogFilesError> {
        let mut failed = None;
        for (chain, head) in self.heads.chain_heads().await? {
            let lease = LEASE.max(self.config.interval * 2);
            if shutdown.is_requested() || !self.store.take_log_lease(self.holder, lease).await? {
                return Ok(());
            }
            let Some(account) = chain else { continue };
            // What can be read now, and is durable.
            let head = head.sequence.min(self.reader.head(account).await?);
            if let Err(error) = self.write_account(account, head).await {
                tracing::error!(%error, %account, "log files of an account were not written");
                failed = Some(error);
            }
        }
        // One account's failure keeps nobody else's records back.
        failed.map_or(Ok(()), Err)
    }

    async fn write_account(&self, account: AccountId, head: u64) -> Result<(), LogFilesError> {
        let (mut version, mut state) = match self.store.log_state(account).await? {
            Some((version, text)) => (version, serde_json::from_str(&text)?),
            None => (0, State::default()),
        };
        loop {
            if let Some(plan) = state.plan {
                self.write_logs(account, plan, &mut state).await?;
            } else if state.delivered < head {
                let last = head.min(state.delivered + PLAN_MAX);
                state.plan = Some(Plan { last, at_ms: self.clock.now().as_millis() });
            } else if !self.digest_step(account, &mut state).await? {
                return Ok(());
            }
            let text = serde_json::to_string(&state)?;
            if !self.store.set_log_state(account, version, &text).await? {
                return Err(LogFilesError::Overtaken);
            }
            version += 1;
        }
    }

    /// Carries a plan out; the state is what it will be then.
    async fn write_logs(
        &self,
        account: AccountId,
        plan: Plan,
        state: &mut State,
    ) -> Result<(), LogFilesError> {
        let mut files = BTreeMap::<String, Gathered>::new();
        let mut read = state.delivered;
        while read < plan.last {
            let page = self.reader.after(account, read, PAGE).await?;
            let Some((end, _)) = page.last() else { break };
            read = *end;
            for (sequence, record) in page.iter().filter(|(sequence, _)| *sequence <= plan.last) {
                files.entry(region_of(record)).or_default().add(*sequence, record);
            }
        }
        if read < plan.last {
            let text = format!("records of {account} after {read} cannot be read yet");
            return Err(TrailUnreadable(text).into());
        }
        for (name, gathered) in files {
            let object = layout::log_object(&account, &name, plan.at(), gathered.first_sequence);
            let (oldest, newest) = (gathered.oldest.iso8601(), gathered.newest.iso8601());
            let content = gathered.finish();
            let hash_value = layout::sha256(&content);
            self.put(&object, &layout::pack(&content)?).await?;
            let begin = plan.at_ms - plan.at_ms.rem_euclid(1_000);
            let new = || Region { digest_start_ms: begin, ..Region::default() };
            state.regions.entry(name).or_insert_with(new).logs.push(LogFile {
                s3_bucket: BUCKET.to_owned(),
                s3_object: object,
                hash_value,
                hash_algorithm: HASH_ALGORITHM.to_owned(),
                newest_event_time: newest,
                oldest_event_time: oldest,
            });
        }
        (state.delivered, state.plan) = (plan.last, None);
        Ok(())
    }

    /// Plans or writes the digest of one Region that is due; says whether there was one.
    async fn digest_step(
        &self,
        account: AccountId,
        state: &mut State,
    ) -> Result<bool, LogFilesError> {
        let length = i64::try_from(self.config.digest_interval.as_millis()).unwrap_or(i64::MAX);
        let now = self.clock.now().as_millis();
        for (name, region) in &mut state.regions {
            let Some(end) = region.digest_end_ms else {
                // After a long silence one digest covers all of it.
                let whole = now.saturating_sub(region.digest_start_ms) / length.max(1_000);
                if whole < 1 {
                    continue;
                }
                let end = region.digest_start_ms + whole * length.max(1_000);
                region.digest_end_ms = Some(end - end.rem_euclid(1_000));
                return Ok(true);
            };
            let digest = DigestFile::of(&account, name, region, Timestamp::from_millis(end));
            let keys = self.keys.present();
            let key = keys.signing().ok_or(SignatureError::NotMade)?;
            let (content, signed) = digest.signed(key)?;
            // The signature first: no digest is ever without one.
            let beside = format!("{}{SIGNATURE}", signed.object);
            self.put(&beside, &Metadata::to_bytes(&signed.signature)?).await?;
            self.put(&signed.object, &layout::pack(&content)?).await?;
            *region = Region {
                digest_start_ms: end,
                digest_end_ms: None,
                logs: Vec::new(),
                previous: Some(signed),
            };
            return Ok(true);
        }
        Ok(false)
    }

    async fn put(&self, object: &str, bytes: &[u8]) -> io::Result<()> {
        let (directory, object, bytes) =
            (self.config.directory.clone(), object.to_owned(), bytes.to_vec());
        let write = move || layout::write(&directory, &object, &bytes);
        tokio::task::spawn_blocking(write).await.map_err(io::Error::other)?
    }
}

impl Gathered {
    fn add(&mut self, sequence: u64, record: &AuditRecord) {
        if self.content.is_empty() {
            self.content.extend_from_slice(b"{\"Records\":[");
            self.first_sequence = sequence;
            (self.oldest, self.newest) = (record.event_time, record.event_time);
        } else {
            self.content.push(b',');
        }
        self.content.extend_from_slice(&record.cloudtrail_json);
        self.oldest = self.oldest.min(record.event_time);
        self.newest = self.newest.max(record.event_time);
    }

    fn finish(mut self) -> Vec<u8> {
        self.content.extend_from_slice(b"]}");
        self.content
    }
}

/// The Region whose file a record goes into. It becomes part of a path.
fn region_of(record: &AuditRecord) -> String {
    let facts = Facts::of(&record.cloudtrail_json);
    let region = facts.as_ref().map(|facts| &*facts.aws_region).unwrap_or_default();
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if !region.is_empty() && region.len() <= 64 && region.bytes().all(plain) {
        region.to_owned()
    } else {
        "unknown".to_owned()
    }
}

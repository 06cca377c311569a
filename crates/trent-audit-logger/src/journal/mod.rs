//! The embedded form's trail: a directory of checksummed, chained JSON lines that are durable
//! before they count.
//!
//! ```text
//! journal/
//!   00000000000000000001.jsonl   segments, a new one every 64 MiB; only the last is written
//!   00000000000000000002.jsonl
//!   mark                         how far the journal has come at least: segment and length
//!   lock                         held by the process that writes
//! ```
//!
//! A segment's first line says where every chain stood, so that older segments need not be read to
//! go on:
//!
//! ```json
//! {"crc32c":"…","format":"trent-journal/1","segment":2,"latest_ms":…,
//!  "heads":[{"chain":"…","sequence":9,"hash":"…"}]}
//! ```
//!
//! Every other line is a record, `chain` being its account, or empty for the system's chain:
//!
//! ```json
//! {"crc32c":"…","chain":"123456789012","sequence":10,"previous":"…","hash":"…",
//!  "event_id":"…","time_ms":…,"record":{…}}
//! ```
//!
//! `record` is the record as CloudTrail writes it, so `jq .record` prints the trail. `crc32c`
//! covers all that follows it in the line; `hash` is [`crate::chain::hash`]. A line that ends a
//! batch has spaces before its end, to the next multiple of 512 bytes.
//!
//! # Group commit
//! One thread takes everything that waits, writes it at once, syncs once, and rings one bell for
//! each core whose records were among it. While it works, the next batch gathers: the busier the
//! cores, the larger the batches. Where several clients wait, it gives those that it has just
//! answered a fraction of a millisecond to send again, so that they share one commit and do not
//! take turns in two.
//!
//! # Failure
//! A batch that cannot be made durable is refused as a whole and cut off again. The next one begins
//! by putting the file in order, so a disk that has space again is all that recovery needs. After a
//! failed sync the kernel's memory is not believed: what is on disk is checked, and the journal
//! goes on in a new segment. While the disk takes nothing and nobody hands anything in, the thread
//! tries every second whether it does again.

mod committer;
mod copy;
mod core_journal;
mod disk_buffer;
mod fresh;
mod line;
mod mark;
mod recent;
mod segment;
mod storage;
mod tail;
mod writer;

#[cfg(test)]
mod copy_tests;
#[cfg(test)]
mod damage_tests;
#[cfg(test)]
mod fault_tests;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use tokio::sync::oneshot;
use trent_bus::{BusError, RecordSink, TrailHealth};
use trent_store::JournalPlace;
use trent_types::{AccountId, AuditRecord};

pub use copy::copy;
pub use core_journal::{Accept, CoreJournal};

pub(crate) use fresh::{Fresh, FreshLines};
pub(crate) use line::{Placed, RecordLine, chain_of, parse_record, push_record};
pub(crate) use mark::{check_mark, lines_gone, read_mark, segment_gone};
pub(crate) use segment::{
    MAX_HEADER, ScanError, file_name, latest_before, list, read_anyway, scan,
};
pub(crate) use tail::{
    PIECE_MAX, Piece, check_before, distance, first_event_time, first_segment, piece,
};

use committer::{Batch, Queue, Reply};
use recent::Recent;
use storage::{Disk, Storage};
use writer::{End, Writer};

use crate::chain::{Chain, Head};
use crate::walk::Fault;

/// How a journal is kept.
#[derive(Debug, Clone)]
pub struct JournalConfig {
    /// Made, for the owner only, if it is not there.
    pub directory: PathBuf,
    /// A segment that has reached this length is followed by a new one.
    pub segment_bytes: u64,
    /// The most that may wait, for each core and for all relays together.
    pub waiting_bytes_max: usize,
}

impl JournalConfig {
    /// 64 MiB a segment; 8 MiB may wait.
    #[must_use]
    pub const fn new(directory: PathBuf) -> Self {
        Self { directory, segment_bytes: 64 << 20, waiting_bytes_max: 8 << 20 }
    }
}

/// The journal cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refuses.
    #[error("the journal's files cannot be used")]
    Io(#[from] io::Error),
    /// The files do not hold what was written to them. Nothing is appended to a damaged journal.
    #[error("the journal is damaged: {0}")]
    Damaged(Fault),
}

impl From<ScanError> for JournalError {
    fn from(error: ScanError) -> Self {
        match error {
            ScanError::Io(error) => Self::Io(error),
            ScanError::Fault(fault) => Self::Damaged(fault),
        }
    }
}

/// A record was not accepted: what it records must not be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AcceptError {
    /// Too much waits already; try again later.
    #[error("too many audit records wait for the journal")]
    Full,
    /// It could not be made durable; try again later.
    #[error("the journal was not written: {0}")]
    NotWritten(io::ErrorKind),
    /// The journal is damaged; somebody must look.
    #[error("the journal is damaged")]
    Damaged,
    /// The journal has been closed.
    #[error("the journal is closed")]
    Closed,
    /// The record is longer than 1 MiB or has a line break, which no record has.
    #[error("the audit record is too long or has a line break")]
    Unfit,
}

/// The journal of this process. Clones are the same journal; it is closed with the last one.
#[derive(Clone)]
pub struct Journal(Arc<Owner>);

struct Owner {
    queue: Arc<Queue>,
    recent: Arc<Recent>,
    end: Arc<Mutex<End>>,
    fresh: Arc<Fresh>,
    health: TrailHealth,
    directory: PathBuf,
    waiting_bytes_max: usize,
    /// What relays have waiting.
    relayed_bytes: AtomicUsize,
    thread: Option<JoinHandle<()>>,
    /// Keeps other processes out.
    _lock: File,
}

impl Journal {
    /// Opens the journal: checks the last segment, cuts off a line that was never finished, and
    /// starts the thread. Blocks for as long as reading one segment takes.
    ///
    /// # Errors
    /// [`JournalError::Damaged`] names file and line when the end is anything but whole or torn, or
    /// when accepted lines are gone.
    pub fn open(config: &JournalConfig) -> Result<Self, JournalError> {
        let disk = Disk::new(&config.directory);
        Self::open_on(Box::new(disk), config)
    }

    fn open_on(storage: Box<dyn Storage>, config: &JournalConfig) -> Result<Self, JournalError> {
        let lock = storage::take_directory(&config.directory)?;
        let writer = Writer::open(storage, &config.directory, config.segment_bytes)?;
        let queue = Arc::new(Queue::default());
        let recent = Arc::new(Recent::default());
        let (end, fresh) = (writer.end(), writer.fresh());
        let health = TrailHealth::default();
        let thread = committer::start(writer, queue.clone(), recent.clone(), health.clone())?;
        Ok(Self(Arc::new(Owner {
            queue,
            recent,
            end,
            fresh,
            health,
            directory: config.directory.clone(),
            waiting_bytes_max: config.waiting_bytes_max,
            relayed_bytes: AtomicUsize::new(0),
            thread: Some(thread),
            _lock: lock,
        })))
    }

    /// The journal's end on the present core.
    ///
    /// # Panics
    /// Outside a `tokio::task::LocalSet`, in which it starts one task.
    #[must_use]
    pub fn core(&self) -> CoreJournal {
        CoreJournal::start(self.clone())
    }

    /// The directory it is in.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.0.directory
    }

    /// Tells whether the journal can be written.
    #[must_use]
    pub fn health(&self) -> TrailHealth {
        self.0.health.clone()
    }

    /// Where it ends: everything before is durable, and will be there after whatever happens.
    #[must_use]
    pub fn end(&self) -> JournalPlace {
        self.0.end.lock().unwrap_or_else(PoisonError::into_inner).place
    }

    /// What was written last, for one reader.
    pub(crate) fn fresh(&self) -> &Arc<Fresh> {
        &self.0.fresh
    }

    /// The sequence of the last durable record of an account's chain, 0 when there is none, and
    /// where the journal ended then.
    #[must_use]
    pub fn head(&self, account: AccountId) -> (u64, JournalPlace) {
        let end = self.0.end.lock().unwrap_or_else(PoisonError::into_inner);
        (end.heads.get(&Some(account)).map_or(0, |head| head.sequence), end.place)
    }

    /// Tells the journal that these records may come again through [`RecordSink::accept`]: those
    /// that are in it already are then not written a second time. To be called at start-up with
    /// what the outbox holds, since a crash may have come between accepting them and removing them
    /// there. Blocks while it reads the segments that may hold them: back to one hour before the
    /// earliest.
    ///
    /// # Errors
    /// When a segment cannot be read.
    pub fn recall(&self, records: &[AuditRecord]) -> Result<(), JournalError> {
        for event in recent::find(&self.0.directory, records)? {
            self.0.recent.note(event);
        }
        Ok(())
    }

    /// Where the chains stand. All records up to there are durable, and will be there after
    /// whatever happens.
    ///
    /// # Errors
    /// [`AcceptError::Closed`].
    pub async fn heads(&self) -> Result<Vec<(Chain, Head)>, AcceptError> {
        let (reply, heads) = oneshot::channel();
        let batch = Batch { records: Vec::new(), reply: Reply::Heads(reply) };
        self.0.queue.submit(batch).map_err(|_| AcceptError::Closed)?;
        heads.await.map_err(|_| AcceptError::Closed)
    }

    /// Returns once all of these records are durable. A record that has come this way before is not
    /// written again.
    ///
    /// # Errors
    /// None of them was written, and they may come again.
    pub async fn relay(&self, records: &[AuditRecord]) -> Result<(), AcceptError> {
        let bytes = records.iter().map(weight).sum();
        if !records.iter().all(fits) {
            return Err(AcceptError::Unfit);
        }
        let _room = Room::take(&self.0, bytes)?;
        let (reply, outcome) = oneshot::channel();
        let batch = Batch { records: records.to_vec(), reply: Reply::Relay(reply) };
        self.0.queue.submit(batch).map_err(|_| AcceptError::Closed)?;
        outcome.await.unwrap_or(Err(AcceptError::Closed))
    }
}

#[async_trait::async_trait]
impl RecordSink for Journal {
    async fn accept(&self, records: &[AuditRecord]) -> Result<(), BusError> {
        self.relay(records).await.map_err(|error| {
            tracing::warn!(%error, "the journal did not take relayed audit records");
            BusError::Disconnected
        })
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.queue.close();
        if let Some(thread) = self.thread.take() {
            // An error means that the thread panicked, which has been printed.
            let _ = thread.join();
        }
    }
}

/// A place among what relays may have waiting; given back when dropped.
struct Room<'a> {
    owner: &'a Owner,
    bytes: usize,
}

impl<'a> Room<'a> {
    fn take(owner: &'a Owner, bytes: usize) -> Result<Self, AcceptError> {
        let before = owner.relayed_bytes.fetch_add(bytes, Ordering::Relaxed);
        let room = Self { owner, bytes };
        // A single call is never too large, or it could never succeed.
        let full = before != 0 && before.saturating_add(bytes) > owner.waiting_bytes_max;
        if full { Err(AcceptError::Full) } else { Ok(room) }
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.owner.relayed_bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// What a waiting record counts for, in bytes.
const fn weight(record: &AuditRecord) -> usize {
    record.cloudtrail_json.len() + size_of::<AuditRecord>()
}

/// Whether a record can be a line.
fn fits(record: &AuditRecord) -> bool {
    let json = &record.cloudtrail_json;
    json.len() <= line::MAX_RECORD && memchr::memchr(b'\n', json).is_none()
}

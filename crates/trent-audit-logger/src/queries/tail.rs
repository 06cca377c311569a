//! Follows an account's chain: what comes, as soon as it is there.

use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};
use trent_runtime::Shutdown;
use trent_types::{AccountId, AuditRecord, Region, TailPage, TailQuery, TailStart, TrailEvent};

use super::service::CUT_BYTES;
use super::{TrailReader, TrailUnreadable};
use crate::facts::Facts;

/// How often the end of the chain is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The longest wait, whatever is asked for.
const WAIT_MAX: Duration = Duration::from_secs(20);

/// Records that are read together.
const PAGE: u32 = 256;

/// Records that one call looks at; it says how far it came.
const LOOKED_AT_MAX: usize = 8 * 1024;

/// The operation that asks, which makes a record each time: a tail that told of itself would never
/// come to rest.
const OWN_NAME: &str = "TailEvents";

/// One call.
pub(super) struct Tail<'a> {
    pub(super) trail: &'a dyn TrailReader,
    /// Taken for each reading, not for the wait.
    pub(super) readings: &'a Semaphore,
    pub(super) finishing: Shutdown,
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) query: &'a TailQuery,
}

/// What came of it.
pub(super) enum Tailed {
    Page(TailPage),
    UnknownEvent,
}

/// How far it is.
struct Progress {
    page: TailPage,
    bytes: usize,
    looked_at: usize,
}

impl Tail<'_> {
    /// Waits for the first event that fits, and takes with it what is there.
    pub(super) async fn follow(&self) -> Result<Tailed, TrailUnreadable> {
        let until = Instant::now() + self.query.wait.min(WAIT_MAX);
        let Some(sequence) = self.start().await? else { return Ok(Tailed::UnknownEvent) };
        let page = TailPage { events: Vec::new(), sequence };
        let mut progress = Progress { page, bytes: 0, looked_at: 0 };
        loop {
            let at_its_end = self.look(&mut progress).await?;
            let found = !progress.page.events.is_empty();
            if self.is_full(&progress) || (at_its_end && (found || Instant::now() >= until)) {
                return Ok(Tailed::Page(progress.page));
            }
            while at_its_end && self.head().await? <= progress.page.sequence {
                let left = until.saturating_duration_since(Instant::now());
                // Whoever goes on asks another logger.
                if left.is_zero() || self.finishing.is_requested() {
                    return Ok(Tailed::Page(progress.page));
                }
                sleep(left.min(LOOK_EVERY)).await;
            }
        }
    }

    /// The place to begin after; `None` when the event is not in the chain.
    async fn start(&self) -> Result<Option<u64>, TrailUnreadable> {
        match self.query.start {
            TailStart::After(sequence) => Ok(Some(sequence)),
            TailStart::Now => self.head().await.map(Some),
            TailStart::AfterEvent(event) => {
                let _turn = self.turn().await?;
                self.trail.place_of(self.account, event).await
            }
        }
    }

    /// Reads the next records; says whether they are the last.
    async fn look(&self, progress: &mut Progress) -> Result<bool, TrailUnreadable> {
        let records = {
            let _turn = self.turn().await?;
            self.trail.after(self.account, progress.page.sequence, PAGE).await?
        };
        let count = records.len();
        for (sequence, record) in records {
            if self.is_full(progress) {
                return Ok(false);
            }
            progress.page.sequence = sequence;
            progress.looked_at += 1;
            let length = record.cloudtrail_json.len();
            if let Some(event) = self.fitting(record) {
                progress.bytes += length;
                progress.page.events.push(event);
            }
        }
        Ok(count < PAGE as usize)
    }

    fn is_full(&self, progress: &Progress) -> bool {
        progress.page.events.len() >= usize::try_from(self.query.limit).unwrap_or(usize::MAX)
            || progress.bytes >= CUT_BYTES
            || progress.looked_at >= LOOKED_AT_MAX
    }

    fn fitting(&self, record: AuditRecord) -> Option<TrailEvent> {
        let json = record.cloudtrail_json.clone();
        let facts = Facts::of(&json)?;
        let id = record.event_id.to_string();
        let wanted = facts.event_name != OWN_NAME
            && (self.query.all_regions || facts.aws_region == self.region.as_str())
            && self.query.filters.iter().all(|filter| facts.has(&id, filter));
        wanted.then(|| facts.event(record))
    }

    async fn head(&self) -> Result<u64, TrailUnreadable> {
        let _turn = self.turn().await?;
        self.trail.head(self.account).await
    }

    async fn turn(&self) -> Result<tokio::sync::SemaphorePermit<'_>, TrailUnreadable> {
        self.readings.acquire().await.map_err(|error| TrailUnreadable(error.to_string()))
    }
}

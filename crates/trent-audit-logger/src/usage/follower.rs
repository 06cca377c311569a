//! Reads the embedded form's journal behind its writer.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use trent_runtime::{Backoff, Shutdown};
use trent_store::{JournalPlace, StoreError, UsageStore};
use trent_types::{Clock, KeyArn, KeyUsed, Timestamp};

use super::Rollup;
use crate::journal::{self, Journal};
use crate::meters::UsageMeters;

/// The pause after everything has been read: uses are noted this much later, and together.
const PAUSE: Duration = Duration::from_secs(1);

/// The pause after a first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Pieces of the journal that are worked on together.
const PIECES_MAX: usize = 16;

/// With more keys than this in a batch no further piece is read for it.
const KEYS_MAX: usize = 4_096;

/// Where every journal begins.
const BEGINNING: JournalPlace = JournalPlace { segment: 1, offset: 0 };

/// Notes the last use of each key, from the records of a journal.
///
/// It reads files, on threads that may block, and nothing of it runs where requests are answered.
/// What it holds is bounded: one piece of the journal, and the keys of a batch. How far it has read
/// is kept with what it has found, so it goes on after a crash where it stood.
pub struct Follower {
    journal: Journal,
    store: Arc<dyn UsageStore>,
    clock: Arc<dyn Clock>,
    meters: UsageMeters,
}

/// Why a part of the journal was not worked on; it is tried again.
#[derive(Debug, thiserror::Error)]
pub(super) enum FollowError {
    #[error("the journal cannot be read")]
    Journal(#[from] io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a part of the journal tells.
struct Part {
    next: JournalPlace,
    uses: Vec<(KeyArn, KeyUsed)>,
    /// The moment of the latest record in it.
    latest: Option<Timestamp>,
    /// Lines that could not be read.
    unread: u64,
}

impl Follower {
    /// A follower of this journal.
    #[must_use]
    pub fn new(journal: Journal, store: Arc<dyn UsageStore>, clock: Arc<dyn Clock>) -> Self {
        Self { journal, store, clock, meters: UsageMeters::new() }
    }

    /// Works until the shutdown. What fails is tried again for ever, with pauses: records stay in
    /// the journal meanwhile.
    pub async fn run(self, mut shutdown: Shutdown) {
        let mut read = None;
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        while !shutdown.is_requested() {
            match self.step(&mut read).await {
                Ok(true) => {}
                Ok(false) => {
                    backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
                    let _ = tokio::time::timeout(PAUSE, shutdown.requested()).await;
                }
                Err(error) => {
                    self.meters.failures.increment(1);
                    let source = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(%error, source, "the use of keys is not noted; trying again");
                    backoff.rest(&mut shutdown).await;
                }
            }
        }
    }

    /// Reads on and notes what it finds; says whether more is left already.
    pub(super) async fn step(&self, read: &mut Option<JournalPlace>) -> Result<bool, FollowError> {
        let from = match *read {
            Some(place) => place,
            None => self.store.usage_place().await?.unwrap_or(BEGINNING),
        };
        let end = self.journal.end();
        // A journal that ends before it was read so far is another one, or an older copy.
        let from = if from > end { BEGINNING } else { from };
        if from == end {
            *read = Some(end);
            self.meters.lag.set(0.0);
            return Ok(false);
        }
        let directory = self.journal.directory().to_owned();
        let part = tokio::task::spawn_blocking(move || read_on(&directory, from, end)).await;
        let Part { next, uses, latest, unread } = part.map_err(io::Error::other)??;
        if unread > 0 {
            let segment = from.segment;
            tracing::warn!(unread, segment, "passing over damaged lines of the journal");
        }
        self.store.note_uses(&uses, next).await?;
        *read = Some(next);
        self.meters.noted.increment(uses.len() as u64);
        let more = next < end;
        match latest {
            Some(latest) if more => {
                let age = self.clock.now().as_millis().saturating_sub(latest.as_millis());
                self.meters.lag.set(age.max(0) as f64 / 1_000.0);
            }
            Some(_) | None => self.meters.lag.set(0.0),
        }
        Ok(more)
    }
}

fn read_on(directory: &Path, from: JournalPlace, end: JournalPlace) -> io::Result<Part> {
    let (mut rollup, mut latest) = (Rollup::default(), None);
    let (mut next, mut unread) = (from, 0);
    for _ in 0..PIECES_MAX {
        let tail = journal::tail(directory, next, end, |line| {
            latest = latest.max(Some(line.event_time));
            rollup.add(line.chain, line.event_id, line.event_time, line.json);
        })?;
        (next, unread) = (tail.next, unread + tail.unread);
        if next >= end || rollup.len() > KEYS_MAX {
            break;
        }
    }
    Ok(Part { next, uses: rollup.finish(), latest, unread })
}

/// Since when a deployment with this journal can know of uses, if it has not tracked them before:
/// since the first record.
///
/// # Errors
/// When the journal cannot be read.
pub async fn tracking_start(journal: &Journal, clock: &dyn Clock) -> io::Result<Timestamp> {
    let directory = journal.directory().to_owned();
    let first = tokio::task::spawn_blocking(move || journal::first_event_time(&directory)).await;
    Ok(first.map_err(io::Error::other)??.unwrap_or_else(|| clock.now()))
}

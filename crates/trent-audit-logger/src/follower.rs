//! Reads the embedded form's journal behind its writer, and keeps what follows from it.

use std::io;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use trent_runtime::{Backoff, Shutdown};
use trent_store::{
    Derived, Followed, FollowerStore, JournalPlace, ReadPlace, StoreError, TrailBlock,
};
use trent_types::{Clock, Timestamp};

use crate::blocks::OpenBlock;
use crate::derive::{Batch, Deriver};
use crate::journal::{self, Fresh, FreshLines, Journal, Piece};
use crate::meters::FollowerMeters;

#[cfg(test)]
pub(crate) mod tests;

/// The pause after everything has been read: what is found is kept this much later, and together.
const PAUSE: Duration = Duration::from_secs(1);

/// The pause after a first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Keeps what follows from the records of a journal (last uses, usage), and its index.
///
/// It works on threads that may block, and nothing of it runs where requests are answered. What was
/// written lately it has from memory, the rest from the files. What it holds is bounded: one piece
/// of the journal. How far it has read is kept with what it has
/// found, in one transaction, so each record counts once whenever the process ends. Index and the
/// rest have places of their own: the index ends with a whole block, and can be made anew without
/// counting anything twice.
pub struct Follower {
    journal: Journal,
    store: Arc<dyn FollowerStore>,
    clock: Arc<dyn Clock>,
    deriver: Deriver,
    meters: FollowerMeters,
}

/// Why a part of the journal was not worked on; it is tried again.
#[derive(Debug, thiserror::Error)]
pub enum FollowError {
    /// A file does not let itself be read.
    #[error("the journal cannot be read")]
    Journal(#[from] io::Error),
    /// The store does not keep what was found.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How far it has come.
#[derive(Debug)]
pub(crate) struct Progress {
    /// For what is derived.
    derived: JournalPlace,
    /// For the index: the end of what the open block has.
    marked: JournalPlace,
    block: OpenBlock,
    /// The piece before this one, for its memory.
    lines: FreshLines,
}

/// Where it reads.
struct Source {
    directory: PathBuf,
    fresh: Arc<Fresh>,
    /// Nothing from here on is read from the files.
    end: JournalPlace,
}

/// What a piece of the journal came to.
struct Part {
    progress: Progress,
    next: JournalPlace,
    followed: Followed,
    /// The moment of the latest record in it.
    latest: Option<Timestamp>,
    /// Lines that could not be read.
    unread: u64,
}

impl Follower {
    /// A follower of this journal.
    #[must_use]
    pub fn new(journal: Journal, store: Arc<dyn FollowerStore>, clock: Arc<dyn Clock>) -> Self {
        let (deriver, meters) = (Deriver::new(), FollowerMeters::new());
        Self { journal, store, clock, deriver, meters }
    }

    /// Throws away what was found in another journal than this one. To be called before anybody
    /// looks something up; what is missing is made in the background.
    ///
    /// # Errors
    /// When journal or store cannot be used.
    pub async fn prepare(&self) -> Result<(), FollowError> {
        self.begin().await.map(drop)
    }

    /// Works until the shutdown. What fails is tried again for ever, with pauses: records stay in
    /// the journal meanwhile.
    pub async fn run(self, mut shutdown: Shutdown) {
        let mut progress = None;
        let mut backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
        while !shutdown.is_requested() {
            match self.step(&mut progress).await {
                Ok(true) => {}
                Ok(false) => {
                    backoff = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
                    tokio::select! {
                        () = shutdown.requested() => {}
                        () = self.journal.fresh().is_plenty() => {}
                        () = tokio::time::sleep(PAUSE) => {}
                    }
                }
                Err(error) => {
                    self.meters.failures.increment(1);
                    let source = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(%error, source, "the journal is not followed; trying again");
                    backoff.rest(&mut shutdown).await;
                }
            }
        }
    }

    /// Reads on and keeps what it finds; says whether more is left already. After an error it goes
    /// on from what the store has.
    pub(crate) async fn step(&self, progress: &mut Option<Progress>) -> Result<bool, FollowError> {
        let begun = match progress.take() {
            Some(progress) => progress,
            None => self.begin().await?,
        };
        let end = self.journal.end();
        let from = begun.derived.min(begun.marked);
        if from >= end {
            *progress = Some(begun);
            self.meters.lag.set(0.0);
            return Ok(false);
        }
        let (directory, deriver) = (self.journal.directory().to_owned(), self.deriver.clone());
        let source = Source { directory, fresh: Arc::clone(self.journal.fresh()), end };
        let part = tokio::task::spawn_blocking(move || read_on(&source, begun, &deriver));
        let Part { progress: reached, next, followed, latest, unread } =
            part.await.map_err(io::Error::other)??;
        if unread > 0 {
            let segment = from.segment;
            tracing::warn!(unread, segment, "passing over damaged lines of the journal");
        }
        self.store.keep_followed(followed).await?;
        *progress = Some(reached);
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

    /// Where to go on, by what the store has. A place that this journal does not have, or before
    /// which something else stands, is another journal's: what was found in that one is forgotten.
    async fn begin(&self) -> Result<Progress, FollowError> {
        let places = self.store.follower_places().await?;
        let (directory, end) = (self.journal.directory().to_owned(), self.journal.end());
        let looked = tokio::task::spawn_blocking(move || {
            let first = journal::first_segment(&directory)?;
            let place = |read| place_in(&directory, read, first, end);
            Ok::<_, io::Error>((first, place(places.derived)?, place(places.indexed)?))
        });
        let (first, derived, indexed) = looked.await.map_err(io::Error::other)??;
        let beginning = JournalPlace { segment: first, offset: 0 };
        if derived.is_none() && places.derived.is_some() {
            tracing::warn!("the journal is another one: counting its records anew");
            self.store.forget_derived().await?;
        }
        if indexed.is_none() {
            if end != beginning {
                tracing::info!("indexing the journal from its beginning");
            }
            self.store.forget_blocks().await?;
        }
        self.store.forget_blocks_before(first).await?;
        Ok(Progress {
            derived: derived.unwrap_or(beginning),
            marked: indexed.unwrap_or(beginning),
            block: OpenBlock::default(),
            lines: FreshLines::default(),
        })
    }
}

/// Where in this journal a place is; `None` when it is in another one, or in none.
fn place_in(
    directory: &Path,
    read: Option<ReadPlace>,
    first: u64,
    end: JournalPlace,
) -> io::Result<Option<JournalPlace>> {
    let Some(ReadPlace { place, check }) = read.filter(|read| read.place <= end) else {
        return Ok(None);
    };
    if place.segment < first {
        return Ok(Some(JournalPlace { segment: first, offset: 0 }));
    }
    // What stands before a segment's first line cannot be told: see `read_files`.
    let same = place.offset > 0 && journal::check_before(directory, place)? == Some(check);
    Ok(same.then_some(place))
}

/// Reads the next piece for whatever has not had it.
fn read_on(source: &Source, mut progress: Progress, deriver: &Deriver) -> io::Result<Part> {
    let Source { directory, fresh, end } = source;
    let from = progress.derived.min(progress.marked);
    let (derives, marks) = (progress.derived == from, progress.marked == from);
    let room = progress.block.room();
    let mut lines = mem::take(&mut progress.lines);
    let in_memory = derives && marks && fresh.take(from, room, &mut lines);
    let (piece, next) = if in_memory {
        (Piece::default(), lines.end())
    } else {
        // Up to where the other one is already.
        let until = if derives && marks { *end } else { progress.derived.max(progress.marked) };
        read_files(directory, from, until, room)?
    };
    let (mut batch, mut unread) = (Batch::new(), 0);
    lines.records().for_each(|record| batch.push(record));
    for line in piece.lines() {
        match journal::parse_record(line) {
            Some(record) => batch.push(record.placed()),
            None => unread += 1,
        }
    }
    let check = match lines.check().filter(|_| in_memory) {
        Some(check) => check,
        None => journal::check_before(directory, next)?.unwrap_or_default(),
    };
    let read = ReadPlace { place: next, check };
    let mut followed = Followed::default();
    if derives {
        followed.derived = Some((derived(deriver, &batch), read));
        progress.derived = next;
    }
    if marks {
        let block;
        (block, followed.indexed) = mark(&mut progress, &batch, (from, next), read);
        followed.block = block;
    }
    let latest = batch.records().iter().map(|record| record.at).max();
    drop(batch);
    progress.lines = lines;
    Ok(Part { progress, next, followed, latest, unread })
}

/// A piece from the files, and where to go on.
fn read_files(
    directory: &Path,
    from: JournalPlace,
    until: JournalPlace,
    size: u64,
) -> io::Result<(Piece, JournalPlace)> {
    let piece = journal::piece(directory, from, until, size)?;
    let mut next = piece.next;
    if next.offset == 0 && next < until {
        // After a segment's first line, by which it can be told from any other.
        next = journal::piece(directory, next, until, size)?.next;
    }
    Ok((piece, next))
}

fn derived(deriver: &Deriver, batch: &Batch<'_>) -> Derived {
    if batch.records().is_empty() { Derived::default() } else { deriver.derive_told(batch) }
}

/// Takes a piece into the open block; says what has become whole, and how far the index goes then.
fn mark(
    progress: &mut Progress,
    batch: &Batch<'_>,
    (from, next): (JournalPlace, JournalPlace),
    read: ReadPlace,
) -> (Option<TrailBlock>, Option<ReadPlace>) {
    progress.marked = next;
    if next.segment == from.segment {
        // The first line of a segment is in no block.
        if from.offset > 0 {
            progress.block.add(batch, from, next);
        }
        if !progress.block.is_whole() {
            return (None, None);
        }
    }
    (progress.block.take(), Some(read))
}

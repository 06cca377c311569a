//! Reads the trail of the embedded form: its journal, by the journal's index.
//!
//! What the index does not have yet, its newest part, is read through each time; that is a piece of
//! a few megabytes, unless the index is being made anew. Files are read on threads that may block.

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use memchr::memmem::Finder;
use trent_store::{BlockQuery, BlockSpan, JournalPlace, TrailIndex};
use trent_types::{AccountId, AuditRecord, EventId, LookupQuery, Region, Timestamp};

use self::newest::Newest;
use super::{TrailReader, TrailUnreadable};
use crate::journal::{self, Journal, PIECE_MAX};

mod newest;

#[cfg(test)]
mod tests;

/// More than this is not read through for one answer, in bytes: a quarter of a second.
const UNINDEXED_MAX: u64 = 256 << 20;

/// More than this of the blocks that fit is not read for one answer, in bytes. What needs more is
/// an event of an older program, whose id does not tell its time.
const SEARCHED_MAX: u64 = 1 << 30;

/// Places that are remembered, of tails that go on soon.
const PLACES_MAX: usize = 256;

/// Blocks that are looked up at once for a chain.
const CHAIN_BLOCKS: u32 = 16;

/// The trail in a journal.
pub struct JournalTrail {
    journal: Journal,
    index: Arc<dyn TrailIndex>,
    /// Where an account's chain goes on after a sequence, the latest last.
    places: Mutex<VecDeque<(AccountId, u64, JournalPlace)>>,
}

impl From<io::Error> for TrailUnreadable {
    fn from(error: io::Error) -> Self {
        Self(format!("the journal: {error}"))
    }
}

impl JournalTrail {
    /// The trail in this journal, of which there is this index.
    #[must_use]
    pub fn new(journal: Journal, index: Arc<dyn TrailIndex>) -> Self {
        Self { journal, index, places: Mutex::default() }
    }

    /// Runs something that reads files.
    async fn reading<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
    ) -> Result<T, TrailUnreadable> {
        let directory: PathBuf = self.journal.directory().to_owned();
        let done = tokio::task::spawn_blocking(move || read(&directory)).await;
        Ok(done.map_err(io::Error::other)??)
    }

    /// The part that is in no block, which must not be long.
    async fn unindexed(&self) -> Result<(JournalPlace, JournalPlace), TrailUnreadable> {
        // In this order: what was in no block then is before the end.
        let indexed = self.index.indexed().await?;
        let end = self.journal.end();
        let measured = self.reading(move |directory| {
            let first = JournalPlace { segment: journal::first_segment(directory)?, offset: 0 };
            let from = indexed.unwrap_or(first).max(first);
            Ok((from, journal::distance(directory, from, end)?))
        });
        let (from, bytes) = measured.await?;
        if bytes > UNINDEXED_MAX {
            return Err(TrailUnreadable(format!("{bytes} bytes are still to be indexed")));
        }
        Ok((from, end))
    }

    /// Shows what is in no block, and then the blocks that fit, until something is enough.
    async fn search<S: Search>(&self, mut search: S) -> Result<S, TrailUnreadable> {
        let (from, end) = self.unindexed().await?;
        search = self
            .reading(move |directory| {
                each_line(directory, from, end, &mut search)?;
                Ok(search)
            })
            .await?;
        let (mut query, mut searched) = (search.blocks(), 0_u64);
        loop {
            if query.after.is_some_and(|last| search.has_enough_after(last.latest)) {
                return Ok(search);
            }
            let page = self.index.blocks(query).await?;
            let bytes: u64 = page.blocks.iter().map(|b| b.finish - b.start.offset).sum();
            searched = searched.saturating_add(bytes);
            if searched > SEARCHED_MAX {
                return Err(TrailUnreadable("too much would have to be read through".to_owned()));
            }
            search = self
                .reading(move |directory| {
                    for block in page.blocks {
                        if !search.has_enough_after(block.latest) {
                            let end = end_of(block);
                            if_there(each_line(directory, block.start, end, &mut search))?;
                        }
                    }
                    Ok(search)
                })
                .await?;
            if page.next.is_none() {
                return Ok(search);
            }
            query.after = page.next;
        }
    }

    /// Reads the blocks that hold records of the page's chain.
    async fn read_blocks(
        &self,
        mut page: Page,
        begin: Option<JournalPlace>,
    ) -> Result<Page, TrailUnreadable> {
        loop {
            let (before, next) = (page.last, page.last.saturating_add(1));
            let blocks = self.index.chain_blocks(page.account, next, CHAIN_BLOCKS).await?;
            let more = blocks.len() as u64 == u64::from(CHAIN_BLOCKS);
            let read = self.reading(move |directory| {
                for block in blocks {
                    let end = end_of(block);
                    // Within a block the place where the chain goes on may be known.
                    let known = begin.filter(|begin| (block.start..=end).contains(begin));
                    if_there(page.read(directory, known.unwrap_or(block.start), end))?;
                }
                Ok(page)
            });
            page = read.await?;
            if page.is_full() || !more || page.last == before {
                return Ok(page);
            }
        }
    }

    fn place_after(&self, account: AccountId, sequence: u64) -> Option<JournalPlace> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |(chain, after, _): &&(_, u64, _)| *chain == account && *after == sequence;
        places.iter().rev().find(of).map(|(_, _, place)| *place)
    }

    fn remember(&self, account: AccountId, sequence: u64, place: JournalPlace) {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|(chain, after, _)| *chain != account || *after != sequence);
        if places.len() >= PLACES_MAX {
            places.pop_front();
        }
        places.push_back((account, sequence, place));
    }
}

#[async_trait]
impl TrailReader for JournalTrail {
    async fn lookup(
        &self,
        account: AccountId,
        region: Region,
        query: &LookupQuery,
    ) -> Result<Vec<AuditRecord>, TrailUnreadable> {
        match Newest::new(account, region, query) {
            Some(newest) => Ok(self.search(newest).await?.finish()),
            None => Ok(Vec::new()),
        }
    }

    async fn head(&self, account: AccountId) -> Result<u64, TrailUnreadable> {
        let (sequence, end) = self.journal.head(account);
        self.remember(account, sequence, end);
        Ok(sequence)
    }

    async fn place_of(
        &self,
        account: AccountId,
        event: EventId,
    ) -> Result<Option<u64>, TrailUnreadable> {
        Ok(self.search(OneEvent::new(account, event)).await?.sequence)
    }

    async fn after(
        &self,
        account: AccountId,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<(u64, AuditRecord)>, TrailUnreadable> {
        let mut page = Page::new(account, sequence, limit);
        let (head, end) = self.journal.head(account);
        if head <= sequence || page.is_full() {
            return Ok(Vec::new());
        }
        let mut from = self.place_after(account, sequence);
        let indexed = self.index.indexed().await?;
        if indexed.is_some_and(|indexed| from.is_none_or(|from| from < indexed)) {
            page = self.read_blocks(page, from).await?;
            from = indexed;
        }
        if !page.is_full() {
            let begin = match from {
                Some(place) => place,
                None => self.unindexed().await?.0,
            };
            page = self
                .reading(move |directory| {
                    page.read(directory, begin, end)?;
                    Ok(page)
                })
                .await?;
        }
        if let Some(place) = page.place {
            self.remember(account, page.last, place);
        }
        Ok(page.found)
    }
}

/// Something that is looked for in lines, the last one first.
trait Search: Send + 'static {
    /// The blocks that can have it.
    fn blocks(&self) -> BlockQuery;

    fn look_at(&mut self, line: &[u8]);

    /// Whether nothing up to this moment is wanted any more.
    fn has_enough_after(&self, latest: Timestamp) -> bool;
}

impl Search for Newest {
    fn blocks(&self) -> BlockQuery {
        let (from, to) = self.times();
        BlockQuery { mark: Some(self.mark()), from, to, after: None }
    }

    fn look_at(&mut self, line: &[u8]) {
        self.look_at(line);
    }

    fn has_enough_after(&self, latest: Timestamp) -> bool {
        self.has_enough_after(latest)
    }
}

/// One event of a chain, whichever Region it is of.
struct OneEvent {
    account: AccountId,
    event: EventId,
    text: Finder<'static>,
    sequence: Option<u64>,
}

impl OneEvent {
    fn new(account: AccountId, event: EventId) -> Self {
        let text = Finder::new(event.to_string().as_bytes()).into_owned();
        Self { account, event, text, sequence: None }
    }
}

impl Search for OneEvent {
    fn blocks(&self) -> BlockQuery {
        let (from, to) = match self.event.time() {
            Some(at) => (at, at),
            None => (Timestamp::from_millis(i64::MIN), Timestamp::from_millis(i64::MAX)),
        };
        BlockQuery { mark: None, from, to, after: None }
    }

    fn look_at(&mut self, line: &[u8]) {
        if self.text.find(line).is_some()
            && let Some(record) = journal::parse_record(line)
            && (record.chain, record.event_id) == (Some(self.account), self.event)
        {
            self.sequence = Some(record.sequence);
        }
    }

    fn has_enough_after(&self, _: Timestamp) -> bool {
        self.sequence.is_some()
    }
}

const fn end_of(block: BlockSpan) -> JournalPlace {
    JournalPlace { segment: block.start.segment, offset: block.finish }
}

/// A block's segment can have been archived since the index was read.
fn if_there(read: io::Result<()>) -> io::Result<()> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        read => read,
    }
}

/// Shows each line between two places, piece by piece, of each piece the last one first.
fn each_line(
    directory: &Path,
    from: JournalPlace,
    end: JournalPlace,
    search: &mut impl Search,
) -> io::Result<()> {
    let mut place = from;
    while place < end {
        let piece = journal::piece(directory, place, end, PIECE_MAX)?;
        piece.lines().rev().for_each(|line| search.look_at(line));
        place = piece.next;
    }
    Ok(())
}

/// A page of a chain.
struct Page {
    account: AccountId,
    /// The last sequence that is in it.
    last: u64,
    limit: usize,
    found: Vec<(u64, AuditRecord)>,
    /// Where the chain goes on after it.
    place: Option<JournalPlace>,
}

impl Page {
    fn new(account: AccountId, after: u64, limit: u32) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Self { account, last: after, limit, found: Vec::new(), place: None }
    }

    const fn is_full(&self) -> bool {
        self.found.len() >= self.limit
    }

    /// Takes in what stands between two places, until it is full.
    fn read(&mut self, directory: &Path, from: JournalPlace, end: JournalPlace) -> io::Result<()> {
        let mut place = from;
        while place < end && !self.is_full() {
            let piece = journal::piece(directory, place, end, PIECE_MAX)?;
            for line in piece.lines() {
                place.offset = place.offset.saturating_add(line.len() as u64 + 1);
                if self.take(line) && self.is_full() {
                    self.place = Some(place);
                    return Ok(());
                }
            }
            place = piece.next;
            self.place = Some(place);
        }
        Ok(())
    }

    /// Takes a line in, if it is the chain's and comes later than what the page has.
    fn take(&mut self, line: &[u8]) -> bool {
        if journal::chain_of(line) != Some(self.account.as_str().as_bytes()) {
            return false;
        }
        match journal::parse_record(line) {
            Some(record) if record.sequence > self.last => {
                self.last = record.sequence;
                self.found.push((record.sequence, record.to_record()));
                true
            }
            Some(_) | None => false,
        }
    }
}

//! The trail of the distributed form: records and postings in the store.

use std::sync::Arc;

use async_trait::async_trait;
use trent_store::{AuditStore, Posted, PostingsQuery, TrailStore};
use trent_types::{AccountId, AuditRecord, EventId, EventPlace, LookupQuery, Region, Timestamp};

use super::merge::{Blocks, newest_first};
use super::wanted::Wanted;
use super::{TrailReader, TrailUnreadable};
use crate::derive::postings::posted;

/// The most events of one answer.
const EVENTS_MAX: usize = 1_000;

/// Postings that are read together: at least, because a round trip costs more than a few of them,
/// and at most.
const POSTINGS_MIN: usize = 16;
const POSTINGS_MAX: usize = 256;

/// Reads the trail in a store.
pub struct StoredTrail<S> {
    store: Arc<S>,
}

impl<S> StoredTrail<S> {
    /// The trail of this store.
    #[must_use]
    pub const fn new(store: Arc<S>) -> Self {
        Self { store }
    }
}

impl<S> std::fmt::Debug for StoredTrail<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredTrail").finish_non_exhaustive()
    }
}

#[async_trait]
impl<S: TrailStore + AuditStore> TrailReader for StoredTrail<S> {
    async fn lookup(
        &self,
        account: AccountId,
        region: Region,
        query: &LookupQuery,
    ) -> Result<Vec<AuditRecord>, TrailUnreadable> {
        let wanted = Wanted { account, region, query };
        let limit = usize::try_from(query.limit).unwrap_or(EVENTS_MAX).min(EVENTS_MAX);
        if let Some(event) = wanted.event() {
            let found = match event {
                Some(event) => self.event(event).await?,
                None => None,
            };
            let found = found.map(|(_, record)| record).filter(|record| wanted.fits(record));
            return Ok(found.into_iter().take(limit).collect());
        }
        let Some((attribute, value)) = posted(query.filter.as_ref()) else { return Ok(Vec::new()) };
        let postings = PostingsQuery {
            chain: account,
            region,
            attribute,
            value: value.into_owned(),
            from: query.from,
            to: wanted.latest(),
            after: None,
            limit: 0,
        };
        let mut blocks = StoredBlocks { store: &*self.store, wanted, postings };
        newest_first(&mut blocks, limit).await
    }

    async fn head(&self, account: AccountId) -> Result<u64, TrailUnreadable> {
        Ok(AuditStore::head(&*self.store, Some(account)).await?.0)
    }

    async fn place_of(
        &self,
        account: AccountId,
        event: EventId,
    ) -> Result<Option<u64>, TrailUnreadable> {
        let found = self.event(event).await?;
        Ok(found.filter(|(_, record)| record.account == Some(account)).map(|(place, _)| place))
    }

    async fn after(
        &self,
        account: AccountId,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<(u64, AuditRecord)>, TrailUnreadable> {
        let links = self.store.records(Some(account), sequence, limit).await?;
        Ok(links.into_iter().map(|link| (link.sequence, link.record)).collect())
    }
}

impl<S: TrailStore> StoredTrail<S> {
    /// An event with its place. Its id tells its time; others than Trent's are not looked for.
    async fn event(&self, event: EventId) -> Result<Option<(u64, AuditRecord)>, TrailUnreadable> {
        match event.time() {
            Some(at) => Ok(self.store.event(at, event).await?),
            None => Ok(None),
        }
    }
}

/// The postings of a lookup.
struct StoredBlocks<'a, S> {
    store: &'a S,
    wanted: Wanted<'a>,
    /// Those that come next.
    postings: PostingsQuery,
}

impl<S: TrailStore> Blocks for StoredBlocks<'_, S> {
    type Block = Posted;
    type Event = AuditRecord;
    type Error = TrailUnreadable;

    async fn next(&mut self, events: usize) -> Result<Vec<Posted>, TrailUnreadable> {
        // One more, so that it is known how late what comes after them is.
        let count = events.saturating_add(1).clamp(POSTINGS_MIN, POSTINGS_MAX);
        self.postings.limit = u32::try_from(count).unwrap_or(u32::MAX);
        let postings = self.store.postings(&self.postings).await?;
        if let Some(last) = postings.last() {
            self.postings.after = Some(last.clone());
        }
        Ok(postings)
    }

    fn latest(block: &Posted) -> Timestamp {
        block.latest
    }

    fn len(block: &Posted) -> usize {
        block.sequences.len()
    }

    async fn read(
        &mut self,
        blocks: Vec<Posted>,
    ) -> Result<Vec<(EventPlace, AuditRecord)>, TrailUnreadable> {
        let earliest = blocks.iter().map(|block| block.earliest).min().unwrap_or_default();
        let latest = blocks.iter().map(|block| block.latest).max().unwrap_or_default();
        let mut places: Vec<u64> = blocks.into_iter().flat_map(|block| block.sequences).collect();
        places.sort_unstable();
        // As near as the question allows, so that no partition is looked into for nothing.
        let bounds = (earliest.max(self.wanted.query.from), latest.min(self.wanted.latest()));
        let records =
            self.store.records_at(self.wanted.account, &places, bounds.0, bounds.1).await?;
        let fitting = records.into_iter().map(|(_, record)| record).filter(|r| self.wanted.fits(r));
        Ok(fitting
            .map(|record| (EventPlace { at: record.event_time, event_id: record.event_id }, record))
            .collect())
    }
}

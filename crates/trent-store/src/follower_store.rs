//! What the embedded form keeps of its journal: what follows from its records, and an index of it.

use async_trait::async_trait;
use trent_types::{AccountId, Timestamp};

use crate::{Derived, StoreError};

/// A place in the embedded form's journal; the earlier one is the smaller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JournalPlace {
    /// The number of the segment.
    pub segment: u64,
    /// Bytes from the segment's beginning.
    pub offset: u64,
}

/// How far a journal has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadPlace {
    /// Everything before it.
    pub place: JournalPlace,
    /// A checksum of what stands before it: in another journal that is something else.
    pub check: u32,
}

/// How far the journal has been read for what; `None` before the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FollowerPlaces {
    /// For what is derived from records.
    pub derived: Option<ReadPlace>,
    /// For the index: the end of the last whole block.
    pub indexed: Option<ReadPlace>,
}

/// A piece of a segment in the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailBlock {
    /// Where it is.
    pub span: BlockSpan,
    /// The marks of the values in it, ascending.
    pub marks: Vec<u32>,
    /// The first sequence of each account's chain in it.
    pub firsts: Vec<(AccountId, u64)>,
}

/// Where a block is, and from when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockSpan {
    /// Inclusive.
    pub start: JournalPlace,
    /// Bytes from the segment's beginning, exclusive.
    pub finish: u64,
    /// The time of the earliest record.
    pub earliest: Timestamp,
    /// The time of the latest record.
    pub latest: Timestamp,
}

/// What a part of the journal came to; all of it is kept, or nothing.
#[derive(Debug, Clone, Default)]
pub struct Followed {
    /// What follows from records that had not been read for it.
    pub derived: Option<(Derived, ReadPlace)>,
    /// How far the index goes now.
    pub indexed: Option<ReadPlace>,
    /// A block that has become whole.
    pub block: Option<TrailBlock>,
}

/// Where the follower of the journal keeps what it finds.
#[async_trait]
pub trait FollowerStore: Send + Sync {
    /// How far the journal has been read.
    async fn follower_places(&self) -> Result<FollowerPlaces, StoreError>;

    /// Keeps what a part of the journal came to, and how far it has been read with it, in one
    /// transaction: each record counts once.
    async fn keep_followed(&self, followed: Followed) -> Result<(), StoreError>;

    /// Throws the index away, and where it ended.
    async fn forget_blocks(&self) -> Result<(), StoreError>;

    /// Forgets what was counted, and how far: the journal is another one.
    async fn forget_derived(&self) -> Result<(), StoreError>;

    /// Forgets the blocks of all segments before this one, which are not there any more.
    async fn forget_blocks_before(&self, segment: u64) -> Result<(), StoreError>;
}

/// Which blocks to look into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockQuery {
    /// They have this mark; any without one.
    pub mark: Option<u32>,
    /// They may hold records of this moment or later ones.
    pub from: Timestamp,
    /// They may hold records of this moment or earlier ones.
    pub to: Timestamp,
    /// Only blocks after this one, in the order of the answer.
    pub after: Option<BlockSpan>,
}

/// Some blocks, those with the latest records first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlockPage {
    /// The blocks that fit.
    pub blocks: Vec<BlockSpan>,
    /// Where to go on; `None` when there are no more.
    pub next: Option<BlockSpan>,
}

/// The index of the journal.
#[async_trait]
pub trait TrailIndex: Send + Sync {
    /// How far the index goes; `None` while there is none.
    async fn indexed(&self) -> Result<Option<JournalPlace>, StoreError>;

    /// A page of the blocks that fit, of which there can be none though more follow.
    async fn blocks(&self, query: BlockQuery) -> Result<BlockPage, StoreError>;

    /// Up to so many blocks that hold records of a chain, in the chain's order, beginning with the
    /// one that holds this sequence, or else the next that is there.
    async fn chain_blocks(
        &self,
        chain: AccountId,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<BlockSpan>, StoreError>;
}

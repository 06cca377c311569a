//! What the embedded form keeps of its journal.

use async_trait::async_trait;
use trent_types::AccountId;

use super::Sqlite;
use super::session::SqliteSession;
use crate::{
    BlockPage, BlockQuery, BlockSpan, Followed, FollowerPlaces, FollowerStore, JournalPlace,
    StoreError, TrailIndex,
};
use crate::{last_usage, trail_blocks, usage};

#[async_trait]
impl FollowerStore for Sqlite {
    async fn follower_places(&self) -> Result<FollowerPlaces, StoreError> {
        self.read_moment(async move |s: &SqliteSession| trail_blocks::places(s).await).await
    }

    async fn keep_followed(&self, followed: Followed) -> Result<(), StoreError> {
        let done = self.write(async move |s: &SqliteSession| {
            if let Some((derived, read)) = &followed.derived {
                last_usage::note(s, &derived.uses).await?;
                usage::add(s, derived).await?;
                trail_blocks::set_derived(s, *read).await?;
            }
            if let Some(block) = &followed.block {
                trail_blocks::keep(s, block).await?;
            }
            if let Some(read) = followed.indexed {
                trail_blocks::set_indexed(s, read).await?;
            }
            Ok(())
        });
        done.await
    }

    async fn forget_blocks(&self) -> Result<(), StoreError> {
        self.write(async move |s: &SqliteSession| trail_blocks::forget(s).await).await
    }

    async fn forget_derived(&self) -> Result<(), StoreError> {
        // Last uses stay: they never go back, and to note one twice changes nothing.
        let done = self.write(async move |s: &SqliteSession| {
            usage::forget(s).await?;
            trail_blocks::unset_derived(s).await
        });
        done.await
    }

    async fn forget_blocks_before(&self, segment: u64) -> Result<(), StoreError> {
        let done = self
            .write(async move |s: &SqliteSession| trail_blocks::forget_before(s, segment).await);
        done.await
    }
}

#[async_trait]
impl TrailIndex for Sqlite {
    async fn indexed(&self) -> Result<Option<JournalPlace>, StoreError> {
        let read = self.read(async move |s: &SqliteSession| trail_blocks::indexed(s).await).await?;
        Ok(read.map(|read| read.place))
    }

    async fn blocks(&self, query: BlockQuery) -> Result<BlockPage, StoreError> {
        self.read(async move |s: &SqliteSession| trail_blocks::blocks(s, query).await).await
    }

    async fn chain_blocks(
        &self,
        chain: AccountId,
        sequence: u64,
        limit: u32,
    ) -> Result<Vec<BlockSpan>, StoreError> {
        let found = self.read(async move |s: &SqliteSession| {
            trail_blocks::chain_blocks(s, chain, sequence, limit).await
        });
        found.await
    }
}

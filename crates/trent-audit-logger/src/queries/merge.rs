//! Newest first, out of blocks of events of which only the latest moments are known.
//!
//! Blocks overlap in time. What is found may be told as soon as nothing that is still to come can
//! be as late, and no block is read before that question needs it.

use std::cmp::Ordering;
use std::collections::{BinaryHeap, VecDeque};
use std::future::Future;

use trent_types::{EventPlace, Timestamp};

/// Events in blocks.
pub(crate) trait Blocks: Send {
    /// Where some events are.
    type Block: Send;
    /// An event that was read.
    type Event: Send;
    /// Why nothing can be read.
    type Error: Send;

    /// The next blocks, those with the latest event first: enough for about so many events; none
    /// when there are no more.
    fn next(
        &mut self,
        events: usize,
    ) -> impl Future<Output = Result<Vec<Self::Block>, Self::Error>> + Send;

    /// A moment that no event of the block is later than.
    fn latest(block: &Self::Block) -> Timestamp;

    /// How many events are in the block, at most; for telling how many blocks to read together.
    fn len(block: &Self::Block) -> usize;

    /// Reads blocks; leaves out what does not fit.
    fn read(
        &mut self,
        blocks: Vec<Self::Block>,
    ) -> impl Future<Output = Result<Vec<(EventPlace, Self::Event)>, Self::Error>> + Send;
}

/// An event that was read and not told yet.
struct Found<E> {
    place: EventPlace,
    event: E,
}

impl<E> Ord for Found<E> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place.cmp(&other.place)
    }
}

impl<E> PartialOrd for Found<E> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<E> PartialEq for Found<E> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl<E> Eq for Found<E> {}

/// Up to so many events, newest first.
pub(crate) async fn newest_first<B: Blocks>(
    blocks: &mut B,
    limit: usize,
) -> Result<Vec<B::Event>, B::Error> {
    let mut told = Vec::new();
    let mut found: BinaryHeap<Found<B::Event>> = BinaryHeap::new();
    let mut waiting = VecDeque::from(blocks.next(limit).await?);
    // No event that was not read is later; `None` when all are read.
    let mut bound = waiting.front().map(B::latest);
    loop {
        while told.len() < limit
            && found.peek().is_some_and(|top| bound.is_none_or(|bound| top.place.at > bound))
            && let Some(top) = found.pop()
        {
            told.push(top.event);
        }
        let missing = limit - told.len();
        if missing == 0 || bound.is_none() {
            return Ok(told);
        }
        if waiting.is_empty() {
            waiting = blocks.next(missing).await?.into();
            bound = waiting.front().map(B::latest);
            continue;
        }
        // So many that they may be enough, together; one where what was found already may be.
        let wanted = missing.saturating_sub(found.len()).max(1);
        let (mut together, mut events) = (Vec::new(), 0);
        while events < wanted
            && let Some(block) = waiting.pop_front()
        {
            events += B::len(&block).max(1);
            bound = Some(B::latest(&block));
            together.push(block);
        }
        if let Some(next) = waiting.front() {
            bound = Some(B::latest(next));
        }
        let read = blocks.read(together).await?;
        found.extend(read.into_iter().map(|(place, event)| Found { place, event }));
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::collection::vec;
    use proptest::prelude::*;
    use trent_types::EventId;

    use super::*;

    /// Blocks in memory, with a note of which were read.
    struct InMemory {
        blocks: VecDeque<(usize, Vec<EventPlace>)>,
        page: usize,
        read: Vec<usize>,
    }

    impl InMemory {
        fn new(mut blocks: Vec<Vec<EventPlace>>, page: usize) -> Self {
            blocks.retain(|block| !block.is_empty());
            blocks.sort_by_key(|block| std::cmp::Reverse(latest(block)));
            Self { blocks: blocks.into_iter().enumerate().collect(), page, read: Vec::new() }
        }
    }

    fn latest(block: &[EventPlace]) -> Timestamp {
        block.iter().map(|place| place.at).max().unwrap()
    }

    impl Blocks for InMemory {
        type Block = (usize, Vec<EventPlace>);
        type Event = EventPlace;
        type Error = Infallible;

        async fn next(&mut self, _: usize) -> Result<Vec<Self::Block>, Infallible> {
            Ok(self.blocks.drain(..self.page.min(self.blocks.len())).collect())
        }

        fn latest(block: &Self::Block) -> Timestamp {
            latest(&block.1)
        }

        fn len(block: &Self::Block) -> usize {
            block.1.len()
        }

        async fn read(
            &mut self,
            blocks: Vec<Self::Block>,
        ) -> Result<Vec<(EventPlace, EventPlace)>, Infallible> {
            self.read.extend(blocks.iter().map(|block| block.0));
            Ok(blocks.into_iter().flat_map(|block| block.1).map(|place| (place, place)).collect())
        }
    }

    fn place(at: i64, id: u16) -> EventPlace {
        let mut bytes = [0; 16];
        bytes[..2].copy_from_slice(&id.to_be_bytes());
        EventPlace { at: Timestamp::from_millis(at), event_id: EventId::from_bytes(bytes) }
    }

    fn run(blocks: &mut InMemory, limit: usize) -> Vec<EventPlace> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let Ok(told) = runtime.block_on(newest_first(blocks, limit));
        told
    }

    #[test]
    fn no_more_is_read_than_the_answer_needs() {
        let block = |from: i64| (0..10).map(|n| place(from + n, 0)).collect::<Vec<_>>();
        let far_apart = (0..100).map(|n| block(n * 1_000)).collect();
        let mut blocks = InMemory::new(far_apart, 4);
        assert_eq!(run(&mut blocks, 10).len(), 10);
        assert_eq!(blocks.read, [0]);
        let overlapping = (0..100).map(|n| block(n * 5)).collect();
        let mut blocks = InMemory::new(overlapping, 4);
        let told = run(&mut blocks, 10);
        assert_eq!(told.last(), Some(&place(497, 0)));
        assert_eq!(blocks.read, [0, 1]);
        let single = (0..100).map(|n| vec![place(n, 0)]).collect();
        let mut blocks = InMemory::new(single, 50);
        assert_eq!(run(&mut blocks, 10).last(), Some(&place(90, 0)));
        assert_eq!(blocks.read.len(), 10);
    }

    proptest! {
        #[test]
        fn it_is_what_sorting_everything_gives(
            blocks in vec(vec((0i64..40, any::<u16>()), 0..9), 0..12),
            page in 1usize..6,
            limit in 0usize..60,
        ) {
            let blocks: Vec<Vec<_>> = blocks
                .into_iter()
                .map(|block| block.into_iter().map(|(at, id)| place(at, id)).collect())
                .collect();
            let mut naive = blocks.concat();
            naive.sort_unstable_by(|a, b| b.cmp(a));
            naive.truncate(limit);
            prop_assert_eq!(run(&mut InMemory::new(blocks, page), limit), naive);
        }
    }
}

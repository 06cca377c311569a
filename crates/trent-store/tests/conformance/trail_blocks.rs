//! The embedded form's index of its journal, and how far the journal has been read.

use trent_store::{
    BlockPage, BlockQuery, BlockSpan, Derived, Followed, FollowerPlaces, FollowerStore,
    JournalPlace, ReadPlace, Sqlite, StoreError, TrailBlock, TrailIndex,
};
use trent_types::{AccountId, Timestamp};

use crate::support::fresh_sqlite;

fn read(segment: u64, offset: u64) -> ReadPlace {
    ReadPlace { place: JournalPlace { segment, offset }, check: 7 }
}

fn ms(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn account(n: u8) -> AccountId {
    format!("{n:012}").parse().unwrap()
}

/// A block of a hundred bytes.
fn block(start: (u64, u64), times: (i64, i64), marks: &[u32], firsts: &[(u8, u64)]) -> TrailBlock {
    let (segment, offset) = start;
    let span = BlockSpan {
        start: JournalPlace { segment, offset },
        finish: offset + 100,
        earliest: ms(times.0),
        latest: ms(times.1),
    };
    let firsts = firsts.iter().map(|(chain, sequence)| (account(*chain), *sequence)).collect();
    TrailBlock { span, marks: marks.to_vec(), firsts }
}

async fn keep(store: &Sqlite, block: TrailBlock) -> BlockSpan {
    let span = block.span;
    let end = Some(read(span.start.segment, span.finish));
    let followed = Followed { derived: None, indexed: end, block: Some(block) };
    store.keep_followed(followed).await.unwrap();
    span
}

/// All pages.
async fn found(store: &Sqlite, mark: Option<u32>, from: i64, to: i64) -> Vec<BlockSpan> {
    let mut query = BlockQuery { mark, from: ms(from), to: ms(to), after: None };
    let mut found = Vec::new();
    loop {
        let BlockPage { blocks, next } = store.blocks(query).await.unwrap();
        found.extend(blocks);
        match next {
            Some(_) => query.after = next,
            None => return found,
        }
    }
}

#[tokio::test]
async fn how_far_the_journal_was_read_is_kept_with_what_it_told() {
    let fresh = fresh_sqlite();
    let store = &fresh.store;
    assert_eq!(store.follower_places().await.unwrap(), FollowerPlaces::default());
    for (segment, offset) in [(1, 0), (u64::MAX, u64::MAX), (7, 12)] {
        let derived = Some(read(segment, offset));
        let followed = Followed {
            derived: Some((Derived::default(), read(segment, offset))),
            ..Followed::default()
        };
        store.keep_followed(followed).await.unwrap();
        assert_eq!(
            store.follower_places().await.unwrap(),
            FollowerPlaces { derived, indexed: None }
        );
    }
    let indexed = Some(read(3, 4));
    store.keep_followed(Followed { indexed, ..Followed::default() }).await.unwrap();
    let derived = Some(read(7, 12));
    assert_eq!(store.follower_places().await.unwrap(), FollowerPlaces { derived, indexed });
    let raw = rusqlite::Connection::open(fresh.directory.path().join("trent.db")).unwrap();
    let set = |sql: &str| raw.execute(sql, []).unwrap();
    // The index of a program that makes it otherwise is none.
    set("UPDATE setting SET value = unhex('02' || hex(substr(value, 2))) \
         WHERE name = 'trail_index_place'");
    assert_eq!(store.follower_places().await.unwrap(), FollowerPlaces { derived, indexed: None });
    set("UPDATE setting SET value = x'00' WHERE name = 'follower_place'");
    assert!(matches!(store.follower_places().await, Err(StoreError::Corrupt(_))));
}

#[tokio::test]
async fn blocks_are_found_by_mark_and_time_the_latest_first() {
    let fresh = fresh_sqlite();
    let store = &fresh.store;
    let old = keep(store, block((1, 10), (0, 50), &[1, 2], &[])).await;
    let late = keep(store, block((1, 110), (40, 90), &[0, 2, u32::MAX], &[])).await;
    let same = keep(store, block((2, 10), (60, 90), &[2, 3], &[])).await;
    let none = keep(store, block((2, 110), (10, 95), &[], &[])).await;
    assert_eq!(found(store, None, 0, 100).await, [none, same, late, old]);
    assert_eq!(found(store, Some(2), 0, 100).await, [same, late, old]);
    assert_eq!(found(store, Some(1), 0, 100).await, [old]);
    assert_eq!(found(store, Some(u32::MAX), 0, 100).await, [late]);
    assert_eq!(found(store, Some(4), 0, 100).await, []);
    assert_eq!(found(store, Some(2), 0, 39).await, [old]);
    assert_eq!(found(store, Some(2), 51, 59).await, [late]);
    assert_eq!(found(store, None, 96, 100).await, []);
    store.forget_blocks_before(2).await.unwrap();
    assert_eq!(found(store, None, 0, 100).await, [none, same]);
    assert_eq!(store.indexed().await.unwrap(), Some(JournalPlace { segment: 2, offset: 210 }));
    store.forget_blocks().await.unwrap();
    assert_eq!((found(store, None, 0, 100).await, store.indexed().await.unwrap()), (vec![], None));
}

#[tokio::test]
async fn pages_go_over_all_blocks_also_where_few_of_them_fit() {
    let fresh = fresh_sqlite();
    let store = &fresh.store;
    let mut expected = Vec::new();
    for n in 0..700_u32 {
        let at = i64::from(n % 10);
        let span = keep(store, block((1, u64::from(n) * 100), (at, at), &[n % 7, 100], &[])).await;
        expected.push(span);
    }
    expected.sort_by_key(|span| std::cmp::Reverse((span.latest, span.start)));
    let of = |mark: u32| {
        let fits = |span: &&BlockSpan| span.start.offset / 100 % 7 == u64::from(mark);
        expected.iter().filter(fits).copied().collect::<Vec<_>>()
    };
    assert_eq!(found(store, Some(100), 0, 10).await, expected);
    assert_eq!(found(store, Some(3), 0, 10).await, of(3));
    assert_eq!(found(store, Some(50), 0, 10).await, []);
}

#[tokio::test]
async fn the_blocks_of_a_chain_begin_with_the_one_that_holds_the_sequence() {
    let fresh = fresh_sqlite();
    let store = &fresh.store;
    let first = keep(store, block((1, 10), (0, 1), &[], &[(1, 5), (2, 1)])).await;
    let second = keep(store, block((1, 110), (0, 1), &[], &[(1, 9)])).await;
    let third = keep(store, block((2, 10), (0, 1), &[], &[(1, 20), (2, 3)])).await;
    let of = async |chain: u8, sequence: u64, limit: u32| {
        store.chain_blocks(account(chain), sequence, limit).await.unwrap()
    };
    assert_eq!(of(1, 1, 9).await, [first, second, third], "the first ones are not there any more");
    assert_eq!(of(1, 8, 9).await, [first, second, third]);
    assert_eq!(of(1, 9, 9).await, [second, third]);
    assert_eq!(of(1, 9, 1).await, [second]);
    assert_eq!(of(1, u64::MAX, 9).await, [third]);
    assert_eq!(of(2, 2, 9).await, [first, third]);
    assert_eq!(of(3, 1, 9).await, []);
}

#[tokio::test]
async fn a_block_that_cannot_be_kept_takes_nothing_with_it() {
    let fresh = fresh_sqlite();
    let store = &fresh.store;
    let made = block((1, 10), (0, 1), &[1], &[(1, 1)]);
    keep(store, made.clone()).await;
    let before = store.follower_places().await.unwrap();
    let followed = Followed {
        derived: Some((Derived::default(), read(9, 9))),
        indexed: Some(read(9, 9)),
        block: Some(made),
    };
    assert!(store.keep_followed(followed).await.is_err(), "it is there already");
    assert_eq!(store.follower_places().await.unwrap(), before);
}

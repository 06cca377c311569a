//! The index of the journal, in SQLite.

use trent_types::{AccountId, Timestamp};

use crate::session::{Param, Row, Session, Stop, stored_count};
use crate::{
    BlockPage, BlockQuery, BlockSpan, FollowerPlaces, JournalPlace, ReadPlace, StoreError,
    TrailBlock, queues,
};

/// The setting that says how far the journal has been read for what is derived. (One of an older
/// program, `key_usage_place`, told of last uses only: they are found again.)
const DERIVED: &str = "follower_place";

/// The setting that says how far the index goes.
const INDEXED: &str = "trail_index_place";

/// How blocks and marks are made; an index of another version is none.
const INDEX_VERSION: u8 = 1;

/// Blocks that are looked at for a first page, which is mostly enough.
const FIRST_PAGE: i64 = 32;

/// Blocks that are looked at for one page: some megabytes of marks at most.
const PAGE: i64 = 256;

/// Blocks of a page that fit.
const FITTING: usize = 32;

const KEEP: &str = "INSERT INTO trail_block (segment, start, finish, earliest, latest, marks) \
    VALUES ($1, $2, $3, $4, $5, $6)";

const KEEP_CHAIN: &str =
    "INSERT INTO trail_block_chain (account, sequence, segment, start) VALUES ($1, $2, $3, $4)";

const FORGET: [&str; 2] = [
    "DELETE FROM trail_block WHERE segment < $1",
    "DELETE FROM trail_block_chain WHERE segment < $1",
];

const FORGET_SETTING: &str = "DELETE FROM setting WHERE name = $1";

const BLOCKS: &str = "SELECT segment, start, finish, earliest, latest, marks FROM trail_block \
    WHERE latest >= $1 AND earliest <= $2 AND (latest, segment, start) < ($3, $4, $5) \
    ORDER BY latest DESC, segment DESC, start DESC LIMIT $6";

const CHAIN_BLOCKS: &str = "SELECT b.segment, b.start, b.finish, b.earliest, b.latest \
    FROM trail_block_chain c JOIN trail_block b ON b.segment = c.segment AND b.start = c.start \
    WHERE c.account = $1 AND c.sequence >= coalesce((SELECT max(sequence) FROM trail_block_chain \
    WHERE account = $1 AND sequence <= $2), $2) ORDER BY c.sequence LIMIT $3";

/// See [`crate::FollowerStore::follower_places`].
pub(crate) async fn places(session: &impl Session) -> Result<FollowerPlaces, Stop> {
    Ok(FollowerPlaces {
        derived: place(session, DERIVED).await?.map(|(_, place)| place),
        indexed: indexed(session).await?,
    })
}

/// How far the index goes.
pub(crate) async fn indexed(session: &impl Session) -> Result<Option<ReadPlace>, Stop> {
    let read = place(session, INDEXED).await?;
    Ok(read.filter(|(version, _)| *version == INDEX_VERSION).map(|(_, place)| place))
}

/// A place as it is kept: version, segment, offset and checksum, big-endian.
async fn place(session: &impl Session, name: &str) -> Result<Option<(u8, ReadPlace)>, Stop> {
    let Some(bytes) = queues::setting(session, name).await? else { return Ok(None) };
    let parts = || {
        let (version, rest) = bytes.split_first()?;
        let (segment, rest) = rest.split_first_chunk()?;
        let (offset, check) = rest.split_first_chunk()?;
        let segment = u64::from_be_bytes(*segment);
        let place = JournalPlace { segment, offset: u64::from_be_bytes(*offset) };
        let check = u32::from_be_bytes(check.try_into().ok()?);
        Some((*version, ReadPlace { place, check }))
    };
    match parts() {
        Some(parts) => Ok(Some(parts)),
        None => Err(StoreError::Corrupt("the place in the journal is none".to_owned()).into()),
    }
}

async fn set_place(session: &impl Session, name: &str, read: ReadPlace) -> Result<(), Stop> {
    let ReadPlace { place, check } = read;
    let mut value = vec![INDEX_VERSION];
    value.extend_from_slice(&place.segment.to_be_bytes());
    value.extend_from_slice(&place.offset.to_be_bytes());
    value.extend_from_slice(&check.to_be_bytes());
    queues::set_setting(session, name, &value).await
}

/// Keeps how far the journal has been read for what is derived.
pub(crate) async fn set_derived(session: &impl Session, read: ReadPlace) -> Result<(), Stop> {
    set_place(session, DERIVED, read).await
}

/// Forgets how far the journal has been read for what is derived.
pub(crate) async fn unset_derived(session: &impl Session) -> Result<(), Stop> {
    session.execute(FORGET_SETTING, &[Param::Text(DERIVED)]).await?;
    Ok(())
}

/// Keeps how far the index goes.
pub(crate) async fn set_indexed(session: &impl Session, read: ReadPlace) -> Result<(), Stop> {
    set_place(session, INDEXED, read).await
}

/// Keeps a block.
pub(crate) async fn keep(session: &impl Session, block: &TrailBlock) -> Result<(), Stop> {
    let BlockSpan { start, finish, earliest, latest } = block.span;
    let (segment, offset) = (stored_count(start.segment)?, stored_count(start.offset)?);
    let marks: Vec<u8> = block.marks.iter().flat_map(|mark| mark.to_be_bytes()).collect();
    let params = [
        Param::Int(segment),
        Param::Int(offset),
        Param::Int(stored_count(finish)?),
        Param::Int(earliest.as_millis()),
        Param::Int(latest.as_millis()),
        Param::Bytes(&marks),
    ];
    session.execute(KEEP, &params).await?;
    for (chain, sequence) in &block.firsts {
        let sequence = Param::Int(stored_count(*sequence)?);
        let params =
            [Param::Text(chain.as_str()), sequence, Param::Int(segment), Param::Int(offset)];
        session.execute(KEEP_CHAIN, &params).await?;
    }
    Ok(())
}

/// See [`crate::FollowerStore::forget_blocks`].
pub(crate) async fn forget(session: &impl Session) -> Result<(), Stop> {
    forget_before(session, i64::MAX.unsigned_abs()).await?;
    session.execute(FORGET_SETTING, &[Param::Text(INDEXED)]).await?;
    Ok(())
}

/// See [`crate::FollowerStore::forget_blocks_before`].
pub(crate) async fn forget_before(session: &impl Session, segment: u64) -> Result<(), Stop> {
    for statement in FORGET {
        session.execute(statement, &[Param::Int(stored_count(segment)?)]).await?;
    }
    Ok(())
}

/// See [`crate::TrailIndex::blocks`].
pub(crate) async fn blocks(session: &impl Session, query: BlockQuery) -> Result<BlockPage, Stop> {
    let BlockQuery { mark, from, to, after } = query;
    let (latest, segment, start) = match after {
        None => (i64::MAX, i64::MAX, i64::MAX),
        Some(BlockSpan { start, latest, .. }) => {
            (latest.as_millis(), stored_count(start.segment)?, stored_count(start.offset)?)
        }
    };
    let looked_at = if after.is_none() { FIRST_PAGE } else { PAGE };
    let params = [
        Param::Int(from.as_millis()),
        Param::Int(to.as_millis()),
        Param::Int(latest),
        Param::Int(segment),
        Param::Int(start),
        Param::Int(looked_at),
    ];
    let rows = session.query(BLOCKS, &params).await?;
    let whole = rows.len() as i64 == looked_at;
    let (mut page, mut last) = (BlockPage::default(), None);
    for mut row in rows {
        let span = span(&mut row)?;
        let marks = row.bytes()?;
        if mark.is_none_or(|mark| has(&marks, mark)) {
            page.blocks.push(span);
        }
        last = Some(span);
        if page.blocks.len() == FITTING {
            page.next = last;
            return Ok(page);
        }
    }
    page.next = last.filter(|_| whole);
    Ok(page)
}

/// Whether a mark is among these.
fn has(marks: &[u8], mark: u32) -> bool {
    let (marks, _) = marks.as_chunks::<4>();
    marks.binary_search_by_key(&mark, |bytes| u32::from_be_bytes(*bytes)).is_ok()
}

/// See [`crate::TrailIndex::chain_blocks`].
pub(crate) async fn chain_blocks(
    session: &impl Session,
    chain: AccountId,
    sequence: u64,
    limit: u32,
) -> Result<Vec<BlockSpan>, Stop> {
    let params = [
        Param::Text(chain.as_str()),
        Param::Int(i64::try_from(sequence).unwrap_or(i64::MAX)),
        Param::Int(i64::from(limit)),
    ];
    let rows = session.query(CHAIN_BLOCKS, &params).await?;
    Ok(rows.into_iter().map(|mut row| span(&mut row)).collect::<Result<_, _>>()?)
}

fn span(row: &mut Row) -> Result<BlockSpan, StoreError> {
    Ok(BlockSpan {
        start: JournalPlace { segment: row.count()?, offset: row.count()? },
        finish: row.count()?,
        earliest: Timestamp::from_millis(row.int()?),
        latest: Timestamp::from_millis(row.int()?),
    })
}

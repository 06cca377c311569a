//! What the records of the trail are found by: kept with them, and searched.

use std::pin::pin;

use async_trait::async_trait;
use deadpool_postgres::Transaction;
use tokio_postgres::Error;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use trent_types::{AccountId, AuditRecord, EventId, Timestamp};

use super::Postgres;
use super::audit::{chain_name, chained_record};
use super::session::{PostgresSession, stop};
use crate::audit_store::POSTING_SPAN_MAX;
use crate::postings::{attribute_number, pack, unpack};
use crate::session::{Param, Row, Session, Stop, first, stored_count};
use crate::{Derive, Posted, Posting, PostingsQuery, StoreError, TrailStore};

const COPY: &str = "COPY audit_posting (chain, region, attribute, value, earliest, latest, \
    first_sequence, following) FROM STDIN BINARY";

/// The bounds of `latest` alone keep the search out of partitions and short.
const POSTINGS: &str = "SELECT earliest, latest, first_sequence, following FROM audit_posting \
    WHERE chain = $1 AND region = $2 AND attribute = $3 AND value = $4 \
    AND latest BETWEEN $5 AND $6 AND (latest, first_sequence) < ($7, $8) AND earliest <= $9 \
    ORDER BY latest DESC, first_sequence DESC LIMIT $10";

const RECORDS_AT: &str = "SELECT chain, event_time, event_id, sequence, previous_hash, hash, \
    cloudtrail_json FROM audit_event WHERE chain = $1 AND sequence = ANY($2::bigint[]) \
    AND event_time BETWEEN $3 AND $4 ORDER BY sequence";

const EVENT: &str = "SELECT chain, event_time, event_id, sequence, previous_hash, hash, \
    cloudtrail_json FROM audit_event WHERE event_time = $1 AND event_id = $2";

#[async_trait]
impl TrailStore for Postgres {
    async fn postings(&self, query: &PostingsQuery) -> Result<Vec<Posted>, StoreError> {
        let (from, to) = (query.from.as_millis(), query.to.as_millis());
        // A posting that reaches back to `to` ends no later than this.
        let end = to.saturating_add(POSTING_SPAN_MAX.as_millis() as i64);
        let (until, before) = match &query.after {
            Some(last) => {
                let first = last.sequences.first().copied().unwrap_or_default();
                (last.latest.as_millis().min(end), (last.latest.as_millis(), stored_count(first)?))
            }
            None => (end, (i64::MAX, 0)),
        };
        let params = [
            Param::Text(query.chain.as_str()),
            Param::Text(query.region.as_str()),
            Param::Int(attribute_number(query.attribute).into()),
            Param::Text(&query.value),
            Param::Int(from),
            Param::Int(until),
            Param::Int(before.0),
            Param::Int(before.1),
            Param::Int(to),
            Param::Int(query.limit.into()),
        ];
        let client = self.client().await?;
        let rows = PostgresSession(&*client).query(POSTINGS, &params).await?;
        rows.into_iter().map(posted).collect()
    }

    async fn records_at(
        &self,
        chain: AccountId,
        sequences: &[u64],
        earliest: Timestamp,
        latest: Timestamp,
    ) -> Result<Vec<(u64, AuditRecord)>, StoreError> {
        let places: Vec<i64> =
            sequences.iter().map(|place| stored_count(*place)).collect::<Result<_, _>>()?;
        let (earliest, latest) = (earliest.as_millis(), latest.as_millis());
        let client = self.client().await?;
        let read = async {
            let statement = client.prepare_cached(RECORDS_AT).await?;
            let params: [&(dyn ToSql + Sync); 4] = [&chain.as_str(), &places, &earliest, &latest];
            client.query(&statement, &params).await
        };
        let rows = read.await.map_err(|error| StoreError::from(stop(&error)))?;
        rows.iter().map(|row| placed(super::session::row(row)?)).collect()
    }

    async fn event(
        &self,
        at: Timestamp,
        event: EventId,
    ) -> Result<Option<(u64, AuditRecord)>, StoreError> {
        let params = [Param::Int(at.as_millis()), Param::Bytes(event.as_bytes())];
        let client = self.client().await?;
        let rows = PostgresSession(&*client).query(EVENT, &params).await?;
        first(rows).map(placed).transpose()
    }

    async fn post_next(
        &self,
        derive: &dyn Derive,
        records_max: u32,
    ) -> Result<Option<u64>, StoreError> {
        self.post_some(derive, records_max).await
    }
}

/// Keeps postings of records that the same transaction keeps.
pub(super) async fn keep_postings(
    transaction: &Transaction<'_>,
    postings: &[Posting],
) -> Result<(), Stop> {
    let rows: Vec<_> = postings.iter().filter_map(stored).collect::<Result<_, _>>()?;
    if rows.is_empty() {
        return Ok(());
    }
    copy_in(transaction, &rows).await.map_err(|error| stop(&error))
}

/// A posting and its first place; one without places tells of nothing.
fn stored(posting: &Posting) -> Option<Result<(&Posting, i64), StoreError>> {
    posting.sequences.first().map(|first| Ok((posting, stored_count(*first)?)))
}

async fn copy_in(transaction: &Transaction<'_>, rows: &[(&Posting, i64)]) -> Result<(), Error> {
    const TYPES: [Type; 8] = [
        Type::TEXT,
        Type::TEXT,
        Type::INT2,
        Type::TEXT,
        Type::INT8,
        Type::INT8,
        Type::INT8,
        Type::BYTEA,
    ];
    let statement = transaction.prepare_cached(COPY).await?;
    let sink = transaction.copy_in(&statement).await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
    let mut following = Vec::new();
    for (posting, first) in rows {
        following.clear();
        pack(&posting.sequences, &mut following);
        let columns: [&(dyn ToSql + Sync); 8] = [
            &chain_name(posting.chain.as_ref()),
            &posting.region,
            &attribute_number(posting.attribute),
            &posting.value,
            &posting.earliest.as_millis(),
            &posting.latest.as_millis(),
            first,
            &following,
        ];
        writer.as_mut().write(&columns).await?;
    }
    writer.finish().await?;
    Ok(())
}

fn posted(mut row: Row) -> Result<Posted, StoreError> {
    let (earliest, latest) =
        (Timestamp::from_millis(row.int()?), Timestamp::from_millis(row.int()?));
    let first = row.count()?;
    let sequences = unpack(first, &row.bytes()?)
        .ok_or_else(|| StoreError::Corrupt("the places of a posting are damaged".to_owned()))?;
    Ok(Posted { earliest, latest, sequences })
}

fn placed(row: Row) -> Result<(u64, AuditRecord), StoreError> {
    let link = chained_record(row)?;
    Ok((link.sequence, link.record))
}

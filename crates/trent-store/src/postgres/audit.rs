//! The audit trail in Postgres.

use std::collections::{BTreeMap, HashSet};
use std::pin::pin;

use async_trait::async_trait;
use deadpool_postgres::Transaction;
use tokio_postgres::Error;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::{ToSql, Type};
use trent_types::{AccountId, AuditRecord, EventId, KeyArn, KeyUsed, Timestamp};

use super::partitions::month_of;
use super::session::{PostgresSession, stop};
use super::trail::keep_postings;
use super::{ATTEMPTS, Postgres, finish, usage};
use crate::queues::chain_account;
use crate::session::{Param, Row, Session, Stop, first, stored_count};
use crate::{ArchiveStore, AuditStore, ChainHash, ChainedRecord, Derive, StoreError};

const MAKE_HEADS: &str = "INSERT INTO audit_chain (chain, sequence, hash) \
    SELECT chain, 0, $2 FROM unnest($1::text[]) AS wanted (chain) ORDER BY chain \
    ON CONFLICT DO NOTHING";

/// In order, so that two appends never wait for each other in a circle.
const LOCK_HEADS: &str = "SELECT chain, sequence, hash FROM audit_chain \
    WHERE chain = ANY($1::text[]) ORDER BY chain FOR UPDATE";

/// The bounds keep the search out of partitions that cannot hold any.
const KNOWN: &str = "SELECT e.event_id FROM audit_event e \
    JOIN unnest($1::bigint[], $2::bytea[]) AS asked (event_time, event_id) \
    ON e.event_time = asked.event_time AND e.event_id = asked.event_id \
    WHERE e.event_time BETWEEN $3 AND $4";

const COPY: &str = "COPY audit_event (event_time, event_id, chain, sequence, previous_hash, hash, \
    cloudtrail_json) FROM STDIN BINARY";

const MOVE_HEADS: &str = "UPDATE audit_chain AS c SET sequence = moved.sequence, hash = moved.hash \
    FROM unnest($1::text[], $2::bigint[], $3::bytea[]) AS moved (chain, sequence, hash) \
    WHERE c.chain = moved.chain";

/// As the shared statement, for many keys at once, in their order, so that two appends never wait
/// for each other in a circle.
const NOTE_USES: &str = "INSERT INTO key_last_usage \
    (region, key_id, multi_region, operation, used_at, event_id, request_id) \
    SELECT * FROM unnest($1::text[], $2::bytea[], $3::boolean[], $4::text[], $5::bigint[], \
    $6::bytea[], $7::bytea[]) AS used (region, key_id, multi_region, operation, used_at, event_id, \
    request_id) ORDER BY region, key_id, multi_region \
    ON CONFLICT (region, key_id, multi_region) DO UPDATE SET operation = excluded.operation, \
    used_at = excluded.used_at, event_id = excluded.event_id, request_id = excluded.request_id \
    WHERE (excluded.used_at, excluded.event_id) > \
    (key_last_usage.used_at, key_last_usage.event_id)";

const CHAINS: &str = "SELECT chain FROM audit_chain WHERE sequence > 0 ORDER BY chain";

const HEADS: &str = "SELECT chain, sequence, hash FROM audit_chain WHERE sequence > 0";

const HEAD: &str = "SELECT sequence, hash FROM audit_chain WHERE chain = $1";

const RECORDS: &str = "SELECT chain, event_time, event_id, sequence, previous_hash, hash, \
    cloudtrail_json FROM audit_event WHERE chain = $1 AND sequence > $2 \
    ORDER BY sequence LIMIT $3";

/// The last place of a chain.
#[derive(Clone, Copy)]
struct Head {
    sequence: u64,
    hash: [u8; 32],
}

/// A record in its place, ready to be copied in.
struct Placed<'a> {
    record: &'a AuditRecord,
    chain: &'a str,
    sequence: i64,
    previous_hash: [u8; 32],
    hash: [u8; 32],
}

#[async_trait]
impl AuditStore for Postgres {
    async fn append(
        &self,
        records: &[AuditRecord],
        hash: ChainHash,
        derive: &dyn Derive,
    ) -> Result<u64, StoreError> {
        if records.is_empty() {
            return Ok(0);
        }
        self.ensure_months(records.iter().map(|record| month_of(record.event_time)).collect())
            .await?;
        let mut attempt = 1;
        loop {
            match self.append_once(records, hash, derive).await {
                Err(Stop::Aborted(_)) if attempt < ATTEMPTS => attempt += 1,
                done => {
                    if done.is_err() {
                        // A month may have been archived, and its partition is gone.
                        self.forget_months();
                    }
                    return Ok(done?);
                }
            }
        }
    }

    async fn chains(&self) -> Result<Vec<Option<AccountId>>, StoreError> {
        let client = self.client().await?;
        let rows = PostgresSession(&*client).query(CHAINS, &[]).await?;
        rows.into_iter().map(|mut row| chain_account(&row.text()?)).collect()
    }

    async fn head(&self, chain: Option<AccountId>) -> Result<(u64, [u8; 32]), StoreError> {
        let client = self.client().await?;
        let params = [Param::Text(chain_name(chain.as_ref()))];
        match first(PostgresSession(&*client).query(HEAD, &params).await?) {
            Some(mut row) => Ok((row.count()?, row.array()?)),
            None => Ok((0, [0; 32])),
        }
    }

    async fn heads(&self) -> Result<Vec<(Option<AccountId>, u64, [u8; 32])>, StoreError> {
        let client = self.client().await?;
        let rows = PostgresSession(&*client).query(HEADS, &[]).await?;
        let head = |mut row: Row| Ok((chain_account(&row.text()?)?, row.count()?, row.array()?));
        rows.into_iter().map(head).collect()
    }

    async fn records(
        &self,
        chain: Option<AccountId>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ChainedRecord>, StoreError> {
        let client = self.client().await?;
        let params = [
            Param::Text(chain_name(chain.as_ref())),
            Param::Int(stored_count(after)?),
            Param::Int(i64::from(limit)),
        ];
        let rows = PostgresSession(&*client).query(RECORDS, &params).await?;
        rows.into_iter().map(chained_record).collect()
    }

    async fn manifests(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.archived().await?.into_iter().map(|part| part.manifest).collect())
    }

    async fn ensure_partitions(&self, from: Timestamp, to: Timestamp) -> Result<(), StoreError> {
        self.ensure_months_between(from, to).await
    }
}

impl Postgres {
    async fn append_once(
        &self,
        records: &[AuditRecord],
        hash: ChainHash,
        derive: &dyn Derive,
    ) -> Result<u64, Stop> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| stop(&error))?;
        let done = append_in(&transaction, records, hash, derive).await;
        finish(transaction, done).await
    }
}

async fn note_uses(transaction: &Transaction<'_>, uses: &[(KeyArn, KeyUsed)]) -> Result<(), Error> {
    if uses.is_empty() {
        return Ok(());
    }
    let regions: Vec<&str> = uses.iter().map(|(key, _)| key.region.as_str()).collect();
    let ids: Vec<&[u8]> = uses.iter().map(|(key, _)| key.key_id.as_bytes().as_slice()).collect();
    let multi: Vec<bool> = uses.iter().map(|(key, _)| key.key_id.is_multi_region()).collect();
    let operations: Vec<&str> = uses.iter().map(|(_, used)| used.operation.as_str()).collect();
    let moments: Vec<i64> = uses.iter().map(|(_, used)| used.at.as_millis()).collect();
    let events: Vec<&[u8]> =
        uses.iter().map(|(_, used)| used.event_id.as_bytes().as_slice()).collect();
    let requests: Vec<&[u8]> =
        uses.iter().map(|(_, used)| used.request_id.as_bytes().as_slice()).collect();
    let statement = transaction.prepare_cached(NOTE_USES).await?;
    let columns: [&(dyn ToSql + Sync); 7] =
        [&regions, &ids, &multi, &operations, &moments, &events, &requests];
    transaction.execute(&statement, &columns).await?;
    Ok(())
}

async fn append_in(
    transaction: &Transaction<'_>,
    records: &[AuditRecord],
    hash: ChainHash,
    derive: &dyn Derive,
) -> Result<u64, Stop> {
    // Whoever appends any of these records needs the same head, so what is looked up under its lock
    // stays true.
    let mut heads = lock_heads(transaction, records).await?;
    let mut known = known_events(transaction, records).await?;
    let mut placed = Vec::with_capacity(records.len());
    for record in records.iter().filter(|record| known.insert(record.event_id)) {
        let chain = chain_name(record.account.as_ref());
        let head = heads
            .get_mut(chain)
            .ok_or_else(|| StoreError::Corrupt(format!("the chain {chain} has no head")))?;
        let previous_hash = head.hash;
        let sequence = head.sequence + 1;
        *head = Head { sequence, hash: hash(&previous_hash, sequence, record) };
        let (sequence, hash) = (stored_count(sequence)?, head.hash);
        placed.push(Placed { record, chain, sequence, previous_hash, hash });
    }
    if placed.is_empty() {
        return Ok(0);
    }
    copy_in(transaction, &placed).await.map_err(|error| stop(&error))?;
    move_heads(transaction, &heads).await?;
    let new: Vec<_> = placed.iter().map(|row| (row.sequence.cast_unsigned(), row.record)).collect();
    let derived = derive.derive(&new);
    keep_postings(transaction, &derived.postings).await?;
    note_uses(transaction, &derived.uses).await.map_err(|error| stop(&error))?;
    usage::add(transaction, &derived).await?;
    Ok(placed.len() as u64)
}

async fn lock_heads<'a>(
    transaction: &Transaction<'_>,
    records: &'a [AuditRecord],
) -> Result<BTreeMap<&'a str, Head>, Stop> {
    let zeros: &[u8] = &[0; 32];
    let mut heads: BTreeMap<&str, Head> = records
        .iter()
        .map(|record| (chain_name(record.account.as_ref()), Head { sequence: 0, hash: [0; 32] }))
        .collect();
    let chains: Vec<&str> = heads.keys().copied().collect();
    let lock = async {
        let statement = transaction.prepare_cached(LOCK_HEADS).await?;
        let rows = transaction.query(&statement, &[&chains]).await?;
        if rows.len() == chains.len() {
            return Ok(rows);
        }
        let make = transaction.prepare_cached(MAKE_HEADS).await?;
        transaction.execute(&make, &[&chains, &zeros]).await?;
        transaction.query(&statement, &[&chains]).await
    };
    for row in lock.await.map_err(|error: Error| stop(&error))? {
        let damaged = || StoreError::Corrupt("the head of a chain is damaged".to_owned());
        let chain: &str = row.try_get(0).map_err(|_| damaged())?;
        let sequence: i64 = row.try_get(1).map_err(|_| damaged())?;
        let hash: &[u8] = row.try_get(2).map_err(|_| damaged())?;
        let head = heads.get_mut(chain).ok_or_else(damaged)?;
        head.sequence = u64::try_from(sequence).map_err(|_| damaged())?;
        head.hash = hash.try_into().map_err(|_| damaged())?;
    }
    Ok(heads)
}

async fn known_events(
    transaction: &Transaction<'_>,
    records: &[AuditRecord],
) -> Result<HashSet<EventId>, Stop> {
    let times: Vec<i64> = records.iter().map(|record| record.event_time.as_millis()).collect();
    let ids: Vec<&[u8]> =
        records.iter().map(|record| record.event_id.as_bytes().as_slice()).collect();
    let earliest = times.iter().min().copied().unwrap_or_default();
    let latest = times.iter().max().copied().unwrap_or_default();
    let look = async {
        let statement = transaction.prepare_cached(KNOWN).await?;
        transaction.query(&statement, &[&times, &ids, &earliest, &latest]).await
    };
    let mut known = HashSet::with_capacity(records.len());
    for row in look.await.map_err(|error| stop(&error))? {
        let id: Option<[u8; 16]> =
            row.try_get::<_, &[u8]>(0).ok().and_then(|bytes| bytes.try_into().ok());
        let id = id.ok_or_else(|| StoreError::Corrupt("an event id is damaged".to_owned()))?;
        known.insert(EventId::from_bytes(id));
    }
    Ok(known)
}

async fn copy_in(transaction: &Transaction<'_>, placed: &[Placed<'_>]) -> Result<(), Error> {
    const TYPES: [Type; 7] =
        [Type::INT8, Type::BYTEA, Type::TEXT, Type::INT8, Type::BYTEA, Type::BYTEA, Type::BYTEA];
    let statement = transaction.prepare_cached(COPY).await?;
    let sink = transaction.copy_in(&statement).await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
    for row in placed {
        let time = row.record.event_time.as_millis();
        let (previous, hash) = (row.previous_hash.as_slice(), row.hash.as_slice());
        let columns: [&(dyn ToSql + Sync); 7] = [
            &time,
            &row.record.event_id.as_bytes().as_slice(),
            &row.chain,
            &row.sequence,
            &previous,
            &hash,
            &row.record.cloudtrail_json,
        ];
        writer.as_mut().write(&columns).await?;
    }
    writer.finish().await?;
    Ok(())
}

async fn move_heads(
    transaction: &Transaction<'_>,
    heads: &BTreeMap<&str, Head>,
) -> Result<(), Stop> {
    let chains: Vec<&str> = heads.keys().copied().collect();
    let sequences: Vec<i64> =
        heads.values().map(|head| stored_count(head.sequence)).collect::<Result<_, _>>()?;
    let hashes: Vec<&[u8]> = heads.values().map(|head| head.hash.as_slice()).collect();
    let moving = async {
        let statement = transaction.prepare_cached(MOVE_HEADS).await?;
        transaction.execute(&statement, &[&chains, &sequences, &hashes]).await
    };
    moving.await.map_err(|error| stop(&error))?;
    Ok(())
}

pub(super) fn chain_name(account: Option<&AccountId>) -> &str {
    account.map_or("", AccountId::as_str)
}

pub(super) fn chained_record(mut row: Row) -> Result<ChainedRecord, StoreError> {
    let account = chain_account(&row.text()?)?;
    let event_time = Timestamp::from_millis(row.int()?);
    let event_id = EventId::from_bytes(row.array()?);
    let (sequence, previous_hash, hash) = (row.count()?, row.array()?, row.array()?);
    let cloudtrail_json = row.bytes()?;
    let record = AuditRecord { event_id, account, event_time, cloudtrail_json, trace: None };
    Ok(ChainedRecord { record, sequence, previous_hash, hash })
}

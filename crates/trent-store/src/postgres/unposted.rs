//! Records that were kept before there were postings: they are posted behind, the newest first.

use deadpool_postgres::Transaction;
use trent_types::AuditRecord;

use super::audit::chained_record;
use super::session::{PostgresSession, stop};
use super::trail::keep_postings;
use super::{Postgres, finish};
use crate::session::{Param, Row, Session, Stop, first, stored_count};
use crate::{Derive, StoreError};

/// Several may be at work, each on another chain.
const TAKE: &str = "SELECT chain, last FROM audit_unposted ORDER BY chain LIMIT 1 \
    FOR UPDATE SKIP LOCKED";

const LEFT: &str = "SELECT count(*) FROM audit_unposted";

const RECORDS: &str = "SELECT chain, event_time, event_id, sequence, previous_hash, hash, \
    cloudtrail_json FROM audit_event WHERE chain = $1 AND sequence > $2 AND sequence <= $3 \
    ORDER BY sequence";

const MOVE: &str = "UPDATE audit_unposted SET last = $1 WHERE chain = $2";

const DONE: &str = "DELETE FROM audit_unposted WHERE chain = $1";

impl Postgres {
    pub(super) async fn post_some(
        &self,
        derive: &dyn Derive,
        records_max: u32,
    ) -> Result<Option<u64>, StoreError> {
        let mut client = self.client().await?;
        let transaction =
            client.transaction().await.map_err(|error| StoreError::from(stop(&error)))?;
        let done = post_in(&transaction, derive, records_max).await;
        Ok(finish(transaction, done).await?)
    }
}

async fn post_in(
    transaction: &Transaction<'_>,
    derive: &dyn Derive,
    records_max: u32,
) -> Result<Option<u64>, Stop> {
    let session = PostgresSession(transaction);
    let Some(mut taken) = first(session.query(TAKE, &[]).await?) else {
        let left = first(session.query(LEFT, &[]).await?).map(|mut row| row.int()).transpose()?;
        return Ok(left.filter(|left| *left > 0).map(|_| 0));
    };
    let (chain, last) = (taken.text()?, taken.count()?);
    let before = last.saturating_sub(u64::from(records_max).max(1));
    let bounds =
        [Param::Text(&chain), Param::Int(stored_count(before)?), Param::Int(stored_count(last)?)];
    let rows = session.query(RECORDS, &bounds).await?;
    let records: Vec<(u64, AuditRecord)> =
        rows.into_iter().map(placed).collect::<Result<_, _>>()?;
    let borrowed: Vec<_> = records.iter().map(|(place, record)| (*place, record)).collect();
    // What else follows from these records was kept with them.
    keep_postings(transaction, &derive.derive(&borrowed).postings).await?;
    if before == 0 {
        session.execute(DONE, &[Param::Text(&chain)]).await?;
    } else {
        let params = [Param::Int(stored_count(before)?), Param::Text(&chain)];
        session.execute(MOVE, &params).await?;
    }
    Ok(Some(last - before))
}

fn placed(row: Row) -> Result<(u64, AuditRecord), StoreError> {
    let link = chained_record(row)?;
    Ok((link.sequence, link.record))
}

//! Months of the audit trail that leave Postgres. Only the owner of the tables may do it.

use async_trait::async_trait;
use deadpool_postgres::Transaction;
use trent_types::{AccountId, Timestamp};

use super::audit::{chain_name, chained_record};
use super::partitions::month_of;
use super::session::{PostgresSession, stop};
use super::{Postgres, finish};
use crate::archive_store::{ArchiveStore, ArchivedPart};
use crate::queues::chain_account;
use crate::session::{Param, Session, Stop, first, stored_count};
use crate::{ChainedRecord, StoreError};

const MONTHS: &str = "SELECT relname::text FROM pg_class \
    JOIN pg_inherits ON inhrelid = pg_class.oid \
    WHERE inhparent = 'audit_event'::regclass ORDER BY relname";

const NEXT_CHAIN: &str = "SELECT chain FROM audit_event WHERE event_time >= $1 AND event_time < $2 \
    AND ($4 OR chain > $3) ORDER BY chain LIMIT 1";

const RECORDS: &str = "SELECT chain, event_time, event_id, sequence, previous_hash, hash, \
    cloudtrail_json FROM audit_event WHERE event_time >= $1 AND event_time < $2 AND chain = $3 \
    AND sequence > $4 ORDER BY sequence LIMIT $5";

const ARCHIVED: &str = "SELECT month::bigint, part::bigint, manifest FROM audit_archive \
    ORDER BY month, part";

const NOTE: &str = "INSERT INTO audit_archive (month, part, manifest) VALUES ($1, $2, $3)";

#[async_trait]
impl ArchiveStore for Postgres {
    async fn months(&self) -> Result<Vec<i64>, StoreError> {
        let client = self.client().await?;
        let rows = PostgresSession(&*client).query(MONTHS, &[]).await?;
        let names: Vec<String> =
            rows.into_iter().map(|mut row| row.text()).collect::<Result<_, _>>()?;
        Ok(names.iter().filter_map(|name| month_of_partition(name)).collect())
    }

    async fn next_chain_of_month(
        &self,
        month: i64,
        after: Option<Option<AccountId>>,
    ) -> Result<Option<Option<AccountId>>, StoreError> {
        let (from, to) = bounds(month)?;
        let known = after.flatten();
        let params = [
            Param::Int(from.as_millis()),
            Param::Int(to.as_millis()),
            Param::Text(chain_name(known.as_ref())),
            Param::Bool(after.is_none()),
        ];
        let client = self.client().await?;
        let row = first(PostgresSession(&*client).query(NEXT_CHAIN, &params).await?);
        row.map(|mut row| chain_account(&row.text()?)).transpose()
    }

    async fn records_of_month(
        &self,
        month: i64,
        chain: Option<AccountId>,
        after: u64,
        limit: u32,
    ) -> Result<Vec<ChainedRecord>, StoreError> {
        let (from, to) = bounds(month)?;
        let params = [
            Param::Int(from.as_millis()),
            Param::Int(to.as_millis()),
            Param::Text(chain_name(chain.as_ref())),
            Param::Int(stored_count(after)?),
            Param::Int(i64::from(limit)),
        ];
        let client = self.client().await?;
        let rows = PostgresSession(&*client).query(RECORDS, &params).await?;
        rows.into_iter().map(chained_record).collect()
    }

    async fn archived(&self) -> Result<Vec<ArchivedPart>, StoreError> {
        let client = self.client().await?;
        let rows = PostgresSession(&*client).query(ARCHIVED, &[]).await?;
        let part = |mut row: crate::session::Row| {
            let (month, part) = (row.int()?, row.int()?);
            let part = u32::try_from(part)
                .map_err(|_| StoreError::Corrupt(format!("an archive has the part {part}")))?;
            Ok(ArchivedPart { month, part, manifest: row.text()? })
        };
        rows.into_iter().map(part).collect()
    }

    async fn drop_month(&self, part: &ArchivedPart, records: u64) -> Result<bool, StoreError> {
        let mut client = self.client().await?;
        let transaction = client.transaction().await.map_err(|error| stop(&error))?;
        let dropped = drop_in(&transaction, part, records).await;
        Ok(finish(transaction, dropped).await?)
    }
}

/// First the partition is kept from changing, then its records are counted, and only when they are
/// removed the whole trail is locked, for a moment. Who appends to this very month at the same time
/// may be the one that Postgres gives up, and tries again.
async fn drop_in(
    transaction: &Transaction<'_>,
    part: &ArchivedPart,
    records: u64,
) -> Result<bool, Stop> {
    let (events, postings) = (partition("audit_event", part.month), postings_of(part.month));
    let run = async {
        let begin = format!(
            "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; \
             SELECT pg_advisory_xact_lock(7239482); LOCK TABLE {events} IN SHARE ROW EXCLUSIVE MODE"
        );
        transaction.batch_execute(&begin).await?;
        let count = format!("SELECT count(*) FROM {events}");
        let there: i64 = transaction.query_one(&count, &[]).await?.try_get(0)?;
        if u64::try_from(there) != Ok(records) {
            return Ok(false);
        }
        let (month, number) = (part.month as i32, part.part.cast_signed());
        transaction.execute(NOTE, &[&month, &number, &part.manifest]).await?;
        let remove = format!("DROP TABLE {events}; DROP TABLE IF EXISTS {postings}");
        transaction.batch_execute(&remove).await?;
        Ok(true)
    };
    run.await.map_err(|error| stop(&error))
}

/// What the records of a month can be found by is in a table of the same month (V13).
fn postings_of(month: i64) -> String {
    partition("audit_posting", month)
}

/// The name that `make_audit_month` gives; nothing else is in it.
fn partition(parent: &str, month: i64) -> String {
    format!("{parent}_{:04}_{:02}", month.div_euclid(12), month.rem_euclid(12) + 1)
}

fn month_of_partition(name: &str) -> Option<i64> {
    let (year, month) = name.strip_prefix("audit_event_")?.split_once('_')?;
    let first = Timestamp::from_civil(year.parse().ok()?, month.parse().ok()?, 1, 0, 0, 0)?;
    Some(month_of(first))
}

/// The beginning of a month and of the next one.
fn bounds(month: i64) -> Result<(Timestamp, Timestamp), StoreError> {
    let begin = |month: i64| {
        let of_year = u32::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
        Timestamp::from_civil(month.div_euclid(12), of_year, 1, 0, 0, 0)
    };
    let none = || StoreError::Corrupt(format!("there is no month {month}"));
    Ok((begin(month).ok_or_else(none)?, begin(month + 1).ok_or_else(none)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_its_partition_and_its_bounds() {
        let month = 2026 * 12 + 11;
        assert_eq!(partition("audit_event", month), "audit_event_2026_12");
        assert_eq!(month_of_partition("audit_event_2026_12"), Some(month));
        assert_eq!(month_of_partition("audit_event_default"), None);
        let (from, to) = bounds(month).unwrap();
        assert_eq!((from.iso8601().as_str(), to.iso8601().as_str()), {
            ("2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z")
        });
    }
}

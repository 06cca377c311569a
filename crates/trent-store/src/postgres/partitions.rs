//! The audit trail's partitions: one for each month, UTC.

use std::sync::PoisonError;

use trent_types::Timestamp;

use super::session::stop;
use super::{Postgres, finish};
use crate::StoreError;
use crate::session::Stop;

/// More months than this in one call are a mistake, not a trail.
const MONTHS_MAX: i64 = 1200;

/// A month, counted from January of year 0.
pub(super) fn month_of(moment: Timestamp) -> i64 {
    let (year, month, ..) = moment.civil();
    year * 12 + i64::from(month) - 1
}

fn first_moment(month: i64) -> Result<Timestamp, StoreError> {
    let of_year = u32::try_from(month.rem_euclid(12) + 1).unwrap_or(1);
    Timestamp::from_civil(month.div_euclid(12), of_year, 1, 0, 0, 0)
        .ok_or_else(|| StoreError::Corrupt(format!("there is no month {month}")))
}

impl Postgres {
    pub(super) async fn ensure_months_between(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(), StoreError> {
        let (from, to) = (month_of(from), month_of(to));
        if to - from >= MONTHS_MAX {
            return Err(StoreError::Corrupt(format!("partitions for {} months", to - from)));
        }
        self.ensure_months((from..=to).collect()).await
    }

    /// Makes the partitions of these months that are not there yet.
    pub(super) async fn ensure_months(&self, mut wanted: Vec<i64>) -> Result<(), StoreError> {
        wanted.sort_unstable();
        wanted.dedup();
        {
            let known = self.months.lock().unwrap_or_else(PoisonError::into_inner);
            wanted.retain(|month| !known.contains(month));
        }
        if wanted.is_empty() {
            return Ok(());
        }
        let mut client = self.client().await?;
        for month in wanted {
            let transaction = client.transaction().await.map_err(|error| stop(&error))?;
            let done = make_month(&transaction, month).await;
            finish(transaction, done).await?;
            self.months.lock().unwrap_or_else(PoisonError::into_inner).insert(month);
        }
        Ok(())
    }
}

async fn make_month(
    transaction: &deadpool_postgres::Transaction<'_>,
    month: i64,
) -> Result<(), Stop> {
    let (from, to) = (first_moment(month)?.as_millis(), first_moment(month + 1)?.as_millis());
    let name = format!("audit_event_{:04}_{:02}", month.div_euclid(12), month.rem_euclid(12) + 1);
    let make = async {
        // Two makers take turns; the second finds the partition there. Looking first keeps the
        // trail's lock short.
        transaction.batch_execute("SELECT pg_advisory_xact_lock(7239482)").await?;
        let looked =
            transaction.query_one("SELECT to_regclass($1::text) IS NOT NULL", &[&name]).await?;
        if !looked.try_get::<_, bool>(0)? {
            let sql = format!(
                "CREATE TABLE {name} PARTITION OF audit_event FOR VALUES FROM ({from}) TO ({to})"
            );
            transaction.batch_execute(&sql).await?;
        }
        Ok(())
    };
    make.await.map_err(|error: tokio_postgres::Error| stop(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_starts_at_its_first_moment_and_ends_at_the_next_ones() {
        for millis in [0, 1_448_050_688_123, 951_782_400_000, 4_102_444_799_999] {
            let moment = Timestamp::from_millis(millis);
            let month = month_of(moment);
            assert!(first_moment(month).unwrap() <= moment);
            assert!(moment < first_moment(month + 1).unwrap());
        }
        let december = Timestamp::from_civil(2026, 12, 31, 23, 59, 59).unwrap();
        assert_eq!(first_moment(month_of(december) + 1).unwrap().iso8601(), "2027-01-01T00:00:00Z");
    }
}

//! The audit trail's partitions: one for each month, UTC. The database makes them
//! (`make_audit_month`, V4), so that the logger's role needs no right to make tables.

use std::sync::PoisonError;

use trent_types::Timestamp;

use super::Postgres;
use super::session::stop;
use crate::StoreError;

/// More months than this in one call are a mistake, not a trail.
const MONTHS_MAX: i64 = 1200;

/// A month, counted from January of year 0.
pub(super) fn month_of(moment: Timestamp) -> i64 {
    let (year, month, ..) = moment.civil();
    year * 12 + i64::from(month) - 1
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

    /// Partitions are looked for again.
    pub(super) fn forget_months(&self) {
        self.months.lock().unwrap_or_else(PoisonError::into_inner).clear();
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
        let client = self.client().await?;
        for month in wanted {
            let number = i32::try_from(month)
                .map_err(|_| StoreError::Corrupt(format!("there is no month {month}")))?;
            let made = client.execute("SELECT make_audit_month($1)", &[&number]).await;
            made.map_err(|error| StoreError::from(stop(&error)))?;
            self.months.lock().unwrap_or_else(PoisonError::into_inner).insert(month);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_counted_from_january_of_year_0() {
        let month = |year, month| month_of(Timestamp::from_civil(year, month, 1, 0, 0, 0).unwrap());
        assert_eq!(month(1970, 1), 1970 * 12);
        assert_eq!(month(2026, 12) + 1, month(2027, 1));
        let last = Timestamp::from_civil(2026, 12, 31, 23, 59, 59).unwrap();
        assert_eq!(month_of(last), 2026 * 12 + 11);
    }
}

//! The evaluator's lease: without one it decides nothing.
//!
//! In the distributed form the lease is renewed through the store. It is counted on the monotonic
//! clock from before the renewal was asked for, so it always ends here before a changer that waited
//! [`WAIT`] after its commit stops waiting. A renewal delivers every invalidation committed since
//! the one before; they are applied before the lease is extended. After a gap everything cached is
//! dropped, because nobody waited for this evaluator meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;
use trent_runtime::Shutdown;
use trent_store::{Invalidation, InvalidationCursor, RegistryStore, StoreError};
use trent_types::{Clock, Timestamp};
use uuid::Uuid;

use crate::cache::Cache;
use crate::standing::Standing;

/// How long a lease is used: a little less than a changer waits, for monotonic clocks that do not
/// run at one rate.
const HELD: Duration = Duration::from_millis(1_980);

/// How long a changer waits after its commit for an evaluator that does not acknowledge.
pub(crate) const WAIT: Duration = Duration::from_secs(2);

/// How often a lease is renewed.
const RENEWAL: Duration = Duration::from_millis(500);

/// The lease of this process.
pub(crate) struct Lease {
    /// `None` in the embedded form, where no other evaluator exists and the lease always holds.
    distributed: Option<Distributed>,
}

struct Distributed {
    /// What the moments below are counted from.
    origin: Instant,
    /// The end of the lease in microseconds after `origin`; 0 without a lease.
    until: AtomicU64,
    /// Counts the gaps: a decision that spans one is not given out.
    gaps: AtomicU64,
}

/// A lease that held when it was looked at. It is looked at again when the decision is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    gaps: u64,
    /// Until when Permits may be valid, by the wall clock.
    pub(crate) until: Timestamp,
}

impl Lease {
    /// The lease of the only evaluator.
    pub(crate) const fn embedded() -> Self {
        Self { distributed: None }
    }

    /// The lease of one of several evaluators; it does not hold before its first renewal.
    pub(crate) fn distributed() -> Self {
        let distributed = Distributed {
            origin: Instant::now(),
            until: AtomicU64::new(0),
            gaps: AtomicU64::new(0),
        };
        Self { distributed: Some(distributed) }
    }

    /// The lease if it holds now. The wall clock is read before the monotonic one: when the process
    /// is stopped in between, the Permit's end comes out too early, never too late.
    pub(crate) fn check(&self, clock: &dyn Clock) -> Option<Held> {
        let wall = clock.now();
        let Some(distributed) = &self.distributed else {
            return Some(Held { gaps: 0, until: wall.plus_millis(millis(HELD)) });
        };
        let gaps = distributed.gaps.load(Ordering::SeqCst);
        let left = distributed.left()?;
        Some(Held { gaps, until: wall.plus_millis(millis(left)) })
    }

    /// Whether the lease has held without a gap since it was looked at.
    pub(crate) fn still(&self, held: Held) -> bool {
        self.distributed.as_ref().is_none_or(|distributed| {
            // The end first: a gap that is closed in between has counted itself before it moved the
            // end.
            distributed.left().is_some() && distributed.gaps.load(Ordering::SeqCst) == held.gaps
        })
    }

    /// How long the lease still holds, in seconds; the embedded form's always holds.
    pub(crate) fn seconds_left(&self) -> f64 {
        let left = match &self.distributed {
            Some(distributed) => distributed.left(),
            None => Some(HELD),
        };
        left.unwrap_or_default().as_secs_f64()
    }

    /// Extends the lease that was asked for at `asked`. The invalidations must have been applied
    /// already.
    fn extend(&self, asked: Instant, cache: &Cache) {
        let Some(distributed) = &self.distributed else { return };
        if distributed.left().is_none() {
            cache.clear();
            distributed.gaps.fetch_add(1, Ordering::SeqCst);
        }
        let until = (asked + HELD).saturating_duration_since(distributed.origin);
        distributed.until.store(micros(until), Ordering::SeqCst);
    }

    /// Ends the lease at once, so that nothing is decided while the process finishes.
    fn end(&self) {
        if let Some(distributed) = &self.distributed {
            distributed.until.store(0, Ordering::SeqCst);
        }
    }
}

impl Distributed {
    /// How long the lease still holds; `None` when it does not.
    fn left(&self) -> Option<Duration> {
        let until = self.origin + Duration::from_micros(self.until.load(Ordering::SeqCst));
        until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }
}

/// Keeps the lease of a distributed evaluator.
pub(crate) struct Renewals {
    pub(crate) store: Arc<dyn RegistryStore>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) lease: Arc<Lease>,
    pub(crate) standing: Arc<Standing>,
    pub(crate) evaluator: Uuid,
    pub(crate) failures: metrics::Counter,
}

impl Renewals {
    /// Renews every 500 ms until shutdown, then gives the lease back.
    pub(crate) async fn run(self, mut shutdown: Shutdown) {
        let mut cursor = InvalidationCursor::default();
        loop {
            let next = Instant::now() + RENEWAL;
            cursor = self.renew(cursor).await;
            tokio::select! {
                () = shutdown.requested() => break,
                () = tokio::time::sleep_until(next) => {}
            }
        }
        self.lease.end();
        self.leave().await;
    }

    /// Has the store forget the lease that has ended here: changes need not wait for an evaluator
    /// that decides nothing any more and hears nothing.
    async fn leave(&self) {
        let leaving = async {
            let holders = self.store.lease_holders().await?;
            for own in holders.into_iter().filter(|holder| holder.evaluator == self.evaluator) {
                self.store.forget_lease_holder(own).await?;
            }
            Ok::<(), StoreError>(())
        };
        match tokio::time::timeout(WAIT, leaving).await {
            Ok(Ok(())) => {}
            // Whoever changes something finds out by himself, and forgets it.
            Ok(Err(error)) => tracing::warn!(%error, "the lease was not given back"),
            Err(_) => tracing::warn!("the lease was not given back in time"),
        }
    }

    /// One renewal; returns where the next begins. A failure leaves the lease to run out.
    pub(crate) async fn renew(&self, since: InvalidationCursor) -> InvalidationCursor {
        let asked = Instant::now();
        let renewal = self.renewed(since);
        match tokio::time::timeout(HELD, renewal).await {
            Ok(Ok(cursor)) => {
                self.lease.extend(asked, &self.cache);
                return cursor;
            }
            Ok(Err(error)) => tracing::warn!(%error, "the lease was not renewed"),
            Err(_) => tracing::warn!("the lease was not renewed: the store does not answer"),
        }
        self.failures.increment(1);
        since
    }

    /// Asks the store, and takes in what has changed.
    async fn renewed(&self, since: InvalidationCursor) -> Result<InvalidationCursor, StoreError> {
        let began = self.standing.begin();
        let renewed = self.store.renew_lease(self.evaluator, since).await?;
        let (invalidations, cursor, key_offset) = renewed;
        self.cache.invalidate(&invalidations);
        if invalidations.contains(&Invalidation::Everything) {
            self.standing.reload().await?;
        } else {
            self.standing.note_key_offset(began, key_offset);
        }
        Ok(cursor)
    }
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use trent_types::ManualClock;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_lease_runs_out_and_a_gap_spoils_what_was_begun_before_it() {
        let clock = ManualClock::at(Timestamp::from_millis(1_000_000));
        let (lease, cache) = (Lease::distributed(), Cache::new());
        assert!(lease.check(&clock).is_none());

        lease.extend(Instant::now(), &cache);
        let held = lease.check(&clock).unwrap();
        assert_eq!(held.until, Timestamp::from_millis(1_001_980));
        tokio::time::advance(Duration::from_millis(1_500)).await;
        assert_eq!(lease.check(&clock).unwrap().until, Timestamp::from_millis(1_000_480));
        lease.extend(Instant::now(), &cache);
        assert!(lease.still(held));

        tokio::time::advance(Duration::from_millis(1_980)).await;
        assert!(lease.check(&clock).is_none());
        lease.extend(Instant::now(), &cache);
        assert!(lease.check(&clock).is_some());
        assert!(!lease.still(held));
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_renewal_counts_from_when_it_was_asked_for() {
        let clock = ManualClock::default();
        let (lease, cache) = (Lease::distributed(), Cache::new());
        let asked = Instant::now();
        tokio::time::advance(Duration::from_millis(1_981)).await;
        lease.extend(asked, &cache);
        assert!(lease.check(&clock).is_none());
    }
}

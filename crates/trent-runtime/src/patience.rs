//! How a role goes on when what it needs is away: it says so, rests, and tries again.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::Shutdown;

/// Whether a role's work succeeded the last time, or why not; it has not before the first. Clones
/// tell the same.
#[derive(Debug, Clone, Default)]
pub struct Working(Arc<State>);

#[derive(Debug, Default)]
struct State {
    succeeded: AtomicBool,
    reason: Mutex<Option<String>>,
}

impl Working {
    /// Whether the last attempt succeeded.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.0.succeeded.load(Ordering::Relaxed)
    }

    /// For `/ready`.
    ///
    /// # Errors
    /// Why the last attempt failed, as far as it was said.
    pub fn check(&self) -> Result<(), String> {
        if self.ready() {
            return Ok(());
        }
        let reason = self.0.reason.lock().unwrap_or_else(PoisonError::into_inner);
        Err(reason.clone().unwrap_or_else(|| "no attempt has succeeded yet".to_owned()))
    }

    /// Notes that an attempt failed, and why.
    pub fn fail(&self, reason: String) {
        *self.0.reason.lock().unwrap_or_else(PoisonError::into_inner) = Some(reason);
        self.note(false);
    }

    /// Notes how an attempt went.
    pub fn note(&self, succeeded: bool) {
        self.0.succeeded.store(succeeded, Ordering::Relaxed);
    }
}

/// The pauses between attempts: each is twice as long as the one before, up to a longest.
#[derive(Debug, Clone)]
pub struct Backoff {
    next: Duration,
    longest: Duration,
}

impl Backoff {
    /// Pauses from `first` to `longest`.
    #[must_use]
    pub const fn new(first: Duration, longest: Duration) -> Self {
        Self { next: first, longest }
    }

    /// How long the next pause is.
    #[must_use]
    pub const fn next(&self) -> Duration {
        self.next
    }

    /// Pauses, though not beyond the shutdown.
    pub async fn rest(&mut self, shutdown: &mut Shutdown) {
        let _ = tokio::time::timeout(self.next, shutdown.requested()).await;
        self.next = (self.next * 2).min(self.longest);
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn the_last_failure_is_told_until_an_attempt_succeeds() {
        let working = Working::default();
        assert!(working.check().is_err());
        working.fail("the disk is full".into());
        assert_eq!(working.clone().check(), Err("the disk is full".into()));
        working.note(true);
        assert_eq!(working.check(), Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_double_up_to_the_longest_and_end_with_the_shutdown() {
        let (trigger, mut shutdown) = Shutdown::new();
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(3));
        let began = Instant::now();
        for seconds in [1, 3, 6, 9] {
            backoff.rest(&mut shutdown).await;
            assert_eq!(began.elapsed().as_secs(), seconds);
        }
        trigger.trigger();
        backoff.rest(&mut shutdown).await;
        assert_eq!(began.elapsed().as_secs(), 9);
    }
}

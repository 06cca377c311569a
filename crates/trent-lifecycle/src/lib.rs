//! Timed jobs: the end of keys whose waiting period is over, rotation by schedule, and the end of
//! imported material.
//!
//! The registry hands out what is due as claims: exactly one lifecycle process gets each for a
//! while, with the Permit for just this change. Change, service event and the end of the claim are
//! one transaction there, so a process that dies halfway, or an answer that is lost, costs nothing
//! but a second claim.

mod jobs;

use std::sync::Arc;
use std::time::Duration;

use trent_bus::Bus;
use trent_runtime::{Shutdown, Working};
use trent_types::Clock;

use jobs::Jobs;

/// How the jobs run.
#[derive(Debug, Clone)]
pub struct LifecycleConfig {
    /// The pause between two looks at what is due.
    pub interval: Duration,
    /// Names this process to the registry, in claims.
    pub claimant: String,
    /// The most that is claimed at a time.
    pub claims_max: u32,
    /// How long a claim lasts: nobody else gets the work meanwhile.
    pub claim: Duration,
    /// How long an answer of the registry is waited for. A change waits for every evaluator, for up
    /// to 2 s.
    pub deadline: Duration,
}

impl LifecycleConfig {
    /// Claims of up to 32 for 30 s, answers within 10 s.
    #[must_use]
    pub const fn new(interval: Duration, claimant: String) -> Self {
        let (claim, deadline) = (Duration::from_secs(30), Duration::from_secs(10));
        Self { interval, claimant, claims_max: 32, claim, deadline }
    }
}

/// The lifecycle role.
pub struct Lifecycle {
    interval: Duration,
    jobs: Jobs,
    readiness: Working,
}

impl Lifecycle {
    /// The role over this bus; the clock dates service events.
    #[must_use]
    pub fn new(config: LifecycleConfig, bus: Bus, clock: Arc<dyn Clock>) -> Self {
        let interval = config.interval;
        let jobs = Jobs::new(config, bus, clock);
        Self { interval, jobs, readiness: Working::default() }
    }

    /// Tells whether this role works.
    #[must_use]
    pub fn readiness(&self) -> Working {
        self.readiness.clone()
    }

    /// Works until the shutdown. A change that has begun is brought to its end; what fails is
    /// claimed again later.
    pub async fn run(self, mut shutdown: Shutdown) {
        while !shutdown.is_requested() {
            let more = match self.jobs.round(&shutdown).await {
                Ok(more) => {
                    self.readiness.note(true);
                    more
                }
                Err(error) => {
                    self.readiness.note(false);
                    self.jobs.failed();
                    tracing::warn!(%error, "due work was not claimed; trying again");
                    false
                }
            };
            if !more {
                let _ = tokio::time::timeout(self.interval, shutdown.requested()).await;
            }
        }
    }
}

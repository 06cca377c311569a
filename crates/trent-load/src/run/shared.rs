//! What the threads of a load share.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};

use crate::endpoint::Endpoint;
use crate::fixtures::Fixtures;
use crate::retry::RetryPolicy;
use crate::run::mix::{Chooser, Work};

/// How far a load is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Requests are started.
    Loading,
    /// No new ones; those that are out may be answered or retried.
    Draining,
    /// What is not answered is given up.
    Over,
}

/// What the threads of a load share.
pub(crate) struct Shared {
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) fixtures: Fixtures,
    pub(crate) chooser: Chooser,
    pub(crate) retry: RetryPolicy,
    pub(crate) timeout: Duration,
    pub(crate) verify: bool,
    pub(crate) start: Instant,
    /// The end of the warm-up.
    pub(crate) measured_from: Instant,
    /// Open loop: one queue for each thread. Empty in the closed loop.
    pub(crate) queues: Vec<Queue>,
    pub(crate) outstanding_max: usize,
    /// Requests that have arrived and are neither answered nor given up.
    pub(crate) outstanding: AtomicUsize,
    /// Arrivals that could not be started because of the bound on `outstanding`.
    pub(crate) shed: AtomicU64,
    pub(crate) shed_warming_up: AtomicU64,
    /// Whose turn it is to be connected to.
    pub(crate) turn: AtomicUsize,
    pub(crate) phase: watch::Sender<Phase>,
}

impl Shared {
    pub(crate) fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    pub(crate) fn finish_one(&self) {
        self.outstanding.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request that has arrived.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Job {
    /// When it was due: response times count from here.
    pub(crate) intended: Instant,
    /// What it does; chosen when it is first taken.
    pub(crate) work: Option<Work>,
    /// Attempts that failed.
    pub(crate) attempts: u32,
}

impl Job {
    pub(crate) const fn arriving(intended: Instant) -> Self {
        Self { intended, work: None, attempts: 0 }
    }
}

/// Requests that wait for a free connection, first come, first served.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    jobs: Mutex<VecDeque<Job>>,
    arrived: Notify,
}

impl Queue {
    /// Its length is bounded by the bound on outstanding requests.
    pub(crate) fn push(&self, job: Job) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).push_back(job);
        self.arrived.notify_one();
    }

    /// Waits for the next one.
    pub(crate) async fn take(&self) -> Job {
        loop {
            let next = self.jobs.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            match next {
                Some(job) => return job,
                None => self.arrived.notified().await,
            }
        }
    }
}

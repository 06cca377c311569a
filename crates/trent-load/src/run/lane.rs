//! The threads that send: each has a runtime of its own and some lanes, one connection each.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::LocalSet;
use trent_types::{Clock, SystemClock};

use crate::client::Connection;
use crate::error::LoadError;
use crate::retry::Fault;
use crate::run::mix::Work;
use crate::run::shared::{Job, Phase, Shared};
use crate::run::tally::{Ended, Second, Tally};
use crate::run::verify::verify;
use crate::sign::{Api, Signer};

/// After so long without use it is looked at whether a connection is still open.
const IDLE: Duration = Duration::from_millis(500);

/// One thread's share of the load.
pub(crate) struct Seat {
    pub(crate) index: usize,
    pub(crate) lanes: usize,
    /// The owner first, then the users.
    pub(crate) signers: Vec<Signer>,
    pub(crate) seed: u64,
}

/// What a thread says each second: which one it was, and what ended in it.
pub(crate) type Progress = UnboundedSender<(usize, Second)>;

/// Sends until the load is over; blocks the thread.
pub(crate) fn drive(
    shared: &Arc<Shared>,
    seat: Seat,
    progress: &Progress,
) -> Result<Tally, LoadError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tally = Rc::new(RefCell::new(Tally::new(shared.chooser.mix().operations().len())?));
    let signers: Rc<[Signer]> = seat.signers.into();
    let local = LocalSet::new();
    for at in 0..seat.lanes {
        let lane = Lane {
            shared: Arc::clone(shared),
            index: seat.index,
            signers: Rc::clone(&signers),
            tally: Rc::clone(&tally),
            rng: StdRng::seed_from_u64(seat.seed.wrapping_add(at as u64)),
            link: None,
        };
        local.spawn_local(lane.run());
    }
    runtime.block_on(local.run_until(report_seconds(shared, &tally, progress)));
    // Ends the lanes that wait, and requests that have no answer.
    drop(local);
    let counted = tally.borrow().clone();
    Ok(counted)
}

async fn report_seconds(shared: &Shared, tally: &RefCell<Tally>, progress: &Progress) {
    let report = |index| {
        let second = &mut tally.borrow_mut().second;
        // Nobody listens any more when the load was given up.
        let _ = progress.send((index, second.clone()));
        second.clear();
    };
    let mut phase = shared.phase.subscribe();
    let one = Duration::from_secs(1);
    let mut ticks = tokio::time::interval_at((shared.start + one).into(), one);
    let mut index = 0;
    loop {
        tokio::select! {
            biased;
            _ = phase.wait_for(|phase| *phase == Phase::Over) => break,
            _ = ticks.tick() => report(index),
        }
        index += 1;
    }
    report(index);
}

/// A connection and whom it is with.
struct Link {
    endpoint: usize,
    connection: Connection,
    last_used: Instant,
}

/// One connection's worth of requests.
struct Lane {
    shared: Arc<Shared>,
    /// The thread's, and of its queue.
    index: usize,
    signers: Rc<[Signer]>,
    tally: Rc<RefCell<Tally>>,
    rng: StdRng,
    link: Option<Link>,
}

impl Lane {
    async fn run(mut self) {
        tokio::time::sleep_until(self.shared.start.into()).await;
        while let Some(job) = self.next().await {
            self.perform(job).await;
        }
    }

    /// Open loop: the next that has arrived. Closed loop: one right now, while there is load.
    async fn next(&self) -> Option<Job> {
        if let Some(queue) = self.shared.queues.get(self.index) {
            return Some(queue.take().await);
        }
        if self.shared.phase() != Phase::Loading {
            return None;
        }
        self.shared.outstanding.fetch_add(1, Ordering::Relaxed);
        Some(Job::arriving(Instant::now()))
    }

    /// Brings a request to its end, or into the queue again after a wait for its next attempt.
    async fn perform(&mut self, mut job: Job) {
        let work = job.work.unwrap_or_else(|| self.shared.chooser.choose(&mut self.rng));
        job.work = Some(work);
        loop {
            job.attempts += 1;
            let fault = match self.attempt(work).await {
                Ok(service) => {
                    let response = job.intended.elapsed();
                    self.end(job, work, &Ended::Succeeded { response, service });
                    return;
                }
                Err(fault) => fault,
            };
            let wait = self.shared.retry.wait(job.attempts, self.rng.random());
            let Some(wait) = wait.filter(|_| fault.retryable) else {
                self.end(job, work, &Ended::Failed(fault));
                return;
            };
            self.count(job, work, &Ended::Retried(fault));
            if self.shared.queues.is_empty() {
                tokio::time::sleep(wait).await;
            } else {
                // The connection does not wait with it: other arrivals need it.
                let (shared, index) = (Arc::clone(&self.shared), self.index);
                tokio::task::spawn_local(async move {
                    tokio::time::sleep(wait).await;
                    shared.queues.get(index).into_iter().for_each(|queue| queue.push(job));
                });
                return;
            }
        }
    }

    fn end(&self, job: Job, work: Work, ended: &Ended) {
        self.count(job, work, ended);
        self.shared.finish_one();
    }

    fn count(&self, job: Job, work: Work, ended: &Ended) {
        let measured = job.intended >= self.shared.measured_from;
        self.tally.borrow_mut().count(work.operation, measured, ended);
    }

    /// One request and its answer: how long the answer took.
    async fn attempt(&mut self, work: Work) -> Result<Duration, Fault> {
        let shared = Arc::clone(&self.shared);
        let missing = || Fault::wrong("NotPrepared");
        let sized = shared.chooser.mix().operations().get(work.operation).ok_or_else(missing)?;
        let signer = self.signers.get(work.principal).ok_or_else(missing)?;
        let sample = sized.needs_sample().then(|| shared.fixtures.sample(sized.bytes, work.key));
        let sample = sample.flatten();
        let body = shared.fixtures.body(sized, (work.key, work.other_key), sample.as_deref());
        let mut link = match self.link.take().and_then(Link::if_usable) {
            Some(link) => link,
            None => Link::open(&shared).await.map_err(|e| Fault::of_connection(&e))?,
        };
        let host = shared.endpoints.get(link.endpoint).map_or("", |endpoint| &endpoint.host);
        let (api, now) = (Api::Kms(sized.operation.action), SystemClock.now());
        let request = signer.request(host, api, body.as_bytes(), now, self.rng.random());
        let sent = Instant::now();
        let answer = tokio::time::timeout(shared.timeout, link.connection.exchange(&request)).await;
        let answer = answer
            .map_err(|_| LoadError::Timeout)
            .flatten()
            .map_err(|error| Fault::of_connection(&error))?;
        let result = if !answer.is_success() {
            Err(Fault::of_answer(&answer))
        } else if shared.verify {
            verify(&shared.fixtures, sized, work, sample.as_deref(), answer.body)
        } else {
            Ok(())
        };
        link.last_used = Instant::now();
        let service = link.last_used - sent;
        self.link = Some(link);
        result.map(|()| service)
    }
}

impl Link {
    /// With the endpoint whose turn it is, or the next one that can be connected to: what a client
    /// does with a name's addresses.
    async fn open(shared: &Shared) -> Result<Self, LoadError> {
        let turn = shared.turn.fetch_add(1, Ordering::Relaxed);
        let count = shared.endpoints.len();
        let mut failed = LoadError::Missing("endpoint");
        let all = shared.endpoints.iter().enumerate();
        for (at, endpoint) in all.cycle().skip(turn % count.max(1)).take(count) {
            match Connection::open(endpoint, turn / count.max(1)).await {
                Ok(connection) => {
                    return Ok(Self { endpoint: at, connection, last_used: Instant::now() });
                }
                Err(error) => failed = error,
            }
        }
        Err(failed)
    }

    /// A server may close a connection, at once after an answer or while nothing was sent.
    fn if_usable(mut self) -> Option<Self> {
        let fresh = self.last_used.elapsed() < IDLE && self.connection.is_kept();
        (fresh || self.connection.is_usable()).then_some(self)
    }
}

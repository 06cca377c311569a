//! Threads of their own for what is slow, so that it never delays what is fast: the kernel prefers
//! the cores' own threads to these.
//!
//! Orders wait in two bounded queues: what takes milliseconds goes before what makes RSA key pairs,
//! and at least one thread is always left for it. One more thread, of the lowest priority, makes
//! ahead what may be asked for, and begins nothing while an order waits. A full queue refuses at
//! once. An order whose asker has stopped waiting is dropped when its turn comes, and an order that
//! is sent again while its first try is in hand is not queued again: whoever sent it takes the
//! answer to either.
//!
//! Whoever waits is told by a oneshot channel, so that it does not matter which runtime polls it.

use std::collections::{HashSet, VecDeque};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use metrics::{Gauge, describe_gauge, gauge};
use tokio::sync::oneshot;
use trent_bus::Pace;
use trent_bus::messages::{CryptoAnswer, Rejection};

const WAITING: &str = "trent_crypto_slow_orders";

/// How many orders wait at most: what two threads do in about a second.
const SLOW_MAX: usize = 1_024;
/// The same for what may need a new RSA key pair: what fits into the patience of its askers.
const VERY_SLOW_MAX: usize = 32;
/// How much lower the threads' priority is: enough for the kernel to prefer who does fast work, and
/// so little that slow orders still come to an end in time where there is never an idle core.
const NICE: i32 = 2;
/// The same for what nobody waits for.
const NICE_AHEAD: i32 = 15;

/// What comes of an order.
pub(crate) type Told = Result<CryptoAnswer, Rejection>;

/// An order to be done by another thread.
struct Job {
    /// A hash of the request: the same when it is sent again.
    id: u64,
    /// Whether it may take what was made ahead.
    takes: bool,
    work: Box<dyn FnOnce() -> Told + Send>,
    tell: oneshot::Sender<Told>,
}

/// What became of an order that was handed in.
enum HandedIn {
    Queued,
    /// It is here already.
    InHand,
    Full,
}

/// Does what can be done before anybody asks; false when there is nothing of it.
type MakeAhead = dyn Fn() -> bool + Send + Sync;

/// The threads. They are started with the first order and end when this is dropped.
pub(crate) struct SlowThreads(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// For the threads: there is an order that one of them may take.
    handed_in: Condvar,
    /// For the thread that makes ahead: nothing waits.
    quiet: Condvar,
    make_ahead: Box<MakeAhead>,
    threads: usize,
    waiting: Gauge,
}

#[derive(Default)]
struct State {
    slow: VecDeque<Job>,
    very_slow: VecDeque<Job>,
    /// The ids of what waits and of what is being done.
    in_hand: HashSet<u64>,
    /// How many threads do what is very slow.
    making: usize,
    /// Whether there may be something to make ahead.
    ahead: bool,
    started: bool,
    stopped: bool,
}

impl SlowThreads {
    pub(crate) fn new(make_ahead: Box<MakeAhead>) -> Self {
        describe_gauge!(WAITING, "Slow cryptographic orders that wait or are being done");
        // Two at least, so that no key pair is in a signature's way.
        let threads = thread::available_parallelism().map_or(2, |cores| cores.get().max(2));
        Self(Arc::new(Shared {
            state: Mutex::default(),
            handed_in: Condvar::new(),
            quiet: Condvar::new(),
            make_ahead,
            threads,
            waiting: gauge!(WAITING),
        }))
    }

    /// Has an order done by one of the threads, and says whether it may take what was made ahead.
    /// Dropping the future gives it up, unless it is being
    /// done already. The future of an order that is in hand already never ends: the one before it
    /// is answered.
    pub(crate) async fn done(
        &self,
        id: u64,
        (pace, takes): (Pace, bool),
        work: impl FnOnce() -> Told + Send + 'static,
    ) -> Told {
        let (tell, told) = oneshot::channel();
        match self.0.hand_in(Job { id, takes, work: Box::new(work), tell }, pace) {
            HandedIn::Queued => {}
            HandedIn::InHand => return std::future::pending().await,
            HandedIn::Full => return Err(Rejection::Overloaded),
        }
        // Without an answer its thread broke off; another try may do better.
        told.await.unwrap_or(Err(Rejection::Unavailable))
    }

    /// Says in the metrics how many orders there are.
    pub(crate) fn show_size(&self) {
        self.0.waiting.set(self.0.lock().in_hand.len() as f64);
    }
}

impl Drop for SlowThreads {
    fn drop(&mut self) {
        self.0.lock().stopped = true;
        self.0.handed_in.notify_all();
        self.0.quiet.notify_all();
    }
}

impl Shared {
    fn hand_in(self: &Arc<Self>, job: Job, pace: Pace) -> HandedIn {
        let mut state = self.lock();
        let (queue, max) = match pace {
            Pace::Fast | Pace::Slow => (&state.slow, SLOW_MAX),
            Pace::VerySlow => (&state.very_slow, VERY_SLOW_MAX),
        };
        if queue.len() >= max {
            return HandedIn::Full;
        }
        if !state.in_hand.insert(job.id) {
            return HandedIn::InHand;
        }
        match pace {
            Pace::Fast | Pace::Slow => state.slow.push_back(job),
            Pace::VerySlow => state.very_slow.push_back(job),
        }
        if !std::mem::replace(&mut state.started, true) {
            drop(state);
            self.start();
        } else {
            drop(state);
        }
        match pace {
            Pace::Fast | Pace::Slow => self.handed_in.notify_one(),
            // All of them: not each may take it.
            Pace::VerySlow => self.handed_in.notify_all(),
        }
        HandedIn::Queued
    }

    fn start(self: &Arc<Self>) {
        for at in 0..self.threads {
            let shared = Arc::clone(self);
            spawn(format!("slow-{at}"), NICE, move || shared.work());
        }
        let shared = Arc::clone(self);
        spawn("slow-ahead".to_owned(), NICE_AHEAD, move || shared.work_ahead());
    }

    fn work(&self) {
        while let Some((job, pace)) = self.next() {
            self.perform(job, pace);
        }
    }

    /// Waits for an order; nothing when the threads are to end.
    fn next(&self) -> Option<(Job, Pace)> {
        let mut state = self.lock();
        loop {
            if state.stopped {
                return None;
            }
            if let Some(job) = state.slow.pop_front() {
                return Some((job, Pace::Slow));
            }
            if state.making + 1 < self.threads
                && let Some(job) = state.very_slow.pop_front()
            {
                state.making += 1;
                return Some((job, Pace::VerySlow));
            }
            state = self.handed_in.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work_ahead(&self) {
        let mut state = self.lock();
        while !state.stopped {
            if !state.ahead || !state.slow.is_empty() || !state.very_slow.is_empty() {
                state = self.quiet.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            state.ahead = false;
            drop(state);
            let made = std::panic::catch_unwind(AssertUnwindSafe(&self.make_ahead));
            state = self.lock();
            state.ahead |= made.unwrap_or(false);
        }
    }

    fn perform(&self, job: Job, pace: Pace) {
        let Job { id, takes, work, tell } = job;
        // Nothing is done for nobody.
        let told = if tell.is_closed() {
            None
        } else {
            // Whatever state it broke off in is that order's own.
            let told = std::panic::catch_unwind(AssertUnwindSafe(work));
            told.inspect_err(|_| tracing::error!("a slow order was given up: it panicked")).ok()
        };
        let quiet = {
            let mut state = self.lock();
            // Before it is told: what is asked next must not be taken for this one.
            state.in_hand.remove(&id);
            if pace == Pace::VerySlow {
                state.making -= 1;
            }
            state.ahead |= takes;
            state.ahead && state.slow.is_empty() && state.very_slow.is_empty()
        };
        if pace == Pace::VerySlow {
            // Another thread may begin the next one, where this one finds what is less slow.
            self.handed_in.notify_one();
        }
        if quiet {
            self.quiet.notify_one();
        }
        if let Some(told) = told {
            let _ = tell.send(told);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a thread of lower priority.
fn spawn(name: String, nice: i32, work: impl FnOnce() + Send + 'static) {
    let lowered = move || {
        // On Linux this is for the thread alone. Where it is not allowed, all are equals.
        if let Err(error) = rustix::process::nice(nice) {
            tracing::debug!(%error, "slow orders have the priority of fast ones");
        }
        work();
    };
    if let Err(error) = thread::Builder::new().name(name).spawn(lowered) {
        tracing::error!(%error, "a thread for slow orders was not started");
    }
}

#[cfg(test)]
mod tests;

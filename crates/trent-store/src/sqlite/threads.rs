//! Threads that own a connection each and take work from one queue.

use std::future::Future;
use std::pin::pin;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::JoinHandle;

use tokio::sync::oneshot;

use super::session::SqliteSession;
use crate::StoreError;
use crate::session::Stop;

/// How much work may wait. What does not fit is refused at once.
const WAITING_MAX: usize = 1024;

type Job = Box<dyn FnOnce(&SqliteSession) + Send>;

/// Threads with a queue. Dropping them finishes what waits and closes their connections.
#[derive(Debug)]
pub(super) struct Threads {
    /// `None` only while dropping.
    queue: Option<SyncSender<Job>>,
    running: Vec<JoinHandle<()>>,
}

impl Threads {
    /// One thread for each session.
    pub(super) fn start(name: &str, sessions: Vec<SqliteSession>) -> Result<Self, StoreError> {
        let (queue, jobs) = sync_channel(WAITING_MAX);
        let jobs = Arc::new(Mutex::new(jobs));
        let mut threads = Self { queue: Some(queue), running: Vec::new() };
        for session in sessions {
            let jobs = Arc::clone(&jobs);
            let running = std::thread::Builder::new()
                .name(name.to_owned())
                .spawn(move || work_off(&jobs, &session))
                .map_err(|error| StoreError::Unavailable(error.to_string()))?;
            threads.running.push(running);
        }
        Ok(threads)
    }

    /// Runs work on one of the threads. It runs to its end even if nobody waits for it any more.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&SqliteSession) -> T + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |session| {
            // Nobody may wait any more; the work is done all the same.
            let _ = answer.send(work(session));
        });
        let queued = match &self.queue {
            Some(queue) => queue.try_send(job),
            None => Err(TrySendError::Disconnected(job)),
        };
        queued.map_err(|error| {
            StoreError::Unavailable(match error {
                TrySendError::Full(_) => "too much work is waiting".to_owned(),
                TrySendError::Disconnected(_) => "the store is closed".to_owned(),
            })
        })?;
        answered.await.map_err(|_| StoreError::Unavailable("a store thread ended".to_owned()))
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.running.drain(..) {
            // A thread that panicked has nothing left to finish.
            let _ = thread.join();
        }
    }
}

fn work_off(jobs: &Mutex<Receiver<Job>>, session: &SqliteSession) {
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        job(session);
    }
}

/// Runs a future that never waits, as every one on a SQLite session: SQLite answers before it
/// returns.
pub(super) fn drive<T>(work: impl Future<Output = Result<T, Stop>>) -> Result<T, Stop> {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        // Cannot happen: nothing in it waits. Were it otherwise, the transaction is rolled back.
        Poll::Pending => Err(StoreError::Unavailable("work waited".to_owned()).into()),
    }
}

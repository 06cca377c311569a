//! Starts the threads of a load, watches it second by second, and ends it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::sleep_until;

use crate::endpoint::Endpoint;
use crate::error::LoadError;
use crate::fixtures::Fixtures;
use crate::proc;
use crate::run::arguments::RunArguments;
use crate::run::arrivals::{Paced, Schedule, pace};
use crate::run::lane::{Progress, Seat, drive};
use crate::run::mix::Chooser;
use crate::run::report::Row;
use crate::run::shared::{Phase, Queue, Shared};
use crate::run::tally::{Second, Tally};
use crate::run::text;
use crate::sign::Signer;

/// Enough for the threads to be there when the load starts.
const HEAD_START: Duration = Duration::from_millis(50);
/// How often it is looked whether every answer has come, in the end.
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// A load that is prepared.
pub(crate) struct Plan<'a> {
    pub(crate) arguments: &'a RunArguments,
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) fixtures: Fixtures,
    pub(crate) chooser: Chooser,
    /// The owner first, then the users.
    pub(crate) signers: Vec<Signer>,
}

/// A load that has ended.
pub(crate) struct Loaded {
    pub(crate) shared: Arc<Shared>,
    pub(crate) tally: Tally,
    /// Open loop.
    pub(crate) paced: Option<Paced>,
    pub(crate) timeline: Vec<Row>,
    /// From the end of the warm-up until no more requests were started.
    pub(crate) measured: Duration,
    pub(crate) cpu: CpuSeconds,
    pub(crate) ended_early: bool,
}

/// CPU time in seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CpuSeconds {
    pub(crate) own: f64,
    pub(crate) servers: Option<f64>,
}

/// Loads, with progress on standard error, until the time is over or a signal ends it.
pub(crate) async fn load(plan: Plan<'_>) -> Result<Loaded, LoadError> {
    let arguments = plan.arguments;
    let signers = plan.signers.clone();
    let shared = Arc::new(shared(plan));
    let (progress, seconds) = mpsc::unbounded_channel();
    let threads = start_threads(arguments, &shared, &signers, &progress)?;
    drop(progress);
    let length = Duration::from_secs(arguments.warm_up + arguments.seconds);
    let pacer = match arguments.rate {
        Some(rate) => {
            let schedule = Schedule::new(arguments.arrivals, rate, seed(arguments));
            let shared = Arc::clone(&shared);
            let pacing = move || pace(schedule, length, &shared);
            Some(std::thread::Builder::new().name("pacer".to_owned()).spawn(pacing)?)
        }
        None => None,
    };
    let mut watch = Watch {
        arguments,
        shared: &shared,
        threads: threads.len(),
        open: BTreeMap::new(),
        timeline: Vec::new(),
        shed_before: 0,
        cpu_before: None,
        drained_by: None,
        measured: Duration::ZERO,
        cpu: CpuSeconds { own: 0.0, servers: None },
        ended_early: false,
    };
    let watched = watch.until_over(seconds, shared.start + length).await;
    // Whatever ended the watch, the threads must not go on.
    shared.phase.send_replace(Phase::Over);
    watched?;
    let mut tally = Tally::new(shared.chooser.mix().operations().len())?;
    for thread in threads {
        tally.merge(&joined(thread)?);
    }
    let paced = pacer.map(joined).transpose()?;
    let Watch { timeline, measured, cpu, ended_early, .. } = watch;
    Ok(Loaded { tally, paced, timeline, measured, cpu, ended_early, shared })
}

pub(crate) fn shared(plan: Plan<'_>) -> Shared {
    let arguments = plan.arguments;
    let start = Instant::now() + HEAD_START;
    let queues = arguments.rate.map_or(0, |_| arguments.thread_count());
    Shared {
        endpoints: plan.endpoints,
        fixtures: plan.fixtures,
        chooser: plan.chooser,
        retry: arguments.retry_policy(),
        timeout: Duration::from_millis(arguments.timeout_ms),
        verify: arguments.verify,
        start,
        measured_from: start + Duration::from_secs(arguments.warm_up),
        queues: (0..queues).map(|_| Queue::default()).collect(),
        outstanding_max: arguments.outstanding as usize,
        outstanding: AtomicUsize::new(0),
        shed: AtomicU64::new(0),
        shed_warming_up: AtomicU64::new(0),
        turn: AtomicUsize::new(0),
        phase: watch::Sender::new(Phase::Loading),
    }
}

type Thread<T> = JoinHandle<Result<T, LoadError>>;

fn start_threads(
    arguments: &RunArguments,
    shared: &Arc<Shared>,
    signers: &[Signer],
    progress: &Progress,
) -> Result<Vec<Thread<Tally>>, LoadError> {
    let (threads, lanes) = (arguments.thread_count(), arguments.connections);
    let mut started = Vec::new();
    for index in 0..threads {
        let seat = Seat {
            index: index as usize,
            // The first ones have what cannot be divided.
            lanes: (lanes / threads + u32::from(index < lanes % threads)) as usize,
            signers: signers.to_vec(),
            seed: seed(arguments).wrapping_add(u64::from(index + 1) << 32),
        };
        let (shared, progress) = (Arc::clone(shared), progress.clone());
        let thread = std::thread::Builder::new().name(format!("load-{index}"));
        started.push(thread.spawn(move || drive(&shared, seat, &progress))?);
    }
    Ok(started)
}

fn seed(arguments: &RunArguments) -> u64 {
    arguments.seed.unwrap_or_else(rand::random)
}

fn joined<T>(thread: Thread<T>) -> Result<T, LoadError> {
    thread.join().map_err(|_| LoadError::Missing("end of a thread"))?
}

/// What is known while the load runs.
struct Watch<'a> {
    arguments: &'a RunArguments,
    shared: &'a Shared,
    threads: usize,
    /// Seconds that not all threads have reported, with how many have.
    open: BTreeMap<usize, (usize, Second)>,
    timeline: Vec<Row>,
    shed_before: u64,
    cpu_before: Option<CpuSeconds>,
    /// When answers are waited for no longer.
    drained_by: Option<Instant>,
    measured: Duration,
    cpu: CpuSeconds,
    ended_early: bool,
}

impl Watch<'_> {
    async fn until_over(
        &mut self,
        mut seconds: mpsc::UnboundedReceiver<(usize, Second)>,
        end: Instant,
    ) -> Result<(), LoadError> {
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        let measured_from = self.shared.measured_from.into();
        let mut looks = tokio::time::interval(LOOK_AGAIN);
        // The last arrivals of the schedule are due right before the end.
        let end = end + LOOK_AGAIN;
        loop {
            let draining = self.drained_by.is_some();
            tokio::select! {
                said = seconds.recv() => match said {
                    Some((index, second)) => self.add(index, &second)?,
                    None => break,
                },
                () = sleep_until(measured_from), if self.cpu_before.is_none() => {
                    self.cpu_before = Some(self.cpu_now());
                }
                () = sleep_until(end.into()), if !draining => self.drain(),
                _ = looks.tick(), if draining => self.look(),
                _ = interrupted.recv() => self.interrupt(),
                _ = terminated.recv() => self.interrupt(),
            }
        }
        while let Some((index, (_, second))) = self.open.pop_first() {
            self.close(index, &second)?;
        }
        // Of the second in which the last answer came there is mostly nothing left.
        if self.timeline.last().is_some_and(Row::is_empty) {
            self.timeline.pop();
        }
        Ok(())
    }

    /// The first signal ends the load, the second the wait for its answers.
    fn interrupt(&mut self) {
        self.ended_early = true;
        if self.drained_by.is_some() {
            self.shared.phase.send_replace(Phase::Over);
        } else {
            self.drain();
        }
    }

    fn drain(&mut self) {
        self.shared.phase.send_replace(Phase::Draining);
        self.drained_by = Some(Instant::now() + Duration::from_secs(self.arguments.drain));
        self.measured = self.shared.measured_from.elapsed();
        let now = self.cpu_now();
        let before = self.cpu_before.unwrap_or(now);
        let servers = now.servers.zip(before.servers).map(|(now, before)| now - before);
        self.cpu = CpuSeconds { own: now.own - before.own, servers };
    }

    fn look(&self) {
        let answered = self.shared.outstanding.load(Ordering::Relaxed) == 0;
        if answered || self.drained_by.is_some_and(|by| Instant::now() >= by) {
            self.shared.phase.send_replace(Phase::Over);
        }
    }

    fn cpu_now(&self) -> CpuSeconds {
        let pids = &self.arguments.pid;
        let servers = (!pids.is_empty()).then(|| proc::cpu_seconds(pids));
        CpuSeconds { own: proc::cpu_seconds(&[std::process::id()]), servers }
    }

    /// Adds one thread's second; the last thread completes it.
    fn add(&mut self, index: usize, second: &Second) -> Result<(), LoadError> {
        let (threads, sum) = match self.open.remove(&index) {
            Some((threads, mut sum)) => {
                sum.merge(second);
                (threads + 1, sum)
            }
            None => (1, second.clone()),
        };
        if threads == self.threads {
            return self.close(index, &sum);
        }
        self.open.insert(index, (threads, sum));
        Ok(())
    }

    fn close(&mut self, index: usize, sum: &Second) -> Result<(), LoadError> {
        let shed = self.shared.shed.load(Ordering::Relaxed)
            + self.shared.shed_warming_up.load(Ordering::Relaxed);
        let shed_since = shed - std::mem::replace(&mut self.shed_before, shed);
        let warm_up = (index as u64) < self.arguments.warm_up;
        let outstanding = self.shared.outstanding.load(Ordering::Relaxed);
        let row = Row::of(index + 1, warm_up, sum, shed_since, outstanding);
        if !self.arguments.quiet && !row.is_empty() {
            text::print_progress(&row)?;
        }
        self.timeline.push(row);
        Ok(())
    }
}

//! The open loop: requests arrive when the schedule says, whatever the server does.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::error::LoadError;
use crate::latencies::Latencies;
use crate::run::arguments::Arrivals;
use crate::run::shared::{Job, Phase, Shared};

/// How long at most the thread sleeps before it looks whether the load has ended.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// When requests arrive, from the start of the load on; without end.
#[derive(Debug)]
pub(crate) struct Schedule {
    arrivals: Arrivals,
    rate: f64,
    count: u64,
    seconds: f64,
    rng: StdRng,
}

impl Schedule {
    pub(crate) fn new(arrivals: Arrivals, rate: f64, seed: u64) -> Self {
        Self { arrivals, rate, count: 0, seconds: 0.0, rng: StdRng::seed_from_u64(seed) }
    }
}

impl Iterator for Schedule {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        match self.arrivals {
            Arrivals::Uniform => {
                self.seconds = self.count as f64 / self.rate;
                self.count += 1;
            }
            // The inverse of the exponential distribution; 1 - u is never 0.
            Arrivals::Poisson => {
                self.seconds -= (1.0 - self.rng.random::<f64>()).ln() / self.rate;
            }
        }
        Duration::try_from_secs_f64(self.seconds).ok()
    }
}

/// What became of the schedule, after the warm-up.
pub(crate) struct Paced {
    /// Requests that were due.
    pub(crate) arrivals: u64,
    /// How late the generator itself was in starting them: near zero, or the machine is too small.
    pub(crate) lateness: Latencies,
}

/// Starts requests when they are due, until the time is over or the load has ended. A thread of its
/// own sleeps more exactly than a runtime's timer, which counts in milliseconds.
pub(crate) fn pace(
    schedule: Schedule,
    length: Duration,
    shared: &Shared,
) -> Result<Paced, LoadError> {
    let mut paced = Paced { arrivals: 0, lateness: Latencies::new()? };
    let mut queues = shared.queues.iter().cycle();
    for at in schedule.take_while(|at| *at < length) {
        let intended = shared.start + at;
        if !sleep_until(intended, shared) {
            break;
        }
        let measured = intended >= shared.measured_from;
        if measured {
            paced.arrivals += 1;
            paced.lateness.record(intended.elapsed());
        }
        if shared.outstanding.load(Ordering::Relaxed) >= shared.outstanding_max {
            let shed = if measured { &shared.shed } else { &shared.shed_warming_up };
            shed.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        shared.outstanding.fetch_add(1, Ordering::Relaxed);
        if let Some(queue) = queues.next() {
            queue.push(Job::arriving(intended));
        }
    }
    Ok(paced)
}

/// False when the load has ended.
fn sleep_until(moment: Instant, shared: &Shared) -> bool {
    while shared.phase() == Phase::Loading {
        let left = moment.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return true;
        }
        std::thread::sleep(left.min(LOOK_AGAIN));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniform_arrivals_are_equally_spaced_and_do_not_drift() {
        let at: Vec<_> = Schedule::new(Arrivals::Uniform, 300.0, 1).take(3001).collect();
        assert_eq!(at[0], Duration::ZERO);
        assert_eq!(at[3000], Duration::from_secs(10));
        assert!(at.windows(2).all(|two| (two[1] - two[0]).as_micros().abs_diff(3333) <= 1));
    }

    #[test]
    fn poisson_arrivals_have_the_rate_and_uneven_gaps() {
        let at: Vec<_> = Schedule::new(Arrivals::Poisson, 1000.0, 7).take(50_000).collect();
        let rate = 50_000.0 / at[49_999].as_secs_f64();
        assert!((rate - 1000.0).abs() < 20.0, "{rate}");
        let gaps: Vec<f64> =
            at.windows(2).map(|two| (two[1] - two[0]).as_secs_f64() * 1000.0).collect();
        // Exponential gaps: the share that is longer than the mean is 1/e.
        let long = gaps.iter().filter(|gap| **gap > 1.0).count() as f64 / gaps.len() as f64;
        assert!((long - (-1.0_f64).exp()).abs() < 0.01, "{long}");
    }

    #[test]
    fn a_seed_repeats_the_schedule() {
        let take = |seed| Schedule::new(Arrivals::Poisson, 10.0, seed).take(9).collect::<Vec<_>>();
        assert_eq!(take(3), take(3));
        assert_ne!(take(3), take(4));
    }
}

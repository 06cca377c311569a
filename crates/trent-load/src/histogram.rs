//! Latencies in logarithmic buckets: constant memory, at most 3 % off.

use std::time::Duration;

/// Buckets for each doubling; 32 keep the error below 1/32.
const PER_DOUBLING: u64 = 32;
/// Up to 2^42 ns, more than an hour.
const BUCKETS: usize = 38 * PER_DOUBLING as usize;

/// How often which latency was seen.
#[derive(Clone)]
pub(crate) struct Histogram {
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self { counts: vec![0; BUCKETS], total: 0 }
    }

    pub(crate) fn record(&mut self, latency: Duration) {
        let nanos = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        if let Some(count) = self.counts.get_mut(bucket(nanos).min(BUCKETS - 1)) {
            *count += 1;
            self.total += 1;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.counts.iter_mut().zip(&other.counts).for_each(|(to, from)| *to += from);
        self.total += other.total;
    }

    /// How many latencies were recorded.
    pub(crate) const fn total(&self) -> u64 {
        self.total
    }

    /// The latency in milliseconds that so many of a thousand stay below.
    pub(crate) fn permille_ms(&self, permille: u64) -> f64 {
        let rank = (self.total * permille).div_ceil(1000);
        let mut seen = 0;
        let at = self.counts.iter().position(|count| {
            seen += count;
            seen >= rank && seen > 0
        });
        at.map_or(0.0, |index| upper_edge(index) as f64 / 1e6)
    }
}

/// Values below 32 have a bucket each; above, the five bits after the leading one choose it.
fn bucket(nanos: u64) -> usize {
    let doublings = u64::from(nanos.max(PER_DOUBLING).ilog2() - PER_DOUBLING.ilog2());
    let index = doublings * PER_DOUBLING + (nanos >> doublings);
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// The largest value of a bucket.
fn upper_edge(index: usize) -> u64 {
    let index = index as u64;
    let doublings = (index / PER_DOUBLING).saturating_sub(1);
    ((index - doublings * PER_DOUBLING + 1) << doublings) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_in_a_bucket_that_is_close_to_it() {
        for nanos in (0..2_000).chain((11..40).map(|power| (1_u64 << power) + 12_345)) {
            let edge = upper_edge(bucket(nanos));
            assert!(edge >= nanos && edge - nanos <= nanos / PER_DOUBLING, "{nanos} {edge}");
        }
    }

    #[test]
    fn percentiles_are_read_from_the_right_end() {
        let mut histogram = Histogram::new();
        for millis in 1..=1000 {
            histogram.record(Duration::from_millis(millis));
        }
        let mut both = Histogram::new();
        both.merge(&histogram);
        both.merge(&histogram);
        assert_eq!(both.total(), 2000);
        assert!((485.0..=516.0).contains(&both.permille_ms(500)), "{}", both.permille_ms(500));
        assert!((960.0..=1021.0).contains(&both.permille_ms(990)), "{}", both.permille_ms(990));
    }
}

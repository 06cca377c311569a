//! Latencies in an HDR histogram: constant memory, three significant digits.

use std::time::Duration;

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::error::LoadError;

/// An hour; what takes longer is counted as an hour.
const MICROS_MAX: u64 = 3_600_000_000;

/// How often which latency was seen, in microseconds.
#[derive(Clone)]
pub(crate) struct Latencies(Histogram<u64>);

/// The figures that are reported, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Percentiles {
    pub(crate) count: u64,
    pub(crate) mean_ms: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p90_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) p999_ms: f64,
    pub(crate) max_ms: f64,
}

/// A point of the curve of latency by percentile.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Point {
    /// The share of the requests in percent, below 100.
    pub(crate) percentile: f64,
    /// The latency in milliseconds that this share stays within.
    pub(crate) ms: f64,
}

/// Points of a curve from one nine to the next.
const POINTS_PER_NINE: f64 = 10.0;

impl Latencies {
    pub(crate) fn new() -> Result<Self, LoadError> {
        Ok(Self(Histogram::new_with_bounds(1, MICROS_MAX, 3)?))
    }

    pub(crate) fn record(&mut self, latency: Duration) {
        let micros = u64::try_from(latency.as_nanos().div_ceil(1000)).unwrap_or(MICROS_MAX);
        self.0.saturating_record(micros);
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        // Cannot fail: all have the same bounds.
        let _ = self.0.add(&other.0);
    }

    /// How many latencies were recorded.
    pub(crate) fn count(&self) -> u64 {
        self.0.len()
    }

    /// The latency in milliseconds that this share of the requests stays within.
    pub(crate) fn quantile_ms(&self, quantile: f64) -> f64 {
        self.0.value_at_quantile(quantile) as f64 / 1e3
    }

    pub(crate) fn percentiles(&self) -> Percentiles {
        Percentiles {
            count: self.count(),
            mean_ms: self.0.mean() / 1e3,
            p50_ms: self.quantile_ms(0.5),
            p90_ms: self.quantile_ms(0.9),
            p99_ms: self.quantile_ms(0.99),
            p999_ms: self.quantile_ms(0.999),
            max_ms: self.0.max() as f64 / 1e3,
        }
    }

    /// The latencies by percentile, the nearer to 100 the closer, as far as there are requests:
    /// of a thousand requests nothing is said beyond the 99.9th.
    pub(crate) fn curve(&self) -> Vec<Point> {
        let count = self.count() as f64;
        let beyond = (0_u32..).map(|step| 10_f64.powf(-f64::from(step) / POINTS_PER_NINE));
        // So that rounding leaves out none.
        let beyond = beyond.take_while(|beyond| beyond * count >= 1.0 - 1e-9);
        let point = |beyond: f64| Point {
            percentile: 100.0 * (1.0 - beyond),
            ms: self.quantile_ms(1.0 - beyond),
        };
        beyond.map(point).collect()
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_read_from_the_right_end() {
        let mut latencies = Latencies::new().unwrap();
        for millis in 1..=1000 {
            latencies.record(Duration::from_millis(millis));
        }
        let mut both = Latencies::new().unwrap();
        both.merge(&latencies);
        both.merge(&latencies);
        let read = both.percentiles();
        assert_eq!(read.count, 2000);
        for (found, expected) in [(read.p50_ms, 500.0), (read.p99_ms, 990.0), (read.max_ms, 1e3)] {
            assert!((found / expected - 1.0).abs() < 0.002, "{found} {expected}");
        }
    }

    #[test]
    fn a_curve_ends_where_single_requests_would_decide() {
        let mut latencies = Latencies::new().unwrap();
        assert_eq!(latencies.curve(), []);
        for millis in 1..=1000 {
            latencies.record(Duration::from_millis(millis));
        }
        let curve = latencies.curve();
        assert_eq!(curve.len(), 31);
        let (first, last) = (curve[0], curve[30]);
        assert!(first.percentile.abs() < 1e-9 && (first.ms - 1.0).abs() < 0.01, "{first:?}");
        assert!((last.percentile - 99.9).abs() < 1e-9, "{last:?}");
        assert!((last.ms / 999.0 - 1.0).abs() < 0.002, "{last:?}");
        assert!(curve.is_sorted_by(|one, next| one.ms <= next.ms));
    }

    #[test]
    fn what_is_out_of_bounds_is_counted_at_them() {
        let mut latencies = Latencies::new().unwrap();
        latencies.record(Duration::ZERO);
        latencies.record(Duration::MAX);
        assert_eq!(latencies.count(), 2);
        assert!(latencies.quantile_ms(1.0) >= 3_600_000.0);
    }
}

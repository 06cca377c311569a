//! Whether B is slower than A.

use crate::compare::figures::{Bound, Pair};
use crate::run::Verdict;

/// Holds every throughput and p99 against those of A; limits and what was measured are B/A.
pub(crate) fn judge(pairs: &[Pair], max_slower_percent: f64) -> Vec<Verdict> {
    let verdict = |pair: &Pair| {
        // Where A has nothing, B cannot be slower.
        let a = pair.a?;
        let (percent, held) = match pair.bound {
            Bound::NotLower => {
                let least = 100.0 - max_slower_percent;
                (least, pair.b.is_some_and(|b| b * 100.0 >= a * least))
            }
            Bound::NotHigher => {
                let most = 100.0 + max_slower_percent;
                (most, pair.b.is_some_and(|b| b * 100.0 <= a * most))
            }
            Bound::Free => return None,
        };
        let name = format!("{} {}", pair.figure, pair.operation);
        Some(Verdict { name, limit: percent / 100.0, measured: pair.ratio, held })
    };
    pairs.iter().filter_map(verdict).collect()
}

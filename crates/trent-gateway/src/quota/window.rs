//! How many requests of one kind a second has seen.
//!
//! AWS counts in intervals of one second, and so does this: in each second of the wall clock so
//! many are taken and no more, and none is refused while there are fewer. Second and count are one
//! word, so that taking is one exchange without a lock, and whoever comes first is served first.

use std::sync::atomic::{AtomicU64, Ordering};

/// By how much a core's reading of the clock may lie behind another's. More is a clock that was put
/// back.
const BEHIND_MAX: u32 = 2;

/// The present second of one kind of requests.
#[derive(Debug, Default)]
pub(super) struct Window(AtomicU64);

impl Window {
    /// Takes `count` requests in this second, counted from the epoch, if so many are left of
    /// `limit`.
    pub(super) fn take(&self, second: u32, count: u32, limit: u32) -> bool {
        let mut known = self.0.load(Ordering::Relaxed);
        loop {
            let (at, taken) = parts(known);
            // Who read the clock just before the second began counts in the one that others are in.
            let same = at.wrapping_sub(second) <= BEHIND_MAX;
            let (at, taken) = if same { (at, taken) } else { (second, 0) };
            let total = taken.checked_add(count).filter(|total| *total <= limit);
            let Some(total) = total else { return false };
            let next = u64::from(at) << 32 | u64::from(total);
            match self.0.compare_exchange_weak(known, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return true,
                Err(other) => known = other,
            }
        }
    }

    /// The second in which something was taken last; 0 when nothing ever was.
    pub(super) fn second(&self) -> u32 {
        parts(self.0.load(Ordering::Relaxed)).0
    }
}

/// Second and count.
fn parts(word: u64) -> (u32, u32) {
    // Cannot fail: each half has 32 bits.
    let half = |bits: u64| u32::try_from(bits & u64::from(u32::MAX)).unwrap_or_default();
    (half(word >> 32), half(word))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_clock_that_was_put_back_begins_anew_and_one_that_reads_late_does_not() {
        let window = Window::default();
        assert!(window.take(100, 1, 1));
        assert!(!window.take(99, 1, 1), "a core that read the clock a moment before");
        assert!(window.take(50, 1, 1), "another time");
        assert!(!window.take(50, 1, 1));
        assert_eq!(window.second(), 50);
    }

    #[test]
    fn several_are_taken_together_or_not_at_all() {
        let window = Window::default();
        assert!(window.take(9, 2, 3));
        assert!(!window.take(9, 2, 3));
        assert!(window.take(9, 1, 3));
        assert!(!window.take(9, 1, 0));
    }

    #[test]
    fn threads_together_take_exactly_as_many_as_there_are() {
        let window = Window::default();
        let taken: usize = std::thread::scope(|scope| {
            let takers: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| (0..1_000).filter(|_| window.take(7, 1, 2_500)).count()))
                .collect();
            takers.into_iter().map(|taker| taker.join().unwrap()).sum()
        });
        assert_eq!(taken, 2_500);
    }

    proptest! {
        /// Requests at growing milliseconds: in each second of the clock as many are taken as
        /// come, up to the limit.
        #[test]
        fn each_second_takes_what_comes_up_to_the_limit(
            gaps in prop::collection::vec(0_u32..700, 1..300),
            limit in 0_u32..8,
        ) {
            let window = Window::default();
            let mut now = 1_700_000_000_000_u64;
            let (mut came, mut taken) = (BTreeMap::new(), BTreeMap::new());
            for gap in gaps {
                now += u64::from(gap);
                let second = u32::try_from(now / 1_000).unwrap();
                *came.entry(second).or_insert(0) += 1;
                let got = u32::from(window.take(second, 1, limit));
                *taken.entry(second).or_insert(0) += got;
            }
            for (second, came) in came {
                prop_assert_eq!(taken[&second], limit.min(came));
            }
        }
    }
}

//! Decisions: that a caller was allowed an action on a key, whatever the conditions.

use std::hash::{Hash, Hasher};

use quick_cache::Equivalent;
use quick_cache::sync::Cache as QuickCache;

/// Decisions that are remembered, of 50 to 100 bytes each: a few megabytes, however many there are
/// to be made.
pub(crate) const DECISIONS: usize = 32_768;

/// Who decides and is decided about, as they were loaded: when one of them is loaded again, nothing
/// that was remembered of it is found any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct CallerSerial {
    /// The access key.
    pub(crate) access_key: u64,
    /// The user or role with its policies; 0 where there is none.
    pub(crate) principal: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct DecisionKey {
    caller: CallerSerial,
    key: u64,
    action: Box<str>,
}

#[derive(Debug, PartialEq, Eq)]
struct DecisionRef<'a> {
    caller: CallerSerial,
    key: u64,
    action: &'a str,
}

/// The remembered decisions.
pub(super) struct Decisions(QuickCache<DecisionKey, ()>);

impl Decisions {
    pub(super) fn new() -> Self {
        Self(QuickCache::new(DECISIONS))
    }

    pub(super) fn get(&self, caller: CallerSerial, key: u64, action: &str) -> Option<()> {
        self.0.get(&DecisionRef { caller, key, action })
    }

    pub(super) fn insert(&self, caller: CallerSerial, key: u64, action: &str) {
        self.0.insert(DecisionKey { caller, key, action: action.into() }, ());
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

impl Hash for DecisionKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        DecisionRef { caller: self.caller, key: self.key, action: &self.action }.hash(state);
    }
}

impl Hash for DecisionRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.caller.hash(state);
        self.key.hash(state);
        self.action.hash(state);
    }
}

impl Equivalent<DecisionKey> for DecisionRef<'_> {
    fn equivalent(&self, key: &DecisionKey) -> bool {
        self.caller == key.caller && self.key == key.key && *self.action == *key.action
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_decisions_take_no_more_room_than_their_bound() {
        let decisions = Decisions::new();
        for number in 0..1_000_000 {
            let caller = CallerSerial { access_key: number, principal: number };
            decisions.insert(caller, number % 100, "kms:Encrypt");
        }
        assert!(decisions.len() <= DECISIONS, "{}", decisions.len());
    }

    #[test]
    fn a_decision_belongs_to_one_load_of_everything() {
        let decisions = Decisions::new();
        let caller = CallerSerial { access_key: 1, principal: 2 };
        decisions.insert(caller, 3, "kms:Encrypt");
        assert!(decisions.get(caller, 3, "kms:Encrypt").is_some());
        assert!(decisions.get(caller, 4, "kms:Encrypt").is_none());
        assert!(decisions.get(caller, 3, "kms:Decrypt").is_none());
        let again = CallerSerial { principal: 5, ..caller };
        assert!(decisions.get(again, 3, "kms:Encrypt").is_none());
        let again = CallerSerial { access_key: 5, ..caller };
        assert!(decisions.get(again, 3, "kms:Encrypt").is_none());
    }

    /// What a remembered decision costs; the length of the policies plays no part. What it costs to
    /// decide stands in `trent-policy/examples/decision_time.rs`.
    #[test]
    #[ignore = "a measurement: cargo test --release -p trent-policy-evaluator --lib -- --ignored \
                --nocapture remembered_decision"]
    fn how_long_a_remembered_decision_takes() {
        const ROUNDS: u64 = 2_000_000;
        let decisions = Decisions::new();
        let caller = |n: u64| CallerSerial { access_key: n % 100, principal: 1_000 + n % 100 };
        (0..10_000).for_each(|n| decisions.insert(caller(n), n / 100, "kms:GenerateDataKey"));
        let began = std::time::Instant::now();
        let mut found = 0;
        let counted = allocation_counter::measure(|| {
            for n in 0..ROUNDS {
                let known = decisions.get(caller(n), n / 100 % 100, "kms:GenerateDataKey");
                found += u64::from(known.is_some());
            }
        });
        let each = began.elapsed().as_nanos() as f64 / ROUNDS as f64;
        println!(
            "{each:.0} ns and {} allocations for each of {found} remembered decisions",
            counted.count_total / ROUNDS
        );
    }
}

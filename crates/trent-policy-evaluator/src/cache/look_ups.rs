//! Counting look-ups, by kind and outcome.

use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};

/// The look-ups of each kind of thing.
pub(super) struct Counters {
    pub(super) keys: LookUps,
    pub(super) aliases: LookUps,
    pub(super) access_keys: LookUps,
    pub(super) sessions: LookUps,
    pub(super) principals: LookUps,
    pub(super) decisions: LookUps,
    pub(super) grants: LookUps,
}

pub(super) struct LookUps {
    hits: Counter,
    misses: Counter,
    pub(super) entries: Gauge,
}

impl LookUps {
    pub(super) fn of(cache: &'static str) -> Self {
        const LOOK_UPS: &str = "trent_policy_cache_lookups_total";
        const ENTRIES: &str = "trent_policy_cache_entries";
        describe_counter!(LOOK_UPS, "Look-ups in the evaluator's caches, by cache and outcome");
        describe_gauge!(ENTRIES, "What the evaluator remembers, by cache");
        Self {
            hits: counter!(LOOK_UPS, "cache" => cache, "outcome" => "hit"),
            misses: counter!(LOOK_UPS, "cache" => cache, "outcome" => "miss"),
            entries: gauge!(ENTRIES, "cache" => cache),
        }
    }

    pub(super) fn counted<T>(&self, found: Option<T>) -> Option<T> {
        match found {
            Some(_) => self.hits.increment(1),
            None => self.misses.increment(1),
        }
        found
    }
}

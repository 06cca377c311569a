//! Request quotas, kept by the gateways (AWS KMS Developer Guide, "Request quotas").
//!
//! Gateways share a limit without asking each other: each knows how many there are
//! ([`trent_bus::Presence`]) and takes its part. What does not divide goes round: with a limit of 1
//! and two gateways each takes one request every other second. While a gateway that has just
//! started is not known yet, both may take the whole, for the time that a message takes; the part
//! of one that died is lost until it is noticed, for two seconds.

mod window;

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::hash::RandomState;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use metrics::{Counter, counter, describe_counter, describe_gauge, gauge};
use trent_bus::{Place, Presence};
use trent_operations::ports::RequestQuota;
use trent_runtime::Refresh;
use trent_types::{AccountId, Clock, Region, RequestClass};
use window::Window;

const THROTTLED: &str = "trent_throttled_requests_total";
const GATEWAYS: &str = "trent_gateways";

/// Parts of the table, each with a lock of its own.
const SHARDS: usize = 16;

/// Accounts and Regions that a part holds: 8 MiB in all.
const ENTRIES_MAX: usize = 1_024;

/// After so many seconds without a request, an account in a Region is forgotten where room is
/// needed.
const IDLE: u32 = 2;

/// Every class of one account in one Region.
struct Windows([Window; RequestClass::COUNT]);

impl Windows {
    fn of(&self, class: RequestClass) -> Option<&Window> {
        self.0.get(class.index())
    }

    fn is_idle(&self, second: u32) -> bool {
        self.0.iter().all(|window| window.second().wrapping_add(IDLE) < second)
    }
}

type Table = HashMap<(AccountId, Region), Arc<Windows>>;

#[derive(Default)]
struct Shard {
    table: RwLock<Table>,
    /// The second in which it was last looked through for what is idle.
    swept: AtomicU32,
}

/// The request quotas of a gateway: every core counts in one place.
pub struct RequestQuotas {
    clock: Arc<dyn Clock>,
    presence: Presence,
    shards: [Shard; SHARDS],
    hasher: RandomState,
    throttled: [Counter; RequestClass::COUNT],
}

impl RequestQuotas {
    /// Quotas that these gateways share, by this clock.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, presence: Presence) -> Self {
        Self {
            clock,
            presence,
            shards: std::array::from_fn(|_| Shard::default()),
            hasher: RandomState::new(),
            throttled: begin(),
        }
    }

    /// Brings the metric of gateways up to date.
    #[must_use]
    pub fn refresh(&self) -> Refresh {
        let (presence, gateways) = (self.presence.clone(), gauge!(GATEWAYS));
        Box::new(move || gateways.set(f64::from(presence.place().count)))
    }

    /// The windows of an account in a Region; `None` when there is no room for one more.
    fn windows(&self, account: AccountId, region: Region, second: u32) -> Option<Arc<Windows>> {
        let key = (account, region);
        let hash = usize::try_from(self.hasher.hash_one(account) % SHARDS as u64).ok()?;
        let shard = self.shards.get(hash)?;
        let known = shard.table.read().unwrap_or_else(PoisonError::into_inner).get(&key).cloned();
        if known.is_some() {
            return known;
        }
        let mut table = shard.table.write().unwrap_or_else(PoisonError::into_inner);
        // Looking through all of it takes a moment: once a second, however many strangers come.
        if table.len() >= ENTRIES_MAX && shard.swept.swap(second, Ordering::Relaxed) != second {
            table.retain(|_, windows| !windows.is_idle(second));
        }
        if table.len() >= ENTRIES_MAX && !table.contains_key(&key) {
            return None;
        }
        let fresh = || Arc::new(Windows(std::array::from_fn(|_| Window::default())));
        Some(Arc::clone(table.entry(key).or_insert_with(fresh)))
    }
}

impl RequestQuota for RequestQuotas {
    fn take(
        &self,
        account: AccountId,
        region: Region,
        class: RequestClass,
        count: u32,
        limit: u64,
    ) -> bool {
        let seconds = self.clock.now().as_seconds();
        // Seconds since the epoch fit until 2106; then they begin again.
        let second = u32::try_from(seconds.rem_euclid(1 << 32)).unwrap_or_default();
        let share = share(limit, self.presence.place(), second);
        let windows = self.windows(account, region, second);
        // More accounts at once than there is room for: overload, and answered like it.
        let window = windows.as_ref().and_then(|windows| windows.of(class));
        let taken = window.is_some_and(|window| window.take(second, count, share));
        if !taken && let Some(throttled) = self.throttled.get(class.index()) {
            throttled.increment(1);
        }
        taken
    }
}

/// The part of a limit that the gateway at this place takes in this second. Those of all gateways
/// make up the limit.
fn share(limit: u64, place: Place, second: u32) -> u32 {
    let count = u64::from(place.count.max(1));
    let turn = (u64::from(place.position) + u64::from(second)) % count;
    let share = limit / count + u64::from(turn < limit % count);
    u32::try_from(share).unwrap_or(u32::MAX)
}

/// Makes the metrics, so that they begin at 0.
pub(crate) fn begin() -> [Counter; RequestClass::COUNT] {
    describe_counter!(THROTTLED, "Requests that were one too many in their second, by quota");
    describe_gauge!(GATEWAYS, "Gateways that share the request quotas, as this one sees it");
    gauge!(GATEWAYS).set(1.0);
    std::array::from_fn(|place| {
        let code = RequestClass::ALL.get(place).map_or("", |class| class.code());
        let throttled = counter!(THROTTLED, "quota" => code);
        throttled.increment(0);
        throttled
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use trent_types::{ManualClock, Timestamp};

    use super::*;

    fn quotas() -> (Arc<ManualClock>, RequestQuotas) {
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_700_000_000_000)));
        let quotas = RequestQuotas::new(clock.clone(), Presence::alone());
        (clock, quotas)
    }

    fn account(number: u64) -> AccountId {
        format!("{number:012}").parse().unwrap()
    }

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    #[test]
    fn classes_accounts_and_regions_have_each_their_own() {
        let (clock, quotas) = quotas();
        let here = region("us-east-1");
        let create = RequestClass::CreateKey;
        assert!(quotas.take(account(1), here, create, 1, 1));
        assert!(!quotas.take(account(1), here, create, 1, 1));
        assert!(quotas.take(account(1), here, RequestClass::EnableKey, 1, 1));
        assert!(quotas.take(account(2), here, create, 1, 1));
        assert!(quotas.take(account(1), region("eu-west-1"), create, 1, 1));
        clock.advance_millis(999);
        assert!(!quotas.take(account(1), here, create, 1, 1));
        clock.advance_millis(1);
        assert!(quotas.take(account(1), here, create, 1, 1));
    }

    #[test]
    fn a_quota_of_none_lets_none_through_and_a_changed_one_counts_at_once() {
        let (_, quotas) = quotas();
        let take =
            |limit| quotas.take(account(1), region("us-east-1"), RequestClass::CreateKey, 1, limit);
        assert!(!take(0));
        assert!(take(1));
        assert!(!take(1));
        assert!(take(2));
    }

    #[test]
    fn memory_is_bounded_and_idle_accounts_make_room() {
        let (clock, quotas) = quotas();
        let take = |number| {
            quotas.take(account(number), region("us-east-1"), RequestClass::CreateKey, 1, 5)
        };
        let room = (SHARDS * ENTRIES_MAX) as u64;
        let taken = (0..2 * room).filter(|number| take(*number)).count() as u64;
        assert!(taken <= room && taken > room * 9 / 10, "{taken}");
        let held =
            || -> usize { quotas.shards.iter().map(|s| s.table.read().unwrap().len()).sum() };
        assert!(held() as u64 <= room);
        clock.advance_millis(4_000);
        assert!((3 * room..3 * room + 100).all(take));
        assert!(held() < 2_048, "{}", held());
    }

    proptest! {
        /// However many gateways there are: in each second their parts are the limit, and each has
        /// its turn.
        #[test]
        fn the_parts_of_all_gateways_make_up_the_limit(
            limit in 0_u64..2_000,
            count in 1_u32..40,
            second: u32,
        ) {
            let place = |position| Place { position, count };
            let parts: Vec<u32> =
                (0..count).map(|position| share(limit, place(position), second)).collect();
            prop_assert_eq!(parts.iter().map(|part| u64::from(*part)).sum::<u64>(), limit);
            let over_a_round: u64 = (0..count)
                .map(|later| u64::from(share(limit, place(0), (second % 1_000) + later)))
                .sum();
            prop_assert_eq!(over_a_round, limit);
        }
    }
}

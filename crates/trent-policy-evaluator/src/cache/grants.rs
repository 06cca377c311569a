//! The grants that callers have on keys. That a caller has none is remembered too: most who are not
//! allowed by policies have none.
//!
//! What is remembered of a key's grants belongs to a serial number. When a grant of the key is made
//! or ends, or the key changes, the number is forgotten, and with it everything that is remembered
//! under it; the entries themselves fall out when there is no room.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use quick_cache::Weighter;
use quick_cache::sync::Cache as QuickCache;
use trent_types::{Grant, KeyArn, KeyId, Region};

use super::CallerSerial;

/// Keys whose serial numbers are remembered.
const KEYS: usize = 16_384;
/// Callers and keys whose grants are remembered.
const ENTRIES: usize = 16_384;
/// Grants that are remembered, an entry counting as one more; tens of megabytes at most. Whoever
/// has more than this on one key is searched for each time.
const GRANTS: u64 = 65_536;

/// A caller and a key, as they were loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    caller: CallerSerial,
    grants: u64,
}

/// The remembered grants.
pub(super) struct Grants {
    serials: QuickCache<(Region, KeyId), u64>,
    found: QuickCache<Place, Arc<[Grant]>, ByCount>,
    next: AtomicU64,
}

#[derive(Clone)]
struct ByCount;

impl Weighter<Place, Arc<[Grant]>> for ByCount {
    fn weight(&self, _: &Place, grants: &Arc<[Grant]>) -> u64 {
        // Cannot be cut short: no machine has more than 64 bits of memory addresses.
        1 + grants.len() as u64
    }
}

impl Grants {
    pub(super) fn new() -> Self {
        Self {
            serials: QuickCache::new(KEYS),
            found: QuickCache::with_weighter(ENTRIES, GRANTS, ByCount),
            next: AtomicU64::new(0),
        }
    }

    /// Where a caller's grants on a key belong; to be asked for before the store is searched.
    pub(super) fn place(&self, caller: CallerSerial, key: &KeyArn) -> Place {
        let grants = self.serials.get(&(key.region, key.key_id)).unwrap_or_else(|| {
            let serial = self.next.fetch_add(1, Ordering::Relaxed);
            self.serials.insert((key.region, key.key_id), serial);
            serial
        });
        Place { caller, grants }
    }

    pub(super) fn get(&self, caller: CallerSerial, key: &KeyArn) -> Option<Arc<[Grant]>> {
        let grants = self.serials.get(&(key.region, key.key_id))?;
        self.found.get(&Place { caller, grants })
    }

    pub(super) fn insert(&self, place: Place, grants: Arc<[Grant]>) {
        self.found.insert(place, grants);
    }

    pub(super) fn forget(&self, key: &KeyArn) {
        self.serials.remove(&(key.region, key.key_id));
    }

    pub(super) fn clear(&self) {
        self.serials.clear();
        self.found.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.found.len()
    }
}

//! The domain keys in use, and which older ones are still needed.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use trent_crypto::DomainKeys;
use trent_types::{KeyRing, Timestamp, sealed_under};

/// How long a version counts as needed after an order brought what it sealed. Longer than a Permit
/// lives: whoever has such bytes in hand still comes within that time or asks anew.
const NEEDED_MS: i64 = 3_000;

/// A ring of domain keys in use.
pub(crate) struct Domain {
    pub(crate) keys: DomainKeys,
    needs: Arc<Needs>,
}

/// When each version, except the current one, was needed last, in milliseconds since the epoch.
struct Needs([AtomicI64; 256]);

impl Domain {
    pub(crate) fn new(ring: &KeyRing) -> Self {
        let never = || AtomicI64::new(i64::MIN);
        let needs = Arc::new(Needs(std::array::from_fn(|_| never())));
        Self { keys: DomainKeys::new(ring), needs }
    }

    /// The next ring.
    ///
    /// # Errors
    /// The version that the next ring lacks although orders needed it a moment ago.
    pub(crate) fn next(&self, ring: &KeyRing, now: Timestamp) -> Result<Self, u8> {
        let needed = |version: &u8| {
            let last = self.needs.0.get(usize::from(*version));
            let last = last.map_or(i64::MIN, |last| last.load(Ordering::Relaxed));
            *version == self.keys.current_version()
                || now.as_millis().saturating_sub(last) < NEEDED_MS
        };
        let mut dropped = self.keys.versions().filter(|version| ring.get(*version).is_none());
        match dropped.find(needed) {
            Some(version) => Err(version),
            None => Ok(Self { keys: DomainKeys::new(ring), needs: Arc::clone(&self.needs) }),
        }
    }

    /// Notes that an order brought these sealed bytes. Costs nothing for the current version.
    pub(crate) fn note_use(&self, sealed: &[u8], now: Timestamp) {
        if let Some(version) = sealed_under(sealed)
            && version != self.keys.current_version()
            && let Some(last) = self.needs.0.get(usize::from(version))
        {
            last.store(now.as_millis(), Ordering::Relaxed);
        }
    }
}

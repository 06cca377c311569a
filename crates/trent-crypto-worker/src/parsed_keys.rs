//! Opened key material, kept ready for its next use.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, UnitWeighter};
use trent_crypto::{CryptoError, DomainKeys, PreparedKey};
use trent_types::{KeyArn, MaterialId};

use crate::counts::CacheCounts;
use crate::permission::PermittedUse;

/// A bounded cache of opened keys. A key is wiped when it is evicted and no order uses it any more.
///
/// An entry is found only by an order that carries the very bytes it was opened from, for the very
/// key and material: the cache saves the opening, never the proof. So it cannot let an order pass
/// that would fail without it, and destroyed or replaced material stops working at once.
///
/// The hash need not withstand who chooses what is hashed: only what opened is kept.
pub(crate) struct ParsedKeys {
    cache: Cache<Name, Arc<PreparedKey>, UnitWeighter, RandomState>,
    counts: CacheCounts,
}

struct Name {
    key: KeyArn,
    material_id: MaterialId,
    sealed: Box<[u8]>,
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        let Self { key, material_id, sealed } = other;
        Sought { key, material_id, sealed }.equivalent(self)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.sealed.hash(state);
    }
}

/// A name that is looked for.
struct Sought<'a> {
    key: &'a KeyArn,
    material_id: &'a MaterialId,
    sealed: &'a [u8],
}

impl Hash for Sought<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // They spread evenly, and hardly any two keys have the same; equality compares everything.
        self.sealed.hash(state);
    }
}

impl Equivalent<Name> for Sought<'_> {
    fn equivalent(&self, name: &Name) -> bool {
        *self.sealed == *name.sealed
            && *self.material_id == name.material_id
            && *self.key == name.key
    }
}

impl ParsedKeys {
    pub(crate) fn new(max: usize) -> Self {
        let (weight, hasher) = (max as u64, RandomState::default());
        let lifecycle = DefaultLifecycle::default();
        let cache = Cache::with(max, weight, UnitWeighter, hasher, lifecycle);
        Self { cache, counts: CacheCounts::new() }
    }

    /// The key of an allowed use, opened under the domain key now or earlier.
    pub(crate) fn open(
        &self,
        domain: &DomainKeys,
        permitted: &PermittedUse<'_>,
    ) -> Result<Arc<PreparedKey>, CryptoError> {
        let (key, material_id) = (permitted.key(), permitted.material_id());
        let sealed = permitted.sealed();
        if let Some(known) = self.cache.get(&Sought { key, material_id, sealed }) {
            self.counts.hits.increment(1);
            return Ok(known);
        }
        self.counts.misses.increment(1);
        let material = domain.open_material(key, material_id, sealed)?;
        let prepared = Arc::new(material.prepare()?);
        let name = Name { key: *key, material_id: *material_id, sealed: sealed.into() };
        self.cache.insert(name, Arc::clone(&prepared));
        Ok(prepared)
    }

    /// Forgets every key, so that none stays that only a removed domain key could open.
    pub(crate) fn clear(&self) {
        self.cache.clear();
    }

    /// Says in the metrics how many there are.
    pub(crate) fn show_size(&self) {
        self.counts.entries.set(self.cache.len() as f64);
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.cache.len()
    }
}

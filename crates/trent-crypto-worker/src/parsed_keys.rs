//! Opened key material, kept ready for its next use.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};
use trent_crypto::{CryptoError, DomainKeys, PreparedKey};
use trent_types::{KeyArn, MaterialId};

use crate::counts::CacheCounts;
use crate::permission::PermittedUse;

/// A bounded cache of opened keys. A key is wiped when it is evicted and no order uses it any more.
///
/// An entry is found only by an order that carries the very bytes it was opened from, for the very
/// key and material: the cache saves the opening, never the proof. So it cannot let an order pass
/// that would fail without it, and destroyed or replaced material stops working at once.
pub(crate) struct ParsedKeys {
    cache: Cache<Name, Arc<PreparedKey>>,
    counts: CacheCounts,
}

#[derive(Clone, PartialEq, Eq)]
struct Name {
    key: KeyArn,
    material_id: MaterialId,
    digest: [u8; 32],
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The digest alone spreads evenly; equality still compares everything.
        self.digest.hash(state);
    }
}

impl ParsedKeys {
    pub(crate) fn new(max: usize) -> Self {
        Self { cache: Cache::new(max), counts: CacheCounts::new() }
    }

    /// The key of an allowed use, opened under the domain key now or earlier.
    pub(crate) fn open(
        &self,
        domain: &DomainKeys,
        permitted: &PermittedUse,
    ) -> Result<Arc<PreparedKey>, CryptoError> {
        let name = Name {
            key: *permitted.key(),
            material_id: *permitted.material_id(),
            digest: Sha256::digest(permitted.sealed()).into(),
        };
        if let Some(known) = self.cache.get(&name) {
            self.counts.hits.increment(1);
            return Ok(known);
        }
        self.counts.misses.increment(1);
        let material = domain.open_material(&name.key, &name.material_id, permitted.sealed())?;
        let prepared = Arc::new(material.prepare()?);
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

//! RSA key pairs that were made before anybody asked for them, so that CreateKey does not take half
//! a second.
//!
//! Nothing is made before the first key pair of a size is asked for: an instance that never makes
//! one pays nothing. From then on the slow threads fill that size's shelf whenever they have
//! nothing else to do. What lies here is sealed under the domain key, like everything else that
//! nobody uses at the moment.

use std::sync::{Mutex, MutexGuard, PoisonError};

use metrics::{Gauge, describe_gauge, gauge};
use trent_crypto::{DomainKeys, KeyMaterial};
use trent_types::KeySpec;

const READY: &str = "trent_crypto_ready_keys";

/// How many of each size are kept: enough for what one caller makes in a row.
const SHELVES: [(KeySpec, usize); 3] =
    [(KeySpec::Rsa2048, 8), (KeySpec::Rsa3072, 4), (KeySpec::Rsa4096, 4)];

/// Key pairs without an owner.
pub(crate) struct ReadyKeys {
    store: Mutex<Store>,
    size: Gauge,
}

struct Store {
    /// Counts how often everything was dropped.
    generation: u64,
    shelves: Vec<Shelf>,
}

struct Shelf {
    spec: KeySpec,
    max: usize,
    /// Whether one was ever asked for.
    wanted: bool,
    sealed: Vec<Vec<u8>>,
}

/// A place on a shelf that is to be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Vacancy {
    pub(crate) spec: KeySpec,
    generation: u64,
}

impl ReadyKeys {
    pub(crate) fn new() -> Self {
        describe_gauge!(READY, "RSA key pairs made in advance");
        let shelf = |(spec, max)| Shelf { spec, max, wanted: false, sealed: Vec::new() };
        let shelves = SHELVES.into_iter().map(shelf).collect();
        Self { store: Mutex::new(Store { generation: 0, shelves }), size: gauge!(READY) }
    }

    /// A key pair of this spec, if one is there; it is nobody else's from now on.
    pub(crate) fn take(&self, spec: KeySpec, domain: &DomainKeys) -> Option<KeyMaterial> {
        let sealed = {
            let mut store = self.lock();
            let shelf = store.shelves.iter_mut().find(|shelf| shelf.spec == spec)?;
            shelf.wanted = true;
            shelf.sealed.pop()?
        };
        // One that does not open any more is made anew.
        domain.open_pooled(spec, &sealed).ok()
    }

    /// What is missing, of the smallest size first.
    pub(crate) fn vacancy(&self) -> Option<Vacancy> {
        let store = self.lock();
        let shelf = store.shelves.iter().find(|s| s.wanted && s.sealed.len() < s.max)?;
        Some(Vacancy { spec: shelf.spec, generation: store.generation })
    }

    /// The place of one more of this spec, if there is any.
    pub(crate) fn vacancy_of(&self, spec: KeySpec) -> Option<Vacancy> {
        let store = self.lock();
        store.shelves.iter().find(|s| s.spec == spec && s.sealed.len() < s.max)?;
        Some(Vacancy { spec, generation: store.generation })
    }

    /// Whether there is one of this spec.
    pub(crate) fn has(&self, spec: KeySpec) -> bool {
        self.lock().shelves.iter().any(|shelf| shelf.spec == spec && !shelf.sealed.is_empty())
    }

    /// Puts a key pair in its place, unless everything was dropped since then.
    pub(crate) fn put(&self, vacancy: Vacancy, sealed: Vec<u8>) {
        let mut store = self.lock();
        if store.generation != vacancy.generation {
            return;
        }
        let shelf = store.shelves.iter_mut().find(|shelf| shelf.spec == vacancy.spec);
        if let Some(shelf) = shelf.filter(|shelf| shelf.sealed.len() < shelf.max) {
            shelf.sealed.push(sealed);
        }
    }

    /// Drops everything: it was sealed under a ring that is not in use any more.
    pub(crate) fn clear(&self) {
        let mut store = self.lock();
        store.generation += 1;
        store.shelves.iter_mut().for_each(|shelf| shelf.sealed.clear());
    }

    /// Says in the metrics how many there are.
    pub(crate) fn show_size(&self) {
        self.size.set(self.len() as f64);
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().shelves.iter().map(|shelf| shelf.sealed.len()).sum()
    }

    fn lock(&self) -> MutexGuard<'_, Store> {
        // Whoever panicked left nothing half done: each step under the lock is one.
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use trent_types::{KeyRing, SecretBytes};

    use super::*;

    fn domain() -> DomainKeys {
        DomainKeys::new(&KeyRing::single(SecretBytes::new(vec![1; 32])).unwrap())
    }

    #[test]
    fn a_shelf_is_filled_from_the_first_request_of_its_size_on_and_not_beyond_its_end() {
        let ready = ReadyKeys::new();
        assert_eq!(ready.vacancy(), None);
        assert!(ready.take(KeySpec::Rsa3072, &domain()).is_none());
        assert!(ready.take(KeySpec::EccNistP256, &domain()).is_none());
        for _ in 0..4 {
            let vacancy = ready.vacancy().unwrap();
            assert_eq!(vacancy.spec, KeySpec::Rsa3072);
            ready.put(vacancy, b"sealed".to_vec());
        }
        assert_eq!((ready.vacancy(), ready.len()), (None, 4));
    }

    #[test]
    fn what_was_begun_before_everything_was_dropped_is_not_kept() {
        let ready = ReadyKeys::new();
        assert!(ready.take(KeySpec::Rsa2048, &domain()).is_none());
        let vacancy = ready.vacancy().unwrap();
        ready.put(vacancy, b"sealed".to_vec());
        ready.clear();
        ready.put(vacancy, b"sealed".to_vec());
        assert_eq!(ready.len(), 0);
        ready.put(ready.vacancy().unwrap(), b"sealed".to_vec());
        assert_eq!(ready.len(), 1);
        // It is not what it says: nothing is handed out, and it is gone.
        assert!(ready.take(KeySpec::Rsa2048, &domain()).is_none());
        assert_eq!(ready.len(), 0);
    }
}

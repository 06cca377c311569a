//! The keys that session tokens are sealed with.

use std::sync::Arc;

use arc_swap::ArcSwap;
use trent_types::KeyRing;

/// The ring of token keys, which can be replaced while it is in use.
#[derive(Debug)]
pub struct TokenKeys(ArcSwap<KeyRing>);

impl TokenKeys {
    /// Takes the ring: new tokens are sealed with its first key, and opened with any.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        Self(ArcSwap::from_pointee(ring))
    }

    /// Goes on with another ring. The old one is wiped when nobody uses it any more.
    pub fn replace(&self, ring: KeyRing) {
        self.0.store(Arc::new(ring));
    }

    /// The ring as it is now.
    #[must_use]
    pub fn ring(&self) -> Arc<KeyRing> {
        self.0.load_full()
    }
}

//! The keys that session tokens are sealed with.

use std::sync::Arc;

use arc_swap::ArcSwap;
use trent_bus::{Purpose, Sealer, SealingError};
use trent_types::{KeyRing, RequestId, SecretBytes};

/// Session tokens belong to no request: whoever has one may use it for any.
const NO_REQUEST: RequestId = RequestId::from_bytes([0; 16]);

/// The ring of token keys, which can be replaced while it is in use.
#[derive(Debug)]
pub struct TokenKeys {
    ring: ArcSwap<KeyRing>,
    sealer: TokenSealer,
}

/// Not printed: it holds keys.
struct TokenSealer(Sealer);

impl std::fmt::Debug for TokenSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenSealer")
    }
}

impl TokenKeys {
    /// Takes the ring: new tokens are sealed with its first key, and opened with any.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        let sealer = TokenSealer(Sealer::new(ring.clone()));
        Self { ring: ArcSwap::from_pointee(ring), sealer }
    }

    /// Goes on with another ring. The old one is wiped when nobody uses it any more.
    pub fn replace(&self, ring: KeyRing) {
        self.sealer.0.replace(ring.clone());
        self.ring.store(Arc::new(ring));
    }

    /// The ring as it is now.
    #[must_use]
    pub fn ring(&self) -> Arc<KeyRing> {
        self.ring.load_full()
    }

    /// Seals a token: the layout is that of trent-bus, module sealing, with the token key in the
    /// place of the bus key, and zeros for the request.
    pub(crate) fn seal(&self, token: &SecretBytes) -> Vec<u8> {
        self.sealer.0.seal(Purpose::SessionToken, NO_REQUEST, token.expose())
    }

    /// Opens a token that any evaluator of this deployment has sealed.
    pub(crate) fn open(&self, sealed: &[u8]) -> Result<SecretBytes, SealingError> {
        self.sealer.0.open(Purpose::SessionToken, NO_REQUEST, sealed)
    }
}

//! Permits: what the policy evaluator allowed, with a MAC that only evaluator and worker can make.
//!
//! A Permit on the wire is
//!
//! | bytes | content |
//! |---|---|
//! | 0 | version of the Permit key |
//! | 1..33 | HMAC-SHA-256 under that key over `trent permit v1` ‖ 0 ‖ key version ‖ claims |
//! | 33.. | the claims: an encoded `PermitClaims` |
//!
//! The label in the MAC's input keeps this use of the key apart from any other. The MAC is checked
//! before a byte of the claims is decoded, so whoever cannot make Permits cannot reach the decoder
//! either.
//!
//! In the process that made it, a Permit is an object of a type that is private to this module, and
//! that nothing changes once it is made: no other code can make one or alter what it says, and so
//! the keys that made it believe it without a MAC. It has its wire form from the moment on when
//! that is asked for.

mod claims;
#[cfg(test)]
mod tests;

use std::any::Any;
use std::borrow::Cow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use prost::Message;
use sha2::Sha256;
use trent_types::{HeldPermit, KeyRing, Permit, Timestamp};

use crate::convert;
use crate::messages;

pub use claims::{ClaimedResource, Claims};

const LABEL: &[u8] = b"trent permit v1\0";
const MAC_BYTES: usize = 32;
const HEADER_BYTES: usize = 1 + MAC_BYTES;
/// Room for the claims about a key.
const CLAIMS_BYTES: usize = 256;

/// Why a Permit was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PermitError {
    /// No evaluator of this deployment made it, or its key is no longer accepted.
    #[error("the Permit is not genuine")]
    Forged,
    /// It was genuine, but its time is over: authorize again.
    #[error("the Permit has expired")]
    Expired,
}

/// Makes and verifies Permits: by the first key of the ring, and by any key of it. The ring can be
/// replaced while this is in use.
pub struct PermitKeys {
    keys: ArcSwap<Vec<Key>>,
}

/// A key of the ring; the current one is the first.
#[derive(Clone)]
struct Key {
    version: u8,
    /// Has taken the key and the label in already.
    state: Hmac<Sha256>,
    /// Which key this is, of all that the process ever had: what a held Permit names.
    number: u64,
}

/// A Permit in the process that made it. Only [`PermitKeys::mint`] makes one.
struct Minted {
    claims: Claims,
    /// A copy, so that cores need not count references to one object with each Permit; wiped with
    /// the Permit.
    key: Key,
    wire: OnceLock<Box<[u8]>>,
}

impl PermitKeys {
    /// Takes the ring of Permit keys. During a rotation it has two.
    #[must_use]
    pub fn new(ring: KeyRing) -> Self {
        Self { keys: ArcSwap::from_pointee(Self::keys(ring, &[])) }
    }

    /// Goes on with another ring. Whoever is at work finishes with the old one, whose keys are
    /// wiped then. Permits of a key that is in both rings stay good.
    pub fn replace(&self, ring: KeyRing) {
        let before = self.keys.load();
        self.keys.store(Self::keys(ring, &before).into());
    }

    /// The keys of a ring; those that were there before keep their numbers.
    fn keys(ring: KeyRing, before: &[Key]) -> Vec<Key> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let key = |version: u8, bytes: &[u8]| {
            // Cannot fail: HMAC takes keys of any length, and a ring's keys have 32 bytes.
            let mut state = Hmac::<Sha256>::new_from_slice(bytes).ok()?;
            state.update(LABEL);
            let known = before.iter().find(|key| key.version == version && key.is(&state));
            let number = known.map(|key| key.number);
            let number = number.unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed));
            Some(Key { version, state, number })
        };
        let keys = ring.iter().filter_map(|(version, bytes)| key(version, bytes.expose()));
        let keys = keys.collect();
        // The ring's keys are wiped here.
        drop(ring);
        keys
    }

    /// Makes the Permit of these claims.
    #[must_use]
    pub fn mint(&self, claims: Claims) -> Permit {
        // Cannot be missing: a ring has at least one key.
        let keys = self.keys.load();
        let Some(key) = keys.first().cloned() else { return Permit::from_wire(&[]) };
        Permit::from_held(Arc::new(Minted { claims, key, wire: OnceLock::new() }))
    }

    /// The Permit of these claims as it travels.
    #[must_use]
    pub fn mint_wire(&self, claims: &Claims) -> Vec<u8> {
        // As above.
        self.keys.load().first().map_or_else(Vec::new, |key| key.wire(claims))
    }

    /// Returns what a Permit says, when it is genuine and fresh. One that a key of this ring made
    /// here is known by the object that it is, any other one by its bytes.
    ///
    /// # Errors
    /// [`PermitError`] says which of the two it is not.
    pub fn verify<'p>(
        &self,
        permit: &'p Permit,
        now: Timestamp,
    ) -> Result<Cow<'p, Claims>, PermitError> {
        match self.own(permit) {
            Some(claims) => fresh(claims, now).map(|()| Cow::Borrowed(claims)),
            None => self.verify_wire(&convert::bytes(permit.as_wire()), now).map(Cow::Owned),
        }
    }

    /// What a Permit says that a key of this ring made in this process.
    fn own<'p>(&self, permit: &'p Permit) -> Option<&'p Claims> {
        let held: &dyn Any = permit.as_held()?;
        let minted = held.downcast_ref::<Minted>()?;
        let keys = self.keys.load();
        keys.iter().any(|key| key.number == minted.key.number).then_some(&minted.claims)
    }

    /// [`Self::verify`] for a Permit as it travels.
    ///
    /// # Errors
    /// As for [`Self::verify`].
    pub fn verify_wire(&self, permit: &Bytes, now: Timestamp) -> Result<Claims, PermitError> {
        let (header, claims) =
            permit.split_first_chunk::<HEADER_BYTES>().ok_or(PermitError::Forged)?;
        let [version, mac @ ..] = header;
        let keys = self.keys.load();
        let key = keys.iter().find(|key| key.version == *version).ok_or(PermitError::Forged)?;
        // Compares in constant time.
        key.mac(claims).verify_slice(mac).map_err(|_| PermitError::Forged)?;
        let claims = messages::PermitClaims::decode(permit.slice_ref(claims));
        let claims = Claims::try_from(claims.map_err(|_| PermitError::Forged)?);
        let claims = claims.map_err(|_| PermitError::Forged)?;
        fresh(&claims, now).map(|()| claims)
    }
}

fn fresh(claims: &Claims, now: Timestamp) -> Result<(), PermitError> {
    if now < claims.expires_at { Ok(()) } else { Err(PermitError::Expired) }
}

impl Key {
    /// The MAC over encoded claims, before it is finished.
    fn mac(&self, claims: &[u8]) -> Hmac<Sha256> {
        let mut mac = self.state.clone();
        mac.update(&[self.version]);
        mac.update(claims);
        mac
    }

    /// The Permit of these claims as it travels.
    fn wire(&self, claims: &Claims) -> Vec<u8> {
        let mut wire = Vec::with_capacity(HEADER_BYTES + CLAIMS_BYTES);
        wire.push(self.version);
        wire.extend_from_slice(&[0; MAC_BYTES]);
        claims::encode(claims, &mut wire);
        let mac = self.mac(wire.get(HEADER_BYTES..).unwrap_or_default());
        if let Some(place) = wire.get_mut(1..HEADER_BYTES) {
            place.copy_from_slice(&mac.finalize().into_bytes());
        }
        wire
    }

    /// Whether the state is of the same key: the MAC over the label alone, which no Permit has.
    fn is(&self, state: &Hmac<Sha256>) -> bool {
        let other = state.clone().finalize().into_bytes();
        self.state.clone().verify(&other).is_ok()
    }
}

impl HeldPermit for Minted {
    fn wire(&self) -> &[u8] {
        self.wire.get_or_init(|| self.key.wire(&self.claims).into())
    }
}

impl std::fmt::Debug for PermitKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.load().iter().map(|key| key.version)).finish()
    }
}

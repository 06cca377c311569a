//! HMAC keys (RFC 2104, FIPS 198-1), by RustCrypto's hmac and sha2.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use trent_types::{KeySpec, MacAlgorithm, SecretBytes};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::opaque_debug;
use crate::{CryptoError, Random};

/// The longest HMAC key that can be imported, in bytes (AWS KMS Developer Guide, "Importing key
/// material").
const KEY_BYTES_MAX: usize = 128;

/// The key of an `HMAC_*` spec.
pub struct HmacMaterial {
    spec: KeySpec,
    algorithm: MacAlgorithm,
    key: SecretBytes,
}

/// An HMAC key ready for use: HMAC's inner and outer state after the key's block, wiped on drop.
pub struct HmacKey(State);

enum State {
    Sha224(Hmac<Sha224>),
    Sha256(Hmac<Sha256>),
    Sha384(Hmac<Sha384>),
    Sha512(Hmac<Sha512>),
}

opaque_debug!(HmacMaterial, HmacKey);

// An HMAC's state is as secret as its key. This fails to compile if hashes are no longer wiped.
const _: fn() = || {
    fn wiped_on_drop<T: ZeroizeOnDrop>() {}
    wiped_on_drop::<Sha224>();
    wiped_on_drop::<Sha256>();
    wiped_on_drop::<Sha384>();
    wiped_on_drop::<Sha512>();
};

impl HmacMaterial {
    /// A new key, as long as the spec's hash.
    pub(crate) fn generate(spec: KeySpec, random: &dyn Random) -> Result<Self, CryptoError> {
        let algorithm = spec.mac_algorithm().ok_or(CryptoError::WrongAlgorithm)?;
        let mut key = Zeroizing::new(vec![0; mac_bytes(algorithm)]);
        random.fill(&mut key)?;
        Ok(Self { spec, algorithm, key: SecretBytes::new(std::mem::take(&mut *key)) })
    }

    /// A key of somebody else's making: at least as long as the spec's hash, at most 128 bytes.
    pub(crate) fn new(spec: KeySpec, key: &[u8]) -> Result<Self, CryptoError> {
        let algorithm = spec.mac_algorithm().ok_or(CryptoError::InvalidMaterial)?;
        if !(mac_bytes(algorithm)..=KEY_BYTES_MAX).contains(&key.len()) {
            return Err(CryptoError::InvalidMaterial);
        }
        Ok(Self { spec, algorithm, key: SecretBytes::new(key.to_vec()) })
    }

    pub(crate) const fn spec(&self) -> KeySpec {
        self.spec
    }

    pub(crate) const fn secret(&self) -> &SecretBytes {
        &self.key
    }

    pub(crate) fn prepare(&self) -> Result<HmacKey, CryptoError> {
        HmacKey::new(self.algorithm, self.key.expose())
    }
}

impl HmacKey {
    /// A key of any length, as RFC 2104 allows it.
    pub(super) fn new(algorithm: MacAlgorithm, key: &[u8]) -> Result<Self, CryptoError> {
        // Cannot fail: HMAC takes keys of every length.
        let failed = |_| CryptoError::LibraryFailure;
        Ok(Self(match algorithm {
            MacAlgorithm::HmacSha224 => {
                State::Sha224(KeyInit::new_from_slice(key).map_err(failed)?)
            }
            MacAlgorithm::HmacSha256 => {
                State::Sha256(KeyInit::new_from_slice(key).map_err(failed)?)
            }
            MacAlgorithm::HmacSha384 => {
                State::Sha384(KeyInit::new_from_slice(key).map_err(failed)?)
            }
            MacAlgorithm::HmacSha512 => {
                State::Sha512(KeyInit::new_from_slice(key).map_err(failed)?)
            }
        }))
    }

    fn algorithm(&self) -> MacAlgorithm {
        match self.0 {
            State::Sha224(_) => MacAlgorithm::HmacSha224,
            State::Sha256(_) => MacAlgorithm::HmacSha256,
            State::Sha384(_) => MacAlgorithm::HmacSha384,
            State::Sha512(_) => MacAlgorithm::HmacSha512,
        }
    }

    pub(crate) fn mac(
        &self,
        algorithm: MacAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        self.expect(algorithm)?;
        Ok(match &self.0 {
            State::Sha224(state) => compute(state, message),
            State::Sha256(state) => compute(state, message),
            State::Sha384(state) => compute(state, message),
            State::Sha512(state) => compute(state, message),
        })
    }

    /// Compares in constant time, and the whole MAC: a shorter one never fits.
    pub(crate) fn verify(
        &self,
        algorithm: MacAlgorithm,
        message: &[u8],
        mac: &[u8],
    ) -> Result<(), CryptoError> {
        self.expect(algorithm)?;
        let verified = match &self.0 {
            State::Sha224(state) => state.clone().chain_update(message).verify_slice(mac),
            State::Sha256(state) => state.clone().chain_update(message).verify_slice(mac),
            State::Sha384(state) => state.clone().chain_update(message).verify_slice(mac),
            State::Sha512(state) => state.clone().chain_update(message).verify_slice(mac),
        };
        verified.map_err(|_| CryptoError::InvalidMac)
    }

    fn expect(&self, algorithm: MacAlgorithm) -> Result<(), CryptoError> {
        if algorithm == self.algorithm() { Ok(()) } else { Err(CryptoError::WrongAlgorithm) }
    }
}

fn compute<M: Mac + Clone>(state: &M, message: &[u8]) -> Vec<u8> {
    state.clone().chain_update(message).finalize().into_bytes().to_vec()
}

/// How long the MAC is, in bytes; a generated key is as long.
const fn mac_bytes(algorithm: MacAlgorithm) -> usize {
    match algorithm {
        MacAlgorithm::HmacSha224 => 28,
        MacAlgorithm::HmacSha256 => 32,
        MacAlgorithm::HmacSha384 => 48,
        MacAlgorithm::HmacSha512 => 64,
    }
}

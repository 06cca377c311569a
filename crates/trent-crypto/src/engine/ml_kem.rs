//! ML-KEM (FIPS 203): key pairs from their seeds by ml-kem, encapsulation and decapsulation by
//! aws-lc-rs, which makes key pairs but takes no seeds.

use aws_lc_rs::kem::{
    AlgorithmId, Ciphertext, DecapsulationKey, EncapsulationKey, ML_KEM_512, ML_KEM_768,
    ML_KEM_1024,
};
#[expect(
    deprecated,
    reason = "the seed is what is kept; the expanded form only goes to aws-lc"
)]
use ml_kem::ExpandedKeyEncoding;
use ml_kem::{KeyExport, MlKem512, MlKem768, MlKem1024, Seed};
use pkcs8::ObjectIdentifier;
use trent_types::{KeySpec, SecretBytes};
use zeroize::{Zeroize, Zeroizing};

use super::{opaque_debug, rng};
use crate::encoding::{self, Parameters, write_pkcs8, write_spki};
use crate::{CryptoError, Random};

/// The key pair of an `ML_KEM_*` spec: its seed d ‖ z (FIPS 203, section 7.1).
pub struct MlKemMaterial {
    set: ParameterSet,
    seed: Zeroizing<[u8; 64]>,
}

/// An ML-KEM key pair ready for use.
pub struct MlKemKey {
    set: ParameterSet,
    decapsulating: DecapsulationKey,
    encapsulating: EncapsulationKey,
}

opaque_debug!(MlKemMaterial, MlKemKey);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ParameterSet {
    MlKem512,
    MlKem768,
    MlKem1024,
}

/// A key pair as FIPS 203 writes it, section 7.1: ek, and dk in full.
pub(super) struct Expanded {
    pub(super) encapsulation: Vec<u8>,
    pub(super) decapsulation: Zeroizing<Vec<u8>>,
}

impl ParameterSet {
    const ALL: [Self; 3] = [Self::MlKem512, Self::MlKem768, Self::MlKem1024];

    pub(super) fn of_spec(spec: KeySpec) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.spec() == spec)
    }

    const fn spec(self) -> KeySpec {
        match self {
            Self::MlKem512 => KeySpec::MlKem512,
            Self::MlKem768 => KeySpec::MlKem768,
            Self::MlKem1024 => KeySpec::MlKem1024,
        }
    }

    const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::MlKem512 => encoding::ML_KEM_512,
            Self::MlKem768 => encoding::ML_KEM_768,
            Self::MlKem1024 => encoding::ML_KEM_1024,
        }
    }

    const fn algorithm(self) -> &'static aws_lc_rs::kem::Algorithm<AlgorithmId> {
        match self {
            Self::MlKem512 => &ML_KEM_512,
            Self::MlKem768 => &ML_KEM_768,
            Self::MlKem1024 => &ML_KEM_1024,
        }
    }

    /// How long a ciphertext is, in bytes (FIPS 203, table 3).
    const fn ciphertext_bytes(self) -> usize {
        match self {
            Self::MlKem512 => 768,
            Self::MlKem768 => 1088,
            Self::MlKem1024 => 1568,
        }
    }

    /// ML-KEM.KeyGen_internal(d, z), algorithm 16.
    pub(super) fn expand(self, seed: &[u8; 64]) -> Expanded {
        match self {
            Self::MlKem512 => expand::<ml_kem::DecapsulationKey<MlKem512>>(seed, |key| {
                key.encapsulation_key().to_bytes().to_vec()
            }),
            Self::MlKem768 => expand::<ml_kem::DecapsulationKey<MlKem768>>(seed, |key| {
                key.encapsulation_key().to_bytes().to_vec()
            }),
            Self::MlKem1024 => expand::<ml_kem::DecapsulationKey<MlKem1024>>(seed, |key| {
                key.encapsulation_key().to_bytes().to_vec()
            }),
        }
    }
}

#[expect(deprecated, reason = "the seed is what is kept; the expanded form only goes to aws-lc")]
fn expand<K: From<Seed> + ExpandedKeyEncoding>(
    seed: &[u8; 64],
    encapsulation_key: impl Fn(&K) -> Vec<u8>,
) -> Expanded {
    let key = Box::new(K::from(Seed::from(*seed)));
    let mut expanded = key.to_expanded_bytes();
    let decapsulation = Zeroizing::new(expanded.to_vec());
    expanded.as_mut_slice().zeroize();
    Expanded { encapsulation: encapsulation_key(&key), decapsulation }
}

impl MlKemMaterial {
    pub(crate) fn generate(spec: KeySpec, random: &dyn Random) -> Result<Self, CryptoError> {
        let set = ParameterSet::of_spec(spec).ok_or(CryptoError::WrongAlgorithm)?;
        Ok(Self { set, seed: rng::seed(random)? })
    }

    /// Every 64 bytes are a key.
    pub(crate) fn new(spec: KeySpec, seed: &[u8; 64]) -> Result<Self, CryptoError> {
        let set = ParameterSet::of_spec(spec).ok_or(CryptoError::InvalidMaterial)?;
        Ok(Self { set, seed: Zeroizing::new(*seed) })
    }

    pub(crate) const fn spec(&self) -> KeySpec {
        self.set.spec()
    }

    pub(crate) fn secret(&self) -> &[u8; 64] {
        &self.seed
    }

    pub(crate) fn public_key_der(&self) -> Result<Vec<u8>, CryptoError> {
        let expanded = self.set.expand(&self.seed);
        write_spki(self.set.oid(), &Parameters::Absent, &expanded.encapsulation)
    }

    /// The seed alone: `[0]` IMPLICIT OCTET STRING (RFC 9935, section 6), so that a private key is
    /// as long whatever the spec, as AWS KMS has it.
    pub(crate) fn private_key_der(&self) -> Result<SecretBytes, CryptoError> {
        let mut choice = Zeroizing::new(Vec::with_capacity(66));
        choice.extend_from_slice(&[0x80, 64]);
        choice.extend_from_slice(&*self.seed);
        write_pkcs8(self.set.oid(), &Parameters::Absent, &choice)
    }

    pub(crate) fn prepare(&self) -> Result<MlKemKey, CryptoError> {
        let (expanded, algorithm) = (self.set.expand(&self.seed), self.set.algorithm());
        let failed = |_| CryptoError::LibraryFailure;
        Ok(MlKemKey {
            set: self.set,
            decapsulating: DecapsulationKey::new(algorithm, &expanded.decapsulation)
                .map_err(failed)?,
            encapsulating: EncapsulationKey::new(algorithm, &expanded.encapsulation)
                .map_err(failed)?,
        })
    }
}

impl MlKemKey {
    /// A ciphertext and the shared secret in it (FIPS 203, algorithm 20).
    pub(crate) fn encapsulate(&self) -> Result<(Vec<u8>, SecretBytes), CryptoError> {
        let made = self.encapsulating.encapsulate().map_err(|_| CryptoError::LibraryFailure)?;
        let (ciphertext, secret) = made;
        Ok((ciphertext.as_ref().to_vec(), SecretBytes::new(secret.as_ref().to_vec())))
    }

    /// The shared secret in a ciphertext (FIPS 203, algorithm 21). One that was changed gives
    /// another secret and no error: implicit rejection, as the standard wants it.
    pub(crate) fn decapsulate(&self, ciphertext: &[u8]) -> Result<SecretBytes, CryptoError> {
        if ciphertext.len() != self.set.ciphertext_bytes() {
            return Err(CryptoError::InvalidCiphertext);
        }
        let secret = self.decapsulating.decapsulate(Ciphertext::from(ciphertext));
        let secret = secret.map_err(|_| CryptoError::InvalidCiphertext)?;
        Ok(SecretBytes::new(secret.as_ref().to_vec()))
    }
}

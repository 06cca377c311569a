//! ML-DSA (FIPS 204), hedged and with an empty context: by aws-lc-rs, and for an external μ, which
//! that lacks, by ml-dsa.

use aws_lc_rs::signature::{
    KeyPair, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87,
    ML_DSA_87_SIGNING, ParsedPublicKey, PqdsaKeyPair, PqdsaSigningAlgorithm,
    PqdsaVerificationAlgorithm,
};
use ml_dsa::{
    ExpandedSigningKey, MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Seed, Signature, VerifyingKey,
};
use pkcs8::ObjectIdentifier;
use trent_types::{KeySpec, MessageType, SecretBytes, SigningAlgorithm};
use zeroize::{Zeroize, Zeroizing};

use super::opaque_debug;
use super::rng::{self, Rng};
use crate::encoding::{self, Parameters, write_pkcs8, write_spki};
use crate::{CryptoError, Random};

/// The key pair of an `ML_DSA_*` spec: its seed ξ (FIPS 204, section 5.1).
pub struct MlDsaMaterial {
    set: ParameterSet,
    seed: Zeroizing<[u8; 32]>,
}

/// An ML-DSA key pair ready for use.
pub struct MlDsaKey {
    pair: PqdsaKeyPair,
    verifying: MlDsaPublicKey,
    /// For an external μ, which is rare: the expanded key of the other library, tens of kilobytes,
    /// is made of it when it is needed.
    seed: Zeroizing<[u8; 32]>,
}

/// An ML-DSA public key, ready to verify.
pub(super) struct MlDsaPublicKey {
    set: ParameterSet,
    key: ParsedPublicKey,
    encoded: Vec<u8>,
}

opaque_debug!(MlDsaMaterial, MlDsaKey);

/// How long μ is, in bytes (FIPS 204, algorithm 7, line 6).
const MU_BYTES: usize = 64;

#[derive(Clone, Copy, PartialEq, Eq)]
enum ParameterSet {
    MlDsa44,
    MlDsa65,
    MlDsa87,
}

impl ParameterSet {
    const ALL: [Self; 3] = [Self::MlDsa44, Self::MlDsa65, Self::MlDsa87];

    fn of_spec(spec: KeySpec) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.spec() == spec)
    }

    const fn spec(self) -> KeySpec {
        match self {
            Self::MlDsa44 => KeySpec::MlDsa44,
            Self::MlDsa65 => KeySpec::MlDsa65,
            Self::MlDsa87 => KeySpec::MlDsa87,
        }
    }

    const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::MlDsa44 => encoding::ML_DSA_44,
            Self::MlDsa65 => encoding::ML_DSA_65,
            Self::MlDsa87 => encoding::ML_DSA_87,
        }
    }

    const fn signing(self) -> &'static PqdsaSigningAlgorithm {
        match self {
            Self::MlDsa44 => &ML_DSA_44_SIGNING,
            Self::MlDsa65 => &ML_DSA_65_SIGNING,
            Self::MlDsa87 => &ML_DSA_87_SIGNING,
        }
    }

    const fn verifying(self) -> &'static PqdsaVerificationAlgorithm {
        match self {
            Self::MlDsa44 => &ML_DSA_44,
            Self::MlDsa65 => &ML_DSA_65,
            Self::MlDsa87 => &ML_DSA_87,
        }
    }
}

impl MlDsaMaterial {
    pub(crate) fn generate(spec: KeySpec, random: &dyn Random) -> Result<Self, CryptoError> {
        let set = ParameterSet::of_spec(spec).ok_or(CryptoError::WrongAlgorithm)?;
        Ok(Self { set, seed: rng::seed(random)? })
    }

    /// Every 32 bytes are a key.
    pub(crate) fn new(spec: KeySpec, seed: &[u8; 32]) -> Result<Self, CryptoError> {
        let set = ParameterSet::of_spec(spec).ok_or(CryptoError::InvalidMaterial)?;
        Ok(Self { set, seed: Zeroizing::new(*seed) })
    }

    pub(crate) const fn spec(&self) -> KeySpec {
        self.set.spec()
    }

    pub(crate) fn secret(&self) -> &[u8; 32] {
        &self.seed
    }

    fn pair(&self) -> Result<PqdsaKeyPair, CryptoError> {
        PqdsaKeyPair::from_seed(self.set.signing(), &*self.seed)
            .map_err(|_| CryptoError::LibraryFailure)
    }

    pub(crate) fn public_key_der(&self) -> Result<Vec<u8>, CryptoError> {
        write_spki(self.set.oid(), &Parameters::Absent, self.pair()?.public_key().as_ref())
    }

    /// The seed alone: `[0]` IMPLICIT OCTET STRING (RFC 9881, section 6).
    pub(crate) fn private_key_der(&self) -> Result<SecretBytes, CryptoError> {
        let mut choice = Zeroizing::new(Vec::with_capacity(34));
        choice.extend_from_slice(&[0x80, 32]);
        choice.extend_from_slice(&*self.seed);
        write_pkcs8(self.set.oid(), &Parameters::Absent, &choice)
    }

    pub(crate) fn prepare(&self) -> Result<MlDsaKey, CryptoError> {
        let pair = self.pair()?;
        let verifying = MlDsaPublicKey::new(self.spec(), pair.public_key().as_ref())?;
        Ok(MlDsaKey { pair, verifying, seed: self.seed.clone() })
    }
}

impl MlDsaKey {
    pub(crate) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, CryptoError> {
        match form(algorithm, kind)? {
            Form::Message => {
                let mut signature = vec![0; self.verifying.set.signing().signature_len()];
                let signed = self.pair.sign(message, &mut signature);
                signed.map_err(|_| CryptoError::LibraryFailure)?;
                Ok(signature)
            }
            Form::Mu => {
                let mu = mu(message)?;
                match self.verifying.set {
                    ParameterSet::MlDsa44 => sign_mu::<MlDsa44>(&self.seed, mu, random),
                    ParameterSet::MlDsa65 => sign_mu::<MlDsa65>(&self.seed, mu, random),
                    ParameterSet::MlDsa87 => sign_mu::<MlDsa87>(&self.seed, mu, random),
                }
            }
        }
    }

    pub(crate) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.verifying.verify(algorithm, kind, message, signature)
    }
}

impl MlDsaPublicKey {
    /// The key as FIPS 204 encodes it, algorithm 22.
    pub(super) fn new(spec: KeySpec, encoded: &[u8]) -> Result<Self, CryptoError> {
        let set = ParameterSet::of_spec(spec).ok_or(CryptoError::WrongAlgorithm)?;
        let key = ParsedPublicKey::new(set.verifying(), encoded);
        let key = key.map_err(|_| CryptoError::InvalidPublicKey)?;
        Ok(Self { set, key, encoded: encoded.to_vec() })
    }

    pub(super) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        match form(algorithm, kind)? {
            Form::Message => {
                self.key.verify_sig(message, signature).map_err(|_| CryptoError::InvalidSignature)
            }
            Form::Mu => {
                let (mu, key) = (mu(message)?, self.encoded.as_slice());
                match self.set {
                    ParameterSet::MlDsa44 => verify_mu::<MlDsa44>(key, mu, signature),
                    ParameterSet::MlDsa65 => verify_mu::<MlDsa65>(key, mu, signature),
                    ParameterSet::MlDsa87 => verify_mu::<MlDsa87>(key, mu, signature),
                }
            }
        }
    }
}

enum Form {
    /// μ is computed from the message, with an empty context.
    Message,
    /// μ is the message.
    Mu,
}

const fn form(algorithm: SigningAlgorithm, kind: MessageType) -> Result<Form, CryptoError> {
    match (algorithm, kind) {
        (SigningAlgorithm::MlDsaShake256, MessageType::Raw) => Ok(Form::Message),
        (SigningAlgorithm::MlDsaShake256, MessageType::ExternalMu) => Ok(Form::Mu),
        _ => Err(CryptoError::WrongAlgorithm),
    }
}

fn mu(message: &[u8]) -> Result<&[u8; MU_BYTES], CryptoError> {
    message.try_into().map_err(|_| CryptoError::InvalidMessageLength)
}

/// Hedged: 32 fresh random bytes go into the signature's own generator (FIPS 204, section 3.4).
fn sign_mu<P: MlDsaParams>(
    seed: &[u8; 32],
    mu: &[u8; MU_BYTES],
    random: &dyn Random,
) -> Result<Vec<u8>, CryptoError> {
    let mut seed = Seed::from(*seed);
    let key = Box::new(ExpandedSigningKey::<P>::from_seed(&seed));
    seed.zeroize();
    let signature = key.sign_mu_randomized(&(*mu).into(), &mut Rng(random));
    Ok(signature.map_err(|_| CryptoError::NoRandomness)?.encode().to_vec())
}

fn verify_mu<P: MlDsaParams>(
    public_key: &[u8],
    mu: &[u8; MU_BYTES],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let encoded = public_key.try_into().map_err(|_| CryptoError::LibraryFailure)?;
    let signature =
        Signature::<P>::try_from(signature).map_err(|_| CryptoError::InvalidSignature)?;
    if VerifyingKey::<P>::decode(encoded).verify_mu(&(*mu).into(), &signature) {
        Ok(())
    } else {
        Err(CryptoError::InvalidSignature)
    }
}

//! SM2 (GB/T 32918): signatures, public key encryption and key agreement, by sm2 and sm3.

use pkcs8::ObjectIdentifier;
use sm2::dsa::signature::RandomizedSigner;
use sm2::dsa::signature::{Verifier, hazmat::PrehashVerifier, hazmat::RandomizedPrehashSigner};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::point::AffineCoordinates;
use sm2::pkcs8::der::Decode;
use sm2::pke::{Cipher, DecryptingKey, EncryptingKey};
use sm2::{PublicKey, SecretKey};
use trent_types::{EncryptionAlgorithm, MessageType, SecretBytes, SigningAlgorithm};
use zeroize::{Zeroize, Zeroizing};

use super::ec::{is_same_point, pad};
use super::opaque_debug;
use super::rng::{self, Rng};
use crate::encoding::{
    EcKeyParts, ID_EC_PUBLIC_KEY, Parameters, SM2, read_ec_point, write_pkcs8, write_sec1,
    write_spki,
};
use crate::{CryptoError, Random};

/// The key pair of the spec `SM2`: the scalar, 32 bytes big-endian.
pub struct Sm2Material(SecretBytes);

/// An SM2 key pair ready for use; the scalars inside are wiped on drop.
pub struct Sm2Key {
    secret: SecretKey,
    signing: SigningKey,
    verifying: VerifyingKey,
    decrypting: DecryptingKey,
    encrypting: EncryptingKey,
}

opaque_debug!(Sm2Material, Sm2Key);

/// The signer's distinguishing identifier that AWS KMS uses for messages (`MessageType` RAW).
const DISTINGUISHING_ID: &str = "1234567812345678";

/// The longest plaintext of SM2PKE, in bytes (Encrypt, `EncryptionAlgorithm`).
const PLAINTEXT_BYTES_MAX: usize = 1024;

const CURVE: ObjectIdentifier = SM2;

impl Sm2Material {
    pub(crate) fn generate(random: &dyn Random) -> Result<Self, CryptoError> {
        rng::scalar(256, random, |scalar| signing_key(scalar).ok()).map(|(scalar, _)| Self(scalar))
    }

    /// The key pair of a scalar of 32 bytes between 1 and the order less 2 (GB/T 32918.1, section
    /// 6.1): with the order less 1 there would be no signatures.
    pub(crate) fn new(scalar: &[u8]) -> Result<Self, CryptoError> {
        signing_key(scalar)?;
        Ok(Self(SecretBytes::new(scalar.to_vec())))
    }

    /// A key pair of somebody else's making; see `EcMaterial::from_sec1`.
    pub(crate) fn from_sec1(
        parts: &EcKeyParts,
        outer_point: Option<&[u8]>,
    ) -> Result<Self, CryptoError> {
        let material = Self(pad(&parts.scalar, 32)?);
        let point = material.point()?;
        let mut points = parts.point.as_deref().into_iter().chain(outer_point);
        let curve_fits = parts.curve.is_none_or(|named| named == CURVE);
        if !curve_fits || !points.all(|other| is_same_point(&point, other)) {
            return Err(CryptoError::InvalidMaterial);
        }
        Ok(material)
    }

    pub(crate) const fn secret(&self) -> &SecretBytes {
        &self.0
    }

    /// The uncompressed public point.
    fn point(&self) -> Result<Vec<u8>, CryptoError> {
        let key = signing_key(self.0.expose())?;
        Ok(key.verifying_key().to_sec1_bytes().to_vec())
    }

    pub(crate) fn public_key_der(&self) -> Result<Vec<u8>, CryptoError> {
        write_spki(ID_EC_PUBLIC_KEY, &Parameters::Curve(CURVE), &self.point()?)
    }

    pub(crate) fn private_key_der(&self) -> Result<SecretBytes, CryptoError> {
        let key = write_sec1(self.0.expose(), &self.point()?)?;
        write_pkcs8(ID_EC_PUBLIC_KEY, &Parameters::Curve(CURVE), &key)
    }

    pub(crate) fn prepare(&self) -> Result<Sm2Key, CryptoError> {
        let rejected = |_| CryptoError::InvalidMaterial;
        let signing = signing_key(self.0.expose())?;
        let secret = SecretKey::from_slice(self.0.expose()).map_err(rejected)?;
        let decrypting = DecryptingKey::new(secret.clone());
        Ok(Sm2Key {
            verifying: signing.verifying_key().clone(),
            encrypting: decrypting.encrypting_key().clone(),
            signing,
            secret,
            decrypting,
        })
    }
}

impl Sm2Key {
    /// SEQUENCE { r, s } in DER (GB/T 35276, section 7.2). A digest is SM3(Z ‖ message), 32 bytes,
    /// where Z holds the signer's identifier and public key (GB/T 32918.2, section 5.5).
    pub(crate) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, CryptoError> {
        let mut rng = Rng(random);
        let mut sign = || match form(algorithm, kind)? {
            Form::Message => Ok(self.signing.try_sign_with_rng(&mut rng, message).ok()),
            Form::Digest => {
                check_digest(message)?;
                Ok(self.signing.sign_prehash_with_rng(&mut rng, message).ok())
            }
        };
        // The library gives up where the standard starts over with another nonce (GB/T 32918.2,
        // section 6.1, steps A5 and A6): about once in 2^255 signatures.
        let signature: Option<Signature> = match sign()? {
            Some(signature) => Some(signature),
            None => sign()?,
        };
        Ok(signature.ok_or(CryptoError::NoRandomness)?.to_der().as_bytes().to_vec())
    }

    pub(crate) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let form = form(algorithm, kind)?;
        if let Form::Digest = form {
            check_digest(message)?;
        }
        let invalid = |_| CryptoError::InvalidSignature;
        let signature = Signature::from_der(signature).map_err(invalid)?;
        match form {
            Form::Message => self.verifying.verify(message, &signature).map_err(invalid),
            Form::Digest => self.verifying.verify_prehash(message, &signature).map_err(invalid),
        }
    }

    /// SEQUENCE { x INTEGER, y INTEGER, hash OCTET STRING, ciphertext OCTET STRING } in DER, that
    /// is C1, C3 and C2 (GB/T 35276, section 7.2).
    pub(crate) fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Result<Vec<u8>, CryptoError> {
        expect(algorithm)?;
        // With nothing to encrypt the standard's loop has no end: a keystream of no bytes counts
        // as all zeros (GB/T 32918.4, section 6.1, step A5).
        if !(1..=PLAINTEXT_BYTES_MAX).contains(&plaintext.len()) {
            return Err(CryptoError::InvalidMessageLength);
        }
        self.encrypting
            .encrypt_der(&mut Rng(random), plaintext)
            .map_err(|_| CryptoError::NoRandomness)
    }

    pub(crate) fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<SecretBytes, CryptoError> {
        expect(algorithm)?;
        let cipher: Cipher<'_> =
            Decode::from_der(ciphertext).map_err(|_| CryptoError::InvalidCiphertext)?;
        if cipher.c2().is_empty() {
            return Err(CryptoError::InvalidCiphertext);
        }
        // Into a buffer that is wiped when the hash does not fit.
        let mut plaintext = Zeroizing::new(vec![0; cipher.c2().len()]);
        let decrypted = self.decrypting.decrypt_cipher_with_buf(&cipher, &mut plaintext);
        decrypted.map_err(|_| CryptoError::InvalidCiphertext)?;
        Ok(SecretBytes::new(std::mem::take(&mut *plaintext)))
    }

    /// The x-coordinate of the point that both keys give (NIST SP 800-56A, section 5.7.1.2; the
    /// cofactor is 1), 32 bytes. This is what AWS KMS's `ECDH` is, not the key exchange of GB/T
    /// 32918.3, which needs an ephemeral key of either side.
    pub(crate) fn derive_shared_secret(&self, spki: &[u8]) -> Result<SecretBytes, CryptoError> {
        let point = read_ec_point(spki, CURVE)?;
        let peer = PublicKey::from_sec1_bytes(point).map_err(|_| CryptoError::InvalidPublicKey)?;
        let scalar = Zeroizing::new(*self.secret.to_nonzero_scalar());
        let shared = Zeroizing::new((peer.to_projective() * *scalar).to_affine());
        let mut x = shared.x();
        let secret = SecretBytes::new(x.to_vec());
        x.as_mut_slice().zeroize();
        Ok(secret)
    }
}

enum Form {
    Message,
    Digest,
}

const fn form(algorithm: SigningAlgorithm, kind: MessageType) -> Result<Form, CryptoError> {
    match (algorithm, kind) {
        (SigningAlgorithm::Sm2Dsa, MessageType::Raw) => Ok(Form::Message),
        (SigningAlgorithm::Sm2Dsa, MessageType::Digest) => Ok(Form::Digest),
        _ => Err(CryptoError::WrongAlgorithm),
    }
}

/// SM3 gives 32 bytes (GB/T 32905).
fn check_digest(digest: &[u8]) -> Result<(), CryptoError> {
    if digest.len() == 32 { Ok(()) } else { Err(CryptoError::InvalidMessageLength) }
}

fn expect(algorithm: EncryptionAlgorithm) -> Result<(), CryptoError> {
    if algorithm == EncryptionAlgorithm::Sm2Pke { Ok(()) } else { Err(CryptoError::WrongAlgorithm) }
}

/// The signing key of a scalar that is allowed.
fn signing_key(scalar: &[u8]) -> Result<SigningKey, CryptoError> {
    if scalar.len() != 32 {
        return Err(CryptoError::InvalidMaterial);
    }
    SigningKey::from_slice(DISTINGUISHING_ID, scalar).map_err(|_| CryptoError::InvalidMaterial)
}

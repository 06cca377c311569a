//! Encryption, data keys and data key pairs.

use bytes::Bytes;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::{
    CryptoFault, DataKey, DataKeyPair, DecryptOrder, EncryptOrder, GenerateDataKeyOrder,
    GenerateDataKeyPairOrder, GenerateRandomOrder, KeyUse, ReEncryptOrder,
};
use trent_crypto::{CryptoError, PreparedKey, decrypt, encrypt};
use trent_types::{CiphertextHeader, EncryptionAlgorithm, KeySpec, SecretBytes};

use super::{Bench, Done, Refusal, read_name};
use crate::permission::{Duty, PermittedUse};

impl Bench<'_> {
    pub(super) fn encrypt(&self, order: EncryptOrder) -> Done {
        let algorithm = read_algorithm(&order.algorithm, &order.context)?;
        let permitted = self.check.key_use(order.r#use, Duty::Encrypt, &order.context)?;
        let plaintext = self.open_from_gateway(&order.sealed_plaintext)?;
        let sealed = self.seal_under(&permitted, algorithm, &order.context, plaintext.expose())?;
        Ok(Outcome::Ciphertext(sealed.into()))
    }

    pub(super) fn decrypt(&self, order: DecryptOrder) -> Done {
        let algorithm = read_algorithm(&order.algorithm, &order.context)?;
        let (context, ciphertext) = (&order.context, &order.ciphertext);
        let plaintext =
            self.open_under(Duty::Decrypt, order.r#use, algorithm, context, ciphertext)?;
        Ok(Outcome::SealedPlaintext(self.seal_to_gateway(plaintext.expose())))
    }

    pub(super) fn re_encrypt(&self, order: ReEncryptOrder) -> Done {
        let to = read_algorithm(&order.destination_algorithm, &order.destination_context)?;
        let from = read_algorithm(&order.source_algorithm, &order.source_context)?;
        // Both Permits before anything is decrypted.
        let destination =
            self.check.key_use(order.destination, Duty::ReEncryptTo, &order.destination_context)?;
        let (context, ciphertext) = (&order.source_context, &order.ciphertext);
        let plaintext =
            self.open_under(Duty::ReEncryptFrom, order.source, from, context, ciphertext)?;
        let context = &order.destination_context;
        let sealed = self.seal_under(&destination, to, context, plaintext.expose())?;
        Ok(Outcome::Ciphertext(sealed.into()))
    }

    pub(super) fn generate_data_key(&self, order: GenerateDataKeyOrder) -> Done {
        let duty = if order.with_plaintext {
            Duty::GenerateDataKey
        } else {
            Duty::GenerateDataKeyWithoutPlaintext
        };
        let permitted = self.check.key_use(order.r#use, duty, &order.context)?;
        let data_key = self.random_bytes(order.number_of_bytes)?;
        let blob = self.seal_blob(&permitted, &order.context, &data_key)?;
        let sealed_plaintext =
            if order.with_plaintext { self.seal_to_gateway(&data_key) } else { Bytes::new() };
        Ok(Outcome::DataKey(DataKey { ciphertext: blob.into(), sealed_plaintext }))
    }

    pub(super) fn generate_data_key_pair(&self, order: GenerateDataKeyPairOrder) -> Done {
        let spec: KeySpec = read_name(&order.spec)?;
        if !spec.is_data_key_pair() {
            return Err(CryptoFault::Malformed.into());
        }
        let duty = if order.with_plaintext {
            Duty::GenerateDataKeyPair
        } else {
            Duty::GenerateDataKeyPairWithoutPlaintext
        };
        let permitted = self.check.key_use(order.r#use, duty, &order.context)?;
        let pair = self.make_material(spec)?;
        let private_key = pair.private_key_der()?;
        let public_key = pair.public_key_der()?.ok_or(CryptoFault::Malformed)?;
        let blob = self.seal_blob(&permitted, &order.context, private_key.expose())?;
        let sealed_plaintext = if order.with_plaintext {
            self.seal_to_gateway(private_key.expose())
        } else {
            Bytes::new()
        };
        Ok(Outcome::DataKeyPair(DataKeyPair {
            private_key_ciphertext: blob.into(),
            sealed_plaintext,
            public_key: public_key.into(),
        }))
    }

    pub(super) fn generate_random(&self, order: &GenerateRandomOrder) -> Done {
        self.check.duty(&order.permit, Duty::GenerateRandom)?;
        let random = self.random_bytes(order.number_of_bytes)?;
        Ok(Outcome::SealedPlaintext(self.seal_to_gateway(&random)))
    }

    fn seal_blob(
        &self,
        permitted: &PermittedUse,
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let algorithm = EncryptionAlgorithm::SymmetricDefault;
        self.seal_under(permitted, algorithm, context, plaintext)
    }

    fn seal_under(
        &self,
        permitted: &PermittedUse,
        algorithm: EncryptionAlgorithm,
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let prepared = self.parsed.open(&self.domain.keys, self.noted(permitted))?;
        if algorithm != EncryptionAlgorithm::SymmetricDefault {
            return Ok(prepared.encrypt_public(algorithm, plaintext, self.random)?);
        }
        let PreparedKey::Symmetric(key) = &*prepared else {
            return Err(CryptoError::WrongAlgorithm.into());
        };
        Ok(encrypt(key, &header(permitted), context, plaintext, self.random)?)
    }

    fn open_under(
        &self,
        duty: Duty,
        key_use: Option<KeyUse>,
        algorithm: EncryptionAlgorithm,
        context: &[u8],
        ciphertext: &[u8],
    ) -> Result<SecretBytes, Refusal> {
        let permitted = self.check.key_use(key_use, duty, context)?;
        let prepared = self.parsed.open(&self.domain.keys, self.noted(&permitted))?;
        if algorithm != EncryptionAlgorithm::SymmetricDefault {
            return Ok(prepared.decrypt_private(algorithm, ciphertext)?);
        }
        let PreparedKey::Symmetric(key) = &*prepared else {
            return Err(CryptoError::WrongAlgorithm.into());
        };
        Ok(decrypt(key, &header(&permitted), context, ciphertext)?)
    }
}

/// The algorithm of an order; one that cannot bind a ciphertext to an encryption context gets none.
fn read_algorithm(name: &str, context: &[u8]) -> Result<EncryptionAlgorithm, CryptoFault> {
    if name.is_empty() {
        return Ok(EncryptionAlgorithm::SymmetricDefault);
    }
    let algorithm = read_name(name)?;
    if algorithm != EncryptionAlgorithm::SymmetricDefault && !context.is_empty() {
        return Err(CryptoFault::Malformed);
    }
    Ok(algorithm)
}

const fn header(permitted: &PermittedUse) -> CiphertextHeader {
    CiphertextHeader { key_id: permitted.key().key_id, material_id: *permitted.material_id() }
}

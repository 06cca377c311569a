//! Encryption, data keys and data key pairs.

use bytes::Bytes;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::{
    CryptoFault, DataKey, DataKeyPair, DecryptOrder, EncryptOrder, GenerateDataKeyOrder,
    GenerateDataKeyPairOrder, GenerateRandomOrder, ReEncryptOrder,
};
use trent_crypto::{CryptoError, PreparedKey, decrypt, encrypt};
use trent_types::{CiphertextHeader, EncryptionAlgorithm, KeySpec, SecretBytes};

use super::{Bench, Brought, Done, Refusal, read_name};
use crate::permission::{Duty, MessageKey, NamedKey, PermittedUse, Proof};

impl Bench<'_> {
    pub(super) fn encrypt_order(&self, order: EncryptOrder) -> Done {
        let algorithm = read_algorithm(&order.algorithm, &order.context)?;
        let key = MessageKey::read(order.r#use)?;
        let plaintext = Brought::Sealed(&order.sealed_plaintext);
        Ok(Outcome::Ciphertext(
            self.encrypt(key.named(), algorithm, &order.context, plaintext)?.into(),
        ))
    }

    pub(crate) fn encrypt(
        &self,
        key: NamedKey<'_>,
        algorithm: EncryptionAlgorithm,
        context: &[u8],
        plaintext: Brought<'_>,
    ) -> Result<Vec<u8>, Refusal> {
        let permitted = self.check.key_use(key, Duty::Encrypt, context)?;
        let plaintext = self.brought(plaintext)?;
        self.seal_under(&permitted, algorithm, context, plaintext.expose())
    }

    pub(super) fn decrypt_order(&self, order: DecryptOrder) -> Done {
        let algorithm = read_algorithm(&order.algorithm, &order.context)?;
        let key = MessageKey::read(order.r#use)?;
        let plaintext = self.decrypt(key.named(), algorithm, &order.context, &order.ciphertext)?;
        Ok(Outcome::SealedPlaintext(self.seal_to_gateway(plaintext.expose())))
    }

    pub(crate) fn decrypt(
        &self,
        key: NamedKey<'_>,
        algorithm: EncryptionAlgorithm,
        context: &[u8],
        ciphertext: &[u8],
    ) -> Result<SecretBytes, Refusal> {
        self.open_under(Duty::Decrypt, key, algorithm, context, ciphertext)
    }

    pub(super) fn re_encrypt(&self, order: ReEncryptOrder) -> Done {
        let to = read_algorithm(&order.destination_algorithm, &order.destination_context)?;
        let from = read_algorithm(&order.source_algorithm, &order.source_context)?;
        let destination = MessageKey::read(order.destination)?;
        // Both Permits before anything is decrypted.
        let context = &order.destination_context;
        let destination = self.check.key_use(destination.named(), Duty::ReEncryptTo, context)?;
        let source = MessageKey::read(order.source)?;
        let (context, ciphertext) = (&order.source_context, &order.ciphertext);
        let plaintext =
            self.open_under(Duty::ReEncryptFrom, source.named(), from, context, ciphertext)?;
        let context = &order.destination_context;
        let sealed = self.seal_under(&destination, to, context, plaintext.expose())?;
        Ok(Outcome::Ciphertext(sealed.into()))
    }

    pub(super) fn generate_data_key_order(&self, order: GenerateDataKeyOrder) -> Done {
        let key = MessageKey::read(order.r#use)?;
        let (number, with_plaintext) = (order.number_of_bytes, order.with_plaintext);
        let (blob, plaintext) =
            self.generate_data_key(key.named(), &order.context, number, with_plaintext)?;
        let sealed_plaintext =
            plaintext.map_or_else(Bytes::new, |secret| self.seal_to_gateway(secret.expose()));
        Ok(Outcome::DataKey(DataKey { ciphertext: blob.into(), sealed_plaintext }))
    }

    pub(crate) fn generate_data_key(
        &self,
        key: NamedKey<'_>,
        context: &[u8],
        number_of_bytes: u32,
        with_plaintext: bool,
    ) -> Result<(Vec<u8>, Option<SecretBytes>), Refusal> {
        let duty = if with_plaintext {
            Duty::GenerateDataKey
        } else {
            Duty::GenerateDataKeyWithoutPlaintext
        };
        let permitted = self.check.key_use(key, duty, context)?;
        let data_key = self.random_bytes(number_of_bytes)?;
        let blob = self.seal_blob(&permitted, context, data_key.expose())?;
        Ok((blob, with_plaintext.then_some(data_key)))
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
        let key = MessageKey::read(order.r#use)?;
        let permitted = self.check.key_use(key.named(), duty, &order.context)?;
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

    pub(super) fn generate_random_order(&self, order: &GenerateRandomOrder) -> Done {
        let random = self.generate_random((&order.permit).into(), order.number_of_bytes)?;
        Ok(Outcome::SealedPlaintext(self.seal_to_gateway(random.expose())))
    }

    pub(crate) fn generate_random(
        &self,
        permit: Proof<'_>,
        number_of_bytes: u32,
    ) -> Result<SecretBytes, Refusal> {
        self.check.duty(permit, Duty::GenerateRandom)?;
        self.random_bytes(number_of_bytes)
    }

    fn seal_blob(
        &self,
        permitted: &PermittedUse<'_>,
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let algorithm = EncryptionAlgorithm::SymmetricDefault;
        self.seal_under(permitted, algorithm, context, plaintext)
    }

    fn seal_under(
        &self,
        permitted: &PermittedUse<'_>,
        algorithm: EncryptionAlgorithm,
        context: &[u8],
        plaintext: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let prepared = self.open_permitted(permitted)?;
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
        key: NamedKey<'_>,
        algorithm: EncryptionAlgorithm,
        context: &[u8],
        ciphertext: &[u8],
    ) -> Result<SecretBytes, Refusal> {
        let permitted = self.check.key_use(key, duty, context)?;
        let prepared = self.open_permitted(&permitted)?;
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

const fn header(permitted: &PermittedUse<'_>) -> CiphertextHeader {
    CiphertextHeader { key_id: permitted.key().key_id, material_id: *permitted.material_id() }
}

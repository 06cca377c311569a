//! Secrets that two parties come to share.

use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::{
    DecapsulateOrder, DeriveSharedSecretOrder, EncapsulateOrder, Encapsulated,
};
use trent_types::KeyAgreementAlgorithm;

use super::{Bench, Done, read_name};
use crate::permission::Duty;

impl Bench<'_> {
    pub(super) fn derive_shared_secret(&self, order: DeriveSharedSecretOrder) -> Done {
        let KeyAgreementAlgorithm::Ecdh = read_name(&order.algorithm)?;
        let key = self.open_message_key(order.r#use, Duty::DeriveSharedSecret)?;
        let secret = key.derive_shared_secret(&order.public_key)?;
        Ok(Outcome::SealedPlaintext(self.seal_to_gateway(secret.expose())))
    }

    pub(super) fn encapsulate(&self, order: EncapsulateOrder) -> Done {
        let key = self.open_message_key(order.r#use, Duty::Encapsulate)?;
        let (ciphertext, secret) = key.encapsulate(self.random)?;
        let sealed_plaintext = self.seal_to_gateway(secret.expose());
        Ok(Outcome::Encapsulated(Encapsulated { ciphertext: ciphertext.into(), sealed_plaintext }))
    }

    pub(super) fn decapsulate(&self, order: DecapsulateOrder) -> Done {
        let key = self.open_message_key(order.r#use, Duty::Decapsulate)?;
        let secret = key.decapsulate(&order.ciphertext)?;
        Ok(Outcome::SealedPlaintext(self.seal_to_gateway(secret.expose())))
    }
}

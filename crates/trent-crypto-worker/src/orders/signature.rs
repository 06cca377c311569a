//! Signatures and message authentication codes.

use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::{GenerateMacOrder, SignOrder, Unit, VerifyMacOrder, VerifyOrder};
use trent_types::{MacAlgorithm, SecretBytes};

use super::{Bench, Brought, Done, Refusal, read_name};
use crate::permission::{Duty, MessageKey, NamedKey};

impl Bench<'_> {
    pub(super) fn sign(&self, order: SignOrder) -> Done {
        let (algorithm, kind) = (read_name(&order.algorithm)?, read_name(&order.message_type)?);
        let key = self.open_message_key(order.r#use, Duty::Sign)?;
        let message = self.open_from_gateway(&order.sealed_message)?;
        let signature = key.sign(algorithm, kind, message.expose(), self.random)?;
        Ok(Outcome::Signature(signature.into()))
    }

    pub(super) fn verify(&self, order: VerifyOrder) -> Done {
        let (algorithm, kind) = (read_name(&order.algorithm)?, read_name(&order.message_type)?);
        let key = self.open_message_key(order.r#use, Duty::Verify)?;
        let message = self.open_from_gateway(&order.sealed_message)?;
        key.verify(algorithm, kind, message.expose(), &order.signature)?;
        Ok(Outcome::Verified(Unit {}))
    }

    /// The MAC goes back sealed: whoever sees it can pass for somebody who knows the key.
    pub(super) fn generate_mac_order(&self, order: GenerateMacOrder) -> Done {
        let algorithm = read_name(&order.algorithm)?;
        let key = MessageKey::read(order.r#use)?;
        let message = Brought::Sealed(&order.sealed_message);
        let mac = self.generate_mac(key.named(), algorithm, message)?;
        Ok(Outcome::SealedPlaintext(self.seal_to_gateway(mac.expose())))
    }

    pub(crate) fn generate_mac(
        &self,
        key: NamedKey<'_>,
        algorithm: MacAlgorithm,
        message: Brought<'_>,
    ) -> Result<SecretBytes, Refusal> {
        let key = self.open_key(key, Duty::GenerateMac)?;
        let message = self.brought(message)?;
        Ok(SecretBytes::new(key.mac(algorithm, message.expose())?))
    }

    pub(super) fn verify_mac(&self, order: VerifyMacOrder) -> Done {
        let algorithm = read_name(&order.algorithm)?;
        let key = self.open_message_key(order.r#use, Duty::VerifyMac)?;
        let message = self.open_from_gateway(&order.sealed_message)?;
        let mac = self.open_from_gateway(&order.sealed_mac)?;
        key.verify_mac(algorithm, message.expose(), mac.expose())?;
        Ok(Outcome::Verified(Unit {}))
    }
}

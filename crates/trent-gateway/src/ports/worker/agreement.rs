//! Secrets that two parties come to share.

use trent_bus::convert;
use trent_bus::messages::{self, crypto_answer::Outcome, crypto_request::Order};
use trent_operations::ports::{AgreementWorker, KeyUse, PortFuture, WorkerError};
use trent_types::{KeyAgreementAlgorithm, RequestId, SecretBytes};

use super::{BusWorker, unexpected, wire_use};

impl AgreementWorker for BusWorker<'_> {
    fn derive_shared_secret<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        public_key: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        let order = move || {
            Order::DeriveSharedSecret(messages::DeriveSharedSecretOrder {
                r#use: Some(wire_use(key)),
                algorithm: KeyAgreementAlgorithm::Ecdh.as_str().to_owned(),
                public_key: convert::bytes(public_key),
            })
        };
        self.told_secret(request, order)
    }

    fn encapsulate<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
    ) -> PortFuture<'a, Result<(Vec<u8>, SecretBytes), WorkerError>> {
        let order =
            move || Order::Encapsulate(messages::EncapsulateOrder { r#use: Some(wire_use(key)) });
        self.told(request, order, move |outcome| match outcome {
            Outcome::Encapsulated(made) => {
                Ok((made.ciphertext.into(), self.open(request, &made.sealed_plaintext)?))
            }
            other => Err(unexpected(&other)),
        })
    }

    fn decapsulate<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        ciphertext: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        let order = move || {
            Order::Decapsulate(messages::DecapsulateOrder {
                r#use: Some(wire_use(key)),
                ciphertext: convert::bytes(ciphertext),
            })
        };
        self.told_secret(request, order)
    }
}

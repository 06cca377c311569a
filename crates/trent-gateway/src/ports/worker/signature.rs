//! Signatures and message authentication codes.

use trent_bus::convert;
use trent_bus::messages::{self, crypto_answer::Outcome, crypto_request::Order};
use trent_operations::ports::{KeyUse, PortFuture, SignatureWorker, WorkerError};
use trent_types::{MacAlgorithm, MessageType, RequestId, SecretBytes, SigningAlgorithm};

use super::local::settled;
use super::{BusWorker, unexpected, wire_use};

impl SignatureWorker for BusWorker<'_> {
    fn sign<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &'a SecretBytes,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        let order = move || {
            Order::Sign(messages::SignOrder {
                r#use: Some(wire_use(key)),
                algorithm: algorithm.as_str().to_owned(),
                message_type: kind.as_str().to_owned(),
                sealed_message: self.seal(request, message),
            })
        };
        self.told(request, order, |outcome| match outcome {
            Outcome::Signature(signature) => Ok(signature.into()),
            other => Err(unexpected(&other)),
        })
    }

    fn verify<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        message: &'a SecretBytes,
        signature: &'a [u8],
    ) -> PortFuture<'a, Result<(), WorkerError>> {
        let order = move || {
            Order::Verify(messages::VerifyOrder {
                r#use: Some(wire_use(key)),
                algorithm: algorithm.as_str().to_owned(),
                message_type: kind.as_str().to_owned(),
                sealed_message: self.seal(request, message),
                signature: convert::bytes(signature),
            })
        };
        self.told(request, order, verified)
    }

    fn generate_mac<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        algorithm: MacAlgorithm,
        message: &'a SecretBytes,
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        if let Some(worker) = self.local()
            && let Some(done) = settled(worker.generate_mac(request, key, algorithm, message))
        {
            return done;
        }
        let order = move || {
            Order::GenerateMac(messages::GenerateMacOrder {
                r#use: Some(wire_use(key)),
                algorithm: algorithm.as_str().to_owned(),
                sealed_message: self.seal(request, message),
            })
        };
        self.told_secret(request, order)
    }

    fn verify_mac<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        algorithm: MacAlgorithm,
        message: &'a SecretBytes,
        mac: &'a SecretBytes,
    ) -> PortFuture<'a, Result<(), WorkerError>> {
        let order = move || {
            Order::VerifyMac(messages::VerifyMacOrder {
                r#use: Some(wire_use(key)),
                algorithm: algorithm.as_str().to_owned(),
                sealed_message: self.seal(request, message),
                sealed_mac: self.seal(request, mac),
            })
        };
        self.told(request, order, verified)
    }
}

fn verified(outcome: Outcome) -> Result<(), WorkerError> {
    match outcome {
        Outcome::Verified(_) => Ok(()),
        other => Err(unexpected(&other)),
    }
}

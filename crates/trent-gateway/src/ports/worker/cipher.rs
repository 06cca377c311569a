//! Encryption, data keys and data key pairs.

use trent_bus::convert;
use trent_bus::messages::{self, crypto_answer::Outcome, crypto_request::Order};
use trent_operations::ports::{
    CipherWorker, Ciphering, DataKey, DataKeyPair, KeyUse, PortFuture, WorkerError,
};
use trent_types::{EncryptionContext, KeySpec, Permit, RequestId, SecretBytes};

use super::local::settled;
use super::{BusWorker, unexpected, wire_permit, wire_use};

impl CipherWorker for BusWorker<'_> {
    fn encrypt<'a>(
        &'a self,
        request: RequestId,
        with: Ciphering<'a>,
        plaintext: &'a SecretBytes,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        if let Some(worker) = self.local_cipher(with.algorithm)
            && let Some(done) = settled(worker.encrypt(request, with, plaintext))
        {
            return done;
        }
        let order = move || {
            Order::Encrypt(messages::EncryptOrder {
                r#use: Some(wire_use(with.key)),
                context: with.context.canonical_bytes().into(),
                sealed_plaintext: self.seal(request, plaintext),
                algorithm: with.algorithm.as_str().to_owned(),
            })
        };
        self.told(request, order, ciphertext)
    }

    fn decrypt<'a>(
        &'a self,
        request: RequestId,
        with: Ciphering<'a>,
        ciphertext: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        if let Some(worker) = self.local_cipher(with.algorithm)
            && let Some(done) = settled(worker.decrypt(request, with, ciphertext))
        {
            return done;
        }
        let order = move || {
            Order::Decrypt(messages::DecryptOrder {
                r#use: Some(wire_use(with.key)),
                context: with.context.canonical_bytes().into(),
                ciphertext: convert::bytes(ciphertext),
                algorithm: with.algorithm.as_str().to_owned(),
            })
        };
        self.told_secret(request, order)
    }

    fn re_encrypt<'a>(
        &'a self,
        request: RequestId,
        source: Ciphering<'a>,
        blob: &'a [u8],
        destination: Ciphering<'a>,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        let order = move || {
            Order::ReEncrypt(messages::ReEncryptOrder {
                source: Some(wire_use(source.key)),
                source_context: source.context.canonical_bytes().into(),
                ciphertext: convert::bytes(blob),
                destination: Some(wire_use(destination.key)),
                destination_context: destination.context.canonical_bytes().into(),
                source_algorithm: source.algorithm.as_str().to_owned(),
                destination_algorithm: destination.algorithm.as_str().to_owned(),
            })
        };
        self.told(request, order, ciphertext)
    }

    fn generate_data_key<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        context: &'a EncryptionContext,
        number_of_bytes: u32,
        with_plaintext: bool,
    ) -> PortFuture<'a, Result<DataKey, WorkerError>> {
        if let Some(worker) = self.local()
            && let Some(done) = settled(worker.generate_data_key(
                request,
                key,
                context,
                number_of_bytes,
                with_plaintext,
            ))
        {
            return done;
        }
        let order = move || {
            Order::GenerateDataKey(messages::GenerateDataKeyOrder {
                r#use: Some(wire_use(key)),
                context: context.canonical_bytes().into(),
                number_of_bytes,
                with_plaintext,
            })
        };
        self.told(request, order, move |outcome| match outcome {
            Outcome::DataKey(made) => {
                let opened = with_plaintext.then(|| self.open(request, &made.sealed_plaintext));
                Ok((made.ciphertext.into(), opened.transpose()?))
            }
            other => Err(unexpected(&other)),
        })
    }

    fn generate_data_key_pair<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        context: &'a EncryptionContext,
        spec: KeySpec,
        with_plaintext: bool,
    ) -> PortFuture<'a, Result<DataKeyPair, WorkerError>> {
        let order = move || {
            Order::GenerateDataKeyPair(messages::GenerateDataKeyPairOrder {
                r#use: Some(wire_use(key)),
                context: context.canonical_bytes().into(),
                spec: spec.as_str().to_owned(),
                with_plaintext,
            })
        };
        self.told(request, order, move |outcome| match outcome {
            Outcome::DataKeyPair(made) => {
                let opened = with_plaintext.then(|| self.open(request, &made.sealed_plaintext));
                Ok(DataKeyPair {
                    private_key_blob: made.private_key_ciphertext.into(),
                    private_key: opened.transpose()?,
                    public_key: made.public_key.into(),
                })
            }
            other => Err(unexpected(&other)),
        })
    }

    fn generate_random<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        number_of_bytes: u32,
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        if let Some(worker) = self.local()
            && let Some(done) = settled(worker.generate_random(request, permit, number_of_bytes))
        {
            return done;
        }
        let order = move || {
            let permit = wire_permit(permit);
            Order::GenerateRandom(messages::GenerateRandomOrder { permit, number_of_bytes })
        };
        self.told_secret(request, order)
    }
}

fn ciphertext(outcome: Outcome) -> Result<Vec<u8>, WorkerError> {
    match outcome {
        Outcome::Ciphertext(blob) => Ok(blob.into()),
        other => Err(unexpected(&other)),
    }
}

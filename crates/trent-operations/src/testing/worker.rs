//! The worker of the small world: it notes what it was asked and answers something of the right
//! shape.

use trent_types::{
    AccessKey, EncryptionContext, KeyArn, KeySpec, MacAlgorithm, MaterialId, MessageType,
    NewMaterial, Permit, Region, RequestId, SealedMaterial, SecretBytes, SigningAlgorithm,
    Timestamp, WrappingAlgorithm, WrappingKeySpec,
};

use super::World;
use super::ports::ready;
use crate::ports::*;

fn secret(bytes: &[u8]) -> SecretBytes {
    SecretBytes::new(bytes.to_vec())
}

fn new_material() -> NewMaterial {
    let material_id = MaterialId::from_bytes([7; 32]);
    let sealed = SealedMaterial { material_id, sealed: vec![1] };
    NewMaterial { sealed, public_key: None, replicas: Vec::new() }
}

impl CipherWorker for World {
    fn encrypt<'a>(
        &'a self,
        _: RequestId,
        with: Ciphering<'a>,
        _: &'a SecretBytes,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        let blob = self.blob(with.key.key, with.key.material.material_id);
        ready(self.worker(format!("encrypt {}", with.algorithm), blob))
    }

    fn decrypt<'a>(
        &'a self,
        _: RequestId,
        with: Ciphering<'a>,
        _: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        ready(self.worker(format!("decrypt {}", with.algorithm), secret(b"secret")))
    }

    fn re_encrypt<'a>(
        &'a self,
        _: RequestId,
        source: Ciphering<'a>,
        _: &'a [u8],
        to: Ciphering<'a>,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        let blob = self.blob(to.key.key, to.key.material.material_id);
        let order = format!("re-encrypt {} {}", source.algorithm, to.algorithm);
        ready(self.worker(order, blob))
    }

    fn generate_data_key<'a>(
        &'a self,
        _: RequestId,
        key: KeyUse<'a>,
        _: &'a EncryptionContext,
        number_of_bytes: u32,
        with_plaintext: bool,
    ) -> PortFuture<'a, Result<DataKey, WorkerError>> {
        let plaintext = SecretBytes::new(vec![9; number_of_bytes as usize]);
        let blob = self.blob(key.key, key.material.material_id);
        let made = (blob, with_plaintext.then_some(plaintext));
        ready(self.worker(format!("data key {number_of_bytes}"), made))
    }

    fn generate_data_key_pair<'a>(
        &'a self,
        _: RequestId,
        key: KeyUse<'a>,
        _: &'a EncryptionContext,
        spec: KeySpec,
        with_plaintext: bool,
    ) -> PortFuture<'a, Result<DataKeyPair, WorkerError>> {
        let made = DataKeyPair {
            private_key_blob: self.blob(key.key, key.material.material_id),
            private_key: with_plaintext.then(|| secret(b"private")),
            public_key: b"public".to_vec(),
        };
        ready(self.worker(format!("data key pair {spec}"), made))
    }

    fn generate_random<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        number_of_bytes: u32,
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        let bytes = SecretBytes::new(vec![9; number_of_bytes as usize]);
        ready(self.worker(format!("random {number_of_bytes}"), bytes))
    }
}

impl SignatureWorker for World {
    fn sign<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        _: &'a SecretBytes,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        ready(self.worker(format!("sign {algorithm} {kind}"), b"signature".to_vec()))
    }

    fn verify<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        algorithm: SigningAlgorithm,
        kind: MessageType,
        _: &'a SecretBytes,
        signature: &'a [u8],
    ) -> PortFuture<'a, Result<(), WorkerError>> {
        let good = signature == b"signature";
        let verified = self.worker(format!("verify {algorithm} {kind}"), ());
        ready(if good { verified } else { Err(WorkerError::InvalidSignature) })
    }

    fn generate_mac<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        algorithm: MacAlgorithm,
        _: &'a SecretBytes,
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        ready(self.worker(format!("mac {algorithm}"), secret(b"mac")))
    }

    fn verify_mac<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        algorithm: MacAlgorithm,
        _: &'a SecretBytes,
        mac: &'a SecretBytes,
    ) -> PortFuture<'a, Result<(), WorkerError>> {
        let good = mac.expose() == b"mac";
        let verified = self.worker(format!("verify mac {algorithm}"), ());
        ready(if good { verified } else { Err(WorkerError::InvalidMac) })
    }
}

impl AgreementWorker for World {
    fn derive_shared_secret<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        _: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        ready(self.worker("derive".to_owned(), secret(b"shared")))
    }

    fn encapsulate<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
    ) -> PortFuture<'a, Result<(Vec<u8>, SecretBytes), WorkerError>> {
        ready(self.worker("encapsulate".to_owned(), (b"capsule".to_vec(), secret(b"shared"))))
    }

    fn decapsulate<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        _: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        ready(self.worker("decapsulate".to_owned(), secret(b"shared")))
    }
}

impl MaterialWorker for World {
    fn generate_material<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: KeyArn,
        spec: KeySpec,
        _: &'a [Region],
    ) -> PortFuture<'a, Result<NewMaterial, WorkerError>> {
        ready(self.worker(format!("material {spec}"), new_material()))
    }

    fn make_import_parameters<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: KeyArn,
        spec: WrappingKeySpec,
        algorithm: WrappingAlgorithm,
        valid_to: Timestamp,
    ) -> PortFuture<'a, Result<ImportParameters, WorkerError>> {
        let order = format!("import parameters {spec} {algorithm} {}", valid_to.as_millis());
        ready(self.worker(order, (b"public".to_vec(), b"token".to_vec())))
    }

    fn import_material<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: KeyArn,
        spec: KeySpec,
        _: &'a [u8],
        _: &'a [u8],
    ) -> PortFuture<'a, Result<NewMaterial, WorkerError>> {
        ready(self.worker(format!("import {spec}"), new_material()))
    }

    fn copy_material<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: KeyArn,
        materials: &'a [&'a SealedMaterial],
        region: Region,
    ) -> PortFuture<'a, Result<Vec<SealedMaterial>, WorkerError>> {
        let copies = materials.iter().map(|material| (*material).clone()).collect();
        ready(self.worker(format!("copy to {region}"), copies))
    }

    fn generate_secret<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: &'a AccessKey,
    ) -> PortFuture<'a, Result<(Vec<u8>, SecretBytes), WorkerError>> {
        ready(self.worker("secret".to_owned(), (vec![1], SecretBytes::new(vec![b's'; 40]))))
    }
}

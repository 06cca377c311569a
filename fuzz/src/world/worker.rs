//! The worker of the one key: it answers something of the right shape, or the world's fault.

use trent_operations::ports::{
    AgreementWorker, CipherWorker, Ciphering, DataKey, DataKeyPair, KeyUse, MaterialWorker,
    PortFuture, SignatureWorker, WorkerError,
};
use trent_types::{
    AccessKey, CiphertextHeader, EncryptionContext, KeyArn, KeySpec, MacAlgorithm, MessageType,
    NewMaterial, Permit, Region, RequestId, SealedMaterial, SecretBytes, SigningAlgorithm,
    Timestamp, WrappingAlgorithm, WrappingKeySpec,
};

use super::{World, ready};
use crate::keys::material_id;

fn secret(length: usize) -> SecretBytes {
    SecretBytes::new(vec![b's'; length])
}

fn number(bytes: u32) -> usize {
    usize::try_from(bytes).expect("32 bits")
}

impl World {
    fn work<'a, T: 'a>(&self, done: T) -> PortFuture<'a, Result<T, WorkerError>> {
        ready(self.fault.clone().map_or(Ok(done), Err))
    }

    fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        let header = CiphertextHeader { key_id: self.key.key_id, material_id: material_id() };
        header.write(&mut blob);
        blob
    }

    fn new_material(&self) -> NewMaterial {
        NewMaterial {
            sealed: SealedMaterial { material_id: material_id(), sealed: vec![1] },
            public_key: self.key.spec.is_asymmetric().then(|| vec![0x30, 0]),
            replicas: Vec::new(),
        }
    }
}

impl CipherWorker for World {
    fn encrypt<'a>(
        &'a self,
        _: RequestId,
        _: Ciphering<'a>,
        _: &'a SecretBytes,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        self.work(self.blob())
    }

    fn decrypt<'a>(
        &'a self,
        _: RequestId,
        _: Ciphering<'a>,
        _: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        self.work(secret(6))
    }

    fn re_encrypt<'a>(
        &'a self,
        _: RequestId,
        _: Ciphering<'a>,
        _: &'a [u8],
        _: Ciphering<'a>,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        self.work(self.blob())
    }

    fn generate_data_key<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        _: &'a EncryptionContext,
        number_of_bytes: u32,
        with_plaintext: bool,
    ) -> PortFuture<'a, Result<DataKey, WorkerError>> {
        assert!((1..=1024).contains(&number_of_bytes), "the port's own limit");
        self.work((self.blob(), with_plaintext.then(|| secret(number(number_of_bytes)))))
    }

    fn generate_data_key_pair<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        _: &'a EncryptionContext,
        spec: KeySpec,
        with_plaintext: bool,
    ) -> PortFuture<'a, Result<DataKeyPair, WorkerError>> {
        assert!(spec.is_data_key_pair(), "{spec} has no data key pairs");
        self.work(DataKeyPair {
            private_key_blob: self.blob(),
            private_key: with_plaintext.then(|| secret(7)),
            public_key: vec![0x30, 0],
        })
    }

    fn generate_random<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        number_of_bytes: u32,
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        assert!((1..=1024).contains(&number_of_bytes), "the port's own limit");
        self.work(secret(number(number_of_bytes)))
    }
}

impl SignatureWorker for World {
    fn sign<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        _: SigningAlgorithm,
        _: MessageType,
        _: &'a SecretBytes,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        self.work(b"signature".to_vec())
    }

    fn verify<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        _: SigningAlgorithm,
        _: MessageType,
        _: &'a SecretBytes,
        _: &'a [u8],
    ) -> PortFuture<'a, Result<(), WorkerError>> {
        self.work(())
    }

    fn generate_mac<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        _: MacAlgorithm,
        _: &'a SecretBytes,
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        self.work(secret(32))
    }

    fn verify_mac<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        _: MacAlgorithm,
        _: &'a SecretBytes,
        _: &'a SecretBytes,
    ) -> PortFuture<'a, Result<(), WorkerError>> {
        self.work(())
    }
}

impl AgreementWorker for World {
    fn derive_shared_secret<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        _: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        self.work(secret(32))
    }

    fn encapsulate<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
    ) -> PortFuture<'a, Result<(Vec<u8>, SecretBytes), WorkerError>> {
        self.work((b"capsule".to_vec(), secret(32)))
    }

    fn decapsulate<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        _: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        self.work(secret(32))
    }
}

impl MaterialWorker for World {
    fn generate_material<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: KeyArn,
        _: KeySpec,
        _: &'a [Region],
    ) -> PortFuture<'a, Result<NewMaterial, WorkerError>> {
        self.work(self.new_material())
    }

    fn make_import_parameters<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: KeyArn,
        _: WrappingKeySpec,
        _: WrappingAlgorithm,
        _: Timestamp,
    ) -> PortFuture<'a, Result<(Vec<u8>, Vec<u8>), WorkerError>> {
        self.work((vec![0x30, 0], b"token".to_vec()))
    }

    fn import_material<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: KeyArn,
        _: KeySpec,
        _: &'a [u8],
        _: &'a [u8],
    ) -> PortFuture<'a, Result<NewMaterial, WorkerError>> {
        self.work(self.new_material())
    }

    fn copy_material<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: KeyArn,
        materials: &'a [&'a SealedMaterial],
        _: Region,
    ) -> PortFuture<'a, Result<Vec<SealedMaterial>, WorkerError>> {
        self.work(materials.iter().map(|material| (*material).clone()).collect())
    }

    fn generate_secret<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: &'a AccessKey,
    ) -> PortFuture<'a, Result<(Vec<u8>, SecretBytes), WorkerError>> {
        self.work((vec![1], secret(40)))
    }
}

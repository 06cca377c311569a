//! What the roles of the same process have done by values, on their own thread: symmetric
//! cryptography. It passes what the order of the same name passes; nothing is sealed on the way.

use trent_bus::messages::CryptoFault;
use trent_bus::{LocalWorker, Work};
use trent_types::{
    Ciphering, EncryptionAlgorithm, EncryptionContext, KeyUse, MacAlgorithm, Permit, RequestId,
    SecretBytes,
};

use crate::Worker;
use crate::orders::Brought;

impl LocalWorker for Worker {
    fn encrypt(
        &self,
        request: RequestId,
        with: Ciphering<'_>,
        plaintext: &SecretBytes,
    ) -> Work<Vec<u8>> {
        self.workshop.at_once(
            request,
            |counts| &counts.encrypt,
            |bench| {
                let algorithm = symmetric(with.algorithm)?;
                let context = with.context.canonical_bytes();
                bench.encrypt(with.key.into(), algorithm, &context, Brought::Clear(plaintext))
            },
        )
    }

    fn decrypt(
        &self,
        request: RequestId,
        with: Ciphering<'_>,
        ciphertext: &[u8],
    ) -> Work<SecretBytes> {
        self.workshop.at_once(
            request,
            |counts| &counts.decrypt,
            |bench| {
                let algorithm = symmetric(with.algorithm)?;
                let context = with.context.canonical_bytes();
                bench.decrypt(with.key.into(), algorithm, &context, ciphertext)
            },
        )
    }

    fn generate_data_key(
        &self,
        request: RequestId,
        key: KeyUse<'_>,
        context: &EncryptionContext,
        number_of_bytes: u32,
        with_plaintext: bool,
    ) -> Work<(Vec<u8>, Option<SecretBytes>)> {
        self.workshop.at_once(
            request,
            |counts| &counts.generate_data_key,
            |bench| {
                let context = context.canonical_bytes();
                bench.generate_data_key(key.into(), &context, number_of_bytes, with_plaintext)
            },
        )
    }

    fn generate_random(
        &self,
        request: RequestId,
        permit: &Permit,
        number_of_bytes: u32,
    ) -> Work<SecretBytes> {
        self.workshop.at_once(
            request,
            |counts| &counts.generate_random,
            |bench| bench.generate_random(permit.into(), number_of_bytes),
        )
    }

    fn generate_mac(
        &self,
        request: RequestId,
        key: KeyUse<'_>,
        algorithm: MacAlgorithm,
        message: &SecretBytes,
    ) -> Work<SecretBytes> {
        self.workshop.at_once(
            request,
            |counts| &counts.generate_mac,
            |bench| bench.generate_mac(key.into(), algorithm, Brought::Clear(message)),
        )
    }
}

/// What another algorithm needs may take long, and is asked for by message.
const fn symmetric(algorithm: EncryptionAlgorithm) -> Result<EncryptionAlgorithm, CryptoFault> {
    match algorithm {
        EncryptionAlgorithm::SymmetricDefault => Ok(algorithm),
        EncryptionAlgorithm::RsaesOaepSha1
        | EncryptionAlgorithm::RsaesOaepSha256
        | EncryptionAlgorithm::Sm2Pke => Err(CryptoFault::Malformed),
    }
}

//! The crypto workers. Plaintexts are sealed on their way, both ways.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each method takes one kind of answer, and every other one alike"
)]

use bytes::Bytes;
use trent_bus::messages::{
    self, CryptoAnswer, CryptoFault, CryptoRequest, crypto_answer::Outcome, crypto_request::Order,
};
use trent_bus::{Purpose, Sealer, Subject, convert};
use trent_operations::ports::{CryptoWorker, KeyUse, PortFuture, Unavailable, WorkerError};
use trent_types::{
    AccessKey, EncryptionContext, KeyArn, KeySpec, NewMaterial, Permit, Region, RequestId,
    SecretBytes,
};

use super::{Line, QUICK, senseless, wire_permit};

/// The workers, for one request.
#[derive(Debug, Clone, Copy)]
pub struct BusWorker<'a> {
    line: Line<'a>,
    sealer: &'a Sealer,
}

impl<'a> BusWorker<'a> {
    /// The workers at the end of this line.
    #[must_use]
    pub const fn new(line: Line<'a>, sealer: &'a Sealer) -> Self {
        Self { line, sealer }
    }

    /// Every primitive of symmetric keys takes microseconds.
    async fn order(&self, request: RequestId, order: Order) -> Result<Outcome, WorkerError> {
        let request_id = convert::bytes(request.as_bytes());
        let order = CryptoRequest { request_id, order: Some(order) };
        let answer: CryptoAnswer =
            self.line.ask(Subject::CryptoFast, QUICK, || order.clone()).await?;
        match answer.outcome {
            None => Err(senseless(&"no outcome").into()),
            Some(Outcome::Fault(_)) => Err(read_fault(&answer)),
            Some(outcome) => Ok(outcome),
        }
    }

    fn seal(&self, request: RequestId, secret: &SecretBytes) -> Bytes {
        self.sealer.seal(Purpose::GatewayToWorker, request, secret.expose()).into()
    }

    fn open(&self, request: RequestId, sealed: &[u8]) -> Result<SecretBytes, WorkerError> {
        let opened = self.sealer.open(Purpose::WorkerToGateway, request, sealed);
        opened.map_err(|error| WorkerError::Refused(format!("its answer does not open: {error}")))
    }
}

impl CryptoWorker for BusWorker<'_> {
    fn generate_material<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        key: KeyArn,
        spec: KeySpec,
        replicas: &'a [Region],
    ) -> PortFuture<'a, Result<NewMaterial, WorkerError>> {
        let order = Order::GenerateMaterial(messages::GenerateMaterialOrder {
            permit: wire_permit(permit),
            key: Some(key.into()),
            spec: spec.as_str().to_owned(),
            replica_regions: replicas.iter().map(|region| region.as_str().to_owned()).collect(),
        });
        Box::pin(async move {
            match self.order(request, order).await? {
                Outcome::Made(material) => {
                    material.try_into().map_err(|error| senseless(&error).into())
                }
                other => Err(unexpected(&other)),
            }
        })
    }

    fn encrypt<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        context: &'a EncryptionContext,
        plaintext: &'a SecretBytes,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        let order = Order::Encrypt(messages::EncryptOrder {
            r#use: Some(wire_use(key)),
            context: context.canonical_bytes().into(),
            sealed_plaintext: self.seal(request, plaintext),
            algorithm: String::new(),
        });
        Box::pin(async move { ciphertext(self.order(request, order).await?) })
    }

    fn decrypt<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        context: &'a EncryptionContext,
        ciphertext: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        let order = Order::Decrypt(messages::DecryptOrder {
            r#use: Some(wire_use(key)),
            context: context.canonical_bytes().into(),
            ciphertext: convert::bytes(ciphertext),
            algorithm: String::new(),
        });
        Box::pin(async move {
            match self.order(request, order).await? {
                Outcome::SealedPlaintext(sealed) => self.open(request, &sealed),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn re_encrypt<'a>(
        &'a self,
        request: RequestId,
        source: (KeyUse<'a>, &'a EncryptionContext),
        blob: &'a [u8],
        destination: (KeyUse<'a>, &'a EncryptionContext),
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        let order = Order::ReEncrypt(messages::ReEncryptOrder {
            source: Some(wire_use(source.0)),
            source_context: source.1.canonical_bytes().into(),
            ciphertext: convert::bytes(blob),
            destination: Some(wire_use(destination.0)),
            destination_context: destination.1.canonical_bytes().into(),
            source_algorithm: String::new(),
            destination_algorithm: String::new(),
        });
        Box::pin(async move { ciphertext(self.order(request, order).await?) })
    }

    fn generate_data_key<'a>(
        &'a self,
        request: RequestId,
        key: KeyUse<'a>,
        context: &'a EncryptionContext,
        number_of_bytes: u32,
        with_plaintext: bool,
    ) -> PortFuture<'a, Result<(Vec<u8>, Option<SecretBytes>), WorkerError>> {
        let order = Order::GenerateDataKey(messages::GenerateDataKeyOrder {
            r#use: Some(wire_use(key)),
            context: context.canonical_bytes().into(),
            number_of_bytes,
            with_plaintext,
        });
        Box::pin(async move {
            match self.order(request, order).await? {
                Outcome::DataKey(made) => {
                    let opened = with_plaintext.then(|| self.open(request, &made.sealed_plaintext));
                    Ok((made.ciphertext.into(), opened.transpose()?))
                }
                other => Err(unexpected(&other)),
            }
        })
    }

    fn generate_random<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        number_of_bytes: u32,
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        let permit = wire_permit(permit);
        let order =
            Order::GenerateRandom(messages::GenerateRandomOrder { permit, number_of_bytes });
        Box::pin(async move {
            match self.order(request, order).await? {
                Outcome::SealedPlaintext(sealed) => self.open(request, &sealed),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn generate_secret<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        access_key: &'a AccessKey,
    ) -> PortFuture<'a, Result<(Vec<u8>, SecretBytes), WorkerError>> {
        let order = Order::SealSecret(messages::SealSecretOrder {
            permit: wire_permit(permit),
            account: access_key.account.as_str().to_owned(),
            access_key_id: access_key.access_key_id.clone(),
            sealed_secret: Bytes::new(),
        });
        Box::pin(async move {
            match self.order(request, order).await? {
                Outcome::Secret(made) => {
                    Ok((made.stored_secret.into(), self.open(request, &made.sealed_secret)?))
                }
                other => Err(unexpected(&other)),
            }
        })
    }
}

fn wire_use(key: KeyUse<'_>) -> messages::KeyUse {
    messages::KeyUse {
        permit: wire_permit(key.permit),
        key: Some(key.key.into()),
        material: Some(key.material.into()),
    }
}

fn ciphertext(outcome: Outcome) -> Result<Vec<u8>, WorkerError> {
    match outcome {
        Outcome::Ciphertext(blob) => Ok(blob.into()),
        other => Err(unexpected(&other)),
    }
}

fn read_fault(answer: &CryptoAnswer) -> WorkerError {
    let fault = match answer.outcome {
        Some(Outcome::Fault(fault)) => CryptoFault::try_from(fault).unwrap_or_default(),
        _ => CryptoFault::Unspecified,
    };
    match fault {
        CryptoFault::PermitExpired => WorkerError::PermitExpired,
        CryptoFault::InvalidCiphertext => WorkerError::InvalidCiphertext,
        CryptoFault::InvalidSignature => WorkerError::InvalidSignature,
        CryptoFault::InvalidMac => WorkerError::InvalidMac,
        CryptoFault::InvalidMessageLength => WorkerError::InvalidMessageLength,
        CryptoFault::InvalidPublicKey => WorkerError::InvalidPublicKey,
        CryptoFault::InvalidImportToken => WorkerError::InvalidImportToken,
        CryptoFault::ExpiredImportToken => WorkerError::ExpiredImportToken,
        CryptoFault::InvalidMaterial => WorkerError::InvalidMaterial,
        CryptoFault::Unspecified
        | CryptoFault::NotPermitted
        | CryptoFault::MaterialUnusable
        | CryptoFault::Malformed => WorkerError::Refused(fault.as_str_name().to_owned()),
    }
}

/// An answer to another order than the one that was sent. What it holds is not shown.
fn unexpected(outcome: &Outcome) -> WorkerError {
    let kind = match outcome {
        Outcome::Fault(_) => "a fault",
        Outcome::Made(_) | Outcome::Copied(_) => "material",
        Outcome::Ciphertext(_) => "a ciphertext",
        Outcome::SealedPlaintext(_) => "a plaintext",
        Outcome::DataKey(_) => "a data key",
        Outcome::Secret(_) => "a secret",
        Outcome::ReSealed(_) => "re-sealed bytes",
        Outcome::Signature(_) => "a signature",
        Outcome::Verified(_) => "a verification",
        Outcome::Encapsulated(_) => "a shared secret",
        Outcome::DataKeyPair(_) => "a data key pair",
        Outcome::ImportParameters(_) => "import parameters",
    };
    Unavailable::Away(format!("the worker answered another question, with {kind}")).into()
}

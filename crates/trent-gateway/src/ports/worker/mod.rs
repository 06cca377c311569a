//! The crypto workers. Plaintexts are sealed on their way, both ways; where a worker is in the same
//! process, it does symmetric cryptography at once and by values (module `local`).
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each method takes one kind of answer, and every other one alike"
)]

mod agreement;
mod cipher;
mod local;
mod material;
mod signature;

use std::cell::Cell;

use bytes::Bytes;
use trent_bus::messages::{
    self, CryptoAnswer, CryptoFault, CryptoRequest, crypto_answer::Outcome, crypto_request::Order,
};
use trent_bus::{Pace, Purpose, Sealer, Subject, convert, pace};
use trent_operations::ports::{KeyUse, PortFuture, Unavailable, WorkerError};
use trent_types::{RequestId, SecretBytes};

use super::{Line, PATIENT, QUICK, THOROUGH, senseless, wire_permit};

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

    /// Has an order done, which is made anew for each try: hardly any needs a second one, and
    /// keeping a copy for it would cost as much as making it. What is slow goes another way, where
    /// it waits for its like only, and where silence means less.
    async fn order(
        &self,
        request: RequestId,
        order: impl Fn() -> Order,
    ) -> Result<Outcome, WorkerError> {
        let first = order();
        let (subject, silence) = match pace(&first) {
            Pace::Fast => (Subject::CryptoFast, QUICK),
            // Its second try comes while the Permits are good.
            Pace::Slow => (Subject::CryptoSlow, THOROUGH),
            Pace::VerySlow => (Subject::CryptoSlow, PATIENT),
        };
        let first = Cell::new(Some(first));
        let order = || CryptoRequest {
            request_id: convert::bytes(request.as_bytes()),
            order: Some(first.take().unwrap_or_else(&order)),
        };
        let answer: CryptoAnswer = self.line.ask(subject, silence, order).await?;
        match answer.outcome {
            None => Err(senseless(&"no outcome").into()),
            Some(Outcome::Fault(fault)) => {
                Err(read_fault(CryptoFault::try_from(fault).unwrap_or_default()))
            }
            Some(outcome) => Ok(outcome),
        }
    }

    /// Has an order done whose answer `read` takes apart.
    fn told<'f, T: 'f>(
        &'f self,
        request: RequestId,
        order: impl Fn() -> Order + 'f,
        read: impl FnOnce(Outcome) -> Result<T, WorkerError> + 'f,
    ) -> PortFuture<'f, Result<T, WorkerError>> {
        Box::pin(async move { read(self.order(request, order).await?) })
    }

    /// Has an order done whose answer is a plaintext.
    fn told_secret<'f>(
        &'f self,
        request: RequestId,
        order: impl Fn() -> Order + 'f,
    ) -> PortFuture<'f, Result<SecretBytes, WorkerError>> {
        self.told(request, order, move |outcome| match outcome {
            Outcome::SealedPlaintext(sealed) => self.open(request, &sealed),
            other => Err(unexpected(&other)),
        })
    }

    fn seal(&self, request: RequestId, secret: &SecretBytes) -> Bytes {
        self.sealer.seal(Purpose::GatewayToWorker, request, secret.expose()).into()
    }

    fn open(&self, request: RequestId, sealed: &[u8]) -> Result<SecretBytes, WorkerError> {
        let opened = self.sealer.open(Purpose::WorkerToGateway, request, sealed);
        opened.map_err(|error| WorkerError::Refused(format!("its answer does not open: {error}")))
    }
}

fn wire_use(key: KeyUse<'_>) -> messages::KeyUse {
    messages::KeyUse {
        permit: wire_permit(key.permit),
        key: Some(key.key.into()),
        material: Some(key.material.into()),
    }
}

fn read_fault(fault: CryptoFault) -> WorkerError {
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

//! Orders to the crypto workers: secret access keys are sealed and opened by them alone.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::crypto_request::Order as CryptoOrder;
use trent_bus::messages::{
    CryptoAnswer, CryptoFault, CryptoRequest, OpenSecretOrder, SealSecretOrder,
};
use trent_bus::{
    Bus, BusError, ClaimedResource, Claims, Order, PermitKeys, Purpose, Sealer, Subject,
};
use trent_types::{
    AccountId, Caller, CallerKind, Primitive, Primitives, Region, RequestId, SecretBytes, Timestamp,
};

/// How long a worker may take: it makes or opens 40 bytes.
const DEADLINE: Duration = Duration::from_secs(2);

/// Why a worker did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WorkerFault {
    /// No worker answered; another time one may.
    #[error(transparent)]
    Away(#[from] BusError),
    /// The domain key is not the one that sealed it.
    #[error("the sealed secret does not open under the domain key")]
    Unusable,
    /// A worker refused for a reason that correct configuration excludes.
    #[error("the worker refused: {0}")]
    Refused(&'static str),
}

/// The workers, as the evaluator uses them.
pub(crate) struct Worker {
    pub(crate) bus: Bus,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) permit_keys: Arc<PermitKeys>,
    /// Permits name a Region; secret access keys belong to none.
    pub(crate) region: Region,
}

impl Worker {
    /// Seals a secret access key for the store; the worker makes one when none is given.
    pub(crate) async fn seal_secret(
        &self,
        account: AccountId,
        access_key_id: &str,
        secret: Option<&SecretBytes>,
        until: Timestamp,
    ) -> Result<Bytes, WorkerFault> {
        let request = new_request();
        let permit = self.permit(
            request,
            "trent:SealSecret",
            Primitive::SealSecret,
            (account, access_key_id),
            until,
        );
        let sealed_secret = secret.map_or_else(Bytes::new, |secret| {
            self.sealer.seal(Purpose::EvaluatorToWorker, request, secret.expose()).into()
        });
        let order = CryptoOrder::SealSecret(SealSecretOrder {
            permit,
            account: account.as_str().to_owned(),
            access_key_id: access_key_id.to_owned(),
            sealed_secret,
        });
        Ok(self.call(request, order).await?.stored_secret)
    }

    /// Opens a secret access key that a worker sealed.
    pub(crate) async fn open_secret(
        &self,
        account: AccountId,
        access_key_id: &str,
        stored_secret: &[u8],
        until: Timestamp,
    ) -> Result<SecretBytes, WorkerFault> {
        let request = new_request();
        let permit = self.permit(
            request,
            "trent:OpenSecret",
            Primitive::OpenSecret,
            (account, access_key_id),
            until,
        );
        let order = CryptoOrder::OpenSecret(OpenSecretOrder {
            permit,
            account: account.as_str().to_owned(),
            access_key_id: access_key_id.to_owned(),
            stored_secret: Bytes::copy_from_slice(stored_secret),
        });
        let answer = self.call(request, order).await?;
        self.sealer
            .open(Purpose::WorkerToEvaluator, request, &answer.sealed_secret)
            .map_err(|_| WorkerFault::Refused("its answer does not open under our bus key"))
    }

    async fn call(
        &self,
        request: RequestId,
        order: CryptoOrder,
    ) -> Result<trent_bus::messages::SealedSecret, WorkerFault> {
        let request_id = Bytes::copy_from_slice(request.as_bytes());
        let payload = CryptoRequest { request_id, order: Some(order) }.encode_to_vec().into();
        let order = Order { deadline: DEADLINE, traceparent: None, payload };
        let answer = self.bus.call(Subject::CryptoFast, order).await?;
        let answer = CryptoAnswer::decode(answer)
            .map_err(|_| WorkerFault::Refused("its answer cannot be read"))?;
        match answer.outcome {
            Some(Outcome::Secret(secret)) => Ok(secret),
            Some(Outcome::Fault(fault)) => Err(match CryptoFault::try_from(fault) {
                Ok(CryptoFault::MaterialUnusable) => WorkerFault::Unusable,
                Ok(CryptoFault::NotPermitted) => WorkerFault::Refused(
                    "not permitted; do evaluator and worker share Permit keys?",
                ),
                Ok(CryptoFault::PermitExpired) => WorkerFault::Refused("the Permit has expired"),
                Ok(
                    CryptoFault::Unspecified
                    | CryptoFault::InvalidCiphertext
                    | CryptoFault::Malformed,
                )
                | Err(_) => WorkerFault::Refused("the order was taken for malformed"),
            }),
            Some(
                Outcome::Material(_)
                | Outcome::Ciphertext(_)
                | Outcome::SealedPlaintext(_)
                | Outcome::DataKey(_),
            )
            | None => Err(WorkerFault::Refused("its answer is of another kind")),
        }
    }

    /// The evaluator's own Permit, in the name of the account that the access key belongs to.
    fn permit(
        &self,
        request_id: RequestId,
        action: &str,
        primitive: Primitive,
        (account, access_key_id): (AccountId, &str),
        until: Timestamp,
    ) -> Bytes {
        let claims = Claims {
            request_id,
            action: action.to_owned(),
            account,
            region: self.region,
            resource: ClaimedResource::Other(access_key_id.to_owned()),
            record_version: 0,
            primitives: Primitives::only(primitive),
            material_ids: Vec::new(),
            context_digest: [0; 32],
            expires_at: until,
            caller: Caller {
                account,
                access_key_id: access_key_id.to_owned(),
                kind: CallerKind::Root,
            },
        };
        self.permit_keys.mint_wire(&claims).into()
    }
}

fn new_request() -> RequestId {
    RequestId::from_random(rand::random())
}

//! Orders to the crypto workers: secret access keys are sealed and opened by them alone.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use prost::Message;
use tokio::time::Instant;
use trent_bus::messages::crypto_answer::Outcome;
use trent_bus::messages::crypto_request::Order as CryptoOrder;
use trent_bus::messages::re_seal_order::What;
use trent_bus::messages::{
    CryptoAnswer, CryptoFault, CryptoRequest, GenerateMaterialOrder, KeyMaterial, OpenSecretOrder,
    ReSealOrder, ReSealed, SealMaterialOrder, SealSecretOrder, SealedMaterial, SealedSecret,
    StoredSecret,
};
use trent_bus::{
    Bus, BusError, ClaimedResource, Claims, Order, PermitKeys, Purpose, Sealer, Subject,
};
use trent_store::{SealedPlace, SealedRow};
use trent_types::{
    AccountId, Caller, CallerKind, KeyArn, KeySpec, MaterialId, NewMaterial, Primitive, Primitives,
    Region, RequestId, SecretBytes, Timestamp,
};

use crate::registry::MANAGED;

/// The action of the Permits that re-sealing needs. As with the others of the service `trent`, no
/// policy can grant it and no question can ask it.
const RE_SEAL: &str = "trent:ReSeal";

/// How long a worker may take, with every repetition: it makes or opens 40 bytes.
const DEADLINE: Duration = Duration::from_secs(2);
/// After how long a silence the order is sent again, which changes nothing: NATS hands orders also
/// to a worker that stands still, until its pings are unanswered. It doubles from try to try.
const SILENCE: Duration = Duration::from_millis(150);

/// Why a worker did not do it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WorkerFault {
    /// No worker answered; another time one may.
    #[error(transparent)]
    Away(#[from] BusError),
    /// The domain key is not the one that sealed it.
    #[error("the sealed secret does not open under the domain key")]
    Unusable,
    /// What was to be sealed is no key material of its kind.
    #[error("the key material is not one that a key can have")]
    InvalidMaterial,
    /// A worker refused for a reason that correct configuration excludes.
    #[error("the worker refused: {0}")]
    Refused(&'static str),
}

/// Key material as a worker has sealed it.
#[derive(Debug)]
pub(crate) struct SealedByWorker {
    pub(crate) material: trent_types::SealedMaterial,
    pub(crate) spec: KeySpec,
    /// X.509 SubjectPublicKeyInfo, DER; `None` for symmetric keys.
    pub(crate) public_key: Option<Vec<u8>>,
}

const ANOTHER_KIND: WorkerFault = WorkerFault::Refused("its answer is of another kind");

/// The workers, as the evaluator uses them.
pub(crate) struct Worker {
    pub(crate) bus: Bus,
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) permit_keys: Arc<PermitKeys>,
    /// Permits name a Region; secret access keys belong to none.
    pub(crate) region: Region,
    /// See [`Self::domain_key_check`].
    pub(crate) check: RwLock<Bytes>,
}

impl Worker {
    /// The sealed secret that a worker must open before it seals anything: what a worker with
    /// another domain key sealed, nobody could open. Empty only until the store is known.
    pub(crate) fn domain_key_check(&self) -> Bytes {
        self.check.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes over what the store has now; a rotation of the domain key seals it anew.
    pub(crate) fn note_domain_key_check(&self, sealed: &[u8]) {
        let mut check = self.check.write().unwrap_or_else(PoisonError::into_inner);
        if **check != *sealed {
            *check = Bytes::copy_from_slice(sealed);
        }
    }

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
        Ok(secret_of(self.call(request, order).await?)?.stored_secret)
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
        let answer = secret_of(self.call(request, order).await?)?;
        self.sealer
            .open(Purpose::WorkerToEvaluator, request, &answer.sealed_secret)
            .map_err(|_| WorkerFault::Refused("its answer does not open under our bus key"))
    }

    /// Has what an older domain key has sealed sealed anew, for where it belongs. Returns the
    /// version that this worker seals with, and the new bytes; none when what it was sent is not
    /// older than that.
    pub(crate) async fn re_seal(
        &self,
        row: &SealedRow,
        until: Timestamp,
    ) -> Result<(u8, Bytes), WorkerFault> {
        let request = new_request();
        let sealed = Bytes::copy_from_slice(&row.sealed);
        let (permit, what) = match &row.place {
            SealedPlace::Material { key, material_id } => {
                let (owner, region) = ((key.account, ""), key.region);
                let claims = Claims {
                    resource: ClaimedResource::Key(*key),
                    material_ids: vec![*material_id],
                    domain_key_check: self.domain_key_check(),
                    key_now: None,
                    ..claims(request, RE_SEAL, Primitive::ReSeal, owner, region, until)
                };
                let material_id = Bytes::copy_from_slice(material_id.as_bytes());
                let what = KeyMaterial {
                    key: Some((*key).into()),
                    material: Some(SealedMaterial { material_id, sealed }),
                };
                (self.permit_keys.mint_wire(&claims).into(), What::Material(what))
            }
            SealedPlace::Secret { account, access_key_id: id } => {
                let permit =
                    self.permit(request, RE_SEAL, Primitive::ReSeal, (*account, id), until);
                let (account, access_key_id) = (account.as_str().to_owned(), id.clone());
                (
                    permit,
                    What::Secret(StoredSecret { account, access_key_id, stored_secret: sealed }),
                )
            }
        };
        let order = CryptoOrder::ReSeal(ReSealOrder { permit, what: Some(what) });
        let Outcome::ReSealed(ReSealed { version, sealed }) = self.call(request, order).await?
        else {
            return Err(ANOTHER_KIND);
        };
        match u8::try_from(version) {
            Ok(version) => Ok((version, sealed)),
            Err(_) => Err(WorkerFault::Refused("its version is none")),
        }
    }

    /// Has a worker seal key material for a key, under this id. Without a spec the material is a
    /// PEM, and the worker says what it is.
    pub(crate) async fn seal_material(
        &self,
        key: KeyArn,
        spec: Option<KeySpec>,
        (material_id, secret): (MaterialId, &SecretBytes),
        until: Timestamp,
    ) -> Result<SealedByWorker, WorkerFault> {
        let request = new_request();
        let (owner, action) = ((key.account, ""), "trent:SealMaterial");
        let claims = Claims {
            resource: ClaimedResource::Key(key),
            domain_key_check: self.domain_key_check(),
            ..claims(request, action, Primitive::SealMaterial, owner, key.region, until)
        };
        let order = CryptoOrder::SealMaterial(SealMaterialOrder {
            permit: self.permit_keys.mint_wire(&claims).into(),
            key: Some(key.into()),
            spec: spec.map_or("", KeySpec::as_str).to_owned(),
            material_id: Bytes::copy_from_slice(material_id.as_bytes()),
            sealed_material: self
                .sealer
                .seal(Purpose::EvaluatorToWorker, request, secret.expose())
                .into(),
        });
        let Outcome::Made(made) = self.call(request, order).await? else {
            return Err(ANOTHER_KIND);
        };
        let senseless = WorkerFault::Refused("its answer makes no sense");
        let spec = made.spec.parse().map_err(|_| senseless.clone())?;
        let NewMaterial { sealed: material, public_key, .. } =
            made.try_into().map_err(|_| senseless.clone())?;
        if material.material_id != material_id {
            return Err(senseless);
        }
        Ok(SealedByWorker { material, spec, public_key })
    }

    /// Has a worker make the material of an AWS managed key. Nobody but workers ever has it open.
    pub(crate) async fn generate_material(
        &self,
        key: KeyArn,
        until: Timestamp,
    ) -> Result<trent_types::SealedMaterial, WorkerFault> {
        let request = new_request();
        let claims = Claims {
            resource: ClaimedResource::Key(key),
            domain_key_check: self.domain_key_check(),
            ..claims(
                request,
                MANAGED,
                Primitive::GenerateMaterial,
                (key.account, ""),
                key.region,
                until,
            )
        };
        let order = CryptoOrder::GenerateMaterial(GenerateMaterialOrder {
            permit: self.permit_keys.mint_wire(&claims).into(),
            key: Some(key.into()),
            spec: KeySpec::SymmetricDefault.as_str().to_owned(),
            replica_regions: Vec::new(),
        });
        let Outcome::Made(made) = self.call(request, order).await? else {
            return Err(ANOTHER_KIND);
        };
        let made = NewMaterial::try_from(made);
        Ok(made.map_err(|_| WorkerFault::Refused("its answer makes no sense"))?.sealed)
    }

    async fn call(&self, request: RequestId, order: CryptoOrder) -> Result<Outcome, WorkerFault> {
        let request_id = Bytes::copy_from_slice(request.as_bytes());
        let payload = CryptoRequest { request_id, order: Some(order) }.encode_to_vec().into();
        let answer = self.send(payload).await?;
        let answer = CryptoAnswer::decode(answer)
            .map_err(|_| WorkerFault::Refused("its answer cannot be read"))?;
        let outcome = answer.outcome.ok_or(WorkerFault::Refused("its answer is empty"))?;
        let Outcome::Fault(fault) = outcome else { return Ok(outcome) };
        Err(match CryptoFault::try_from(fault) {
            Ok(CryptoFault::MaterialUnusable) => WorkerFault::Unusable,
            Ok(CryptoFault::NotPermitted) => {
                WorkerFault::Refused("not permitted; do evaluator and worker share Permit keys?")
            }
            Ok(CryptoFault::InvalidMaterial) => WorkerFault::InvalidMaterial,
            Ok(CryptoFault::PermitExpired) => WorkerFault::Refused("the Permit has expired"),
            Ok(
                CryptoFault::Unspecified
                | CryptoFault::InvalidCiphertext
                | CryptoFault::InvalidSignature
                | CryptoFault::InvalidMac
                | CryptoFault::InvalidMessageLength
                | CryptoFault::InvalidPublicKey
                | CryptoFault::InvalidImportToken
                | CryptoFault::ExpiredImportToken
                | CryptoFault::Malformed,
            )
            | Err(_) => WorkerFault::Refused("the order was taken for malformed"),
        })
    }

    /// Has an order worked on, and sends it again after each silence until the deadline; the first
    /// answer counts.
    async fn send(&self, payload: Bytes) -> Result<Bytes, BusError> {
        let end = Instant::now() + DEADLINE;
        let (mut silence, mut tries) = (SILENCE, FuturesUnordered::new());
        loop {
            let deadline = end.saturating_duration_since(Instant::now());
            let order = Order { deadline, traceparent: None, payload: payload.clone() };
            tries.push(self.bus.call(Subject::CryptoFast, order));
            let next = (Instant::now() + silence).min(end);
            match tokio::time::timeout_at(next, tries.next()).await {
                Ok(Some(answer)) => return answer,
                // Nobody has answered yet.
                Ok(None) | Err(_) if Instant::now() < end => silence *= 2,
                Ok(None) | Err(_) => return Err(BusError::Timeout),
            }
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
        let owner = (account, access_key_id);
        let claims = Claims {
            resource: ClaimedResource::Other(access_key_id.to_owned()),
            domain_key_check: self.domain_key_check(),
            key_now: None,
            ..claims(request_id, action, primitive, owner, self.region, until)
        };
        self.permit_keys.mint_wire(&claims).into()
    }
}

/// What all Permits of the evaluator's own say; about what, and where, is left to say.
fn claims(
    request_id: RequestId,
    action: &str,
    primitive: Primitive,
    (account, access_key_id): (AccountId, &str),
    region: Region,
    until: Timestamp,
) -> Claims {
    Claims {
        request_id,
        action: action.to_owned(),
        account,
        region,
        resource: ClaimedResource::Other(String::new()),
        record_version: 0,
        primitives: Primitives::only(primitive),
        material_ids: Vec::new(),
        context_digest: [0; 32],
        expires_at: until,
        caller: Caller::new(account, access_key_id.to_owned(), CallerKind::Root).into(),
        domain_key_check: Bytes::new(),
        key_now: None,
    }
}

fn secret_of(outcome: Outcome) -> Result<SealedSecret, WorkerFault> {
    let Outcome::Secret(secret) = outcome else { return Err(ANOTHER_KIND) };
    Ok(secret)
}

fn new_request() -> RequestId {
    RequestId::from_random(rand::random())
}

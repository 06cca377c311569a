//! What the jobs ask of the registry and the workers.

use bytes::Bytes;
use prost::Message;
use trent_bus::messages::change_answer::Outcome as ChangeOutcome;
use trent_bus::messages::claim_due_answer::Outcome as ClaimOutcome;
use trent_bus::messages::crypto_answer::Outcome as CryptoOutcome;
use trent_bus::messages::crypto_request::Order as CryptoOrder;
use trent_bus::messages::{
    ChangeAnswer, ChangeRequest, ClaimDueAnswer, ClaimDueRequest, CryptoAnswer, CryptoFault,
    CryptoRequest, DueWork, GenerateMaterialOrder,
};
use trent_bus::{Bus, BusError, InvalidField, Order, Subject};
use trent_types::{AuditRecord, Change, ChangeRefused, KeyRecord, NewMaterial};

use super::Ending;
use crate::LifecycleConfig;

/// Work could not be claimed or done; it stays due.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    #[error("no answer: {0}")]
    Bus(#[from] BusError),
    #[error("it cannot be done now: {0}")]
    Unavailable(String),
    #[error("the answer makes no sense: {0}")]
    Malformed(String),
}

impl From<prost::DecodeError> for JobError {
    fn from(error: prost::DecodeError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<InvalidField> for JobError {
    fn from(error: InvalidField) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// The Permit of a claim, and the request it is bound to.
pub(super) struct Permitted {
    pub(super) permit: Bytes,
    pub(super) request_id: Bytes,
}

/// The way to the other roles.
pub(super) struct Orders {
    config: LifecycleConfig,
    bus: Bus,
}

impl Orders {
    pub(super) const fn new(config: LifecycleConfig, bus: Bus) -> Self {
        Self { config, bus }
    }

    /// Claims due work of every kind.
    pub(super) async fn claim(&self) -> Result<DueWork, JobError> {
        let request = ClaimDueRequest {
            claimant: self.config.claimant.clone(),
            limit: self.config.claims_max,
            claim_ms: u32::try_from(self.config.claim.as_millis()).unwrap_or(u32::MAX),
        };
        let answer = self.call(Subject::ClaimDue, &request).await?;
        match ClaimDueAnswer::decode(answer)?.outcome {
            Some(ClaimOutcome::Due(due)) => Ok(due),
            Some(ClaimOutcome::Unavailable(why)) => Err(JobError::Unavailable(why)),
            None => Err(JobError::Malformed("no outcome".into())),
        }
    }

    /// New material for a key and its family.
    pub(super) async fn generate_material(
        &self,
        permitted: &Permitted,
        key: &KeyRecord,
    ) -> Result<NewMaterial, JobError> {
        let replicas = key.related().map(|replica| replica.region.as_str().to_owned());
        let order = CryptoOrder::GenerateMaterial(GenerateMaterialOrder {
            permit: permitted.permit.clone(),
            key: Some(key.arn().into()),
            spec: key.spec.as_str().to_owned(),
            replica_regions: replicas.collect(),
        });
        let request_id = permitted.request_id.clone();
        let request = CryptoRequest { request_id, order: Some(order) };
        let answer = self.call(Subject::CryptoSlow, &request).await?;
        match CryptoAnswer::decode(answer)?.outcome {
            Some(CryptoOutcome::Made(made)) => Ok(made.try_into()?),
            Some(CryptoOutcome::Fault(fault)) => {
                let fault = CryptoFault::try_from(fault).unwrap_or_default();
                Err(JobError::Unavailable(fault.as_str_name().to_owned()))
            }
            Some(_) | None => Err(JobError::Malformed("no material".into())),
        }
    }

    /// Has a change made; what was claimed is tried once, and whatever became of it, the next claim
    /// tells.
    pub(super) async fn change(
        &self,
        permitted: Permitted,
        change: Change,
        event: AuditRecord,
        others: Vec<AuditRecord>,
    ) -> Result<Ending, JobError> {
        let request = ChangeRequest {
            request_id: permitted.request_id,
            permits: vec![permitted.permit],
            change: Some(change.into()),
            record: Some(event.into()),
            attempt: Bytes::new(),
            events: others.into_iter().map(Into::into).collect(),
        };
        let answer = self.call(Subject::RegistryChange, &request).await?;
        match ChangeAnswer::decode(answer)?.outcome {
            Some(ChangeOutcome::Committed(_)) => Ok(Ending::Done),
            Some(ChangeOutcome::Refused(refused)) => refusal(&refused.try_into()?),
            Some(ChangeOutcome::Unavailable(why)) => Err(JobError::Unavailable(why)),
            None => Err(JobError::Malformed("no outcome".into())),
        }
    }

    async fn call(&self, subject: Subject, request: &impl Message) -> Result<Bytes, JobError> {
        let payload = request.encode_to_vec().into();
        let deadline = self.config.deadline;
        Ok(self.bus.call(subject, Order { deadline, traceparent: None, payload }).await?)
    }
}

fn refusal(refused: &ChangeRefused) -> Result<Ending, JobError> {
    match refused {
        ChangeRefused::Conflict | ChangeRefused::NotFound => Ok(Ending::Overtaken),
        ChangeRefused::AlreadyExists
        | ChangeRefused::LimitExceeded { .. }
        | ChangeRefused::IncorrectMaterial
        | ChangeRefused::MalformedPolicy(_)
        | ChangeRefused::Identity(_)
        | ChangeRefused::NotPermitted(_) => Err(JobError::Unavailable(refused.to_string())),
    }
}

//! The deletion of keys whose deletion date has come.

use std::sync::Arc;

use metrics::{Counter, counter, describe_counter};
use prost::Message;
use trent_bus::messages::change_answer::Outcome as ChangeOutcome;
use trent_bus::messages::claim_due_answer::Outcome as ClaimOutcome;
use trent_bus::messages::{
    ChangeAnswer, ChangeRequest, ClaimDueAnswer, ClaimDueRequest, DueDeletion,
};
use trent_bus::{Bus, BusError, InvalidField, Order, Subject};
use trent_runtime::Shutdown;
use trent_types::{Change, ChangeRefused, Clock, EventId, KeyArn, KeyRecord};

use crate::LifecycleConfig;

/// Claims due keys and destroys them.
pub(crate) struct Deletions {
    config: LifecycleConfig,
    bus: Bus,
    clock: Arc<dyn Clock>,
    deleted: Counter,
    failures: Counter,
}

/// Work could not be claimed or done; it stays due.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeletionError {
    #[error("the registry did not answer: {0}")]
    Bus(#[from] BusError),
    #[error("the registry cannot serve now: {0}")]
    Unavailable(String),
    #[error("the registry's answer makes no sense: {0}")]
    Malformed(String),
}

impl From<prost::DecodeError> for DeletionError {
    fn from(error: prost::DecodeError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<InvalidField> for DeletionError {
    fn from(error: InvalidField) -> Self {
        Self::Malformed(error.to_string())
    }
}

/// What became of a claimed key.
#[derive(Debug, PartialEq, Eq)]
enum Ending {
    Destroyed,
    /// Somebody was faster: the deletion was cancelled, or the key is gone.
    Overtaken,
}

impl Deletions {
    pub(crate) fn new(config: LifecycleConfig, bus: Bus, clock: Arc<dyn Clock>) -> Self {
        const DELETED: &str = "trent_lifecycle_deleted_keys_total";
        const FAILURES: &str = "trent_lifecycle_failures_total";
        describe_counter!(DELETED, "Keys that were deleted when their waiting period was over");
        describe_counter!(FAILURES, "Due work that could not be claimed or done; it stays due");
        let (deleted, failures) = (counter!(DELETED), counter!(FAILURES));
        Self { config, bus, clock, deleted, failures }
    }

    /// Counts what could not be claimed or done.
    pub(crate) fn failed(&self) {
        self.failures.increment(1);
    }

    /// Claims once and destroys what was claimed. Says whether it is worth asking again at once.
    ///
    /// # Errors
    /// When nothing could be claimed.
    pub(crate) async fn round(&self, shutdown: &Shutdown) -> Result<bool, DeletionError> {
        let due = self.claim().await?;
        let all = due.len() >= self.config.claims_max as usize;
        let mut progress = false;
        for deletion in due {
            if shutdown.is_requested() {
                break;
            }
            match self.destroy(deletion).await {
                Ok((key, Ending::Destroyed)) => {
                    progress = true;
                    self.deleted.increment(1);
                    tracing::info!(%key, "key deleted: its waiting period is over");
                }
                Ok((key, Ending::Overtaken)) => {
                    progress = true;
                    tracing::info!(%key, "key not deleted: it changed after it was claimed");
                }
                Err(error) => {
                    self.failed();
                    tracing::warn!(%error, "a due key was not deleted; it will be claimed again");
                }
            }
        }
        Ok(all && progress)
    }

    async fn claim(&self) -> Result<Vec<DueDeletion>, DeletionError> {
        let request = ClaimDueRequest {
            claimant: self.config.claimant.clone(),
            limit: self.config.claims_max,
            claim_ms: u32::try_from(self.config.claim.as_millis()).unwrap_or(u32::MAX),
        };
        let answer = self.call(Subject::ClaimDue, &request).await?;
        match ClaimDueAnswer::decode(answer)?.outcome {
            Some(ClaimOutcome::Due(due)) => Ok(due.deletions),
            Some(ClaimOutcome::Unavailable(why)) => Err(DeletionError::Unavailable(why)),
            None => Err(DeletionError::Malformed("no outcome".into())),
        }
    }

    async fn destroy(&self, due: DueDeletion) -> Result<(KeyArn, Ending), DeletionError> {
        let record = due.key.ok_or_else(|| DeletionError::Malformed("no key".into()))?;
        let record = KeyRecord::try_from(record)?;
        let key = record.arn();
        let event_id = EventId::from_random(uuid::Uuid::new_v4().into_bytes());
        let event = trent_operations::service_event("DeleteKey", &key, event_id, self.clock.now());
        let request = ChangeRequest {
            request_id: due.request_id,
            permits: vec![due.permit],
            change: Some(Change::DestroyKey { key, version: record.version }.into()),
            record: Some(event.into()),
            // What was claimed is tried once; whatever became of it, the next claim tells.
            attempt: bytes::Bytes::new(),
            events: Vec::new(),
        };
        let answer = self.call(Subject::RegistryChange, &request).await?;
        match ChangeAnswer::decode(answer)?.outcome {
            Some(ChangeOutcome::Committed(_)) => Ok((key, Ending::Destroyed)),
            Some(ChangeOutcome::Refused(refused)) => refusal(key, &refused.try_into()?),
            Some(ChangeOutcome::Unavailable(why)) => Err(DeletionError::Unavailable(why)),
            None => Err(DeletionError::Malformed("no outcome".into())),
        }
    }

    async fn call(
        &self,
        subject: Subject,
        request: &impl Message,
    ) -> Result<bytes::Bytes, DeletionError> {
        let payload = request.encode_to_vec().into();
        let deadline = self.config.deadline;
        Ok(self.bus.call(subject, Order { deadline, traceparent: None, payload }).await?)
    }
}

fn refusal(key: KeyArn, refused: &ChangeRefused) -> Result<(KeyArn, Ending), DeletionError> {
    match refused {
        ChangeRefused::Conflict | ChangeRefused::NotFound => Ok((key, Ending::Overtaken)),
        ChangeRefused::AlreadyExists
        | ChangeRefused::LimitExceeded { .. }
        | ChangeRefused::IncorrectMaterial
        | ChangeRefused::MalformedPolicy(_)
        | ChangeRefused::NotPermitted(_) => Err(DeletionError::Unavailable(refused.to_string())),
    }
}

#[cfg(test)]
mod tests;

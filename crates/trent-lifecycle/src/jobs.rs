//! The jobs: keys whose deletion date has come, keys whose rotation is due, and imported material
//! whose time is over.

mod counts;
mod orders;

use std::sync::Arc;

use trent_bus::messages::{DueDeletion, DueExpiry, DueRotation, DueWork};
use trent_bus::{Bus, convert};
use trent_operations::ServiceEvent;
use trent_runtime::Shutdown;
use trent_types::{
    AuditRecord, Change, Clock, EventId, KeyArn, KeyRecord, RotationType, Timestamp,
};

use self::counts::Counts;
use self::orders::{JobError, Orders, Permitted};
use crate::LifecycleConfig;

/// Claims due work and does it.
pub(crate) struct Jobs {
    orders: Orders,
    claims_max: u32,
    clock: Arc<dyn Clock>,
    counts: Counts,
}

/// What became of claimed work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Done,
    /// Somebody was faster: what was due was called off, or the key is gone.
    Overtaken,
}

/// Claimed work of one kind.
enum Job {
    Deletion(DueDeletion),
    Rotation(DueRotation),
    Expiry(DueExpiry),
}

impl Jobs {
    pub(crate) fn new(config: LifecycleConfig, bus: Bus, clock: Arc<dyn Clock>) -> Self {
        let claims_max = config.claims_max;
        Self { orders: Orders::new(config, bus), claims_max, clock, counts: Counts::new() }
    }

    /// Counts what could not be claimed or done.
    pub(crate) fn failed(&self) {
        self.counts.failures.increment(1);
    }

    /// Claims once and does what was claimed. Says whether it is worth asking again at once.
    ///
    /// # Errors
    /// When nothing could be claimed.
    pub(crate) async fn round(&self, shutdown: &Shutdown) -> Result<bool, JobError> {
        let DueWork { deletions, rotations, expiries, key_now_ms } = self.orders.claim().await?;
        let key_now = Timestamp::from_millis(key_now_ms);
        let full = |claimed: usize| claimed >= self.claims_max as usize;
        let more = full(deletions.len()) || full(rotations.len()) || full(expiries.len());
        // What ends first: a key that is deleted needs no rotation.
        let jobs = deletions.into_iter().map(Job::Deletion);
        let jobs = jobs.chain(expiries.into_iter().map(Job::Expiry));
        let jobs = jobs.chain(rotations.into_iter().map(Job::Rotation));
        let mut progress = false;
        for job in jobs {
            if shutdown.is_requested() {
                break;
            }
            let (counter, done) = match &job {
                Job::Deletion(_) => (&self.counts.deleted, "key deleted: its date has come"),
                Job::Rotation(_) => (&self.counts.rotated, "key rotated by schedule"),
                Job::Expiry(_) => (&self.counts.expired, "imported key material has expired"),
            };
            match self.work(job, key_now).await {
                Ok((key, Ending::Done)) => {
                    progress = true;
                    counter.increment(1);
                    tracing::info!(%key, "{done}");
                }
                Ok((key, Ending::Overtaken)) => {
                    progress = true;
                    tracing::info!(%key, "due work not done: the key changed after the claim");
                }
                Err(error) => {
                    self.failed();
                    tracing::warn!(%error, "due work was not done; it will be claimed again");
                }
            }
        }
        Ok(more && progress)
    }

    async fn work(&self, job: Job, key_now: Timestamp) -> Result<(KeyArn, Ending), JobError> {
        match job {
            Job::Deletion(due) => self.delete(due).await,
            Job::Rotation(due) => self.rotate(due, key_now).await,
            Job::Expiry(due) => self.expire(due).await,
        }
    }

    async fn delete(&self, due: DueDeletion) -> Result<(KeyArn, Ending), JobError> {
        let record = claimed(due.key)?;
        let key = record.arn();
        let permitted = Permitted { permit: due.permit, request_id: due.request_id };
        let change = Change::DestroyKey { key, version: record.version };
        let event = self.event(ServiceEvent::DeleteKey, &key);
        Ok((key, self.orders.change(permitted, change, event, Vec::new()).await?))
    }

    async fn rotate(&self, due: DueRotation, at: Timestamp) -> Result<(KeyArn, Ending), JobError> {
        let record = claimed(due.key)?;
        let key = record.arn();
        let permitted = Permitted { permit: due.permit, request_id: due.request_id };
        let material = self.orders.generate_material(&permitted, &record).await?;
        let event = ServiceEvent::RotateKey {
            kind: RotationType::Automatic,
            origin: record.origin,
            previous: record.current_material,
            current: material.sealed.material_id,
        };
        let event = self.event(event, &key);
        let mut others = Vec::new();
        if record.related().next().is_some() {
            others.push(self.event(ServiceEvent::SynchronizeMultiRegionKey, &key));
        }
        let change = Change::RotateKey {
            key,
            version: record.version,
            rotation_type: RotationType::Automatic,
            at,
            material: Some(material),
        };
        Ok((key, self.orders.change(permitted, change, event, others).await?))
    }

    async fn expire(&self, due: DueExpiry) -> Result<(KeyArn, Ending), JobError> {
        let record = claimed(due.key)?;
        let key = record.arn();
        let material_id = convert::material_id(&due.material_id, "material_id")?;
        let permitted = Permitted { permit: due.permit, request_id: due.request_id };
        let version = record.version;
        let change = Change::DeleteMaterial { key, version, material_id, expired: true };
        let event = self.event(ServiceEvent::DeleteExpiredKeyMaterial(material_id), &key);
        Ok((key, self.orders.change(permitted, change, event, Vec::new()).await?))
    }

    fn event(&self, event: ServiceEvent, key: &KeyArn) -> AuditRecord {
        let now = self.clock.now();
        event.record(key, EventId::new(now, uuid::Uuid::new_v4().into_bytes()), now)
    }
}

fn claimed(key: Option<trent_bus::messages::KeyRecord>) -> Result<KeyRecord, JobError> {
    Ok(key.ok_or_else(|| JobError::Malformed("no key".into()))?.try_into()?)
}

#[cfg(test)]
mod tests;

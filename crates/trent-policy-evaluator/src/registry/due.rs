//! Work whose time has come, for the lifecycle role: claimed so that nobody else gets it, with the
//! Permits to do it.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use trent_bus::messages::claim_due_answer::Outcome;
use trent_bus::messages::{
    self, ClaimDueAnswer, ClaimDueRequest, DueDeletion, DueExpiry, DueRotation, Rejection,
};
use trent_bus::{ClaimedResource, Claims, Order, Service, ServiceFuture, convert};
use trent_store::{Claimant, Due, DueKind};
use trent_types::{Caller, CallerKind, KeyRecord, Primitive, Primitives, RequestId, Timestamp};

use super::{Registry, fit};
use crate::core::Unavailable;

/// How much can be claimed at a time: no more than can be done before the Permits expire.
const CLAIM_MAX: u32 = 100;

/// The handler of claims. Only the lifecycle role can send to its subject.
pub(crate) struct DueWork(pub(crate) Arc<Registry>);

impl DueWork {
    async fn claim(&self, request: ClaimDueRequest) -> Result<messages::DueWork, Unavailable> {
        let core = &self.0.core;
        // Nothing is claimed that could not be permitted.
        core.may_decide()?;
        let (key_now, now) = (core.key_now(), core.clock.now());
        let claimant = Claimant {
            name: &request.claimant,
            now,
            until: now.plus_millis(request.claim_ms.into()),
            limit: request.limit.min(CLAIM_MAX),
        };
        let deletions = core.store.claim_due(DueKind::Deletion, key_now, claimant).await?;
        let rotations = core.store.claim_due(DueKind::Rotation, key_now, claimant).await?;
        let expiries = core.store.claim_due(DueKind::Expiry, key_now, claimant).await?;
        let until = core.may_decide()?.until;
        Ok(messages::DueWork {
            deletions: deletions.iter().map(|due| self.deletion(&due.key, until)).collect(),
            rotations: rotations.iter().map(|due| self.rotation(&due.key, until)).collect(),
            expiries: expiries.iter().filter_map(|due| self.expiry(due, until)).collect(),
            key_now_ms: key_now.as_millis(),
        })
    }

    fn deletion(&self, key: &KeyRecord, until: Timestamp) -> DueDeletion {
        let claims = self.claims(fit::DESTROY, key, until);
        DueDeletion {
            key: Some(key.into()),
            permit: self.0.core.mint(&claims),
            request_id: convert::bytes(claims.request_id.as_bytes()),
        }
    }

    /// The Permit serves the worker that makes the material, and the registry that takes it.
    fn rotation(&self, key: &KeyRecord, until: Timestamp) -> DueRotation {
        let claims = Claims {
            primitives: Primitives::only(Primitive::GenerateMaterial),
            domain_key_check: self.0.core.worker.domain_key_check(),
            ..self.claims(fit::ROTATE, key, until)
        };
        DueRotation {
            key: Some(key.into()),
            permit: self.0.core.mint(&claims),
            request_id: convert::bytes(claims.request_id.as_bytes()),
        }
    }

    fn expiry(&self, due: &Due, until: Timestamp) -> Option<DueExpiry> {
        let material = due.material?;
        let claims =
            Claims { material_ids: vec![material], ..self.claims(fit::EXPIRE, &due.key, until) };
        Some(DueExpiry {
            key: Some((&due.key).into()),
            material_id: convert::bytes(material.as_bytes()),
            permit: self.0.core.mint(&claims),
            request_id: convert::bytes(claims.request_id.as_bytes()),
        })
    }

    fn claims(&self, action: &str, key: &KeyRecord, until: Timestamp) -> Claims {
        Claims {
            request_id: RequestId::from_random(rand::random()),
            action: action.to_owned(),
            account: key.account,
            region: key.region,
            resource: ClaimedResource::Key(key.arn()),
            record_version: key.version,
            primitives: Primitives::NONE,
            material_ids: Vec::new(),
            context_digest: [0; 32],
            expires_at: until,
            // Nobody asked for it now: it is done in the name of the owner, by no access key.
            caller: Caller::new(key.account, String::new(), CallerKind::Root).into(),
            domain_key_check: Bytes::new(),
            key_now: None,
        }
    }
}

impl Service for DueWork {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            let request =
                ClaimDueRequest::decode(order.payload).map_err(|_| Rejection::Malformed)?;
            let outcome = match self.claim(request).await {
                Ok(due) => Outcome::Due(due),
                Err(Unavailable(reason)) => Outcome::Unavailable(reason),
            };
            Ok(ClaimDueAnswer { outcome: Some(outcome) }.encode_to_vec().into())
        })
    }
}

//! Work whose time has come, for the lifecycle role: claimed so that nobody else gets it, with the
//! Permits to do it.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use trent_bus::messages::claim_due_answer::Outcome;
use trent_bus::messages::{self, ClaimDueAnswer, ClaimDueRequest, DueDeletion, Rejection};
use trent_bus::{ClaimedResource, Claims, Order, Service, ServiceFuture};
use trent_types::{Caller, CallerKind, KeyRecord, Primitives, RequestId, Timestamp};

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
        let claimed_until = now.plus_millis(request.claim_ms.into());
        let limit = request.limit.min(CLAIM_MAX);
        let claimed = core
            .store
            .claim_due_deletions(&request.claimant, key_now, now, claimed_until, limit)
            .await?;
        let held = core.may_decide()?;
        let deletions = claimed.iter().map(|key| self.deletion(key, held.until)).collect();
        Ok(messages::DueWork {
            deletions,
            key_now_ms: key_now.as_millis(),
            rotations: Vec::new(),
            expiries: Vec::new(),
        })
    }

    fn deletion(&self, key: &KeyRecord, until: Timestamp) -> DueDeletion {
        let request_id = RequestId::from_random(rand::random());
        let claims = Claims {
            request_id,
            action: fit::DESTROY.to_owned(),
            account: key.account,
            region: key.region,
            resource: ClaimedResource::Key(key.arn()),
            record_version: key.version,
            primitives: Primitives::NONE,
            material_ids: Vec::new(),
            context_digest: [0; 32],
            expires_at: until,
            // Nobody asked for it now: it is done in the name of the owner, by no access key.
            caller: Caller {
                account: key.account,
                access_key_id: String::new(),
                kind: CallerKind::Root,
            },
            domain_key_check: Bytes::new(),
            key_now: None,
        };
        DueDeletion {
            key: Some(key.into()),
            permit: self.0.core.mint(&claims),
            request_id: Bytes::copy_from_slice(request_id.as_bytes()),
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

//! A change is answered when no evaluator decides by the old state any more.
//!
//! The changer forgets the old state itself, then tells every evaluator that may hold a lease, and
//! waits for each until it has acknowledged or [`WAIT`] has passed since the commit on the
//! changer's own clock. A lease that was asked for before the commit has run out by then, and one
//! that was asked for after it has brought the invalidation with it.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::join_all;
use prost::Message;
use tokio::time::Instant;
use trent_bus::messages::{self, Invalidate, Rejection, Unit};
use trent_bus::{Bus, Order, Service, ServiceFuture, Subject};
use trent_store::{Invalidation, LeaseHolder, RegistryStore};
use uuid::Uuid;

use crate::core::Core;
use crate::lease::WAIT;

/// The other evaluators.
pub(crate) struct Peers {
    pub(crate) store: Arc<dyn RegistryStore>,
    pub(crate) bus: Bus,
    /// `None` in the embedded form, where there are no others.
    pub(crate) own: Option<Uuid>,
}

impl Peers {
    /// Returns when no other evaluator decides by what was so before `committed`.
    pub(crate) async fn tell(&self, invalidations: &[Invalidation], committed: Instant) {
        let Some(own) = self.own else { return };
        if invalidations.is_empty() {
            return;
        }
        let deadline = committed + WAIT;
        let Ok(Ok(holders)) = tokio::time::timeout_at(deadline, self.store.lease_holders()).await
        else {
            // Whoever they are, their leases are over then.
            tracing::warn!("the lease holders are not known: waiting for their leases to run out");
            tokio::time::sleep_until(deadline).await;
            return;
        };
        let invalidations = invalidations.iter().map(to_message).collect();
        let payload: Bytes = Invalidate { invalidations }.encode_to_vec().into();
        let others = holders.into_iter().filter(|holder| holder.evaluator != own);
        join_all(others.map(|holder| self.tell_one(holder, payload.clone(), deadline))).await;
    }

    async fn tell_one(&self, holder: LeaseHolder, payload: Bytes, deadline: Instant) {
        let order = Order {
            deadline: deadline.saturating_duration_since(Instant::now()),
            traceparent: None,
            payload,
        };
        let acknowledged = self.bus.call(Subject::Invalidate(holder.evaluator), order);
        match tokio::time::timeout_at(deadline, acknowledged).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::warn!(evaluator = %holder.evaluator, %error, "no acknowledgement");
                tokio::time::sleep_until(deadline).await;
                self.forget(holder).await;
            }
            Err(_) => {
                tracing::warn!(evaluator = %holder.evaluator, "no acknowledgement in time");
                self.forget(holder).await;
            }
        }
    }

    /// The store forgets it only if it has not renewed since it was listed, so a living one is told
    /// again next time.
    async fn forget(&self, holder: LeaseHolder) {
        let forgetting = self.store.forget_lease_holder(holder);
        match tokio::time::timeout(WAIT, forgetting).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "a dead lease holder was not forgotten"),
            Err(_) => tracing::warn!("a dead lease holder was not forgotten in time"),
        }
    }
}

/// The handler of invalidations from other evaluators.
pub(crate) struct Invalidated(pub(crate) Arc<Core>);

impl Service for Invalidated {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        Box::pin(async move {
            let told = Invalidate::decode(order.payload).map_err(|_| Rejection::Malformed)?;
            let named: Option<Vec<_>> = told.invalidations.into_iter().map(from_message).collect();
            // From a newer evaluator that knows more kinds of things: forgetting everything covers
            // them.
            let named = named.unwrap_or_else(|| vec![Invalidation::Everything]);
            self.0.cache.invalidate(&named);
            if named.contains(&Invalidation::Everything)
                && let Err(error) = self.0.standing.reload().await
            {
                // Not acknowledged: the lease runs out, or its renewal reads it again.
                tracing::warn!(%error, "what an operator has changed was not read");
                return Err(Rejection::Unavailable);
            }
            Ok(Unit {}.encode_to_vec().into())
        })
    }
}

fn to_message(invalidation: &Invalidation) -> messages::Invalidation {
    use messages::invalidation::Subject as Stale;
    let subject = match invalidation {
        // An invalidation without a subject stands for everything, and so does one of an unknown
        // kind.
        Invalidation::Everything => return messages::Invalidation { subject: None },
        Invalidation::Key(arn) => Stale::Key((*arn).into()),
        Invalidation::Alias(arn) => Stale::Alias(arn.into()),
        Invalidation::AccessKey(id) => Stale::AccessKeyId(id.clone()),
        Invalidation::Identities(account) => Stale::Identities(account.as_str().to_owned()),
        Invalidation::Grants(arn) => Stale::Grants((*arn).into()),
    };
    messages::Invalidation { subject: Some(subject) }
}

fn from_message(message: messages::Invalidation) -> Option<Invalidation> {
    use messages::invalidation::Subject as Stale;
    Some(match message.subject? {
        Stale::Key(arn) => Invalidation::Key(arn.try_into().ok()?),
        Stale::Alias(arn) => Invalidation::Alias(arn.try_into().ok()?),
        Stale::AccessKeyId(id) => Invalidation::AccessKey(id),
        Stale::Identities(account) => Invalidation::Identities(account.parse().ok()?),
        Stale::Grants(arn) => Invalidation::Grants(arn.try_into().ok()?),
    })
}

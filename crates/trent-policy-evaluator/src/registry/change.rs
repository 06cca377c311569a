//! Changes: checked against their Permits, committed with their record, and answered when nobody
//! sees the old state.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use prost::Message;
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use trent_bus::messages::change_answer::Outcome;
use trent_bus::messages::{self, ChangeAnswer, ChangeRequest, Rejection, Unit};
use trent_bus::{Claims, InvalidField, Order, Service, ServiceFuture, convert};
use trent_store::{Committed, Invalidation};
use trent_types::{
    AliasArn, AuditRecord, Change, ChangeRefused, Grant, IdentityChange, KeyArn, KeyId, Region,
    RequestId, Timestamp,
};

use super::{Registry, fit, policies};
use crate::core::{Core, Unavailable, traced};

/// How many records may wait for the trail before changes are refused.
const WAITING_MAX: u64 = 10_000;

/// No change needs more: UpdateAlias needs three.
const PERMITS_MAX: usize = 8;

/// The handler of changes.
pub(crate) struct Changes(pub(crate) Arc<Registry>);

/// Why a change was not made, as far as is known.
pub(crate) enum ChangeFault {
    Refused(ChangeRefused),
    Unavailable(Unavailable),
}

impl From<ChangeRefused> for ChangeFault {
    fn from(refused: ChangeRefused) -> Self {
        Self::Refused(refused)
    }
}

impl<E: Into<Unavailable>> From<E> for ChangeFault {
    fn from(error: E) -> Self {
        Self::Unavailable(error.into())
    }
}

impl Changes {
    /// Makes a change, if its Permits allow exactly that.
    pub(crate) async fn change(&self, request: ChangeRequest) -> Result<(), ChangeFault> {
        let (id, change, records) = decode(&request).map_err(|field| not_permitted(&field))?;
        let attempt = attempt(id, &request.attempt);
        let now = self.0.core.clock.now();
        let permits = match self.verify_at(now, &request, id) {
            Ok(permits) => permits,
            Err(_) if !request.attempt.is_empty() && self.were_good(&request, id) => {
                return self.settle(attempt, &change).await;
            }
            Err(reason) => return Err(not_permitted(&reason)),
        };
        let main = fit::check(&change, &permits, &records).map_err(|why| not_permitted(&why))?;
        if fit::too_soon(&change, self.0.core.key_now()) {
            return Err(not_permitted(&"the waiting period is too short"));
        }
        let change = policies::check(&self.0.core, change, main).await?;
        if self.0.waiting.load(Ordering::Relaxed) >= WAITING_MAX {
            let full = "too many records wait for the audit trail".to_owned();
            return Err(ChangeFault::Unavailable(Unavailable(full)));
        }
        // From here on the work is a task of its own: whoever gives the order up cannot stop it
        // between the commit and the end of the old state.
        let work = commit(Arc::clone(&self.0), attempt, change, records);
        match tokio::spawn(work).await {
            Ok(outcome) => outcome,
            Err(error) => Err(ChangeFault::Unavailable(Unavailable(error.to_string()))),
        }
    }

    /// The Permits have run out before the change was answered, so nothing may be changed by them
    /// now. It may have been before: then that is the answer. If not, it is given up, wherever its
    /// order may still be under way, and the request can be authorized anew.
    async fn settle(&self, attempt: RequestId, change: &Change) -> Result<(), ChangeFault> {
        let Registry { core, peers, .. } = &*self.0;
        let made = core.store.give_up(attempt, core.clock.now()).await?;
        let stale = stale(core, change);
        core.cache.invalidate(&stale);
        if !made {
            return Err(ChangeRefused::Conflict.into());
        }
        peers.tell(&stale, Instant::now()).await;
        Ok(())
    }

    /// Whether the Permits are genuine and this request's, be they fresh or not.
    fn were_good(&self, request: &ChangeRequest, id: RequestId) -> bool {
        self.verify_at(Timestamp::default(), request, id).is_ok()
    }

    fn verify_at(
        &self,
        moment: Timestamp,
        request: &ChangeRequest,
        id: RequestId,
    ) -> Result<Vec<Claims>, &'static str> {
        if request.permits.len() > PERMITS_MAX {
            return Err("too many Permits");
        }
        let permits: Vec<_> = request
            .permits
            .iter()
            .map(|permit| self.0.verify_at(moment, permit, id))
            .collect::<Result<_, _>>()?;
        let [first, rest @ ..] = permits.as_slice() else { return Err("a Permit is missing") };
        if rest.iter().any(|claims| claims.caller != first.caller) {
            return Err("the Permits are of different callers");
        }
        Ok(permits)
    }
}

/// Commits a change and returns when no evaluator decides by the old state.
async fn commit(
    registry: Arc<Registry>,
    id: RequestId,
    change: Change,
    records: Vec<AuditRecord>,
) -> Result<(), ChangeFault> {
    let stale = stale(&registry.core, &change);
    let outcome = registry.core.store.commit(id, &change, &records, registry.core.key_now()).await;
    // Whatever the outcome: a failure may hide a commit, and a conflict says that something here is
    // old.
    registry.core.cache.invalidate(&stale);
    match outcome? {
        Committed::Now => {
            for record in &records {
                registry.traces.note(record);
            }
            registry.waiting.fetch_add(records.len() as u64, Ordering::Relaxed);
            registry.committed.notify_one();
        }
        // The first try may have ended before everybody knew.
        Committed::Before => {}
        Committed::Refused(refused) => return Err(refused.into()),
    }
    registry.peers.tell(&stale, Instant::now()).await;
    Ok(())
}

/// The id under which the store knows an attempt: no other request's attempts can be meant.
fn attempt(request: RequestId, attempt: &[u8]) -> RequestId {
    if attempt.is_empty() {
        return request;
    }
    let hash = Sha256::new().chain_update(request.as_bytes()).chain_update(attempt).finalize();
    let mut id = [0; 16];
    id.iter_mut().zip(hash).for_each(|(place, byte)| *place = byte);
    RequestId::from_bytes(id)
}

/// What a change makes stale. An id that is new was nowhere remembered. Related keys show each
/// other, so a multi-Region key is stale in every Region, whichever of them has one.
fn stale(core: &Core, change: &Change) -> Vec<Invalidation> {
    let key = |arn: &KeyArn| {
        if !arn.key_id.is_multi_region() {
            return vec![Invalidation::Key(*arn)];
        }
        let here = |region: &Region| Invalidation::Key(KeyArn { region: *region, ..*arn });
        core.regions.iter().map(here).collect()
    };
    match change {
        Change::CreateKey { .. } | Change::SeedKey { .. } => Vec::new(),
        // The name may have stood for another key a moment ago, and whoever took it away may still
        // be waiting for everybody to know.
        Change::CreateAlias(alias) => {
            vec![Invalidation::Alias(alias.arn()), named_key(&alias.arn(), alias.target)]
        }
        Change::UpdateKey { key: arn, .. }
        | Change::PutKeyPolicy { key: arn, .. }
        | Change::TagKey { key: arn, .. }
        | Change::UntagKey { key: arn, .. }
        | Change::DestroyKey { key: arn, .. }
        | Change::RotateKey { key: arn, .. }
        | Change::ImportMaterial { key: arn, .. }
        | Change::DeleteMaterial { key: arn, .. }
        | Change::ReplicateKey { primary: arn, .. }
        | Change::UpdatePrimaryRegion { key: arn, .. } => key(arn),
        // Nobody remembers that somebody has no grant any longer than until there is one.
        Change::RemoveGrant { key: arn, .. } | Change::CreateGrant(Grant { key: arn, .. }) => {
            vec![Invalidation::Grants(*arn)]
        }
        Change::UpdateAlias { alias, from, to, .. } => {
            vec![Invalidation::Alias(alias.clone()), named_key(alias, *from), named_key(alias, *to)]
        }
        Change::DeleteAlias { alias, from } => {
            vec![Invalidation::Alias(alias.clone()), named_key(alias, *from)]
        }
        Change::Identity(change) => {
            let mut stale = vec![Invalidation::Identities(change.account())];
            stale.extend(access_key(change).map(Invalidation::AccessKey));
            stale
        }
    }
}

/// A key knows the names of its aliases.
const fn named_key(alias: &AliasArn, key_id: KeyId) -> Invalidation {
    Invalidation::Key(KeyArn { region: alias.region, account: alias.account, key_id })
}

/// The access key that a change is about.
fn access_key(change: &IdentityChange) -> Option<String> {
    match change {
        IdentityChange::CreateAccessKey { access_key, .. } => {
            Some(access_key.access_key_id.clone())
        }
        IdentityChange::UpdateAccessKey { access_key_id, .. }
        | IdentityChange::DeleteAccessKey { access_key_id, .. } => Some(access_key_id.clone()),
        IdentityChange::CreateUser { .. }
        | IdentityChange::CreateGroup(_)
        | IdentityChange::CreateRole { .. }
        | IdentityChange::CreatePolicy { .. }
        | IdentityChange::Rename { .. }
        | IdentityChange::UpdateRole { .. }
        | IdentityChange::SetTrustPolicy { .. }
        | IdentityChange::SetBoundary { .. }
        | IdentityChange::Delete(_)
        | IdentityChange::Tag { .. }
        | IdentityChange::Untag { .. }
        | IdentityChange::PutInlinePolicy { .. }
        | IdentityChange::DeleteInlinePolicy { .. }
        | IdentityChange::Attach { .. }
        | IdentityChange::Detach { .. }
        | IdentityChange::AddToGroup { .. }
        | IdentityChange::RemoveFromGroup { .. }
        | IdentityChange::CreatePolicyVersion { .. }
        | IdentityChange::DeletePolicyVersion { .. }
        | IdentityChange::SetDefaultPolicyVersion { .. } => None,
    }
}

fn decode(request: &ChangeRequest) -> Result<(RequestId, Change, Vec<AuditRecord>), InvalidField> {
    let id = convert::request_id(&request.request_id, "request_id")?;
    let change = convert::required(request.change.clone(), "change")?.try_into()?;
    let mut records = vec![convert::required(request.record.clone(), "record")?.try_into()?];
    for event in &request.events {
        records.push(event.clone().try_into()?);
    }
    Ok((id, change, records))
}

fn not_permitted(why: &dyn std::fmt::Display) -> ChangeFault {
    ChangeRefused::NotPermitted(why.to_string()).into()
}

impl Service for Changes {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        traced("change", order.traceparent, async move {
            let request = ChangeRequest::decode(order.payload).map_err(|_| Rejection::Malformed)?;
            let id = convert::request_id(&request.request_id, "request_id").ok();
            let meters = &self.0.changes;
            let outcome = match self.change(request).await {
                Ok(()) => {
                    meters.committed.increment(1);
                    Outcome::Committed(Unit {})
                }
                Err(ChangeFault::Refused(refused)) => {
                    meters.refused.increment(1);
                    tracing::debug!(request_id = ?id, %refused, "a change was refused");
                    Outcome::Refused(messages::ChangeRefused::from(refused))
                }
                Err(ChangeFault::Unavailable(Unavailable(reason))) => {
                    meters.unavailable.increment(1);
                    tracing::warn!(request_id = ?id, %reason, "a change was not made");
                    Outcome::Unavailable(reason)
                }
            };
            Ok(ChangeAnswer { outcome: Some(outcome) }.encode_to_vec().into())
        })
    }
}

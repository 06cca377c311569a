//! What Authorize and the registry share: the store behind the cache, the lease, the workers and
//! the Permit keys.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use trent_bus::messages::Rejection;
use trent_bus::{Claims, PermitKeys, Step};
use trent_store::{RegistryStore, StoreError};
use trent_types::{
    AccountId, AliasArn, AliasRecord, Clock, KeyArn, KeyId, LastUsage, Region, Timestamp,
    TraceParent,
};
use uuid::Uuid;

use crate::cache::{Cache, CachedAccessKey, CachedKey};
use crate::lease::{Held, Lease};
use crate::standing::Standing;
use crate::worker::{Worker, WorkerFault};

/// Works on an order, as a step of the trace that it belongs to.
pub(crate) fn traced<'a, T: 'a>(
    name: &'static str,
    trace: Option<TraceParent>,
    work: impl Future<Output = Result<T, Rejection>> + Send + 'a,
) -> Pin<Box<dyn Future<Output = Result<T, Rejection>> + Send + 'a>> {
    let Some(parent) = trace else { return Box::pin(work) };
    let step = Step::work("policy", name, parent);
    Box::pin(async move {
        let answer = step.follow(work).await;
        if let Err(rejection) = &answer {
            step.failed(rejection.as_str_name());
        }
        answer
    })
}

/// Nothing was decided or done; the text is for logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Unavailable(pub(crate) String);

impl From<StoreError> for Unavailable {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

/// The shared state of one evaluator.
pub(crate) struct Core {
    pub(crate) evaluator: Uuid,
    pub(crate) store: Arc<dyn RegistryStore>,
    pub(crate) cache: Arc<Cache>,
    pub(crate) lease: Arc<Lease>,
    pub(crate) standing: Arc<Standing>,
    pub(crate) worker: Worker,
    pub(crate) permit_keys: Arc<PermitKeys>,
    pub(crate) clock: Arc<dyn Clock>,
    /// The account whose root user this deployment was set up with.
    pub(crate) account: AccountId,
    /// The Regions that are served.
    pub(crate) regions: HashSet<Region>,
    /// When this deployment began to track the use of keys.
    pub(crate) tracking_start: Timestamp,
    /// Set when this evaluator must not decide whatever its lease says, with the reason.
    pub(crate) barred: OnceLock<&'static str>,
}

impl Core {
    /// The lease, if this evaluator may decide now.
    pub(crate) fn may_decide(&self) -> Result<Held, Unavailable> {
        if let Some(reason) = self.barred.get() {
            return Err(Unavailable((*reason).to_owned()));
        }
        let no_lease = || Unavailable("this evaluator holds no lease".to_owned());
        self.lease.check(self.clock.as_ref()).ok_or_else(no_lease)
    }

    /// Whether the lease has held ever since.
    pub(crate) fn may_still(&self, held: Held) -> Result<(), Unavailable> {
        if self.lease.still(held) {
            Ok(())
        } else {
            Err(Unavailable("the lease ran out while deciding".to_owned()))
        }
    }

    /// The key clock.
    pub(crate) fn key_now(&self) -> Timestamp {
        self.standing.key_now(self.clock.as_ref())
    }

    /// A key by its id, whatever its account.
    pub(crate) async fn key(
        &self,
        region: Region,
        id: KeyId,
    ) -> Result<Option<Arc<CachedKey>>, Unavailable> {
        if let Some(known) = self.cache.key(region, id) {
            return Ok(Some(known));
        }
        let began = self.cache.begin();
        let found = self.store.key(region, id).await?;
        Ok(found.map(|stored| self.cache.fill_key(began, stored)))
    }

    /// The last use of a key, as far as the audit trail has told of it.
    pub(crate) async fn last_usage(&self, key: &KeyArn) -> Result<LastUsage, Unavailable> {
        let used = self.store.last_usage(key.region, key.key_id).await?;
        Ok(LastUsage { tracking_start: self.tracking_start, used })
    }

    /// An alias.
    pub(crate) async fn alias(
        &self,
        arn: &AliasArn,
    ) -> Result<Option<Arc<AliasRecord>>, Unavailable> {
        if let Some(known) = self.cache.alias(arn) {
            return Ok(Some(known));
        }
        let began = self.cache.begin();
        let found = self.store.alias(arn).await?;
        Ok(found.map(|record| self.cache.fill_alias(began, record)))
    }

    /// An access key with its secret opened.
    pub(crate) async fn access_key(
        &self,
        id: &str,
        until: Timestamp,
    ) -> Result<Option<Arc<CachedAccessKey>>, Unavailable> {
        if let Some(known) = self.cache.access_key(id) {
            return Ok(Some(known));
        }
        let Ok(place) = self.cache.searches.acquire().await else {
            // Cannot happen: nobody closes it.
            return Err(Unavailable("no access keys can be searched for".to_owned()));
        };
        // Whoever was here before may have searched for the same one.
        if let Some(known) = self.cache.access_key(id) {
            return Ok(Some(known));
        }
        let began = self.cache.begin();
        let found = self.store.access_key(id).await?;
        drop(place);
        let Some(stored) = found else { return Ok(None) };
        if stored.access_key.user_name.is_some() != stored.user.is_some() {
            // A user's key without its user must never pass for root's.
            return Ok(None);
        }
        let account = stored.access_key.account;
        let opened = self.worker.open_secret(account, id, &stored.sealed_secret, until).await;
        match opened {
            Ok(secret) => Ok(Some(self.cache.fill_access_key(began, stored, secret))),
            Err(
                fault @ (WorkerFault::Away(_)
                | WorkerFault::Refused(_)
                | WorkerFault::Unusable
                | WorkerFault::InvalidMaterial),
            ) => Err(Unavailable(format!("the secret of {id} could not be opened: {fault}"))),
        }
    }

    /// Makes a Permit, as it travels.
    pub(crate) fn mint(&self, claims: &Claims) -> Bytes {
        self.permit_keys.mint_wire(claims).into()
    }
}

//! What Authorize and the registry share: the store behind the cache, the lease, the workers and
//! the Permit keys.

use std::collections::HashSet;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use trent_bus::messages::Rejection;
use trent_bus::{Claims, PermitKeys, Step};
use trent_store::{AccessKeyOwner, RegistryStore, StoreError};
use trent_types::{
    AccountId, AliasArn, AliasRecord, Clock, Entity, EntityKind, KeyArn, KeyId, LastUsage, Permit,
    Region, Timestamp, TraceParent,
};
use uuid::Uuid;

use crate::TokenKeys;
use crate::arns::entity_of_arn;
use crate::cache::{self, Cache, CachedAccessKey, CachedKey, CachedPrincipal};
use crate::explain::Explanations;
use crate::key_uses::KeyUses;
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
    /// Makes Permits for the audit loggers.
    pub(crate) trail_keys: Arc<PermitKeys>,
    /// Seals and opens session tokens.
    pub(crate) token_keys: Option<Arc<TokenKeys>>,
    /// Why requests were denied, on the way to the store.
    pub(crate) explanations: Explanations,
    /// When access keys were used, on the way to the store.
    pub(crate) key_uses: KeyUses,
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
        let is_users = matches!(stored.owner, AccessKeyOwner::User(_));
        if stored.access_key.user_name.is_some() != is_users {
            // A user's key without its user must never pass for root's.
            return Ok(None);
        }
        let account = stored.access_key.account;
        // On the heap, so that the futures of requests stay small.
        let opening = self.worker.open_secret(account, id, &stored.sealed_secret, until);
        let opened = Box::pin(opening).await;
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

    /// A user or role with its policies, by its name without regard to case.
    pub(crate) async fn principal(
        &self,
        account: AccountId,
        kind: EntityKind,
        name: &str,
    ) -> Result<Option<Arc<CachedPrincipal>>, Unavailable> {
        if let Some(known) = self.cache.principal(account, kind, name) {
            return Ok(Some(known));
        }
        let began = self.cache.begin();
        let entity = Entity { account, kind, name: name.to_owned() };
        let found = self.store.principal(&entity).await?;
        Ok(found.map(|stored| self.cache.fill_principal(began, stored)))
    }

    /// The same as it is in the store now: what is decided about a change of policies holds whether
    /// this evaluator has a lease or not.
    pub(crate) async fn principal_now(
        &self,
        entity: &Entity,
    ) -> Result<Option<Arc<CachedPrincipal>>, Unavailable> {
        let found = self.store.principal(entity).await?;
        Ok(found.map(|stored| self.cache.compiled(stored)))
    }

    /// The document in force of a managed policy, AWS's own or one of this account.
    pub(crate) async fn managed_policy(
        &self,
        account: AccountId,
        arn: &str,
    ) -> Result<Option<String>, Unavailable> {
        if let Some(document) = cache::aws_managed(arn) {
            return Ok(Some(document.to_owned()));
        }
        let Some(named) = entity_of_arn(arn) else { return Ok(None) };
        if named.entity.kind != EntityKind::Policy || named.entity.account != account {
            return Ok(None);
        }
        let Some(view) = self.store.identity(&named.entity).await? else { return Ok(None) };
        let trent_types::EntityRecord::Policy(policy) = &view.record else { return Ok(None) };
        if view.record.path() != named.path || policy.name != named.entity.name {
            return Ok(None);
        }
        let in_force = policy.default_version;
        let mut versions = view.versions.into_iter();
        let found = versions.find(|version| version.number == in_force);
        Ok(found.map(|version| version.document))
    }

    /// Makes the Permit of a question, with the keys of who checks it: what is asked of the trail,
    /// the audit loggers; everything else, workers and registry.
    pub(crate) fn mint_asked(&self, claims: Claims) -> Permit {
        match claims.action.split_once(':') {
            Some(("cloudtrail" | "trent", _)) => self.trail_keys.mint(claims),
            _ => self.permit_keys.mint(claims),
        }
    }

    /// Makes a Permit, as it travels.
    pub(crate) fn mint(&self, claims: &Claims) -> Bytes {
        self.permit_keys.mint_wire(claims).into()
    }
}

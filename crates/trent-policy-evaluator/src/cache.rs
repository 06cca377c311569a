//! What the evaluator remembers: keys, aliases, access keys with their opened secrets, users and
//! roles with their policies, grants, and decisions.
//!
//! What is found in the store is put in only if nothing was invalidated since the search began, so
//! that an old state cannot come in after its invalidation. What is not in the store is not
//! remembered, so that what is made needs no invalidation; only that somebody has no grant is, and
//! making one invalidates it. A decision is remembered for one load of
//! an access key, one of its user or role, and one of a key: when one of them is loaded again, it
//! has a new serial number, and the old decision is never found again.

mod access_keys;
mod decisions;
mod grants;
mod look_ups;
mod principals;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use quick_cache::Weighter;
use quick_cache::sync::Cache as QuickCache;
use tokio::sync::Semaphore;
use trent_policy::{Policy, PolicyError, PolicyKind};
use trent_store::{Invalidation, StoredAccessKey, StoredKey, StoredPrincipal};
use trent_types::{
    AccountId, AliasArn, AliasRecord, Caller, EntityKind, Grant, KeyArn, KeyId, KeyRecord, Region,
    SealedMaterial, SecretBytes,
};

pub(crate) use access_keys::{CachedAccessKey, OpenedSession};
pub(crate) use decisions::CallerSerial;
use decisions::Decisions;
use grants::Grants;
pub(crate) use grants::Place;
use look_ups::{Counters, LookUps};
use principals::Principals;
pub(crate) use principals::{CachedPrincipal, HeldPolicy};

/// Keys that are remembered; with a policy of a few kilobytes each, tens of megabytes at most.
const KEYS: usize = 4_096;
/// Aliases that are remembered.
const ALIASES: usize = 8_192;
/// Access keys that are remembered.
const ACCESS_KEYS: usize = 4_096;
/// Temporary credentials that are remembered.
const SESSIONS: usize = 16_384;
/// The text of their session policies and tags, in bytes.
const SESSION_TEXT: u64 = 16 * 1024 * 1024;
/// Access keys that are searched for at a time; half of the connections that a store has by
/// default.
const SEARCHES: usize = 4;

/// A key as it was loaded, its policy compiled.
pub(crate) struct CachedKey {
    /// Names this load.
    pub(crate) serial: u64,
    /// What the store holds, but for the materials.
    pub(crate) stored: StoredKey,
    /// The compiled policy. A policy that does not compile allows nothing; none was ever stored.
    pub(crate) policy: Result<Policy, PolicyError>,
    /// The record of `stored`, as answers share it.
    pub(crate) record: Arc<KeyRecord>,
    /// The materials that are there, oldest first, as answers share them.
    pub(crate) materials: Vec<Arc<SealedMaterial>>,
}

/// Everything that is remembered. See the module's text for why nothing stale stays.
pub(crate) struct Cache {
    keys: QuickCache<(Region, KeyId), Arc<CachedKey>>,
    aliases: QuickCache<AliasArn, Arc<AliasRecord>>,
    access_keys: QuickCache<Box<str>, Arc<CachedAccessKey>>,
    sessions: QuickCache<Box<str>, Arc<CachedAccessKey>, BySession>,
    principals: Principals,
    decisions: Decisions,
    grants: Grants,
    /// Counts invalidations. Written while things are removed, read while one is put in.
    generation: RwLock<u64>,
    serial: AtomicU64,
    counters: Counters,
    /// Places for searching the store for access keys that are not remembered. Anybody can name
    /// such keys without end; renewals of the lease and changes need the store's connections too.
    pub(crate) searches: Semaphore,
}

/// When a search of the store began; see [`Cache::begin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Generation(u64);

impl Cache {
    /// An empty cache.
    pub(crate) fn new() -> Self {
        Self {
            keys: QuickCache::new(KEYS),
            aliases: QuickCache::new(ALIASES),
            access_keys: QuickCache::new(ACCESS_KEYS),
            sessions: QuickCache::with_weighter(SESSIONS, SESSION_TEXT, BySession),
            principals: Principals::new(),
            decisions: Decisions::new(),
            grants: Grants::new(),
            generation: RwLock::new(0),
            // 0 stands for nothing.
            serial: AtomicU64::new(1),
            searches: Semaphore::new(SEARCHES),
            counters: Counters {
                keys: LookUps::of("keys"),
                aliases: LookUps::of("aliases"),
                access_keys: LookUps::of("access_keys"),
                sessions: LookUps::of("sessions"),
                principals: LookUps::of("principals"),
                decisions: LookUps::of("decisions"),
                grants: LookUps::of("grants"),
            },
        }
    }

    /// To be called before the store is searched, and given back with what was found.
    pub(crate) fn begin(&self) -> Generation {
        Generation(*self.generation.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key with this id in this Region.
    pub(crate) fn key(&self, region: Region, id: KeyId) -> Option<Arc<CachedKey>> {
        self.counters.keys.counted(self.keys.get(&(region, id)))
    }

    /// Takes a key from the store.
    pub(crate) fn fill_key(&self, began: Generation, mut stored: StoredKey) -> Arc<CachedKey> {
        let materials = std::mem::take(&mut stored.materials);
        let key = Arc::new(CachedKey {
            serial: self.next_serial(),
            policy: Policy::parse(&stored.policy, PolicyKind::KeyPolicy),
            record: Arc::new(stored.record.clone()),
            materials: materials.into_iter().map(Arc::new).collect(),
            stored,
        });
        let place = (key.stored.record.region, key.stored.record.key_id);
        self.insert(began, || self.keys.insert(place, Arc::clone(&key)));
        key
    }

    /// An alias.
    pub(crate) fn alias(&self, arn: &AliasArn) -> Option<Arc<AliasRecord>> {
        self.counters.aliases.counted(self.aliases.get(arn))
    }

    /// Takes an alias from the store.
    pub(crate) fn fill_alias(&self, began: Generation, record: AliasRecord) -> Arc<AliasRecord> {
        let record = Arc::new(record);
        self.insert(began, || self.aliases.insert(record.arn(), Arc::clone(&record)));
        record
    }

    /// An access key by its id.
    pub(crate) fn access_key(&self, id: &str) -> Option<Arc<CachedAccessKey>> {
        self.counters.access_keys.counted(self.access_keys.get(id))
    }

    /// Takes an access key from the store, its secret opened by a worker.
    pub(crate) fn fill_access_key(
        &self,
        began: Generation,
        stored: StoredAccessKey,
        secret: SecretBytes,
    ) -> Arc<CachedAccessKey> {
        let id: Box<str> = stored.access_key.access_key_id.as_str().into();
        let key = Arc::new(CachedAccessKey::long_term(self.next_serial(), stored, secret));
        self.insert(began, || self.access_keys.insert(id, Arc::clone(&key)));
        key
    }

    /// Temporary credentials by their access key id. They count only with their token.
    pub(crate) fn session(&self, id: &str) -> Option<Arc<CachedAccessKey>> {
        self.counters.sessions.counted(self.sessions.get(id))
    }

    /// Takes temporary credentials from their token.
    pub(crate) fn fill_session(
        &self,
        began: Generation,
        caller: Caller,
        secret: SecretBytes,
        session: OpenedSession,
    ) -> Arc<CachedAccessKey> {
        let id: Box<str> = caller.access_key_id.as_str().into();
        let key = CachedAccessKey::temporary(self.next_serial(), caller, secret, session);
        let key = Arc::new(key);
        self.insert(began, || self.sessions.insert(id, Arc::clone(&key)));
        key
    }

    /// A user or role, by its name without regard to case.
    pub(crate) fn principal(
        &self,
        account: AccountId,
        kind: EntityKind,
        name: &str,
    ) -> Option<Arc<CachedPrincipal>> {
        self.counters.principals.counted(self.principals.get(account, kind, name))
    }

    /// A user or role from the store, which is not remembered.
    pub(crate) fn compiled(&self, stored: StoredPrincipal) -> Arc<CachedPrincipal> {
        Principals::compile(self.next_serial(), stored)
    }

    /// Takes a user or role from the store.
    pub(crate) fn fill_principal(
        &self,
        began: Generation,
        stored: StoredPrincipal,
    ) -> Arc<CachedPrincipal> {
        let principal = Principals::compile(self.next_serial(), stored);
        self.insert(began, || self.principals.insert(&principal));
        principal
    }

    /// A caller's grants on a key, as far as they are remembered.
    pub(crate) fn grants(&self, caller: CallerSerial, key: &KeyArn) -> Option<Arc<[Grant]>> {
        self.counters.grants.counted(self.grants.get(caller, key))
    }

    /// Where a caller's grants on a key belong; to be asked for after [`Self::begin`].
    pub(crate) fn grants_place(&self, caller: CallerSerial, key: &KeyArn) -> Place {
        self.grants.place(caller, key)
    }

    /// Takes a caller's grants on a key from the store; there may be none.
    pub(crate) fn fill_grants(
        &self,
        began: Generation,
        place: Place,
        found: Arc<[Grant]>,
    ) -> Arc<[Grant]> {
        self.insert(began, || self.grants.insert(place, Arc::clone(&found)));
        found
    }

    /// Whether this caller was allowed this action on this key, whatever the conditions.
    pub(crate) fn allowed(&self, caller: CallerSerial, key: &CachedKey, action: &str) -> bool {
        let known = self.decisions.get(caller, key.serial, action);
        self.counters.decisions.counted(known).is_some()
    }

    /// Remembers that this caller is allowed this action on this key, whatever the conditions.
    pub(crate) fn remember_allowed(&self, caller: CallerSerial, key: &CachedKey, action: &str) {
        self.decisions.insert(caller, key.serial, action);
    }

    /// Forgets what these invalidations name.
    pub(crate) fn invalidate(&self, invalidations: &[Invalidation]) {
        if invalidations.is_empty() {
            return;
        }
        let mut generation = self.generation.write().unwrap_or_else(PoisonError::into_inner);
        *generation += 1;
        for invalidation in invalidations {
            match invalidation {
                Invalidation::Key(arn) => {
                    self.keys.remove(&(arn.region, arn.key_id));
                    self.grants.forget(arn);
                    // A destroyed key takes its aliases with it, and their names may be used again.
                    self.aliases.retain(|alias, record| {
                        record.target != arn.key_id || alias.region != arn.region
                    });
                }
                Invalidation::Alias(arn) => {
                    self.aliases.remove(arn);
                }
                Invalidation::Grants(arn) => self.grants.forget(arn),
                Invalidation::Everything => self.remove_all(),
                Invalidation::AccessKey(id) => {
                    self.access_keys.remove(id.as_str());
                }
                Invalidation::Identities(account) => {
                    self.principals.forget(*account);
                    // They carry names and paths, and session policies that may be managed ones.
                    self.access_keys.retain(|_, key| !key.names_identity_of(*account));
                    self.sessions.retain(|_, key| key.caller.account != *account);
                }
            }
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        let mut generation = self.generation.write().unwrap_or_else(PoisonError::into_inner);
        *generation += 1;
        self.remove_all();
    }

    /// To be called with the generation locked.
    fn remove_all(&self) {
        self.keys.clear();
        self.aliases.clear();
        self.access_keys.clear();
        self.sessions.clear();
        self.principals.clear();
        self.decisions.clear();
        self.grants.clear();
    }

    /// Puts something in unless something was invalidated since the search for it began.
    fn insert(&self, began: Generation, put: impl FnOnce()) {
        let generation = self.generation.read().unwrap_or_else(PoisonError::into_inner);
        if *generation == began.0 {
            put();
        }
    }

    fn next_serial(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }

    /// What the remembered users and roles weigh.
    #[cfg(test)]
    pub(crate) fn principals_weight(&self) -> u64 {
        self.principals.weight()
    }

    /// Says in the metrics how much is remembered.
    pub(crate) fn show_sizes(&self) {
        self.counters.keys.entries.set(self.keys.len() as f64);
        self.counters.aliases.entries.set(self.aliases.len() as f64);
        self.counters.access_keys.entries.set(self.access_keys.len() as f64);
        self.counters.sessions.entries.set(self.sessions.len() as f64);
        self.counters.principals.entries.set(self.principals.len() as f64);
        self.counters.decisions.entries.set(self.decisions.len() as f64);
        self.counters.grants.entries.set(self.grants.len() as f64);
    }
}

/// Temporary credentials weigh what their session policies and tags take.
#[derive(Clone)]
struct BySession;

impl Weighter<Box<str>, Arc<CachedAccessKey>> for BySession {
    fn weight(&self, _: &Box<str>, key: &Arc<CachedAccessKey>) -> u64 {
        let policies = key.session.iter().flat_map(|session| &session.policies);
        let tags = key.caller.session.iter().flat_map(|session| &session.tags);
        let policies: usize = policies.map(|policy| policy.bytes).sum();
        let tags: usize = tags.map(|tag| tag.key.len() + tag.value.len()).sum();
        // Cannot be cut short: no machine has more than 64 bits of memory addresses.
        512 + (policies + tags) as u64
    }
}

/// The document of one of AWS's own managed policies.
pub(crate) fn aws_managed(arn: &str) -> Option<&'static str> {
    trent_types::aws_managed_policy(arn).map(|policy| policy.document)
}

//! What the evaluator remembers: keys, aliases, access keys with their opened secrets, grants, and
//! decisions.
//!
//! What is found in the store is put in only if nothing was invalidated since the search began, so
//! that an old state cannot come in after its invalidation. What is not in the store is not
//! remembered, so that what is made needs no invalidation; only that somebody has no grant is, and
//! making one invalidates it. A decision is remembered for one load of
//! a caller and one load of a key: when either is loaded again, it has a new serial number, and the
//! old decision is never found again.

mod grants;
mod look_ups;

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use quick_cache::Equivalent;
use quick_cache::sync::Cache as QuickCache;
use tokio::sync::Semaphore;
use trent_bus::messages;
use trent_policy::{Policy, PolicyError, PolicyKind};
use trent_sigv4::SigningKey;
use trent_store::{Invalidation, StoredAccessKey, StoredKey};
use trent_types::{
    AccessKeyStatus, AliasArn, AliasRecord, Caller, CallerKind, Grant, KeyArn, KeyId, Region,
    SecretBytes,
};

use grants::Grants;
pub(crate) use grants::Place;
use look_ups::{Counters, LookUps};

/// Keys that are remembered; with a policy of a few kilobytes each, tens of megabytes at most.
const KEYS: usize = 4_096;
/// Aliases that are remembered.
const ALIASES: usize = 8_192;
/// Access keys that are remembered.
const ACCESS_KEYS: usize = 4_096;
/// Access keys that are searched for at a time; half of the connections that a store has by
/// default.
const SEARCHES: usize = 4;
/// Decisions that are remembered.
const DECISIONS: usize = 32_768;
/// Signing keys of one access key: a few Regions and services, today's and yesterday's.
const SIGNING_KEYS: usize = 16;

/// A key as it was loaded, its policy compiled.
pub(crate) struct CachedKey {
    /// Names this load.
    pub(crate) serial: u64,
    /// What the store holds.
    pub(crate) stored: StoredKey,
    /// The compiled policy. A policy that does not compile allows nothing; none was ever stored.
    pub(crate) policy: Result<Policy, PolicyError>,
    /// The record as answers carry it.
    pub(crate) message: messages::KeyRecord,
    /// The materials as answers carry them: their bytes are shared, not copied.
    pub(crate) materials: Vec<messages::SealedMaterial>,
}

/// An access key as it was loaded, its secret opened.
pub(crate) struct CachedAccessKey {
    /// Names this load.
    pub(crate) serial: u64,
    /// Whom it belongs to.
    pub(crate) caller: Caller,
    /// The caller as answers carry it.
    pub(crate) message: messages::Caller,
    /// Whether it may sign.
    pub(crate) active: bool,
    secret: SecretBytes,
    signing_keys: RwLock<VecDeque<ScopedKey>>,
}

struct ScopedKey {
    date: String,
    region: String,
    service: String,
    key: Arc<SigningKey>,
}

/// Everything that is remembered. See the module's text for why nothing stale stays.
pub(crate) struct Cache {
    keys: QuickCache<(Region, KeyId), Arc<CachedKey>>,
    aliases: QuickCache<AliasArn, Arc<AliasRecord>>,
    access_keys: QuickCache<Box<str>, Arc<CachedAccessKey>>,
    decisions: QuickCache<DecisionKey, ()>,
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

#[derive(Debug, Clone, PartialEq, Eq)]
struct DecisionKey {
    caller: u64,
    key: u64,
    action: Box<str>,
}

#[derive(Debug, PartialEq, Eq)]
struct DecisionRef<'a> {
    caller: u64,
    key: u64,
    action: &'a str,
}

impl Cache {
    /// An empty cache.
    pub(crate) fn new() -> Self {
        Self {
            keys: QuickCache::new(KEYS),
            aliases: QuickCache::new(ALIASES),
            access_keys: QuickCache::new(ACCESS_KEYS),
            decisions: QuickCache::new(DECISIONS),
            grants: Grants::new(),
            generation: RwLock::new(0),
            serial: AtomicU64::new(0),
            searches: Semaphore::new(SEARCHES),
            counters: Counters {
                keys: LookUps::of("keys"),
                aliases: LookUps::of("aliases"),
                access_keys: LookUps::of("access_keys"),
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
    pub(crate) fn fill_key(&self, began: Generation, stored: StoredKey) -> Arc<CachedKey> {
        let key = Arc::new(CachedKey {
            serial: self.next_serial(),
            policy: Policy::parse(&stored.policy, PolicyKind::KeyPolicy),
            message: (&stored.record).into(),
            materials: stored.materials.iter().map(Into::into).collect(),
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
        let active = match stored.access_key.status {
            AccessKeyStatus::Active => true,
            AccessKeyStatus::Inactive => false,
        };
        let caller = caller_of(stored);
        let key = Arc::new(CachedAccessKey {
            serial: self.next_serial(),
            message: (&caller).into(),
            caller,
            active,
            secret,
            signing_keys: RwLock::default(),
        });
        self.insert(began, || self.access_keys.insert(id, Arc::clone(&key)));
        key
    }

    /// A caller's grants on a key, as far as they are remembered.
    pub(crate) fn grants(&self, caller: &CachedAccessKey, key: &KeyArn) -> Option<Arc<[Grant]>> {
        self.counters.grants.counted(self.grants.get(caller, key))
    }

    /// Where a caller's grants on a key belong; to be asked for after [`Self::begin`].
    pub(crate) fn grants_place(&self, caller: &CachedAccessKey, key: &KeyArn) -> Place {
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
    pub(crate) fn allowed(&self, caller: &CachedAccessKey, key: &CachedKey, action: &str) -> bool {
        let known = DecisionRef { caller: caller.serial, key: key.serial, action };
        self.counters.decisions.counted(self.decisions.get(&known)).is_some()
    }

    /// Remembers that this caller is allowed this action on this key, whatever the conditions.
    pub(crate) fn remember_allowed(&self, caller: &CachedAccessKey, key: &CachedKey, action: &str) {
        let (caller, key) = (caller.serial, key.serial);
        self.decisions.insert(DecisionKey { caller, key, action: action.into() }, ());
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
                Invalidation::User(account, name) => {
                    self.access_keys.retain(|_, key| match &key.caller.kind {
                        CallerKind::Root => true,
                        CallerKind::User { name: owner, .. } => {
                            key.caller.account != *account || !owner.eq_ignore_ascii_case(name)
                        }
                    });
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

    /// Says in the metrics how much is remembered.
    pub(crate) fn show_sizes(&self) {
        self.counters.keys.entries.set(self.keys.len() as f64);
        self.counters.aliases.entries.set(self.aliases.len() as f64);
        self.counters.access_keys.entries.set(self.access_keys.len() as f64);
        self.counters.decisions.entries.set(self.decisions.len() as f64);
        self.counters.grants.entries.set(self.grants.len() as f64);
    }
}

impl CachedAccessKey {
    /// The signing key for a credential scope, derived at most once while it is in use. It is wiped
    /// when dropped.
    pub(crate) fn signing_key(&self, date: &str, region: &str, service: &str) -> Arc<SigningKey> {
        let fits = |known: &&ScopedKey| {
            known.date == date && known.region == region && known.service == service
        };
        let known = self.signing_keys.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.iter().find(fits) {
            return Arc::clone(&found.key);
        }
        drop(known);
        Arc::new(trent_sigv4::signing_key(&self.secret, date, region, service))
    }

    /// Keeps a signing key that has verified a signature, so that nobody but the caller can fill
    /// the list.
    pub(crate) fn keep_signing_key(
        &self,
        (date, region, service): (&str, &str, &str),
        key: &Arc<SigningKey>,
    ) {
        let mut known = self.signing_keys.write().unwrap_or_else(PoisonError::into_inner);
        if known
            .iter()
            .any(|known| known.date == date && known.region == region && known.service == service)
        {
            return;
        }
        if known.len() >= SIGNING_KEYS {
            known.pop_front();
        }
        known.push_back(ScopedKey {
            date: date.into(),
            region: region.into(),
            service: service.into(),
            key: Arc::clone(key),
        });
    }
}

fn caller_of(stored: StoredAccessKey) -> Caller {
    let kind = match stored.user {
        None => CallerKind::Root,
        Some(user) => CallerKind::User { path: user.path, name: user.name, user_id: user.user_id },
    };
    Caller {
        account: stored.access_key.account,
        access_key_id: stored.access_key.access_key_id,
        kind,
    }
}

impl Hash for DecisionKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        DecisionRef { caller: self.caller, key: self.key, action: &self.action }.hash(state);
    }
}

impl Hash for DecisionRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.caller.hash(state);
        self.key.hash(state);
        self.action.hash(state);
    }
}

impl Equivalent<DecisionKey> for DecisionRef<'_> {
    fn equivalent(&self, key: &DecisionKey) -> bool {
        self.caller == key.caller && self.key == key.key && *self.action == *key.action
    }
}

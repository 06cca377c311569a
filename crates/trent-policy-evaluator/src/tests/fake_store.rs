//! A store in memory that can be held up and taken away.

mod changes;
mod identities;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use tokio::sync::Notify;
use trent_store::{
    AccessKeyOwner, Claimant, Committed, Due, DueKind, Invalidation, InvalidationCursor,
    LeaseHolder, RegistryStore, SealedKind, SealedRow, StoreError, StoredAccessKey,
    StoredExplanation, StoredKey,
};
use trent_types::{
    AccessKey, AccessKeyUsed, Account, AccountId, AdminChange, AliasArn, AliasRecord, AuditRecord,
    Change, ChangeRefused, EventId, Grant, GrantId, GrantPrincipal, KeyArn, KeyId, KeyRecord,
    KeyState, KeyUsed, QuotaOverride, Region, RequestId, Service, Timestamp, sealed_under,
};
use uuid::Uuid;

use super::fake_sealed::{re_sealed, sealed_materials, sealed_secrets};
pub(super) use identities::FakeThing;

#[derive(Default)]
pub(super) struct FakeStore {
    pub(super) state: Mutex<State>,
    /// The next reading of a key finds what is there, then waits here before it returns it.
    pub(super) hold: Mutex<Option<Arc<Hold>>>,
    /// What happens just before the next sealed bytes are replaced.
    pub(super) before_re_seal: Mutex<Option<Meanwhile>>,
}

/// What somebody else does meanwhile.
pub(super) type Meanwhile = Box<dyn FnOnce(&mut State) + Send>;

#[derive(Default)]
pub(super) struct State {
    pub(super) keys: HashMap<(Region, KeyId), StoredKey>,
    pub(super) aliases: HashMap<AliasArn, AliasRecord>,
    pub(super) access_keys: HashMap<String, StoredAccessKey>,
    pub(super) things: Vec<FakeThing>,
    pub(super) accounts: Vec<Account>,
    pub(super) services: Vec<Service>,
    pub(super) explanations: Vec<StoredExplanation>,
    pub(super) key_uses: HashMap<String, AccessKeyUsed>,
    /// How often a user or role was searched for with its policies.
    pub(super) principal_reads: usize,
    pub(super) settings: HashMap<String, Vec<u8>>,
    pub(super) outbox: Vec<AuditRecord>,
    pub(super) committed: Vec<Change>,
    pub(super) requests: HashSet<RequestId>,
    pub(super) given_up: HashSet<RequestId>,
    pub(super) holders: Vec<LeaseHolder>,
    pub(super) invalidations: Vec<Invalidation>,
    pub(super) key_offset: i64,
    pub(super) overrides: Vec<QuotaOverride>,
    pub(super) away: bool,
    pub(super) key_reads: usize,
    pub(super) grants: Vec<Grant>,
    /// How often somebody's grants were searched for.
    pub(super) grant_reads: usize,
    pub(super) uses: HashMap<(Region, KeyId), KeyUsed>,
    pub(super) usage_reads: usize,
    /// Searches for access keys that are under way, and the most that ever were.
    pub(super) searches: (usize, usize),
}

#[derive(Default)]
pub(super) struct Hold {
    pub(super) reached: Notify,
    pub(super) release: Notify,
}

impl FakeStore {
    pub(in crate::tests) fn with<T>(
        &self,
        work: impl FnOnce(&mut State) -> T,
    ) -> Result<T, StoreError> {
        let mut state = self.state.lock().unwrap();
        if state.away {
            return Err(StoreError::Unavailable("taken away".into()));
        }
        Ok(work(&mut state))
    }
}

fn page(mut grants: Vec<Grant>, limit: u32) -> (Vec<Grant>, bool) {
    let limit = limit as usize;
    let more = grants.len() > limit;
    grants.sort_by_key(|grant| (grant.key.key_id, grant.grant_id));
    grants.truncate(limit);
    (grants, more)
}

#[async_trait]
impl RegistryStore for FakeStore {
    async fn key(&self, region: Region, key: KeyId) -> Result<Option<StoredKey>, StoreError> {
        let found = self.with(|state| {
            state.key_reads += 1;
            state.keys.get(&(region, key)).cloned()
        })?;
        let hold = self.hold.lock().unwrap().take();
        if let Some(hold) = hold {
            hold.reached.notify_one();
            hold.release.notified().await;
        }
        Ok(found)
    }

    async fn alias(&self, alias: &AliasArn) -> Result<Option<AliasRecord>, StoreError> {
        self.with(|state| state.aliases.get(alias).cloned())
    }

    async fn access_key(&self, id: &str) -> Result<Option<StoredAccessKey>, StoreError> {
        self.with(|state| {
            state.searches.0 += 1;
            state.searches.1 = state.searches.1.max(state.searches.0);
        })?;
        // More than once, because the bus polls twice before it waits.
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
        self.with(|state| {
            state.searches.0 -= 1;
            state.access_keys.get(id).cloned()
        })
    }

    async fn has_root_key(&self, account: AccountId) -> Result<bool, StoreError> {
        self.with(|state| {
            let mut keys = state.access_keys.values();
            keys.any(|key| key.owner == AccessKeyOwner::Root && key.access_key.account == account)
        })
    }

    async fn keys(
        &self,
        account: AccountId,
        _region: Region,
        _after: Option<KeyId>,
        _limit: u32,
    ) -> Result<(Vec<KeyId>, bool), StoreError> {
        self.with(|state| {
            let own = state.keys.values().filter(|key| key.record.account == account);
            (own.map(|key| key.record.key_id).collect(), false)
        })
    }

    async fn aliases(
        &self,
        _account: AccountId,
        _region: Region,
        _target: Option<KeyId>,
        _after: Option<&str>,
        _limit: u32,
    ) -> Result<(Vec<AliasRecord>, bool), StoreError> {
        self.with(|state| (state.aliases.values().cloned().collect(), false))
    }

    async fn grant(&self, key: &KeyArn, grant: GrantId) -> Result<Option<Grant>, StoreError> {
        self.with(|state| {
            let mut grants = state.grants.iter();
            grants.find(|one| one.key == *key && one.grant_id == grant).cloned()
        })
    }

    async fn grants(
        &self,
        key: &KeyArn,
        grantee: Option<&GrantPrincipal>,
        after: Option<GrantId>,
        limit: u32,
    ) -> Result<(Vec<Grant>, bool), StoreError> {
        self.with(|state| {
            let fits = |grant: &&Grant| {
                grant.key == *key
                    && grantee.is_none_or(|grantee| *grantee == grant.terms.grantee)
                    && Some(grant.grant_id) > after
            };
            page(state.grants.iter().filter(fits).cloned().collect(), limit)
        })
    }

    async fn grants_to(&self, key: &KeyArn, grantees: &[String]) -> Result<Vec<Grant>, StoreError> {
        self.with(|state| {
            state.grant_reads += 1;
            let fits = |grant: &&Grant| {
                let (GrantPrincipal::Arn(name) | GrantPrincipal::Service(name)) =
                    &grant.terms.grantee;
                grant.key == *key && grantees.contains(name)
            };
            state.grants.iter().filter(fits).cloned().collect()
        })
    }

    async fn retirable_grants(
        &self,
        region: Region,
        retiring: &str,
        after: Option<(KeyId, GrantId)>,
        limit: u32,
    ) -> Result<(Vec<Grant>, bool), StoreError> {
        self.with(|state| {
            let fits = |grant: &&Grant| {
                grant.key.region == region
                    && grant.terms.retiring == Some(GrantPrincipal::Arn(retiring.to_owned()))
                    && Some((grant.key.key_id, grant.grant_id)) > after
            };
            page(state.grants.iter().filter(fits).cloned().collect(), limit)
        })
    }

    async fn commit(
        &self,
        request: RequestId,
        change: &Change,
        records: &[AuditRecord],
        _key_now: Timestamp,
    ) -> Result<Committed, StoreError> {
        self.with(|state| {
            if state.given_up.contains(&request) {
                return Committed::Refused(ChangeRefused::Conflict);
            }
            if !state.requests.insert(request) {
                return Committed::Before;
            }
            match changes::apply(state, change) {
                Ok(()) => {
                    state.outbox.extend_from_slice(records);
                    Committed::Now
                }
                Err(refused) => {
                    state.requests.remove(&request);
                    Committed::Refused(refused)
                }
            }
        })
    }

    async fn administer(
        &self,
        request: RequestId,
        change: &AdminChange,
        record: &AuditRecord,
    ) -> Result<Committed, StoreError> {
        self.with(|state| changes::administer(state, request, change, record))
    }

    async fn quota_overrides(&self) -> Result<Vec<QuotaOverride>, StoreError> {
        self.with(|state| state.overrides.clone())
    }

    async fn keys_used(&self, _: AccountId, _: Region) -> Result<u64, StoreError> {
        self.with(|state| state.keys.len() as u64)
    }

    async fn give_up(&self, request: RequestId, _: Timestamp) -> Result<bool, StoreError> {
        self.with(|state| {
            let made = state.requests.contains(&request);
            if !made {
                state.given_up.insert(request);
            }
            made
        })
    }

    async fn put_root_key(
        &self,
        access_key: &AccessKey,
        sealed_secret: &[u8],
    ) -> Result<(), StoreError> {
        let stored = StoredAccessKey {
            access_key: access_key.clone(),
            owner: AccessKeyOwner::Root,
            sealed_secret: sealed_secret.to_vec(),
        };
        self.with(|state| {
            state.access_keys.insert(access_key.access_key_id.clone(), stored);
        })
    }

    async fn outbox(&self, limit: u32) -> Result<Vec<AuditRecord>, StoreError> {
        self.with(|state| state.outbox.iter().take(limit as usize).cloned().collect())
    }

    async fn outbox_len(&self) -> Result<u64, StoreError> {
        self.with(|state| state.outbox.len() as u64)
    }

    async fn outbox_remove(&self, events: &[EventId]) -> Result<(), StoreError> {
        self.with(|state| state.outbox.retain(|record| !events.contains(&record.event_id)))
    }

    async fn renew_lease(
        &self,
        evaluator: Uuid,
        since: InvalidationCursor,
    ) -> Result<(Vec<Invalidation>, InvalidationCursor, i64), StoreError> {
        self.with(|state| {
            match state.holders.iter_mut().find(|holder| holder.evaluator == evaluator) {
                Some(holder) => holder.renewals += 1,
                None => state.holders.push(LeaseHolder { evaluator, renewals: 1 }),
            }
            let seen = usize::try_from(since.0).unwrap();
            let news = state.invalidations.iter().skip(seen).cloned().collect();
            (news, InvalidationCursor(state.invalidations.len() as i64), state.key_offset)
        })
    }

    async fn lease_holders(&self) -> Result<Vec<LeaseHolder>, StoreError> {
        self.with(|state| state.holders.clone())
    }

    async fn forget_lease_holder(&self, holder: LeaseHolder) -> Result<(), StoreError> {
        self.with(|state| state.holders.retain(|known| *known != holder))
    }

    async fn claim_due(
        &self,
        kind: DueKind,
        _key_now: Timestamp,
        claimant: Claimant<'_>,
    ) -> Result<Vec<Due>, StoreError> {
        self.with(|state| {
            let due = |record: &&KeyRecord| match kind {
                DueKind::Deletion => record.state == KeyState::PendingDeletion,
                DueKind::Rotation => record.rotation.is_some(),
                DueKind::Expiry => record.expiration.is_some(),
            };
            let records = state.keys.values().map(|key| &key.record).filter(due);
            let records = records.take(claimant.limit as usize).cloned();
            records.map(|key| Due { material: key.current_material, key }).collect()
        })
    }

    async fn scrub(&self, _now: Timestamp) -> Result<bool, StoreError> {
        self.with(|_| false)
    }

    async fn key_clock_offset(&self) -> Result<i64, StoreError> {
        self.with(|state| state.key_offset)
    }

    async fn set_key_clock_offset(&self, millis: i64) -> Result<(), StoreError> {
        self.with(|state| state.key_offset = millis)
    }

    async fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.with(|state| state.settings.get(name).cloned())
    }

    async fn setting_or_insert(&self, name: &str, value: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.with(|state| {
            let kept = state.settings.entry(name.to_owned()).or_insert_with(|| value.to_vec());
            kept.clone()
        })
    }

    async fn replace_setting(
        &self,
        name: &str,
        old: &[u8],
        new: &[u8],
    ) -> Result<bool, StoreError> {
        self.with(|state| match state.settings.get_mut(name) {
            Some(value) if value == old => {
                new.clone_into(value);
                true
            }
            Some(_) | None => false,
        })
    }

    async fn sealed_below(
        &self,
        kind: SealedKind,
        version: u8,
        skip: u32,
        limit: u32,
    ) -> Result<Vec<SealedRow>, StoreError> {
        let found = self.with(|state| match kind {
            SealedKind::Material => sealed_materials(state),
            SealedKind::Secret => sealed_secrets(state),
        })?;
        let below = found.into_iter().filter(|row| sealed_under(&row.sealed) < Some(version));
        Ok(below.skip(skip as usize).take(limit as usize).collect())
    }

    async fn count_sealed_below(&self, version: u8) -> Result<u64, StoreError> {
        let materials = self.sealed_below(SealedKind::Material, version, 0, u32::MAX).await?;
        let secrets = self.sealed_below(SealedKind::Secret, version, 0, u32::MAX).await?;
        Ok((materials.len() + secrets.len()) as u64)
    }

    async fn sealed_versions(&self) -> Result<Vec<(u8, u64)>, StoreError> {
        let found = self.with(|state| [sealed_materials(state), sealed_secrets(state)].concat())?;
        Ok(found.iter().filter_map(|row| Some((sealed_under(&row.sealed)?, 1))).collect())
    }

    async fn re_seal(
        &self,
        rows: &[(SealedRow, Vec<u8>)],
        _at: Timestamp,
    ) -> Result<Vec<Invalidation>, StoreError> {
        let change = self.before_re_seal.lock().unwrap().take();
        self.with(|state| {
            if let Some(change) = change {
                change(state);
            }
            re_sealed(state, rows)
        })
    }

    async fn last_usage(&self, region: Region, key: KeyId) -> Result<Option<KeyUsed>, StoreError> {
        self.with(|state| {
            state.usage_reads += 1;
            state.uses.get(&(region, key)).copied()
        })
    }
}

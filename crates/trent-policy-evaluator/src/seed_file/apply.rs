//! What a seed file names and is not there is made; what is there stays as it is.

use std::sync::Arc;
use std::time::Duration;

use prost::bytes::Bytes;
use tokio::time::Instant;
use trent_bus::messages::ChangeRequest;
use trent_bus::{ClaimedResource, Claims, convert};
use trent_operations::{NewKey, ServiceEvent};
use trent_store::{StoreError, StoredKey};
use trent_types::{
    AliasArn, AliasRecord, AuditRecord, Caller, CallerKind, Change, ChangeRefused, EventId, KeyArn,
    KeyManager, KeyRecord, KeySpec, KeyState, MaterialId, Origin, Primitives, RequestId, Rotation,
    SealedMaterial, Timestamp, default_key_policy,
};
use uuid::Uuid;

use super::{Seed, SeededAlias, SeededKey};
use crate::claim::Claim;
use crate::core::Unavailable;
use crate::principals;
use crate::registry::{ChangeFault, Changes, Registry, SEED};
use crate::worker::{SealedByWorker, WorkerFault};

/// The setting that holds the claim of the evaluator that seeds.
const CLAIM: &str = "seed_claim";

/// How long to wait for a worker, and for another evaluator that seeds.
const PATIENCE: Duration = Duration::from_secs(60);

/// The pause between two tries.
const RETRY: Duration = Duration::from_millis(250);

/// The rotation period of AWS where none is said.
const PERIOD_DAYS: u32 = 365;

/// Why something of a seed file was not made.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SeedFault {
    /// What the file says cannot be; the text is for the operator.
    #[error("{path}: {what}")]
    Refused {
        /// Where it stands in the file.
        path: String,
        /// What is wrong.
        what: String,
    },
    /// Another time it may work; what was made stays.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<StoreError> for SeedFault {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.into())
    }
}

/// What came of a seed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Seeded {
    /// Keys and aliases that were made.
    pub(crate) made: u64,
    /// Keys and aliases that were there.
    pub(crate) kept: u64,
    /// How many of those are not what the file says.
    pub(crate) differing: u64,
}

/// What one entry came to.
enum Entry {
    Made,
    Same,
    Differs,
}

/// Makes what a seed file names.
pub(crate) struct Seeder<'a> {
    pub(crate) registry: &'a Arc<Registry>,
    /// Who claims the work; `None` where there is no other evaluator.
    pub(crate) claimant: Option<Uuid>,
}

impl Seeder<'_> {
    /// Makes what is missing; several evaluators take turns. A key is made whole or not at all. To
    /// do it again changes nothing.
    pub(crate) async fn apply(&self, seed: &Seed) -> Result<Seeded, SeedFault> {
        let give_up = Instant::now() + PATIENCE;
        while !self.claimed().await? {
            // The one that claims it may be through already.
            if !self.is_missing(seed).await? {
                break;
            }
            if Instant::now() >= give_up {
                return Err(Unavailable("another evaluator seeds, and does not end".into()).into());
            }
            tokio::time::sleep(RETRY).await;
        }
        let seeded = self.all_of(seed, give_up).await;
        self.release().await?;
        seeded
    }

    async fn all_of(&self, seed: &Seed, give_up: Instant) -> Result<Seeded, SeedFault> {
        let mut seeded = Seeded::default();
        for key in &seed.keys {
            seeded.count(&self.key(key, give_up).await?);
            self.claimed().await?;
        }
        for alias in &seed.aliases {
            seeded.count(&self.alias(alias).await?);
        }
        Ok(seeded)
    }

    async fn claimed(&self) -> Result<bool, Unavailable> {
        let Some(own) = self.claimant else { return Ok(true) };
        let core = &self.registry.core;
        Claim { setting: CLAIM, own }.holds(core.store.as_ref(), core.clock.now()).await
    }

    async fn release(&self) -> Result<(), Unavailable> {
        let Some(own) = self.claimant else { return Ok(()) };
        Claim { setting: CLAIM, own }.release(self.registry.core.store.as_ref()).await
    }

    async fn is_missing(&self, seed: &Seed) -> Result<bool, Unavailable> {
        let store = &self.registry.core.store;
        for key in &seed.keys {
            if store.key(key.arn.region, key.arn.key_id).await?.is_none() {
                return Ok(true);
            }
        }
        for alias in &seed.aliases {
            if store.alias(&alias.arn()).await?.is_none() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    async fn key(&self, seeded: &SeededKey, give_up: Instant) -> Result<Entry, SeedFault> {
        let core = &self.registry.core;
        if let Some(stored) = core.store.key(seeded.arn.region, seeded.arn.key_id).await? {
            // It is stored with unique ids in the place of users and roles.
            let policy = match &seeded.policy {
                Some(policy) => Some(principals::with_ids(core, policy).await?),
                None => None,
            };
            return Ok(kept_key(seeded, policy.as_deref(), &stored));
        }
        let mut sealed: Vec<SealedByWorker> = Vec::with_capacity(seeded.materials.len());
        for (id, _) in &seeded.materials {
            sealed.push(self.seal(seeded, *id, give_up).await?);
        }
        let refused = |what: &str| seeded.refused(what.to_owned());
        let Some(current) = sealed.last() else { return Err(refused("has no material")) };
        let spec = current.spec;
        if !seeded.section.takes(spec.family()) || !spec.usages().contains(&seeded.usage) {
            return Err(seeded.refused(format!("a key of spec {spec} cannot be what this says")));
        }
        let now = core.clock.now();
        let record = new_record(seeded, spec, current.material.material_id, now);
        let public_key = current.public_key.clone();
        let default = || default_key_policy(seeded.arn.account, seeded.arn.region.partition());
        let event_id = EventId::new(now, rand::random());
        let made = NewKey { record: &record, tags: &seeded.tags };
        let told = ServiceEvent::ImportSeedKey(made).record(&seeded.arn, event_id, now);
        let change = Change::SeedKey {
            policy: seeded.policy.clone().unwrap_or_else(default),
            tags: seeded.tags.clone(),
            materials: sealed.into_iter().map(|one| one.material).collect::<Vec<SealedMaterial>>(),
            public_key,
            record,
        };
        let resources = [(SEED, ClaimedResource::Key(seeded.arn))];
        match self.change(seeded.arn, &resources, change, told).await {
            Ok(()) => {
                tracing::info!(key = %seeded.arn, "a key of the seed file was made");
                Ok(Entry::Made)
            }
            // Somebody was faster.
            Err(ChangeFault::Refused(ChangeRefused::AlreadyExists)) => Ok(Entry::Same),
            Err(fault) => Err(seeded.fault(fault)),
        }
    }

    /// Has a material sealed by a worker, which also says what it is.
    async fn seal(
        &self,
        seeded: &SeededKey,
        id: MaterialId,
        give_up: Instant,
    ) -> Result<SealedByWorker, SeedFault> {
        let core = &self.registry.core;
        let secret = seeded.materials.iter().find(|(known, _)| *known == id);
        let Some((_, secret)) = secret else {
            return Err(seeded.refused("has no such material".to_owned()));
        };
        let spec = match seeded.section {
            super::Section::Aes => Some(KeySpec::SymmetricDefault),
            super::Section::Rsa | super::Section::Ecc => None,
        };
        loop {
            let until = core.clock.now().plus_millis(PERMIT_MS);
            match core.worker.seal_material(seeded.arn, spec, (id, secret), until).await {
                Ok(sealed) => return Ok(sealed),
                Err(WorkerFault::Away(error)) if Instant::now() < give_up => {
                    tracing::info!(%error, "waiting for a crypto worker");
                    tokio::time::sleep(RETRY).await;
                }
                Err(WorkerFault::InvalidMaterial) => {
                    let what = "its private key is none that a key can have: RSA of 2048, 3072 or \
                        4096 bits, a NIST curve, secp256k1 or Ed25519, not encrypted";
                    return Err(seeded.refused(what.to_owned()));
                }
                Err(fault) => return Err(Unavailable(fault.to_string()).into()),
            }
        }
    }

    async fn alias(&self, seeded: &SeededAlias) -> Result<Entry, SeedFault> {
        let (core, arn) = (&self.registry.core, seeded.arn());
        let SeededAlias { account, region, target, .. } = *seeded;
        let key = KeyArn { region, account, key_id: target };
        if let Some(known) = core.store.alias(&arn).await? {
            if known.target == target {
                return Ok(Entry::Same);
            }
            tracing::warn!(alias = %arn, "the alias is another key's; it is left as it is");
            return Ok(Entry::Differs);
        }
        let found = core.store.key(region, target).await?;
        if found.is_none_or(|stored| stored.record.arn() != key) {
            let what = "its key is not there: neither in the file nor in the registry".to_owned();
            return Err(SeedFault::Refused { path: seeded.path.clone(), what });
        }
        let now = core.clock.now();
        let change = Change::CreateAlias(AliasRecord {
            account,
            region,
            name: seeded.name.clone(),
            target,
            created_at: now,
            updated_at: now,
        });
        let event_id = EventId::new(now, rand::random());
        let event = ServiceEvent::ImportSeedAlias(&seeded.name);
        let told = event.record(&key, event_id, now);
        let action = "kms:CreateAlias";
        let resources = [
            (action, ClaimedResource::Other(arn.to_string())),
            (action, ClaimedResource::Key(key)),
        ];
        match self.change(key, &resources, change, told).await {
            Ok(()) => Ok(Entry::Made),
            Err(ChangeFault::Refused(ChangeRefused::AlreadyExists)) => Ok(Entry::Same),
            Err(ChangeFault::Unavailable(reason)) => Err(reason.into()),
            Err(ChangeFault::Refused(refused)) => {
                let (path, what) = (seeded.path.clone(), refused.to_string());
                Err(SeedFault::Refused { path, what })
            }
        }
    }

    /// Has the registry make a change like any other, with Permits of this evaluator's own, in the
    /// name of the account and by no access key.
    async fn change(
        &self,
        key: KeyArn,
        resources: &[(&str, ClaimedResource)],
        change: Change,
        record: AuditRecord,
    ) -> Result<(), ChangeFault> {
        let core = &self.registry.core;
        let request_id = RequestId::from_random(rand::random());
        let caller = Caller::new(key.account, String::new(), CallerKind::Root);
        let permit = |(action, resource): &(&str, ClaimedResource)| {
            core.mint(&Claims {
                request_id,
                action: (*action).to_owned(),
                account: key.account,
                region: key.region,
                resource: resource.clone(),
                record_version: 0,
                primitives: Primitives::NONE,
                material_ids: Vec::new(),
                context_digest: [0; 32],
                expires_at: core.clock.now().plus_millis(PERMIT_MS),
                caller: caller.clone().into(),
                domain_key_check: Bytes::new(),
                key_now: None,
            })
        };
        let order = ChangeRequest {
            request_id: convert::bytes(request_id.as_bytes()),
            permits: resources.iter().map(permit).collect(),
            change: Some(change.into()),
            record: Some(record.into()),
            attempt: Bytes::new(),
            events: Vec::new(),
        };
        Changes(Arc::clone(self.registry)).change(order).await
    }
}

/// Seeding decides nothing, so its Permits need no lease; they are as short.
const PERMIT_MS: i64 = 2_000;

/// A key that is there: the file changes nothing about it.
fn kept_key(seeded: &SeededKey, policy: Option<&str>, stored: &StoredKey) -> Entry {
    let record = &stored.record;
    let known = |id: &MaterialId| stored.material_records.iter().any(|one| one.material_id == *id);
    let same = record.arn() == seeded.arn
        && seeded.section.takes(record.spec.family())
        && record.usage == seeded.usage
        && record.description == seeded.description
        && policy.is_none_or(|policy| *policy == stored.policy)
        && seeded.materials.iter().all(|(id, _)| known(id));
    if same {
        return Entry::Same;
    }
    tracing::warn!(
        key = %seeded.arn,
        entry = seeded.path,
        "the key is there and not as the seed file says; it is left as it is"
    );
    Entry::Differs
}

fn new_record(seeded: &SeededKey, spec: KeySpec, current: MaterialId, now: Timestamp) -> KeyRecord {
    let KeyArn { region, account, key_id } = seeded.arn;
    KeyRecord {
        account,
        region,
        key_id,
        created_at: now,
        spec,
        usage: seeded.usage,
        origin: Origin::AwsKms,
        manager: KeyManager::Customer,
        state: KeyState::Enabled,
        description: seeded.description.clone(),
        deletion_date: None,
        pending_window_days: None,
        current_material: Some(current),
        expiration: None,
        multi_region: None,
        rotation: seeded.next_rotation.map(|next| Rotation { period_days: PERIOD_DAYS, next }),
        version: 1,
    }
}

impl Seeded {
    const fn count(&mut self, entry: &Entry) {
        match entry {
            Entry::Made => self.made += 1,
            Entry::Same => self.kept += 1,
            Entry::Differs => {
                self.kept += 1;
                self.differing += 1;
            }
        }
    }
}

impl SeededKey {
    fn refused(&self, what: String) -> SeedFault {
        SeedFault::Refused { path: self.path.clone(), what }
    }

    fn fault(&self, fault: ChangeFault) -> SeedFault {
        match fault {
            ChangeFault::Unavailable(reason) => reason.into(),
            ChangeFault::Refused(refused) => self.refused(refused.to_string()),
        }
    }
}

impl SeededAlias {
    fn arn(&self) -> AliasArn {
        AliasArn { region: self.region, account: self.account, name: self.name.clone() }
    }
}

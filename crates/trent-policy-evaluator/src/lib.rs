//! Answers Authorize and keeps the registry: the role that knows the rules.
//!
//! | module | job |
//! |---|---|
//! | `authorize` | is the signature good, who is it, and may they? |
//! | `registry` | reads and changes of metadata, each with its Permits |
//! | `cache` | what both remember, and how it is forgotten |
//! | `lease` | no decision without a lease |
//! | `admin` | what an operator does: the key clock, quotas |
//! | `standing` | what holds until an operator changes it |
//! | `seed` | the domain key's check and the root access key |
//! | `seed_file` | keys that a deployment begins with, from a file |
//! | `claim` | work that one evaluator does at a time |
//! | `re_seal` | the rotation of the domain key |
//! | `sessions` | temporary credentials |
//! | `token_keys` | the keys of session tokens |
//! | `explain` | why requests were denied, for whoever may know |
//! | `key_uses` | when access keys were last used |
//! | `managed_keys` | AWS managed keys, made when they are needed |
//! | `principals` | whom key policies and grants may name |
//! | `outbox` | records of changes on their way to the audit trail |
//! | `worker` | orders to the crypto workers |

mod access_key_ids;
mod admin;
mod arns;
mod authorize;
mod cache;
mod claim;
mod core;
mod explain;
mod key_uses;
mod lease;
mod managed_keys;
mod meters;
mod outbox;
mod principals;
mod re_seal;
mod registry;
mod scrub;
mod seed;
mod seed_file;
mod sessions;
mod standing;
#[cfg(test)]
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever a test does not expect fails it")]
mod tests;
mod token_keys;
mod worker;

use std::collections::HashSet;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock, RwLock};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior};
use trent_bus::{Bus, LocalEvaluator, PermitKeys, RecordSink, Sealer, Service};
use trent_runtime::{Refresh, Shutdown};
use trent_store::{RegistryStore, StoreError};
use trent_types::{AccountId, Clock, Region, SecretBytes, Timestamp};
use uuid::Uuid;

use crate::admin::Admin;
use crate::authorize::Authorize;
use crate::cache::Cache;
use crate::core::{Core, Unavailable};
use crate::explain::Explanations;
use crate::key_uses::KeyUses;
use crate::lease::{Lease, Renewals};
use crate::outbox::{Relay, Traces};
use crate::re_seal::ReSealing;
use crate::registry::{Changes, DueWork, Invalidated, Peers, Reads, Registry};
use crate::seed::{Seeding, WRONG_DOMAIN_KEY};
use crate::seed_file::Seeder;
use crate::standing::Standing;
pub use crate::token_keys::TokenKeys;
use crate::worker::Worker;

pub use crate::re_seal::sealed_versions;
pub use crate::seed::{DOMAIN_KEY_CHECK_ACCOUNT, DOMAIN_KEY_CHECK_SETTING};
pub use crate::seed_file::{Seed, SeedError, SeedHome};

/// How often an evaluator has a worker prove that it has the right domain key.
const DOMAIN_KEY_INTERVAL: Duration = Duration::from_secs(5);

/// Whether there are other evaluators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// This is the only one: its lease always holds.
    Embedded,
    /// There may be others: the lease is kept in the store, and changes are told to all.
    Distributed,
}

/// What an evaluator is made of.
pub struct EvaluatorConfig {
    /// The metadata.
    pub store: Arc<dyn RegistryStore>,
    /// The way to the workers, which must be served before the start, and to the other evaluators.
    pub bus: Bus,
    /// Makes and verifies Permits.
    pub permit_keys: Arc<PermitKeys>,
    /// Makes Permits for reading the audit trail, which the audit loggers check: they cannot make
    /// those for keys.
    pub trail_keys: Arc<PermitKeys>,
    /// Seals payloads between the roles.
    pub sealer: Arc<Sealer>,
    /// Seals and opens session tokens, where a deployment has keys for them.
    pub token_keys: Option<Arc<TokenKeys>>,
    /// Takes the records of changes.
    pub sink: Arc<dyn RecordSink>,
    /// The wall clock.
    pub clock: Arc<dyn Clock>,
    /// The account that is set up with a root user.
    pub account: AccountId,
    /// The Regions that are served.
    pub regions: Vec<Region>,
    /// Names this evaluator; `Subject::Invalidate` with it must lead to
    /// [`Evaluator::invalidate_service`].
    pub instance: Uuid,
    /// Whether there are other evaluators.
    pub form: Form,
    /// The root user's access key; one is made at the first start when there is none.
    pub root: Option<(String, SecretBytes)>,
    /// Whether the key clock may be moved while this runs.
    pub dev: bool,
    /// Since when the trail can tell of the use of keys, if this deployment has not tracked it
    /// before.
    pub tracking_start: Timestamp,
    /// Keys and aliases that are made at the start where they are missing.
    pub seed: Option<Seed>,
    /// Where keys go for which a seed file that an operator sends names no account or Region;
    /// `None`: an operator may not send one.
    pub seed_home: Option<SeedHome>,
}

/// A root access key that was made at this start. It is shown once and kept sealed.
#[derive(Debug)]
pub struct PrintedRootKey {
    /// `AKIA…`.
    pub access_key_id: String,
    /// 40 characters of base64.
    pub secret: SecretBytes,
}

/// Why an evaluator did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store is away or not this program's.
    #[error("the registry's store cannot be used")]
    Store(#[from] StoreError),
    /// No worker answered in time, or none does what this evaluator needs.
    #[error("no crypto worker could be used: {0}")]
    Worker(String),
    /// The configured root access key id is another principal's.
    #[error("the configured root access key id belongs to another principal")]
    RootKeyTaken,
    /// The store's note of the generated root access key cannot be read.
    #[error("the store's note of the root access key is damaged")]
    CorruptRootKey,
    /// The store's note of when tracking began cannot be read.
    #[error("the store's note of when the use of keys began to be tracked is damaged")]
    CorruptTrackingStart,
    /// What the seed file names could not be made.
    #[error("the seed file: {0}")]
    Seed(String),
    /// No Region is served.
    #[error("no Region is served")]
    NoRegion,
}

/// One policy evaluator with its registry.
pub struct Evaluator {
    core: Arc<Core>,
    registry: Arc<Registry>,
    sink: Arc<dyn RecordSink>,
    form: Form,
    dev: bool,
    seed_home: Option<SeedHome>,
}

impl Evaluator {
    /// Checks the domain key, seeds the store, and returns the evaluator, with the root access key
    /// if one was made. In the embedded form the workers must be served on the bus already; in the
    /// distributed form they are waited for.
    ///
    /// With a wrong domain key it starts all the same, so that [`Self::ready`] can say so; it then
    /// decides nothing.
    ///
    /// # Errors
    /// [`StartError`] when the store or every worker is away, or the configuration cannot be used.
    pub async fn start(
        config: EvaluatorConfig,
    ) -> Result<(Arc<Self>, Option<PrintedRootKey>), StartError> {
        let region = *config.regions.first().ok_or(StartError::NoRegion)?;
        let lease = match config.form {
            Form::Embedded => Lease::embedded(),
            Form::Distributed => Lease::distributed(),
        };
        seed::first_account(config.store.as_ref(), config.account, config.clock.now()).await?;
        let standing = Standing::of(Arc::clone(&config.store)).await?;
        let tracking_start =
            seed::tracking_start(config.store.as_ref(), config.tracking_start).await?;
        let core = Arc::new(Core {
            evaluator: config.instance,
            store: Arc::clone(&config.store),
            cache: Arc::new(Cache::new()),
            lease: Arc::new(lease),
            standing: Arc::new(standing),
            worker: Worker {
                bus: config.bus.clone(),
                sealer: config.sealer,
                permit_keys: Arc::clone(&config.permit_keys),
                region,
                check: RwLock::default(),
            },
            permit_keys: config.permit_keys,
            trail_keys: config.trail_keys,
            token_keys: config.token_keys,
            explanations: Explanations::new(),
            key_uses: KeyUses::default(),
            clock: config.clock,
            account: config.account,
            regions: config.regions.into_iter().collect::<HashSet<_>>(),
            tracking_start,
            barred: OnceLock::new(),
        });
        let own = match config.form {
            Form::Embedded => None,
            Form::Distributed => Some(config.instance),
        };
        let peers = Peers { store: config.store, bus: config.bus, own };
        let seeding = Seeding::new(&core, &peers);
        let printed = if seeding.domain_key_fits().await? {
            seeding.root_key(config.root.as_ref()).await?
        } else {
            tracing::error!("{WRONG_DOMAIN_KEY}");
            let _ = core.barred.set(WRONG_DOMAIN_KEY);
            None
        };
        let registry = Arc::new(Registry {
            core: Arc::clone(&core),
            peers,
            committed: Notify::new(),
            traces: Traces::default(),
            changes: meters::ChangeMeters::new(),
            waiting: AtomicU64::new(core.store.outbox_len().await?),
            making: tokio::sync::Mutex::default(),
        });
        if let Some(seed) = &config.seed
            && core.barred.get().is_none()
        {
            apply_seed(&registry, own, seed).await?;
        }
        let (sink, form, dev) = (config.sink, config.form, config.dev);
        let seed_home = config.seed_home;
        Ok((Arc::new(Self { core, registry, sink, form, dev, seed_home }), printed))
    }

    /// The keys of session tokens, where the deployment has any.
    #[must_use]
    pub fn token_keys(&self) -> Option<&Arc<TokenKeys>> {
        self.core.token_keys.as_ref()
    }

    /// Works in the background until shutdown: keeps the lease, relays the outbox, seals anew what
    /// older domain keys have sealed, and clears destroyed material out of the store's files.
    pub async fn run(&self, shutdown: Shutdown) {
        let relay = Relay { registry: Arc::clone(&self.registry), sink: Arc::clone(&self.sink) };
        let relay = relay.run(shutdown.clone());
        let claimant = match self.form {
            Form::Embedded => None,
            Form::Distributed => Some(self.core.evaluator),
        };
        let re_sealing = ReSealing::new(Arc::clone(&self.registry), claimant).run(shutdown.clone());
        let explanations = explain::write(Arc::clone(&self.core), shutdown.clone());
        let uses = key_uses::write(Arc::clone(&self.core), shutdown.clone());
        let relay = async { tokio::join!(relay, re_sealing, explanations, uses) };
        let (store, lease) = (Arc::clone(&self.core.store), Arc::clone(&self.core.lease));
        match self.form {
            Form::Distributed => {
                let cache = Arc::clone(&self.core.cache);
                let evaluator = self.core.evaluator;
                let failures = meters::lease_failures();
                let standing = Arc::clone(&self.core.standing);
                let renewals = Renewals { store, cache, lease, standing, evaluator, failures };
                let checks = self.check_domain_key(shutdown.clone());
                let clock = Arc::clone(&self.core.clock);
                let scrub = scrub::scrub(Arc::clone(&self.core.store), clock, shutdown.clone());
                tokio::join!(relay, renewals.run(shutdown), checks, scrub);
            }
            Form::Embedded => {
                relay.await;
            }
        }
    }

    /// Lets the workers prove again and again that their domain key is the one that sealed this
    /// store, as they come and go on their own. Each check reaches one of them; one that fails is
    /// no longer ready.
    async fn check_domain_key(&self, mut shutdown: Shutdown) {
        let first = Instant::now() + DOMAIN_KEY_INTERVAL;
        let mut every = tokio::time::interval_at(first, DOMAIN_KEY_INTERVAL);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let check = async {
                every.tick().await;
                Seeding::new(&self.core, &self.registry.peers).domain_key_fits().await
            };
            tokio::select! {
                () = shutdown.requested() => return,
                checked = check => match checked {
                    Ok(true) => {}
                    Ok(false) => tracing::error!("of a crypto worker: {WRONG_DOMAIN_KEY}"),
                    Err(error) => tracing::warn!(%error, "the domain key was not checked"),
                },
            }
        }
    }

    /// Whether it can decide now.
    ///
    /// # Errors
    /// The reason why not, for `/ready`.
    pub fn ready(&self) -> Result<(), String> {
        self.core.may_decide().map(drop).map_err(|Unavailable(reason)| reason)
    }

    /// Brings the metrics of lease, caches and outbox up to date.
    #[must_use]
    pub fn refresh(&self) -> Refresh {
        meters::refresh(Arc::clone(&self.registry))
    }

    /// The handler of `Subject::Authorize`.
    #[must_use]
    pub fn authorize_service(&self) -> Arc<dyn Service> {
        Arc::new(Authorize::new(Arc::clone(&self.registry)))
    }

    /// What answers as the handler of `Subject::Authorize` does whoever asks in the same process.
    #[must_use]
    pub fn local_evaluator(&self) -> Arc<dyn LocalEvaluator> {
        Arc::new(Authorize::new(Arc::clone(&self.registry)))
    }

    /// The handler of `Subject::RegistryRead`.
    #[must_use]
    pub fn read_service(&self) -> Arc<dyn Service> {
        Arc::new(Reads(Arc::clone(&self.registry)))
    }

    /// The handler of `Subject::RegistryChange`.
    #[must_use]
    pub fn change_service(&self) -> Arc<dyn Service> {
        Arc::new(Changes(Arc::clone(&self.registry)))
    }

    /// The handler of `Subject::ClaimDue`.
    #[must_use]
    pub fn claim_service(&self) -> Arc<dyn Service> {
        Arc::new(DueWork(Arc::clone(&self.registry)))
    }

    /// The handler of `Subject::Admin`.
    #[must_use]
    pub fn admin_service(&self) -> Arc<dyn Service> {
        Arc::new(Admin {
            registry: Arc::clone(&self.registry),
            dev: self.dev,
            seed_home: self.seed_home.clone(),
        })
    }

    /// The handler of `Subject::Invalidate` with this evaluator's instance.
    #[must_use]
    pub fn invalidate_service(&self) -> Arc<dyn Service> {
        Arc::new(Invalidated(Arc::clone(&self.core)))
    }
}

/// Makes the keys and aliases that the deployment begins with.
async fn apply_seed(
    registry: &Arc<Registry>,
    claimant: Option<Uuid>,
    seed: &Seed,
) -> Result<(), StartError> {
    let done = Seeder { registry, claimant }.apply(seed).await;
    let done = done.map_err(|fault| StartError::Seed(fault.to_string()))?;
    tracing::info!(made = done.made, kept = done.kept, differing = done.differing, "seeded");
    Ok(())
}

//! The embedded form: every role in one process, over SQLite and a journal.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use trent_audit_logger::checkpoints::ChainHeads;
use trent_audit_logger::cost::Prices;
use trent_audit_logger::follower::Follower;
use trent_audit_logger::journal::{AcceptError, CoreJournal, Journal, JournalConfig};
use trent_audit_logger::queries::{
    Books, JournalTrail, TrailReader, TrailService, TrailServiceConfig,
};
use trent_audit_logger::signing::SigningKeys;
use trent_audit_logger::usage;
use trent_bus::{
    AlreadyServed, Bus, InProcessBus, PermitKeys, Presence, Sealer, Service, Step, Subject,
};
use trent_crypto_worker::{Worker, WorkerConfig};
use trent_gateway::{GatewayConfig, Services};
use trent_lifecycle::Lifecycle;
use trent_operations::ports::{AuditTrail, PortFuture, Unavailable};
use trent_policy_evaluator::{
    DOMAIN_KEY_CHECK_SETTING, Evaluator, EvaluatorConfig, Form, TokenKeys,
};
use trent_runtime::{Process, Settings, Shutdown, StartError};
use trent_store::{RegistryStore, Sqlite};
use trent_types::{AuditRecord, KeyRing, SystemClock};
use uuid::Uuid;

use super::policy::{chain, print_root_key};
use super::worker::PARSED_KEYS_MAX;
use super::{KeyFile, add_trail_check, audit, gateway, lifecycle, sqlite};
use crate::admin::AdminSocket;
use crate::audit::signing_key;
use crate::key_files::{self, RingName};
use crate::key_watch::KeyWatch;
use crate::prices;
use crate::seed_file::{self, SeedFile};

/// Records of the outbox that are looked for in the journal at once.
const OUTBOX_BATCH: u32 = 10_000;

/// Readings of the trail at the same time: as many as the store has readers.
const READINGS_MAX: usize = 2;

/// What the process has read before it starts.
pub(crate) struct Prepared {
    keys: FoundKeys,
    gateway: GatewayConfig,
    seed: Option<SeedFile>,
    prices: Prices,
}

/// Reads the keys that are there, the certificate, and what else is named.
pub(crate) fn prepare(settings: &Settings) -> Result<Prepared, StartError> {
    let gateway = gateway::config(settings, settings.embedded_threads)?;
    let (keys, seed) = (FoundKeys::of(settings)?, SeedFile::of(settings)?);
    Ok(Prepared { keys, gateway, seed, prices: prices::read(settings)? })
}

/// Serves until the process is told to stop.
pub(crate) async fn serve(process: Process, prepared: Prepared) -> Result<(), StartError> {
    let settings = &process.settings;
    key_files::private_folder(&settings.data_dir)?;
    let journal =
        Journal::open(&JournalConfig::new(settings.data_dir.join("journal"))).map_err(|error| {
            let directory = settings.data_dir.display();
            StartError::Environment(format!("TRENT_DATA_DIR: {directory}: {}", chain(&error)))
        })?;
    let store = Arc::new(sqlite(settings)?);
    recall_outbox(&store, &journal).await?;
    // Only now, when no other process has this data directory.
    let keys = prepared.keys.make_missing(settings, &store).await?;
    let signing = Arc::new(key_files::signing_keys_or_make(&signing_key::path(settings))?);
    let mut checkpoints =
        audit::checkpoints(settings, Arc::new(journal.clone()), Arc::clone(&signing));
    let reader = Arc::new(JournalTrail::new(journal.clone(), store.clone()));
    let source = (Arc::new(journal.clone()) as Arc<dyn ChainHeads>, reader as Arc<dyn TrailReader>);
    audit::write_log_files(&process, source, store.clone(), Arc::clone(&signing));
    let Roles { permit_keys, trail_keys, sealer, token_keys, worker } = keys.into_use(&process);
    let in_process = InProcessBus::new();
    let bus = in_process.bus();
    let fast: Arc<dyn Service> = worker.clone();
    register(&in_process, Subject::CryptoFast, Arc::clone(&fast))?;
    register(&in_process, Subject::CryptoSlow, fast)?;
    give(in_process.give_worker(worker.clone()))?;
    let finishing = process.shutdown.clone();
    let trail =
        trail((&journal, &store), prepared.prices, trail_keys.clone(), signing.clone(), finishing);
    register(&in_process, Subject::Trail, trail)?;
    let held = Held { permit_keys, trail_keys, sealer: Arc::clone(&sealer), token_keys };
    let follower = Follower::new(journal.clone(), store.clone(), Arc::new(SystemClock));
    follower.prepare().await.map_err(|error| StartError::Environment(chain(&error)))?;
    let evaluator = evaluator(&process, store, &bus, held, &journal, prepared.seed).await?;
    serve_evaluator(&in_process, &evaluator)?;
    open_admin_door(&process, &bus);

    let lifecycle = Lifecycle::new(lifecycle::config(&process), bus.clone(), Arc::new(SystemClock));
    let timed = tokio::spawn(lifecycle.run(process.shutdown.clone()));
    let following = tokio::spawn(follower.run(process.shutdown.clone()));
    let covering = tokio::spawn({
        let shutdown = process.shutdown.clone();
        async move {
            checkpoints.run(shutdown).await;
            checkpoints
        }
    });
    let background = tokio::spawn({
        let (evaluator, shutdown) = (Arc::clone(&evaluator), process.shutdown.clone());
        async move { evaluator.run(shutdown).await }
    });
    process.scrapes.add(evaluator.refresh());
    process.readiness.add("evaluator", Box::new(move || evaluator.ready()));
    let sizes = Arc::clone(&worker);
    process.scrapes.add(Box::new(move || sizes.show_sizes()));
    add_trail_check(&process, journal.health());
    process.readiness.add("domain key", Box::new(move || worker.ready()));
    let audit = Arc::new(move || Rc::new(CoreTrail(journal.core())) as Rc<dyn AuditTrail>);
    let clock = Arc::new(SystemClock);
    let limited = process.settings.request_quotas.unwrap_or(false);
    let quota = gateway::quota(&process, limited.then(Presence::alone));
    let pages = Some(gateway::console(&prepared.gateway));
    let services = Services { bus, sealer, clock, audit, quota, pages };
    gateway::serve_api(process, services, prepared.gateway).await?;
    let ended = tokio::try_join!(timed, following, background, covering);
    let (.., mut checkpoints) =
        ended.map_err(|error| StartError::Environment(error.to_string()))?;
    // Now that nothing records any more.
    checkpoints.write().await;
    Ok(())
}

/// Answers what the trail is asked, from the journal and what its follower has kept.
fn trail(
    (journal, store): (&Journal, &Arc<Sqlite>),
    prices: Prices,
    permit_keys: Arc<PermitKeys>,
    signing: Arc<SigningKeys>,
    finishing: Shutdown,
) -> Arc<TrailService> {
    TrailService::new(TrailServiceConfig {
        trail: Arc::new(JournalTrail::new(journal.clone(), store.clone())),
        usage: Some(Arc::new(Books::new(store.clone(), prices))),
        keys: Some(signing),
        permit_keys,
        clock: Arc::new(SystemClock),
        readings_max: READINGS_MAX,
        finishing,
    })
}

/// Lets the operator in, by the socket in the data directory. Where there can be none, Trent serves
/// without: no request needs it.
fn open_admin_door(process: &Process, bus: &Bus) {
    let (bus, shutdown) = (bus.clone(), process.shutdown.clone());
    match AdminSocket::open(&process.settings.data_dir) {
        Ok(socket) => {
            tokio::spawn(async move {
                if let Err(error) = socket.serve(bus, shutdown).await {
                    tracing::error!(%error, "the operator's socket is not served");
                }
            });
        }
        Err(error) => {
            let data_dir = process.settings.data_dir.display();
            tracing::error!(%error, "{data_dir}: no socket for the operator's commands");
        }
    }
}

/// The keys that the evaluator has.
struct Held {
    permit_keys: Arc<PermitKeys>,
    trail_keys: Arc<PermitKeys>,
    sealer: Arc<Sealer>,
    token_keys: Arc<TokenKeys>,
}

async fn evaluator(
    process: &Process,
    store: Arc<Sqlite>,
    bus: &Bus,
    held: Held,
    journal: &Journal,
    seed: Option<SeedFile>,
) -> Result<Arc<Evaluator>, StartError> {
    let settings = &process.settings;
    let tracking_start = usage::tracking_start(journal, &SystemClock)
        .await
        .map_err(|error| StartError::Environment(format!("the journal: {error}")))?;
    let (evaluator, made) = Evaluator::start(EvaluatorConfig {
        store,
        bus: bus.clone(),
        permit_keys: held.permit_keys,
        trail_keys: held.trail_keys,
        sealer: held.sealer,
        token_keys: Some(held.token_keys),
        sink: Arc::new(journal.clone()),
        clock: Arc::new(SystemClock),
        account: settings.account,
        regions: settings.regions.clone(),
        instance: Uuid::new_v4(),
        form: Form::Embedded,
        root: settings.root.clone(),
        dev: settings.dev,
        tracking_start,
        seed: seed.map(SeedFile::into_seed),
        seed_home: Some(seed_file::home(settings)),
    })
    .await
    .map_err(|error| StartError::Environment(chain(&error)))?;
    print_root_key(made.as_ref());
    Ok(evaluator)
}

/// Tells the journal which records of the outbox it has already: a crash between the journal and
/// the outbox must not write one twice.
async fn recall_outbox(store: &Arc<Sqlite>, journal: &Journal) -> Result<(), StartError> {
    let waiting = store.outbox(OUTBOX_BATCH).await;
    let waiting = waiting.map_err(|error| StartError::Environment(chain(&error)))?;
    journal.recall(&waiting).map_err(|error| StartError::Environment(chain(&error)))
}

/// Gives the evaluator its subjects, and itself to whoever can ask it without messages.
fn serve_evaluator(bus: &InProcessBus, evaluator: &Evaluator) -> Result<(), StartError> {
    register(bus, Subject::Authorize, evaluator.authorize_service())?;
    give(bus.give_evaluator(evaluator.local_evaluator()))?;
    register(bus, Subject::RegistryRead, evaluator.read_service())?;
    register(bus, Subject::RegistryChange, evaluator.change_service())?;
    register(bus, Subject::ClaimDue, evaluator.claim_service())?;
    register(bus, Subject::Admin, evaluator.admin_service())?;
    Ok(())
}

fn register(
    bus: &InProcessBus,
    subject: Subject,
    service: Arc<dyn Service>,
) -> Result<(), StartError> {
    give(bus.serve(subject, service))
}

/// Takes over that somebody was given a place on the bus.
fn give(given: Result<(), AlreadyServed>) -> Result<(), StartError> {
    given.map_err(|error| StartError::Environment(error.to_string()))
}

/// The keys of an embedded deployment, in their files.
struct Keys {
    domain: KeyFile,
    permit: KeyFile,
    bus: KeyFile,
    token: KeyFile,
    trail: KeyFile,
}

/// What the keys serve.
struct Roles {
    permit_keys: Arc<PermitKeys>,
    trail_keys: Arc<PermitKeys>,
    sealer: Arc<Sealer>,
    token_keys: Arc<TokenKeys>,
    worker: Arc<Worker>,
}

impl Keys {
    /// Puts the keys into use; from now on they follow their files.
    fn into_use(self, process: &Process) -> Roles {
        let mut watch = KeyWatch::new();
        let permit_keys = self.permit.permit_keys(&mut watch);
        let trail_keys = self.trail.trail_keys(&mut watch);
        let sealer = self.bus.sealer(&mut watch);
        let token_keys = self.token.token_keys(&mut watch);
        let KeyFile { path, ring } = self.domain;
        let worker = Worker::new(WorkerConfig {
            domain_keys: ring.clone(),
            permit_keys: Arc::clone(&permit_keys),
            sealer: Arc::clone(&sealer),
            clock: Arc::new(SystemClock),
            parsed_keys_max: PARSED_KEYS_MAX,
        });
        watch.domain(&path, &ring, &worker);
        tokio::spawn(watch.run(process.shutdown.clone()));
        Roles { permit_keys, trail_keys, sealer, token_keys, worker }
    }
}

/// The keys that are there; at the first start those have yet to be made for which no file is
/// named.
struct FoundKeys {
    domain: Option<KeyRing>,
    permit: Option<KeyRing>,
    bus: Option<KeyRing>,
    token: Option<KeyRing>,
    trail: Option<KeyRing>,
}

impl FoundKeys {
    fn of(settings: &Settings) -> Result<Self, StartError> {
        let of = |given: &Option<PathBuf>, name| match given {
            Some(path) => key_files::read(path).map(Some),
            None => key_files::read_if_there(&key_file(settings, name)),
        };
        Ok(Self {
            domain: of(&settings.domain_key_file, RingName::Domain)?,
            permit: of(&settings.permit_key_file, RingName::Permit)?,
            bus: of(&settings.bus_key_file, RingName::Bus)?,
            token: of(&settings.token_key_file, RingName::Token)?,
            trail: of(&settings.trail_key_file, RingName::Trail)?,
        })
    }

    async fn make_missing(self, settings: &Settings, store: &Sqlite) -> Result<Keys, StartError> {
        if self.domain.is_none() {
            nothing_sealed(settings, store).await?;
        }
        let of = |found: Option<KeyRing>, name: RingName| {
            let path = key_file(settings, name);
            let ring = match found {
                Some(ring) => ring,
                None => key_files::read_or_make(&path)?,
            };
            Ok::<_, StartError>(KeyFile { path, ring })
        };
        Ok(Keys {
            domain: of(self.domain, RingName::Domain)?,
            permit: of(self.permit, RingName::Permit)?,
            bus: of(self.bus, RingName::Bus)?,
            token: of(self.token, RingName::Token)?,
            trail: of(self.trail, RingName::Trail)?,
        })
    }
}

/// A new domain key is only for a new registry: what is sealed would open under none but its own.
async fn nothing_sealed(settings: &Settings, store: &Sqlite) -> Result<(), StartError> {
    let check = store.setting(DOMAIN_KEY_CHECK_SETTING).await;
    match check.map_err(|error| StartError::Environment(chain(&error)))? {
        None => Ok(()),
        Some(_) => Err(StartError::Environment(format!(
            "TRENT_DOMAIN_KEY_FILE: {}: the domain key that this deployment sealed under is not \
             there, and no other opens it",
            key_file(settings, RingName::Domain).display()
        ))),
    }
}

/// Where the embedded form has a key: in the file that is named for it, or under the data
/// directory.
pub(crate) fn key_file(settings: &Settings, name: RingName) -> PathBuf {
    let given = match name {
        RingName::Domain => &settings.domain_key_file,
        RingName::Permit => &settings.permit_key_file,
        RingName::Bus => &settings.bus_key_file,
        RingName::Token => &settings.token_key_file,
        RingName::Trail => &settings.trail_key_file,
    };
    given.clone().unwrap_or_else(|| own_key_file(settings, &format!("{}.key", name.label())))
}

/// Where the embedded form keeps a key for which no file is named.
pub(crate) fn own_key_file(settings: &Settings, name: &str) -> PathBuf {
    settings.data_dir.join("keys").join(name)
}

/// The journal as the operations' audit trail, on one core.
struct CoreTrail(CoreJournal);

impl AuditTrail for CoreTrail {
    fn accept(&self, record: AuditRecord) -> PortFuture<'_, Result<(), Unavailable>> {
        let step = record.trace.map(|trace| Step::keep(1, trace));
        let accepted = self.0.accept(record);
        Box::pin(async move {
            // It ends when the record is durable.
            let _step = step;
            accepted.await.map_err(|error: AcceptError| Unavailable::Away(error.to_string()))
        })
    }
}

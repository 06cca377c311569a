//! The policy evaluator with its registry.

use std::sync::Arc;

use tokio::task::JoinSet;
use trent_bus::{AuditPublisher, PublishLimits, ServeLimits, Subject};
use trent_policy_evaluator::{Evaluator, EvaluatorConfig, Form, PrintedRootKey};
use trent_runtime::{Process, Settings, StartError};
use trent_types::{Clock, SystemClock};
use uuid::Uuid;

use super::{
    DRAIN_PATIENCE, KeyFile, add_bus_check, add_trail_check, bus_key_file, bus_required,
    database_required, nats, permit_key_file, postgres, trail_key_file,
};
use crate::key_watch::KeyWatch;
use crate::seed_file::{self, SeedFile};

/// The keys that the role has read before it starts.
pub(crate) struct Prepared {
    permit_key: KeyFile,
    trail_key: KeyFile,
    bus_key: KeyFile,
    token_key: Option<KeyFile>,
    seed: Option<SeedFile>,
}

/// Reads the keys.
pub(crate) fn prepare(settings: &Settings) -> Result<Prepared, StartError> {
    bus_required(settings)?;
    database_required(settings)?;
    Ok(Prepared {
        permit_key: permit_key_file(settings)?,
        trail_key: trail_key_file(settings)?,
        bus_key: bus_key_file(settings)?,
        token_key: settings.token_key_file.as_deref().map(KeyFile::read).transpose()?,
        seed: SeedFile::of_distributed(settings)?,
    })
}

/// Serves until the process is told to stop.
pub(crate) async fn serve(mut process: Process, prepared: Prepared) -> Result<(), StartError> {
    let settings = &process.settings;
    let mut watch = KeyWatch::new();
    let permit_keys = prepared.permit_key.permit_keys(&mut watch);
    let trail_keys = prepared.trail_key.trail_keys(&mut watch);
    let sealer = prepared.bus_key.sealer(&mut watch);
    let token_keys = prepared.token_key.map(|file| file.token_keys(&mut watch));
    tokio::spawn(watch.run(process.shutdown.clone()));
    let store = Arc::new(postgres(&process).await?);
    let nats = Arc::new(nats(&process, "policy").await?);
    let publisher = AuditPublisher::new(&nats, PublishLimits::default());
    let trail = publisher.health();
    let instance = Uuid::new_v4();
    let (evaluator, made) = Evaluator::start(EvaluatorConfig {
        store,
        bus: nats.bus(),
        permit_keys,
        trail_keys,
        sealer,
        token_keys,
        sink: Arc::new(publisher),
        clock: Arc::new(SystemClock),
        account: settings.account,
        regions: settings.regions.clone(),
        instance,
        form: Form::Distributed,
        root: settings.root.clone(),
        dev: settings.dev,
        tracking_start: SystemClock.now(),
        seed: prepared.seed.map(SeedFile::into_seed),
        seed_home: settings.seed_distributed.then(|| seed_file::home(settings)),
    })
    .await
    .map_err(|error| StartError::Environment(chain(&error)))?;
    print_root_key(made.as_ref());
    let background = tokio::spawn({
        let (evaluator, shutdown) = (Arc::clone(&evaluator), process.shutdown.clone());
        async move { evaluator.run(shutdown).await }
    });
    let mut serving = Vec::new();
    for (subject, service) in [
        (Subject::Invalidate(instance), evaluator.invalidate_service()),
        (Subject::Authorize, evaluator.authorize_service()),
        (Subject::RegistryRead, evaluator.read_service()),
        (Subject::RegistryChange, evaluator.change_service()),
        (Subject::ClaimDue, evaluator.claim_service()),
        (Subject::Admin, evaluator.admin_service()),
    ] {
        let served = nats.serve(subject, service, ServeLimits::default()).await;
        serving.push(served.map_err(|error| StartError::Environment(format!("serving: {error}")))?);
    }
    process.scrapes.add(evaluator.refresh());
    // Only now: until it serves, it is starting, though the bus be there.
    process.readiness.add("evaluator", Box::new(move || evaluator.ready()));
    add_bus_check(&process, &nats);
    add_trail_check(&process, trail);
    process.shutdown.requested().await;
    // Together: what is still served after the lease has ended would be refused.
    let draining = serving.into_iter().map(|served| served.drain(DRAIN_PATIENCE));
    draining.collect::<JoinSet<()>>().join_all().await;
    background.await.map_err(|error| StartError::Environment(error.to_string()))
}

/// Shows a root access key that was made at this start: the only time that anybody sees its secret.
pub(super) fn print_root_key(made: Option<&PrintedRootKey>) {
    if let Some(made) = made {
        println!("The root user's access key, shown this once:");
        println!("  aws_access_key_id = {}", made.access_key_id);
        let secret = String::from_utf8_lossy(made.secret.expose());
        println!("  aws_secret_access_key = {secret}");
    }
}

/// An error with everything that caused it, in one line. Some errors say their cause themselves.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let reason = source.to_string();
        if !text.ends_with(&reason) {
            text.push_str(": ");
            text.push_str(&reason);
        }
        cause = source.source();
    }
    text
}

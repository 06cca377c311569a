//! The gateway: the AWS API; no database, no domain key.

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use trent_bus::{AuditPublisher, Member, Presence, PublishLimits, RecordSink, Sampler};
use trent_gateway::{Gateway, GatewayConfig, RequestQuotas, Services, StreamTrail, TlsConfig};
use trent_operations::ports::{AuditTrail, RequestQuota, Unlimited};
use trent_runtime::{Process, Settings, StartError};
use trent_types::{Region, SystemClock};
use uuid::Uuid;

use super::{KeyFile, add_bus_check, add_trail_check, bus_key_file, bus_required, nats};
use crate::key_watch::KeyWatch;

/// What the role has read before it starts.
pub(crate) struct Prepared {
    bus_key: KeyFile,
    gateway: GatewayConfig,
}

/// Reads keys and certificate.
pub(crate) fn prepare(settings: &Settings) -> Result<Prepared, StartError> {
    bus_required(settings)?;
    Ok(Prepared { bus_key: bus_key_file(settings)?, gateway: config(settings, settings.threads)? })
}

/// Serves until the process is told to stop.
pub(crate) async fn serve(process: Process, prepared: Prepared) -> Result<(), StartError> {
    let Prepared { bus_key, gateway } = prepared;
    let mut watch = KeyWatch::new();
    let sealer = bus_key.sealer(&mut watch);
    tokio::spawn(watch.run(process.shutdown.clone()));
    let nats = Arc::new(nats(&process, "gateway").await?);
    let publisher = AuditPublisher::new(&nats, PublishLimits::default());
    add_trail_check(&process, publisher.health());
    let publisher: Arc<dyn RecordSink> = Arc::new(publisher);
    let limited = process.settings.request_quotas.unwrap_or(true);
    let joined = async {
        // Who keeps no quotas takes no part of them.
        if limited {
            Member::join_gateways(&nats, Uuid::new_v4()).await.map(Some)
        } else {
            Ok(None)
        }
    };
    let joined = joined.await;
    let joined =
        joined.map_err(|error| StartError::Environment(format!("TRENT_NATS_URL: {error}")))?;
    let (member, presence) = joined.unzip();
    let services = Services {
        quota: quota(&process, presence),
        bus: nats.bus(),
        sealer,
        clock: Arc::new(SystemClock),
        audit: Arc::new(move || {
            Rc::new(StreamTrail::new(Arc::clone(&publisher))) as Rc<dyn AuditTrail>
        }),
    };
    add_bus_check(&process, &nats);
    let served = serve_api(process, services, gateway).await;
    if let Some(member) = member {
        member.leave().await;
    }
    served
}

/// AWS's request quotas, shared by these gateways; as many requests as there come without any.
pub(super) fn quota(
    process: &Process,
    presence: Option<Presence>,
) -> Arc<dyn RequestQuota + Send + Sync> {
    let Some(presence) = presence else { return Arc::new(Unlimited) };
    let quotas = RequestQuotas::new(Arc::new(SystemClock), presence);
    process.scrapes.add(quotas.refresh());
    Arc::new(quotas)
}

/// Serves the AWS API with these services until the process is told to stop.
pub(super) async fn serve_api(
    mut process: Process,
    services: Services,
    config: GatewayConfig,
) -> Result<(), StartError> {
    let bound = Gateway::bind(config).map_err(|error| {
        StartError::Environment(format!("TRENT_LISTEN: {}: {error}", process.settings.listen))
    })?;
    let scheme = if process.settings.tls.is_some() { "https" } else { "http" };
    let addresses = bound.addresses().to_vec();
    let mut running = bound
        .serve(&services, &process.shutdown)
        .map_err(|error| StartError::Environment(format!("threads: {error}")))?;
    if let Some(refresh) = running.refresh() {
        process.scrapes.add(refresh);
    }
    for address in addresses {
        tracing::info!("serving the AWS API on {scheme}://{address}");
    }
    process.shutdown.requested().await;
    let joined = tokio::task::spawn_blocking(move || running.join()).await;
    joined.map_err(|error| StartError::Environment(error.to_string()))
}

/// How the API is served, by so many threads.
pub(super) fn config(settings: &Settings, threads: u32) -> Result<GatewayConfig, StartError> {
    // Where requests are recorded that name no Region: AWS's own home, where it is served.
    let home = |region: &&Region| region.as_str() == "us-east-1";
    let home_region = settings.regions.iter().find(home).or(settings.regions.first());
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    Ok(GatewayConfig {
        listen: vec![settings.listen],
        tls: tls(settings)?,
        trusted_proxies: settings.trusted_proxies.clone(),
        cores: count(threads),
        connections_max: count(settings.connections_max),
        regions: settings.regions.clone(),
        home_region: *Settings::required(home_region, "TRENT_REGIONS")?,
        sampler: settings.otlp_endpoint.as_ref().map(|_| Sampler::new(settings.trace_sample_ratio)),
        drain_max: Duration::from_secs(10),
    })
}

fn tls(settings: &Settings) -> Result<Option<TlsConfig>, StartError> {
    let Some(files) = &settings.tls else { return Ok(None) };
    let read = |path: &std::path::Path| {
        std::fs::read(path)
            .map_err(|error| StartError::Configuration(format!("{}: {error}", path.display())))
    };
    let (certificates, key) = (read(&files.certificate)?, read(&files.key)?);
    let config = TlsConfig::from_pem(&certificates, &key)
        .map_err(|error| StartError::Configuration(format!("TRENT_TLS_CERT: {error}")))?;
    Ok(Some(config))
}

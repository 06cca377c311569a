//! Bus and database at the start of a process: they may come up later than it does.

use std::error::Error;
use std::time::Duration;

use tokio::time::Instant;
use trent_bus::{NatsBus, NatsError, NatsOptions, NatsTls};
use trent_runtime::{Backoff, Process, Settings, Shutdown, StartError};
use trent_store::Postgres;

use super::database;
use super::policy::chain;

/// How long a process waits for what it needs before it ends.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pause after a first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Fault {
    /// It may be there later.
    Away(String),
    /// Waiting does not help.
    Final(StartError),
}

/// The variable that says where the bus is.
const BUS: &str = "TRENT_NATS_URL";

/// The bus must be configured, and so that it can be used.
pub(super) fn bus_required(settings: &Settings) -> Result<(), StartError> {
    let url = Settings::required(settings.nats_url.as_deref(), BUS)?;
    bus_options(settings).check(url).map_err(|error| {
        let text = described(BUS, &error);
        StartError::Configuration(match error {
            NatsError::Insecure(_) => format!(
                "{text}; set TRENT_NATS_CA_FILE, TRENT_NATS_CERT_FILE and TRENT_NATS_KEY_FILE, or \
                 TRENT_INSECURE_TRANSPORT=allow"
            ),
            NatsError::Configuration(_) | NatsError::Connect(_) | NatsError::Subscribe(_) => text,
        })
    })?;
    let Some(tls) = &settings.nats_tls else { return Ok(()) };
    let identity = tls.identity.iter().flat_map(|own| {
        [("TRENT_NATS_CERT_FILE", &own.certificate), ("TRENT_NATS_KEY_FILE", &own.key)]
    });
    // They are read at every connection; that they can be is seen before waiting for a server.
    for (variable, path) in [("TRENT_NATS_CA_FILE", &tls.authority)].into_iter().chain(identity) {
        std::fs::File::open(path).map_err(|error| {
            StartError::Configuration(format!("{variable}: {}: {error}", path.display()))
        })?;
    }
    Ok(())
}

fn bus_options(settings: &Settings) -> NatsOptions {
    let tls = settings.nats_tls.as_ref().map(|files| NatsTls {
        authority: files.authority.clone(),
        identity: files
            .identity
            .as_ref()
            .map(|identity| (identity.certificate.clone(), identity.key.clone())),
    });
    let insecure_transport = settings.insecure_transport;
    NatsOptions { tls, insecure_transport, ..NatsOptions::default() }
}

/// Connects to the bus as this role.
pub(super) async fn nats(process: &Process, role: &str) -> Result<NatsBus, StartError> {
    let url = Settings::required(process.settings.nats_url.as_deref(), BUS)?;
    let options = bus_options(&process.settings);
    let instance = uuid::Uuid::new_v4().simple().to_string();
    patiently("NATS", process.shutdown.clone(), async || {
        NatsBus::connect_with(url, role, &instance, &options).await.map_err(|error| {
            let text = described(BUS, &error);
            if error.may_pass() {
                Fault::Away(text)
            } else {
                Fault::Final(StartError::Configuration(text))
            }
        })
    })
    .await
}

/// Connects to the bus as this identity, if it is there now.
pub(crate) async fn nats_now(settings: &Settings, identity: &str) -> Result<NatsBus, StartError> {
    bus_required(settings)?;
    let url = Settings::required(settings.nats_url.as_deref(), BUS)?;
    let instance = uuid::Uuid::new_v4().simple().to_string();
    let connected = NatsBus::connect_with(url, identity, &instance, &bus_options(settings)).await;
    connected.map_err(|error| StartError::Environment(described(BUS, &error)))
}

/// Connects to the database.
pub(super) async fn postgres(process: &Process) -> Result<Postgres, StartError> {
    let options = database::options(&process.settings)?;
    patiently("Postgres", process.shutdown.clone(), async || database::connect(&options).await)
        .await
}

pub(super) fn described(variable: &str, error: &dyn Error) -> String {
    format!("{variable}: {}", chain(error))
}

/// Tries until it works, it cannot work, the shutdown or the end of [`PATIENCE`].
async fn patiently<T>(
    what: &str,
    mut shutdown: Shutdown,
    attempt: impl AsyncFn() -> Result<T, Fault>,
) -> Result<T, StartError> {
    let give_up = Instant::now() + PATIENCE;
    let mut pause = Backoff::new(FIRST_PAUSE, LONGEST_PAUSE);
    loop {
        let reason = match attempt().await {
            Ok(connected) => return Ok(connected),
            Err(Fault::Final(error)) => return Err(error),
            Err(Fault::Away(reason)) => reason,
        };
        if Instant::now() + pause.next() > give_up {
            return Err(StartError::Environment(reason));
        }
        tracing::warn!(reason, "waiting for {what}");
        pause.rest(&mut shutdown).await;
        if shutdown.is_requested() {
            return Err(StartError::Environment(format!("stopped while waiting for {what}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    async fn tried(
        attempt: impl Fn(u32) -> Result<u32, Fault>,
    ) -> (u32, u64, Result<u32, StartError>) {
        let (_trigger, shutdown) = Shutdown::new();
        let (tries, began) = (Cell::new(0), Instant::now());
        let outcome = patiently("it", shutdown, async || {
            tries.set(tries.get() + 1);
            attempt(tries.get())
        });
        let outcome = outcome.await;
        (tries.get(), began.elapsed().as_secs(), outcome)
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_late_is_waited_for_and_what_is_wrong_is_not() {
        let late = |tries| if tries < 4 { Err(Fault::Away("no".into())) } else { Ok(tries) };
        assert!(matches!(tried(late).await, (4, 1, Ok(4))));
        let wrong = |_| Err(Fault::Final(StartError::Configuration("password".into())));
        let (tries, seconds, outcome) = tried(wrong).await;
        assert_eq!((tries, seconds), (1, 0));
        assert_eq!(outcome.unwrap_err().exit_status(), 64);
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_ends_after_a_minute_and_with_the_shutdown() {
        let (tries, seconds, outcome) = tried(|_| Err(Fault::Away("nobody".into()))).await;
        assert!((10..30).contains(&tries) && (50..=60).contains(&seconds), "{tries} {seconds}");
        assert_eq!(outcome.unwrap_err().to_string(), "nobody");
        let (trigger, shutdown) = Shutdown::new();
        trigger.trigger();
        let never = async || Err::<(), _>(Fault::Away("nobody".into()));
        let stopped = patiently("it", shutdown, never).await.unwrap_err().to_string();
        assert_eq!(stopped, "stopped while waiting for it");
    }
}

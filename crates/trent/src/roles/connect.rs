//! Bus and database at the start of a process: they may come up later than it does.

use std::error::Error;
use std::time::Duration;

use tokio::time::Instant;
use trent_bus::NatsBus;
use trent_runtime::{Backoff, Process, Settings, Shutdown, StartError};
use trent_store::{Postgres, StoreError};

use super::policy::chain;

/// How long a process waits for what it needs before it ends.
const PATIENCE: Duration = Duration::from_secs(60);
/// The pause after a first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Why there is no connection.
#[derive(Debug)]
enum Fault {
    /// It may be there later.
    Away(String),
    /// Waiting does not help.
    Final(StartError),
}

/// Connects to the bus as this role.
pub(super) async fn nats(process: &Process, role: &str) -> Result<NatsBus, StartError> {
    let variable = "TRENT_NATS_URL";
    let url = Settings::required(process.settings.nats_url.as_deref(), variable)?;
    let instance = uuid::Uuid::new_v4().simple().to_string();
    patiently("NATS", process.shutdown.clone(), async || {
        NatsBus::connect(url, role, &instance).await.map_err(|error| {
            let text = described(variable, &error);
            if error.may_pass() {
                Fault::Away(text)
            } else {
                Fault::Final(StartError::Configuration(text))
            }
        })
    })
    .await
}

/// Connects to the database.
pub(super) async fn postgres(process: &Process) -> Result<Postgres, StartError> {
    patiently("Postgres", process.shutdown.clone(), async || connect(&process.settings).await).await
}

/// Connects to the database if it is there now.
pub(crate) async fn postgres_now(settings: &Settings) -> Result<Postgres, StartError> {
    connect(settings).await.map_err(|fault| match fault {
        Fault::Away(text) => StartError::Environment(text),
        Fault::Final(error) => error,
    })
}

async fn connect(settings: &Settings) -> Result<Postgres, Fault> {
    let variable = "TRENT_DATABASE_URL";
    let url =
        Settings::required(settings.database_url.as_deref(), variable).map_err(Fault::Final)?;
    let connections = usize::try_from(settings.database_connections_max).unwrap_or(1);
    Postgres::connect(url, connections).await.map_err(|error| {
        let text = described(variable, &error);
        match error {
            StoreError::Unavailable(_) => Fault::Away(text),
            StoreError::Refused(_) => Fault::Final(StartError::Configuration(text)),
            StoreError::Corrupt(_) | StoreError::Schema(_) => {
                Fault::Final(StartError::Environment(text))
            }
        }
    })
}

fn described(variable: &str, error: &dyn Error) -> String {
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

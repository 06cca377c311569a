//! `trent dev`: for development and tests.

use trent_runtime::{Settings, StartError};
use trent_store::RegistryStore;

use crate::commands::AdvanceClock;
use crate::roles;

/// Milliseconds of a day.
const DAY_MS: i64 = 86_400_000;

/// Moves the key clock of a store; a running Trent follows within a second.
pub(crate) fn advance_clock(arguments: AdvanceClock) -> Result<(), StartError> {
    let settings = arguments.options.settings()?;
    if !settings.dev {
        return Err(StartError::Configuration(
            "the key clock moves with TRENT_DEV=true only".into(),
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| StartError::Environment(error.to_string()))?;
    runtime.block_on(async {
        let store = open(&settings).await?;
        let moved = async {
            let offset = store.key_clock_offset().await?;
            store.set_key_clock_offset(offset + i64::from(arguments.days) * DAY_MS).await
        };
        moved.await.map_err(|error| StartError::Environment(error.to_string()))
    })
}

/// The database where one is configured, the embedded store otherwise.
async fn open(settings: &Settings) -> Result<Box<dyn RegistryStore>, StartError> {
    if settings.database_url.is_some() {
        return Ok(Box::new(roles::postgres_now(settings).await?));
    }
    Ok(Box::new(roles::sqlite(settings)?))
}

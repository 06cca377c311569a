//! Destroyed key material leaves the store's files soon after the change that destroyed it.
//!
//! SQLite overwrites it at once. Postgres only marks a deleted row, so its table of material is
//! written anew from time to time; every evaluator looks, and whoever finds something to do does
//! it for all.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use trent_runtime::Shutdown;
use trent_store::RegistryStore;
use trent_types::Clock;

/// How long destroyed material stays in the files at most, but for long readers of the table.
const INTERVAL: Duration = Duration::from_secs(5);

/// Looks until shutdown.
pub(crate) async fn scrub(
    store: Arc<dyn RegistryStore>,
    clock: Arc<dyn Clock>,
    mut shutdown: Shutdown,
) {
    let mut every = tokio::time::interval(INTERVAL);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.requested() => return,
            _ = every.tick() => match store.scrub(clock.now()).await {
                Ok(true) => tracing::info!("destroyed key material has left the database's files"),
                Ok(false) => {}
                // The next round tries again.
                Err(error) => {
                    tracing::warn!(%error, "destroyed key material is still in the files");
                }
            },
        }
    }
}

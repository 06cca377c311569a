//! Posts what was kept before there were postings, behind the logger and out of its way.

use std::sync::Arc;
use std::time::Duration;

use trent_runtime::{Backoff, Shutdown};
use trent_store::TrailStore;

use super::Deriver;

/// Records that are posted together.
const TOGETHER: u32 = 1_000;

/// The pause after each of them, which leaves the store to others for most of the time.
const REST: Duration = Duration::from_millis(50);

/// The pause where others are at work on what is left.
const OTHERS: Duration = Duration::from_secs(5);

/// Works until nothing is left, or until the shutdown. Any number may work at the same time.
pub async fn post_what_was_kept_before(store: Arc<dyn TrailStore>, mut shutdown: Shutdown) {
    let deriver = Deriver::new();
    let backoff = || Backoff::new(Duration::from_millis(500), OTHERS);
    let (mut pause, mut posted) = (backoff(), 0);
    while !shutdown.is_requested() {
        let rest = match store.post_next(&deriver, TOGETHER).await {
            Ok(None) => break,
            Ok(Some(0)) => OTHERS,
            Ok(Some(count)) => {
                posted += count;
                pause = backoff();
                REST
            }
            Err(error) => {
                tracing::warn!(%error, "records of before cannot be posted; trying again");
                pause.rest(&mut shutdown).await;
                continue;
            }
        };
        tokio::select! {
            () = shutdown.requested() => return,
            () = tokio::time::sleep(rest) => {}
        }
    }
    if posted > 0 {
        tracing::info!(posted, "records of before can be found now");
    }
}

//! When long-term access keys were last used, for GetAccessKeyLastUsed: noted in memory at most
//! once a minute for each, and written to the store off the way of requests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::MissedTickBehavior;
use trent_runtime::Shutdown;
use trent_types::{AccessKeyUsed, Timestamp};

use crate::cache::CachedAccessKey;
use crate::core::Core;

/// How often a key's use is noted.
const EVERY_MS: i64 = 60_000;
/// How often what was noted is written.
const WRITING: Duration = Duration::from_secs(5);
/// Keys whose use waits to be written; more are noted again a minute later.
const WAITING_MAX: usize = 16_384;

/// Uses that wait to be written.
#[derive(Default)]
pub(crate) struct KeyUses(Mutex<HashMap<String, AccessKeyUsed>>);

impl KeyUses {
    /// Notes the use of a key whose signature was good. Temporary credentials are not tracked.
    pub(crate) fn note(
        &self,
        key: &CachedAccessKey,
        at: Timestamp,
        (service, region): (&str, &str),
    ) {
        if key.session.is_some() || !key.is_due(at, EVERY_MS) {
            return;
        }
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < WAITING_MAX {
            let (service, region) = (service.to_owned(), region.to_owned());
            let used = AccessKeyUsed { at, service, region };
            waiting.insert(key.caller.access_key_id.clone(), used);
        }
    }

    fn take(&self) -> Vec<(String, AccessKeyUsed)> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *waiting).into_iter().collect()
    }
}

/// Writes uses until shutdown, and then once more what is there.
pub(crate) async fn write(core: Arc<Core>, mut shutdown: Shutdown) {
    let mut every = tokio::time::interval(WRITING);
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let ends = tokio::select! {
            () = shutdown.requested() => true,
            _ = every.tick() => false,
        };
        let uses = core.key_uses.take();
        if !uses.is_empty()
            && let Err(error) = core.store.note_access_key_uses(&uses).await
        {
            tracing::warn!(%error, keys = uses.len(), "the use of access keys was not noted");
        }
        if ends {
            return;
        }
    }
}

//! The key clock, by which keys are deleted and rotated: for development and tests it can be moved.

use trent_bus::messages::KeyClock;
use trent_bus::messages::admin_answer::Outcome;
use trent_types::{AdminChange, RequestId};

use super::{Admin, AdminFault, Told};

/// A hundred years: more is a slip.
const MOVE_MAX_MS: i64 = 36_525 * 86_400_000;

impl Admin {
    /// What the key clock shows.
    pub(super) fn key_clock(&self) -> Outcome {
        let core = &self.registry.core;
        Outcome::KeyClock(KeyClock {
            offset_ms: core.standing.key_offset(),
            now_ms: core.key_now().as_millis(),
        })
    }

    /// Moves it, in a deployment for development only: nothing else would keep a key from its
    /// deletion.
    pub(super) async fn move_key_clock(
        &self,
        id: RequestId,
        by_millis: i64,
    ) -> Result<Outcome, AdminFault> {
        if !(-MOVE_MAX_MS..=MOVE_MAX_MS).contains(&by_millis) {
            let why = "the key clock moves by a hundred years at most";
            return Err(AdminFault::Refused(why.to_owned()));
        }
        let change = AdminChange::MoveKeyClock { by_millis };
        let parameters = vec![("byMilliseconds", by_millis.to_string())];
        self.change_key_clock(id, change, "MoveKeyClock", parameters).await
    }

    /// Puts it back to the wall clock.
    pub(super) async fn reset_key_clock(&self, id: RequestId) -> Result<Outcome, AdminFault> {
        self.change_key_clock(id, AdminChange::ResetKeyClock, "ResetKeyClock", Vec::new()).await
    }

    async fn change_key_clock(
        &self,
        id: RequestId,
        change: AdminChange,
        event: &'static str,
        parameters: Vec<(&'static str, String)>,
    ) -> Result<Outcome, AdminFault> {
        if !self.dev {
            let why = "the key clock of this deployment cannot be moved: it was started without \
                       --dev (TRENT_DEV=true)";
            return Err(AdminFault::Refused(why.to_owned()));
        }
        let (account, region) = self.home();
        self.change(id, change, Told { event, account, region, parameters }).await?;
        Ok(self.key_clock())
    }
}

//! Why a request was denied, whatever it was about.

use trent_bus::convert;
use trent_bus::messages::Explain;
use trent_bus::messages::admin_answer::Outcome;

use super::{Admin, AdminFault};
use crate::explain;

impl Admin {
    /// Every explanation of a request.
    pub(super) async fn explain(&self, wanted: &Explain) -> Result<Outcome, AdminFault> {
        let id = convert::request_id(&wanted.request_id, "request_id")?;
        let found = self.registry.core.store.explanations(id).await?;
        Ok(Outcome::Explanations(explain::to_message(found)))
    }
}

//! Why a request was denied, for the operator, who may read every policy.

use trent_bus::convert;
use trent_bus::messages::admin_answer::Outcome;
use trent_bus::messages::{Explanation, Explanations};
use trent_store::StoredExplanation;

use super::{Admin, AdminFault};

impl Admin {
    /// Every explanation of a request.
    pub(super) async fn explain(&self, request: &[u8]) -> Result<Outcome, AdminFault> {
        let request = convert::request_id(request, "explain")?;
        let found = self.registry.core.store.explanations(request).await?;
        let explanations = found.into_iter().map(message).collect();
        Ok(Outcome::Explanations(Explanations { explanations }))
    }
}

/// An explanation as it travels.
pub(crate) fn message(found: StoredExplanation) -> Explanation {
    Explanation {
        request_id: convert::bytes(found.request_id.as_bytes()),
        at_ms: found.at.as_millis(),
        key_arn: found.key.map(|key| key.to_string()).unwrap_or_default(),
        account: found.account.to_string(),
        json: found.json,
    }
}

//! Keeps the metadata of keys and identities: who decides also keeps the rules.
//!
//! Reads and changes come over the bus, each with the Permits of its questions. Account, Region and
//! key are the Permit's, never the order's alone.

mod change;
mod documents;
mod due;
mod fit;
mod fit_identity;
mod invalidate;
mod policies;
mod read;
mod read_actions;
mod read_identities;
mod simulate;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::Notify;
use trent_bus::{ClaimedResource, Claims, PermitError, convert};
use trent_types::{KeyArn, RequestId, Timestamp};

pub(crate) use change::{ChangeFault, Changes};
pub(crate) use due::DueWork;
pub(crate) use fit::{MANAGED, SEED};
pub(crate) use invalidate::{Invalidated, Peers};
pub(crate) use read::Reads;

use crate::core::Core;
use crate::meters::ChangeMeters;
use crate::outbox::Traces;

/// What the registry's services share besides the core.
pub(crate) struct Registry {
    pub(crate) core: Arc<Core>,
    pub(crate) peers: Peers,
    /// Woken when a change was committed, whose record waits in the outbox.
    pub(crate) committed: Notify,
    /// The traces of changes whose records wait there.
    pub(crate) traces: Traces,
    /// What became of changes.
    pub(crate) changes: ChangeMeters,
    /// About how many records wait in the outbox.
    pub(crate) waiting: AtomicU64,
    /// Held while an AWS managed key is made.
    pub(crate) making: tokio::sync::Mutex<()>,
}

impl Registry {
    /// What a Permit allows, if it is genuine, fresh and of this request.
    fn verify(&self, permit: &[u8], request: RequestId) -> Result<Claims, &'static str> {
        self.verify_at(self.core.clock.now(), permit, request)
    }

    /// What a Permit allowed at this moment.
    fn verify_at(
        &self,
        moment: Timestamp,
        permit: &[u8],
        request: RequestId,
    ) -> Result<Claims, &'static str> {
        let permit = convert::permit(permit, "permit").map_err(|_| "a Permit is missing")?;
        let claims =
            self.core.permit_keys.verify(&permit, moment).map_err(|error| match error {
                PermitError::Forged => "the Permit is not genuine",
                PermitError::Expired => "the Permit has expired",
            })?;
        if claims.request_id == request {
            Ok(claims.into_owned())
        } else {
            Err("the Permit is another request's")
        }
    }
}

/// The key that the Permit is for.
const fn claimed_key(claims: &Claims) -> Option<KeyArn> {
    match &claims.resource {
        ClaimedResource::Key(arn) => Some(*arn),
        ClaimedResource::Other(_) => None,
    }
}

/// The ARN, or `*`, that the Permit is for when it is not for a key.
fn claimed_name(claims: &Claims) -> Option<&str> {
    match &claims.resource {
        ClaimedResource::Key(_) => None,
        ClaimedResource::Other(name) => Some(name),
    }
}

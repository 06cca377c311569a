//! Who asks, with the policies that bear on it.

use std::sync::Arc;

use trent_policy::IdentityPolicy;
use trent_types::{AccountId, Caller, CallerKind, EntityKind, Tag};

use crate::cache::{CachedPrincipal, CallerSerial, HeldPolicy, OpenedSession};
use crate::core::{Core, Unavailable};

/// Who asks.
pub(crate) struct Who<'a> {
    /// The caller: of a service that calls for somebody, that somebody.
    pub(crate) caller: &'a Arc<Caller>,
    /// The user or role with its policies; none for root users and services.
    pub(crate) principal: Option<Arc<CachedPrincipal>>,
    /// The session whose credentials signed.
    pub(crate) session: Option<&'a OpenedSession>,
    /// What decisions and grants are remembered under; `None`: they are not.
    pub(crate) serial: Option<CallerSerial>,
}

/// A caller's policies, as a decision takes them.
pub(crate) struct Policies<'a> {
    pub(crate) identity: Vec<IdentityPolicy<'a>>,
    pub(crate) boundary: Option<IdentityPolicy<'a>>,
    session: Option<Vec<IdentityPolicy<'a>>>,
}

impl Policies<'_> {
    /// `None`: the session was made without any, or there is none.
    pub(crate) fn session(&self) -> Option<&[IdentityPolicy<'_>]> {
        self.session.as_deref()
    }
}

impl Who<'_> {
    /// The caller's account.
    pub(crate) fn account(&self) -> AccountId {
        self.caller.account
    }

    /// The caller's policies.
    pub(crate) fn policies(&self) -> Policies<'_> {
        let principal = self.principal.as_deref();
        let held = principal.map(|one| one.policies.as_slice()).unwrap_or_default();
        let limited = self.session.filter(|session| session.limited);
        Policies {
            identity: held.iter().map(named).collect(),
            boundary: principal.and_then(|one| one.boundary.as_ref()).map(named),
            session: limited.map(|session| session.policies.iter().map(named).collect()),
        }
    }

    /// Why the caller may do nothing, where one of its policies cannot be read any more.
    pub(crate) fn broken(&self) -> Option<&str> {
        let of_principal = self.principal.as_ref().and_then(|one| one.broken.as_deref());
        of_principal.or_else(|| self.session.and_then(|session| session.broken.as_deref()))
    }

    /// The length of the caller's longest policy.
    pub(crate) fn longest_policy(&self) -> usize {
        let of_session = self.session.iter().flat_map(|session| &session.policies);
        let own = self.principal.as_ref().map_or(0, |principal| principal.longest);
        of_session.map(|policy| policy.bytes).max().unwrap_or_default().max(own)
    }

    /// The user's or role's own tags.
    pub(crate) fn tags(&self) -> &[Tag] {
        self.principal.as_ref().map(|one| one.tags.as_slice()).unwrap_or_default()
    }
}

fn named(held: &HeldPolicy) -> IdentityPolicy<'_> {
    IdentityPolicy { policy: &held.policy, source: &held.source }
}

/// The user or role that a caller is; `Ok(None)` for root users and services.
///
/// # Errors
/// `Err(None)` when it is not there any more, whatever has its name now.
pub(crate) async fn principal_of(
    core: &Core,
    caller: &Caller,
) -> Result<Option<Arc<CachedPrincipal>>, Option<Unavailable>> {
    let (kind, name, id) = match &caller.kind {
        CallerKind::Root | CallerKind::Service { .. } => return Ok(None),
        CallerKind::User { name, user_id, .. } => (EntityKind::User, name, user_id),
        CallerKind::Role { name, role_id, .. } => (EntityKind::Role, name, role_id),
    };
    let found = core.principal(caller.account, kind, name).await.map_err(Some)?;
    match found.filter(|principal| principal.id() == id) {
        Some(principal) => Ok(Some(principal)),
        None => Err(None),
    }
}

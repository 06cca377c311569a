//! Grants: which a caller has, who may retire one, and whom one may be made for.

use std::sync::Arc;

use trent_policy::Principal;
use trent_types::{
    DenialKind, Denied, EncryptionContext, EntityRecord, Grant, GrantId, GrantOperation,
    GrantPrincipal, GrantTerms, KeyArn, Resource,
};

use super::Asker;
use super::resolve::unknown;
use crate::cache::CachedKey;
use crate::core::{Core, Unavailable};
use crate::principals;

/// What a question is about besides a key.
pub(crate) enum About<'a> {
    /// Nothing.
    KeyAlone,
    /// A grant that is to be made.
    NewGrant(&'a GrantTerms),
    /// A grant that is to end.
    Grant(GrantId),
}

impl<'a> About<'a> {
    /// What a question about this resource is about.
    pub(crate) const fn of(resource: &Resource<'a>) -> Self {
        match resource {
            Resource::NewGrant { terms, .. } => Self::NewGrant(terms),
            Resource::Grant { grant_id, .. } => Self::Grant(*grant_id),
            Resource::Key(_)
            | Resource::Ciphertext(_)
            | Resource::NewKey { .. }
            | Resource::Alias(_)
            | Resource::Related { .. }
            | Resource::Entity { .. }
            | Resource::Role(_)
            | Resource::Arn(_) => Self::KeyAlone,
        }
    }

    /// The terms of the grant to be made.
    pub(crate) const fn new_grant(&self) -> Option<&'a GrantTerms> {
        match self {
            Self::NewGrant(terms) => Some(terms),
            Self::KeyAlone | Self::Grant(_) => None,
        }
    }

    /// What the Permit is bound to besides its key: the terms of the grant to be made, the grant to
    /// end, or else the encryption context. So the registry makes no other grant and ends no other
    /// one than was decided on, whatever a gateway sends it.
    pub(crate) fn digest(&self, context: Option<&EncryptionContext>) -> [u8; 32] {
        match self {
            // What the digest of an empty one is, too.
            Self::KeyAlone => context.map_or([0; 32], EncryptionContext::digest),
            Self::NewGrant(terms) => terms.digest(),
            Self::Grant(id) => *id.as_bytes(),
        }
    }
}

/// Whether a grant could allow this action. For the others nobody's grants are searched for.
pub(crate) fn could_allow(action: &str) -> bool {
    action.strip_prefix("kms:").is_some_and(|name| name.parse::<GrantOperation>().is_ok())
}

/// The caller's grants on a key, searched for in the store if they are not remembered.
pub(crate) async fn of_caller(
    core: &Core,
    asker: &Asker<'_>,
    key: &CachedKey,
) -> Result<Arc<[Grant]>, Unavailable> {
    let began = core.cache.begin();
    let arn = key.stored.record.arn();
    let place = asker.who.serial.map(|caller| core.cache.grants_place(caller, &arn));
    let grantees = trent_policy::grantees_of(asker.who.caller, asker.region);
    let mut found = core.store.grants_to(&arn, &grantees).await?;
    found.retain(|grant| !is_anothers(grant, asker));
    // Of grants that allow the same only one has to be remembered, and looked at each time.
    let mut seen = std::collections::HashSet::new();
    found.retain(|grant| seen.insert(grant.terms.digest()));
    let found: Arc<[Grant]> = found.into();
    if let Some(place) = place {
        core.cache.fill_grants(began, place, Arc::clone(&found));
    }
    Ok(found)
}

/// Whether a grant was made before the caller's user or role: then it was made for another one,
/// which had the name before.
fn is_anothers(grant: &Grant, asker: &Asker<'_>) -> bool {
    let created_at = match asker.who.principal.as_ref().map(|principal| &principal.record) {
        Some(EntityRecord::User(user)) => user.created_at,
        Some(EntityRecord::Role(role)) => role.created_at,
        Some(EntityRecord::Group(_) | EntityRecord::Policy(_)) | None => return false,
    };
    let GrantPrincipal::Arn(arn) = &grant.terms.grantee else { return false };
    match Principal::from_arn(arn) {
        Some(Principal::User(_) | Principal::Role(_) | Principal::RoleSession(_)) => {
            grant.created_at < created_at
        }
        Some(
            Principal::Anyone
            | Principal::Account { .. }
            | Principal::FederatedUser(_)
            | Principal::UniqueId(_)
            | Principal::Service(_)
            | Principal::Federated(_)
            | Principal::CanonicalUser(_),
        )
        | None => false,
    }
}

/// The refusal for a grant that is not there. AWS documents the code, not the text.
pub(crate) fn missing(arn: &KeyArn, id: GrantId) -> Denied {
    let message = format!("Grant ID {id} not found");
    refusal(DenialKind::NotFound, message, arn)
}

/// The same, before anybody has been let in.
pub(crate) fn missing_to(asker: &Asker<'_>, action: &str, arn: &KeyArn, id: GrantId) -> Denied {
    if arn.account == asker.account() {
        return missing(arn, id);
    }
    let refusal = unknown(asker, action, trent_policy::NamedBy::Request);
    Denied { key: Some(*arn), ..refusal }
}

/// Why a grant cannot be made for its principals; `None` when they exist. As in key policies, any
/// account may be named, and of users only those that are there; services are taken at their word.
pub(crate) async fn unfit_principal(
    core: &Core,
    asker: &Asker<'_>,
    arn: &KeyArn,
    terms: &GrantTerms,
) -> Result<Option<Denied>, Unavailable> {
    for principal in std::iter::once(&terms.grantee).chain(&terms.retiring) {
        let GrantPrincipal::Arn(text) = principal else { continue };
        let exists = match Principal::from_arn(text) {
            Some(named) if is_of(&named, asker) => principals::exists(core, &named).await?,
            Some(_) | None => false,
        };
        if !exists {
            let message = format!("ARN does not refer to a valid principal: {text}");
            return Ok(Some(refusal(DenialKind::InvalidArn, message, arn)));
        }
    }
    Ok(None)
}

/// Whether a principal is of the partition in which the grant is to be made.
fn is_of(principal: &Principal, asker: &Asker<'_>) -> bool {
    let own = asker.region.partition();
    match principal {
        Principal::Account { partition, .. } => *partition == Some(own),
        Principal::User(arn)
        | Principal::Role(arn)
        | Principal::RoleSession(arn)
        | Principal::FederatedUser(arn) => arn.partition == own,
        Principal::Anyone
        | Principal::UniqueId(_)
        | Principal::Service(_)
        | Principal::Federated(_)
        | Principal::CanonicalUser(_) => false,
    }
}

fn refusal(kind: DenialKind, message: String, arn: &KeyArn) -> Denied {
    let reason = message.clone();
    Denied { kind, message, key: Some(*arn), reason }
}

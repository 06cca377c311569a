//! Grants: which a caller has, who may retire one, and whom one may be made for.

use std::sync::Arc;

use trent_bus::convert;
use trent_bus::messages::question::Resource;
use trent_bus::messages::{ContextPair, DenialKind, Denied};
use trent_policy::Principal;
use trent_types::{
    EncryptionContext, EntityRecord, Grant, GrantId, GrantOperation, GrantPrincipal, GrantTerms,
    KeyArn,
};

use super::Asker;
use super::resolve::{not_asked, unknown};
use crate::cache::CachedKey;
use crate::core::{Core, Unavailable};
use crate::principals;

/// What a question is about besides a key.
pub(crate) enum About {
    /// Nothing.
    KeyAlone,
    /// A grant that is to be made.
    NewGrant(GrantTerms),
    /// A grant that is to end.
    Grant(GrantId),
}

impl About {
    /// The resource to be found, and what else the question is about.
    pub(crate) fn read(resource: Resource) -> Result<(Resource, Self), Denied> {
        match resource {
            Resource::NewGrant(new) => {
                let terms = convert::required(new.terms, "terms").and_then(GrantTerms::try_from);
                let terms = terms.map_err(|_| not_asked("the terms of the grant are malformed"))?;
                Ok((Resource::KeyReference(new.key_reference), Self::NewGrant(terms)))
            }
            Resource::Grant(named) => match convert::grant_id(&named.grant_id, "grant_id") {
                Ok(id) => Ok((Resource::KeyReference(named.key_reference), Self::Grant(id))),
                Err(_) => Err(not_asked("the grant id is malformed")),
            },
            Resource::KeyReference(_)
            | Resource::Ciphertext(_)
            | Resource::NewKey(_)
            | Resource::Alias(_)
            | Resource::RelatedKey(_)
            | Resource::Entity(_)
            | Resource::RoleArn(_)
            | Resource::Arn(_) => Ok((resource, Self::KeyAlone)),
        }
    }

    /// The terms of the grant to be made.
    pub(crate) const fn new_grant(&self) -> Option<&GrantTerms> {
        match self {
            Self::NewGrant(terms) => Some(terms),
            Self::KeyAlone | Self::Grant(_) => None,
        }
    }

    /// What the Permit is bound to besides its key: the terms of the grant to be made, the grant to
    /// end, or else the encryption context. So the registry makes no other grant and ends no other
    /// one than was decided on, whatever a gateway sends it.
    pub(crate) fn digest(&self, context: &EncryptionContext) -> [u8; 32] {
        match self {
            Self::KeyAlone => context.digest(),
            Self::NewGrant(terms) => terms.digest(),
            Self::Grant(id) => *id.as_bytes(),
        }
    }
}

/// The pairs of a grant's constraints, as conditions on the encryption context see them.
pub(crate) fn constraint_pairs(terms: &GrantTerms) -> Vec<ContextPair> {
    let constraints = &terms.constraints;
    let both = constraints.context_equals.iter().chain(&constraints.context_subset);
    let pair =
        |(key, value): (&String, &String)| ContextPair { key: key.clone(), value: value.clone() };
    both.flatten().map(pair).collect()
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
    Denied { key_arn: arn.to_string(), ..refusal }
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
    Denied { kind: kind.into(), message, key_arn: arn.to_string(), reason }
}

//! What documents of IAM's things must be before they are stored, and which managed policies can be
//! attached.

use trent_policy::{Policy, PolicyError, PolicyKind, limits};
use trent_types::{
    ChangeRefused, Entity, EntityKind, IdentityChange, IdentityRefused, aws_managed_policy,
};

use super::change::ChangeFault;
use crate::core::{Core, Unavailable};
use crate::principals;

/// Versions of AWS's own managed policies begin so.
const AWS_MANAGED: &str = ":iam::aws:policy/";

/// Checks the documents and policies that a change brings; those with principals come back with
/// unique ids.
pub(super) async fn check(
    core: &Core,
    mut change: IdentityChange,
) -> Result<IdentityChange, ChangeFault> {
    match &mut change {
        IdentityChange::CreateUser { boundary, .. } => {
            check_boundary(boundary.as_deref())?;
        }
        IdentityChange::CreateRole { role, boundary, .. } => {
            check_boundary(boundary.as_deref())?;
            role.trust_policy = trust(core, &role.trust_policy).await?;
        }
        IdentityChange::SetTrustPolicy { document, .. } => {
            *document = trust(core, document).await?;
        }
        IdentityChange::SetBoundary { policy_arn, .. } => {
            check_boundary(policy_arn.as_deref())?;
        }
        IdentityChange::Attach { policy_arn, .. } => {
            if is_unknown_of_aws(policy_arn) {
                let text = format!("Policy {policy_arn} does not exist or is not attachable.");
                return Err(refused(IdentityRefused::NoSuchEntity(text)));
            }
        }
        IdentityChange::CreatePolicy { document, .. } => managed(document)?,
        IdentityChange::CreatePolicyVersion { version, .. } => managed(&version.document)?,
        IdentityChange::PutInlinePolicy { entity, name, document } => {
            identity(document)?;
            check_room(core, entity, name, document).await?;
        }
        IdentityChange::CreateGroup(_)
        | IdentityChange::Rename { .. }
        | IdentityChange::UpdateRole { .. }
        | IdentityChange::Delete(_)
        | IdentityChange::Tag { .. }
        | IdentityChange::Untag { .. }
        | IdentityChange::DeleteInlinePolicy { .. }
        | IdentityChange::Detach { .. }
        | IdentityChange::AddToGroup { .. }
        | IdentityChange::RemoveFromGroup { .. }
        | IdentityChange::DeletePolicyVersion { .. }
        | IdentityChange::SetDefaultPolicyVersion { .. }
        | IdentityChange::CreateAccessKey { .. }
        | IdentityChange::UpdateAccessKey { .. }
        | IdentityChange::DeleteAccessKey { .. } => {}
    }
    Ok(change)
}

/// The trust policy with unique ids, if it is well formed and every principal in it exists.
async fn trust(core: &Core, text: &str) -> Result<String, ChangeFault> {
    Policy::parse(text, PolicyKind::Trust).map_err(|error| match error {
        PolicyError::TooLarge { limit, .. } => {
            let text = format!("Cannot exceed quota for ACLSizePerRole: {limit}");
            refused(IdentityRefused::LimitExceeded(text))
        }
        PolicyError::Malformed { reason } => malformed(reason.into_owned()),
    })?;
    if let Some(missing) = principals::first_missing(core, text).await? {
        return Err(malformed(format!("Invalid principal in policy: \"AWS\":\"{missing}\"")));
    }
    Ok(principals::with_ids(core, text).await?)
}

fn identity(text: &str) -> Result<(), ChangeFault> {
    match Policy::parse(text, PolicyKind::Identity) {
        Ok(_) => Ok(()),
        Err(error) => Err(malformed(error.to_string())),
    }
}

fn managed(text: &str) -> Result<(), ChangeFault> {
    identity(text)?;
    if limits::length_without_white_space(text) > limits::MANAGED_CHARACTERS {
        let text = format!("Cannot exceed quota for PolicySize: {}", limits::MANAGED_CHARACTERS);
        return Err(refused(IdentityRefused::LimitExceeded(text)));
    }
    Ok(())
}

/// The inline policies of a user, group or role share their room.
async fn check_room(
    core: &Core,
    entity: &Entity,
    name: &str,
    document: &str,
) -> Result<(), ChangeFault> {
    let Some(room) = limits::inline_characters(entity.kind) else { return Ok(()) };
    let view = core.store.identity(entity).await.map_err(Unavailable::from)?;
    let others = view.iter().flat_map(|view| &view.inline).filter(|one| one.name != name);
    let taken: usize = others.map(|one| limits::length_without_white_space(&one.document)).sum();
    if taken + limits::length_without_white_space(document) > room {
        let kind = match entity.kind {
            EntityKind::User => "user",
            EntityKind::Group => "group",
            EntityKind::Role => "role",
            EntityKind::Policy => "policy",
        };
        let text =
            format!("Maximum policy size of {room} bytes exceeded for {kind} {}", entity.name);
        return Err(refused(IdentityRefused::LimitExceeded(text)));
    }
    Ok(())
}

fn check_boundary(policy_arn: Option<&str>) -> Result<(), ChangeFault> {
    match policy_arn {
        Some(arn) if is_unknown_of_aws(arn) => {
            let text = format!("Scope ARN: {arn} does not exist or is not attachable.");
            Err(refused(IdentityRefused::NoSuchEntity(text)))
        }
        Some(_) | None => Ok(()),
    }
}

/// Whether this is the ARN of a policy of AWS's own that is not there. Whether a customer's is, is
/// for the store to say.
fn is_unknown_of_aws(arn: &str) -> bool {
    arn.contains(AWS_MANAGED) && aws_managed_policy(arn).is_none()
}

fn malformed(reason: String) -> ChangeFault {
    ChangeRefused::MalformedPolicy(reason).into()
}

fn refused(refused: IdentityRefused) -> ChangeFault {
    ChangeRefused::Identity(refused).into()
}

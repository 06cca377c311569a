//! Users, groups, roles, policies and access keys; accounts, services and explanations.
//!
//! Whatever is checked before a change is checked while the row of the user, group, role or policy
//! is locked, so that two changes at once cannot both pass; what an account may have is counted in
//! rows that are locks as well (`quota`).

pub(crate) mod access_keys;
pub(crate) mod accounts;
mod attachments;
mod creation;
mod deletion;
mod entity;
pub(crate) mod explanations;
mod grantees;
mod inline;
pub(crate) mod listing;
mod locks;
mod memberships;
mod names;
pub(crate) mod principal;
mod renaming;
mod roles;
mod tags;
mod versions;
pub(crate) mod view;

use trent_types::{IdentityChange, Timestamp};

use crate::Invalidation;
use crate::session::{Session, Stop};

/// A change of IAM's things at this moment; returns what becomes stale.
pub(crate) async fn change(
    session: &impl Session,
    change: &IdentityChange,
    at: Timestamp,
) -> Result<Vec<Invalidation>, Stop> {
    let mut stale = make(session, change, at).await?;
    stale.push(Invalidation::Identities(change.account()));
    Ok(stale)
}

/// The change itself; returns what becomes stale besides the account's identities.
async fn make(
    session: &impl Session,
    change: &IdentityChange,
    at: Timestamp,
) -> Result<Vec<Invalidation>, Stop> {
    use IdentityChange as Change;
    match change {
        Change::CreateUser { user, tags, boundary } => {
            creation::user(session, user, tags, boundary.as_deref()).await?;
        }
        Change::CreateGroup(group) => creation::group(session, group).await?,
        Change::CreateRole { role, tags, boundary } => {
            creation::role(session, role, tags, boundary.as_deref()).await?;
        }
        Change::CreatePolicy { policy, document, tags } => {
            creation::policy(session, policy, document, tags).await?;
        }
        Change::Rename { entity, name, path } => {
            return renaming::rename(session, entity, name.as_deref(), path.as_deref()).await;
        }
        Change::UpdateRole { role, description, max_session_seconds } => {
            roles::update(session, role, description.as_deref(), *max_session_seconds).await?;
        }
        Change::SetTrustPolicy { role, document } => roles::trust(session, role, document).await?,
        Change::SetBoundary { entity, policy_arn } => {
            attachments::set_boundary(session, entity, policy_arn.as_deref()).await?;
        }
        Change::Delete(entity) => deletion::delete(session, entity).await?,
        Change::Tag { entity, tags } => tags::tag(session, entity, tags).await?,
        Change::Untag { entity, tag_keys } => tags::untag(session, entity, tag_keys).await?,
        Change::PutInlinePolicy { entity, name, document } => {
            inline::put(session, entity, name, document).await?;
        }
        Change::DeleteInlinePolicy { entity, name } => {
            inline::delete(session, entity, name).await?;
        }
        Change::Attach { entity, policy_arn } => {
            attachments::attach(session, entity, policy_arn).await?;
        }
        Change::Detach { entity, policy_arn } => {
            attachments::detach(session, entity, policy_arn).await?;
        }
        Change::AddToGroup { account, group, user } => {
            memberships::add(session, *account, group, user).await?;
        }
        Change::RemoveFromGroup { account, group, user } => {
            memberships::remove(session, *account, group, user).await?;
        }
        Change::CreatePolicyVersion { policy, version, set_default } => {
            versions::create(session, policy, version, *set_default).await?;
        }
        Change::DeletePolicyVersion { policy, number } => {
            versions::delete(session, policy, *number).await?;
        }
        Change::SetDefaultPolicyVersion { policy, number } => {
            versions::set_default(session, policy, *number, at).await?;
        }
        Change::CreateAccessKey { access_key, sealed_secret } => {
            return access_keys::create(session, access_key, sealed_secret).await;
        }
        Change::UpdateAccessKey { account, user_name, access_key_id, status } => {
            let user = user_name.as_deref();
            return access_keys::update(session, *account, user, access_key_id, *status).await;
        }
        Change::DeleteAccessKey { account, user_name, access_key_id } => {
            let user = user_name.as_deref();
            return access_keys::delete(session, *account, user, access_key_id).await;
        }
    }
    Ok(Vec::new())
}

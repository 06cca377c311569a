//! Questions about IAM's things: which one is meant, and may they?

use std::borrow::Cow;
use std::sync::Arc;

use trent_policy::{NamedBy, ResourceUnderDecision};
use trent_types::{AccountId, CallerKind, Denied, Entity, EntityKind, EntityRecord, Tag};

use super::Asker;
use super::asked::Asked;
use super::on_key::{Refused, inputs, refusal};
use super::resolve::{Resolution, Resolved, access_denied};
use crate::arns::entity_of_arn;
use crate::cache::CachedPrincipal;
use crate::core::{Core, Unavailable};
use crate::explain;

/// One of IAM's things that is decided about; it need not be there.
pub(crate) struct NamedThing {
    pub(crate) kind: EntityKind,
    pub(crate) account: AccountId,
    pub(crate) arn: String,
    /// Its tags, where it is there.
    pub(crate) tags: Vec<Tag>,
    /// The ARN of its permissions boundary, where it is there.
    pub(crate) boundary: Option<String>,
}

/// Finds what a question names. It has the path that it really has; what is not there has the
/// path that it will have, or `/`.
pub(super) async fn entity(
    core: &Core,
    asker: &Asker<'_>,
    (kind, name): (EntityKind, Option<&str>),
    new_path: Option<&str>,
) -> Result<Resolution<'static>, Unavailable> {
    let (account, partition) = (asker.who.account(), asker.region.partition());
    let name = match (name.unwrap_or_default(), &asker.who.caller.kind) {
        (name, _) if !name.is_empty() => name.to_owned(),
        (_, CallerKind::User { name, .. }) if kind == EntityKind::User => name.clone(),
        (_, CallerKind::Root) if kind == EntityKind::User => {
            let arn = ["arn:", partition.as_str(), ":iam::", account.as_str(), ":root"].concat();
            return Ok(Ok(Resolved::Other(Cow::Owned(arn))));
        }
        // Who has no name of its own must give one; the operation says so to whoever may ask at
        // all.
        _ => return Ok(Ok(Resolved::Other(Cow::Borrowed("*")))),
    };
    let entity = Entity { account, kind, name };
    let found = match new_path {
        Some(_) => None,
        None => core.store.identity(&entity).await?,
    };
    let (arn, tags, boundary) = match found {
        Some(view) => (view.record.arn(partition), view.tags, view.boundary),
        None => {
            let path = new_path.unwrap_or("/");
            (entity.arn(partition, path), Vec::new(), None)
        }
    };
    Ok(Ok(Resolved::Entity(NamedThing { kind, account, arn, tags, boundary })))
}

/// Finds the role that shall be assumed. One that is not there is refused as one whose trust policy
/// does not allow it.
pub(super) async fn role<'a>(
    core: &Core,
    asker: &Asker<'_>,
    action: &str,
    arn: &'a str,
) -> Result<Resolution<'a>, Unavailable> {
    let found = match entity_of_arn(arn).map(|named| named.entity) {
        Some(Entity { account, kind: EntityKind::Role, name }) => {
            core.principal(account, EntityKind::Role, &name).await?
        }
        Some(_) | None => None,
    };
    // The ARN is taken as it is written, with its path.
    let found = found.filter(|role| role.record.arn(asker.region.partition()) == arn);
    Ok(match found {
        Some(role) => Ok(Resolved::Role { arn, role }),
        None => Err(no_such_role(asker, action, arn)),
    })
}

fn no_such_role(asker: &Asker<'_>, action: &str, arn: &str) -> Denied {
    let (caller, partition) = (asker.who.caller, asker.region.partition());
    access_denied(trent_policy::unknown_role(caller, partition, action, arn))
}

/// Why they may not do this with one of IAM's things.
pub(super) fn on_thing(
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    thing: &NamedThing,
) -> Option<Refused> {
    let conditions = asked
        .conditions(asker, asked.context_pairs())
        .owned_by(thing.account)
        .about_entity(thing.kind, &thing.tags, 0)
        .bounded_by(thing.boundary.as_deref());
    let resource = ResourceUnderDecision::IdentityOnly { owner: thing.account, arn: &thing.arn };
    let policies = asker.who.policies();
    let inputs = inputs(asker, asked, resource, &policies, &conditions);
    let decision = trent_policy::decide(&inputs);
    let about = explain::Asked { action: asked.action, key: None, grants: &[] };
    let refused = refusal(&decision, &inputs, NamedBy::Request, &about);
    refused.or_else(|| conditions.were_too_long().then(|| too_long(asker, asked, &thing.arn)))
}

/// Why they may not assume a role.
pub(super) fn on_role(
    asker: &Asker<'_>,
    asked: &Asked<'_>,
    arn: &str,
    role: &Arc<CachedPrincipal>,
) -> Option<Refused> {
    if asker.who.caller.is_root() {
        let text = "Roles may not be assumed by root accounts.".to_owned();
        return Some(access_denied(text).into());
    }
    let (EntityRecord::Role(record), Some(trust_policy)) = (&role.record, &role.trust) else {
        return Some(no_such_role(asker, asked.action, arn).into());
    };
    let owner = record.account;
    let conditions = asked.conditions(asker, asked.context_pairs()).owned_by(owner).about_entity(
        EntityKind::Role,
        &role.tags,
        role.longest,
    );
    let resource = ResourceUnderDecision::Role { arn, owner, trust_policy };
    let policies = asker.who.policies();
    let inputs = inputs(asker, asked, resource, &policies, &conditions);
    let decision = trent_policy::decide(&inputs);
    let about = explain::Asked { action: asked.action, key: None, grants: &[] };
    let refused = refusal(&decision, &inputs, NamedBy::Request, &about);
    refused.or_else(|| conditions.were_too_long().then(|| too_long(asker, asked, arn)))
}

/// The refusal where a condition's value would take too long to be matched.
pub(super) fn too_long(asker: &Asker<'_>, asked: &Asked<'_>, arn: &str) -> Refused {
    let caller = asker.who.caller.arn_parts(asker.region.partition());
    let action = asked.action;
    let text = format!("User: {caller} is not authorized to perform: {action} on resource: {arn}");
    let reason = "a condition value is too long for the policies".to_owned();
    Denied { reason, ..access_denied(text) }.into()
}

//! From what a question names to the key, alias or other resource that is decided about.

use std::borrow::Cow;
use std::sync::Arc;

use trent_policy::NamedBy;
use trent_types::{
    AliasArn, AliasName, AliasRecord, DenialKind, Denied, KeyArn, KeyId, KeyReference, Question,
    Region, Resource,
};

use super::Asker;
use super::entities::{self, NamedThing};
use crate::cache::{CachedKey, CachedPrincipal};
use crate::core::{Core, Unavailable};
use crate::managed_keys;

/// What is decided about.
pub(crate) enum Resolved<'a> {
    /// A key that exists.
    Key {
        key: Arc<CachedKey>,
        /// The alias that named it.
        alias: Option<Arc<AliasRecord>>,
        /// How it was named.
        named_by: NamedBy,
    },
    /// A key that will exist.
    NewKey(KeyArn),
    /// An alias of the caller's account, with its record where it exists.
    Alias { arn: AliasArn, record: Option<Arc<AliasRecord>> },
    /// A user, group, role or policy, existing or not.
    Entity(NamedThing),
    /// A role that is to be assumed.
    Role { arn: &'a str, role: Arc<CachedPrincipal> },
    /// Another resource by its ARN, or `*`.
    Other(Cow<'a, str>),
}

/// What a question names, or why nothing can be decided about it.
pub(crate) type Resolution<'a> = Result<Resolved<'a>, Denied>;

/// Finds what a question names; a question about a grant names its key.
pub(crate) async fn resolve<'a>(
    core: &Core,
    asker: &Asker<'_>,
    action: &str,
    resource: &Resource<'a>,
) -> Result<Resolution<'a>, Unavailable> {
    match resource {
        Resource::Key(text)
        | Resource::Grant { key: text, .. }
        | Resource::NewGrant { key: text, .. } => reference(core, asker, action, text).await,
        Resource::Ciphertext(id) => ciphertext_key(core, asker, action, *id).await,
        Resource::NewKey { multi_region } => Ok(Ok(Resolved::NewKey(KeyArn {
            region: asker.region,
            account: asker.account(),
            key_id: KeyId::from_random(asker.new_key, *multi_region),
        }))),
        Resource::Alias(name) => own_alias(core, asker, (*name).clone()).await,
        Resource::Arn(arn) => Ok(Ok(Resolved::Other(Cow::Borrowed(arn)))),
        Resource::Entity { kind, name, new_path } => {
            Box::pin(entities::entity(core, asker, (*kind, *name), *new_path)).await
        }
        Resource::Role(arn) => Box::pin(entities::role(core, asker, action, arn)).await,
        Resource::Related { key, region } => related(core, asker, action, (key, *region)).await,
    }
}

/// `kms:ReEncryptOnSameKey`: whether what is encrypted again stays under its key. `None` where one
/// of the keys is not known: then nothing is allowed either.
pub(super) async fn same_key(
    core: &Core,
    asker: &Asker<'_>,
    questions: &[Question<'_>],
) -> Result<Option<bool>, Unavailable> {
    let mut keys = Vec::with_capacity(2);
    for action in ["kms:ReEncryptFrom", "kms:ReEncryptTo"] {
        let asked = questions.iter().find(|question| question.action == action);
        let named = asked
            .map(|question| &question.resource)
            .filter(|resource| matches!(resource, Resource::Key(_) | Resource::Ciphertext(_)));
        let Some(named) = named else { return Ok(None) };
        match resolve(core, asker, action, named).await? {
            Ok(Resolved::Key { key, .. }) => keys.push(key.stored.record.arn()),
            Ok(_) | Err(_) => return Ok(None),
        }
    }
    Ok(Some(keys.iter().zip(keys.iter().skip(1)).all(|(from, to)| from == to)))
}

async fn reference(
    core: &Core,
    asker: &Asker<'_>,
    action: &str,
    text: &str,
) -> Result<Resolution<'static>, Unavailable> {
    let (account, region) = (asker.account(), asker.region);
    match text.parse() {
        Ok(KeyReference::Id(key_id)) => {
            key(core, asker, action, KeyArn { region, account, key_id }, None).await
        }
        Ok(KeyReference::Arn(arn)) if arn.region == region => {
            key(core, asker, action, arn, None).await
        }
        Ok(KeyReference::Alias(name)) => {
            alias(core, asker, action, AliasArn { region, account, name }).await
        }
        Ok(KeyReference::AliasArn(arn)) if arn.region == region => {
            alias(core, asker, action, arn).await
        }
        Ok(KeyReference::Arn(KeyArn { region: other, .. })) => {
            Ok(Err(unusable_reference(asker, text, Some(other))))
        }
        Ok(KeyReference::AliasArn(AliasArn { region: other, .. })) => {
            Ok(Err(unusable_reference(asker, text, Some(other))))
        }
        Err(_) => Ok(Err(unusable_reference(asker, text, None))),
    }
}

/// A related key in another Region than the request's: the key that is named must be of the
/// request's Region and a multi-Region key.
async fn related(
    core: &Core,
    asker: &Asker<'_>,
    action: &str,
    (named, region): (&str, Region),
) -> Result<Resolution<'static>, Unavailable> {
    let arn = match named.parse() {
        Ok(KeyReference::Id(key_id)) => KeyArn { region, account: asker.account(), key_id },
        Ok(KeyReference::Arn(arn)) if arn.region == asker.region => KeyArn { region, ..arn },
        Ok(KeyReference::Arn(_) | KeyReference::Alias(_) | KeyReference::AliasArn(_)) | Err(_) => {
            return Ok(Err(unusable_reference(asker, named, None)));
        }
    };
    key(core, asker, action, arn, None).await
}

/// The one decision about references that cannot name a key of this Region.
///
/// A Region other than the request's: NotFoundException with the ARN's Region, which every
/// operation declares, as AWS answers it. An ARN that is not a KMS key's or alias's:
/// InvalidArnException. Anything else without a key's form is not found (01-operations §8 knows no
/// other text for it).
fn unusable_reference(asker: &Asker<'_>, text: &str, foreign: Option<Region>) -> Denied {
    if let Some(foreign) = foreign {
        return denied(DenialKind::NotFound, format!("Invalid arn {foreign}"));
    }
    if text.starts_with("arn:") {
        return denied(DenialKind::InvalidArn, format!("Invalid arn {text}"));
    }
    if text.starts_with("alias/") {
        let (partition, region) = (asker.region.partition().as_str(), asker.region);
        let account = asker.account();
        let arn = format!("arn:{partition}:kms:{region}:{account}:{text}");
        return denied(DenialKind::NotFound, format!("Alias {arn} is not found."));
    }
    denied(DenialKind::NotFound, format!("Invalid keyId '{text}'"))
}

/// A key by its ARN in the request's Region.
async fn key(
    core: &Core,
    asker: &Asker<'_>,
    action: &str,
    arn: KeyArn,
    alias: Option<Arc<AliasRecord>>,
) -> Result<Resolution<'static>, Unavailable> {
    let found = core.key(arn.region, arn.key_id).await?;
    let found = found.filter(|key| key.stored.record.arn() == arn);
    Ok(match found {
        Some(key) => Ok(Resolved::Key { key, alias, named_by: NamedBy::Request }),
        None if arn.account == asker.account() => {
            Err(denied(DenialKind::NotFound, format!("Key '{arn}' does not exist")))
        }
        None => Err(unknown(asker, action, NamedBy::Request)),
    })
}

/// The key that an alias stands for.
async fn alias(
    core: &Core,
    asker: &Asker<'_>,
    action: &str,
    arn: AliasArn,
) -> Result<Resolution<'static>, Unavailable> {
    let mut found = core.alias(&arn).await?;
    if found.is_none() && makes_managed_key(asker, action, &arn) {
        // On the heap, as is all that few requests come to: so those of the others stay small.
        let made = Box::pin(managed_keys::make(asker.registry, &arn)).await?;
        found = if made { core.alias(&arn).await? } else { None };
    }
    match found {
        Some(record) => {
            let target = KeyArn { region: arn.region, account: arn.account, key_id: record.target };
            key(core, asker, action, target, Some(record)).await
        }
        None if arn.account == asker.account() => {
            Ok(Err(denied(DenialKind::NotFound, format!("Alias {arn} is not found."))))
        }
        None => Ok(Err(unknown(asker, action, NamedBy::Request))),
    }
}

/// Whether a question about this alias makes the AWS managed key that it stands for: that of a
/// service which calls for somebody, and DescribeKey whoever asks, of the own account.
fn makes_managed_key(asker: &Asker<'_>, action: &str, alias: &AliasArn) -> bool {
    let asks = asker.who.caller.via.is_some() || action == "kms:DescribeKey";
    asks && alias.account == asker.account() && alias.name.is_reserved()
}

/// The key of a ciphertext, whatever its account. One that does not exist and one that is not
/// shared look alike.
async fn ciphertext_key(
    core: &Core,
    asker: &Asker<'_>,
    action: &str,
    id: KeyId,
) -> Result<Resolution<'static>, Unavailable> {
    Ok(match core.key(asker.region, id).await? {
        Some(key) => Ok(Resolved::Key { key, alias: None, named_by: NamedBy::Ciphertext }),
        None => Err(unknown(asker, action, NamedBy::Ciphertext)),
    })
}

async fn own_alias(
    core: &Core,
    asker: &Asker<'_>,
    name: AliasName,
) -> Result<Resolution<'static>, Unavailable> {
    let arn = AliasArn { region: asker.region, account: asker.account(), name };
    let record = core.alias(&arn).await?;
    Ok(Ok(Resolved::Alias { arn, record }))
}

/// AWS's refusal for a key that does not exist or is another account's and not shared.
pub(crate) fn unknown(asker: &Asker<'_>, action: &str, named_by: NamedBy) -> Denied {
    let caller = asker.who.caller;
    let text = trent_policy::unknown_key(caller, asker.region.partition(), action, named_by);
    denied(DenialKind::AccessDenied, text)
}

/// A question that no correct gateway asks.
pub(crate) fn not_asked(reason: &str) -> Denied {
    Denied {
        kind: DenialKind::NotAskedByCaller,
        message: String::new(),
        key: None,
        reason: reason.to_owned(),
    }
}

/// A refusal in AWS's words.
pub(super) fn access_denied(message: String) -> Denied {
    denied(DenialKind::AccessDenied, message)
}

fn denied(kind: DenialKind, message: String) -> Denied {
    let reason = message.clone();
    Denied { kind, message, key: None, reason }
}

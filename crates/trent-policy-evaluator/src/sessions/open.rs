//! Knows temporary credentials again by their token.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use trent_bus::messages::session_token::Principal;
use trent_bus::messages::{SessionTag, SessionToken};
use trent_policy::PolicyKind;
use trent_types::{
    AccountId, Caller, CallerKind, EntityKind, EntityRecord, SecretBytes, Session, Tag, Timestamp,
};

use super::token;
use crate::cache::{CachedAccessKey, HeldPolicy, OpenedSession};
use crate::core::{Core, Unavailable};

/// The source of a session policy in explanations.
pub(crate) const SESSION_POLICY: &str = "session policy";

/// Why there are no credentials.
pub(crate) enum OpenFault {
    /// The token is not one of these credentials, or its user or role is gone.
    Invalid,
    /// It was good; its time is over.
    Expired,
    /// Nothing is known.
    Unavailable(Unavailable),
}

impl<E: Into<Unavailable>> From<E> for OpenFault {
    fn from(error: E) -> Self {
        Self::Unavailable(error.into())
    }
}

/// The credentials with this access key id and session token. They still belong to somebody: the
/// user or role is there under the unique id that the token names.
pub(crate) async fn open(
    core: &Core,
    access_key_id: &str,
    text: &str,
) -> Result<Arc<CachedAccessKey>, OpenFault> {
    let token_hash: [u8; 32] = Sha256::digest(text).into();
    let known = core.cache.session(access_key_id);
    // Only a token that has been opened is remembered, so whoever sends another one under the same
    // id cannot push it out.
    let known = known.filter(|key| is_of_token(key, &token_hash));
    let key = match known {
        Some(key) => key,
        None => read(core, access_key_id, text, token_hash).await?,
    };
    match &key.session {
        Some(session) if core.clock.now() < session.expires_at => Ok(key),
        Some(_) => Err(OpenFault::Expired),
        None => Err(OpenFault::Invalid),
    }
}

fn is_of_token(key: &CachedAccessKey, token_hash: &[u8; 32]) -> bool {
    key.session.as_ref().is_some_and(|session| session.token_hash == *token_hash)
}

async fn read(
    core: &Core,
    access_key_id: &str,
    text: &str,
    token_hash: [u8; 32],
) -> Result<Arc<CachedAccessKey>, OpenFault> {
    let keys = core.token_keys.as_ref().ok_or(OpenFault::Invalid)?;
    let mut token = token::open(keys, text).ok_or(OpenFault::Invalid)?;
    let secret = SecretBytes::new(token.secret.to_vec());
    token::wipe(&mut token);
    if token.access_key_id != access_key_id {
        return Err(OpenFault::Invalid);
    }
    let expires_at = Timestamp::from_millis(token.expires_at_ms);
    if core.clock.now() >= expires_at {
        return Err(OpenFault::Expired);
    }
    let account: AccountId = token.account.parse().map_err(|_| OpenFault::Invalid)?;
    let began = core.cache.begin();
    let kind = principal(core, account, &token).await?.ok_or(OpenFault::Invalid)?;
    let (policies, broken) = policies(core, account, &token).await?;
    let tag = |tag: &SessionTag| Tag { key: tag.key.clone(), value: tag.value.clone() };
    let transitive = token.tags.iter().filter(|tag| tag.transitive);
    let session = Session {
        issued_at: Timestamp::from_millis(token.issued_at_ms),
        source_identity: Some(token.source_identity.clone()).filter(|name| !name.is_empty()),
        tags: token.tags.iter().map(tag).collect(),
        transitive_tag_keys: transitive.map(|tag| tag.key.clone()).collect(),
    };
    let caller = Caller {
        session: Some(Box::new(session)),
        ..Caller::new(account, token.access_key_id.clone(), kind)
    };
    let limited = !token.policy.is_empty() || !token.policy_arns.is_empty();
    let opened = OpenedSession { token_hash, expires_at, limited, policies, broken };
    Ok(core.cache.fill_session(began, caller, secret, opened))
}

/// Whose credentials they are, as they are called now: a user may have another name since.
async fn principal(
    core: &Core,
    account: AccountId,
    token: &SessionToken,
) -> Result<Option<CallerKind>, Unavailable> {
    let (kind, name, id) = match &token.principal {
        None => return Ok(None),
        Some(Principal::Root(_)) => return Ok(Some(CallerKind::Root)),
        Some(Principal::User(user)) => (EntityKind::User, &user.name, &user.user_id),
        Some(Principal::Role(role)) => (EntityKind::Role, &role.name, &role.role_id),
    };
    let named = core.principal(account, kind, name).await?;
    let record = match named.filter(|principal| principal.id() == id) {
        Some(principal) => principal.record.clone(),
        None => {
            let found = core.store.by_unique_ids(std::slice::from_ref(id)).await?;
            let own = |record: &EntityRecord| record.entity().account == account;
            match found.into_iter().find(own) {
                Some(record) => record,
                None => return Ok(None),
            }
        }
    };
    Ok(match (record, &token.principal) {
        (EntityRecord::User(user), Some(Principal::User(_))) => {
            Some(CallerKind::User { path: user.path, name: user.name, user_id: user.user_id })
        }
        (EntityRecord::Role(role), Some(Principal::Role(session))) => Some(CallerKind::Role {
            path: role.path,
            name: role.name,
            role_id: role.role_id,
            session_name: session.session_name.clone(),
        }),
        _ => None,
    })
}

/// The session policies, compiled; and why one of them cannot be read, which ends what the session
/// may do.
async fn policies(
    core: &Core,
    account: AccountId,
    token: &SessionToken,
) -> Result<(Vec<HeldPolicy>, Option<String>), Unavailable> {
    let (mut policies, mut broken) = (Vec::new(), None);
    let mut documents = Vec::new();
    if !token.policy.is_empty() {
        let kind = PolicyKind::Session;
        documents.push((SESSION_POLICY.to_owned(), token.policy.clone(), kind));
    }
    for arn in &token.policy_arns {
        match core.managed_policy(account, arn).await? {
            Some(document) => documents.push((arn.clone(), document, PolicyKind::Identity)),
            None => broken = Some(format!("the session policy {arn} is gone")),
        }
    }
    for (source, document, kind) in documents {
        match HeldPolicy::compile(source, &document, kind) {
            Ok(policy) => policies.push(policy),
            Err(why) => broken = Some(why),
        }
    }
    Ok((policies, broken))
}

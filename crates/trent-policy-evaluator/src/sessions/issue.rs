//! Makes temporary credentials (STS API Reference, "AssumeRole" and "GetSessionToken").

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::TryRng as _;
use trent_bus::Claims;
use trent_bus::messages::session_token::Principal;
use trent_bus::messages::{SessionRole, SessionTag, SessionToken, SessionUser, Unit};
use trent_policy::{Policy, PolicyError, PolicyKind};
use trent_types::{
    AccountId, CallerKind, EntityRecord, IssuedSession, Role, SecretBytes, Session, SessionOf,
    SessionRefused, SessionRequest, Tag, Timestamp,
};

use super::token;
use crate::access_key_ids::new_access_key_id;
use crate::arns::entity_of_arn;
use crate::core::{Core, Unavailable};

/// What session policies, tags and names may take together, in bytes: with it the longest token
/// stays below [`token::TOKEN_MAX`].
const PACKED_MAX: usize = 5_000;
/// The longest session of a role that is assumed with a role's credentials, in seconds.
const CHAINED_MAX: u32 = 3_600;
/// Session tags, those included that a chained role keeps.
const TAGS_MAX: usize = 50;
/// Random bytes of a secret access key: 40 characters of base64.
const SECRET_BYTES: usize = 30;

/// Why no credentials were made.
pub(crate) enum IssueFault {
    /// The text is for the caller.
    Refused(SessionRefused),
    /// The Permit is not for this.
    NotPermitted(&'static str),
    Unavailable(Unavailable),
}

impl From<SessionRefused> for IssueFault {
    fn from(refused: SessionRefused) -> Self {
        Self::Refused(refused)
    }
}

impl From<Unavailable> for IssueFault {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

/// Makes credentials for the caller of the Permit, or for the role that the Permit is for.
pub(crate) async fn issue(
    core: &Core,
    claims: &Claims,
    request: SessionRequest,
) -> Result<IssuedSession, IssueFault> {
    let keys = core.token_keys.as_ref().ok_or_else(|| {
        Unavailable("this deployment has no token keys: TRENT_TOKEN_KEY_FILE".to_owned())
    })?;
    let (account, principal, role_id) = match &request.of {
        SessionOf::Caller => {
            if claims.action != "sts:GetSessionToken" {
                return Err(IssueFault::NotPermitted("the Permit is for another action"));
            }
            (claims.caller.account, own(&claims.caller.kind)?, None)
        }
        SessionOf::Role { session_name } => {
            if claims.action != "sts:AssumeRole" {
                return Err(IssueFault::NotPermitted("the Permit is for another action"));
            }
            let role = assumed(core, claims).await?;
            check_duration(&role, &request, &claims.caller.kind)?;
            let principal = Principal::Role(SessionRole {
                role_id: role.role_id.clone(),
                name: role.name,
                session_name: session_name.clone(),
            });
            (role.account, principal, Some(role.role_id))
        }
    };
    check_policies(core, account, &request).await?;
    let tags = tags(&request, claims.caller.session.as_deref())?;
    let source_identity = source_identity(claims, &request)?;
    let now = core.clock.now();
    let expires_at = now.plus_millis(i64::from(request.duration_seconds) * 1_000);
    // The seconds are what the answer shows.
    let expires_at = Timestamp::from_millis(expires_at.as_millis() / 1_000 * 1_000);
    let packed = packed_bytes(&request, &tags);
    let percent = percent(packed)?;
    let secret = new_secret()?;
    let access_key_id = new_access_key_id("ASIA");
    let token = SessionToken {
        access_key_id: access_key_id.clone(),
        secret: bytes::Bytes::copy_from_slice(secret.expose()),
        account: account.as_str().to_owned(),
        principal: Some(principal),
        issued_at_ms: now.as_millis(),
        expires_at_ms: expires_at.as_millis(),
        policy: request.policy.unwrap_or_default(),
        policy_arns: request.policy_arns,
        tags,
        source_identity: source_identity.unwrap_or_default(),
    };
    let token = token::seal(keys, token);
    if token.len() > token::TOKEN_MAX {
        return Err(too_large(101).into());
    }
    let packed_policy_percent = (packed > 0).then_some(percent);
    Ok(IssuedSession { access_key_id, secret, token, expires_at, role_id, packed_policy_percent })
}

/// GetSessionToken is for users and root users with long-term credentials.
fn own(kind: &CallerKind) -> Result<Principal, SessionRefused> {
    match kind {
        CallerKind::Root => Ok(Principal::Root(Unit {})),
        CallerKind::User { name, user_id, .. } => {
            let (user_id, name) = (user_id.clone(), name.clone());
            Ok(Principal::User(SessionUser { user_id, name }))
        }
        CallerKind::Role { .. } | CallerKind::Service { .. } => Err(SessionRefused::Denied(
            "Cannot call GetSessionToken with session credentials".to_owned(),
        )),
    }
}

/// The role that the Permit is for, as it is now.
async fn assumed(core: &Core, claims: &Claims) -> Result<Role, IssueFault> {
    let gone = IssueFault::NotPermitted("the Permit is for no role");
    let trent_bus::ClaimedResource::Other(arn) = &claims.resource else { return Err(gone) };
    let Some(named) = entity_of_arn(arn) else { return Err(gone) };
    let role = core.principal(named.entity.account, named.entity.kind, &named.entity.name).await?;
    match role.map(|role| role.record.clone()) {
        Some(EntityRecord::Role(role)) if role.account == claims.account => Ok(role),
        Some(_) | None => Err(gone),
    }
}

fn check_duration(
    role: &Role,
    request: &SessionRequest,
    asking: &CallerKind,
) -> Result<(), SessionRefused> {
    let chained = match asking {
        CallerKind::Role { .. } => true,
        CallerKind::Root | CallerKind::User { .. } | CallerKind::Service { .. } => false,
    };
    if chained && request.duration_seconds > CHAINED_MAX {
        let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles \
                    assumed by role chaining.";
        return Err(SessionRefused::Invalid(text.to_owned()));
    }
    if request.duration_seconds > role.max_session_seconds {
        let text = "The requested DurationSeconds exceeds the MaxSessionDuration set for this \
                    role.";
        return Err(SessionRefused::Invalid(text.to_owned()));
    }
    Ok(())
}

async fn check_policies(
    core: &Core,
    account: AccountId,
    request: &SessionRequest,
) -> Result<(), IssueFault> {
    if let Some(policy) = &request.policy {
        Policy::parse(policy, PolicyKind::Session).map_err(|error| match error {
            PolicyError::Malformed { reason } => {
                SessionRefused::MalformedPolicy(reason.into_owned())
            }
            PolicyError::TooLarge { length, limit } => {
                too_large(u32::try_from(length * 100 / limit).unwrap_or(u32::MAX).max(101))
            }
        })?;
    }
    for arn in &request.policy_arns {
        if core.managed_policy(account, arn).await?.is_none() {
            let text = format!("Policy {arn} was not found.");
            return Err(SessionRefused::MalformedPolicy(text).into());
        }
    }
    Ok(())
}

/// The request's tags after those that the caller's own session hands on, whose values cannot be
/// replaced.
fn tags(
    request: &SessionRequest,
    asking: Option<&Session>,
) -> Result<Vec<SessionTag>, SessionRefused> {
    let kept = asking.into_iter().flat_map(|session| {
        session.tags.iter().filter(|tag| session.transitive_tag_keys.contains(&tag.key))
    });
    let mut tags = BTreeMap::new();
    for Tag { key, value } in kept {
        tags.insert(key.to_lowercase(), (key, value, true));
    }
    for Tag { key, value } in &request.tags {
        let transitive = request.transitive_tag_keys.iter().any(|one| one == key);
        if tags.insert(key.to_lowercase(), (key, value, transitive)).is_some() {
            let text = format!(
                "One of the specified transitive tag keys can't be set because it conflicts \
                 with a transitive tag key from the calling session: {key}"
            );
            return Err(SessionRefused::Invalid(text));
        }
    }
    if tags.len() > TAGS_MAX {
        let text = format!("A session can have up to {TAGS_MAX} tags.");
        return Err(SessionRefused::Invalid(text));
    }
    let tag = |(key, value, transitive): (&String, &String, bool)| SessionTag {
        key: key.clone(),
        value: value.clone(),
        transitive,
    };
    Ok(tags.into_values().map(tag).collect())
}

/// A source identity stays through chained roles.
fn source_identity(
    claims: &Claims,
    request: &SessionRequest,
) -> Result<Option<String>, SessionRefused> {
    let kept = claims.caller.session.as_ref().and_then(|one| one.source_identity.clone());
    match (kept, &request.source_identity) {
        (Some(kept), Some(wanted)) if kept != *wanted => Err(SessionRefused::Denied(
            "SourceIdentity cannot be changed once it is set on the calling session.".to_owned(),
        )),
        (Some(kept), _) => Ok(Some(kept)),
        (None, wanted) => Ok(wanted.clone()),
    }
}

fn packed_bytes(request: &SessionRequest, tags: &[SessionTag]) -> usize {
    let policy = request.policy.as_deref().map_or(0, str::len);
    let arns: usize = request.policy_arns.iter().map(|arn| arn.len() + 3).sum();
    let tags: usize = tags.iter().map(|tag| tag.key.len() + tag.value.len() + 10).sum();
    policy + arns + tags
}

fn percent(packed: usize) -> Result<u32, SessionRefused> {
    match percent_of(packed) {
        percent @ 0..=100 => Ok(percent),
        percent => Err(too_large(percent)),
    }
}

fn percent_of(packed: usize) -> u32 {
    u32::try_from((packed * 100).div_ceil(PACKED_MAX)).unwrap_or(u32::MAX)
}

fn too_large(percent: u32) -> SessionRefused {
    SessionRefused::TooLarge(format!(
        "Packed policy consumes {percent}% of allotted space, please use smaller policy."
    ))
}

/// 40 characters of base64, from the operating system's randomness.
fn new_secret() -> Result<SecretBytes, Unavailable> {
    let mut random = zeroize::Zeroizing::new([0_u8; SECRET_BYTES]);
    rand::rngs::SysRng.try_fill_bytes(random.as_mut_slice()).map_err(|error| {
        Unavailable(format!("the operating system gives no randomness: {error}"))
    })?;
    // Cannot be too short: base64 makes four characters of three bytes.
    let mut text = vec![0; SECRET_BYTES.div_ceil(3) * 4];
    let _ = STANDARD.encode_slice(random.as_slice(), &mut text);
    Ok(SecretBytes::new(text))
}

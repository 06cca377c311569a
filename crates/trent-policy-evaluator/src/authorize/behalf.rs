//! Services that call on somebody's behalf (AWS: forward access sessions).
//!
//! A service principal signs with its own access key and says in signed headers for whom:
//! `X-Trent-On-Behalf-Of` (the ARN of a root user, a user or a session of a role), and for which
//! resource: `X-Trent-Source-Arn`, `X-Trent-Source-Account`. What is not signed is not read here;
//! trent-sigv4 refuses such headers where they are not signed.

use std::sync::Arc;

use trent_policy::{Principal, PrincipalArn};
use trent_types::{AccountId, Caller, CallerKind, EntityKind, EntityRecord, ViaService};

use super::signature::Verified;
use super::who::principal_of;
use crate::cache::{CachedAccessKey, CachedPrincipal, CallerSerial};
use crate::core::{Core, Unavailable};

const ON_BEHALF_OF: &[u8] = b"x-trent-on-behalf-of";
const SOURCE_ARN: &[u8] = b"x-trent-source-arn";
const SOURCE_ACCOUNT: &[u8] = b"x-trent-source-account";

const NOT_A_SERVICE: &str = "Only service principals may call on behalf of others.";

/// The longest `aws:SourceArn`, as in grants.
const SOURCE_ARN_MAX: usize = 512;

/// Who calls.
pub(crate) struct Calling {
    /// Another caller than the one whose access key signed.
    pub(crate) other: Option<Arc<Caller>>,
    /// The user or role.
    pub(crate) principal: Option<Arc<CachedPrincipal>>,
    /// See [`super::who::Who::serial`].
    pub(crate) serial: Option<CallerSerial>,
}

impl Calling {
    /// Whoever signed, to whom nothing is decided.
    pub(crate) const NOBODY: Self = Self { other: None, principal: None, serial: None };
}

/// Why nobody is taken for the caller.
pub(crate) enum NobodyCalls {
    /// The user or role of the access key is gone.
    Gone,
    /// Whoever signed may not say this; the text is AWS's AccessDenied message.
    Denied(String),
    Unavailable(Unavailable),
}

impl From<Unavailable> for NobodyCalls {
    fn from(unavailable: Unavailable) -> Self {
        Self::Unavailable(unavailable)
    }
}

impl From<Option<Unavailable>> for NobodyCalls {
    fn from(unavailable: Option<Unavailable>) -> Self {
        unavailable.map_or(Self::Gone, Self::Unavailable)
    }
}

/// What the signed headers say.
struct Said<'a> {
    behalf: Option<&'a str>,
    source_arn: Option<&'a str>,
    source_account: Option<&'a str>,
}

impl<'a> Said<'a> {
    fn read(canonical_request: &'a [u8]) -> Self {
        let (mut behalf, mut source_arn, mut source_account) = (None, None, None);
        for (name, value) in trent_sigv4::signed_headers(canonical_request) {
            match name {
                ON_BEHALF_OF => behalf.get_or_insert(value),
                SOURCE_ARN => source_arn.get_or_insert(value),
                SOURCE_ACCOUNT => source_account.get_or_insert(value),
                _ => continue,
            };
        }
        let text = |value: Option<&'a [u8]>| std::str::from_utf8(value?).ok();
        Self {
            behalf: text(behalf),
            source_arn: text(source_arn),
            source_account: text(source_account),
        }
    }
}

/// Finds out who calls.
pub(crate) async fn calling(core: &Core, verified: &Verified) -> Result<Calling, NobodyCalls> {
    let said = Said::read(&verified.canonical_request);
    let key = &verified.access_key;
    let service = match &key.caller.kind {
        CallerKind::Service { name, .. } => name,
        CallerKind::Root | CallerKind::User { .. } | CallerKind::Role { .. } => {
            if said.behalf.or(said.source_arn).or(said.source_account).is_some() {
                return Err(NobodyCalls::Denied(NOT_A_SERVICE.to_owned()));
            }
            let principal = principal_of(core, &key.caller).await?;
            let serial = Some(serial(key, principal.as_deref()));
            return Ok(Calling { other: None, principal, serial });
        }
    };
    let (source_arn, source_account) = sources(&said)?;
    let Some(behalf) = said.behalf else {
        let kind = CallerKind::Service { name: service.clone(), source_arn, source_account };
        let other = Arc::new(Caller { kind, ..Caller::clone(&key.caller) });
        let serial = Some(serial(key, None));
        return Ok(Calling { other: Some(other), principal: None, serial });
    };
    let via = ViaService { service: service.clone(), source_arn };
    let nobody = || {
        let text = format!("{behalf} is not a principal on whose behalf a service can call.");
        NobodyCalls::Denied(text)
    };
    let (account, kind) = principal(core, verified, behalf).await?.ok_or_else(nobody)?;
    let id = key.caller.access_key_id.clone();
    let other = Caller { via: Some(Box::new(via)), ..Caller::new(account, id, kind) };
    let other = Arc::new(other);
    let principal = match principal_of(core, &other).await {
        Ok(principal) => principal,
        Err(Some(unavailable)) => return Err(unavailable.into()),
        Err(None) => return Err(nobody()),
    };
    Ok(Calling { other: Some(other), principal, serial: None })
}

fn serial(key: &CachedAccessKey, principal: Option<&CachedPrincipal>) -> CallerSerial {
    CallerSerial {
        access_key: key.serial,
        principal: principal.map_or(0, |principal| principal.serial),
    }
}

fn sources(said: &Said<'_>) -> Result<(Option<String>, Option<AccountId>), NobodyCalls> {
    let account = match said.source_account.map(str::parse::<AccountId>) {
        None => None,
        Some(Ok(account)) => Some(account),
        Some(Err(_)) => {
            return Err(NobodyCalls::Denied("X-Trent-Source-Account is no account.".to_owned()));
        }
    };
    let arn = said.source_arn;
    if arn.is_some_and(|arn| !arn.starts_with("arn:") || arn.len() > SOURCE_ARN_MAX) {
        return Err(NobodyCalls::Denied("X-Trent-Source-Arn is no ARN.".to_owned()));
    }
    Ok((arn.map(str::to_owned), account))
}

/// The root user, user or session of a role with this ARN, if there is such an account, user or
/// role.
async fn principal(
    core: &Core,
    verified: &Verified,
    arn: &str,
) -> Result<Option<(AccountId, CallerKind)>, Unavailable> {
    let here = verified.region.partition();
    Ok(match Principal::from_arn(arn) {
        Some(Principal::Account { account, partition: Some(partition) })
            if partition == here && core.standing.has_account(account) =>
        {
            Some((account, CallerKind::Root))
        }
        Some(Principal::User(arn)) if arn.partition == here => {
            let (path, name) = arn.split();
            match record(core, &arn, EntityKind::User, name).await? {
                Some(EntityRecord::User(user)) if user.path == path && user.name == name => {
                    let (path, name, user_id) = (user.path, user.name, user.user_id);
                    Some((arn.account, CallerKind::User { path, name, user_id }))
                }
                Some(_) | None => None,
            }
        }
        Some(Principal::RoleSession(arn)) if arn.partition == here => {
            let (role, session_name) = arn.split();
            let role = role.trim_matches('/');
            match record(core, &arn, EntityKind::Role, role).await? {
                Some(EntityRecord::Role(found)) if found.name == role => {
                    let (path, name, role_id) = (found.path, found.name, found.role_id);
                    let session_name = session_name.to_owned();
                    Some((arn.account, CallerKind::Role { path, name, role_id, session_name }))
                }
                Some(_) | None => None,
            }
        }
        Some(
            Principal::Anyone
            | Principal::Account { .. }
            | Principal::User(_)
            | Principal::Role(_)
            | Principal::RoleSession(_)
            | Principal::FederatedUser(_)
            | Principal::UniqueId(_)
            | Principal::Service(_)
            | Principal::Federated(_)
            | Principal::CanonicalUser(_),
        )
        | None => None,
    })
}

async fn record(
    core: &Core,
    arn: &PrincipalArn,
    kind: EntityKind,
    name: &str,
) -> Result<Option<EntityRecord>, Unavailable> {
    Ok(core.principal(arn.account, kind, name).await?.map(|principal| principal.record.clone()))
}

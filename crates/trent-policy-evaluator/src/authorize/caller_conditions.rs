//! Condition keys about the caller, the way the request came, and the moment (IAM User Guide, "AWS
//! global condition context keys").

use std::borrow::Cow;

use trent_policy::Values;
use trent_types::{Caller, CallerKind, Region, Tag, Timestamp};

use super::conditions::tagged;

/// Condition values that follow from the caller, the connection and the moment.
pub(crate) struct CallerConditions<'a> {
    pub(crate) caller: &'a Caller,
    /// The user's or role's own tags.
    pub(crate) tags: &'a [Tag],
    pub(crate) region: Region,
    pub(crate) now: Timestamp,
    pub(crate) network: Network<'a>,
}

/// How the request came, as its gateway saw it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Network<'a> {
    /// The client's address; `None` where it is not known.
    pub(crate) source_ip: Option<&'a str>,
    /// Whether it came over TLS; `None` where it is not known.
    pub(crate) secure_transport: Option<bool>,
    /// The `User-Agent` header.
    pub(crate) user_agent: Option<&'a str>,
}

impl CallerConditions<'_> {
    /// The values of a key that is about the caller or the moment; the outer `None`: it is about
    /// something else.
    pub(super) fn values(&self, lower: &str) -> Option<Option<Values<'_>>> {
        let Self { caller, region, network, .. } = self;
        if let Some(name) = lower.strip_prefix("aws:principaltag/") {
            return Some(self.principal_tag(name));
        }
        Some(match lower {
            "aws:principalarn" => self
                .is_in_an_account()
                .then(|| Values::One(Cow::Owned(caller.principal_arn(region.partition())))),
            "aws:principalaccount" | "kms:calleraccount" => {
                self.is_in_an_account().then(|| Values::one(caller.account.as_str()))
            }
            "aws:principaltype" => Some(Values::one(match &caller.kind {
                CallerKind::Root => "Account",
                CallerKind::User { .. } => "User",
                CallerKind::Role { .. } => "AssumedRole",
                CallerKind::Service { .. } => "Service",
            })),
            "aws:userid" => self.is_in_an_account().then(|| Values::One(caller.principal_id())),
            "aws:username" => match &caller.kind {
                CallerKind::User { name, .. } => Some(Values::one(name)),
                CallerKind::Root | CallerKind::Role { .. } | CallerKind::Service { .. } => None,
            },
            "aws:sourceip" => network.source_ip.map(Values::one),
            "aws:securetransport" => network.secure_transport.map(boolean),
            "aws:useragent" => network.user_agent.map(Values::one),
            "aws:requestedregion" => Some(Values::one(region.as_str())),
            "aws:currenttime" => owned(self.now.iso8601()),
            "aws:epochtime" => owned(self.now.as_seconds().to_string()),
            _ => return self.of_session(lower).or_else(|| self.of_service(lower)),
        })
    }

    /// Session tags come before the user's or role's own.
    fn principal_tag(&self, name: &str) -> Option<Values<'_>> {
        let of_session = self.caller.session.as_ref().and_then(|one| tagged(&one.tags, name));
        of_session.or_else(|| tagged(self.tags, name))
    }

    /// A service is in no account.
    const fn is_in_an_account(&self) -> bool {
        match self.caller.kind {
            CallerKind::Root | CallerKind::User { .. } | CallerKind::Role { .. } => true,
            CallerKind::Service { .. } => false,
        }
    }

    fn of_session(&self, lower: &str) -> Option<Option<Values<'_>>> {
        let session = self.caller.session.as_deref();
        Some(match lower {
            "aws:tokenissuetime" => session.and_then(|one| owned(one.issued_at.iso8601())),
            // No second factor is asked for; long-term credentials do not have the key.
            "aws:multifactorauthpresent" => session.map(|_| boolean(false)),
            "aws:multifactorauthage" => None,
            "aws:sourceidentity" => {
                session.and_then(|one| one.source_identity.as_deref()).map(Values::one)
            }
            // No organisations.
            "aws:principalorgid" | "aws:principalorgpaths" => None,
            _ => return None,
        })
    }

    fn of_service(&self, lower: &str) -> Option<Option<Values<'_>>> {
        let via = self.caller.via.as_deref();
        let (service, source_arn, source_account) = match &self.caller.kind {
            CallerKind::Service { name, source_arn, source_account } => {
                (Some(name.as_str()), source_arn.as_deref(), source_account.as_ref())
            }
            CallerKind::Root | CallerKind::User { .. } | CallerKind::Role { .. } => {
                (None, via.and_then(|via| via.source_arn.as_deref()), None)
            }
        };
        let called_via = || via.map(|via| via.service.as_str());
        Some(match lower {
            "aws:principalisawsservice" => Some(boolean(service.is_some())),
            "aws:principalservicename" => service.map(Values::one),
            "aws:principalservicenameslist" => {
                service.map(|name| Values::Many(Cow::Owned(vec![name.to_owned()])))
            }
            "aws:viaawsservice" => Some(boolean(via.is_some())),
            "aws:calledvia" => {
                called_via().map(|name| Values::Many(Cow::Owned(vec![name.to_owned()])))
            }
            "aws:calledviafirst" | "aws:calledvialast" => called_via().map(Values::one),
            "aws:sourcearn" => source_arn.map(Values::one),
            "aws:sourceaccount" => source_account.map(|account| Values::one(account.as_str())),
            "kms:viaservice" => via.and_then(|via| {
                let name = via.service.split('.').next().unwrap_or_default();
                owned([name, ".", self.region.as_str(), ".amazonaws.com"].concat())
            }),
            _ => return None,
        })
    }
}

fn owned(text: String) -> Option<Values<'static>> {
    Some(Values::One(Cow::Owned(text)))
}

pub(super) const fn boolean(value: bool) -> Values<'static> {
    Values::one(if value { "true" } else { "false" })
}

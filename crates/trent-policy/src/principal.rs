//! `Principal` and `NotPrincipal`: who a statement is about.

mod coverage;

use trent_types::{AccountId, Partition};

pub(crate) use self::coverage::{Coverage, Who, is_service, names_service};

use crate::PolicyError;
use crate::json::Json;
use crate::statement::texts;

/// One principal of a key policy or trust policy (IAM User Guide, "AWS JSON policy elements:
/// Principal").
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// `*`: everyone.
    Anyone,
    /// An account: its root user, and whomever its identity policies allow.
    Account {
        /// The account.
        account: AccountId,
        /// The partition of the `:root` ARN; `None` when only the 12 digits were given.
        partition: Option<Partition>,
    },
    /// `arn:aws:iam::<account>:user/…`.
    User(PrincipalArn),
    /// `arn:aws:iam::<account>:role/…`: the role and its sessions.
    Role(PrincipalArn),
    /// `arn:aws:sts::<account>:assumed-role/<role>/<session>`: this session only.
    RoleSession(PrincipalArn),
    /// `arn:aws:sts::<account>:federated-user/<name>`.
    FederatedUser(PrincipalArn),
    /// `AIDA…` or `AROA…`: what a deleted user or role leaves in a policy.
    UniqueId(Box<str>),
    /// An AWS service, as in `logs.us-east-1.amazonaws.com`.
    Service(Box<str>),
    /// An identity provider.
    Federated(Box<str>),
    /// A canonical user id of S3.
    CanonicalUser(Box<str>),
}

/// The parts of an IAM or STS principal's ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalArn {
    /// The partition.
    pub partition: Partition,
    /// The account.
    pub account: AccountId,
    /// Everything after the kind, from its `/` on: `/ann`, `/team/ann`, `/role/session`.
    pub path_and_name: Box<str>,
}

impl PrincipalArn {
    /// The path, `/` or `/team/`, and the name.
    #[must_use]
    pub fn split(&self) -> (&str, &str) {
        let after_slash = self.path_and_name.rfind('/').map_or(0, |at| at + 1);
        self.path_and_name.split_at_checked(after_slash).unwrap_or_default()
    }
}

impl Principal {
    /// Reads a value of the `AWS` member.
    ///
    /// # Errors
    /// [`PolicyError::invalid_principals`] when it is none of the forms that may stand there.
    pub fn aws(text: &str) -> Result<Self, PolicyError> {
        if text == "*" {
            return Ok(Self::Anyone);
        }
        if let Ok(account) = text.parse() {
            return Ok(Self::Account { account, partition: None });
        }
        Self::from_unique_id(text)
            .or_else(|| Self::from_arn(text))
            .ok_or_else(PolicyError::invalid_principals)
    }

    /// The principal of a user's or role's unique id: `AIDA` or `AROA` and 12 to 124 capital
    /// letters and digits (IAM User Guide, "IAM identifiers").
    #[must_use]
    pub fn from_unique_id(text: &str) -> Option<Self> {
        let is_one = (text.starts_with("AIDA") || text.starts_with("AROA"))
            && (16..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        is_one.then(|| Self::UniqueId(text.into()))
    }

    /// The principal of an ARN; `None` when the text is not one of an account, user, role, session
    /// or federated user.
    #[must_use]
    pub fn from_arn(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let (scheme, partition) = (parts.next()?, partition(parts.next()?)?);
        let (service, region) = (parts.next()?, parts.next()?);
        let account: AccountId = parts.next()?.parse().ok()?;
        let resource = parts.next()?;
        if scheme != "arn" || !region.is_empty() || resource.contains(['*', '?', ':', ' ']) {
            return None;
        }
        if (service, resource) == ("iam", "root") {
            return Some(Self::Account { account, partition: Some(partition) });
        }
        let (kind, rest) = resource.split_at_checked(resource.find('/')?)?;
        let segments = rest.split('/').skip(1);
        let (mut count, mut all_named) = (0, true);
        for segment in segments {
            count += 1;
            all_named &= !segment.is_empty();
        }
        let arn = PrincipalArn { partition, account, path_and_name: rest.into() };
        match (service, kind) {
            ("iam", "user") if all_named => Some(Self::User(arn)),
            ("iam", "role") if all_named => Some(Self::Role(arn)),
            ("sts", "assumed-role") if all_named && count == 2 => Some(Self::RoleSession(arn)),
            ("sts", "federated-user") if all_named && count == 1 => Some(Self::FederatedUser(arn)),
            _ => None,
        }
    }
}

/// The principals of one statement.
#[derive(Debug, Clone)]
pub(crate) struct Principals {
    pub(crate) negated: bool,
    pub(crate) list: Box<[Principal]>,
}

impl Principals {
    /// Compiles the value of a `Principal` or `NotPrincipal` element.
    pub(crate) fn compile(value: &Json, negated: bool) -> Result<Self, PolicyError> {
        let mut list = Vec::new();
        match value {
            Json::Text(text) if text == "*" => list.push(Principal::Anyone),
            Json::Object(members) => {
                for (kind, value) in members {
                    for text in texts(value).ok_or_else(PolicyError::syntax)? {
                        list.push(principal(kind, text)?);
                    }
                }
            }
            Json::Text(_) => return Err(PolicyError::invalid_principals()),
            Json::Null | Json::Bool(_) | Json::Number(_) | Json::List(_) => {
                return Err(PolicyError::syntax());
            }
        }
        if list.is_empty() {
            return Err(PolicyError::invalid_principals());
        }
        Ok(Self { negated, list: list.into() })
    }
}

fn principal(kind: &str, text: &str) -> Result<Principal, PolicyError> {
    let named = |make: fn(Box<str>) -> Principal| {
        if text.is_empty() || text.contains(['*', '?', ' ']) {
            Err(PolicyError::invalid_principals())
        } else {
            Ok(make(text.into()))
        }
    };
    match kind {
        "AWS" => Principal::aws(text),
        "Service" => named(Principal::Service),
        "Federated" => named(Principal::Federated),
        "CanonicalUser" => named(Principal::CanonicalUser),
        _ => Err(PolicyError::syntax()),
    }
}

fn partition(text: &str) -> Option<Partition> {
    [Partition::Aws, Partition::AwsCn, Partition::AwsUsGov].into_iter().find(|p| p.as_str() == text)
}

#[cfg(test)]
mod tests;

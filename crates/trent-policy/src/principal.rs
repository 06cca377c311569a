//! `Principal` and `NotPrincipal`: who a statement is about.

use trent_types::{AccountId, Caller, CallerKind, Partition};

use crate::PolicyError;
use crate::json::Json;
use crate::statement::{Effect, texts};

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

/// How a statement covers a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Coverage {
    None,
    /// Through the caller's account: identity policies have the last word.
    Account,
    /// By name, by `*`, or as the account's root user.
    Direct,
}

impl Principal {
    /// Reads a value of the `AWS` member.
    fn aws(text: &str) -> Result<Self, PolicyError> {
        if text == "*" {
            return Ok(Self::Anyone);
        }
        if let Ok(account) = text.parse() {
            return Ok(Self::Account { account, partition: None });
        }
        if is_unique_id(text) {
            return Ok(Self::UniqueId(text.into()));
        }
        Self::from_arn(text).ok_or_else(PolicyError::invalid_principals)
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

    pub(crate) fn coverage(&self, caller: &Caller, own_partition: Partition) -> Coverage {
        let direct_if = |yes| if yes { Coverage::Direct } else { Coverage::None };
        match (self, &caller.kind) {
            (Self::Anyone, _) => Coverage::Direct,
            (Self::Account { account, partition }, kind) => {
                let same_partition = partition.is_none_or(|partition| partition == own_partition);
                if *account != caller.account || !same_partition {
                    return Coverage::None;
                }
                match kind {
                    CallerKind::Root => Coverage::Direct,
                    CallerKind::User { .. } => Coverage::Account,
                }
            }
            (Self::User(arn), CallerKind::User { path, name, .. }) => direct_if(
                arn.account == caller.account
                    && arn.partition == own_partition
                    && arn.path_and_name.strip_prefix(&**path) == Some(name),
            ),
            (Self::UniqueId(id), CallerKind::User { user_id, .. }) => direct_if(**id == **user_id),
            (
                Self::User(_)
                | Self::Role(_)
                | Self::RoleSession(_)
                | Self::FederatedUser(_)
                | Self::UniqueId(_)
                | Self::Service(_)
                | Self::Federated(_)
                | Self::CanonicalUser(_),
                CallerKind::Root | CallerKind::User { .. },
            ) => Coverage::None,
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

    /// How the statement covers the caller. Where the language leaves room, an Allow covers fewer
    /// and a Deny more: a Deny of an account covers everyone in it, and a Deny with `NotPrincipal`
    /// spares a user only if both the user and the user's account are listed.
    pub(crate) fn coverage(
        &self,
        caller: &Caller,
        partition: Partition,
        effect: Effect,
    ) -> Coverage {
        let (mut by_account, mut direct, mut everyone) = (false, false, false);
        for principal in &self.list {
            everyone |= *principal == Principal::Anyone;
            match principal.coverage(caller, partition) {
                Coverage::None => {}
                Coverage::Account => by_account = true,
                Coverage::Direct => direct = true,
            }
        }
        let is_root = match caller.kind {
            CallerKind::Root => true,
            CallerKind::User { .. } => false,
        };
        if self.negated {
            let spared = match effect {
                Effect::Allow => direct || by_account,
                Effect::Deny => everyone || (direct && (by_account || is_root)),
            };
            return if spared { Coverage::None } else { Coverage::Direct };
        }
        match (direct, by_account) {
            (true, _) => Coverage::Direct,
            (false, true) => Coverage::Account,
            (false, false) => Coverage::None,
        }
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

/// `AIDA` or `AROA` and 12 to 124 capital letters and digits (IAM User Guide, "IAM identifiers").
fn is_unique_id(text: &str) -> bool {
    (text.starts_with("AIDA") || text.starts_with("AROA"))
        && (16..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;

    fn caller(kind: CallerKind) -> Caller {
        let account = "111122223333".parse().unwrap();
        Caller { account, access_key_id: "AKIA".into(), kind }
    }

    fn ann() -> Caller {
        caller(CallerKind::User {
            path: "/team/".into(),
            name: "ann".into(),
            user_id: "AIDAEXAMPLEEXAMPLEANN".into(),
        })
    }

    fn coverage(principals: &str, negated: bool, effect: Effect, caller: &Caller) -> Coverage {
        let principals = Principals::compile(&parse(principals).unwrap(), negated).unwrap();
        principals.coverage(caller, Partition::Aws, effect)
    }

    #[test]
    fn each_form_covers_whom_it_names() {
        let root = caller(CallerKind::Root);
        for (principals, for_ann, for_root) in [
            (r#""*""#, Coverage::Direct, Coverage::Direct),
            (r#"{"AWS": "*"}"#, Coverage::Direct, Coverage::Direct),
            (r#"{"AWS": "111122223333"}"#, Coverage::Account, Coverage::Direct),
            (r#"{"AWS": "arn:aws:iam::111122223333:root"}"#, Coverage::Account, Coverage::Direct),
            (r#"{"AWS": "arn:aws-cn:iam::111122223333:root"}"#, Coverage::None, Coverage::None),
            (r#"{"AWS": "444455556666"}"#, Coverage::None, Coverage::None),
            (
                r#"{"AWS": "arn:aws:iam::111122223333:user/team/ann"}"#,
                Coverage::Direct,
                Coverage::None,
            ),
            (r#"{"AWS": "arn:aws:iam::111122223333:user/ann"}"#, Coverage::None, Coverage::None),
            (
                r#"{"AWS": "arn:aws:iam::111122223333:user/team/Ann"}"#,
                Coverage::None,
                Coverage::None,
            ),
            (
                r#"{"AWS": "arn:aws:iam::444455556666:user/team/ann"}"#,
                Coverage::None,
                Coverage::None,
            ),
            (
                r#"{"AWS": "arn:aws:iam::111122223333:role/team/ann"}"#,
                Coverage::None,
                Coverage::None,
            ),
            (r#"{"AWS": "AIDAEXAMPLEEXAMPLEANN"}"#, Coverage::Direct, Coverage::None),
            (r#"{"AWS": "AIDAEXAMPLEEXAMPLEBOB"}"#, Coverage::None, Coverage::None),
            (r#"{"AWS": ["AIDAEXAMPLEEXAMPLEBOB", "*"]}"#, Coverage::Direct, Coverage::Direct),
            (
                r#"{"AWS": ["111122223333", "AIDAEXAMPLEEXAMPLEANN"]}"#,
                Coverage::Direct,
                Coverage::Direct,
            ),
            (r#"{"Service": "logs.us-east-1.amazonaws.com"}"#, Coverage::None, Coverage::None),
            (r#"{"Federated": "cognito-identity.amazonaws.com"}"#, Coverage::None, Coverage::None),
            (r#"{"CanonicalUser": "79a59df900b949e5"}"#, Coverage::None, Coverage::None),
        ] {
            let found = |caller| coverage(principals, false, Effect::Allow, caller);
            assert_eq!((found(&ann()), found(&root)), (for_ann, for_root), "{principals}");
        }
    }

    #[test]
    fn not_principal_spares_fewer_from_a_deny_than_it_keeps_from_an_allow() {
        let root = caller(CallerKind::Root);
        let account = r#"{"AWS": "111122223333"}"#;
        let user = r#"{"AWS": "AIDAEXAMPLEEXAMPLEANN"}"#;
        let both = r#"{"AWS": ["AIDAEXAMPLEEXAMPLEANN", "111122223333"]}"#;
        for (principals, effect, caller, covered) in [
            (account, Effect::Deny, &root, false),
            (account, Effect::Deny, &ann(), true),
            (user, Effect::Deny, &ann(), true),
            (user, Effect::Deny, &root, true),
            (both, Effect::Deny, &ann(), false),
            (r#""*""#, Effect::Deny, &ann(), false),
            (account, Effect::Allow, &ann(), false),
            (user, Effect::Allow, &ann(), false),
            (user, Effect::Allow, &root, true),
        ] {
            let found = coverage(principals, true, effect, caller);
            assert_eq!(found == Coverage::Direct, covered, "{principals} {effect:?}");
        }
    }

    #[test]
    fn what_is_no_principal_is_refused() {
        for principals in [
            r#""111122223333""#,
            r#"{"AWS": "arn:aws:iam::111122223333:group/g"}"#,
            r#"{"AWS": "arn:aws:iam::111122223333:user/*"}"#,
            r#"{"AWS": "arn:aws:iam::111122223333:user/"}"#,
            r#"{"AWS": "arn:aws:iam::111122223333:user//ann"}"#,
            r#"{"AWS": "arn:aws:iam::111122223333:user"}"#,
            r#"{"AWS": "arn:aws:iam::*:root"}"#,
            r#"{"AWS": "arn:aws:iam:us-east-1:111122223333:root"}"#,
            r#"{"AWS": "arn:aws:sts::111122223333:assumed-role/r"}"#,
            r#"{"AWS": "arn:moon:iam::111122223333:root"}"#,
            r#"{"AWS": "arn:aws:kms::111122223333:root"}"#,
            r#"{"AWS": ""}"#,
            r#"{"AWS": "ann"}"#,
            r#"{"AWS": []}"#,
            r#"{"Service": "*"}"#,
            r#"{}"#,
        ] {
            let found = Principals::compile(&parse(principals).unwrap(), false);
            assert_eq!(found.unwrap_err(), PolicyError::invalid_principals(), "{principals}");
        }
        for principals in [r#"{"aws": "*"}"#, r#"{"AWS": 5}"#, r#"["*"]"#, "null"] {
            let found = Principals::compile(&parse(principals).unwrap(), false);
            assert_eq!(found.unwrap_err(), PolicyError::syntax(), "{principals}");
        }
    }

    #[test]
    fn path_and_name_come_apart() {
        let Principal::User(arn) =
            Principal::aws("arn:aws:iam::111122223333:user/a/b/ann").unwrap()
        else {
            panic!("a user");
        };
        assert_eq!(arn.split(), ("/a/b/", "ann"));
    }
}

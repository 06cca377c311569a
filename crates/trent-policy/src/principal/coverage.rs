//! Whom a principal, or the principals of a statement, stand for.

use trent_types::{AccountId, Caller, CallerKind, Partition, Region};

use super::{Principal, PrincipalArn, Principals};
use crate::statement::Effect;

/// Who asks, as principals see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(crate) caller: &'a Caller,
    /// The partition of the caller's ARN.
    pub(crate) partition: Partition,
    /// The Region of the resource; a service's regional name carries it.
    pub(crate) region: Option<Region>,
    /// Whether the caller has a permissions boundary.
    pub(crate) bounded: bool,
}

/// How a principal stands for a caller, the looser after the stricter: what each still needs beside
/// it is said in `decide::rules`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Coverage {
    None,
    /// Through the caller's account: identity policies have the last word.
    Account,
    /// Through the role of the session.
    Role,
    /// By name, by `*`, or as the account's root user.
    Direct,
}

impl Principal {
    /// How the principal stands for the caller. `*` stands for no service: whether it is about one
    /// depends on the statement.
    pub(crate) fn coverage(&self, who: &Who<'_>) -> Coverage {
        match &who.caller.kind {
            CallerKind::Root => self.covers_account(who, Coverage::Direct),
            CallerKind::User { path, name, user_id } => match self {
                Self::User(arn) => direct_if(arn.names(who, path, name)),
                Self::UniqueId(id) => direct_if(**id == **user_id),
                Self::Anyone
                | Self::Account { .. }
                | Self::Role(_)
                | Self::RoleSession(_)
                | Self::FederatedUser(_)
                | Self::Service(_)
                | Self::Federated(_)
                | Self::CanonicalUser(_) => self.covers_account(who, Coverage::Account),
            },
            CallerKind::Role { path, name, role_id, session_name } => match self {
                Self::Role(arn) if arn.names(who, path, name) => Coverage::Role,
                Self::UniqueId(id) if **id == **role_id => Coverage::Role,
                Self::RoleSession(arn) => direct_if(
                    arn.is_of(who)
                        && arn
                            .path_and_name
                            .strip_prefix('/')
                            .and_then(|rest| rest.split_once('/'))
                            == Some((name, session_name)),
                ),
                Self::Anyone
                | Self::Account { .. }
                | Self::User(_)
                | Self::Role(_)
                | Self::FederatedUser(_)
                | Self::UniqueId(_)
                | Self::Service(_)
                | Self::Federated(_)
                | Self::CanonicalUser(_) => self.covers_account(who, Coverage::Account),
            },
            CallerKind::Service { name, .. } => match self {
                Self::Service(text) => direct_if(names_service(text, name, who.region)),
                Self::Anyone
                | Self::Account { .. }
                | Self::User(_)
                | Self::Role(_)
                | Self::RoleSession(_)
                | Self::FederatedUser(_)
                | Self::UniqueId(_)
                | Self::Federated(_)
                | Self::CanonicalUser(_) => Coverage::None,
            },
        }
    }

    /// The forms that are about whole accounts.
    fn covers_account(&self, who: &Who<'_>, as_account: Coverage) -> Coverage {
        match self {
            Self::Anyone => Coverage::Direct,
            Self::Account { account, partition } => {
                let same_partition = partition.is_none_or(|partition| partition == who.partition);
                let same = is_same(*account, who) && same_partition;
                if same { as_account } else { Coverage::None }
            }
            Self::User(_)
            | Self::Role(_)
            | Self::RoleSession(_)
            | Self::FederatedUser(_)
            | Self::UniqueId(_)
            | Self::Service(_)
            | Self::Federated(_)
            | Self::CanonicalUser(_) => Coverage::None,
        }
    }
}

impl PrincipalArn {
    fn is_of(&self, who: &Who<'_>) -> bool {
        is_same(self.account, who) && self.partition == who.partition
    }

    fn names(&self, who: &Who<'_>, path: &str, name: &str) -> bool {
        self.is_of(who) && self.path_and_name.strip_prefix(path) == Some(name)
    }
}

fn is_same(account: AccountId, who: &Who<'_>) -> bool {
    account == who.caller.account
}

const fn direct_if(yes: bool) -> Coverage {
    if yes { Coverage::Direct } else { Coverage::None }
}

/// Whether a policy's or grant's name of a service is that of the one that calls: the very name, or
/// its form for the Region of the resource, `logs.us-east-1.amazonaws.com` for `logs.amazonaws.com`
/// (IAM User Guide, "AWS service principals").
pub(crate) fn names_service(text: &str, name: &str, region: Option<Region>) -> bool {
    if text == name {
        return true;
    }
    let (Some(region), Some((service, domain))) = (region, name.split_once('.')) else {
        return false;
    };
    let after_service = text.strip_prefix(service).and_then(|rest| rest.strip_prefix('.'));
    let after_region = after_service
        .and_then(|rest| rest.strip_prefix(region.as_str()))
        .and_then(|rest| rest.strip_prefix('.'));
    after_region == Some(domain)
}

impl Principals {
    /// How the statement covers the caller. Where the language leaves room, an Allow covers fewer
    /// and a Deny more: a Deny of an account covers everyone in it, an Allow for `*` or with
    /// `NotPrincipal` covers no service, and a Deny with `NotPrincipal` spares only whom it lists
    /// in all its forms: a user with its account, a session of a role with the role and the
    /// account. Whoever has a permissions boundary it does not spare at all (IAM User Guide, "AWS
    /// JSON policy elements: NotPrincipal").
    pub(crate) fn coverage(&self, who: &Who<'_>, effect: Effect) -> Coverage {
        let (mut by_account, mut by_role, mut direct) = (false, false, false);
        for principal in &self.list {
            match principal.coverage(who) {
                Coverage::None => {}
                Coverage::Account => by_account = true,
                Coverage::Role => by_role = true,
                Coverage::Direct => direct = true,
            }
        }
        let everyone = self.list.contains(&Principal::Anyone);
        if self.negated {
            let spared = match effect {
                Effect::Allow => {
                    everyone || direct || by_role || by_account || is_service(who.caller)
                }
                Effect::Deny => {
                    let in_all_forms = match who.caller.kind {
                        CallerKind::Root | CallerKind::Service { .. } => direct,
                        CallerKind::User { .. } => direct && by_account,
                        CallerKind::Role { .. } => direct && by_role && by_account,
                    };
                    !who.bounded && (everyone || in_all_forms)
                }
            };
            return if spared { Coverage::None } else { Coverage::Direct };
        }
        match (direct || (everyone && effect == Effect::Deny), by_role, by_account) {
            (true, _, _) => Coverage::Direct,
            (false, true, _) => Coverage::Role,
            (false, false, true) => Coverage::Account,
            (false, false, false) => Coverage::None,
        }
    }
}

/// Whether a service calls for itself.
pub(crate) const fn is_service(caller: &Caller) -> bool {
    match caller.kind {
        CallerKind::Service { .. } => true,
        CallerKind::Root | CallerKind::User { .. } | CallerKind::Role { .. } => false,
    }
}

//! AWS's quotas: their names, their defaults, and what replaces a default.
//!
//! Most are of KMS; LookupEvents is CloudTrail's. Every quota holds per account and Region (AWS KMS
//! Developer Guide, "Resource quotas" and "Request quotas"). A default may be replaced for one
//! account, for one Region, for both or for all.

mod class;

use std::fmt;
use std::str::FromStr;

pub use class::{Counted, RequestClass};

use crate::{AccessKey, Account, AccountId, Malformed, Region, Service};

/// The highest value that a quota can be given.
pub const QUOTA_MAX: u64 = 1_000_000_000;

/// How many things there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ResourceQuota {
    /// Customer managed keys of an account in a Region, whatever their spec and state.
    KeysPerRegion,
    /// Aliases that stand for one key.
    AliasesPerKey,
    /// Grants of one key.
    GrantsPerKey,
    /// Grants of one key for one grantee principal. AWS had this quota (500) and gave it up.
    GrantsPerPrincipalPerKey,
    /// On-demand rotations of one key, over its whole life.
    OnDemandRotationsPerKey,
    /// Tags of one key.
    TagsPerKey,
    /// Bytes of a key policy.
    KeyPolicyBytes,
    /// Grant tokens of one request.
    GrantTokensPerRequest,
}

impl ResourceQuota {
    /// Every resource quota.
    pub const ALL: &'static [Self] = &[
        Self::KeysPerRegion,
        Self::AliasesPerKey,
        Self::GrantsPerKey,
        Self::GrantsPerPrincipalPerKey,
        Self::OnDemandRotationsPerKey,
        Self::TagsPerKey,
        Self::KeyPolicyBytes,
        Self::GrantTokensPerRequest,
    ];

    /// Code, AWS's name, default and whether the quota can be changed.
    const fn row(self) -> (&'static str, &'static str, Option<u64>, bool) {
        match self {
            Self::KeysPerRegion => ("keys-per-region", "KMS keys", Some(100_000), true),
            Self::AliasesPerKey => ("aliases-per-key", "Aliases per KMS key", Some(50), true),
            Self::GrantsPerKey => ("grants-per-key", "Grants per KMS key", Some(50_000), true),
            Self::GrantsPerPrincipalPerKey => (
                "grants-per-principal-per-key",
                "Grants for a given principal per KMS key",
                None,
                true,
            ),
            Self::OnDemandRotationsPerKey => {
                ("on-demand-rotations-per-key", "On-demand rotations per KMS key", Some(25), false)
            }
            Self::TagsPerKey => ("tags-per-key", "Tags per KMS key", Some(50), false),
            Self::KeyPolicyBytes => {
                ("key-policy-bytes", "Key policy document size", Some(32_768), false)
            }
            Self::GrantTokensPerRequest => {
                ("grant-tokens-per-request", "Grant tokens per request", Some(10), false)
            }
        }
    }

    /// The default; `None`: there is no limit.
    #[must_use]
    pub const fn default_limit(self) -> Option<u64> {
        self.row().2
    }
}

/// Any quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quota {
    /// How many things there may be.
    Resource(ResourceQuota),
    /// How many requests are answered in a second.
    Request(RequestClass),
}

impl Quota {
    /// Every quota, resources first.
    pub fn all() -> impl Iterator<Item = Self> {
        let resources = ResourceQuota::ALL.iter().copied().map(Self::Resource);
        resources.chain(RequestClass::ALL.iter().copied().map(Self::Request))
    }

    /// The name by which `trent quota` knows it; it never changes.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Resource(quota) => quota.row().0,
            Self::Request(class) => class.code(),
        }
    }

    /// The name that AWS gives it.
    #[must_use]
    pub const fn aws_name(self) -> &'static str {
        match self {
            Self::Resource(quota) => quota.row().1,
            Self::Request(class) => class.aws_name(),
        }
    }

    /// The default in a Region: a number of things, or of requests in a second; `None`: there is no
    /// limit.
    #[must_use]
    pub fn default_limit(self, region: Region) -> Option<u64> {
        match self {
            Self::Resource(quota) => quota.default_limit(),
            Self::Request(class) => Some(class.default_rate(region)),
        }
    }

    /// Whether another value can take the default's place.
    #[must_use]
    pub const fn adjustable(self) -> bool {
        match self {
            Self::Resource(quota) => quota.row().3,
            Self::Request(_) => true,
        }
    }
}

impl FromStr for Quota {
    type Err = Malformed;

    fn from_str(code: &str) -> Result<Self, Malformed> {
        Self::all().find(|quota| quota.code() == code).ok_or(Malformed::new("quota code"))
    }
}

impl fmt::Display for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Where a value holds: for an account or for all, in a Region or in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct QuotaScope {
    /// `None`: every account.
    pub account: Option<AccountId>,
    /// `None`: every Region.
    pub region: Option<Region>,
}

impl QuotaScope {
    /// Whether a value of this scope holds for this account in this Region.
    #[must_use]
    pub fn covers(&self, account: AccountId, region: Region) -> bool {
        self.account.is_none_or(|own| own == account) && self.region.is_none_or(|own| own == region)
    }

    /// The narrower of two scopes wins, and one that names the account is narrower than one that
    /// names the Region.
    const fn narrowness(&self) -> (bool, bool) {
        (self.account.is_some(), self.region.is_some())
    }
}

/// A value in the place of a quota's default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct QuotaOverride {
    /// The quota.
    pub quota: Quota,
    /// Where the value holds.
    pub scope: QuotaScope,
    /// A number of things, or of requests in a second; at most [`QUOTA_MAX`].
    pub value: u64,
}

impl QuotaOverride {
    /// The one of `overrides` that holds for this account in this Region; `None`: the default does.
    #[must_use]
    pub fn in_force(
        overrides: &[Self],
        quota: Quota,
        account: AccountId,
        region: Region,
    ) -> Option<&Self> {
        overrides
            .iter()
            .filter(|each| each.quota == quota && each.scope.covers(account, region))
            .max_by_key(|each| each.scope.narrowness())
    }
}

/// A change that an operator makes by `trent`, and no caller of the AWS API can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdminChange {
    /// Moves the key clock by so many milliseconds, forward or back.
    MoveKeyClock {
        /// Milliseconds.
        by_millis: i64,
    },
    /// Puts the key clock back to the wall clock.
    ResetKeyClock,
    /// Gives a quota another value.
    SetQuota(QuotaOverride),
    /// Takes the value of exactly this scope away again.
    ResetQuota {
        /// The quota.
        quota: Quota,
        /// Where the value held.
        scope: QuotaScope,
    },
    /// A new account with an access key of its root user.
    CreateAccount {
        /// The account.
        account: Account,
        /// The key, without its secret.
        root_key: AccessKey,
        /// The secret access key, sealed under the domain key.
        sealed_secret: Vec<u8>,
    },
    /// A service principal, made where it is missing, with a new access key.
    CreateService {
        /// The service.
        service: Service,
        /// The key, without its secret.
        access_key: AccessKey,
        /// The secret access key, sealed under the domain key.
        sealed_secret: Vec<u8>,
    },
    /// The end of a service principal and its access keys.
    DeleteService {
        /// As in `s3.amazonaws.com`.
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn account(digit: &str) -> AccountId {
        digit.repeat(12).parse().unwrap()
    }

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    #[test]
    fn every_quota_is_known_by_a_code_of_its_own() {
        let codes: BTreeSet<_> = Quota::all().map(Quota::code).collect();
        assert_eq!(codes.len(), Quota::all().count());
        for quota in Quota::all() {
            assert_eq!(quota.code().parse::<Quota>().unwrap(), quota);
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(quota.code().bytes().all(plain), "{quota}");
        }
        assert!("keys".parse::<Quota>().is_err());
    }

    #[test]
    fn the_narrowest_value_is_in_force() {
        let quota = Quota::Resource(ResourceQuota::KeysPerRegion);
        let other = Quota::Resource(ResourceQuota::AliasesPerKey);
        let set = |quota, account, region, value| QuotaOverride {
            quota,
            scope: QuotaScope { account, region },
            value,
        };
        let (ann, here) = (account("1"), region("us-east-1"));
        let overrides = [
            set(quota, None, None, 1),
            set(quota, None, Some(here), 2),
            set(quota, Some(ann), None, 3),
            set(quota, Some(ann), Some(here), 4),
            set(other, None, None, 5),
        ];
        let value = |quota, account, region| {
            QuotaOverride::in_force(&overrides, quota, account, region).map(|found| found.value)
        };
        let there = region("eu-west-1");
        assert_eq!(value(quota, ann, here), Some(4));
        assert_eq!(value(quota, ann, there), Some(3));
        assert_eq!(value(quota, account("2"), here), Some(2));
        assert_eq!(value(quota, account("2"), there), Some(1));
        assert_eq!(value(other, ann, here), Some(5));
        assert_eq!(value(Quota::Request(RequestClass::CreateKey), ann, here), None);
    }
}

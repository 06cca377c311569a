//! Quotas that have another value than their default, and where they have it.

use trent_types::{AccountId, QuotaOverride, QuotaScope, Region};

use super::{InvalidField, parse};
use crate::messages;

impl From<&QuotaOverride> for messages::QuotaOverride {
    fn from(set: &QuotaOverride) -> Self {
        let (account, region) = scope_fields(&set.scope);
        Self { code: set.quota.code().to_owned(), account, region, value: set.value }
    }
}

impl TryFrom<messages::QuotaOverride> for QuotaOverride {
    type Error = InvalidField;

    fn try_from(set: messages::QuotaOverride) -> Result<Self, InvalidField> {
        Ok(Self {
            quota: parse(&set.code, "code")?,
            scope: quota_scope(&set.account, &set.region)?,
            value: set.value,
        })
    }
}

/// The scope that these fields name; an empty one names all.
///
/// # Errors
/// [`InvalidField`] when one is neither empty nor valid.
pub fn quota_scope(account: &str, region: &str) -> Result<QuotaScope, InvalidField> {
    let account = if account.is_empty() { None } else { Some(parse(account, "account")?) };
    let region = if region.is_empty() { None } else { Some(parse(region, "region")?) };
    Ok(QuotaScope { account, region })
}

/// The account and the Region of a scope as messages have them.
#[must_use]
pub fn scope_fields(scope: &QuotaScope) -> (String, String) {
    let account = scope.account.as_ref().map_or("", AccountId::as_str);
    let region = scope.region.map_or("", Region::as_str);
    (account.to_owned(), region.to_owned())
}

#[cfg(test)]
mod tests {
    use trent_types::{Quota, RequestClass};

    use super::*;

    #[test]
    fn values_come_back_with_their_scope_and_unknown_quotas_do_not() {
        for (account, region) in [("", ""), ("111122223333", ""), ("", "eu-west-1")] {
            let set = QuotaOverride {
                quota: Quota::Request(RequestClass::CreateKey),
                scope: quota_scope(account, region).unwrap(),
                value: 7,
            };
            assert_eq!(QuotaOverride::try_from(messages::QuotaOverride::from(&set)), Ok(set));
        }
        assert_eq!(quota_scope("1", ""), Err(InvalidField("account")));
        assert_eq!(quota_scope("", "mars-1"), Err(InvalidField("region")));
        let unknown = messages::QuotaOverride { code: "x".into(), ..Default::default() };
        assert_eq!(QuotaOverride::try_from(unknown), Err(InvalidField("code")));
    }
}

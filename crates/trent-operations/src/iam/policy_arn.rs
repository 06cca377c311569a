//! ARNs of managed policies.

use trent_types::AccountId;

use crate::error::{AwsError, ErrorCode};
use crate::query::fields::Fields;
use crate::query::rule::{ARN, is_name};

/// The ARN of a managed policy: `arn:aws:iam::111122223333:policy/team/name`, or with `aws` in the
/// account's place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyArn {
    /// As the caller wrote it.
    pub(crate) text: String,
    /// The account; `None`: the policy is AWS's.
    pub(crate) account: Option<AccountId>,
    /// The policy's name.
    pub(crate) name: String,
}

impl PolicyArn {
    /// Reads an ARN.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        let mut next = || parts.next();
        let (scheme, partition, service, region) = (next()?, next()?, next()?, next()?);
        let (account, resource) = (next()?, next()?);
        if scheme != "arn"
            || !partition.starts_with("aws")
            || service != "iam"
            || !region.is_empty()
        {
            return None;
        }
        let account = if account == "aws" { None } else { Some(account.parse().ok()?) };
        let name = resource.strip_prefix("policy/")?.rsplit('/').next()?;
        if name.is_empty() || name.len() > 128 || !name.chars().all(is_name) {
            return None;
        }
        Some(Self { text: text.to_owned(), account, name: name.to_owned() })
    }

    /// Its path, with the slashes at both ends.
    pub(crate) fn path(&self) -> &str {
        let resource = self.text.split_once(":policy").map_or("/", |(_, resource)| resource);
        resource.strip_suffix(self.name.as_str()).unwrap_or("/")
    }

    /// Its place in lists by name. A name is unique in an account, and AWS's names among AWS's.
    pub(crate) fn place(&self) -> String {
        let owner = self.account.as_ref().map_or("aws", AccountId::as_str);
        [&self.name.to_ascii_lowercase(), " ", owner].concat()
    }

    /// Reads a parameter that must be such an ARN. What is not one is refused when the fields are
    /// finished.
    pub(crate) fn required(fields: &mut Fields<'_>, parameter: &str) -> Self {
        let text = fields.required(parameter, &ARN);
        Self::or_refuse(fields, text)
    }

    /// Reads a parameter that is such an ARN where it is given.
    pub(crate) fn optional(fields: &mut Fields<'_>, parameter: &str) -> Option<Self> {
        let text = fields.text(parameter, &ARN)?;
        Some(Self::or_refuse(fields, text))
    }

    fn or_refuse(fields: &mut Fields<'_>, text: String) -> Self {
        Self::parse(&text).unwrap_or_else(|| {
            let error = format!("ARN {text} is not valid.");
            fields.refuse(AwsError::new(ErrorCode::InvalidInput, error));
            Self { text, account: None, name: String::new() }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_of_managed_policies_and_no_others() {
        let own = PolicyArn::parse("arn:aws-cn:iam::111122223333:policy/team/a/read").unwrap();
        assert_eq!((own.account, own.name.as_str()), ("111122223333".parse().ok(), "read"));
        let aws = PolicyArn::parse("arn:aws:iam::aws:policy/ReadOnlyAccess").unwrap();
        assert_eq!((aws.account, aws.name.as_str()), (None, "ReadOnlyAccess"));
        assert_eq!((own.path(), aws.path()), ("/team/a/", "/"));
        assert_eq!(
            (own.place(), aws.place()),
            ("read 111122223333".into(), "readonlyaccess aws".into())
        );
        for bad in [
            "",
            "policy/x",
            "arn:aws:iam::111122223333:role/x",
            "arn:aws:iam::111122223333:policy/",
            "arn:aws:iam::111122223333:policy/a b",
            "arn:aws:iam:us-east-1:111122223333:policy/x",
            "arn:aws:kms::111122223333:policy/x",
            "arn:aws:iam::1111:policy/x",
            "urn:aws:iam::111122223333:policy/x",
        ] {
            assert_eq!(PolicyArn::parse(bad), None, "{bad}");
        }
    }
}

//! Key ARNs, alias names and the forms in which a request may name a key.

use std::fmt;
use std::str::FromStr;

use crate::{AccountId, KeyId, Malformed, Region, TextParts, text_parts};

/// `arn:<partition>:kms:<region>:<account>:key/<key id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyArn {
    /// The Region that the key lives in.
    pub region: Region,
    /// The account that owns the key.
    pub account: AccountId,
    /// The key.
    pub key_id: KeyId,
}

impl TextParts for KeyArn {
    fn each_part(&self, mut part: impl FnMut(&str)) {
        start_of_kms_arn(self.region, &self.account).into_iter().for_each(&mut part);
        part("key/");
        self.key_id.each_part(part);
    }
}

impl fmt::Display for KeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text_parts::print(self, f)
    }
}

impl FromStr for KeyArn {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (region, account, resource) = split_kms_arn(text)?;
        let id = resource.strip_prefix("key/").ok_or(Malformed::new("key ARN"))?;
        Ok(Self { region, account, key_id: id.parse()? })
    }
}

/// An alias name with its prefix: `alias/` and 1 to 250 of `a-zA-Z0-9:/_-`; case-sensitive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AliasName(Box<str>);

impl AliasName {
    /// The whole name, `alias/` included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name is in the part reserved for AWS managed keys, `alias/aws/`.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        self.0.starts_with("alias/aws/")
    }
}

impl FromStr for AliasName {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'/' | b'_' | b'-');
        let name = text.strip_prefix("alias/").unwrap_or_default();
        if name.is_empty() || text.len() > 256 || !text.bytes().all(allowed) {
            return Err(Malformed::new("alias name"));
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for AliasName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `arn:<partition>:kms:<region>:<account>:alias/<name>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AliasArn {
    /// The Region that the alias lives in.
    pub region: Region,
    /// The account that owns the alias.
    pub account: AccountId,
    /// The alias, with its `alias/`.
    pub name: AliasName,
}

impl TextParts for AliasArn {
    fn each_part(&self, mut part: impl FnMut(&str)) {
        start_of_kms_arn(self.region, &self.account).into_iter().for_each(&mut part);
        part(self.name.as_str());
    }
}

impl fmt::Display for AliasArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text_parts::print(self, f)
    }
}

impl FromStr for AliasArn {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let (region, account, resource) = split_kms_arn(text)?;
        Ok(Self { region, account, name: resource.parse()? })
    }
}

/// The four ways a request names a key (AWS KMS Developer Guide, "Key identifiers").
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyReference {
    /// A key id, in the caller's account and the endpoint's Region.
    Id(KeyId),
    /// A key ARN, which may name another account.
    Arn(KeyArn),
    /// An alias name, in the caller's account and the endpoint's Region.
    Alias(AliasName),
    /// An alias ARN, which may name another account.
    AliasArn(AliasArn),
}

impl FromStr for KeyReference {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.starts_with("arn:") {
            return match text.parse() {
                Ok(arn) => Ok(Self::Arn(arn)),
                Err(_) => text.parse().map(Self::AliasArn),
            };
        }
        if text.starts_with("alias/") {
            return text.parse().map(Self::Alias);
        }
        text.parse().map(Self::Id)
    }
}

impl fmt::Display for KeyReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Arn(arn) => arn.fmt(f),
            Self::Alias(name) => name.fmt(f),
            Self::AliasArn(arn) => arn.fmt(f),
        }
    }
}

/// What stands before the resource, in plain writes: every request prints several ARNs.
fn start_of_kms_arn(region: Region, account: &AccountId) -> [&str; 7] {
    ["arn:", region.partition().as_str(), ":kms:", region.as_str(), ":", account.as_str(), ":"]
}

/// Region, account and resource part of a KMS ARN whose partition fits its Region.
fn split_kms_arn(text: &str) -> Result<(Region, AccountId, &str), Malformed> {
    let malformed = Malformed::new("KMS ARN");
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next().ok_or_else(|| malformed.clone());
    let (arn, partition, service) = (next()?, next()?, next()?);
    let region: Region = next()?.parse()?;
    let account: AccountId = next()?.parse()?;
    let resource = next()?;
    if arn != "arn" || service != "kms" || partition != region.partition().as_str() {
        return Err(malformed);
    }
    Ok((region, account, resource))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_of_a_key_reference_comes_back_as_it_was_written() {
        for text in [
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "mrk-1234abcd12ab34cd56ef1234567890ab",
            "alias/my-app-key",
            "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab",
            "arn:aws-cn:kms:cn-north-1:111122223333:alias/x/y:z",
        ] {
            assert_eq!(text.parse::<KeyReference>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_partition_that_is_not_the_regions_own_is_refused() {
        let arn = "arn:aws:kms:cn-north-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        assert!(arn.parse::<KeyReference>().is_err());
    }

    #[test]
    fn alias_names_are_bounded() {
        assert!("alias/".parse::<AliasName>().is_err());
        assert!("alias/with space".parse::<AliasName>().is_err());
        assert!(format!("alias/{}", "x".repeat(251)).parse::<AliasName>().is_err());
        assert!(format!("alias/{}", "x".repeat(250)).parse::<AliasName>().is_ok());
    }
}

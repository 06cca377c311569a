//! Grants: permissions for one principal on one key (AWS KMS Developer Guide, "Grants in AWS KMS").

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::wire_enum::wire_enum;
use crate::{GrantTerms, KeyArn, Malformed, Timestamp};

/// The id of a grant: 32 bytes, written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GrantId([u8; 32]);

impl GrantId {
    /// The id with these bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for GrantId {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = Malformed::new("grant id");
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(malformed);
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| malformed)?;
        Ok(Self(bytes))
    }
}

impl fmt::Display for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 64];
        // Cannot fail: 64 digits are what 32 bytes need, and hex digits are ASCII.
        let _ = hex::encode_to_slice(self.0, &mut text);
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for GrantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

wire_enum! {
    /// What a grant can allow (`GrantOperation`).
    GrantOperation as "grant operation" {
        /// `Decrypt`.
        Decrypt = "Decrypt",
        /// `Encrypt`.
        Encrypt = "Encrypt",
        /// `GenerateDataKey`.
        GenerateDataKey = "GenerateDataKey",
        /// `GenerateDataKeyWithoutPlaintext`.
        GenerateDataKeyWithoutPlaintext = "GenerateDataKeyWithoutPlaintext",
        /// `ReEncrypt`, from this key.
        ReEncryptFrom = "ReEncryptFrom",
        /// `ReEncrypt`, to this key.
        ReEncryptTo = "ReEncryptTo",
        /// `Sign`.
        Sign = "Sign",
        /// `Verify`.
        Verify = "Verify",
        /// `GetPublicKey`.
        GetPublicKey = "GetPublicKey",
        /// `CreateGrant`, of no more than this grant allows.
        CreateGrant = "CreateGrant",
        /// `RetireGrant`, of this grant.
        RetireGrant = "RetireGrant",
        /// `DescribeKey`.
        DescribeKey = "DescribeKey",
        /// `GenerateDataKeyPair`.
        GenerateDataKeyPair = "GenerateDataKeyPair",
        /// `GenerateDataKeyPairWithoutPlaintext`.
        GenerateDataKeyPairWithoutPlaintext = "GenerateDataKeyPairWithoutPlaintext",
        /// `GenerateMac`.
        GenerateMac = "GenerateMac",
        /// `VerifyMac`.
        VerifyMac = "VerifyMac",
        /// `DeriveSharedSecret`.
        DeriveSharedSecret = "DeriveSharedSecret",
        /// `Encapsulate`.
        Encapsulate = "Encapsulate",
        /// `Decapsulate`.
        Decapsulate = "Decapsulate",
    }
}

/// Who holds a grant or may retire it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GrantPrincipal {
    /// An AWS principal, by its ARN.
    Arn(String),
    /// A service principal, as in `dynamodb.amazonaws.com`.
    Service(String),
}

impl GrantPrincipal {
    /// The ARN or the service's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Arn(text) | Self::Service(text) => text,
        }
    }
}

/// Under which circumstances a grant allows anything (`GrantConstraints`).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GrantConstraints {
    /// The encryption context must be exactly this one.
    pub context_equals: Option<BTreeMap<String, String>>,
    /// The encryption context must have these pairs, and may have more.
    pub context_subset: Option<BTreeMap<String, String>>,
    /// The request must come on behalf of this resource.
    pub source_arn: Option<String>,
}

/// A grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The key.
    pub key: KeyArn,
    /// The id, unique on the key.
    pub grant_id: GrantId,
    /// 1 to 256 characters, where it has a name.
    pub name: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The ARN of the root user of the account that issued it.
    pub issuing_account: String,
    /// What it allows.
    pub terms: GrantTerms,
}

//! Grants: permissions for one principal on one key (AWS KMS Developer Guide, "Grants in AWS KMS").

use std::collections::BTreeMap;

use crate::hex_id::hex_id;
use crate::wire_enum::wire_enum;
use crate::{GrantTerms, KeyArn, Timestamp};

hex_id! {
    /// The id of a grant: 32 bytes, written as 64 lower-case hex digits.
    GrantId as "grant id"
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

//! The key policy that AWS's console makes (AWS KMS Developer Guide, "Default key policy", "Default
//! key policy when you create a KMS key with the AWS Management Console").

use serde::Serialize;
use serde_json::json;
use serde_json::ser::{PrettyFormatter, Serializer};
use trent_types::{AccountId, KeySpec, KeyUsage, Origin, Partition};

/// What the console asks of whoever makes a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsolePolicy {
    /// The account that the key is made in.
    pub account: AccountId,
    /// The partition of its Region.
    pub partition: Partition,
    /// ARNs of users and roles that may administer the key.
    pub administrators: Vec<String>,
    /// Whether they may delete it.
    pub administrators_may_delete: bool,
    /// ARNs of users and roles that may use the key.
    pub users: Vec<String>,
    /// Accounts whose principals may use it too.
    pub other_accounts: Vec<AccountId>,
    /// The kind of key.
    pub spec: KeySpec,
    /// What it is for.
    pub usage: KeyUsage,
    /// Where its material comes from.
    pub origin: Origin,
    /// Whether it can be replicated.
    pub multi_region: bool,
}

/// The whole document, in the order in which the console writes it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    id: &'static str,
    version: &'static str,
    statement: Vec<Statement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    sid: &'static str,
    effect: &'static str,
    principal: Aws<'a>,
    action: OneOrMany<&'static str>,
    resource: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<serde_json::Value>,
}

#[derive(Serialize)]
struct Aws<'a> {
    #[serde(rename = "AWS")]
    aws: OneOrMany<&'a str>,
}

/// A list of one is written as its only value.
#[derive(Serialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T: Copy> OneOrMany<T> {
    fn of(list: Vec<T>) -> Self {
        match *list.as_slice() {
            [one] => Self::One(one),
            _ => Self::Many(list),
        }
    }
}

/// The text of the policy: the account, and, where any are chosen, administrators, users, and the
/// users' grants for AWS resources.
#[must_use]
pub fn console_key_policy(choices: &ConsolePolicy) -> String {
    let root_of = |account: &AccountId| {
        ["arn:", choices.partition.as_str(), ":iam::", account.as_str(), ":root"].concat()
    };
    let root = root_of(&choices.account);
    let others: Vec<String> = choices.other_accounts.iter().map(root_of).collect();
    let mut statements =
        vec![statement("Enable IAM User Permissions", vec![&root], OneOrMany::One("kms:*"))];
    let administrators: Vec<&str> = choices.administrators.iter().map(String::as_str).collect();
    if !administrators.is_empty() {
        statements.push(statement(
            "Allow access for Key Administrators",
            administrators,
            OneOrMany::Many(administration(choices)),
        ));
    }
    let users: Vec<&str> = choices.users.iter().chain(&others).map(String::as_str).collect();
    if !users.is_empty() {
        let actions = OneOrMany::Many(use_of_the_key(choices));
        statements.push(statement("Allow use of the key", users.clone(), actions));
        let grants = vec!["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"];
        let mut grants =
            statement("Allow attachment of persistent resources", users, OneOrMany::Many(grants));
        grants.condition = Some(json!({"Bool": {"kms:GrantIsForAWSResource": "true"}}));
        statements.push(grants);
    }
    let (id, version) = ("key-consolepolicy-3", "2012-10-17");
    let document = Document { id, version, statement: statements };
    let mut text = Vec::new();
    let mut writer = Serializer::with_formatter(&mut text, PrettyFormatter::with_indent(b"    "));
    // Cannot fail: a Vec takes every byte, and every name in the document is text.
    let _ = document.serialize(&mut writer);
    String::from_utf8(text).unwrap_or_default()
}

fn statement<'a>(
    sid: &'static str,
    principals: Vec<&'a str>,
    action: OneOrMany<&'static str>,
) -> Statement<'a> {
    Statement {
        sid,
        effect: "Allow",
        principal: Aws { aws: OneOrMany::of(principals) },
        action,
        resource: "*",
        condition: None,
    }
}

fn administration(choices: &ConsolePolicy) -> Vec<&'static str> {
    let mut actions = vec![
        "kms:Create*",
        "kms:Describe*",
        "kms:Enable*",
        "kms:List*",
        "kms:Put*",
        "kms:Update*",
        "kms:Revoke*",
        "kms:Disable*",
        "kms:Get*",
        "kms:Delete*",
    ];
    match choices.origin {
        Origin::External => actions.push("kms:ImportKeyMaterial"),
        Origin::AwsKms => {}
    }
    actions.extend(["kms:TagResource", "kms:UntagResource"]);
    if choices.administrators_may_delete {
        actions.extend(["kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"]);
    }
    if choices.multi_region {
        actions.extend(["kms:ReplicateKey", "kms:UpdatePrimaryRegion"]);
    }
    actions.push("kms:RotateKeyOnDemand");
    actions
}

fn use_of_the_key(choices: &ConsolePolicy) -> Vec<&'static str> {
    match choices.usage {
        KeyUsage::EncryptDecrypt if !choices.spec.is_asymmetric() => vec![
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:GenerateDataKey*",
            "kms:DescribeKey",
        ],
        KeyUsage::EncryptDecrypt => vec![
            "kms:Encrypt",
            "kms:Decrypt",
            "kms:ReEncrypt*",
            "kms:DescribeKey",
            "kms:GetPublicKey",
        ],
        KeyUsage::SignVerify => {
            vec!["kms:DescribeKey", "kms:GetPublicKey", "kms:Sign", "kms:Verify"]
        }
        KeyUsage::GenerateVerifyMac => {
            vec!["kms:DescribeKey", "kms:GenerateMac", "kms:VerifyMac"]
        }
        KeyUsage::KeyAgreement => {
            vec!["kms:DescribeKey", "kms:GetPublicKey", "kms:DeriveSharedSecret"]
        }
        // AWS documents no console policy for these keys; this is the pattern of the others.
        KeyUsage::EncapsulateDecapsulate => {
            vec!["kms:DescribeKey", "kms:GetPublicKey", "kms:Encapsulate", "kms:Decapsulate"]
        }
    }
}

#[cfg(test)]
mod tests;

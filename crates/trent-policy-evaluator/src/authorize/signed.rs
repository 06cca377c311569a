//! What the caller signed that they want: which permissions may be asked about on the strength of
//! this request, on what kind of resource, and for which primitives.
//!
//! Without this, whoever sends Authorize could take a signed DescribeKey and ask whether its caller
//! may Decrypt.

use sha2::{Digest, Sha256};
use trent_types::{Primitive, Primitives, Question, Resource};

use super::signature::{Service, Verified};

/// The operation that the caller signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Signed<'a> {
    /// An operation of KMS, from the signed `X-Amz-Target`.
    Kms(&'a str),
    /// An action of a query service, from the form whose hash is signed.
    Query(&'static str, &'a str),
    /// An operation of CloudTrail.
    CloudTrail(&'a str),
    /// An operation of Trent's own.
    Own(&'a str),
    /// Nothing that a question could fit.
    Nothing,
}

impl<'a> Signed<'a> {
    /// Reads the operation from what was signed.
    pub(crate) fn read(verified: &'a Verified, form_body: &'a [u8]) -> Self {
        let canonical = &verified.canonical_request;
        let action = |prefix| {
            signed_form(canonical, form_body)
                .and_then(form_action)
                .map_or(Self::Nothing, |action| Self::Query(prefix, action))
        };
        let target = || {
            trent_sigv4::signed_header(canonical, "x-amz-target")
                .and_then(|target| target.rsplit_once('.'))
        };
        match verified.service {
            Service::Kms => match target() {
                Some(("TrentService", operation)) => Self::Kms(operation),
                Some(("Trent", operation)) => Self::Own(operation),
                Some(_) | None => Self::Nothing,
            },
            Service::CloudTrail => match target() {
                Some((
                    "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101"
                    | "CloudTrail_20131101",
                    operation,
                )) => Self::CloudTrail(operation),
                Some(_) | None => Self::Nothing,
            },
            Service::Iam => action("iam:"),
            Service::Sts => action("sts:"),
        }
    }

    /// Whether a question fits what was signed.
    pub(crate) fn covers(&self, question: &Question<'_>) -> bool {
        let action = question.action;
        let asked = match self {
            Self::Kms(operation) => {
                action.strip_prefix("kms:").is_some_and(|permission| match *operation {
                    "ReEncrypt" => matches!(permission, "ReEncryptFrom" | "ReEncryptTo"),
                    "CreateKey" => matches!(permission, "CreateKey" | "TagResource"),
                    "ReplicateKey" => {
                        matches!(permission, "ReplicateKey" | "CreateKey" | "TagResource")
                    }
                    operation => permission == operation,
                })
            }
            Self::Query("sts:", "AssumeRole") => {
                matches!(action, "sts:AssumeRole" | "sts:TagSession" | "sts:SetSourceIdentity")
            }
            Self::Query(prefix, signed) => action.strip_prefix(prefix).is_some_and(|permission| {
                permission == *signed || also(prefix, signed).contains(&permission)
            }),
            Self::CloudTrail(operation @ ("LookupEvents" | "ListPublicKeys")) => {
                action.strip_prefix("cloudtrail:") == Some(operation)
            }
            // Whoever may read a key's policy may know why somebody was denied by it.
            Self::Own("Explain") => action == "kms:GetKeyPolicy",
            // The same events, as they come.
            Self::Own("TailEvents") => action == "cloudtrail:LookupEvents",
            Self::Own(operation @ ("GetUsage" | "GetCostReport" | "ListQuotas")) => {
                action.strip_prefix("trent:") == Some(operation)
            }
            Self::CloudTrail(_) | Self::Own(_) | Self::Nothing => false,
        };
        let creates = matches!(self, Self::Kms("CreateKey"));
        asked && fits_resource(question, creates) && fits_primitives(question)
    }
}

/// Whether the action can be about this kind of resource.
fn fits_resource(question: &Question<'_>, creates_key: bool) -> bool {
    let action = question.action;
    match &question.resource {
        Resource::NewKey { .. } => creates_key,
        // Permits for these are bound to a grant.
        Resource::NewGrant { .. } => action == "kms:CreateGrant",
        Resource::Grant { .. } => matches!(action, "kms:RetireGrant" | "kms:RevokeGrant"),
        Resource::Key(_) => {
            !creates_key
                && !is_on_trail(action)
                && !matches!(action, "kms:CreateGrant" | "kms:RetireGrant" | "kms:RevokeGrant")
        }
        Resource::Ciphertext(_) => matches!(action, "kms:Decrypt" | "kms:ReEncryptFrom"),
        Resource::Alias(_) => {
            matches!(action, "kms:CreateAlias" | "kms:UpdateAlias" | "kms:DeleteAlias")
        }
        Resource::Related { .. } => action == "kms:UpdatePrimaryRegion",
        Resource::Entity { .. } => action.starts_with("iam:"),
        Resource::Role(_) => is_on_role(action),
        // The trail and what follows from it are the caller's account's.
        Resource::Arn(arn) if is_on_trail(action) => *arn == "*",
        // Permits for these are a role's.
        Resource::Arn(_) => !is_on_role(action),
    }
}

/// What is decided on a role that shall be assumed.
fn is_on_role(action: &str) -> bool {
    matches!(action, "sts:AssumeRole" | "sts:TagSession" | "sts:SetSourceIdentity")
}

/// What is decided on an account as a whole.
pub(super) fn is_on_trail(action: &str) -> bool {
    action.starts_with("cloudtrail:") || action.starts_with("trent:")
}

/// Permissions that an operation needs besides the one of its name (Service Authorization
/// Reference, "IAM"): what is made with tags is tagged.
fn also(prefix: &str, operation: &str) -> &'static [&'static str] {
    match (prefix, operation) {
        ("iam:", "CreateUser") => &["TagUser"],
        ("iam:", "CreateRole") => &["TagRole"],
        ("iam:", "CreatePolicy") => &["TagPolicy"],
        _ => &[],
    }
}

/// Whether no primitive is asked for beyond the one that the permission stands for.
fn fits_primitives(question: &Question<'_>) -> bool {
    let allowed = primitive_of(question.action).map_or(Primitives::NONE, Primitives::only);
    question.primitives.bits() & !allowed.bits() == 0
}

/// What a permission lets a worker do; most let it do nothing.
fn primitive_of(action: &str) -> Option<Primitive> {
    Some(match action {
        "kms:Encrypt" | "kms:ReEncryptTo" => Primitive::Encrypt,
        "kms:Decrypt" | "kms:ReEncryptFrom" => Primitive::Decrypt,
        "kms:GenerateDataKey" | "kms:GenerateDataKeyWithoutPlaintext" => Primitive::GenerateDataKey,
        "kms:GenerateDataKeyPair" | "kms:GenerateDataKeyPairWithoutPlaintext" => {
            Primitive::GenerateDataKeyPair
        }
        "kms:GenerateRandom" => Primitive::GenerateRandom,
        "kms:Sign" => Primitive::Sign,
        "kms:Verify" => Primitive::Verify,
        "kms:GenerateMac" => Primitive::GenerateMac,
        "kms:VerifyMac" => Primitive::VerifyMac,
        "kms:DeriveSharedSecret" => Primitive::DeriveSharedSecret,
        "kms:Encapsulate" => Primitive::Encapsulate,
        "kms:Decapsulate" => Primitive::Decapsulate,
        "kms:CreateKey" | "kms:RotateKeyOnDemand" => Primitive::GenerateMaterial,
        "kms:GetParametersForImport" => Primitive::MakeImportParameters,
        "kms:ImportKeyMaterial" => Primitive::ImportMaterial,
        "kms:ReplicateKey" => Primitive::CopyMaterial,
        "iam:CreateAccessKey" => Primitive::SealSecret,
        _ => return None,
    })
}

/// The form, if it is the body that was signed.
fn signed_form<'a>(canonical_request: &[u8], form: &'a [u8]) -> Option<&'a [u8]> {
    let signed = trent_sigv4::payload_hash(canonical_request)?;
    let mut hash = [0; 32];
    hex::decode_to_slice(signed, &mut hash).ok()?;
    (hash == *Sha256::digest(form)).then_some(form)
}

/// The one `Action` of a form. A form with two says nothing, because two readers could take
/// different ones.
fn form_action(form: &[u8]) -> Option<&str> {
    let form = std::str::from_utf8(form).ok()?;
    let mut actions = form.split('&').filter_map(|pair| pair.strip_prefix("Action="));
    let (Some(action), None) = (actions.next(), actions.next()) else { return None };
    action.bytes().all(|b| b.is_ascii_alphanumeric()).then_some(action)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use trent_types::{GrantConstraints, GrantId, GrantPrincipal, GrantTerms, KeyId};

    use super::*;

    fn question<'a>(action: &'a str, resource: Resource<'a>, primitive: u32) -> Question<'a> {
        Question {
            action,
            resource,
            primitives: Primitives::from_bits(primitive),
            material: None,
            all_materials: false,
            encryption_context: None,
            conditions: Vec::new(),
        }
    }

    #[test]
    fn a_signed_operation_covers_its_own_permissions_only() {
        let key = || Resource::Key("alias/a");
        let covers = |operation: &str, action: &str| {
            Signed::Kms(operation).covers(&question(action, key(), 0))
        };
        assert!(covers("DescribeKey", "kms:DescribeKey"));
        assert!(covers("ReEncrypt", "kms:ReEncryptFrom") && covers("ReEncrypt", "kms:ReEncryptTo"));
        assert!(!covers("DescribeKey", "kms:Decrypt"));
        assert!(!covers("DescribeKey", "iam:DescribeKey"));
        assert!(!covers("ReEncrypt", "kms:ReEncrypt"));
        assert!(!covers("CreateKey", "kms:CreateKey"), "an existing key is not a new one");
        let create = question("kms:CreateKey", Resource::NewKey { multi_region: false }, 1);
        assert!(Signed::Kms("CreateKey").covers(&create));
        let user = question("iam:CreateUser", Resource::Arn("*"), 0);
        assert!(Signed::Query("iam:", "CreateUser").covers(&user));
        assert!(!Signed::Query("sts:", "CreateUser").covers(&user));
        assert!(!Signed::Nothing.covers(&user));
    }

    #[test]
    fn the_trail_is_read_as_a_whole_and_by_its_own_operations_only() {
        let all = || Resource::Arn("*");
        for (signed, action) in [
            (Signed::CloudTrail("LookupEvents"), "cloudtrail:LookupEvents"),
            (Signed::CloudTrail("ListPublicKeys"), "cloudtrail:ListPublicKeys"),
            (Signed::Own("TailEvents"), "cloudtrail:LookupEvents"),
            (Signed::Own("GetUsage"), "trent:GetUsage"),
            (Signed::Own("GetCostReport"), "trent:GetCostReport"),
            (Signed::Own("ListQuotas"), "trent:ListQuotas"),
        ] {
            assert!(signed.covers(&question(action, all(), 0)), "{signed:?}");
            for other in ["kms:ListKeys", "trent:SeedKey", "cloudtrail:StopLogging", "trent:ReSeal"]
            {
                assert!(!signed.covers(&question(other, all(), 0)), "{signed:?} {other}");
            }
            let key = Resource::Key("alias/a");
            assert!(!signed.covers(&question(action, key, 0)));
            let foreign = Resource::Arn("arn:aws:cloudtrail:us-east-1:999988887777:trail/a");
            assert!(!signed.covers(&question(action, foreign, 0)));
            assert!(!signed.covers(&question(action, all(), Primitive::Decrypt as u32)));
        }
        for nothing in [
            Signed::Own("SeedKey"),
            Signed::Own("Explain"),
            Signed::CloudTrail("StopLogging"),
            Signed::Kms("LookupEvents"),
        ] {
            for action in ["trent:SeedKey", "cloudtrail:StopLogging", "cloudtrail:LookupEvents"] {
                assert!(!nothing.covers(&question(action, all(), 0)), "{nothing:?} {action}");
            }
        }
    }

    #[test]
    fn a_permission_covers_its_own_primitives_only() {
        let key = || Resource::Key("alias/a");
        let (encrypt, decrypt) = (Primitive::Encrypt as u32, Primitive::Decrypt as u32);
        let signed = Signed::Kms("Encrypt");
        assert!(signed.covers(&question("kms:Encrypt", key(), encrypt)));
        assert!(!signed.covers(&question("kms:Encrypt", key(), decrypt)));
        assert!(!signed.covers(&question("kms:Encrypt", key(), encrypt | decrypt)));
        let open = Primitive::OpenSecret as u32;
        assert!(!Signed::Kms("DescribeKey").covers(&question("kms:DescribeKey", key(), open)));
        let blob = Resource::Ciphertext(KeyId::from_bytes([1; 16], false));
        assert!(!signed.covers(&question("kms:Encrypt", blob, encrypt)));
    }

    #[test]
    fn grants_are_made_and_ended_as_what_they_are() {
        let terms = GrantTerms {
            grantee: GrantPrincipal::Service("s3.amazonaws.com".to_owned()),
            retiring: None,
            operations: Vec::new(),
            constraints: GrantConstraints::default(),
        };
        let grant_id = GrantId::from_bytes([1; 32]);
        let key = || Resource::Key("x");
        let new = || Resource::NewGrant { key: "x", terms: &terms };
        let grant = || Resource::Grant { key: "x", grant_id };
        for (operation, resource, expected) in [
            ("CreateGrant", new(), true),
            ("CreateGrant", grant(), false),
            ("CreateGrant", key(), false),
            ("RetireGrant", grant(), true),
            ("RetireGrant", key(), false),
            ("RevokeGrant", grant(), true),
            ("RevokeGrant", key(), false),
            ("RevokeGrant", new(), false),
            ("ListGrants", key(), true),
            ("ListGrants", grant(), false),
            ("Encrypt", new(), false),
        ] {
            let action = format!("kms:{operation}");
            let asked = question(&action, resource, 0);
            assert_eq!(Signed::Kms(operation).covers(&asked), expected, "{asked:?}");
        }
    }

    #[test]
    fn each_permission_stands_for_one_primitive_whatever_else_is_asked_with_it() {
        let own = [
            ("Encrypt", Primitive::Encrypt),
            ("Decrypt", Primitive::Decrypt),
            ("GenerateDataKey", Primitive::GenerateDataKey),
            ("GenerateDataKeyWithoutPlaintext", Primitive::GenerateDataKey),
            ("GenerateDataKeyPair", Primitive::GenerateDataKeyPair),
            ("GenerateDataKeyPairWithoutPlaintext", Primitive::GenerateDataKeyPair),
            ("Sign", Primitive::Sign),
            ("Verify", Primitive::Verify),
            ("GenerateMac", Primitive::GenerateMac),
            ("VerifyMac", Primitive::VerifyMac),
            ("DeriveSharedSecret", Primitive::DeriveSharedSecret),
            ("Encapsulate", Primitive::Encapsulate),
            ("Decapsulate", Primitive::Decapsulate),
            ("RotateKeyOnDemand", Primitive::GenerateMaterial),
            ("GetParametersForImport", Primitive::MakeImportParameters),
            ("ImportKeyMaterial", Primitive::ImportMaterial),
            ("ReplicateKey", Primitive::CopyMaterial),
        ];
        let secrets = [Primitive::SealSecret, Primitive::OpenSecret, Primitive::ReSeal];
        let evaluators_own = secrets.into_iter().chain([Primitive::SealMaterial]);
        let all: Vec<Primitive> =
            own.into_iter().map(|(_, primitive)| primitive).chain(evaluators_own).collect();
        for (operation, primitive) in own {
            let action = format!("kms:{operation}");
            for asked in &all {
                let key = Resource::Key("alias/a");
                let covers = Signed::Kms(operation).covers(&question(&action, key, *asked as u32));
                assert_eq!(covers, *asked == primitive, "{action} and {asked:?}");
            }
        }
        for operation in ["DescribeKey", "GetPublicKey", "PutKeyPolicy", "ListKeyRotations"] {
            for asked in &all {
                let key = Resource::Key("alias/a");
                let action = format!("kms:{operation}");
                assert!(!Signed::Kms(operation).covers(&question(&action, key, *asked as u32)));
            }
        }
    }

    #[test]
    fn a_form_with_one_plain_action_has_one() {
        assert_eq!(form_action(b"Version=1&Action=GetUser&X=Action"), Some("GetUser"));
        assert_eq!(form_action(b"Action=GetUser&Action=CreateUser"), None);
        assert_eq!(form_action(b"Action=Get%55ser"), None);
        assert_eq!(form_action(b"XAction=GetUser"), None);
    }

    proptest! {
        #[test]
        fn whatever_the_form_its_action_is_one_plain_word_or_none(form: Vec<u8>) {
            if let Some(action) = form_action(&form) {
                prop_assert!(action.bytes().all(|b| b.is_ascii_alphanumeric()));
            }
        }

        #[test]
        fn a_form_counts_only_under_its_own_hash(form: Vec<u8>, other: Vec<u8>) {
            let hash = hex::encode(Sha256::digest(&form));
            let canonical = format!("POST\n/\n\nhost:localhost\n\nhost\n{hash}");
            prop_assert_eq!(signed_form(canonical.as_bytes(), &form), Some(form.as_slice()));
            prop_assert_eq!(signed_form(canonical.as_bytes(), &other).is_some(), form == other);
        }
    }
}

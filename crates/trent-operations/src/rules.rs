//! Rules that several operations share: algorithms, identifiers, and what is not served.

use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trent_types::{
    AliasName, EncryptionAlgorithm, EncryptionContext, GrantToken, KeyFamily, KeyRecord, KeyUsage,
    MaterialId, Primitive, Primitives, SealedMaterial,
};

use crate::decode::{Flag, List, Pairs, Text};
use crate::error::{AwsError, ErrorCode};
use crate::json::Object;
use crate::ports::{Question, Resource};
use crate::validate::Violations;

/// A member that validation found to be there.
pub(crate) fn present<T>(member: Option<T>) -> Result<T, AwsError> {
    member.ok_or_else(|| AwsError::internal(&"a validated member is missing"))
}

/// The key must be for encryption, and the algorithm one of its own.
pub(crate) fn fits(
    key: &KeyRecord,
    algorithm: EncryptionAlgorithm,
    operation: &str,
) -> Result<(), AwsError> {
    meant_for(key, KeyUsage::EncryptDecrypt, operation)?;
    if key.spec.encryption_algorithms().contains(&algorithm) {
        return Ok(());
    }
    Err(incompatible(key, algorithm.as_str()))
}

/// AWS's refusal of an algorithm that is not one of the key's.
pub(crate) fn incompatible(key: &KeyRecord, algorithm: &str) -> AwsError {
    let text = format!("Algorithm {algorithm} is incompatible with key spec {}.", key.spec);
    AwsError::new(ErrorCode::InvalidKeyUsage, text)
}

/// The key must be for what the operation does.
pub(crate) fn meant_for(key: &KeyRecord, usage: KeyUsage, operation: &str) -> Result<(), AwsError> {
    if key.usage == usage {
        return Ok(());
    }
    let (arn, own) = (key.arn(), key.usage);
    let text = format!("{arn} key usage is {own} which is not valid for {operation}.");
    Err(AwsError::new(ErrorCode::InvalidKeyUsage, text))
}

/// A dry run ends here, after every check.
pub(crate) fn end_dry_run(dry_run: bool) -> Result<(), AwsError> {
    if dry_run {
        return Err(AwsError::new(
            ErrorCode::DryRunOperation,
            "The request would have succeeded, but the DryRun option is set.",
        ));
    }
    Ok(())
}

/// A parameter that is not served yet is refused, never ignored.
pub(crate) fn not_served(parameter: &str, given: bool) -> Result<(), AwsError> {
    if given {
        let text = format!("{parameter} is not supported.");
        return Err(AwsError::new(ErrorCode::UnsupportedOperation, text));
    }
    Ok(())
}

/// The grant that a grant token names.
pub(crate) fn grant_token(token: &str) -> Result<GrantToken, AwsError> {
    let bytes = STANDARD.decode(token).ok();
    bytes
        .and_then(|bytes| GrantToken::from_bytes(&bytes).ok())
        .ok_or(AwsError::bare(ErrorCode::InvalidGrantToken))
}

/// `GrantTokens`: each must be one. They change nothing else, because a grant works as soon as it
/// is made.
pub(crate) fn are_grant_tokens(tokens: Option<&List<Text<'_>>>) -> Result<(), AwsError> {
    let mut given = tokens.iter().flat_map(|list| list.0.iter().flatten());
    given.try_for_each(|token| grant_token(token).map(|_| ()))
}

/// Operations that take a key id or key ARN refuse aliases. AWS documents the forms, not the
/// errors.
pub(crate) fn no_alias(key_id: &str) -> Result<(), AwsError> {
    if key_id.starts_with("alias/") {
        return Err(AwsError::new(ErrorCode::NotFound, format!("Invalid keyId '{key_id}'")));
    }
    if names_alias(key_id) {
        return Err(AwsError::new(ErrorCode::InvalidArn, format!("Invalid arn {key_id}")));
    }
    Ok(())
}

/// Whether a key identifier is an alias name or alias ARN.
pub(crate) fn names_alias(key_id: &str) -> bool {
    key_id.starts_with("alias/") || (key_id.starts_with("arn:") && key_id.contains(":alias/"))
}

/// An alias's name, which must be a customer's. The model's pattern has been checked before.
pub(crate) fn customer_alias(name: &str) -> Result<AliasName, AwsError> {
    let invalid = |text: String| AwsError::new(ErrorCode::Validation, text);
    if !name.starts_with("alias/") {
        return Err(invalid(
            "Alias must start with the prefix \"alias/\". Please see \
             https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
                .to_owned(),
        ));
    }
    let bad = || invalid(format!("{name} contains invalid characters for an alias"));
    let alias: AliasName = name.parse().map_err(|_| bad())?;
    if name.contains(':') {
        return Err(bad());
    }
    if alias.is_reserved() {
        return Err(AwsError::bare(ErrorCode::NotAuthorized));
    }
    Ok(alias)
}

/// A name of an enumeration that validation has found to be one.
pub(crate) fn validated<T: FromStr>(name: &Text<'_>) -> Result<T, AwsError> {
    name.parse().map_err(|_| AwsError::internal(&"a validated name is unknown"))
}

/// A validated algorithm, or the default.
pub(crate) fn algorithm(given: Option<&Text<'_>>) -> EncryptionAlgorithm {
    given.and_then(|name| name.parse().ok()).unwrap_or(EncryptionAlgorithm::SymmetricDefault)
}

/// An encryption context as primitives take it. Only symmetric encryption can bind a ciphertext to
/// one.
pub(crate) fn context(
    given: Option<Pairs>,
    algorithm: EncryptionAlgorithm,
) -> Result<EncryptionContext, AwsError> {
    let context = given.map(|pairs| EncryptionContext::from(pairs.0)).unwrap_or_default();
    if algorithm != EncryptionAlgorithm::SymmetricDefault && !context.is_empty() {
        // AWS states the rule, not the text.
        let text = format!("An encryption context is not valid with algorithm {algorithm}.");
        return Err(AwsError::new(ErrorCode::Validation, text));
    }
    Ok(context)
}

/// The id of the material, as far as callers know of it: other keys than symmetric ones have one
/// material, and no id for it at AWS.
pub(crate) fn shown_material(key: &KeyRecord, material: &SealedMaterial) -> Option<MaterialId> {
    (key.spec.family() == KeyFamily::Symmetric).then_some(material.material_id)
}

/// A flag's value, false by default.
pub(crate) fn is_set(flag: Option<Flag>) -> bool {
    flag.is_some_and(|Flag(set)| set)
}

/// `KeyId`: required, 1 to 2048 characters.
pub(crate) fn check_key_id(found: &mut Violations, key_id: Option<&Text<'_>>) {
    found.required("keyId", key_id);
    found.length("keyId", key_id, 1..=2048);
}

/// A question about a key as the caller named it, for what needs no primitive.
pub(crate) fn about_key<'q>(action: &'static str, key_id: &'q str) -> Question<'q> {
    about(action, Resource::Key(key_id))
}

/// A question about something that needs no primitive.
pub(crate) fn about<'q>(action: &'static str, resource: Resource<'q>) -> Question<'q> {
    Question {
        action,
        resource,
        primitives: Primitives::NONE,
        material: None,
        all_materials: false,
        encryption_context: None,
        conditions: Vec::new(),
    }
}

/// A condition with one value.
pub(crate) fn condition(name: &str, value: &str) -> (String, Vec<String>) {
    (name.to_owned(), vec![value.to_owned()])
}

/// A question about the use of a key.
pub(crate) fn about_use<'q>(
    action: &'static str,
    resource: Resource<'q>,
    (primitive, material): (Primitive, Option<MaterialId>),
    context: &'q EncryptionContext,
    algorithm: EncryptionAlgorithm,
) -> Question<'q> {
    Question {
        action,
        resource,
        primitives: Primitives::only(primitive),
        material,
        all_materials: false,
        encryption_context: (!context.is_empty()).then_some(context),
        conditions: vec![condition("kms:EncryptionAlgorithm", algorithm.as_str())],
    }
}

/// A question about the use of a key without encryption context, with the conditions that its use
/// sets.
pub(crate) fn about_use_of<'q>(
    action: &'static str,
    key_id: &'q str,
    primitive: Primitive,
    conditions: Vec<(String, Vec<String>)>,
) -> Question<'q> {
    let primitives = Primitives::only(primitive);
    Question { primitives, conditions, ..about_key(action, key_id) }
}

/// Shows an encryption context in a record.
pub(crate) fn show_context(out: &mut Object<'_>, name: &'static str, context: &EncryptionContext) {
    if !context.is_empty() {
        out.object(name, |pairs| {
            for (key, value) in context.iter() {
                pairs.pair(key, value);
            }
        });
    }
}

/// Shows `dryRun` in a record when it was asked for.
pub(crate) fn show_dry_run(out: &mut Object<'_>, dry_run: bool) {
    if dry_run {
        out.boolean("dryRun", true);
    }
}

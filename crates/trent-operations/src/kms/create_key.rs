//! `CreateKey`: a new key of any spec, with its policy, description and tags.

use trent_types::{
    Change, KeyArn, KeyManager, KeyRecord, KeySpec, KeyState, KeyUsage, MaterialId, MultiRegion,
    Origin, Primitive, Primitives, Tag, default_key_policy,
};

use crate::decode::{Flag, List, TagShape, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::kms::key_metadata::{Reader, write};
use crate::kms::put_key_policy::check_size;
use crate::kms::tags;
use crate::ports::{GrantedKey, Question, Resource};
use crate::request::Request;
use crate::rules::{about, condition, is_set, not_served, validated};
use crate::steps::{Call, Done, Steps};
use crate::validate::{POLICY, Violations, XKS_KEY_ID};

/// The operation.
pub(crate) struct CreateKey;

/// `CustomerMasterKeySpec`: the older part of the key specs.
const OLD_SPECS: usize = 13;
/// `OriginType`; keys in key stores are not served.
const ORIGINS: &[&str] = &["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"];

shape! {
    CreateKeyShape<'a> {
        policy: "Policy" => Text<'a>,
        description: "Description" => Text<'a>,
        key_usage: "KeyUsage" => Text<'a>,
        old_spec: "CustomerMasterKeySpec" => Text<'a>,
        key_spec: "KeySpec" => Text<'a>,
        origin: "Origin" => Text<'a>,
        custom_key_store_id: "CustomKeyStoreId" => Text<'a>,
        bypass: "BypassPolicyLockoutSafetyCheck" => Flag,
        tags: "Tags" => List<TagShape<'a>>,
        multi_region: "MultiRegion" => Flag,
        xks_key_id: "XksKeyId" => Text<'a>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    spec: KeySpec,
    usage: KeyUsage,
    origin: Origin,
    multi_region: bool,
    policy: Option<Text<'a>>,
    description: Option<Text<'a>>,
    bypass: bool,
    tags: Vec<Tag>,
}

fn validate(shape: &CreateKeyShape<'_>) -> Result<(), AwsError> {
    let mut found = Violations::default();
    found.length("policy", shape.policy.as_ref(), 1..=131_072);
    found.pattern("policy", shape.policy.as_ref(), &POLICY);
    found.length("description", shape.description.as_ref(), 0..=8192);
    found.one_of("keyUsage", shape.key_usage.as_ref(), KeyUsage::NAMES);
    let old_specs = KeySpec::NAMES.get(..OLD_SPECS).unwrap_or_default();
    found.one_of("customerMasterKeySpec", shape.old_spec.as_ref(), old_specs);
    found.one_of("keySpec", shape.key_spec.as_ref(), KeySpec::NAMES);
    found.one_of("origin", shape.origin.as_ref(), ORIGINS);
    found.length("customKeyStoreId", shape.custom_key_store_id.as_ref(), 1..=64);
    found.tags(shape.tags.as_ref());
    found.length("xksKeyId", shape.xks_key_id.as_ref(), 1..=128);
    found.pattern("xksKeyId", shape.xks_key_id.as_ref(), &XKS_KEY_ID);
    found.finish()
}

/// The rules between the parameters, and what is not served.
fn kind_of(shape: &CreateKeyShape<'_>) -> Result<(KeySpec, KeyUsage, Origin), AwsError> {
    let invalid = |text: String| AwsError::new(ErrorCode::Validation, text);
    if shape.old_spec.is_some() && shape.key_spec.is_some() {
        return Err(invalid(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
             CustomerMasterKeySpec is deprecated."
                .to_owned(),
        ));
    }
    let spec = shape.key_spec.as_ref().or(shape.old_spec.as_ref());
    let spec = spec.map_or(Ok(KeySpec::SymmetricDefault), |name| validated(name))?;
    let usage = match &shape.key_usage {
        Some(name) => validated(name)?,
        // AWS states the rule, not the text.
        None if spec != KeySpec::SymmetricDefault => {
            return Err(invalid(format!("You must specify a KeyUsage value for KeySpec {spec}.")));
        }
        None => KeyUsage::EncryptDecrypt,
    };
    if !spec.usages().contains(&usage) {
        return Err(invalid(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
    }
    not_served("CustomKeyStoreId", shape.custom_key_store_id.is_some())?;
    not_served("XksKeyId", shape.xks_key_id.is_some())?;
    let origin = shape.origin.as_deref().unwrap_or(Origin::AwsKms.as_str());
    let Ok(origin) = origin.parse() else {
        let text = format!("Origin {origin} is not supported.");
        return Err(AwsError::new(ErrorCode::UnsupportedOperation, text));
    };
    if origin == Origin::External && !spec.can_be_imported() {
        let text = format!("Origin {origin} is not supported for KeySpec {spec}.");
        return Err(AwsError::new(ErrorCode::UnsupportedOperation, text));
    }
    Ok((spec, usage, origin))
}

impl Steps for CreateKey {
    const NAME: &'static str = "CreateKey";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: CreateKeyShape<'a> = body(request.body)?;
        validate(&shape)?;
        let (spec, usage, origin) = kind_of(&shape)?;
        let multi_region = is_set(shape.multi_region);
        shape.policy.as_deref().map_or(Ok(()), check_size)?;
        let tags = shape.tags.map_or(Ok(Vec::new()), tags::checked)?;
        let bypass = is_set(shape.bypass);
        let (policy, description) = (shape.policy, shape.description);
        Ok(Input { spec, usage, origin, multi_region, policy, description, bypass, tags })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let question =
            about("kms:CreateKey", Resource::NewKey { multi_region: input.multi_region });
        let mut conditions = vec![
            condition("kms:KeySpec", input.spec.as_str()),
            condition("kms:CustomerMasterKeySpec", input.spec.as_str()),
            condition("kms:KeyUsage", input.usage.as_str()),
            condition("kms:CustomerMasterKeyUsage", input.usage.as_str()),
            condition("kms:KeyOrigin", input.origin.as_str()),
            condition("kms:MultiRegion", if input.multi_region { "true" } else { "false" }),
        ];
        if input.multi_region {
            conditions.push(condition("kms:MultiRegionKeyType", "PRIMARY"));
        }
        if input.bypass {
            conditions.push(condition("kms:BypassPolicyLockoutSafetyCheck", "true"));
        }
        conditions.extend(tags::conditions(&input.tags));
        let primitives = match input.origin {
            Origin::AwsKms => Primitives::only(Primitive::GenerateMaterial),
            Origin::External => Primitives::NONE,
        };
        let mut questions = vec![Question { primitives, conditions, ..question }];
        if !input.tags.is_empty() {
            // The key has no ARN yet: this is decided by IAM policy alone, as the creation itself
            // is.
            let tagging = about("kms:TagResource", Resource::Arn("*"));
            let conditions = tags::conditions(&input.tags);
            questions.push(Question { conditions, ..tagging });
        }
        questions
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("description", input.description.as_deref().unwrap_or_default());
        out.text("origin", input.origin.as_str());
        out.boolean("bypassPolicyLockoutSafetyCheck", input.bypass);
        out.text("customerMasterKeySpec", input.spec.as_str());
        out.text("keySpec", input.spec.as_str());
        out.text("keyUsage", input.usage.as_str());
        out.boolean("multiRegion", input.multi_region);
        if !input.tags.is_empty() {
            tags::show(out, &input.tags);
        }
        out.text_if("policy", input.policy.as_deref());
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let grant = call.grant(0)?;
        let Some(GrantedKey::New(arn)) = grant.key else {
            return Err(AwsError::internal(&"a new key has no id").into());
        };
        let material = match input.origin {
            Origin::External => None,
            Origin::AwsKms => {
                let (worker, id) = (call.ports.worker, call.request.request_id);
                let spec = input.spec;
                Some(worker.generate_material(id, &grant.permit, arn, spec, &[]).await?)
            }
        };
        let current = material.as_ref().map(|material| material.sealed.material_id);
        let record = new_record(input, call, arn, current);
        let body = object(1024, |out| {
            out.object("KeyMetadata", |metadata| write(metadata, &record, Reader::Caller));
        });
        let elements = object(1024, |out| {
            out.object("keyMetadata", |metadata| write(metadata, &record, Reader::Trail));
        });
        let policy = input.policy.as_deref().map_or_else(
            || default_key_policy(arn.account, arn.region.partition()),
            ToOwned::to_owned,
        );
        let change = Change::CreateKey {
            record,
            policy,
            // The default policy locks nobody out who may be let in by IAM.
            bypass_lockout_check: input.bypass || input.policy.is_none(),
            tags: input.tags.clone(),
            material,
        };
        Ok(Done {
            body,
            change: Some(change),
            elements: Some(elements),
            new_key: Some(arn),
            ..Done::default()
        })
    }
}

fn new_record(
    input: &Input<'_>,
    call: &Call<'_>,
    arn: KeyArn,
    current_material: Option<MaterialId>,
) -> KeyRecord {
    KeyRecord {
        account: arn.account,
        region: arn.region,
        key_id: arn.key_id,
        created_at: call.key_now,
        spec: input.spec,
        usage: input.usage,
        origin: input.origin,
        manager: KeyManager::Customer,
        state: match input.origin {
            Origin::AwsKms => KeyState::Enabled,
            Origin::External => KeyState::PendingImport,
        },
        description: input.description.as_deref().unwrap_or_default().to_owned(),
        deletion_date: None,
        pending_window_days: None,
        current_material,
        expiration: None,
        multi_region: input
            .multi_region
            .then(|| MultiRegion { primary: arn.region, replicas: Vec::new() }),
        rotation: None,
        version: 1,
    }
}

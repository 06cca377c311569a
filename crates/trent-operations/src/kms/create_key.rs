//! `CreateKey`: a new symmetric key with its policy, description and tags.

use trent_types::{
    Change, KeyArn, KeyManager, KeyRecord, KeySpec, KeyState, KeyUsage, MaterialId, Origin,
    Primitive, Primitives, Tag, default_key_policy,
};

use crate::decode::{Flag, List, TagShape, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::kms::key_metadata::{Reader, write};
use crate::kms::put_key_policy::check_size;
use crate::kms::tags;
use crate::ports::{GrantedKey, Question, Resource};
use crate::request::Request;
use crate::rules::{about, condition, is_set, not_served};
use crate::steps::{Call, Done, Steps};
use crate::validate::{POLICY, Violations, XKS_KEY_ID};

/// The operation.
pub(crate) struct CreateKey;

/// `KeyUsageType`, `KeySpec` and `OriginType` of the service model.
const USAGES: &[&str] = &[
    "SIGN_VERIFY",
    "ENCRYPT_DECRYPT",
    "GENERATE_VERIFY_MAC",
    "KEY_AGREEMENT",
    "ENCAPSULATE_DECAPSULATE",
];
const SPECS: &[&str] = &[
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "SYMMETRIC_DEFAULT",
    "HMAC_224",
    "HMAC_256",
    "HMAC_384",
    "HMAC_512",
    "SM2",
    "ML_DSA_44",
    "ML_DSA_65",
    "ML_DSA_87",
    "ECC_NIST_EDWARDS25519",
    "ML_KEM_512",
    "ML_KEM_768",
    "ML_KEM_1024",
];
/// `CustomerMasterKeySpec`: the older part of [`SPECS`].
const OLD_SPECS: usize = 13;
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

/// A validated request; what it does not say has its only served value.
pub(crate) struct Input<'a> {
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
    found.one_of("keyUsage", shape.key_usage.as_ref(), USAGES);
    let old_specs = SPECS.get(..OLD_SPECS).unwrap_or_default();
    found.one_of("customerMasterKeySpec", shape.old_spec.as_ref(), old_specs);
    found.one_of("keySpec", shape.key_spec.as_ref(), SPECS);
    found.one_of("origin", shape.origin.as_ref(), ORIGINS);
    found.length("customKeyStoreId", shape.custom_key_store_id.as_ref(), 1..=64);
    found.tags(shape.tags.as_ref());
    found.length("xksKeyId", shape.xks_key_id.as_ref(), 1..=128);
    found.pattern("xksKeyId", shape.xks_key_id.as_ref(), &XKS_KEY_ID);
    found.finish()
}

/// The rules between the parameters, and what is not served yet.
fn check_kind(shape: &CreateKeyShape<'_>) -> Result<(), AwsError> {
    let invalid = |text: String| Err(AwsError::new(ErrorCode::Validation, text));
    if shape.old_spec.is_some() && shape.key_spec.is_some() {
        return invalid(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
             CustomerMasterKeySpec is deprecated."
                .to_owned(),
        );
    }
    let spec = shape.key_spec.as_deref().or(shape.old_spec.as_deref());
    let spec = spec.unwrap_or("SYMMETRIC_DEFAULT");
    not_served(&["KeySpec ", spec].concat(), spec != "SYMMETRIC_DEFAULT")?;
    if let Some(usage) = shape.key_usage.as_deref().filter(|usage| *usage != "ENCRYPT_DECRYPT") {
        return invalid(format!("KeyUsage {usage} is not compatible with KeySpec {spec}"));
    }
    not_served("CustomKeyStoreId", shape.custom_key_store_id.is_some())?;
    not_served("XksKeyId", shape.xks_key_id.is_some())?;
    let origin = shape.origin.as_deref().unwrap_or("AWS_KMS");
    not_served(&["Origin ", origin].concat(), origin != "AWS_KMS")?;
    not_served("MultiRegion", is_set(shape.multi_region))
}

impl Steps for CreateKey {
    const NAME: &'static str = "CreateKey";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: CreateKeyShape<'a> = body(request.body)?;
        validate(&shape)?;
        check_kind(&shape)?;
        shape.policy.as_deref().map_or(Ok(()), check_size)?;
        let tags = shape.tags.map_or(Ok(Vec::new()), tags::checked)?;
        let bypass = is_set(shape.bypass);
        Ok(Input { policy: shape.policy, description: shape.description, bypass, tags })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let question = about("kms:CreateKey", Resource::NewKey { multi_region: false });
        let mut conditions = vec![
            condition("kms:KeySpec", KeySpec::SymmetricDefault.as_str()),
            condition("kms:KeyUsage", KeyUsage::EncryptDecrypt.as_str()),
            condition("kms:KeyOrigin", Origin::AwsKms.as_str()),
            condition("kms:MultiRegion", "false"),
        ];
        if input.bypass {
            conditions.push(condition("kms:BypassPolicyLockoutSafetyCheck", "true"));
        }
        conditions.extend(tags::conditions(&input.tags));
        let primitives = Primitives::only(Primitive::GenerateMaterial);
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
        out.text("origin", Origin::AwsKms.as_str());
        out.boolean("bypassPolicyLockoutSafetyCheck", input.bypass);
        out.text("customerMasterKeySpec", KeySpec::SymmetricDefault.as_str());
        out.text("keySpec", KeySpec::SymmetricDefault.as_str());
        out.text("keyUsage", KeyUsage::EncryptDecrypt.as_str());
        out.boolean("multiRegion", false);
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
        let (id, spec) = (call.request.request_id, KeySpec::SymmetricDefault);
        let material = call.ports.worker.generate_material(id, &grant.permit, arn, spec).await?;
        let record = new_record(input, call, arn, material.material_id);
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
            bypass_lockout_check: input.bypass,
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
    current_material: MaterialId,
) -> KeyRecord {
    KeyRecord {
        account: arn.account,
        region: arn.region,
        key_id: arn.key_id,
        created_at: call.key_now,
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: Origin::AwsKms,
        manager: KeyManager::Customer,
        state: KeyState::Enabled,
        description: input.description.as_deref().unwrap_or_default().to_owned(),
        deletion_date: None,
        current_material,
        version: 1,
    }
}

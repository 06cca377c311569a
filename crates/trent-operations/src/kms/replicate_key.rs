//! `ReplicateKey`: a multi-Region key in another Region.

use trent_types::{
    Change, ChangeRefused, KeyArn, KeyRecord, KeyState, MultiRegion, Origin, Primitive, Primitives,
    Region, RequestClass, SealedMaterial, Tag, default_key_policy,
};

use crate::decode::{Flag, List, TagShape, Text, body, shape};
use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object};
use crate::key_state::in_state;
use crate::kms::key_metadata::{Reader, write};
use crate::kms::put_key_policy::check_size;
use crate::kms::tags;
use crate::ports::{Question, Resource};
use crate::record::{NewKey, ServiceEvent};
use crate::refusals::refused_key_change;
use crate::request::Request;
use crate::rules::{about, about_key, check_key_id, condition, is_set, no_alias, present};
use crate::steps::{Call, Done, Steps, Target};
use crate::validate::{POLICY, Violations};

/// The operation.
pub(crate) struct ReplicateKey;

/// How long a replica is `Creating`. AWS takes some seconds to bring the material to another
/// Region; here it is there at once, and the state only shows what clients wait for.
const CREATING_MS: i64 = 1_000;

shape! {
    ReplicateKeyShape<'a> {
        key_id: "KeyId" => Text<'a>,
        region: "ReplicaRegion" => Text<'a>,
        policy: "Policy" => Text<'a>,
        bypass: "BypassPolicyLockoutSafetyCheck" => Flag,
        description: "Description" => Text<'a>,
        tags: "Tags" => List<TagShape<'a>>,
    }
}

/// A validated request.
pub(crate) struct Input<'a> {
    key_id: Text<'a>,
    region: Text<'a>,
    policy: Option<Text<'a>>,
    bypass: bool,
    description: Option<Text<'a>>,
    tags: Vec<Tag>,
}

impl Steps for ReplicateKey {
    const NAME: &'static str = "ReplicateKey";
    const READ_ONLY: bool = false;
    type Input<'a> = Input<'a>;

    fn decode<'a>(request: &Request<'a>) -> Result<Input<'a>, AwsError> {
        let shape: ReplicateKeyShape<'a> = body(request.body)?;
        let mut found = Violations::default();
        check_key_id(&mut found, shape.key_id.as_ref());
        found.required("replicaRegion", shape.region.as_ref());
        found.region("replicaRegion", shape.region.as_ref());
        found.length("policy", shape.policy.as_ref(), 1..=131_072);
        found.pattern("policy", shape.policy.as_ref(), &POLICY);
        found.length("description", shape.description.as_ref(), 0..=8192);
        found.tags(shape.tags.as_ref());
        found.finish()?;
        let key_id = present(shape.key_id)?;
        no_alias(&key_id)?;
        shape.policy.as_deref().map_or(Ok(()), check_size)?;
        Ok(Input {
            key_id,
            region: present(shape.region)?,
            policy: shape.policy,
            bypass: is_set(shape.bypass),
            description: shape.description,
            tags: shape.tags.map_or(Ok(Vec::new()), tags::checked)?,
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let mut replicate = about_key("kms:ReplicateKey", &input.key_id);
        replicate.conditions.push(condition("kms:ReplicaRegion", &input.region));
        replicate.primitives = Primitives::only(Primitive::CopyMaterial);
        replicate.all_materials = true;
        // In the other Region; as for every new key, IAM policies alone decide.
        let mut create = about("kms:CreateKey", Resource::Arn("*"));
        create.conditions = vec![
            condition("kms:MultiRegion", "true"),
            condition("kms:MultiRegionKeyType", "REPLICA"),
        ];
        create.conditions.extend(tags::conditions(&input.tags));
        let mut questions = vec![replicate, create];
        if !input.tags.is_empty() {
            let tagging = about("kms:TagResource", Resource::Arn("*"));
            let conditions = tags::conditions(&input.tags);
            questions.push(Question { conditions, ..tagging });
        }
        questions
    }

    /// AWS makes a replica by two CreateKey in its Region, one of them a dry run.
    fn counted_elsewhere(input: &Self::Input<'_>) -> Option<(Region, RequestClass, u32)> {
        input.region.parse().ok().map(|region| (region, RequestClass::CreateKey, 2))
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("keyId", &input.key_id);
        out.text("replicaRegion", &input.region);
        out.boolean("bypassPolicyLockoutSafetyCheck", input.bypass);
        out.text("description", input.description.as_deref().unwrap_or_default());
        out.text_if("policy", input.policy.as_deref());
        if !input.tags.is_empty() {
            tags::show(out, &input.tags);
        }
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let target = call.key(0)?;
        let key = target.record;
        let family = family_of_primary(key, |state| state == KeyState::Enabled)?;
        let region = served(call, &input.region)?;
        if region == key.region || family.replicas.contains(&region) {
            return Err(exists(&KeyArn { region, ..key.arn() }).into());
        }
        let materials = match key.origin {
            Origin::AwsKms => copy(call, target, region).await?,
            // The same material must be imported there.
            Origin::External => Vec::new(),
        };
        let record = replica(input, call, key, region);
        let policy = input
            .policy
            .as_deref()
            .map_or_else(|| default_key_policy(key.account, region.partition()), ToOwned::to_owned);
        // What related keys show of each other is what it will be.
        let mut replicas = family.replicas.clone();
        replicas.push(region);
        replicas.sort_unstable_by_key(|region| region.as_str());
        let family = Some(MultiRegion { primary: family.primary, replicas });
        let rotation = key.rotation;
        let shown = KeyRecord {
            state: KeyState::Creating,
            multi_region: family,
            rotation,
            ..record.clone()
        };
        let body = object(1536 + policy.len(), |out| {
            out.object("ReplicaKeyMetadata", |out| write(out, &shown, Reader::Caller));
            out.text("ReplicaPolicy", &policy);
            out.list("ReplicaTags", &input.tags, tags::entry);
        });
        let elements = object(1536 + policy.len(), |out| {
            out.object("replicaKeyMetadata", |out| write(out, &shown, Reader::Trail));
            out.text("replicaPolicy", &policy);
            out.list("replicaTags", &input.tags, tags::shown_entry);
        });
        let arn = record.arn();
        let made = NewKey { record: &record, tags: &input.tags };
        let events = vec![
            call.event(ServiceEvent::CreateReplica(made), &arn),
            call.event(ServiceEvent::SynchronizeMultiRegionKey, &key.arn()),
        ];
        let change = Change::ReplicateKey {
            primary: key.arn(),
            version: key.version,
            record,
            policy,
            // As with CreateKey, the default policy locks nobody out.
            bypass_lockout_check: input.bypass || input.policy.is_none(),
            tags: input.tags.clone(),
            materials,
            creating_until: call.request.received_at.plus_millis(CREATING_MS),
        };
        let (change, elements) = (Some(change), Some(elements));
        Ok(Done { body, change, elements, events, ..Done::default() })
    }

    fn refused(input: &Self::Input<'_>, call: &Call<'_>, reason: ChangeRefused) -> AwsError {
        match (reason, call.key(0), input.region.parse()) {
            (ChangeRefused::AlreadyExists, Ok(key), Ok(region)) => {
                exists(&KeyArn { region, ..key.record.arn() })
            }
            (reason, _, _) => refused_key_change(call, reason),
        }
    }
}

fn exists(replica: &KeyArn) -> AwsError {
    AwsError::new(ErrorCode::AlreadyExists, format!("{replica} already exists."))
}

/// The family of a primary key whose state is one of those that `fits` accepts; other keys have
/// none to add to. AWS answers the state first: a replica that is being made is refused as that.
pub(crate) fn family_of_primary(
    key: &KeyRecord,
    fits: impl Fn(KeyState) -> bool,
) -> Result<&MultiRegion, AwsError> {
    let unsupported = |why: &str| {
        AwsError::new(ErrorCode::UnsupportedOperation, format!("{} is {why}.", key.arn()))
    };
    let family = key.multi_region.as_ref().ok_or_else(|| unsupported("not a multi-Region key"))?;
    in_state(key, fits)?;
    if family.primary != key.region {
        return Err(unsupported("not a multi-Region primary key"));
    }
    Ok(family)
}

/// A Region of the key's partition that this deployment serves.
pub(crate) fn served(call: &Call<'_>, name: &str) -> Result<Region, AwsError> {
    let here = call.request.region.partition();
    let served = call.request.served_regions.iter().find(|region| region.as_str() == name);
    served.copied().filter(|region| region.partition() == here).ok_or_else(|| {
        let text = format!("The Region {name} is not supported.");
        AwsError::new(ErrorCode::UnsupportedOperation, text)
    })
}

async fn copy(
    call: &Call<'_>,
    target: Target<'_>,
    region: Region,
) -> Result<Vec<SealedMaterial>, Fault> {
    let mut materials = vec![target.current()?];
    materials.extend(&call.grant(0)?.other_materials);
    let (worker, id) = (call.ports.worker, call.request.request_id);
    let arn = target.record.arn();
    Ok(worker.copy_material(id, target.permit, arn, &materials, region).await?)
}

fn replica(input: &Input<'_>, call: &Call<'_>, key: &KeyRecord, region: Region) -> KeyRecord {
    KeyRecord {
        region,
        created_at: call.key_now,
        state: match key.origin {
            Origin::AwsKms => KeyState::Enabled,
            Origin::External => KeyState::PendingImport,
        },
        description: input.description.as_deref().unwrap_or_default().to_owned(),
        deletion_date: None,
        pending_window_days: None,
        expiration: None,
        version: 1,
        // The registry keeps the family and what it shares.
        rotation: None,
        ..key.clone()
    }
}

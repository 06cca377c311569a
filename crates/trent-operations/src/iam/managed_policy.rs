//! Managed policies, the account's own and AWS's, as answers and records show them.

use trent_types::{
    AwsManagedPolicy, EntityRecord, IdentityView, ManagedPolicy, Partition, Tag, Timestamp,
    aws_managed_policy,
};

use crate::error::{AwsError, ErrorCode};
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::query::tags;
use crate::query::xml::{document, element, element_if, flag};
use crate::record::java_date;
use crate::steps::Call;

/// How many of those that a policy is attached to are counted at a time.
const COUNTED_AT_ONCE: u32 = 1000;

/// A managed policy of either owner. When AWS made its own ones is not known.
pub(crate) struct ManagedView {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) path: String,
    policy_id: String,
    description: String,
    default_version: u32,
    pub(crate) attachments: u32,
    pub(crate) boundary_of: u32,
    created_at: Option<Timestamp>,
    updated_at: Option<Timestamp>,
    pub(crate) tags: Vec<Tag>,
    pub(crate) versions: Vec<Version>,
}

/// A version of a managed policy.
pub(crate) struct Version {
    pub(crate) number: u32,
    document: String,
    is_default: bool,
    created_at: Option<Timestamp>,
}

impl ManagedView {
    /// The policy that a request names. How often AWS's own are used is left at zero.
    pub(crate) async fn read(subject: &Subject, call: &Call<'_>) -> Result<Self, AwsError> {
        let Some(arn) = subject.of_aws() else {
            return Self::of_view(subject.view(call).await?, call);
        };
        let partition = call.request.region.partition();
        let found = aws_managed_policy(&arn.text).filter(|one| one.arn(partition) == arn.text);
        found.map(|policy| Self::of_aws(policy, partition)).ok_or_else(|| subject.missing())
    }

    fn of_view(view: IdentityView, call: &Call<'_>) -> Result<Self, AwsError> {
        let EntityRecord::Policy(policy) = &view.record else {
            return Err(AwsError::internal(&"a policy is something else"));
        };
        let versions = view.versions.into_iter().map(|version| Version {
            number: version.number,
            document: version.document,
            is_default: version.number == policy.default_version,
            created_at: Some(version.created_at),
        });
        let (tags, versions) = (view.tags, versions.collect());
        Ok(Self { tags, versions, ..Self::of_record(policy, call.request.region.partition()) })
    }

    /// A policy of the account, without tags and versions.
    pub(crate) fn of_record(policy: &ManagedPolicy, partition: Partition) -> Self {
        Self {
            arn: EntityRecord::Policy(policy.clone()).arn(partition),
            name: policy.name.clone(),
            path: policy.path.clone(),
            policy_id: policy.policy_id.clone(),
            description: policy.description.clone(),
            default_version: policy.default_version,
            attachments: policy.attachments,
            boundary_of: policy.boundary_of,
            created_at: Some(policy.created_at),
            updated_at: Some(policy.updated_at),
            tags: Vec::new(),
            versions: Vec::new(),
        }
    }

    /// A policy of AWS's.
    pub(crate) fn of_aws(policy: &AwsManagedPolicy, partition: Partition) -> Self {
        let document = policy.document.to_owned();
        Self {
            arn: policy.arn(partition),
            name: policy.name.to_owned(),
            path: policy.path.to_owned(),
            policy_id: policy.policy_id.to_owned(),
            description: policy.description.to_owned(),
            default_version: 1,
            attachments: 0,
            boundary_of: 0,
            created_at: None,
            updated_at: None,
            tags: Vec::new(),
            versions: vec![Version { number: 1, document, is_default: true, created_at: None }],
        }
    }

    /// The same policy of AWS's, with how often the account uses it.
    pub(crate) async fn counted(mut self, call: &Call<'_>) -> Result<Self, AwsError> {
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let mut after = None;
        loop {
            let place = after.as_ref().map(|(entity, as_boundary)| (entity, *as_boundary));
            let identities = call.ports.identities;
            let (found, more) =
                identities.policy_entities(id, permit, &self.arn, place, COUNTED_AT_ONCE).await?;
            for (_, as_boundary) in &found {
                if *as_boundary {
                    self.boundary_of += 1;
                } else {
                    self.attachments += 1;
                }
            }
            match found.last() {
                Some((last, as_boundary)) if more => after = Some((last.entity(), *as_boundary)),
                Some(_) | None => return Ok(self),
            }
        }
    }

    /// The version of this id.
    pub(crate) fn version(&self, id: &VersionId) -> Result<&Version, AwsError> {
        let found = self.versions.iter().find(|version| Some(version.number) == id.number);
        found.ok_or_else(|| id.missing(&self.arn))
    }

    /// Appends the members; descriptions and tags are not part of lists.
    pub(crate) fn elements(&self, out: &mut String, in_list: bool) {
        element(out, "PolicyName", &self.name);
        element(out, "PolicyId", &self.policy_id);
        element(out, "Arn", &self.arn);
        element(out, "Path", &self.path);
        element(out, "DefaultVersionId", &shown(self.default_version));
        element(out, "AttachmentCount", &self.attachments.to_string());
        element(out, "PermissionsBoundaryUsageCount", &self.boundary_of.to_string());
        flag(out, "IsAttachable", true);
        if !in_list && !self.description.is_empty() {
            element(out, "Description", &self.description);
        }
        element_if(out, "CreateDate", self.created_at.map(Timestamp::iso8601).as_deref());
        element_if(out, "UpdateDate", self.updated_at.map(Timestamp::iso8601).as_deref());
        if !in_list && !self.tags.is_empty() {
            tags::elements(out, &self.tags);
        }
    }

    /// Shows a new policy in a record.
    pub(crate) fn show(&self, out: &mut Object<'_>) {
        out.text("policyName", &self.name);
        out.text("policyId", &self.policy_id);
        out.text("arn", &self.arn);
        out.text("path", &self.path);
        out.text("defaultVersionId", &shown(self.default_version));
        out.number("attachmentCount", i64::from(self.attachments));
        out.number("permissionsBoundaryUsageCount", i64::from(self.boundary_of));
        out.boolean("isAttachable", true);
        if !self.description.is_empty() {
            out.text("description", &self.description);
        }
        out.text_if("createDate", self.created_at.map(java_date).as_deref());
        out.text_if("updateDate", self.updated_at.map(java_date).as_deref());
        tags::show_if_any(out, &self.tags);
    }
}

impl Version {
    /// A new version, as its policy will have it.
    pub(crate) const fn new(number: u32, is_default: bool, created_at: Timestamp) -> Self {
        Self { number, document: String::new(), is_default, created_at: Some(created_at) }
    }

    /// Appends the members; the document only where the version itself was asked for.
    pub(crate) fn elements(&self, out: &mut String, with_document: bool) {
        if with_document {
            document(out, "Document", &self.document);
        }
        element(out, "VersionId", &shown(self.number));
        flag(out, "IsDefaultVersion", self.is_default);
        element_if(out, "CreateDate", self.created_at.map(Timestamp::iso8601).as_deref());
    }

    /// Shows a new version in a record.
    pub(crate) fn show(&self, out: &mut Object<'_>) {
        out.text("versionId", &shown(self.number));
        out.boolean("isDefaultVersion", self.is_default);
        out.text_if("createDate", self.created_at.map(java_date).as_deref());
    }
}

/// `VersionId`, as in `v3`.
pub(crate) struct VersionId {
    /// As the caller wrote it.
    pub(crate) text: String,
    /// `None` when it is none that a version can have here.
    pub(crate) number: Option<u32>,
}

impl VersionId {
    /// Takes a text of the model's pattern.
    pub(crate) fn new(text: String) -> Self {
        let number = text.strip_prefix('v').and_then(|digits| digits.parse().ok());
        Self { text, number }
    }

    /// `NoSuchEntity`.
    pub(crate) fn missing(&self, policy: &str) -> AwsError {
        let version = &self.text;
        let text =
            format!("Policy {policy} version {version} does not exist or is not attachable.");
        AwsError::new(ErrorCode::NoSuchEntity, text)
    }
}

fn shown(version: u32) -> String {
    format!("v{version}")
}

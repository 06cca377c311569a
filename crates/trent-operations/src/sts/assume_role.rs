//! `AssumeRole`: temporary credentials of a role, of this account or another.

use trent_types::{AccountId, Caller, CallerKind, IssuedSession, SessionOf, SessionRequest, Tag};

use crate::error::{AwsError, ErrorCode, Fault};
use crate::json::{Object, object, quote};
use crate::ports::{Question, Resource};
use crate::query::fields::{Fields, read};
use crate::query::rule::{
    EXTERNAL_ID, SESSION_NAME, SESSION_POLICY, SOURCE_IDENTITY, STS_ARN, TAG_KEY,
};
use crate::query::tags::{self, TAGS_MAX};
use crate::query::xml::{answer, element, element_if, within};
use crate::request::{Request, ServiceName};
use crate::rules::{about, condition};
use crate::steps::{Call, Done, Steps};
use crate::sts::credentials;

/// How long a session lasts when nobody says, and the most where a role is assumed by a session of
/// a role; in seconds.
const DURATION_DEFAULT: u32 = 3600;
/// The most managed session policies.
const POLICY_ARNS_MAX: usize = 10;

/// The operation.
pub(crate) struct AssumeRole;

/// A validated request.
pub(crate) struct Input {
    role: RoleArn,
    session_name: String,
    policy_arns: Option<Vec<String>>,
    policy: Option<String>,
    duration: Option<u32>,
    tags: Option<Vec<Tag>>,
    transitive: Option<Vec<String>>,
    external_id: Option<String>,
    source_identity: Option<String>,
}

/// The ARN of a role.
struct RoleArn {
    text: String,
    account: Option<AccountId>,
    partition: String,
    name: String,
}

impl RoleArn {
    fn read(fields: &mut Fields<'_>) -> Self {
        let text = fields.required("RoleArn", &STS_ARN);
        Self::parse(&text).unwrap_or_else(|| {
            fields.refuse(AwsError::new(ErrorCode::Validation, format!("{text} is invalid")));
            Self { text, account: None, partition: String::new(), name: String::new() }
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let (partition, rest) = text.strip_prefix("arn:")?.split_once(":iam::")?;
        let (account, resource) = rest.split_once(':')?;
        let name = resource.strip_prefix("role/")?.rsplit('/').next()?;
        (!name.is_empty() && partition.starts_with("aws")).then_some(())?;
        Some(Self {
            text: text.to_owned(),
            account: Some(account.parse().ok()?),
            partition: partition.to_owned(),
            name: name.to_owned(),
        })
    }
}

impl Steps for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    const READ_ONLY: bool = true;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| {
            let role = RoleArn::read(fields);
            let session_name = fields.required("RoleSessionName", &SESSION_NAME);
            let policy_arns = read_policy_arns(fields);
            let policy = fields.text("Policy", &SESSION_POLICY);
            let duration = fields.number("DurationSeconds", 900..=43_200);
            let tags = tags::read_or(fields, ErrorCode::Validation);
            let transitive = fields.texts("TransitiveTagKeys", TAGS_MAX, &TAG_KEY);
            refuse_strangers(fields, tags.as_deref(), transitive.as_deref());
            let external_id = fields.text("ExternalId", &EXTERNAL_ID);
            credentials::refuse_mfa(fields);
            let source_identity = fields.text("SourceIdentity", &SOURCE_IDENTITY);
            fields.not_served("ProvidedContexts");
            fields.not_served("MinimumSessionTokenSize");
            Input {
                role,
                session_name,
                policy_arns,
                policy,
                duration: duration.and_then(|seconds| u32::try_from(seconds).ok()),
                tags,
                transitive,
                external_id,
                source_identity,
            }
        })
    }

    fn barred(_: &Self::Input<'_>, caller: &Caller) -> Result<(), AwsError> {
        if caller.is_root() {
            let text = "Roles may not be assumed by root accounts.";
            return Err(AwsError::new(ErrorCode::AccessDenied, text));
        }
        Ok(())
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let conditions = input.conditions();
        let about_role = |permission| {
            let conditions = conditions.clone();
            Question { conditions, ..about(permission, Resource::Role(&input.role.text)) }
        };
        let mut questions = vec![about_role("sts:AssumeRole")];
        if input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) {
            questions.push(about_role("sts:TagSession"));
        }
        if input.source_identity.is_some() {
            questions.push(about_role("sts:SetSourceIdentity"));
        }
        questions
    }

    fn role<'q>(input: &'q Self::Input<'_>) -> Option<(&'q str, AccountId)> {
        Some((input.role.text.as_str(), input.role.account?))
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text("roleArn", &input.role.text);
        out.text("roleSessionName", &input.session_name);
        if let Some(arns) = &input.policy_arns {
            out.list("policyArns", arns, |out, arn| {
                let mut entry = Object::begin(out);
                entry.text("arn", arn);
                entry.end();
            });
        }
        out.text_if("policy", input.policy.as_deref());
        if let Some(seconds) = input.duration {
            out.number("durationSeconds", i64::from(seconds));
        }
        tags::show_if_any(out, input.tags.as_deref().unwrap_or_default());
        if let Some(keys) = &input.transitive {
            out.list("transitiveTagKeys", keys, |out, key| quote(out, key));
        }
        out.text_if("externalId", input.external_id.as_deref());
        out.text_if("sourceIdentity", input.source_identity.as_deref());
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let duration_seconds = input.duration.unwrap_or(DURATION_DEFAULT);
        let chained = matches!(call.caller.kind, CallerKind::Role { .. });
        if chained && duration_seconds > DURATION_DEFAULT {
            let text = "The requested DurationSeconds exceeds the 1 hour session limit for roles \
                        assumed by role chaining.";
            return Err(AwsError::new(ErrorCode::Validation, text).into());
        }
        let session = SessionRequest {
            of: SessionOf::Role { session_name: input.session_name.clone() },
            duration_seconds,
            policy: input.policy.clone(),
            policy_arns: input.policy_arns.clone().unwrap_or_default(),
            tags: input.tags.clone().unwrap_or_default(),
            transitive_tag_keys: input.transitive.clone().unwrap_or_default(),
            source_identity: input.source_identity.clone(),
        };
        let issued = credentials::issue(call, &session).await?;
        let Some(role_id) = &issued.role_id else {
            return Err(AwsError::internal(&"a session of a role has no role").into());
        };
        let user = AssumedRoleUser::new(input, role_id);
        let mut written = Ok(());
        let body = answer(ServiceName::Sts, Self::NAME, &call.request_id(), |out| {
            written = credentials::elements(out, &issued);
            within(out, "AssumedRoleUser", |out| {
                element(out, "AssumedRoleId", &user.id);
                element(out, "Arn", &user.arn);
            });
            element_if(out, "PackedPolicySize", packed(&issued).as_deref());
            element_if(out, "SourceIdentity", input.source_identity.as_deref());
        });
        written?;
        let elements = object(384, |out| {
            credentials::show(out, &issued);
            out.object("assumedRoleUser", |shown| {
                shown.text("assumedRoleId", &user.id);
                shown.text("arn", &user.arn);
            });
            if let Some(percent) = issued.packed_policy_percent {
                out.number("packedPolicySize", i64::from(percent));
            }
            out.text_if("sourceIdentity", input.source_identity.as_deref());
        });
        Ok(Done { elements: Some(elements), ..Done::answer(body) })
    }
}

impl Input {
    fn conditions(&self) -> Vec<(String, Vec<String>)> {
        let seconds = self.duration.unwrap_or(DURATION_DEFAULT);
        let mut all = vec![
            condition("sts:RoleSessionName", &self.session_name),
            condition("sts:DurationSeconds", &seconds.to_string()),
        ];
        all.extend(self.external_id.as_ref().map(|id| condition("sts:ExternalId", id)));
        let source = self.source_identity.as_ref();
        all.extend(source.map(|name| condition("sts:SourceIdentity", name)));
        all.extend(tags::conditions(self.tags.as_deref().unwrap_or_default()));
        if let Some(keys) = self.transitive.as_ref().filter(|keys| !keys.is_empty()) {
            all.push(("sts:TransitiveTagKeys".to_owned(), keys.clone()));
        }
        all
    }
}

/// What answers and records call the session.
struct AssumedRoleUser {
    id: String,
    arn: String,
}

impl AssumedRoleUser {
    fn new(input: &Input, role_id: &str) -> Self {
        let RoleArn { account, partition, name, .. } = &input.role;
        let account = account.as_ref().map_or("", AccountId::as_str);
        let session = input.session_name.as_str();
        Self {
            id: [role_id, ":", session].concat(),
            arn: ["arn:", partition, ":sts::", account, ":assumed-role/", name, "/", session]
                .concat(),
        }
    }
}

fn packed(issued: &IssuedSession) -> Option<String> {
    issued.packed_policy_percent.map(|percent| percent.to_string())
}

/// `PolicyArns.member.1.arn`
fn read_policy_arns(fields: &mut Fields<'_>) -> Option<Vec<String>> {
    let items = fields.items("PolicyArns", POLICY_ARNS_MAX)?;
    let mut arns = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let arn = item.member("arn");
        fields.check_required(&format!("policyArns.{}.member.arn", at + 1), arn, &STS_ARN);
        arns.push(arn.unwrap_or_default().to_owned());
    }
    Some(arns)
}

/// Only session tags of the same request can be transitive.
fn refuse_strangers(fields: &mut Fields<'_>, tags: Option<&[Tag]>, keys: Option<&[String]>) {
    let tags = tags.unwrap_or_default();
    let is_tag = |key: &&String| tags.iter().any(|tag| tag.key.eq_ignore_ascii_case(key));
    if let Some(stranger) = keys.unwrap_or_default().iter().find(|key| !is_tag(key)) {
        let text = format!(
            "The specified transitive tag key {stranger} must be included in the requested tags."
        );
        fields.refuse(AwsError::new(ErrorCode::Validation, text));
    }
}

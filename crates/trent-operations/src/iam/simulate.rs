//! `SimulatePrincipalPolicy` and `SimulateCustomPolicy`: what would be decided, as if somebody
//! asked.

use trent_types::{
    AccountId, Entity, EntityKind, MatchedStatement, SimulatedDecision, SimulatedResult,
    Simulation, SimulationRefused,
};

use crate::error::{AwsError, ErrorCode, Fault};
use crate::iam::answers::answered;
use crate::iam::kinds::operation;
use crate::json::{Object, quote};
use crate::ports::{Question, Resource};
use crate::query::fields::{Fields, read};
use crate::query::page::{self, Page};
use crate::query::rule::{ACTION_NAME, ARN, CONTEXT_KEY, DOCUMENT, RESOURCE_NAME};
use crate::query::xml::{element, flag, list, texts, within};
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The most items of a list that has no limit in the model.
const ITEMS_MAX: usize = 1000;

/// The values of `ContextKeyType`.
const CONTEXT_TYPES: &[&str] = &[
    "string",
    "stringList",
    "numeric",
    "numericList",
    "boolean",
    "booleanList",
    "ip",
    "ipList",
    "binary",
    "binaryList",
    "date",
    "dateList",
];

/// Whose policies count.
pub(crate) trait Source: Sync + 'static {
    /// The permission.
    const PERMISSION: &'static str;
    /// Whether it is those of a user, group or role.
    const OF_PRINCIPAL: bool;
}

/// Those of a user, group or role, and those of the request.
pub(crate) struct Principal;
/// Those of the request only.
pub(crate) struct Custom;

impl Source for Principal {
    const PERMISSION: &'static str = "iam:SimulatePrincipalPolicy";
    const OF_PRINCIPAL: bool = true;
}

impl Source for Custom {
    const PERMISSION: &'static str = "iam:SimulateCustomPolicy";
    const OF_PRINCIPAL: bool = false;
}

/// The operation.
pub(crate) struct Simulate<S>(pub(crate) S);

/// A validated request.
pub(crate) struct Input {
    source: Option<SourceArn>,
    simulation: Simulation,
    /// `ContextKeyType` of each entry of the context.
    context_types: Vec<Option<String>>,
    handling: Option<String>,
    page: Page,
}

/// The ARN of a user, group or role.
struct SourceArn {
    text: String,
    account: Option<AccountId>,
    kind: EntityKind,
    name: String,
}

impl SourceArn {
    fn read(fields: &mut Fields<'_>) -> Self {
        let text = fields.required("PolicySourceArn", &ARN);
        Self::parse(&text).unwrap_or_else(|| {
            let error = format!(
                "Invalid Entity Arn: {text} does not clearly define entity type \
                                 and name."
            );
            fields.refuse(AwsError::new(ErrorCode::InvalidInput, error));
            Self { text, account: None, kind: EntityKind::User, name: String::new() }
        })
    }

    fn parse(text: &str) -> Option<Self> {
        let (account, resource) =
            text.strip_prefix("arn:")?.split_once(":iam::")?.1.split_once(':')?;
        let (kind, path_and_name) = resource.split_once('/')?;
        let kind = [EntityKind::User, EntityKind::Group, EntityKind::Role]
            .into_iter()
            .find(|known| known.as_str() == kind)?;
        let name = path_and_name.rsplit('/').next().filter(|name| !name.is_empty())?.to_owned();
        Some(Self { text: text.to_owned(), account: Some(account.parse().ok()?), kind, name })
    }
}

/// Each action has its service's prefix, and no wildcards.
fn is_an_action(text: &str) -> bool {
    let named = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.split_once(':').is_some_and(|(service, name)| named(service) && named(name))
}

impl<S: Source> Steps for Simulate<S> {
    const NAME: &'static str = operation(S::PERMISSION);
    const READ_ONLY: bool = true;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| {
            let source = S::OF_PRINCIPAL.then(|| SourceArn::read(fields));
            let (simulation, context_types) = simulation(fields, !S::OF_PRINCIPAL);
            if let Some(wrong) = simulation.actions.iter().find(|action| !is_an_action(action)) {
                // AWS states the rule, not the text.
                let text = format!("Invalid action name: {wrong}");
                fields.refuse(AwsError::new(ErrorCode::InvalidInput, text));
            }
            fields.not_served("PolicyExclusionList");
            let handling = fields.text("ResourceHandlingOption", &RESOURCE_NAME);
            Input { source, simulation, context_types, handling, page: Page::read(fields) }
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        let resource = match &input.source {
            Some(SourceArn { kind, name, .. }) => {
                Resource::Entity { kind: *kind, name: Some(name), new_path: None }
            }
            None => Resource::Arn("*"),
        };
        vec![about(S::PERMISSION, resource)]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text_if("policySourceArn", input.source.as_ref().map(|arn| arn.text.as_str()));
        show(input, out);
        out.text_if("resourceHandlingOption", input.handling.as_deref());
        input.page.parameters(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let filter = &[input.source.as_ref().map_or("", |arn| arn.text.as_str())];
        let after = input.page.after(call, Self::NAME, filter)?;
        let mut simulation = input.simulation.clone();
        if let Some(SourceArn { text, account, kind, name }) = &input.source {
            if *account != Some(call.caller.account) {
                let text = format!("The principal {text} cannot be found.");
                return Err(AwsError::new(ErrorCode::NoSuchEntity, text).into());
            }
            let account = call.caller.account;
            simulation.source = Some(Entity { account, kind: *kind, name: name.clone() });
        }
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let results = match call.ports.identities.simulate(id, permit, &simulation).await? {
            Ok(results) => results,
            Err(SimulationRefused::NoSuchEntity(text)) => {
                return Err(AwsError::new(ErrorCode::NoSuchEntity, text).into());
            }
            Err(SimulationRefused::InvalidInput(text)) => {
                return Err(AwsError::new(ErrorCode::InvalidInput, text).into());
            }
        };
        let numbered: Vec<_> = results.into_iter().enumerate().collect();
        let (results, last) =
            page::cut(numbered, &input.page, after.as_deref(), |(at, _)| format!("{at:08}"));
        Ok(answered(call, Self::NAME, |out| {
            list(out, "EvaluationResults", &results, |out, (_, one)| result(out, one));
            page::finish(out, call, Self::NAME, filter, last.as_deref());
        }))
    }
}

fn simulation(
    fields: &mut Fields<'_>,
    policies_required: bool,
) -> (Simulation, Vec<Option<String>>) {
    let policies = fields.texts("PolicyInputList", ITEMS_MAX, &DOCUMENT);
    if policies_required {
        fields.must_have("PolicyInputList", policies.as_ref());
    }
    let boundaries = fields.texts("PermissionsBoundaryPolicyInputList", ITEMS_MAX, &DOCUMENT);
    let (context, context_types) = context(fields);
    let simulation = Simulation {
        source: None,
        policies: policies.unwrap_or_default(),
        boundaries: boundaries.unwrap_or_default(),
        actions: fields.required_texts("ActionNames", ITEMS_MAX, &ACTION_NAME),
        resources: fields.texts("ResourceArns", ITEMS_MAX, &RESOURCE_NAME).unwrap_or_default(),
        resource_policy: fields.text("ResourcePolicy", &DOCUMENT),
        resource_owner: fields.text("ResourceOwner", &RESOURCE_NAME),
        caller_arn: fields.text("CallerArn", &RESOURCE_NAME),
        context,
        at: None,
    };
    (simulation, context_types)
}

type Context = Vec<(String, Vec<String>)>;

fn context(fields: &mut Fields<'_>) -> (Context, Vec<Option<String>>) {
    let items = fields.items("ContextEntries", ITEMS_MAX).unwrap_or_default();
    let (mut context, mut types) = (Vec::with_capacity(items.len()), Vec::new());
    for (at, item) in items.iter().enumerate() {
        let path = |member: &str| format!("contextEntries.{}.member.{member}", at + 1);
        let key = item.member("ContextKeyName");
        fields.check_required(&path("contextKeyName"), key, &CONTEXT_KEY);
        let values = item.items("ContextKeyValues").unwrap_or_default();
        let values = values.iter().filter_map(|value| value.value().map(str::to_owned));
        let kind = item.member("ContextKeyType");
        fields.check_one_of(&path("contextKeyType"), kind, CONTEXT_TYPES);
        types.push(kind.map(str::to_owned));
        context.push((key.unwrap_or_default().to_owned(), values.collect()));
    }
    (context, types)
}

fn show(Input { simulation, context_types, .. }: &Input, out: &mut Object<'_>) {
    let mut show_list = |name, items: &[String]| {
        if !items.is_empty() {
            out.list(name, items, |out, item| quote(out, item));
        }
    };
    show_list("policyInputList", &simulation.policies);
    show_list("permissionsBoundaryPolicyInputList", &simulation.boundaries);
    show_list("actionNames", &simulation.actions);
    show_list("resourceArns", &simulation.resources);
    out.text_if("resourcePolicy", simulation.resource_policy.as_deref());
    out.text_if("resourceOwner", simulation.resource_owner.as_deref());
    out.text_if("callerArn", simulation.caller_arn.as_deref());
    if !simulation.context.is_empty() {
        let entries = simulation.context.iter().zip(context_types);
        out.list("contextEntries", entries, |out, ((key, values), kind)| {
            let mut entry = Object::begin(out);
            entry.text("contextKeyName", key);
            entry.list("contextKeyValues", values, |out, value| quote(out, value));
            entry.text_if("contextKeyType", kind.as_deref());
            entry.end();
        });
    }
}

fn result(out: &mut String, result: &SimulatedResult) {
    element(out, "EvalActionName", &result.action);
    element(out, "EvalResourceName", &result.resource);
    element(
        out,
        "EvalDecision",
        match result.decision {
            SimulatedDecision::Allowed => "allowed",
            SimulatedDecision::ExplicitDeny => "explicitDeny",
            SimulatedDecision::ImplicitDeny => "implicitDeny",
        },
    );
    list(out, "MatchedStatements", &result.matched, statement);
    texts(out, "MissingContextValues", &result.missing_context);
    if let Some(allowed) = result.allowed_by_boundary {
        within(out, "PermissionsBoundaryDecisionDetail", |out| {
            flag(out, "AllowedByPermissionsBoundary", allowed);
        });
    }
}

fn statement(out: &mut String, statement: &MatchedStatement) {
    element(out, "SourcePolicyId", &statement.source);
    element(out, "SourcePolicyType", &statement.source_type);
    for (name, (line, column)) in
        [("StartPosition", statement.start), ("EndPosition", statement.end)]
    {
        within(out, name, |out| {
            element(out, "Line", &line.to_string());
            element(out, "Column", &column.to_string());
        });
    }
}

//! `ListPolicies`: managed policies by name, the account's own before AWS's.

use trent_types::{EntityKind, EntityRecord, aws_managed_policies};

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::iam::managed_policy::ManagedView;
use crate::json::Object;
use crate::ports::{Question, Resource};
use crate::query::fields::{Fields, read};
use crate::query::page::{self, Page};
use crate::query::rule::POLICY_PATH;
use crate::query::xml::list;
use crate::request::Request;
use crate::rules::about;
use crate::steps::{Call, Done, Steps};

/// The operation.
pub(crate) struct ListPolicies;

/// Which policies.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    All,
    Aws,
    Local,
}

/// As what a policy is used, where only those used so are asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    /// Attached.
    Permissions,
    /// A permissions boundary.
    Boundary,
}

impl Usage {
    /// Reads `PolicyUsageFilter`.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let values = ["PermissionsPolicy", "PermissionsBoundary"];
        match fields.one_of("PolicyUsageFilter", &values)? {
            "PermissionsBoundary" => Some(Self::Boundary),
            _ => Some(Self::Permissions),
        }
    }

    /// The text on the wire.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Permissions => "PermissionsPolicy",
            Self::Boundary => "PermissionsBoundary",
        }
    }
}

/// A validated request.
pub(crate) struct Input {
    scope: Option<Scope>,
    only_attached: Option<bool>,
    path_prefix: Option<String>,
    usage: Option<Usage>,
    page: Page,
}

impl Steps for ListPolicies {
    const NAME: &'static str = "ListPolicies";
    const READ_ONLY: bool = true;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| Input {
            scope: fields.one_of("Scope", &["All", "AWS", "Local"]).map(|scope| match scope {
                "AWS" => Scope::Aws,
                "Local" => Scope::Local,
                _ => Scope::All,
            }),
            only_attached: fields.flag("OnlyAttached"),
            path_prefix: fields.text("PathPrefix", &POLICY_PATH),
            usage: Usage::read(fields),
            page: Page::read(fields),
        })
    }

    fn questions<'q>(_: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![about("iam:ListPolicies", Resource::Arn("*"))]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        out.text_if("scope", input.scope.map(|_| input.scope_text()));
        if let Some(only) = input.only_attached {
            out.boolean("onlyAttached", only);
        }
        out.text_if("pathPrefix", input.path_prefix.as_deref());
        out.text_if("policyUsageFilter", input.usage.map(Usage::as_str));
        input.page.parameters(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let only = if input.only_attached() { "attached" } else { "" };
        let usage = input.usage.map_or("", Usage::as_str);
        let filter = &[input.scope_text(), only, input.prefix(), usage];
        let after = input.page.after(call, Self::NAME, filter)?;
        let mut found = Vec::new();
        // The own ones come first; a marker says whether they are over.
        let of_aws = after.as_deref().and_then(|after| after.strip_prefix(AWS));
        let own = after.as_deref().and_then(|after| after.strip_prefix(LOCAL));
        if input.scope() != Scope::Aws && of_aws.is_none() {
            input.own(own, call, &mut found).await?;
        }
        if input.scope() != Scope::Local && found.len() <= input.limit() {
            input.of_aws(of_aws, call, &mut found).await?;
        }
        let more = found.len() > input.limit();
        found.truncate(input.limit());
        let last = found.last().filter(|_| more).map(|(place, _)| place.as_str());
        Ok(answered(call, Self::NAME, |out| {
            list(out, "Policies", &found, |out, (_, policy)| policy.elements(out, true));
            page::finish(out, call, Self::NAME, filter, last);
        }))
    }
}

/// What places of the account's own policies begin with.
const LOCAL: &str = "local ";
/// What places of AWS's begin with.
const AWS: &str = "aws ";

impl Input {
    fn scope(&self) -> Scope {
        self.scope.unwrap_or(Scope::All)
    }

    fn scope_text(&self) -> &'static str {
        match self.scope() {
            Scope::All => "All",
            Scope::Aws => "AWS",
            Scope::Local => "Local",
        }
    }

    fn only_attached(&self) -> bool {
        self.only_attached.unwrap_or(false)
    }

    fn prefix(&self) -> &str {
        self.path_prefix.as_deref().unwrap_or("/")
    }

    fn limit(&self) -> usize {
        usize::try_from(self.page.limit).unwrap_or(usize::MAX)
    }

    fn wants(&self, policy: &ManagedView) -> bool {
        let used = match self.usage {
            Some(Usage::Permissions) => policy.attachments > 0,
            Some(Usage::Boundary) => policy.boundary_of > 0,
            None => true,
        };
        let attached = policy.attachments > 0 || self.usage == Some(Usage::Boundary);
        used && (attached || !self.only_attached())
    }

    /// The account's policies, until there is one more than the page holds.
    async fn own(
        &self,
        after: Option<&str>,
        call: &Call<'_>,
        found: &mut Vec<(String, ManagedView)>,
    ) -> Result<(), AwsError> {
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let (identities, limit) = (call.ports.identities, self.page.limit.saturating_add(1));
        let mut after = after.map(str::to_owned);
        while found.len() <= self.limit() {
            let (records, more) = identities
                .entities(id, permit, EntityKind::Policy, self.prefix(), after.as_deref(), limit)
                .await?;
            for record in &records {
                let EntityRecord::Policy(policy) = record else { continue };
                let name = policy.name.to_ascii_lowercase();
                let view = ManagedView::of_record(policy, call.request.region.partition());
                if self.wants(&view) {
                    found.push(([LOCAL, &name].concat(), view));
                }
                after = Some(name);
            }
            if !more || records.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// AWS's policies, until there is one more than the page holds.
    async fn of_aws(
        &self,
        after: Option<&str>,
        call: &Call<'_>,
        found: &mut Vec<(String, ManagedView)>,
    ) -> Result<(), AwsError> {
        let partition = call.request.region.partition();
        let mut policies: Vec<_> = aws_managed_policies().iter().collect();
        policies.retain(|policy| policy.path.starts_with(self.prefix()));
        policies.sort_by_cached_key(|policy| policy.name.to_ascii_lowercase());
        for policy in policies {
            let name = policy.name.to_ascii_lowercase();
            if after.is_some_and(|after| *name <= *after) {
                continue;
            }
            if found.len() > self.limit() {
                break;
            }
            let view = ManagedView::of_aws(policy, partition).counted(call).await?;
            if self.wants(&view) {
                found.push(([AWS, &name].concat(), view));
            }
        }
        Ok(())
    }
}

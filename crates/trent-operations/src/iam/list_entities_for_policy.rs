//! `ListEntitiesForPolicy`: whom a managed policy is attached to, and whose permissions boundary it
//! is.

use std::collections::HashSet;

use trent_types::{Entity, EntityKind, EntityRecord};

use crate::error::{AwsError, Fault};
use crate::iam::answers::answered;
use crate::iam::kinds::Policies;
use crate::iam::list_policies::Usage;
use crate::iam::managed_policy::ManagedView;
use crate::iam::subject::Subject;
use crate::json::Object;
use crate::ports::{PolicyEntity, Question};
use crate::query::fields::read;
use crate::query::page::{self, Page};
use crate::query::rule::PATH_PREFIX;
use crate::query::xml::{element, list};
use crate::request::Request;
use crate::steps::{Call, Done, Steps};

/// The values of `EntityFilter`. Policies are attached to none of the last two.
const FILTERS: &[&str] = &["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];

/// The operation.
pub(crate) struct ListEntitiesForPolicy;

/// A validated request.
pub(crate) struct Input {
    subject: Subject,
    entity_filter: Option<String>,
    path_prefix: Option<String>,
    usage: Option<Usage>,
    page: Page,
}

impl Steps for ListEntitiesForPolicy {
    const NAME: &'static str = "ListEntitiesForPolicy";
    const READ_ONLY: bool = true;
    type Input<'a> = Input;

    fn decode<'a>(request: &Request<'a>) -> Result<Input, AwsError> {
        read(request, |fields| Input {
            subject: Subject::read::<Policies>(fields),
            entity_filter: fields.one_of("EntityFilter", FILTERS).map(str::to_owned),
            path_prefix: fields.text("PathPrefix", &PATH_PREFIX),
            usage: Usage::read(fields),
            page: Page::read(fields),
        })
    }

    fn questions<'q>(input: &'q Self::Input<'_>) -> Vec<Question<'q>> {
        vec![input.subject.question("iam:ListEntitiesForPolicy")]
    }

    fn parameters(input: &Self::Input<'_>, out: &mut Object<'_>) {
        input.subject.show(out);
        out.text_if("entityFilter", input.entity_filter.as_deref());
        out.text_if("pathPrefix", input.path_prefix.as_deref());
        out.text_if("policyUsageFilter", input.usage.map(Usage::as_str));
        input.page.parameters(out);
    }

    async fn perform(input: &Self::Input<'_>, call: &Call<'_>) -> Result<Done, Fault> {
        let filter = &[
            input.subject.given(),
            input.entity_filter.as_deref().unwrap_or_default(),
            input.path_prefix.as_deref().unwrap_or("/"),
            input.usage.map_or("", Usage::as_str),
        ];
        let after = input.page.after(call, Self::NAME, filter)?;
        let policy = ManagedView::read(&input.subject, call).await?;
        let after = after.and_then(|place| Place::parse(&place, call));
        let (found, last) = input.found(&policy.arn, after, call).await?;
        Ok(answered(call, Self::NAME, |out| {
            // Whoever has the policy in both ways is listed once.
            let mut seen = HashSet::new();
            let once: Vec<_> =
                found.iter().map(|(one, _)| one).filter(|one| seen.insert(one.entity())).collect();
            let of = |kind| once.iter().filter(move |one| one.entity().kind == kind);
            list(out, "PolicyGroups", of(EntityKind::Group), |out, one| {
                named(out, one, "GroupName", "GroupId");
            });
            list(out, "PolicyUsers", of(EntityKind::User), |out, one| {
                named(out, one, "UserName", "UserId");
            });
            list(out, "PolicyRoles", of(EntityKind::Role), |out, one| {
                named(out, one, "RoleName", "RoleId");
            });
            page::finish(out, call, Self::NAME, filter, last.as_deref());
        }))
    }
}

fn named(out: &mut String, record: &EntityRecord, name: &str, id: &str) {
    element(out, name, &record.entity().name);
    element(out, id, record.id());
}

/// The place of one of them in the registry's order.
struct Place {
    entity: Entity,
    as_boundary: bool,
}

impl Place {
    fn of((record, as_boundary): &PolicyEntity) -> Self {
        let mut entity = record.entity();
        entity.name.make_ascii_lowercase();
        Self { entity, as_boundary: *as_boundary }
    }

    fn text(&self) -> String {
        let usage = if self.as_boundary { "b" } else { "a" };
        [usage, " ", self.entity.kind.as_str(), " ", &self.entity.name].concat()
    }

    fn parse(text: &str, call: &Call<'_>) -> Option<Self> {
        let (usage, rest) = text.split_once(' ')?;
        let (kind, name) = rest.split_once(' ')?;
        let kinds = [EntityKind::User, EntityKind::Group, EntityKind::Role, EntityKind::Policy];
        let kind = kinds.into_iter().find(|known| known.as_str() == kind)?;
        let entity = Entity { account: call.caller.account, kind, name: name.to_owned() };
        Some(Self { entity, as_boundary: usage == "b" })
    }
}

impl Input {
    fn wants(&self, (record, as_boundary): &PolicyEntity) -> bool {
        let used = match self.usage {
            Some(Usage::Permissions) => !as_boundary,
            Some(Usage::Boundary) => *as_boundary,
            None => true,
        };
        let kind = self.entity_filter.as_deref().is_none_or(|filter| match record {
            EntityRecord::User(_) => filter == "User",
            EntityRecord::Group(_) => filter == "Group",
            EntityRecord::Role(_) => filter == "Role",
            EntityRecord::Policy(_) => false,
        });
        used && kind && record.path().starts_with(self.path_prefix.as_deref().unwrap_or("/"))
    }

    /// As many as the page holds, and the place of the last one when there are more.
    async fn found(
        &self,
        policy_arn: &str,
        mut after: Option<Place>,
        call: &Call<'_>,
    ) -> Result<(Vec<PolicyEntity>, Option<String>), AwsError> {
        let (id, permit) = (call.request.request_id, call.permit(0)?);
        let limit = usize::try_from(self.page.limit).unwrap_or(usize::MAX);
        let mut found: Vec<PolicyEntity> = Vec::new();
        loop {
            let place = after.as_ref().map(|place| (&place.entity, place.as_boundary));
            let at_once = self.page.limit.saturating_add(1);
            let identities = call.ports.identities;
            let (some, more) =
                identities.policy_entities(id, permit, policy_arn, place, at_once).await?;
            after = some.last().map(Place::of);
            found.extend(some.into_iter().filter(|one| self.wants(one)));
            if found.len() > limit {
                found.truncate(limit);
                let last = found.last().map(|one| Place::of(one).text());
                return Ok((found, last));
            }
            if !more || after.is_none() {
                return Ok((found, None));
            }
        }
    }
}

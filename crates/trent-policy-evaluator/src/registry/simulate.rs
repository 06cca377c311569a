//! Simulated decisions (IAM API Reference, "SimulatePrincipalPolicy" and "SimulateCustomPolicy"):
//! the policies of a user, group or role and those of the request, with the condition values of the
//! request and no others but the moment.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;

use trent_policy::{
    ConditionContext, Decision, Effect, Explained, IdentityPolicy, Inputs, Outcome, Policy,
    PolicyKind, PolicyType, ResourceUnderDecision, StatementOutcome, Values, Verdict,
    statement_spans,
};
use trent_types::{
    AccountId, Caller, CallerKind, Entity, EntityKind, EntityRecord, KeyArn, MatchedStatement,
    Partition, SimulatedDecision, SimulatedResult, Simulation, SimulationRefused, Timestamp,
};

use crate::arns::entity_of_arn;
use crate::cache;
use crate::core::{Core, Unavailable};

/// The most actions and resources together: each is a decision.
const DECISIONS_MAX: usize = 1_000;
/// What a policy of the caller's is called in answers, and one of the resource.
const IAM_POLICY: &str = "IAM Policy";
const RESOURCE_POLICY: &str = "Resource Policy";

/// A document with where it comes from.
struct Document {
    source: String,
    text: String,
    policy: Policy,
}

impl Document {
    fn read(source: String, text: String, kind: PolicyKind) -> Result<Self, SimulationRefused> {
        let policy = Policy::parse(&text, kind)
            .map_err(|error| SimulationRefused::InvalidInput(format!("{source}: {error}")))?;
        Ok(Self { source, text, policy })
    }

    fn named(&self) -> IdentityPolicy<'_> {
        IdentityPolicy { policy: &self.policy, source: &self.source }
    }
}

/// Everything that the decisions have in common.
struct Stage {
    caller: Caller,
    partition: Partition,
    policies: Vec<Document>,
    boundary: Option<Document>,
    resource_policy: Option<Document>,
    owner: AccountId,
}

/// Decides each action on each resource, as if somebody of this account asked.
pub(super) async fn simulate(
    core: &Core,
    (account, partition): (AccountId, Partition),
    simulation: Simulation,
) -> Result<Result<Vec<SimulatedResult>, SimulationRefused>, Unavailable> {
    let (record, held, boundary) = match &simulation.source {
        None => (None, Vec::new(), None),
        Some(entity) => match source(core, entity).await? {
            Some((record, held, boundary)) => (Some(record), held, boundary),
            None => {
                let text = format!(
                    "The {} with name {} cannot be found.",
                    entity.kind.as_str(),
                    entity.name
                );
                return Ok(Err(SimulationRefused::NoSuchEntity(text)));
            }
        },
    };
    let stage = stage((account, partition), &simulation, record.as_ref(), held, boundary);
    Ok(stage.and_then(|stage| stage.decide_all(&simulation, core.clock.now())))
}

type Held = Vec<(String, String)>;

/// A user, group or role with the documents that it acts under.
async fn source(
    core: &Core,
    entity: &Entity,
) -> Result<Option<(EntityRecord, Held, Option<(String, String)>)>, Unavailable> {
    let document = |source: String, document: Option<String>| {
        let document = document.or_else(|| cache::aws_managed(&source).map(str::to_owned));
        document.map(|document| (source, document))
    };
    if entity.kind != EntityKind::Group {
        let Some(stored) = core.store.principal(entity).await? else { return Ok(None) };
        let held = stored.policies.into_iter();
        let held = held.filter_map(|one| document(one.source, one.document)).collect();
        let boundary = stored.boundary.and_then(|one| document(one.source, one.document));
        return Ok(Some((stored.record, held, boundary)));
    }
    let Some(view) = core.store.identity(entity).await? else { return Ok(None) };
    let mut held: Held = view.inline.into_iter().map(|one| (one.name, one.document)).collect();
    for arn in view.attached {
        if let Some(document) = core.managed_policy(entity.account, &arn).await? {
            held.push((arn, document));
        }
    }
    Ok(Some((view.record, held, None)))
}

fn stage(
    (account, partition): (AccountId, Partition),
    simulation: &Simulation,
    record: Option<&EntityRecord>,
    held: Held,
    boundary: Option<(String, String)>,
) -> Result<Stage, SimulationRefused> {
    let numbered = |list: &'static str| move |at: usize| format!("{list}.{}", at + 1);
    let given = simulation.policies.iter().enumerate();
    let given = given.map(|(at, text)| (numbered("PolicyInputList")(at), text.clone()));
    let read = |(source, text)| Document::read(source, text, PolicyKind::Identity);
    let policies = held.into_iter().chain(given).map(read).collect::<Result<_, _>>()?;
    let boundary = match simulation.boundaries.as_slice() {
        [] => boundary,
        [one] => Some((numbered("PermissionsBoundaryPolicyInputList")(0), one.clone())),
        _ => {
            let text = "PermissionsBoundaryPolicyInputList can have one policy only.";
            return Err(SimulationRefused::InvalidInput(text.to_owned()));
        }
    };
    let resource_policy = simulation.resource_policy.as_ref().map(|text| {
        Document::read("ResourcePolicy".to_owned(), text.clone(), PolicyKind::KeyPolicy)
    });
    Ok(Stage {
        caller: caller(account, simulation.caller_arn.as_deref(), record)?,
        partition,
        policies,
        boundary: boundary.map(read).transpose()?,
        resource_policy: resource_policy.transpose()?,
        owner: owner(simulation.resource_owner.as_deref())?.unwrap_or(account),
    })
}

/// Who is taken for the caller: the user that is given, or else the source. A group or nobody is
/// played by a user that no policy names.
fn caller(
    account: AccountId,
    arn: Option<&str>,
    record: Option<&EntityRecord>,
) -> Result<Caller, SimulationRefused> {
    let user = |account, path: &str, name: &str, id: &str| {
        let (path, name, user_id) = (path.to_owned(), name.to_owned(), id.to_owned());
        Caller::new(account, String::new(), CallerKind::User { path, name, user_id })
    };
    if let Some(arn) = arn {
        return match entity_of_arn(arn) {
            Some(named) if named.entity.kind == EntityKind::User => {
                Ok(user(named.entity.account, &named.path, &named.entity.name, ""))
            }
            Some(_) | None => {
                let text = format!("CallerArn must be that of a user: {arn}");
                Err(SimulationRefused::InvalidInput(text))
            }
        };
    }
    Ok(match record {
        Some(EntityRecord::User(one)) => user(account, &one.path, &one.name, &one.user_id),
        Some(EntityRecord::Role(role)) => Caller::new(
            account,
            String::new(),
            CallerKind::Role {
                path: role.path.clone(),
                name: role.name.clone(),
                role_id: role.role_id.clone(),
                session_name: "simulation".to_owned(),
            },
        ),
        Some(EntityRecord::Group(_) | EntityRecord::Policy(_)) | None => {
            user(account, "/", "simulation", "")
        }
    })
}

/// The account of the resources: 12 digits, or the ARN of its root user.
fn owner(given: Option<&str>) -> Result<Option<AccountId>, SimulationRefused> {
    let Some(given) = given else { return Ok(None) };
    let id = given.split(':').nth(4).filter(|_| given.ends_with(":root")).unwrap_or(given);
    id.parse().map(Some).map_err(|_| {
        SimulationRefused::InvalidInput(format!("ResourceOwner is no account: {given}"))
    })
}

impl Stage {
    fn decide_all(
        &self,
        simulation: &Simulation,
        now: Timestamp,
    ) -> Result<Vec<SimulatedResult>, SimulationRefused> {
        let everything = ["*".to_owned()];
        let resources = match simulation.resources.as_slice() {
            [] => everything.as_slice(),
            given => given,
        };
        if simulation.actions.len().saturating_mul(resources.len()) > DECISIONS_MAX {
            let text = format!("At most {DECISIONS_MAX} actions on resources are simulated.");
            return Err(SimulationRefused::InvalidInput(text));
        }
        let now = simulation.at.unwrap_or(now);
        let mut results = Vec::new();
        for action in &simulation.actions {
            for resource in resources {
                results.push(self.decide(action, resource, &simulation.context, now)?);
            }
        }
        Ok(results)
    }

    fn decide(
        &self,
        action: &str,
        resource: &str,
        context: &[(String, Vec<String>)],
        now: Timestamp,
    ) -> Result<SimulatedResult, SimulationRefused> {
        let identity: Vec<_> = self.policies.iter().map(Document::named).collect();
        let context = Given { context, now, missing: RefCell::default() };
        let under_decision = match &self.resource_policy {
            None => {
                ResourceUnderDecision::IdentityOnly { owner: self.caller.account, arn: resource }
            }
            Some(document) => {
                let arn: KeyArn = resource.parse().map_err(|_| {
                    let text = "A ResourcePolicy is simulated for ARNs of KMS keys only.";
                    SimulationRefused::InvalidInput(text.to_owned())
                })?;
                let arn = KeyArn { account: self.owner, ..arn };
                ResourceUnderDecision::Key { arn, policy: &document.policy }
            }
        };
        let inputs = Inputs {
            caller: &self.caller,
            partition: self.partition,
            action,
            resource: under_decision,
            identity_policies: &identity,
            boundary: self.boundary.as_ref().map(Document::named),
            session_policies: None,
            context: &context,
        };
        let decision = trent_policy::decide(&inputs);
        Ok(SimulatedResult {
            action: action.to_owned(),
            resource: resource.to_owned(),
            decision: match decision.outcome {
                Outcome::Allowed => SimulatedDecision::Allowed,
                Outcome::ExplicitlyDenied => SimulatedDecision::ExplicitDeny,
                Outcome::ImplicitlyDenied => SimulatedDecision::ImplicitDeny,
            },
            matched: self.matched(&decision, &inputs),
            missing_context: context.missing.borrow().iter().cloned().collect(),
            allowed_by_boundary: self
                .boundary
                .as_ref()
                .map(|_| decision.verdicts.boundary == Verdict::Allows),
        })
    }

    /// The statements that a decision rests on; none after an implicit deny.
    fn matched(&self, decision: &Decision<'_>, inputs: &Inputs<'_>) -> Vec<MatchedStatement> {
        let effect = match decision.outcome {
            Outcome::Allowed => Effect::Allow,
            Outcome::ExplicitlyDenied => Effect::Deny,
            Outcome::ImplicitlyDenied => return Vec::new(),
        };
        let applied = |one: &Explained| {
            one.outcome == StatementOutcome::Applied
                && one.effect == effect
                && one.policy_type != PolicyType::PermissionsBoundary
        };
        let statements = decision.explain(inputs).statements;
        statements.into_iter().filter(applied).filter_map(|one| self.placed(&one)).collect()
    }

    fn placed(&self, explained: &Explained) -> Option<MatchedStatement> {
        let (document, source_type) = match &explained.source {
            Some(source) => {
                let mut policies = self.policies.iter();
                (policies.find(|one| one.source == *source)?, IAM_POLICY)
            }
            None => (self.resource_policy.as_ref()?, RESOURCE_POLICY),
        };
        let span = *statement_spans(&document.text).ok()?.get(explained.index)?;
        Some(MatchedStatement {
            source: document.source.clone(),
            source_type: source_type.to_owned(),
            start: span.start,
            end: span.end,
        })
    }
}

/// The condition values of the request, and which others were asked for.
struct Given<'a> {
    context: &'a [(String, Vec<String>)],
    now: Timestamp,
    missing: RefCell<BTreeSet<String>>,
}

impl ConditionContext for Given<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        let found = self.context.iter().find(|(name, _)| name.eq_ignore_ascii_case(key));
        if let Some((_, values)) = found {
            return Some(match values.as_slice() {
                [one] => Values::one(one),
                values => Values::many(values),
            });
        }
        if key.eq_ignore_ascii_case("aws:CurrentTime") {
            return Some(Values::One(Cow::Owned(self.now.iso8601())));
        }
        if key.eq_ignore_ascii_case("aws:EpochTime") {
            return Some(Values::One(Cow::Owned(self.now.as_seconds().to_string())));
        }
        self.missing.borrow_mut().insert(key.to_owned());
        None
    }
}

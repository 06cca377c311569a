//! IAM's things, temporary credentials and simulated decisions: reads of the registry.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each method takes one kind of answer, and every other one alike"
)]

use trent_bus::messages::{self, read_answer::Outcome, read_request::Read};
use trent_bus::{InvalidField, Purpose, Sealer};
use trent_operations::ports::{
    EntityPage, Identities, PolicyEntity, PortFuture, Simulated, Unavailable,
};
use trent_types::{
    AccessKey, AccessKeyUsed, Entity, EntityKind, EntityRecord, IdentityView, IssuedSession,
    Permit, RequestId, SessionRefused, SessionRequest, SimulatedResult, Simulation,
    SimulationRefused, Timestamp, User,
};

use super::registry::{BusRegistry, read_all, unexpected};
use super::{Line, senseless};

/// IAM's things in the registry, for one request.
#[derive(Debug, Clone, Copy)]
pub struct BusIdentities<'a> {
    registry: BusRegistry<'a>,
    sealer: &'a Sealer,
}

impl<'a> BusIdentities<'a> {
    /// The registry at the end of this line, whose secrets this sealer opens.
    #[must_use]
    pub const fn new(line: Line<'a>, sealer: &'a Sealer) -> Self {
        Self { registry: BusRegistry::new(line), sealer }
    }

    /// Opens the secret of temporary credentials.
    fn open(
        &self,
        request: RequestId,
        issued: messages::IssuedSession,
    ) -> Result<IssuedSession, Unavailable> {
        let secret = self
            .sealer
            .open(Purpose::EvaluatorToGateway, request, &issued.sealed_secret)
            .map_err(|error| senseless(&error))?;
        Ok(IssuedSession {
            access_key_id: issued.access_key_id,
            secret,
            token: issued.token,
            expires_at: Timestamp::from_millis(issued.expires_at_ms),
            role_id: Some(issued.role_id).filter(|id| !id.is_empty()),
            packed_policy_percent: issued.packed_policy_percent,
        })
    }
}

impl Identities for BusIdentities<'_> {
    fn identity<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        entity: &'a Entity,
    ) -> PortFuture<'a, Result<Option<IdentityView>, Unavailable>> {
        let read = Read::Identity(entity.into());
        Box::pin(async move {
            match self.registry.read(request, permit, read).await? {
                Outcome::Identity(view) => view.try_into().map(Some).map_err(|e| senseless(&e)),
                Outcome::Missing(_) => Ok(None),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn entities<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        kind: EntityKind,
        path_prefix: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<EntityPage, Unavailable>> {
        let read = Read::ListEntities(messages::ListEntities {
            kind: messages::EntityKind::from(kind).into(),
            path_prefix: path_prefix.to_owned(),
            after: after.unwrap_or_default().to_owned(),
            limit,
        });
        Box::pin(async move {
            match self.registry.read(request, permit, read).await? {
                Outcome::Entities(page) => Ok((read_all(page.entities)?, page.more)),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn group_members<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        group: &'a str,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<User>, bool), Unavailable>> {
        let read = Read::ListGroupMembers(messages::ListGroupMembers {
            group: group.to_owned(),
            after: after.unwrap_or_default().to_owned(),
            limit,
        });
        Box::pin(async move {
            match self.registry.read(request, permit, read).await? {
                Outcome::Entities(page) => {
                    let members = read_all(page.entities)?.into_iter().map(member);
                    Ok((members.collect::<Result<_, _>>()?, page.more))
                }
                other => Err(unexpected(&other)),
            }
        })
    }

    fn policy_entities<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        policy_arn: &'a str,
        after: Option<(&'a Entity, bool)>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<PolicyEntity>, bool), Unavailable>> {
        let (after, after_boundary) = after.unzip();
        let read = Read::ListPolicyEntities(messages::ListPolicyEntities {
            policy_arn: policy_arn.to_owned(),
            after: after.map(Into::into),
            after_boundary: after_boundary.unwrap_or_default(),
            limit,
        });
        Box::pin(async move {
            match self.registry.read(request, permit, read).await? {
                Outcome::PolicyEntities(page) => {
                    let entities = page.entities.into_iter().map(policy_entity);
                    let entities: Result<_, _> = entities.collect();
                    Ok((entities.map_err(|error| senseless(&error))?, page.more))
                }
                other => Err(unexpected(&other)),
            }
        })
    }

    fn access_key_use<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        access_key_id: &'a str,
    ) -> PortFuture<'a, Result<Option<(AccessKey, Option<AccessKeyUsed>)>, Unavailable>> {
        let read = Read::AccessKeyUse(access_key_id.to_owned());
        Box::pin(async move {
            match self.registry.read(request, permit, read).await? {
                Outcome::AccessKeyUse(found) => {
                    let key = found.access_key.ok_or_else(|| senseless(&"no access key"))?;
                    let key = key.try_into().map_err(|error: InvalidField| senseless(&error))?;
                    Ok(Some((key, found.used.map(Into::into))))
                }
                Outcome::Missing(_) => Ok(None),
                other => Err(unexpected(&other)),
            }
        })
    }

    fn simulate<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        simulation: &'a Simulation,
    ) -> PortFuture<'a, Result<Simulated, Unavailable>> {
        let read = Read::Simulate(simulation.into());
        Box::pin(async move {
            match self.registry.read(request, permit, read).await? {
                Outcome::Simulated(simulated) => {
                    let results: Vec<SimulatedResult> = read_all(simulated.results)?;
                    Ok(Ok(results))
                }
                Outcome::SimulationRefused(refused) => {
                    let refused = SimulationRefused::try_from(refused);
                    Ok(Err(refused.map_err(|error| senseless(&error))?))
                }
                other => Err(unexpected(&other)),
            }
        })
    }

    fn issue_session<'a>(
        &'a self,
        request: RequestId,
        permit: &'a Permit,
        session: &'a SessionRequest,
    ) -> PortFuture<'a, Result<Result<IssuedSession, SessionRefused>, Unavailable>> {
        let read = Read::IssueSession(session.into());
        Box::pin(async move {
            match self.registry.read(request, permit, read).await? {
                Outcome::Session(issued) => self.open(request, issued).map(Ok),
                Outcome::SessionRefused(refused) => {
                    let refused = SessionRefused::try_from(refused);
                    Ok(Err(refused.map_err(|error| senseless(&error))?))
                }
                other => Err(unexpected(&other)),
            }
        })
    }
}

/// A group has users only.
fn member(record: EntityRecord) -> Result<User, Unavailable> {
    match record {
        EntityRecord::User(user) => Ok(user),
        EntityRecord::Group(_) | EntityRecord::Role(_) | EntityRecord::Policy(_) => {
            Err(senseless(&"a member that is no user"))
        }
    }
}

fn policy_entity(found: messages::PolicyEntity) -> Result<PolicyEntity, InvalidField> {
    let record = found.entity.ok_or(InvalidField("entity"))?;
    Ok((record.try_into()?, found.as_boundary))
}

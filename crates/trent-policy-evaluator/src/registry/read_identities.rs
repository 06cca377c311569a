//! Reads of IAM's things, sessions and explanations.

use trent_bus::messages::read_answer::Outcome;
use trent_bus::messages::{
    self, EntityPage, Explain, IssueSession, ListEntities, ListGroupMembers, ListPolicyEntities,
    Missing, PolicyEntity, PolicyEntityPage, Simulate, Simulated,
};
use trent_bus::{Claims, Purpose, convert};
use trent_types::{Entity, EntityKind, EntityRecord, RequestId, SessionRequest, Simulation};

use super::fit_identity::{claimed_entity, is_for_root, is_same};
use super::read::{MALFORMED, NO_KEY, PAGE_MAX, ReadFault, Reads};
use super::read_actions::lists;
use super::{claimed_key, claimed_name, simulate};
use crate::explain;
use crate::principals;
use crate::sessions::{self, IssueFault};

const ANOTHER_THING: ReadFault = ReadFault::NotPermitted("the Permit is for something else");

impl Reads {
    /// A thing with all that belongs to it. The root user is the user without a name.
    pub(super) async fn identity(
        &self,
        claims: &Claims,
        entity: messages::Entity,
    ) -> Result<Outcome, ReadFault> {
        let entity = Entity::try_from(entity).map_err(|_| MALFORMED)?;
        let permitted = if entity.kind == EntityKind::User && entity.name.is_empty() {
            entity.account == claims.account && is_for_root(claims, entity.account)
        } else {
            is_for(claims, &entity)
        };
        if !permitted {
            return Err(ANOTHER_THING);
        }
        let core = &self.0.core;
        let Some(mut view) = core.store.identity(&entity).await? else {
            return Ok(Outcome::Missing(Missing {}));
        };
        if let EntityRecord::Role(role) = &mut view.record {
            let partition = claims.region.partition();
            principals::with_arns(core, vec![&mut role.trust_policy], partition).await?;
        }
        Ok(Outcome::Identity(view.into()))
    }

    pub(super) async fn entities(
        &self,
        claims: &Claims,
        list: ListEntities,
    ) -> Result<Outcome, ReadFault> {
        let kind = convert::entity_kind(list.kind, "kind").map_err(|_| MALFORMED)?;
        if !lists(&claims.action, kind) || claimed_name(claims) != Some("*") {
            return Err(ANOTHER_THING);
        }
        let core = &self.0.core;
        let (after, limit) = (given(&list.after), list.limit.min(PAGE_MAX));
        let prefix = &list.path_prefix;
        let page = core.store.entities(claims.account, kind, prefix, after, limit).await?;
        let (mut entities, more) = page;
        let policies = entities.iter_mut().filter_map(|record| match record {
            EntityRecord::Role(role) => Some(&mut role.trust_policy),
            EntityRecord::User(_) | EntityRecord::Group(_) | EntityRecord::Policy(_) => None,
        });
        principals::with_arns(core, policies.collect(), claims.region.partition()).await?;
        let entities = entities.into_iter().map(Into::into).collect();
        Ok(Outcome::Entities(EntityPage { entities, more }))
    }

    pub(super) async fn group_members(
        &self,
        claims: &Claims,
        list: ListGroupMembers,
    ) -> Result<Outcome, ReadFault> {
        let account = claims.account;
        let group = Entity { account, kind: EntityKind::Group, name: list.group };
        if !is_for(claims, &group) {
            return Err(ANOTHER_THING);
        }
        let (after, limit) = (given(&list.after), list.limit.min(PAGE_MAX));
        let store = &self.0.core.store;
        let (users, more) = store.group_members(account, &group.name, after, limit).await?;
        let entities = users.into_iter().map(|user| EntityRecord::User(user).into()).collect();
        Ok(Outcome::Entities(EntityPage { entities, more }))
    }

    /// Those of the Permit's account that a policy is attached to: the policy that the Permit is
    /// for, or any where all policies may be listed.
    pub(super) async fn policy_entities(
        &self,
        claims: &Claims,
        list: ListPolicyEntities,
    ) -> Result<Outcome, ReadFault> {
        let named = claimed_name(claims);
        let all = named == Some("*") && lists(&claims.action, EntityKind::Policy);
        if !all && named != Some(list.policy_arn.as_str()) {
            return Err(ANOTHER_THING);
        }
        let after = list.after.map(Entity::try_from).transpose().map_err(|_| MALFORMED)?;
        let after = after.as_ref().map(|entity| (entity, list.after_boundary));
        let (store, limit) = (&self.0.core.store, list.limit.min(PAGE_MAX));
        let page = store.policy_entities(claims.account, &list.policy_arn, after, limit).await?;
        let (found, more) = page;
        let entities = found
            .into_iter()
            .map(|(entity, as_boundary)| PolicyEntity { entity: Some(entity.into()), as_boundary })
            .collect();
        Ok(Outcome::PolicyEntities(PolicyEntityPage { entities, more }))
    }

    /// GetAccessKeyLastUsed tells of the own account's keys; GetAccessKeyInfo tells whose account
    /// any key is of, and nothing else.
    pub(super) async fn access_key_use(
        &self,
        claims: &Claims,
        access_key_id: &str,
    ) -> Result<Outcome, ReadFault> {
        if claimed_name(claims) != Some("*") {
            return Err(ANOTHER_THING);
        }
        let found = self.0.core.store.access_key_use(access_key_id).await?;
        let own_only = claims.action != "sts:GetAccessKeyInfo";
        let found = found.filter(|(key, _)| !own_only || key.account == claims.account);
        Ok(found.map_or(Outcome::Missing(Missing {}), |(key, used)| {
            let used = used.filter(|_| own_only).map(Into::into);
            Outcome::AccessKeyUse(messages::AccessKeyUse { access_key: Some(key.into()), used })
        }))
    }

    /// Temporary credentials, under the lease: who may have them was decided under one.
    pub(super) async fn issue_session(
        &self,
        claims: &Claims,
        request: IssueSession,
    ) -> Result<Outcome, ReadFault> {
        let core = &self.0.core;
        let held = core.may_decide()?;
        let request = SessionRequest::try_from(request).map_err(|_| MALFORMED)?;
        let issued = sessions::issue(core, claims, request).await;
        core.may_still(held)?;
        Ok(match issued {
            Ok(issued) => Outcome::Session(messages::IssuedSession {
                access_key_id: issued.access_key_id,
                sealed_secret: core
                    .worker
                    .sealer
                    .seal(Purpose::EvaluatorToGateway, claims.request_id, issued.secret.expose())
                    .into(),
                token: issued.token,
                expires_at_ms: issued.expires_at.as_millis(),
                role_id: issued.role_id.unwrap_or_default(),
                packed_policy_percent: issued.packed_policy_percent,
            }),
            Err(IssueFault::Refused(refused)) => Outcome::SessionRefused(refused.into()),
            Err(IssueFault::NotPermitted(why)) => return Err(ReadFault::NotPermitted(why)),
            Err(IssueFault::Unavailable(unavailable)) => {
                return Err(ReadFault::Unavailable(unavailable));
            }
        })
    }

    /// Simulated decisions, about the user, group or role of the Permit, or about nobody.
    pub(super) async fn simulate(
        &self,
        claims: &Claims,
        wanted: Simulate,
    ) -> Result<Outcome, ReadFault> {
        let simulation = Simulation::try_from(wanted).map_err(|_| MALFORMED)?;
        let permitted = match &simulation.source {
            Some(entity) => {
                claims.action == "iam:SimulatePrincipalPolicy" && is_for(claims, entity)
            }
            None => {
                claims.action == "iam:SimulateCustomPolicy" && claimed_name(claims) == Some("*")
            }
        };
        if !permitted {
            return Err(ANOTHER_THING);
        }
        let place = (claims.account, claims.region.partition());
        Ok(match simulate::simulate(&self.0.core, place, simulation).await? {
            Ok(results) => Outcome::Simulated(Simulated {
                results: results.into_iter().map(Into::into).collect(),
            }),
            Err(refused) => Outcome::SimulationRefused(refused.into()),
        })
    }

    /// Why a request was denied, as far as it was about the Permit's key.
    pub(super) async fn explain(
        &self,
        claims: &Claims,
        wanted: &Explain,
    ) -> Result<Outcome, ReadFault> {
        let key = claimed_key(claims).ok_or(NO_KEY)?;
        let id: RequestId =
            convert::request_id(&wanted.request_id, "request_id").map_err(|_| MALFORMED)?;
        let mut found = self.0.core.store.explanations(id).await?;
        found.retain(|one| one.key == Some(key));
        Ok(Outcome::Explanations(explain::to_message(found)))
    }
}

fn is_for(claims: &Claims, entity: &Entity) -> bool {
    let named = claimed_entity(claims);
    entity.account == claims.account && named.is_some_and(|named| is_same(&named.entity, entity))
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

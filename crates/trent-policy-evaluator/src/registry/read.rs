//! Reads of metadata: each needs the Permit for its own permission, and gets only what the Permit
//! is for.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use trent_bus::messages::read_answer::Outcome;
use trent_bus::messages::read_request::Read;
use trent_bus::messages::{
    AliasPage, GrantPage, KeyPage, ListAliases, ListGrants, ListKeys, ListMaterials,
    ListRetirableGrants, ListTags, MaterialPage, Missing, ReadAnswer, ReadRequest, Rejection,
    TagPage,
};
use trent_bus::{Claims, Order, Service, ServiceFuture, convert};
use trent_types::{Grant, GrantId, GrantPrincipal, KeyArn, KeyId, MaterialRecord};

use super::read_actions::actions;
use super::{Registry, claimed_key, claimed_name};
use crate::cache::CachedKey;
use crate::core::{Unavailable, traced};
use crate::principals;

/// No operation lists more at a time.
pub(super) const PAGE_MAX: u32 = 1_000;

/// The handler of reads.
pub(crate) struct Reads(pub(crate) Arc<Registry>);

/// Why a read has no result.
pub(super) enum ReadFault {
    NotPermitted(&'static str),
    Unavailable(Unavailable),
}

pub(super) const MALFORMED: ReadFault = ReadFault::NotPermitted("the order is malformed");
pub(super) const NO_KEY: ReadFault = ReadFault::NotPermitted("the Permit is for no key");

impl<E: Into<Unavailable>> From<E> for ReadFault {
    fn from(error: E) -> Self {
        Self::Unavailable(error.into())
    }
}

impl Reads {
    async fn read(&self, request: ReadRequest) -> Result<Outcome, ReadFault> {
        let id = convert::request_id(&request.request_id, "request_id").map_err(|_| MALFORMED)?;
        let claims = self.0.verify(&request.permit, id).map_err(ReadFault::NotPermitted)?;
        let read = request.read.ok_or(MALFORMED)?;
        if !actions(&read).contains(&claims.action.as_str()) {
            return Err(ReadFault::NotPermitted("the Permit is for another action"));
        }
        match read {
            Read::ListKeys(list) => self.keys(&claims, list).await,
            Read::ListAliases(list) => self.aliases(&claims, list).await,
            Read::KeyPolicy(_) => Ok(match self.key(&claims).await? {
                Some(key) => {
                    let mut policy = key.stored.policy.clone();
                    let partition = claims.region.partition();
                    let core = &self.0.core;
                    principals::with_arns(core, vec![&mut policy], partition).await?;
                    Outcome::Policy(policy)
                }
                None => Outcome::Missing(Missing {}),
            }),
            Read::ListTags(list) => self.tags(&claims, list).await,
            Read::PublicKey(_) => Ok(match self.key(&claims).await? {
                Some(key) => match &key.stored.public_key {
                    Some(public_key) => Outcome::PublicKey(convert::bytes(public_key)),
                    None => Outcome::Missing(Missing {}),
                },
                None => Outcome::Missing(Missing {}),
            }),
            Read::ListMaterials(list) => self.materials(&claims, &list).await,
            Read::ListGrants(list) => self.grants(&claims, list).await,
            Read::ListRetirableGrants(list) => self.retirable_grants(&claims, list).await,
            Read::LastUsage(_) => self.last_usage(&claims).await,
            Read::Identity(entity) => self.identity(&claims, entity).await,
            Read::ListEntities(list) => self.entities(&claims, list).await,
            Read::ListGroupMembers(list) => self.group_members(&claims, list).await,
            Read::ListPolicyEntities(list) => self.policy_entities(&claims, list).await,
            Read::AccessKeyUse(access_key_id) => self.access_key_use(&claims, &access_key_id).await,
            Read::IssueSession(session) => self.issue_session(&claims, session).await,
            Read::Simulate(simulate) => self.simulate(&claims, simulate).await,
            Read::Explain(explain) => self.explain(&claims, &explain).await,
        }
    }

    async fn keys(&self, claims: &Claims, list: ListKeys) -> Result<Outcome, ReadFault> {
        everything(claims)?;
        let after = position(&list.after_key_id, list.after_multi_region)?;
        let (account, region) = (claims.account, claims.region);
        let limit = list.limit.min(PAGE_MAX);
        let (ids, more) = self.0.core.store.keys(account, region, after, limit).await?;
        let keys =
            ids.into_iter().map(|key_id| KeyArn { region, account, key_id }.into()).collect();
        Ok(Outcome::Keys(KeyPage { keys, more }))
    }

    async fn aliases(&self, claims: &Claims, list: ListAliases) -> Result<Outcome, ReadFault> {
        everything(claims)?;
        let target = position(&list.target, list.target_multi_region)?;
        let after = Some(list.after.as_str()).filter(|after| !after.is_empty());
        let (account, region) = (claims.account, claims.region);
        let limit = list.limit.min(PAGE_MAX);
        let store = &self.0.core.store;
        let (aliases, more) = store.aliases(account, region, target, after, limit).await?;
        // Aliases prove their key; none say nothing about it.
        if let (true, Some(key_id)) = (aliases.is_empty(), target)
            && self.key_at(KeyArn { region, account, key_id }).await?.is_none()
        {
            return Ok(Outcome::Missing(Missing {}));
        }
        let aliases = aliases.into_iter().map(Into::into).collect();
        Ok(Outcome::Aliases(AliasPage { aliases, more }))
    }

    async fn tags(&self, claims: &Claims, list: ListTags) -> Result<Outcome, ReadFault> {
        let Some(key) = self.key(claims).await? else {
            return Ok(Outcome::Missing(Missing {}));
        };
        let limit = usize::try_from(list.limit.min(PAGE_MAX)).unwrap_or_default();
        // The store keeps tags sorted by key.
        let mut left = key.stored.tags.iter().filter(|tag| tag.key > list.after);
        let tags = left.by_ref().take(limit).map(Into::into).collect();
        Ok(Outcome::Tags(TagPage { tags, more: left.next().is_some() }))
    }

    /// Oldest first, from after the material that is named.
    async fn materials(&self, claims: &Claims, list: &ListMaterials) -> Result<Outcome, ReadFault> {
        let Some(key) = self.key(claims).await? else {
            return Ok(Outcome::Missing(Missing {}));
        };
        let limit = usize::try_from(list.limit.min(PAGE_MAX)).unwrap_or_default();
        let wanted = |one: &&MaterialRecord| !list.rotations_only || one.rotated.is_some();
        let mut left = key.stored.material_records.iter().filter(wanted).peekable();
        if !list.after.is_empty() {
            let is_after = |one: &MaterialRecord| *one.material_id.as_bytes() == *list.after;
            left.by_ref().find(|one| is_after(one));
        }
        let materials = left.by_ref().take(limit).map(Into::into).collect();
        Ok(Outcome::Materials(MaterialPage { materials, more: left.peek().is_some() }))
    }

    async fn grants(&self, claims: &Claims, list: ListGrants) -> Result<Outcome, ReadFault> {
        let key = claimed_key(claims).ok_or(NO_KEY)?;
        let store = &self.0.core.store;
        let limit = list.limit.min(PAGE_MAX);
        let grantee = list.grantee.map(GrantPrincipal::try_from).transpose();
        let grantee = grantee.map_err(|_| MALFORMED)?;
        let (found, more) = match grant_position(&list.grant_id)? {
            None => {
                let after = grant_position(&list.after)?;
                store.grants(&key, grantee.as_ref(), after, limit).await?
            }
            Some(id) => {
                let found = store.grant(&key, id).await?;
                let fits = |grant: &Grant| {
                    grantee.as_ref().is_none_or(|grantee| *grantee == grant.terms.grantee)
                };
                (found.into_iter().filter(fits).collect(), false)
            }
        };
        Ok(Outcome::Grants(GrantPage { grants: found.into_iter().map(Into::into).collect(), more }))
    }

    /// The principal is the one that was decided on, which is of the caller's account; the grants
    /// may be of any account's keys.
    async fn retirable_grants(
        &self,
        claims: &Claims,
        list: ListRetirableGrants,
    ) -> Result<Outcome, ReadFault> {
        let retiring = convert::required(list.retiring, "retiring").map_err(|_| MALFORMED)?;
        let retiring = match GrantPrincipal::try_from(retiring).map_err(|_| MALFORMED)? {
            GrantPrincipal::Arn(arn) if claimed_name(claims) == Some(&arn) => arn,
            GrantPrincipal::Arn(_) | GrantPrincipal::Service(_) => {
                return Err(ReadFault::NotPermitted("the Permit is for another principal"));
            }
        };
        let after_key = list.after_key.map(KeyArn::try_from).transpose().map_err(|_| MALFORMED)?;
        let after = match (after_key, grant_position(&list.after_grant_id)?) {
            (Some(key), Some(grant)) => Some((key.key_id, grant)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(MALFORMED),
        };
        let (store, limit) = (&self.0.core.store, list.limit.min(PAGE_MAX));
        let (grants, more) = store.retirable_grants(claims.region, &retiring, after, limit).await?;
        Ok(Outcome::Grants(GrantPage {
            grants: grants.into_iter().map(Into::into).collect(),
            more,
        }))
    }

    async fn last_usage(&self, claims: &Claims) -> Result<Outcome, ReadFault> {
        let Some(key) = self.key(claims).await? else {
            return Ok(Outcome::Missing(Missing {}));
        };
        Ok(Outcome::LastUsage(self.0.core.last_usage(&key.stored.record.arn()).await?.into()))
    }

    /// The Permit's key.
    async fn key(&self, claims: &Claims) -> Result<Option<Arc<CachedKey>>, ReadFault> {
        let arn = claimed_key(claims).ok_or(NO_KEY)?;
        self.key_at(arn).await
    }

    /// A key as every request sees it, so only under a lease.
    async fn key_at(&self, arn: KeyArn) -> Result<Option<Arc<CachedKey>>, ReadFault> {
        let core = &self.0.core;
        let held = core.may_decide()?;
        let key = core.key(arn.region, arn.key_id).await?;
        core.may_still(held)?;
        Ok(key.filter(|key| key.stored.record.arn() == arn))
    }
}

/// Lists are decided on `*`.
fn everything(claims: &Claims) -> Result<(), ReadFault> {
    if claimed_name(claims) == Some("*") {
        Ok(())
    } else {
        Err(ReadFault::NotPermitted("the Permit is not for all resources"))
    }
}

fn grant_position(id: &Bytes) -> Result<Option<GrantId>, ReadFault> {
    if id.is_empty() {
        return Ok(None);
    }
    convert::grant_id(id, "grant id").map(Some).map_err(|_| MALFORMED)
}

fn position(id: &Bytes, multi_region: bool) -> Result<Option<KeyId>, ReadFault> {
    if id.is_empty() {
        return Ok(None);
    }
    convert::key_id(id, multi_region, "key id").map(Some).map_err(|_| MALFORMED)
}

impl Service for Reads {
    fn handle<'a>(&'a self, order: Order) -> ServiceFuture<'a> {
        traced("read", order.traceparent, async move {
            let request = ReadRequest::decode(order.payload).map_err(|_| Rejection::Malformed)?;
            let id = convert::request_id(&request.request_id, "request_id").ok();
            let outcome = self.read(request).await.unwrap_or_else(|fault| match fault {
                ReadFault::NotPermitted(reason) => {
                    tracing::warn!(request_id = ?id, reason, "a read was refused");
                    Outcome::NotPermitted(reason.to_owned())
                }
                ReadFault::Unavailable(Unavailable(reason)) => Outcome::Unavailable(reason),
            });
            Ok(ReadAnswer { outcome: Some(outcome) }.encode_to_vec().into())
        })
    }
}

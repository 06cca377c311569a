//! The ports of the small world.

use trent_types::{
    AccountId, AliasRecord, AuditRecord, Change, Grant, GrantId, GrantPrincipal, KeyArn, KeyId,
    KeyRecord, LastUsage, MaterialId, MaterialRecord, Permit, Region, RequestClass, RequestId, Tag,
    Timestamp,
};

use super::{NOW, World};
use crate::ports::*;

pub(super) fn ready<'a, T: 'a>(value: T) -> PortFuture<'a, T> {
    Box::pin(std::future::ready(value))
}

impl Random for World {
    fn sixteen_bytes(&self) -> [u8; 16] {
        [5; 16]
    }
}

impl RequestQuota for World {
    fn take(
        &self,
        account: AccountId,
        region: Region,
        class: RequestClass,
        count: u32,
        limit: u64,
    ) -> bool {
        assert_eq!(account, self.caller.borrow().account, "the caller's account is charged");
        self.counted.borrow_mut().push((class, region, count, limit));
        let left = self.requests_left.get();
        self.requests_left.set(left.saturating_sub(1));
        left > 0
    }
}

impl Authorizer for World {
    fn authorize<'a>(
        &'a self,
        questions: &'a [Question<'a>],
    ) -> PortFuture<'a, Result<Authorization, AuthorizeError>> {
        if let Some(error) = self.authorize_error.borrow().clone() {
            return ready(Err(error));
        }
        ready(Ok(Authorization {
            caller: self.caller.borrow().clone().into(),
            decisions: questions.iter().map(|question| self.decide(question)).collect(),
            key_now: Timestamp::from_millis(NOW),
            quota_overrides: self.quota_overrides.borrow().clone(),
        }))
    }
}

impl Registry for World {
    fn change<'a>(
        &'a self,
        _: RequestId,
        _: &'a [&'a Permit],
        change: Change,
        record: AuditRecord,
        events: Vec<AuditRecord>,
    ) -> PortFuture<'a, Result<(), ChangeError>> {
        if let Some(refusal) = self.refusals.borrow_mut().pop() {
            return ready(Err(refusal));
        }
        self.apply(&change);
        if let Change::Identity(change) = &change
            && let Err(refusal) = self.change_identity(change)
        {
            return ready(Err(refusal.into()));
        }
        self.changes.borrow_mut().push(change);
        self.records.borrow_mut().push(record);
        self.records.borrow_mut().extend(events);
        ready(Ok(()))
    }

    fn keys<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        after: Option<KeyId>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<KeyArn>, bool), Unavailable>> {
        let keys = self.keys.borrow();
        let all: Vec<KeyArn> =
            keys.values().map(KeyRecord::arn).filter(|k| Some(k.key_id) > after).collect();
        let more = all.len() > limit as usize;
        ready(Ok((all.into_iter().take(limit as usize).collect(), more)))
    }

    fn aliases<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        target: Option<KeyId>,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<Option<AliasPage>, Unavailable>> {
        if target.is_some_and(|target| !self.keys.borrow().contains_key(&target)) {
            return ready(Ok(None));
        }
        let aliases = self.aliases.borrow();
        let all: Vec<AliasRecord> = aliases
            .values()
            .filter(|a| target.is_none_or(|t| t == a.target) && Some(a.name.as_str()) > after)
            .cloned()
            .collect();
        let more = all.len() > limit as usize;
        ready(Ok(Some((all.into_iter().take(limit as usize).collect(), more))))
    }

    fn key_policy<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
    ) -> PortFuture<'a, Result<Option<String>, Unavailable>> {
        ready(Ok(Some("{\n  \"Version\" : \"2012-10-17\"\n}".to_owned())))
    }

    fn public_key<'a>(
        &'a self,
        _: RequestId,
        permit: &'a Permit,
    ) -> PortFuture<'a, Result<Option<Vec<u8>>, Unavailable>> {
        assert_eq!(permit.as_wire(), b"kms:GetPublicKey");
        ready(Ok(self.public_key.borrow().clone()))
    }

    fn materials<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        rotations_only: bool,
        after: Option<MaterialId>,
        limit: u32,
    ) -> PortFuture<'a, Result<Option<MaterialPage>, Unavailable>> {
        let materials = self.materials.borrow();
        let start = after.map_or(0, |after| {
            materials.iter().position(|one| one.material_id == after).map_or(0, |at| at + 1)
        });
        let wanted = |one: &&MaterialRecord| !rotations_only || one.rotated.is_some();
        let all: Vec<_> = materials[start..].iter().filter(wanted).cloned().collect();
        let more = all.len() > limit as usize;
        ready(Ok(Some((all.into_iter().take(limit as usize).collect(), more))))
    }

    fn tags<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        after: Option<&'a str>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<Tag>, bool), Unavailable>> {
        let tags = self.tags.borrow();
        let all: Vec<Tag> =
            tags.iter().filter(|tag| Some(tag.key.as_str()) > after).cloned().collect();
        let more = all.len() > limit as usize;
        ready(Ok((all.into_iter().take(limit as usize).collect(), more)))
    }

    fn grants<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        filter: GrantFilter<'a>,
        after: Option<GrantId>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<Grant>, bool), Unavailable>> {
        let mut all = self.grants.borrow().clone();
        all.retain(|grant| {
            Some(grant.grant_id) > after
                && filter.grant_id.is_none_or(|id| id == grant.grant_id)
                && filter.grantee.is_none_or(|grantee| *grantee == grant.terms.grantee)
        });
        all.sort_by_key(|grant| grant.grant_id);
        let more = all.len() > limit as usize;
        all.truncate(limit as usize);
        ready(Ok((all, more)))
    }

    fn retirable_grants<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        retiring: &'a str,
        after: Option<(KeyArn, GrantId)>,
        limit: u32,
    ) -> PortFuture<'a, Result<(Vec<Grant>, bool), Unavailable>> {
        let place = |key: KeyArn, grant: GrantId| (key.key_id, grant);
        let after = after.map(|(key, grant)| place(key, grant));
        let retiring = Some(GrantPrincipal::Arn(retiring.to_owned()));
        let mut all = self.grants.borrow().clone();
        all.retain(|grant| {
            grant.terms.retiring == retiring && Some(place(grant.key, grant.grant_id)) > after
        });
        all.sort_by_key(|grant| place(grant.key, grant.grant_id));
        let more = all.len() > limit as usize;
        all.truncate(limit as usize);
        ready(Ok((all, more)))
    }

    fn last_usage<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
    ) -> PortFuture<'a, Result<Option<LastUsage>, Unavailable>> {
        ready(Ok(self.last_usage.get()))
    }

    fn explanations<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        denied: RequestId,
    ) -> PortFuture<'a, Result<Vec<Explanation>, Unavailable>> {
        let found = self.explained.borrow();
        let of = found.iter().filter(|(id, _)| *id == denied);
        ready(Ok(of.map(|(_, one)| one.clone()).collect()))
    }
}

impl AuditTrail for World {
    fn accept(&self, record: AuditRecord) -> PortFuture<'_, Result<(), Unavailable>> {
        if self.audit_away.get() {
            return ready(Err(Unavailable::Away("the trail is away".to_owned())));
        }
        self.records.borrow_mut().push(record);
        ready(Ok(()))
    }
}

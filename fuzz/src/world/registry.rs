//! The registry of the one key: it takes every change and has one entry in every list.

use trent_operations::ports::{
    AliasPage, ChangeError, Explanation, GrantFilter, MaterialPage, PortFuture, Registry,
    Unavailable,
};
use trent_types::{
    AliasRecord, AuditRecord, Change, Grant, GrantId, KeyArn, KeyId, LastUsage, MaterialId,
    MaterialRecord, MaterialState, Permit, RequestId, Tag,
};

use super::{NOW, World, grant, ready};
use crate::keys::{key_arn, material_id};

impl Registry for World {
    fn change<'a>(
        &'a self,
        _: RequestId,
        _: &'a [&'a Permit],
        change: Change,
        record: AuditRecord,
        events: Vec<AuditRecord>,
    ) -> PortFuture<'a, Result<(), ChangeError>> {
        self.changes.borrow_mut().push(change);
        let mut records = self.records.borrow_mut();
        records.push(record);
        records.extend(events);
        ready(Ok(()))
    }

    fn keys<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: Option<KeyId>,
        _: u32,
    ) -> PortFuture<'a, Result<(Vec<KeyArn>, bool), Unavailable>> {
        ready(Ok((vec![key_arn()], self.more)))
    }

    fn aliases<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: Option<KeyId>,
        _: Option<&'a str>,
        _: u32,
    ) -> PortFuture<'a, Result<Option<AliasPage>, Unavailable>> {
        let alias = AliasRecord {
            account: key_arn().account,
            region: key_arn().region,
            name: "alias/app".parse().expect("a name"),
            target: key_arn().key_id,
            created_at: NOW,
            updated_at: NOW,
        };
        ready(Ok(Some((vec![alias], self.more))))
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
        _: &'a Permit,
    ) -> PortFuture<'a, Result<Option<Vec<u8>>, Unavailable>> {
        ready(Ok(self.key.spec.is_asymmetric().then(|| vec![0x30, 0])))
    }

    fn materials<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: bool,
        _: Option<MaterialId>,
        _: u32,
    ) -> PortFuture<'a, Result<Option<MaterialPage>, Unavailable>> {
        let material = MaterialRecord {
            material_id: material_id(),
            state: MaterialState::Current,
            rotated: None,
            description: String::new(),
            expiration: self.key.expiration,
            present: true,
        };
        ready(Ok(Some((vec![material], self.more))))
    }

    fn tags<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: Option<&'a str>,
        _: u32,
    ) -> PortFuture<'a, Result<(Vec<Tag>, bool), Unavailable>> {
        let tag = Tag { key: "team".to_owned(), value: String::new() };
        ready(Ok((vec![tag], self.more)))
    }

    fn grants<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: GrantFilter<'a>,
        _: Option<GrantId>,
        _: u32,
    ) -> PortFuture<'a, Result<(Vec<Grant>, bool), Unavailable>> {
        ready(Ok((vec![grant()], self.more)))
    }

    fn retirable_grants<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: &'a str,
        _: Option<(KeyArn, GrantId)>,
        _: u32,
    ) -> PortFuture<'a, Result<(Vec<Grant>, bool), Unavailable>> {
        ready(Ok((vec![grant()], self.more)))
    }

    fn last_usage<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
    ) -> PortFuture<'a, Result<Option<LastUsage>, Unavailable>> {
        ready(Ok(Some(LastUsage { tracking_start: NOW, used: None })))
    }

    fn explanations<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        denied: RequestId,
    ) -> PortFuture<'a, Result<Vec<Explanation>, Unavailable>> {
        let json = format!("{{\"of\":\"{denied}\"}}");
        ready(Ok(vec![Explanation { at: NOW, account: key_arn().account, json }]))
    }
}

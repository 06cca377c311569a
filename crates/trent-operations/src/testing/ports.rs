//! The ports of the small world.

use trent_types::{
    AccessKey, AccountId, AliasRecord, AuditRecord, Change, EncryptionContext, KeyArn, KeyId,
    KeyRecord, KeySpec, MaterialId, NewMaterial, Permit, Region, RequestClass, RequestId,
    SealedMaterial, SecretBytes, Tag, Timestamp, User,
};

use super::{ACCOUNT, NOW, World};
use crate::ports::*;

fn ready<'a, T: 'a>(value: T) -> PortFuture<'a, T> {
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
            caller: self.caller.borrow().clone(),
            decisions: questions.iter().map(|question| self.decide(question)).collect(),
            key_now: Timestamp::from_millis(NOW),
            quota_overrides: self.quota_overrides.borrow().clone(),
        }))
    }
}

impl CryptoWorker for World {
    fn generate_material<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: KeyArn,
        _: KeySpec,
        _: &'a [Region],
    ) -> PortFuture<'a, Result<NewMaterial, WorkerError>> {
        let material_id = MaterialId::from_bytes([7; 32]);
        let sealed = SealedMaterial { material_id, sealed: vec![1] };
        ready(self.worker(NewMaterial { sealed, public_key: None, replicas: Vec::new() }))
    }

    fn encrypt<'a>(
        &'a self,
        _: RequestId,
        key: KeyUse<'a>,
        _: &'a EncryptionContext,
        _: &'a SecretBytes,
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        ready(self.worker(self.blob(key.key, key.material.material_id)))
    }

    fn decrypt<'a>(
        &'a self,
        _: RequestId,
        _: KeyUse<'a>,
        _: &'a EncryptionContext,
        _: &'a [u8],
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        ready(self.worker(SecretBytes::new(b"secret".to_vec())))
    }

    fn re_encrypt<'a>(
        &'a self,
        _: RequestId,
        _: (KeyUse<'a>, &'a EncryptionContext),
        _: &'a [u8],
        destination: (KeyUse<'a>, &'a EncryptionContext),
    ) -> PortFuture<'a, Result<Vec<u8>, WorkerError>> {
        let to = destination.0;
        ready(self.worker(self.blob(to.key, to.material.material_id)))
    }

    fn generate_data_key<'a>(
        &'a self,
        _: RequestId,
        key: KeyUse<'a>,
        _: &'a EncryptionContext,
        number_of_bytes: u32,
        with_plaintext: bool,
    ) -> PortFuture<'a, Result<DataKey, WorkerError>> {
        let plaintext = SecretBytes::new(vec![9; number_of_bytes as usize]);
        let blob = self.blob(key.key, key.material.material_id);
        ready(self.worker((blob, with_plaintext.then_some(plaintext))))
    }

    fn generate_random<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        number_of_bytes: u32,
    ) -> PortFuture<'a, Result<SecretBytes, WorkerError>> {
        ready(self.worker(SecretBytes::new(vec![9; number_of_bytes as usize])))
    }

    fn generate_secret<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        _: &'a AccessKey,
    ) -> PortFuture<'a, Result<(Vec<u8>, SecretBytes), WorkerError>> {
        ready(self.worker((vec![1], SecretBytes::new(vec![b's'; 40]))))
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

    fn user<'a>(
        &'a self,
        _: RequestId,
        _: &'a Permit,
        name: &'a str,
    ) -> PortFuture<'a, Result<Option<User>, Unavailable>> {
        ready(Ok((name == "ann").then(|| User {
            account: ACCOUNT.parse::<AccountId>().unwrap(),
            path: "/team/".to_owned(),
            name: "ann".to_owned(),
            user_id: "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
            created_at: Timestamp::from_millis(NOW),
        })))
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

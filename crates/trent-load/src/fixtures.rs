//! What the operations work on: keys, found by their aliases or made, and ciphertexts under them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::{self, StreamExt, TryStreamExt};
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::endpoint::Endpoint;
use crate::error::LoadError;
use crate::ops::{KeyKind, Order, Preparation, SizedOperation};
use crate::sign::Signer;

/// How many keys are made at a time.
const AT_A_TIME: usize = 8;

/// The users of a load, of whatever prefix, are under this path; the keys' policies let them all.
pub(crate) const USER_PATH: &str = "/trent-load/";

/// A plaintext and what it was sealed to, both in base64.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) plaintext: String,
    pub(crate) ciphertext: String,
}

/// The keys of each kind, for each size a sample under each symmetric key, and what else was asked
/// for before the load.
pub(crate) struct Fixtures {
    keys: Vec<(KeyKind, Vec<String>)>,
    sets: Vec<(usize, Vec<Mutex<Arc<Sample>>>)>,
    prepared: Vec<Prepared>,
}

/// What the requests of one operation and size need, for each key.
struct Prepared {
    operation: &'static str,
    bytes: usize,
    members: Vec<String>,
}

/// What is to be prepared.
pub(crate) struct Wanted<'a> {
    pub(crate) endpoint: &'a Endpoint,
    pub(crate) signer: &'a Signer,
    /// The aliases are `alias/PREFIX/0` and so on.
    pub(crate) prefix: &'a str,
    pub(crate) keys: usize,
    /// The policy of keys that are made; the default one where there is none.
    pub(crate) policy: Option<String>,
}

impl Fixtures {
    /// Finds or makes the keys, and seals samples for the operations.
    pub(crate) async fn prepare(
        wanted: &Wanted<'_>,
        operations: &[SizedOperation],
    ) -> Result<Self, LoadError> {
        let mut kinds = vec![KeyKind::Symmetric];
        for kind in operations.iter().map(|op| op.operation.key) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        let keys = wanted.keys_of(&kinds).await?;
        let symmetric = ids_of(&keys, KeyKind::Symmetric);
        let mut sets: Vec<(usize, Vec<Mutex<Arc<Sample>>>)> = Vec::new();
        for bytes in operations.iter().filter(|op| op.needs_sample()).map(|op| op.bytes) {
            if sets.iter().all(|(size, _)| *size != bytes) {
                let sealing = stream::iter(symmetric.iter().enumerate())
                    .map(|(at, key)| wanted.seal(key, at, bytes));
                let samples = sealing.buffered(AT_A_TIME).try_collect().await?;
                sets.push((bytes, samples));
            }
        }
        let mut prepared = Vec::new();
        for op in operations {
            if let Some(preparation) = op.operation.preparation {
                let asking = stream::iter(ids_of(&keys, op.operation.key))
                    .map(|key| wanted.ask(preparation, key, op.bytes));
                let members = asking.buffered(AT_A_TIME).try_collect().await?;
                let (operation, bytes) = (op.operation.name, op.bytes);
                prepared.push(Prepared { operation, bytes, members });
            }
        }
        Ok(Self { keys, sets, prepared })
    }

    /// Keys `k0`, `k1` and so on with these samples of one size.
    #[cfg(test)]
    pub(crate) fn of_samples(bytes: usize, samples: Vec<Sample>) -> Self {
        let keys = (0..samples.len()).map(|at| format!("k{at}")).collect();
        let slots = samples.into_iter().map(|sample| Mutex::new(Arc::new(sample))).collect();
        let keys = vec![(KeyKind::Symmetric, keys)];
        Self { keys, sets: vec![(bytes, slots)], prepared: Vec::new() }
    }

    /// The sample of this size under a key.
    pub(crate) fn sample(&self, bytes: usize, key: usize) -> Option<Arc<Sample>> {
        let held = self.slot(bytes, key)?.lock().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(&held))
    }

    /// Lets later requests work on what an answer sealed.
    pub(crate) fn replace(&self, bytes: usize, key: usize, sample: Sample) {
        if let Some(slot) = self.slot(bytes, key) {
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(sample);
        }
    }

    /// The body of a request about a key, and another where there are two in it.
    pub(crate) fn body(
        &self,
        sized: &SizedOperation,
        keys: (usize, usize),
        sample: Option<&Sample>,
    ) -> String {
        let ids = ids_of(&self.keys, sized.operation.key);
        let id = |at: usize| ids.get(at).map_or("", String::as_str);
        let prepared = self
            .prepared
            .iter()
            .find(|one| one.operation == sized.operation.name && one.bytes == sized.bytes)
            .and_then(|one| one.members.get(keys.0));
        let prepared = prepared.map_or("", String::as_str);
        sized.body(&Order {
            key_id: id(keys.0),
            other_key_id: id(keys.1),
            plaintext: sample.map_or("", |sample| &sample.plaintext),
            ciphertext: sample.map_or(prepared, |sample| &sample.ciphertext),
            bytes: sized.bytes,
        })
    }

    fn slot(&self, bytes: usize, key: usize) -> Option<&Mutex<Arc<Sample>>> {
        let (_, samples) = self.sets.iter().find(|(size, _)| *size == bytes)?;
        samples.get(key)
    }
}

/// The ids of the keys of a kind.
fn ids_of(keys: &[(KeyKind, Vec<String>)], kind: KeyKind) -> &[String] {
    keys.iter().find(|(known, _)| *known == kind).map_or(&[], |(_, ids)| ids)
}

impl Wanted<'_> {
    fn alias(&self, kind: KeyKind, at: usize) -> String {
        format!("alias/{}/{}{at}", self.prefix, kind.in_alias())
    }

    /// Finds or makes the keys of each kind.
    async fn keys_of(&self, kinds: &[KeyKind]) -> Result<Vec<(KeyKind, Vec<String>)>, LoadError> {
        let mut known = self.aliases().await?;
        let all = || kinds.iter().flat_map(|kind| (0..self.keys).map(move |at| (*kind, at)));
        let missing: Vec<_> = all()
            .map(|(kind, at)| (kind, self.alias(kind, at)))
            .filter(|(_, alias)| !known.contains_key(alias))
            .collect();
        if !missing.is_empty() {
            let making = stream::iter(missing).map(|(kind, alias)| self.make_key(kind, alias));
            making.buffer_unordered(AT_A_TIME).try_collect::<Vec<()>>().await?;
            known = self.aliases().await?;
        }
        let ids = |kind: KeyKind| {
            let ids = (0..self.keys).map(|at| known.get(&self.alias(kind, at)).cloned());
            ids.collect::<Option<Vec<_>>>().map(|ids| (kind, ids))
        };
        let keys: Option<Vec<_>> = kinds.iter().map(|kind| ids(*kind)).collect();
        keys.ok_or(LoadError::Missing("alias that was just made"))
    }

    /// Asks for what the requests of the load need.
    async fn ask(
        &self,
        preparation: Preparation,
        key: &str,
        bytes: usize,
    ) -> Result<String, LoadError> {
        let order = Order { key_id: key, other_key_id: "", plaintext: "", ciphertext: "", bytes };
        let body = (preparation.body)(&order);
        let answer = self.caller().kms(preparation.action, &body).await?;
        text(&answer, preparation.member, preparation.member)
    }

    fn caller(&self) -> Caller<'_> {
        Caller::new(self.endpoint, self.signer.clone())
    }

    /// Every alias of the prefix with its key.
    async fn aliases(&self) -> Result<BTreeMap<String, String>, LoadError> {
        let (mut caller, mut found) = (self.caller(), BTreeMap::new());
        let (start, mut marker) = (format!("alias/{}/", self.prefix), None::<String>);
        loop {
            let body = match &marker {
                Some(marker) => json!({ "Limit": 100, "Marker": marker }),
                None => json!({ "Limit": 100 }),
            };
            let page = caller.kms("ListAliases", &body.to_string()).await?;
            for alias in page.get("Aliases").and_then(Value::as_array).into_iter().flatten() {
                let field = |name: &str| alias.get(name).and_then(Value::as_str);
                if let (Some(name), Some(key)) = (field("AliasName"), field("TargetKeyId"))
                    && name.starts_with(&start)
                {
                    found.insert(name.to_owned(), key.to_owned());
                }
            }
            marker = page.get("NextMarker").and_then(Value::as_str).map(str::to_owned);
            if marker.is_none() {
                return Ok(found);
            }
        }
    }

    async fn make_key(&self, kind: KeyKind, alias: String) -> Result<(), LoadError> {
        let mut caller = self.caller();
        let (spec, usage) = kind.spec_and_usage();
        let mut body = json!({ "Description": "trent-load" });
        if let (Some(members), Some(policy)) = (body.as_object_mut(), &self.policy) {
            members.insert("Policy".to_owned(), policy.as_str().into());
        }
        if let (Some(members), true) = (body.as_object_mut(), kind != KeyKind::Symmetric) {
            members.insert("KeySpec".to_owned(), spec.into());
            members.insert("KeyUsage".to_owned(), usage.into());
        }
        let made = caller.kms("CreateKey", &body.to_string()).await?;
        let key = text(&made, "/KeyMetadata/KeyId", "KeyMetadata.KeyId")?;
        let body = json!({ "AliasName": alias, "TargetKeyId": key });
        match caller.call_without_answer("CreateAlias", &body.to_string()).await {
            // A retry after a lost answer; the alias is looked up again in the end.
            Err(LoadError::Refused { body, .. }) if body.contains("AlreadyExists") => Ok(()),
            other => other,
        }
    }

    async fn seal(
        &self,
        key: &str,
        at: usize,
        bytes: usize,
    ) -> Result<Mutex<Arc<Sample>>, LoadError> {
        let plaintext = STANDARD.encode(pattern(at, bytes));
        let body = json!({ "KeyId": key, "Plaintext": plaintext });
        let sealed = self.caller().kms("Encrypt", &body.to_string()).await?;
        let ciphertext = text(&sealed, "/CiphertextBlob", "CiphertextBlob")?;
        Ok(Mutex::new(Arc::new(Sample { plaintext, ciphertext })))
    }
}

/// Bytes that differ from key to key.
fn pattern(key: usize, bytes: usize) -> Vec<u8> {
    key.to_le_bytes().into_iter().chain([0x5a; 3]).cycle().take(bytes).collect()
}

fn text(answer: &Value, path: &str, name: &'static str) -> Result<String, LoadError> {
    let found = answer.pointer(path).and_then(Value::as_str);
    found.map(str::to_owned).ok_or(LoadError::Missing(name))
}

/// The policy of the load's keys: the account's own statement, and one for the load's users.
pub(crate) fn key_policy(partition: &str, account: &str) -> String {
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Account",
                "Effect": "Allow",
                "Principal": { "AWS": format!("arn:{partition}:iam::{account}:root") },
                "Action": "kms:*",
                "Resource": "*",
            },
            {
                "Sid": "UsersOfTheLoad",
                "Effect": "Allow",
                "Principal": { "AWS": "*" },
                "Action": [
                    "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*",
                    "kms:Describe*", "kms:Get*", "kms:List*", "kms:Sign", "kms:Verify*",
                    "kms:GenerateMac", "kms:DeriveSharedSecret", "kms:Encapsulate",
                    "kms:Decapsulate",
                ],
                "Resource": "*",
                "Condition": { "ArnLike": { "aws:PrincipalArn":
                    format!("arn:{partition}:iam::{account}:user{USER_PATH}*") } },
            },
        ],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_can_be_replaced() {
        let sample = |text: &str| Sample { plaintext: text.into(), ciphertext: String::new() };
        let fixtures = Fixtures::of_samples(32, vec![sample("old")]);
        fixtures.replace(32, 0, sample("new"));
        fixtures.replace(64, 0, sample("nowhere"));
        fixtures.replace(32, 9, sample("nowhere"));
        assert_eq!(*fixtures.sample(32, 0).unwrap(), sample("new"));
        assert!(fixtures.sample(64, 0).is_none() && fixtures.sample(32, 9).is_none());
    }

    #[test]
    fn plaintexts_have_their_size_and_differ() {
        assert_eq!(pattern(3, 4096).len(), 4096);
        assert_ne!(pattern(3, 4), pattern(4, 4));
    }
}

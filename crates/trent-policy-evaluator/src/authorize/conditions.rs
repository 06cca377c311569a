//! The values of condition keys: what the evaluator knows itself, and what the operation says about
//! the request.
//!
//! What the evaluator knows (who calls, when, which key) is never taken from the question, so that
//! no gateway can answer a condition about its caller.

use std::borrow::Cow;
use std::cell::Cell;

use trent_policy::{ConditionContext, Values};
use trent_store::StoredKey;
use trent_types::{AccountId, AliasName, AliasRecord, EntityKind, KeyRecord, Tag};

use super::caller_conditions::{CallerConditions, boolean};
use super::context_pairs::ContextPairs;
use super::grant_conditions::{self, GrantInQuestion};

/// The condition values of one question.
pub(crate) struct Conditions<'a> {
    caller: CallerConditions<'a>,
    record: Option<&'a KeyRecord>,
    /// The tags of the resource.
    tags: &'a [Tag],
    /// The names of the key's aliases.
    aliases: &'a [AliasName],
    /// The account that the resource is in.
    owner: Option<AccountId>,
    /// What the resource is, where it is one of IAM's things.
    entity: Option<EntityKind>,
    /// The ARN of its permissions boundary.
    boundary: Option<&'a str>,
    action: &'a str,
    alias: Option<&'a AliasRecord>,
    grant: Option<GrantInQuestion<'a>>,
    encryption_context: ContextPairs<'a>,
    /// What the operation says about the request.
    request: &'a [(String, Vec<String>)],
    /// Whether ReEncrypt goes from a key to itself.
    same_key: Option<bool>,
    /// Days since the key was used, where the action calls for them.
    days_without_use: Option<i64>,
    /// Whether a policy has looked: if none did, the decision holds whatever the conditions.
    read: Cell<bool>,
    /// The length of the longest policy that looks.
    policy_bytes: usize,
    /// A value was too long to be looked at.
    too_long: Cell<bool>,
}

/// The most steps that matching one value may take: about a tenth of a second. They are the product
/// of its length and the pattern's at most, and a pattern is part of the policy or, by a variable,
/// such a value itself. With this, the longest policies see values of 7 kB, and usual ones of 15
/// kB.
const STEPS_MAX: usize = 1 << 28;

/// A key with more aliases never satisfies `kms:ResourceAliases`.
const ALIASES_MAX: usize = 50;

/// The permissions that `kms:GrantIsForAWSResource` is for.
const ON_GRANTS: [&str; 3] = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"];

impl<'a> Conditions<'a> {
    /// Conditions about what is no key. The longest policy of the caller has so many bytes.
    pub(crate) const fn new(
        caller: CallerConditions<'a>,
        action: &'a str,
        policy_bytes: usize,
        encryption_context: ContextPairs<'a>,
        request: &'a [(String, Vec<String>)],
    ) -> Self {
        Self {
            caller,
            record: None,
            tags: &[],
            aliases: &[],
            owner: None,
            entity: None,
            boundary: None,
            action,
            alias: None,
            grant: None,
            encryption_context,
            request,
            same_key: None,
            days_without_use: None,
            read: Cell::new(false),
            policy_bytes,
            too_long: Cell::new(false),
        }
    }

    /// The same about a key, and the alias that named it.
    pub(crate) fn about(mut self, key: &'a StoredKey, alias: Option<&'a AliasRecord>) -> Self {
        (self.record, self.tags, self.alias) = (Some(&key.record), &key.tags, alias);
        (self.aliases, self.owner) = (&key.aliases, Some(key.record.account));
        self.policy_bytes = self.policy_bytes.max(key.policy.len());
        self
    }

    /// The same of a key that has not been used for so many days.
    pub(crate) const fn unused_for(mut self, days: Option<i64>) -> Self {
        self.days_without_use = days;
        self
    }

    /// The same of a re-encryption from a key to itself or another one.
    pub(crate) const fn on_same_key(mut self, same_key: Option<bool>) -> Self {
        self.same_key = same_key;
        self
    }

    /// The same about a key whose tags play no part.
    pub(crate) const fn about_record(mut self, record: &'a KeyRecord) -> Self {
        (self.record, self.owner) = (Some(record), Some(record.account));
        self
    }

    /// The same about something of this account.
    pub(crate) const fn owned_by(mut self, owner: AccountId) -> Self {
        self.owner = Some(owner);
        self
    }

    /// The same about one of IAM's things, with its tags and the length of its own policy.
    pub(crate) fn about_entity(
        mut self,
        kind: EntityKind,
        tags: &'a [Tag],
        policy_bytes: usize,
    ) -> Self {
        (self.entity, self.tags) = (Some(kind), tags);
        self.policy_bytes = self.policy_bytes.max(policy_bytes);
        self
    }

    /// The same about a user or role with this permissions boundary.
    pub(crate) const fn bounded_by(mut self, boundary: Option<&'a str>) -> Self {
        self.boundary = boundary;
        self
    }

    /// The same about a grant of the key.
    pub(crate) const fn about_grant(mut self, grant: Option<GrantInQuestion<'a>>) -> Self {
        self.grant = grant;
        self
    }

    /// Whether any value was looked at.
    pub(crate) const fn were_read(&self) -> bool {
        self.read.get()
    }

    /// Whether a value was kept from the policy because matching it could take too long: nothing
    /// may be allowed then.
    pub(crate) const fn were_too_long(&self) -> bool {
        self.too_long.get()
    }

    /// The values of a condition key, unless they are too long.
    fn bounded<'v>(&self, values: Option<Values<'v>>) -> Option<Values<'v>> {
        let bytes: usize = values.iter().flat_map(Values::iter).map(str::len).sum();
        if bytes.saturating_mul(self.policy_bytes.saturating_add(bytes)) > STEPS_MAX {
            self.too_long.set(true);
            return None;
        }
        values
    }

    fn of_request(&self, key: &str) -> Option<Values<'_>> {
        let (_, found) = self.request.iter().find(|(name, _)| same(name, key))?;
        match found.as_slice() {
            [value] => Some(Values::one(value)),
            values => Some(Values::many(values)),
        }
    }

    /// A value of `kms:EncryptionContext:<name>`: names compare without regard to case, the exact
    /// one first.
    fn of_encryption_context(&self, name: &str) -> Option<Values<'_>> {
        let pairs = self.encryption_context;
        let exact = pairs.iter().find(|(key, _)| *key == name);
        let (_, value) = exact.or_else(|| pairs.iter().find(|(key, _)| same(key, name)))?;
        Some(Values::one(value))
    }

    fn of_tags(&self, name: &str) -> Option<Values<'_>> {
        tagged(self.tags, name)
    }

    /// `kms:ResourceAliases`; a key with more aliases than their quota never has it.
    fn aliases(&self) -> Option<Values<'_>> {
        let names = self.aliases;
        if names.is_empty() || names.len() > ALIASES_MAX {
            return None;
        }
        let names = names.iter().map(|name| name.as_str().to_owned()).collect();
        Some(Values::Many(Cow::Owned(names)))
    }
}

/// The value of a tag: names compare without regard to case, the exact one first.
pub(super) fn tagged<'t>(tags: &'t [Tag], name: &str) -> Option<Values<'t>> {
    let exact = tags.iter().find(|tag| tag.key == name);
    let tag = exact.or_else(|| tags.iter().find(|tag| same(&tag.key, name)))?;
    Some(Values::one(&tag.value))
}

impl ConditionContext for Conditions<'_> {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        self.read.set(true);
        self.bounded(self.known(key))
    }
}

impl Conditions<'_> {
    fn known(&self, key: &str) -> Option<Values<'_>> {
        let lower = key.to_ascii_lowercase();
        if lower.starts_with("kms:encryptioncontext:") {
            return self.of_encryption_context(key.get("kms:encryptioncontext:".len()..)?);
        }
        if lower.starts_with("aws:resourcetag/") {
            return self.of_tags(key.get("aws:resourcetag/".len()..)?);
        }
        if lower.starts_with("iam:resourcetag/") {
            self.entity?;
            return self.of_tags(key.get("iam:resourcetag/".len()..)?);
        }
        if let Some(known) = self.caller.values(&lower) {
            return known;
        }
        if let Some(known) = grant_conditions::values(self.grant, &lower) {
            return known;
        }
        match (lower.as_str(), self.record) {
            ("kms:requestalias", _) => self.alias.map(|alias| Values::one(alias.name.as_str())),
            ("kms:encryptioncontextkeys", _) => {
                let keys = self.encryption_context.iter().map(|(key, _)| key.to_owned());
                let keys: Vec<_> = keys.collect();
                Some(Values::Many(Cow::Owned(keys))).filter(|keys| !keys.is_empty())
            }
            ("kms:keyspec" | "kms:customermasterkeyspec", Some(key)) => {
                Some(Values::one(key.spec.as_str()))
            }
            ("kms:keyusage" | "kms:customermasterkeyusage", Some(key)) => {
                Some(Values::one(key.usage.as_str()))
            }
            ("kms:keyorigin", Some(key)) => Some(Values::one(key.origin.as_str())),
            ("kms:multiregion", Some(key)) => Some(boolean(key.key_id.is_multi_region())),
            ("kms:multiregionkeytype", Some(key)) => key
                .multi_region
                .as_ref()
                .map(|_| Values::one(if key.is_primary() { "PRIMARY" } else { "REPLICA" })),
            ("kms:resourcealiases", _) => self.aliases(),
            // That which the request gives, or else the one that is there (Service Authorization
            // Reference, "AWS Identity and Access Management").
            ("iam:permissionsboundary", _) => {
                self.of_request(key).or_else(|| self.boundary.map(Values::one))
            }
            ("kms:reencryptonsamekey", _) => self.same_key.map(boolean),
            // It stays with chained roles, whether the request says it again or not.
            ("sts:sourceidentity", _) => self.of_request(key).or_else(|| {
                let session = self.caller.caller.session.as_deref();
                session.and_then(|one| one.source_identity.as_deref()).map(Values::one)
            }),
            ("kms:grantisforawsresource", _) => {
                ON_GRANTS.contains(&self.action).then(|| boolean(self.caller.caller.via.is_some()))
            }
            ("aws:resourceaccount", _) => {
                self.owner.as_ref().map(|account| Values::one(account.as_str()))
            }
            ("kms:trailingdayswithoutkeyusage", _) => {
                self.days_without_use.map(|days| Values::One(Cow::Owned(days.to_string())))
            }
            _ => self.of_request(key),
        }
    }
}

/// Condition keys compare without regard to case.
fn same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || (!(one.is_ascii() && other.is_ascii()) && one.to_lowercase() == other.to_lowercase())
}

#[cfg(test)]
mod tests {
    use trent_types::{Caller, CallerKind, Timestamp};

    use super::*;
    use crate::authorize::caller_conditions::Network;

    fn root() -> Caller {
        let account = "111122223333".parse().unwrap();
        Caller::new(account, "AKIAIOSFODNN7EXAMPLE".into(), CallerKind::Root)
    }

    fn of<'a>(caller: &'a Caller, network: Network<'a>) -> CallerConditions<'a> {
        CallerConditions {
            caller,
            tags: &[],
            region: "us-east-1".parse().unwrap(),
            now: Timestamp::from_millis(1_448_050_688_000),
            network,
        }
    }

    fn value(conditions: &Conditions<'_>, key: &str) -> Option<String> {
        conditions.values(key).and_then(|values| values.single().map(str::to_owned))
    }

    #[test]
    fn a_question_cannot_answer_for_the_caller() {
        let said = |key: &str| (key.to_owned(), vec!["said".to_owned()]);
        let days = "kms:TrailingDaysWithoutKeyUsage";
        let request =
            ["aws:PrincipalArn", "aws:username", "kms:RequestAlias", days, "kms:X"].map(said);
        let caller = root();
        let (none, caller) = (ContextPairs::default(), of(&caller, Network::default()));
        let conditions = Conditions::new(caller, "kms:X", 0, none, &request);
        assert!(!conditions.were_read());
        let arn = "arn:aws:iam::111122223333:root";
        assert_eq!(value(&conditions, "aws:principalARN").as_deref(), Some(arn));
        assert_eq!(value(&conditions, "aws:username"), None);
        assert_eq!(value(&conditions, "kms:RequestAlias"), None);
        assert_eq!(value(&conditions, days), None);
        assert_eq!(value(&conditions, "KMS:x").as_deref(), Some("said"));
        assert_eq!(value(&conditions, "aws:EpochTime").as_deref(), Some("1448050688"));
        assert!(conditions.were_read());
    }

    #[test]
    fn encryption_context_keys_are_found_without_regard_to_case() {
        let pairs = [("purpose", "lower"), ("Purpose", "upper")];
        let context = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let context = context.into_iter().collect();
        let (pairs, caller) = (ContextPairs::of_context(Some(&context)), root());
        let conditions = Conditions::new(of(&caller, Network::default()), "kms:X", 0, pairs, &[]);
        let found = |key: &str| value(&conditions, key);
        assert_eq!(found("kms:EncryptionContext:Purpose").as_deref(), Some("upper"));
        assert_eq!(found("kms:EncryptionContext:purpose").as_deref(), Some("lower"));
        // Of those that fit alike, the first in the order of their bytes.
        assert_eq!(found("kms:encryptioncontext:PURPOSE").as_deref(), Some("upper"));
        assert_eq!(found("kms:EncryptionContext:Other"), None);
        let keys = conditions.values("kms:EncryptionContextKeys").unwrap();
        assert_eq!(keys.iter().collect::<Vec<_>>(), ["Purpose", "purpose"]);
    }
}

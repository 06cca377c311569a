//! Users and roles with the policies that they act under, compiled once for each load.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use quick_cache::sync::Cache as QuickCache;
use quick_cache::{Equivalent, Weighter};
use trent_policy::{Policy, PolicyKind};
use trent_store::{StoredPolicy, StoredPrincipal};
use trent_types::{AccountId, Entity, EntityKind, EntityRecord, Tag};

/// Users and roles that are remembered.
const ENTRIES: usize = 8_192;
/// The text of their policies, in bytes; compiled they take a few times as much.
const TEXT: u64 = 16 * 1024 * 1024;
/// What an entry weighs besides its text.
const ENTRY: u64 = 512;

/// A policy that somebody acts under, compiled.
pub(crate) struct HeldPolicy {
    /// A managed policy's ARN, or an inline policy's name.
    pub(crate) source: String,
    /// The policy.
    pub(crate) policy: Policy,
    /// The length of its text.
    pub(crate) bytes: usize,
}

impl HeldPolicy {
    /// Compiles a document.
    ///
    /// # Errors
    /// Why it cannot be read, for logs.
    pub(crate) fn compile(
        source: String,
        document: &str,
        kind: PolicyKind,
    ) -> Result<Self, String> {
        match Policy::parse(document, kind) {
            Ok(policy) => Ok(Self { source, policy, bytes: document.len() }),
            Err(error) => Err(format!("the policy {source} cannot be read: {error}")),
        }
    }
}

/// A user or role as it was loaded.
pub(crate) struct CachedPrincipal {
    /// Names this load; never 0.
    pub(crate) serial: u64,
    /// The user or role.
    pub(crate) record: EntityRecord,
    /// Its tags, sorted by key.
    pub(crate) tags: Vec<Tag>,
    /// Its own policies and those of its groups.
    pub(crate) policies: Vec<HeldPolicy>,
    /// Its permissions boundary.
    pub(crate) boundary: Option<HeldPolicy>,
    /// Who may assume the role.
    pub(crate) trust: Option<Policy>,
    /// Why it may do nothing, where one of its policies cannot be read any more: a deny could
    /// stand in it.
    pub(crate) broken: Option<String>,
    /// The length of its longest policy.
    pub(crate) longest: usize,
    weight: u64,
}

impl CachedPrincipal {
    fn compile(serial: u64, stored: StoredPrincipal) -> Self {
        let mut broken = None;
        let mut held = |stored: StoredPolicy| match compiled(stored) {
            Ok(policy) => Some(policy),
            Err(why) => {
                broken = Some(why);
                None
            }
        };
        let policies: Vec<_> = stored.policies.into_iter().filter_map(&mut held).collect();
        let boundary = stored.boundary.and_then(&mut held);
        let (trust, trust_bytes) = match &stored.record {
            EntityRecord::Role(role) => {
                let trust = Policy::parse(&role.trust_policy, PolicyKind::Trust);
                (trust.ok(), role.trust_policy.len())
            }
            EntityRecord::User(_) | EntityRecord::Group(_) | EntityRecord::Policy(_) => (None, 0),
        };
        let texts = policies.iter().chain(&boundary).map(|policy| policy.bytes);
        let longest = texts.clone().max().unwrap_or_default().max(trust_bytes);
        let tags = stored.tags.iter().map(|tag| tag.key.len() + tag.value.len());
        // Cannot be cut short: no machine has more than 64 bits of memory addresses.
        let weight = ENTRY + (texts.chain(tags).sum::<usize>() + trust_bytes) as u64;
        if let Some(why) = &broken {
            let entity = stored.record.entity();
            tracing::error!(account = %entity.account, name = entity.name, why, "fails closed");
        }
        let StoredPrincipal { record, tags, .. } =
            StoredPrincipal { policies: Vec::new(), boundary: None, ..stored };
        Self { serial, record, tags, policies, boundary, trust, broken, longest, weight }
    }

    /// `AIDA…` or `AROA…`.
    pub(crate) fn id(&self) -> &str {
        self.record.id()
    }
}

/// A policy with its document; AWS's own managed policies are not in the store.
fn compiled(stored: StoredPolicy) -> Result<HeldPolicy, String> {
    let StoredPolicy { source, document } = stored;
    let document = match document {
        Some(document) => document.into(),
        None => match super::aws_managed(&source) {
            Some(document) => std::borrow::Cow::Borrowed(document),
            None => return Err(format!("the policy {source} is not known here")),
        },
    };
    HeldPolicy::compile(source, &document, PolicyKind::Identity)
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct PrincipalKey {
    account: AccountId,
    kind: EntityKind,
    /// Folded.
    name: Box<str>,
}

struct PrincipalRef<'a> {
    account: AccountId,
    kind: EntityKind,
    name: &'a str,
}

/// The remembered users and roles.
pub(super) struct Principals(QuickCache<PrincipalKey, Arc<CachedPrincipal>, ByText>);

#[derive(Clone)]
struct ByText;

impl Weighter<PrincipalKey, Arc<CachedPrincipal>> for ByText {
    fn weight(&self, _: &PrincipalKey, principal: &Arc<CachedPrincipal>) -> u64 {
        principal.weight
    }
}

impl Principals {
    pub(super) fn new() -> Self {
        Self(QuickCache::with_weighter(ENTRIES, TEXT, ByText))
    }

    pub(super) fn get(
        &self,
        account: AccountId,
        kind: EntityKind,
        name: &str,
    ) -> Option<Arc<CachedPrincipal>> {
        self.0.get(&PrincipalRef { account, kind, name })
    }

    pub(super) fn compile(serial: u64, stored: StoredPrincipal) -> Arc<CachedPrincipal> {
        Arc::new(CachedPrincipal::compile(serial, stored))
    }

    pub(super) fn insert(&self, principal: &Arc<CachedPrincipal>) {
        let Entity { account, kind, name } = principal.record.entity();
        let name = name.to_ascii_lowercase().into();
        self.0.insert(PrincipalKey { account, kind, name }, Arc::clone(principal));
    }

    pub(super) fn forget(&self, account: AccountId) {
        self.0.retain(|key, _| key.account != account);
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    #[cfg(test)]
    pub(super) fn weight(&self) -> u64 {
        self.0.weight()
    }
}

impl Hash for PrincipalKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        PrincipalRef { account: self.account, kind: self.kind, name: &self.name }.hash(state);
    }
}

impl Hash for PrincipalRef<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.account.hash(state);
        self.kind.hash(state);
        self.name.bytes().for_each(|byte| byte.to_ascii_lowercase().hash(state));
    }
}

impl Equivalent<PrincipalKey> for PrincipalRef<'_> {
    fn equivalent(&self, key: &PrincipalKey) -> bool {
        self.account == key.account
            && self.kind == key.kind
            && self.name.eq_ignore_ascii_case(&key.name)
    }
}

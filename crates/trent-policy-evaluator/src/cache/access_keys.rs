//! Access keys as they were loaded: long-term ones from the store, temporary ones from tokens.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use trent_sigv4::SigningKey;
use trent_store::{AccessKeyOwner, StoredAccessKey};
use trent_types::{AccessKeyStatus, AccountId, Caller, CallerKind, SecretBytes, Timestamp};

use super::principals::HeldPolicy;

/// Signing keys of one access key: a few Regions and services, today's and yesterday's.
const SIGNING_KEYS: usize = 16;

/// An access key as it was loaded, its secret opened.
pub(crate) struct CachedAccessKey {
    /// Names this load.
    pub(crate) serial: u64,
    /// Whom it belongs to.
    pub(crate) caller: Arc<Caller>,
    /// Whether it may sign.
    pub(crate) active: bool,
    /// What only temporary credentials have.
    pub(crate) session: Option<OpenedSession>,
    secret: SecretBytes,
    signing_keys: RwLock<VecDeque<ScopedKey>>,
    /// When its use was last noted, milliseconds since the epoch.
    noted: AtomicI64,
}

/// What a session token says besides whose it is.
pub(crate) struct OpenedSession {
    /// SHA-256 of the token: the secret counts only with it.
    pub(crate) token_hash: [u8; 32],
    /// When the credentials end.
    pub(crate) expires_at: Timestamp,
    /// Whether it was made with session policies: what they do not allow, it may not.
    pub(crate) limited: bool,
    /// The session policies.
    pub(crate) policies: Vec<HeldPolicy>,
    /// Why the session may do nothing, where a session policy cannot be read any more.
    pub(crate) broken: Option<String>,
}

/// What a signing key is derived for: day, Region and service, as the credential scope has them.
type Scope<'a> = (&'a str, &'a str, &'a str);

struct ScopedKey {
    date: String,
    region: String,
    service: String,
    key: Arc<SigningKey>,
}

impl ScopedKey {
    fn is_of(&self, (date, region, service): Scope<'_>) -> bool {
        self.date == date && self.region == region && self.service == service
    }
}

impl CachedAccessKey {
    /// A long-term access key.
    pub(super) fn long_term(serial: u64, stored: StoredAccessKey, secret: SecretBytes) -> Self {
        let active = match stored.access_key.status {
            AccessKeyStatus::Active => true,
            AccessKeyStatus::Inactive => false,
        };
        Self::new(serial, caller_of(stored), active, secret, None)
    }

    /// Temporary credentials.
    pub(super) fn temporary(
        serial: u64,
        caller: Caller,
        secret: SecretBytes,
        session: OpenedSession,
    ) -> Self {
        Self::new(serial, caller, true, secret, Some(session))
    }

    fn new(
        serial: u64,
        caller: Caller,
        active: bool,
        secret: SecretBytes,
        session: Option<OpenedSession>,
    ) -> Self {
        let (caller, signing_keys) = (Arc::new(caller), RwLock::default());
        let noted = AtomicI64::new(i64::MIN);
        Self { serial, caller, active, session, secret, signing_keys, noted }
    }

    /// Whether it belongs to a user or role of this account, whose name and path it carries.
    pub(super) fn names_identity_of(&self, account: AccountId) -> bool {
        match &self.caller.kind {
            CallerKind::User { .. } | CallerKind::Role { .. } => self.caller.account == account,
            CallerKind::Root | CallerKind::Service { .. } => false,
        }
    }

    /// Whether its use is to be noted again, so long after the last time. Says so once.
    pub(crate) fn is_due(&self, now: Timestamp, every_ms: i64) -> bool {
        let (now, last) = (now.as_millis(), self.noted.load(Ordering::Relaxed));
        now.saturating_sub(last) >= every_ms
            && self.noted.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// The signing key for a credential scope, if it is kept.
    pub(crate) fn kept_signing_key(&self, scope: Scope<'_>) -> Option<Arc<SigningKey>> {
        let known = self.signing_keys.read().unwrap_or_else(PoisonError::into_inner);
        known.iter().find(|known| known.is_of(scope)).map(|found| Arc::clone(&found.key))
    }

    /// The signing key for a credential scope. It is wiped when dropped.
    pub(crate) fn derive_signing_key(&self, (date, region, service): Scope<'_>) -> Arc<SigningKey> {
        Arc::new(trent_sigv4::signing_key(&self.secret, date, region, service))
    }

    /// Keeps a signing key that has verified a signature, so that nobody but the caller can fill
    /// the list.
    pub(crate) fn keep_signing_key(&self, scope: Scope<'_>, key: &Arc<SigningKey>) {
        let mut known = self.signing_keys.write().unwrap_or_else(PoisonError::into_inner);
        if known.iter().any(|known| known.is_of(scope)) {
            return;
        }
        if known.len() >= SIGNING_KEYS {
            known.pop_front();
        }
        let (date, region, service) = scope;
        known.push_back(ScopedKey {
            date: date.into(),
            region: region.into(),
            service: service.into(),
            key: Arc::clone(key),
        });
    }
}

fn caller_of(stored: StoredAccessKey) -> Caller {
    let kind = match stored.owner {
        AccessKeyOwner::Root => CallerKind::Root,
        AccessKeyOwner::User(user) => {
            CallerKind::User { path: user.path, name: user.name, user_id: user.user_id }
        }
        AccessKeyOwner::Service(name) => {
            CallerKind::Service { name, source_arn: None, source_account: None }
        }
    };
    Caller::new(stored.access_key.account, stored.access_key.access_key_id, kind)
}

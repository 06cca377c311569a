//! Access keys as they were loaded: long-term ones from the store, temporary ones from their tokens.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use trent_bus::messages;
use trent_sigv4::SigningKey;
use trent_store::{AccessKeyOwner, StoredAccessKey};
use trent_types::{
    AccessKeyStatus, AccountId, Caller, CallerKind, SecretBytes, Tag, Timestamp,
};

use super::principals::HeldPolicy;

/// Signing keys of one access key: a few Regions and services, today's and yesterday's.
const SIGNING_KEYS: usize = 16;

/// An access key as it was loaded, its secret opened.
pub(crate) struct CachedAccessKey {
    /// Names this load.
    pub(crate) serial: u64,
    /// Whom it belongs to.
    pub(crate) caller: Caller,
    /// The caller as answers carry it.
    pub(crate) message: messages::Caller,
    /// Whether it may sign.
    pub(crate) active: bool,
    /// What only temporary credentials have.
    pub(crate) session: Option<OpenedSession>,
    secret: SecretBytes,
    signing_keys: RwLock<VecDeque<ScopedKey>>,
}

/// What a session token says besides whose it is.
pub(crate) struct OpenedSession {
    /// SHA-256 of the token: the secret counts only with it.
    pub(crate) token_hash: [u8; 32],
    /// When the credentials end.
    pub(crate) expires_at: Timestamp,
    /// Session policies: what they do not allow, the session may not.
    pub(crate) policies: Vec<HeldPolicy>,
    /// Those of the session tags that a chained role keeps.
    pub(crate) transitive: Vec<Tag>,
    /// Why the session may do nothing, where a session policy cannot be read any more.
    pub(crate) broken: Option<String>,
}

struct ScopedKey {
    date: String,
    region: String,
    service: String,
    key: Arc<SigningKey>,
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
        let (message, signing_keys) = ((&caller).into(), RwLock::default());
        Self { serial, caller, message, active, session, secret, signing_keys }
    }

    /// Whether it belongs to a user or role of this account, whose name and path it carries.
    pub(super) fn names_identity_of(&self, account: AccountId) -> bool {
        match &self.caller.kind {
            CallerKind::User { .. } | CallerKind::Role { .. } => self.caller.account == account,
            CallerKind::Root | CallerKind::Service { .. } => false,
        }
    }

    /// The signing key for a credential scope, derived at most once while it is in use. It is wiped
    /// when dropped.
    pub(crate) fn signing_key(&self, date: &str, region: &str, service: &str) -> Arc<SigningKey> {
        let fits = |known: &&ScopedKey| {
            known.date == date && known.region == region && known.service == service
        };
        let known = self.signing_keys.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = known.iter().find(fits) {
            return Arc::clone(&found.key);
        }
        drop(known);
        Arc::new(trent_sigv4::signing_key(&self.secret, date, region, service))
    }

    /// Keeps a signing key that has verified a signature, so that nobody but the caller can fill
    /// the list.
    pub(crate) fn keep_signing_key(
        &self,
        (date, region, service): (&str, &str, &str),
        key: &Arc<SigningKey>,
    ) {
        let mut known = self.signing_keys.write().unwrap_or_else(PoisonError::into_inner);
        if known
            .iter()
            .any(|known| known.date == date && known.region == region && known.service == service)
        {
            return;
        }
        if known.len() >= SIGNING_KEYS {
            known.pop_front();
        }
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

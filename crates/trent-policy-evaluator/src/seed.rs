//! What a store needs before the first request: the proof that the domain key is its own, and a
//! root access key.

use std::time::Duration;

use tokio::time::Instant;
use trent_store::{Invalidation, RegistryStore, SealedPlace, SealedRow, StoreError};
use trent_types::{AccessKey, AccessKeyStatus, Account, AccountId, SecretBytes, Timestamp};

use crate::access_key_ids::new_access_key_id;
use crate::core::Core;
use crate::registry::Peers;
use crate::worker::WorkerFault;
use crate::{PrintedRootKey, StartError};

/// Shown by `/ready` and in every refusal when the domain key is another one.
pub(crate) const WRONG_DOMAIN_KEY: &str =
    "the domain key does not open what this deployment sealed";

/// The setting of the registry that holds a secret sealed when the store was new: the domain key
/// that opens it is this deployment's.
pub const DOMAIN_KEY_CHECK_SETTING: &str = "domain_key_check";

/// The account that the check's secret is sealed for; it owns nothing.
pub const DOMAIN_KEY_CHECK_ACCOUNT: &str = "000000000000";

/// The setting that holds the generated root access key until it is in its place: its id and its
/// sealed secret.
pub(crate) const ROOT_KEY: &str = "root_access_key";

/// The setting that holds when the deployment began to track the use of keys: milliseconds since
/// the epoch, eight bytes, big-endian.
const TRACKING_START: &str = "key_usage_tracking_start";

/// The setting that holds the instance of the evaluator that shows the generated root access key.
const ROOT_KEY_SHOWN: &str = "root_access_key_shown";

/// What the check's secret is sealed for; no access key has this id.
const CHECK_ID: &str = "domain-key-check";

/// The length of an access key id.
const ID_BYTES: usize = 20;

/// What the account is called that a deployment is set up with.
const FIRST_ACCOUNT: &str = "main";

/// How long to wait for a worker at start: the roles start in any order.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long to wait between two tries.
const RETRY: Duration = Duration::from_millis(250);

/// Notes the account that the deployment is set up with.
pub(crate) async fn first_account(
    store: &dyn RegistryStore,
    id: AccountId,
    created_at: Timestamp,
) -> Result<(), StoreError> {
    let account = Account { id, name: FIRST_ACCOUNT.to_owned(), created_at };
    store.ensure_account(&account).await
}

/// Seeds the store.
pub(crate) struct Seeding<'a> {
    pub(crate) core: &'a Core,
    pub(crate) peers: &'a Peers,
    /// When to give up waiting for a worker.
    give_up: Instant,
}

impl<'a> Seeding<'a> {
    pub(crate) fn new(core: &'a Core, peers: &'a Peers) -> Self {
        Self { core, peers, give_up: Instant::now() + PATIENCE }
    }

    /// Whether the workers' domain key is the one that sealed this store. A store that is new is
    /// given its check.
    pub(crate) async fn domain_key_fits(&self) -> Result<bool, StartError> {
        let (core, account) = (self.core, nobody());
        let sealed = match core.store.setting(DOMAIN_KEY_CHECK_SETTING).await? {
            Some(sealed) => sealed,
            None => {
                let sealed = self.seal(account, CHECK_ID, None).await?;
                core.store.setting_or_insert(DOMAIN_KEY_CHECK_SETTING, &sealed).await?
            }
        };
        core.worker.note_domain_key_check(&sealed);
        match self.open(account, CHECK_ID, &sealed).await {
            Ok(_) => Ok(true),
            Err(WorkerFault::Unusable) => Ok(false),
            Err(fault) => Err(StartError::Worker(fault.to_string())),
        }
    }

    /// Makes sure that the account's root user has an access key: the configured one, or one made
    /// now and returned so that it can be shown once.
    pub(crate) async fn root_key(
        &self,
        configured: Option<&(String, SecretBytes)>,
    ) -> Result<Option<PrintedRootKey>, StartError> {
        match configured {
            Some((id, secret)) => self.configured(id, secret).await.map(|()| None),
            None if self.core.store.has_root_key(self.core.account).await? => Ok(None),
            None => self.generated().await,
        }
    }

    /// Keeps the configured key, unless the store has it already.
    async fn configured(&self, id: &str, secret: &SecretBytes) -> Result<(), StartError> {
        let (core, account) = (self.core, self.core.account);
        if let Some(known) = core.store.access_key(id).await? {
            let owner = &known.access_key;
            if owner.account != account || owner.user_name.is_some() {
                return Err(StartError::RootKeyTaken);
            }
            match self.open(account, id, &known.sealed_secret).await {
                Ok(kept) if kept == *secret && owner.status == AccessKeyStatus::Active => {
                    return Ok(());
                }
                Ok(_) | Err(WorkerFault::Unusable) => {}
                Err(fault) => return Err(StartError::Worker(fault.to_string())),
            }
        }
        let sealed = self.seal(account, id, Some(secret)).await?;
        self.put(id, &sealed).await
    }

    /// Makes a key. Several evaluators may do so at once, and one may stop halfway: the first key
    /// that is noted is the one that all of them keep, and the first that says so shows it.
    async fn generated(&self) -> Result<Option<PrintedRootKey>, StartError> {
        let (core, account) = (self.core, self.core.account);
        let own_id = new_access_key_id("AKIA");
        let sealed = self.seal(account, &own_id, None).await?;
        let mut note = own_id.into_bytes();
        note.extend_from_slice(&sealed);
        let kept = core.store.setting_or_insert(ROOT_KEY, &note).await?;
        let (id, sealed) = split_note(&kept).ok_or(StartError::CorruptRootKey)?;
        self.put(id, sealed).await?;
        let opened = self.open(account, id, sealed).await;
        let secret = opened.map_err(|fault| StartError::Worker(fault.to_string()))?;
        let own = core.evaluator.as_bytes();
        let shows = core.store.setting_or_insert(ROOT_KEY_SHOWN, own).await? == own;
        Ok(shows.then(|| PrintedRootKey { access_key_id: id.to_owned(), secret }))
    }

    async fn put(&self, id: &str, sealed_secret: &[u8]) -> Result<(), StartError> {
        let access_key = AccessKey {
            access_key_id: id.to_owned(),
            account: self.core.account,
            user_name: None,
            status: AccessKeyStatus::Active,
            created_at: self.core.clock.now(),
        };
        self.core.store.put_root_key(&access_key, sealed_secret).await?;
        // It may have replaced one that another evaluator remembers.
        let stale = [Invalidation::AccessKey(id.to_owned())];
        self.core.cache.invalidate(&stale);
        self.peers.tell(&stale, Instant::now()).await;
        Ok(())
    }

    async fn seal(
        &self,
        account: AccountId,
        id: &str,
        secret: Option<&SecretBytes>,
    ) -> Result<Vec<u8>, StartError> {
        loop {
            match self.core.worker.seal_secret(account, id, secret, self.until()).await {
                Ok(sealed) => return Ok(sealed.into()),
                Err(WorkerFault::Away(error)) if Instant::now() < self.give_up => {
                    tracing::info!(%error, "waiting for a crypto worker");
                    tokio::time::sleep(RETRY).await;
                }
                Err(fault) => return Err(StartError::Worker(fault.to_string())),
            }
        }
    }

    async fn open(
        &self,
        account: AccountId,
        id: &str,
        sealed: &[u8],
    ) -> Result<SecretBytes, WorkerFault> {
        loop {
            match self.core.worker.open_secret(account, id, sealed, self.until()).await {
                Err(WorkerFault::Away(error)) if Instant::now() < self.give_up => {
                    tracing::info!(%error, "waiting for a crypto worker");
                    tokio::time::sleep(RETRY).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Seeding decides nothing, so its Permits need no lease; they are as short.
    fn until(&self) -> Timestamp {
        self.core.clock.now().plus_millis(2_000)
    }
}

/// When the deployment began to track the use of keys; it begins at `now` if it has not before.
pub(crate) async fn tracking_start(
    store: &dyn RegistryStore,
    now: Timestamp,
) -> Result<Timestamp, StartError> {
    let kept = store.setting_or_insert(TRACKING_START, &now.as_millis().to_be_bytes()).await?;
    let millis = kept.try_into().map_err(|_| StartError::CorruptTrackingStart)?;
    Ok(Timestamp::from_millis(i64::from_be_bytes(millis)))
}

/// Where the check's secret belongs.
pub(crate) fn check_place() -> SealedPlace {
    SealedPlace::Secret { account: nobody(), access_key_id: CHECK_ID.to_owned() }
}

/// The id and the sealed secret in the note of the generated root access key.
pub(crate) fn split_note(note: &[u8]) -> Option<(&str, &[u8])> {
    let (id, sealed) = note.split_at_checked(ID_BYTES)?;
    Some((std::str::from_utf8(id).ok()?, sealed))
}

/// The generated root access key's id, and its secret as the note holds it.
pub(crate) fn noted_root_key(account: AccountId, note: &[u8]) -> Option<(&str, SealedRow)> {
    let (id, sealed) = split_note(note)?;
    let place = SealedPlace::Secret { account, access_key_id: id.to_owned() };
    Some((id, SealedRow { place, sealed: sealed.to_vec() }))
}

/// The account that owns nothing.
#[expect(clippy::expect_used, reason = "cannot fail: twelve digits")]
fn nobody() -> AccountId {
    DOMAIN_KEY_CHECK_ACCOUNT.parse().expect("twelve digits")
}

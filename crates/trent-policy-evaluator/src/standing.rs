//! What holds for the whole deployment until an operator changes it: the key clock's offset, the
//! quotas that have another value than their default, and which accounts there are.
//!
//! It is read at the start and again whenever an invalidation says that everything is stale, before
//! that is acknowledged or the lease extended: so the operator who changed it is answered when
//! every evaluator goes by it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use trent_store::{RegistryStore, StoreError};
use trent_types::{AccountId, Clock, Quota, QuotaOverride, Timestamp};

/// What holds now, as far as this evaluator knows.
pub(crate) struct Standing {
    store: Arc<dyn RegistryStore>,
    /// The key clock's offset from the wall clock, in milliseconds.
    key_offset: AtomicI64,
    /// How often all was read again. Locked while the offset is set.
    readings: Mutex<u64>,
    overrides: ArcSwap<Vec<QuotaOverride>>,
    accounts: ArcSwap<HashSet<AccountId>>,
    /// One reads at a time, so that what is read last is what stays.
    reading: tokio::sync::Mutex<()>,
}

impl Standing {
    /// Reads it from the store.
    pub(crate) async fn of(store: Arc<dyn RegistryStore>) -> Result<Self, StoreError> {
        let standing = Self {
            store,
            key_offset: AtomicI64::new(0),
            readings: Mutex::default(),
            overrides: ArcSwap::default(),
            accounts: ArcSwap::default(),
            reading: tokio::sync::Mutex::default(),
        };
        standing.reload().await?;
        Ok(standing)
    }

    /// Reads it again.
    pub(crate) async fn reload(&self) -> Result<(), StoreError> {
        let _alone = self.reading.lock().await;
        let offset = self.store.key_clock_offset().await?;
        let overrides = self.store.quota_overrides().await?;
        let accounts = self.store.accounts().await?;
        self.overrides.store(Arc::new(overrides));
        self.accounts.store(Arc::new(accounts.into_iter().map(|account| account.id).collect()));
        let mut readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        *readings += 1;
        self.key_offset.store(offset, Ordering::Relaxed);
        Ok(())
    }

    /// To be called before a lease is renewed, and given back with the offset that it brings.
    pub(crate) fn begin(&self) -> u64 {
        *self.readings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the offset that a renewal brought, unless it was read again since the renewal began:
    /// it may be older.
    pub(crate) fn note_key_offset(&self, began: u64, offset: i64) {
        let readings = self.readings.lock().unwrap_or_else(PoisonError::into_inner);
        if *readings == began {
            self.key_offset.store(offset, Ordering::Relaxed);
        }
    }

    /// The key clock's offset from the wall clock, in milliseconds.
    pub(crate) fn key_offset(&self) -> i64 {
        self.key_offset.load(Ordering::Relaxed)
    }

    /// The key clock.
    pub(crate) fn key_now(&self, clock: &dyn Clock) -> Timestamp {
        clock.now().plus_millis(self.key_offset())
    }

    /// Whether there is such an account.
    pub(crate) fn has_account(&self, account: AccountId) -> bool {
        self.accounts.load().contains(&account)
    }

    /// Every quota that has another value.
    pub(crate) fn overrides(&self) -> Arc<Vec<QuotaOverride>> {
        self.overrides.load_full()
    }

    /// Every quota that has another value for this account.
    pub(crate) fn overrides_of(&self, account: AccountId) -> Vec<QuotaOverride> {
        let overrides = self.overrides.load();
        let concerns = |set: &&QuotaOverride| set.scope.account.is_none_or(|own| own == account);
        overrides.iter().filter(concerns).copied().collect()
    }

    /// The request quotas that have another value for this account: nearly always none.
    pub(crate) fn request_overrides(&self, account: AccountId) -> Vec<QuotaOverride> {
        let overrides = self.overrides.load();
        let concerns = |set: &&QuotaOverride| match set.quota {
            Quota::Request(_) => set.scope.account.is_none_or(|own| own == account),
            Quota::Resource(_) => false,
        };
        overrides.iter().filter(concerns).copied().collect()
    }
}

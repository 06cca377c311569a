//! Work that one evaluator does at a time: a claim in the store that runs out.

use trent_store::RegistryStore;
use trent_types::Timestamp;
use uuid::Uuid;

use crate::core::Unavailable;

/// How long a claim holds, and from when on it is renewed.
const CLAIM_MS: i64 = 30_000;
const RENEWAL_MS: i64 = 20_000;

/// A claim on some work.
pub(crate) struct Claim {
    /// The setting that holds it: until when in milliseconds since the epoch, 8 bytes big-endian,
    /// and by which evaluator, 16 bytes.
    pub(crate) setting: &'static str,
    /// Who claims.
    pub(crate) own: Uuid,
}

impl Claim {
    /// Whether this evaluator is the one that works; takes or renews the claim where it can.
    pub(crate) async fn holds(
        &self,
        store: &dyn RegistryStore,
        now: Timestamp,
    ) -> Result<bool, Unavailable> {
        let (own, now) = (self.own, now.as_millis());
        let mut claim = Vec::from((now + CLAIM_MS).to_be_bytes());
        claim.extend_from_slice(own.as_bytes());
        let Some(found) = store.setting(self.setting).await? else {
            return Ok(store.setting_or_insert(self.setting, &claim).await? == claim);
        };
        let parts = found.split_first_chunk::<8>();
        let (until, by) =
            parts.map_or((i64::MIN, [].as_slice()), |(until, by)| (i64::from_be_bytes(*until), by));
        // A claim from far in the future is of a clock that was wrong.
        let holds = until > now && until <= now + 2 * CLAIM_MS;
        if holds && by != own.as_bytes() {
            return Ok(false);
        }
        if holds && until > now + RENEWAL_MS {
            return Ok(true);
        }
        Ok(store.replace_setting(self.setting, &found, &claim).await?)
    }

    /// Gives the claim up, if it is this evaluator's: the next one need not wait until it runs out.
    pub(crate) async fn release(&self, store: &dyn RegistryStore) -> Result<(), Unavailable> {
        let Some(found) = store.setting(self.setting).await? else { return Ok(()) };
        if found.get(8..) == Some(self.own.as_bytes()) {
            let past = [&0_i64.to_be_bytes(), self.own.as_bytes().as_slice()].concat();
            store.replace_setting(self.setting, &found, &past).await?;
        }
        Ok(())
    }
}

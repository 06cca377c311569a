//! The rotation of the domain key: what older versions have sealed is sealed anew while everything
//! goes on.
//!
//! The evaluator knows what there is but has no domain key; the workers have it but know nothing.
//! So the evaluator finds what lower versions have sealed, has workers seal it under Permits for
//! exactly that, and puts the new bytes in the place of the old ones where these still are what was
//! read: what was destroyed or changed meanwhile stays so. Then it has the old bytes forgotten, as
//! after any change.
//!
//! **Which version is wanted.** The secret of the domain key's check is sealed anew first. Its
//! version is the highest that any worker has sealed with, it is kept in the store, and it never
//! goes down. What is below it has to be sealed anew.
//!
//! **Why nothing goes to and fro.** While a rotation is under way some workers seal with the old
//! version and some with the new. A worker seals anew only what is below its own version, and
//! answers nothing otherwise; and no answer is taken that is not above what was sent. So versions
//! only rise, whoever is asked. What an old worker was asked for, or has made new under the old
//! version, is found again at the next round.
//!
//! **Who does it.** One evaluator at a time, by a claim in the store that runs out. Two would do no
//! harm, because the comparison decides, but work for nothing. It takes a few at a time and rests
//! as long as it worked, so that it delays nobody.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::time::{Instant, MissedTickBehavior};
use trent_runtime::Shutdown;
use trent_store::{RegistryStore, SealedKind, SealedRow, StoreError};
use trent_types::sealed_under;
use uuid::Uuid;

use crate::claim::Claim;
use crate::core::{Core, Unavailable};
use crate::registry::Registry;
use crate::seed::{self, DOMAIN_KEY_CHECK_SETTING, ROOT_KEY};
use crate::worker::WorkerFault;

/// How often it is looked whether there is anything to do.
const INTERVAL: Duration = Duration::from_secs(1);

/// How many are replaced in one transaction.
const BATCH: u32 = 64;

/// How many workers are asked at a time.
const AT_ONCE: usize = 8;

/// The longest rest after a batch.
const REST_MAX: Duration = Duration::from_secs(1);

/// The setting that holds the claim.
const CLAIM: &str = "re_seal_claim";

/// Seals anew in the background.
pub(crate) struct ReSealing {
    registry: Arc<Registry>,
    /// Who claims; `None` where there is no other evaluator.
    claimant: Option<Uuid>,
    /// The version that is being brought about.
    under_way: Option<u8>,
    /// Whether the last round failed, so that it is said once.
    failing: bool,
}

impl ReSealing {
    pub(crate) fn new(registry: Arc<Registry>, claimant: Option<Uuid>) -> Self {
        metrics::describe_gauge!(
            "trent_reseal_pending",
            "What is sealed under older versions of the domain key, at the evaluator that works"
        );
        metrics::describe_counter!(
            "trent_resealed_total",
            "What was sealed anew under the current domain key"
        );
        metrics::describe_counter!(
            "trent_reseal_failures_total",
            "Rounds of sealing anew that failed; they are tried again"
        );
        metrics::gauge!("trent_reseal_pending").set(0.0);
        metrics::counter!("trent_resealed_total").increment(0);
        metrics::counter!("trent_reseal_failures_total").increment(0);
        Self { registry, claimant, under_way: None, failing: false }
    }

    /// Works until the shutdown.
    pub(crate) async fn run(mut self, mut shutdown: Shutdown) {
        let mut every = tokio::time::interval(INTERVAL);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let round = async {
                every.tick().await;
                self.round().await
            };
            // What is dropped halfway is done again: only whole batches count.
            let outcome = tokio::select! {
                () = shutdown.requested() => return,
                outcome = round => outcome,
            };
            let failing = outcome.is_err();
            if failing && self.under_way.is_some() {
                metrics::counter!("trent_reseal_failures_total").increment(1);
            }
            if let Err(Unavailable(reason)) = outcome
                && !self.failing
            {
                match self.under_way {
                    Some(version) => tracing::warn!(%reason, version, "sealing anew is held up"),
                    None => tracing::debug!(%reason, "nobody can be asked to seal anew"),
                }
            }
            self.failing = failing;
        }
    }

    /// One look at what there is, and all the work that can be done on it now.
    pub(crate) async fn round(&mut self) -> Result<(), Unavailable> {
        let registry = Arc::clone(&self.registry);
        let core = &*registry.core;
        core.may_decide()?;
        // Whoever works: every evaluator's Permits for sealing bring the check as it is now, long
        // before the version before it is retired.
        let Some(check) = core.store.setting(DOMAIN_KEY_CHECK_SETTING).await? else {
            return Ok(());
        };
        core.worker.note_domain_key_check(&check);
        if !self.claimed(core).await? {
            self.under_way = None;
            metrics::gauge!("trent_reseal_pending").set(0.0);
            return Ok(());
        }
        let Some(wanted) = wanted_version(core, check).await? else { return Ok(()) };
        root_key_note(core, wanted).await?;
        self.note(wanted, core.store.count_sealed_below(wanted).await?);
        if self.under_way.is_none() {
            return Ok(());
        }
        for kind in [SealedKind::Material, SealedKind::Secret] {
            self.all_of(core, kind, wanted).await?;
        }
        self.note(wanted, core.store.count_sealed_below(wanted).await?);
        Ok(())
    }

    /// Shows how much there is to do, and says when that begins and ends.
    #[expect(clippy::cast_precision_loss, reason = "a metric")]
    fn note(&mut self, wanted: u8, pending: u64) {
        metrics::gauge!("trent_reseal_pending").set(pending as f64);
        match (self.under_way, pending) {
            (None, 0) => {}
            (None, _) => {
                tracing::info!(version = wanted, pending, "the domain key rotates: sealing anew");
                self.under_way = Some(wanted);
            }
            (Some(_), 0) => {
                tracing::info!(version = wanted, "everything is sealed under the new domain key");
                self.under_way = None;
            }
            (Some(_), _) => {}
        }
    }

    /// Has everything of a kind sealed anew that the workers who answer now can.
    async fn all_of(&self, core: &Core, kind: SealedKind, wanted: u8) -> Result<(), Unavailable> {
        let mut skip = 0;
        loop {
            let rows = core.store.sealed_below(kind, wanted, skip, BATCH).await?;
            if rows.is_empty() || !self.claimed(core).await? {
                return Ok(());
            }
            let began = Instant::now();
            skip += self.batch(core, rows).await?;
            tokio::time::sleep(began.elapsed().min(REST_MAX)).await;
        }
    }

    /// Returns how many were left as they are, for the next batch to pass over.
    async fn batch(&self, core: &Core, rows: Vec<SealedRow>) -> Result<u32, Unavailable> {
        let mut left = 0;
        let mut new = Vec::with_capacity(rows.len());
        let mut unusable = None;
        for group in rows.chunks(AT_ONCE) {
            let until = core.may_decide()?.until;
            let asked = group.iter().map(|row| core.worker.re_seal(row, until));
            for (row, answer) in group.iter().zip(join_all(asked).await) {
                match answer.map(|(version, sealed)| newer(&row.sealed, version, sealed)) {
                    Ok(Some(sealed)) => new.push((row.clone(), sealed)),
                    // This worker seals with the old version still.
                    Ok(None) => left += 1,
                    Err(WorkerFault::Unusable) => {
                        unusable = Some(&row.place);
                        left += 1;
                    }
                    Err(
                        error @ (WorkerFault::Away(_)
                        | WorkerFault::Refused(_)
                        | WorkerFault::InvalidMaterial),
                    ) => {
                        return Err(Unavailable(error.to_string()));
                    }
                }
            }
        }
        if let Some(place) = unusable {
            metrics::counter!("trent_reseal_failures_total").increment(1);
            tracing::error!(?place, "it does not open under any domain key of the worker");
        }
        if new.is_empty() {
            return Ok(left);
        }
        let stale = core.store.re_seal(&new, core.clock.now()).await?;
        let committed = Instant::now();
        core.cache.invalidate(&stale);
        metrics::counter!("trent_resealed_total").increment(stale.len() as u64);
        self.registry.peers.tell(&stale, committed).await;
        Ok(left)
    }

    /// Whether this evaluator is the one that works.
    async fn claimed(&self, core: &Core) -> Result<bool, Unavailable> {
        let Some(own) = self.claimant else { return Ok(true) };
        Claim { setting: CLAIM, own }.holds(core.store.as_ref(), core.clock.now()).await
    }
}

/// The highest version that any worker has sealed with: that of the check's secret, after a worker
/// was asked to seal it anew.
async fn wanted_version(core: &Core, check: Vec<u8>) -> Result<Option<u8>, Unavailable> {
    let Some(version) = sealed_under(&check) else { return Ok(None) };
    let row = SealedRow { place: seed::check_place(), sealed: check };
    let Some(sealed) = asked(core, &row).await? else { return Ok(Some(version)) };
    let name = DOMAIN_KEY_CHECK_SETTING;
    if !core.store.replace_setting(name, &row.sealed, &sealed).await? {
        // Another evaluator was faster; the next round sees what it brought about.
        return Ok(Some(version));
    }
    core.worker.note_domain_key_check(&sealed);
    Ok(sealed_under(&sealed))
}

/// The note of the generated root access key is sealed too.
async fn root_key_note(core: &Core, wanted: u8) -> Result<(), Unavailable> {
    let Some(note) = core.store.setting(ROOT_KEY).await? else { return Ok(()) };
    let Some((id, row)) = seed::noted_root_key(core.account, &note) else { return Ok(()) };
    if sealed_under(&row.sealed).is_none_or(|version| version >= wanted) {
        return Ok(());
    }
    if let Some(sealed) = asked(core, &row).await? {
        let new = [id.as_bytes(), &sealed].concat();
        core.store.replace_setting(ROOT_KEY, &note, &new).await?;
    }
    Ok(())
}

/// New sealed bytes for these, if the worker that was asked seals with a higher version.
async fn asked(core: &Core, row: &SealedRow) -> Result<Option<Vec<u8>>, Unavailable> {
    let until = core.may_decide()?.until;
    let (version, sealed) =
        core.worker.re_seal(row, until).await.map_err(|error| Unavailable(error.to_string()))?;
    Ok(newer(&row.sealed, version, sealed))
}

/// The worker's answer, if it is what was asked for: of the version that the worker says, and that
/// above the one before.
fn newer(old: &[u8], version: u8, sealed: Bytes) -> Option<Vec<u8>> {
    let is_newer = sealed_under(&sealed) == Some(version) && sealed_under(old) < Some(version);
    is_newer.then(|| sealed.into())
}

/// How much each version of the domain key has sealed in a store, the check's secret included.
///
/// # Errors
/// When the store cannot be read.
pub async fn sealed_versions(store: &dyn RegistryStore) -> Result<BTreeMap<u8, u64>, StoreError> {
    let mut counted = BTreeMap::new();
    for (version, count) in store.sealed_versions().await? {
        *counted.entry(version).or_default() += count;
    }
    let check = store.setting(DOMAIN_KEY_CHECK_SETTING).await?;
    let note = store.setting(ROOT_KEY).await?;
    let noted = note.as_deref().and_then(|note| seed::split_note(note)).map(|(_, sealed)| sealed);
    for sealed in [check.as_deref(), noted].into_iter().flatten() {
        if let Some(version) = sealed_under(sealed) {
            *counted.entry(version).or_default() += 1;
        }
    }
    Ok(counted)
}

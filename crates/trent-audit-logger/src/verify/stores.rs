//! Verifying the distributed form's store.

use trent_store::{AuditStore, ChainedRecord, StoreError};

use super::{Against, Report};
use crate::archive::Archives;
use crate::chain::{Chain, Head};
use crate::checkpoints::{Comparison, Contradiction};
use crate::journal::RecordLine;
use crate::walk::{Fault, FaultKind, Heads, belongs_after, step};

/// How many records are read from a store at a time.
const PAGE: u32 = 1_000;

/// Verifies every chain of a store, which may be in use: a chain is verified at least up to where
/// its head row said it ended when its turn came.
///
/// # Errors
/// When the store cannot be read. What is wrong with the records is in the report.
pub async fn verify_store(store: &dyn AuditStore) -> Result<Report, StoreError> {
    verify_store_against(store, &Against::default()).await
}

/// As [`verify_store`], and holds the store against checkpoints. What was archived is walked over.
///
/// # Errors
/// When the store cannot be read.
pub async fn verify_store_against(
    store: &dyn AuditStore,
    against: &Against,
) -> Result<Report, StoreError> {
    let Against { expected, archives } = against;
    let (heads, comparison) = (Heads::default(), Comparison::new(expected));
    let mut walk = Walk { store, archives, heads, comparison };
    let mut chains = store.chains().await?;
    chains.extend(expected.chains().chain(archives.chains()));
    chains.sort_unstable();
    chains.dedup();
    let mut found = Ok(());
    for chain in chains {
        found = walk.chain(chain).await?;
        if found.is_err() {
            break;
        }
    }
    Ok(Report::new(&walk.heads, found, expected))
}

struct Walk<'a> {
    store: &'a dyn AuditStore,
    archives: &'a Archives,
    heads: Heads,
    comparison: Comparison<'a>,
}

/// The outer error is the store's, the inner one a fault.
type Found = Result<Result<(), Contradiction>, StoreError>;

impl Walk<'_> {
    async fn chain(&mut self, chain: Chain) -> Found {
        let (last, hash) = self.store.head(chain).await?;
        let fault = |kind, sequence, event_id, detail| {
            let chain = Some(chain);
            let fault =
                Fault { kind, chain, sequence: Some(sequence), event_id, place: None, detail };
            Ok(Err(Box::new((fault, None))))
        };
        self.heads.insert(chain, Head::default());
        let mut walked = 0;
        loop {
            let page = self.store.records(chain, walked, PAGE).await?;
            for stored in &page {
                if let Err(contradiction) = self.over(chain, stored.sequence) {
                    return Ok(Err(contradiction));
                }
                let event_id = Some(stored.record.event_id);
                if stored.record.account != chain {
                    let detail = "it is another chain's record";
                    return fault(FaultKind::Broken, stored.sequence, event_id, detail);
                }
                if let Err(fault) = step(&mut self.heads, &line_of(stored)) {
                    return self.moved(chain, fault).await.map(Err);
                }
                let head = Head { sequence: stored.sequence, hash: stored.hash };
                if let Err(contradiction) = self.comparison.meet(chain, &head, event_id) {
                    return Ok(Err(contradiction));
                }
                if stored.sequence == last && stored.hash != hash {
                    let detail = "its hash is not the one in the chain's head";
                    return fault(FaultKind::Broken, last, event_id, detail);
                }
                walked = stored.sequence;
            }
            if page.is_empty() {
                break;
            }
        }
        if let Err(contradiction) = self.over(chain, u64::MAX) {
            return Ok(Err(contradiction));
        }
        walked = self.heads.get(&chain).map_or(0, |head| head.sequence);
        if let Err(contradiction) = self.comparison.end_of(chain, &self.heads) {
            return Ok(Err(contradiction));
        }
        if walked < last {
            let detail = "the chain's head says that it was written";
            return fault(FaultKind::Truncated, walked + 1, None, detail);
        }
        Ok(Ok(()))
    }

    /// Goes over what was archived before this sequence.
    fn over(&mut self, chain: Chain, before: u64) -> Result<(), Contradiction> {
        let head = self.heads.entry(chain).or_default();
        while head.sequence.saturating_add(1) < before
            && let Some(next) = self.archives.over(chain, head)
        {
            *head = next;
            self.comparison.meet(chain, head, None)?;
        }
        Ok(())
    }

    /// The record that belongs to the place of a fault may stand at another place.
    async fn moved(&self, chain: Chain, fault: Fault) -> Result<Contradiction, StoreError> {
        let head = self.heads.get(&chain).copied().unwrap_or_default();
        let place = head.sequence.saturating_add(1);
        let mut after = head.sequence;
        loop {
            let page = self.store.records(chain, after, PAGE).await?;
            let Some(end) = page.last().map(|stored| stored.sequence) else { break };
            let found = page
                .iter()
                .find(|stored| stored.sequence != place && belongs_after(&head, &line_of(stored)));
            if let Some(stored) = found {
                let fault = Fault {
                    kind: FaultKind::Reordered,
                    sequence: Some(place),
                    event_id: Some(stored.record.event_id),
                    detail: "it stands at another place, after records that follow it",
                    ..fault
                };
                return Ok(Box::new((fault, None)));
            }
            after = end;
        }
        Ok(Box::new((fault, None)))
    }
}

fn line_of(stored: &ChainedRecord) -> RecordLine<'_> {
    RecordLine {
        chain: stored.record.account,
        sequence: stored.sequence,
        previous: stored.previous_hash,
        hash: stored.hash,
        event_id: stored.record.event_id,
        event_time: stored.record.event_time,
        json: &stored.record.cloudtrail_json,
    }
}

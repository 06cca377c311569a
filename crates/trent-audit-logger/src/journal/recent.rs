//! Which relayed records have been written, so that none is written twice.

use std::collections::{HashSet, VecDeque};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use trent_types::{AuditRecord, EventId};

use super::segment::{self, ScanError};

/// More than an outbox hands over between two removals.
const REMEMBERED: usize = 1 << 16;

/// Clocks of different processes are never this far apart.
const SLACK_MS: i64 = 3_600_000;

/// The latest relayed records.
#[derive(Default)]
pub(super) struct Recent(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    events: HashSet<EventId>,
    order: VecDeque<EventId>,
}

impl Recent {
    pub(super) fn has(&self, event: EventId) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).events.contains(&event)
    }

    pub(super) fn note(&self, event: EventId) {
        let mut memory = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if memory.events.insert(event) {
            memory.order.push_back(event);
        }
        if memory.order.len() > REMEMBERED
            && let Some(oldest) = memory.order.pop_front()
        {
            memory.events.remove(&oldest);
        }
    }
}

/// Which of these records the journal holds. Reads back from the end, to one hour before the
/// earliest of them.
pub(super) fn find(
    directory: &Path,
    records: &[AuditRecord],
) -> Result<HashSet<EventId>, ScanError> {
    let wanted: HashSet<EventId> = records.iter().map(|record| record.event_id).collect();
    let mut found = HashSet::new();
    let Some(earliest) = records.iter().map(|record| record.event_time).min() else {
        return Ok(found);
    };
    for number in segment::list(directory)?.into_iter().rev() {
        segment::read_anyway(directory, number, |line| {
            if wanted.contains(&line.event_id) {
                found.insert(line.event_id);
            }
        })?;
        let before = segment::latest_before(directory, number)?;
        if found.len() == wanted.len() || before < earliest.plus_millis(-SLACK_MS) {
            break;
        }
    }
    Ok(found)
}

//! The journal's thread, and the queue before it.

use std::collections::HashSet;
use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use trent_types::AuditRecord;

use super::core_journal::Inbox;
use super::recent::Recent;
use super::writer::Writer;
use super::{AcceptError, JournalError};
use crate::chain::{Chain, Head};
use crate::meters::JournalMeters;

/// How long a batch waits at most for the records that are expected beside it. A commit costs the
/// machine as much as several requests, so many records should share one.
const GATHERING_TIME: Duration = Duration::from_micros(400);

/// With fewer records than this on their way nothing is waited for.
const WORTH_GATHERING: usize = 4;

/// What a batch came to.
pub(super) type Outcome = Result<(), AcceptError>;

/// Records that were submitted together.
pub(super) struct Batch {
    pub(super) records: Vec<AuditRecord>,
    pub(super) reply: Reply,
}

/// Who waits for a batch.
pub(super) enum Reply {
    /// A core; it also gets the records back, to free them where they were made.
    Core(Arc<Inbox>),
    /// One call, whose records may have come before.
    Relay(oneshot::Sender<Outcome>),
    /// One call that asks where the chains stand; it has no records.
    Heads(oneshot::Sender<Vec<(Chain, Head)>>),
}

/// What waits for the thread.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    filled: Condvar,
}

#[derive(Default)]
struct State {
    waiting: Vec<Batch>,
    /// How many records those are.
    records: usize,
    /// The thread waits on `filled` for so many records. While it works nobody needs to wake it.
    asleep_until: Option<usize>,
    closed: bool,
}

impl Queue {
    /// Puts a batch in; gives it back when the journal is closed.
    pub(super) fn submit(&self, batch: Batch) -> Result<(), Batch> {
        let mut state = self.lock();
        if state.closed {
            return Err(batch);
        }
        state.records += batch.records.len();
        state.waiting.push(batch);
        let wake = state.asleep_until.is_some_and(|wanted| state.records >= wanted);
        if wake {
            state.asleep_until = None;
        }
        drop(state);
        if wake {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Nothing more is taken; what waits is still written.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_one();
    }

    /// Swaps everything that waits for the empty `batches`; waits for something, and then a short
    /// time for the rest of `expected` records. Says false when nothing will come.
    fn take(&self, batches: &mut Vec<Batch>, expected: usize) -> bool {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return false;
            }
            state.asleep_until = Some(0);
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if expected >= WORTH_GATHERING && state.records < expected && !state.closed {
            state.asleep_until = Some(expected);
            let gathering = |state: &mut State| state.asleep_until.is_some() && !state.closed;
            state = self
                .filled
                .wait_timeout_while(state, GATHERING_TIME, gathering)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        state.asleep_until = None;
        state.records = 0;
        mem::swap(&mut state.waiting, batches);
        true
    }

    /// How many records wait.
    fn waiting_records(&self) -> usize {
        self.lock().records
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere leaves no half-made state: every change above is one assignment.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread that owns the writer.
pub(super) fn start(
    mut writer: Writer,
    queue: Arc<Queue>,
    recent: Arc<Recent>,
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("journal".into()).spawn(move || {
        let meters = JournalMeters::new();
        let mut batches = Vec::new();
        let mut failing = false;
        // Clients that wait for an answer soon send again: what came last time, and what has come
        // meanwhile, is what may come together next time.
        let mut expected = 0;
        while queue.take(&mut batches, expected) {
            drop_repeats(&mut batches, &recent);
            let began = Instant::now();
            let records: usize = batches.iter().map(|batch| batch.records.len()).sum();
            let outcome = match records {
                0 => Ok(()),
                _ => writer.commit(batches.iter().flat_map(|batch| &batch.records)),
            };
            expected = records + queue.waiting_records();
            tell(&meters, &outcome, (records, began), &mut failing);
            let outcome = outcome.map_err(|error| (&error).into());
            settle(&mut batches, outcome, &recent, &writer);
        }
    })
}

/// Takes out of relayed batches what has been written before, and what stands in an earlier one of
/// them: a relay that was tired of waiting hands the same records in again.
fn drop_repeats(batches: &mut [Batch], recent: &Recent) {
    let mut these = HashSet::new();
    for batch in batches {
        match &batch.reply {
            Reply::Core(_) | Reply::Heads(_) => {}
            Reply::Relay(_) => batch
                .records
                .retain(|record| !recent.has(record.event_id) && these.insert(record.event_id)),
        }
    }
}

/// Tells everybody who waits, and each core only once.
fn settle(batches: &mut Vec<Batch>, outcome: Outcome, recent: &Recent, writer: &Writer) {
    let mut cores: Vec<Arc<Inbox>> = Vec::new();
    for Batch { records, reply } in batches.drain(..) {
        match reply {
            Reply::Core(inbox) => {
                inbox.put(records, outcome);
                if !cores.iter().any(|core| Arc::ptr_eq(core, &inbox)) {
                    cores.push(inbox);
                }
            }
            Reply::Relay(caller) => {
                if outcome.is_ok() {
                    records.iter().for_each(|record| recent.note(record.event_id));
                }
                // The caller may have given up; the records are written all the same.
                let _ = caller.send(outcome);
            }
            Reply::Heads(caller) => {
                let _ = caller.send(writer.heads());
            }
        }
    }
    cores.iter().for_each(|core| core.ring());
}

/// Metrics for every batch; log lines when the journal begins to fail and when it works again.
fn tell(
    meters: &JournalMeters,
    outcome: &Result<(), JournalError>,
    (records, began): (usize, Instant),
    failing: &mut bool,
) {
    match outcome {
        Ok(()) => {
            meters.written(records, began.elapsed());
            if mem::take(failing) {
                tracing::info!("the journal is written again");
            }
        }
        Err(error) => {
            meters.refused(records);
            if !mem::replace(failing, true) {
                let source = std::error::Error::source(error).map(ToString::to_string);
                tracing::error!(%error, source, "the journal is not written; requests are refused");
            }
        }
    }
}

impl From<&JournalError> for AcceptError {
    fn from(error: &JournalError) -> Self {
        match error {
            JournalError::Io(error) => Self::NotWritten(error.kind()),
            JournalError::Damaged(_) => Self::Damaged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::record;
    use super::*;

    #[test]
    fn a_relay_that_hands_its_waiting_records_in_again_has_them_written_once() {
        let relayed = |numbers: [u64; 2]| {
            let (reply, _) = oneshot::channel();
            let records = numbers.map(|number| record(number, None)).into();
            Batch { records, reply: Reply::Relay(reply) }
        };
        let recent = Recent::default();
        recent.note(record(1, None).event_id);
        let mut batches = [relayed([1, 2]), relayed([2, 3]), relayed([3, 3])];
        drop_repeats(&mut batches, &recent);
        let left = batches.map(|batch| batch.records);
        assert_eq!(left, [vec![record(2, None)], vec![record(3, None)], vec![]]);
    }

    fn batch(records: u64) -> Batch {
        let records = (0..records).map(|number| record(number, None)).collect();
        Batch { records, reply: Reply::Core(Arc::default()) }
    }

    #[test]
    fn records_that_are_expected_and_do_not_come_hold_nothing_up_for_long() {
        let (queue, mut taken) = (Queue::default(), Vec::new());
        for _ in 0..2 {
            assert!(queue.submit(batch(2)).is_ok());
            let began = Instant::now();
            assert!(queue.take(&mut taken, 1000));
            assert!(began.elapsed() >= GATHERING_TIME);
            assert_eq!((taken.len(), queue.waiting_records()), (1, 0));
            taken.clear();
        }
    }

    #[test]
    fn every_batch_is_taken_once_and_none_waits_for_more_when_the_journal_closes() {
        let (queue, mut taken) = (Arc::new(Queue::default()), Vec::new());
        assert!(queue.submit(batch(2)).is_ok());
        let late = Arc::clone(&queue);
        let submitting = thread::spawn(move || late.submit(batch(3)).is_ok());
        let mut records = 0;
        while records < 5 {
            assert!(queue.take(&mut taken, 5));
            records += taken.drain(..).map(|batch| batch.records.len()).sum::<usize>();
        }
        assert!(submitting.join().unwrap());
        assert!(queue.submit(batch(1)).is_ok());
        queue.close();
        assert!(queue.take(&mut taken, 1000));
        assert!(queue.submit(batch(1)).is_err());
        taken.clear();
        assert!(!queue.take(&mut taken, 1000));
    }
}

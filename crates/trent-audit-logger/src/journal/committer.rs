//! The journal's thread, and the queue before it.

use std::collections::HashSet;
use std::io;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use trent_bus::TrailHealth;
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

/// How often a journal that takes nothing is tried when nobody hands anything in.
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// What a file system says that has no room, for anybody or for this user.
const NO_SPACE: [io::ErrorKind; 2] = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];

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

    /// Swaps everything that waits for the empty `batches`; waits for something, but no longer than
    /// `patience` if there is one, and then a short time for the rest of `expected` records. Says
    /// false when nothing will come.
    fn take(&self, batches: &mut Vec<Batch>, expected: usize, patience: Option<Duration>) -> bool {
        let mut state = self.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return false;
            }
            state.asleep_until = Some(0);
            state = match patience {
                None => self.filled.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(patience) => {
                    let waited = self.filled.wait_timeout(state, patience);
                    let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
                    if waited.timed_out() && state.waiting.is_empty() {
                        state.asleep_until = None;
                        return true;
                    }
                    state
                }
            };
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
    health: TrailHealth,
) -> io::Result<JoinHandle<()>> {
    thread::Builder::new().name("journal".into()).spawn(move || {
        let meters = JournalMeters::new();
        let mut batches = Vec::new();
        // Clients that wait for an answer soon send again: what came last time, and what has come
        // meanwhile, is what may come together next time.
        let mut expected = 0;
        let mut refusing = false;
        while queue.take(&mut batches, expected, refusing.then_some(TRY_AGAIN)) {
            drop_repeats(&mut batches, &recent);
            let began = Instant::now();
            let records: usize = batches.iter().map(|batch| batch.records.len()).sum();
            let outcome = match records {
                0 if refusing => writer.try_disk(),
                0 => Ok(()),
                _ => writer.commit(batches.iter().flat_map(|batch| &batch.records)),
            };
            expected = records + queue.waiting_records();
            tell(&meters, &outcome, (records, began));
            // A batch of which nothing was new says nothing of the disk.
            if records > 0 || refusing {
                refusing = note(&health, &outcome, refusing);
            }
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

/// Metrics for every batch that had records.
fn tell(
    meters: &JournalMeters,
    outcome: &Result<(), JournalError>,
    (records, began): (usize, Instant),
) {
    match (records, outcome) {
        (0, _) => {}
        (_, Ok(())) => meters.written(records, began.elapsed()),
        (_, Err(_)) => meters.refused(records),
    }
}

/// Says whether the journal takes nothing; with the cause in the log when that begins.
fn note(health: &TrailHealth, outcome: &Result<(), JournalError>, refusing: bool) -> bool {
    if let Err(error) = outcome
        && !refusing
    {
        let source = std::error::Error::source(error).map(ToString::to_string);
        tracing::error!(%error, source, "the journal is not written; requests are refused");
    }
    health.note(outcome.as_ref().map(|_| ()).map_err(reason));
    outcome.is_err()
}

fn reason(error: &JournalError) -> &'static str {
    match error {
        JournalError::Io(error) if NO_SPACE.contains(&error.kind()) => "no space",
        JournalError::Io(_) => "the journal cannot be written",
        JournalError::Damaged(_) => "the journal is damaged",
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
            assert!(queue.take(&mut taken, 1000, None));
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
            assert!(queue.take(&mut taken, 5, None));
            records += taken.drain(..).map(|batch| batch.records.len()).sum::<usize>();
        }
        assert!(submitting.join().unwrap());
        assert!(queue.submit(batch(1)).is_ok());
        queue.close();
        assert!(queue.take(&mut taken, 1000, None));
        assert!(queue.submit(batch(1)).is_err());
        taken.clear();
        assert!(!queue.take(&mut taken, 1000, None));
    }
}

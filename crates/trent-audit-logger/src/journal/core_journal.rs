//! The journal's end on one core: gathers what one turn of the core submits, and wakes its waiters
//! without locks.
//!
//! A request hands its record in and waits. The core's one journal task runs after the requests
//! that are ready have had their turn, and passes all their records on as one batch. When the
//! thread has made batches durable it rings the core's bell: one wake-up across threads, whatever
//! the number of requests. The task then wakes each of them on their own core.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::sync::Notify;
use trent_types::AuditRecord;

use super::committer::{Batch, Outcome, Reply};
use super::{AcceptError, Journal, fits, weight};

/// Where the thread leaves what it has finished for a core.
#[derive(Default)]
pub(super) struct Inbox {
    finished: Mutex<Vec<(Vec<AuditRecord>, Outcome)>>,
    bell: Notify,
}

impl Inbox {
    /// Leaves a batch; the core notices when the bell rings.
    pub(super) fn put(&self, records: Vec<AuditRecord>, outcome: Outcome) {
        self.finished.lock().unwrap_or_else(PoisonError::into_inner).push((records, outcome));
    }

    /// Wakes the core's journal task.
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }

    fn take(&self, into: &mut Vec<(Vec<AuditRecord>, Outcome)>) {
        mem::swap(&mut *self.finished.lock().unwrap_or_else(PoisonError::into_inner), into);
    }
}

/// The journal's end on one core. It stays on the thread that it was made on.
pub struct CoreJournal(Rc<Core>);

struct Core {
    journal: Journal,
    inbox: Arc<Inbox>,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    /// Not submitted yet, and who waits for each.
    gathered: Vec<AuditRecord>,
    gathered_slots: Vec<usize>,
    /// Who waits for what was submitted, in the order of submission.
    submitted: VecDeque<usize>,
    slots: Vec<Slot>,
    free: Vec<usize>,
    /// Empty, with room: the next `gathered`.
    spare: Vec<AuditRecord>,
    waiting_bytes: usize,
    closed: bool,
}

/// One waiting request.
enum Slot {
    Free,
    Waiting(Option<Waker>),
    Settled(Outcome),
    /// Nobody waits any more, but the record is on its way.
    Abandoned,
}

impl CoreJournal {
    pub(super) fn start(journal: Journal) -> Self {
        let inbox = Arc::default();
        let core = Rc::new(Core { journal, inbox, state: RefCell::default() });
        tokio::task::spawn_local(serve(core.clone()));
        Self(core)
    }

    /// Hands a record in now; the future is ready once the record is durable. Dropping the future
    /// does not take the record back.
    ///
    /// # Errors
    /// The future's error says that the record was not accepted: what it records must not be
    /// answered.
    pub fn accept(&self, record: AuditRecord) -> Accept {
        let core = self.0.clone();
        let handed_in = if fits(&record) { core.hand_in(record) } else { Err(AcceptError::Unfit) };
        Accept(match handed_in {
            Ok(slot) => Progress::Waiting { core, slot },
            Err(error) => Progress::Refused(error),
        })
    }
}

impl Drop for CoreJournal {
    fn drop(&mut self) {
        self.0.state.borrow_mut().closed = true;
        self.0.inbox.ring();
    }
}

/// A record on its way; see [`CoreJournal::accept`].
#[must_use = "a record counts only once this is ready"]
pub struct Accept(Progress);

enum Progress {
    Waiting { core: Rc<Core>, slot: usize },
    Refused(AcceptError),
    Done,
}

impl Future for Accept {
    type Output = Result<(), AcceptError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let outcome = match &this.0 {
            Progress::Waiting { core, slot } => match core.look(*slot, context) {
                Some(outcome) => outcome,
                None => return Poll::Pending,
            },
            Progress::Refused(error) => Err(*error),
            Progress::Done => Err(AcceptError::Closed),
        };
        this.0 = Progress::Done;
        Poll::Ready(outcome)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Self::Waiting { core, slot } = self {
            core.leave(*slot);
        }
    }
}

impl Core {
    fn hand_in(&self, record: AuditRecord) -> Result<usize, AcceptError> {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let bytes = state.waiting_bytes + weight(&record);
        if bytes > self.journal.0.waiting_bytes_max {
            return Err(AcceptError::Full);
        }
        state.waiting_bytes = bytes;
        let slot = state.free.pop().unwrap_or_else(|| {
            state.slots.push(Slot::Free);
            state.slots.len() - 1
        });
        state.set(slot, Slot::Waiting(None));
        if state.gathered.is_empty() {
            self.inbox.ring();
        }
        state.gathered.push(record);
        state.gathered_slots.push(slot);
        Ok(slot)
    }

    /// The outcome, if there is one; else the waker is kept.
    fn look(&self, slot: usize, context: &Context<'_>) -> Option<Outcome> {
        let mut state = self.state.borrow_mut();
        match state.slots.get_mut(slot)? {
            Slot::Waiting(Some(waker)) => {
                waker.clone_from(context.waker());
                None
            }
            Slot::Waiting(none) => {
                *none = Some(context.waker().clone());
                None
            }
            Slot::Settled(outcome) => Some(*outcome),
            Slot::Free | Slot::Abandoned => Some(Err(AcceptError::Closed)),
        }
    }

    /// The request has its outcome, or does not want it any more.
    fn leave(&self, slot: usize) {
        let mut state = self.state.borrow_mut();
        match state.slots.get(slot) {
            Some(Slot::Waiting(_)) => state.set(slot, Slot::Abandoned),
            Some(Slot::Settled(_)) => {
                state.set(slot, Slot::Free);
                state.free.push(slot);
            }
            Some(Slot::Free | Slot::Abandoned) | None => {}
        }
    }

    /// Passes on what has gathered, as one batch.
    fn submit(&self, wakers: &mut Vec<Waker>) {
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        if state.gathered.is_empty() {
            return;
        }
        let records = mem::replace(&mut state.gathered, mem::take(&mut state.spare));
        let batch = Batch { records, reply: Reply::Core(self.inbox.clone()) };
        match self.journal.0.queue.submit(batch) {
            Ok(()) => state.submitted.extend(state.gathered_slots.drain(..)),
            Err(batch) => {
                state.waiting_bytes -= batch.records.iter().map(weight).sum::<usize>();
                for slot in mem::take(&mut state.gathered_slots) {
                    wakers.extend(state.settle(slot, Err(AcceptError::Closed)));
                }
            }
        }
    }

    /// Settles what the thread has finished.
    fn settle(&self, finished: &mut Vec<(Vec<AuditRecord>, Outcome)>, wakers: &mut Vec<Waker>) {
        self.inbox.take(finished);
        let mut state = self.state.borrow_mut();
        for (mut records, outcome) in finished.drain(..) {
            for record in records.drain(..) {
                state.waiting_bytes -= weight(&record);
                if let Some(slot) = state.submitted.pop_front() {
                    wakers.extend(state.settle(slot, outcome));
                }
            }
            if state.spare.capacity() < records.capacity() && records.capacity() <= 1024 {
                state.spare = records;
            }
        }
    }

    fn is_done(&self) -> bool {
        let state = self.state.borrow();
        state.closed && state.gathered.is_empty() && state.submitted.is_empty()
    }
}

impl State {
    fn set(&mut self, slot: usize, value: Slot) {
        if let Some(place) = self.slots.get_mut(slot) {
            *place = value;
        }
    }

    fn settle(&mut self, slot: usize, outcome: Outcome) -> Option<Waker> {
        let place = self.slots.get_mut(slot)?;
        match mem::replace(place, Slot::Settled(outcome)) {
            Slot::Waiting(waker) => waker,
            Slot::Abandoned | Slot::Free | Slot::Settled(_) => {
                *place = Slot::Free;
                self.free.push(slot);
                None
            }
        }
    }
}

/// The core's journal task.
async fn serve(core: Rc<Core>) {
    let (mut finished, mut wakers) = (Vec::new(), Vec::new());
    while !core.is_done() {
        core.inbox.bell.notified().await;
        core.settle(&mut finished, &mut wakers);
        core.submit(&mut wakers);
        // After the state is free again: a waker may drop what it wakes.
        wakers.drain(..).for_each(Waker::wake);
    }
}
